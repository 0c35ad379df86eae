/** One located tree for YAML and JSON, and one resolver of intrinsics. */

export { REFERENCE_HOLE } from './dynamic-reference.ts'
export { assemblyEnvironment, type DeployEnvironment } from './environment.ts'
export {
  alternativesOf,
  iamPathsOf,
  isPresent,
  itemsOf,
  mayBeUnset,
  resourceNames,
  type SetTexts,
  setTexts,
  textsOf,
  worthOf,
} from './intrinsics/intrinsics.ts'
export { type JsonPart, readJsonSource, repeatedKeys } from './json-source.ts'
export { plainValue } from './plain-value.ts'
export {
  type Hole,
  holeText,
  joinTexts,
  knownText,
  literalText,
  patternOf,
  type RoleText,
  withOrigin,
} from './role-text.ts'
export { type IntrinsicsScope, newDepth, newWork, openScope, type ReadingDepth } from './scope.ts'
export {
  childOf,
  type Entry,
  entryOf,
  type ListNode,
  type MapNode,
  onlyEntry,
  plainSource,
  readable,
  type SourceNode,
  scalarNode,
  scalarText,
  scalarValue,
  UnreadableSource,
} from './source-node.ts'
export { exportsOf, type StackOptions, type StackScopes, stackScopes } from './stack-scopes.ts'
export { isJson, readSource, readTemplate, type TemplateResource, templateOf } from './template.ts'
