/** What a resource of a template says about who assumes its roles. */
import {
  childOf,
  type IntrinsicsScope,
  knownText,
  type RoleText,
  type SourceNode,
  type TemplateResource,
} from '../../source/index.ts'
import type { AssumingResource } from '../assumptions.ts'
import { propertyValuesAt } from './property-values.ts'

export function assumingResource(scope: IntrinsicsScope, resource: TemplateResource): AssumingResource {
  const textsAt = (property: string) => propertyValuesAt(scope, resource.properties, property).map(({ text }) => text)
  const roleOf = (property: string): RoleText | null => {
    const [text, ...others] = textsAt(property)
    return text !== undefined && others.length === 0 ? text : null
  }
  const textOf = (property: string): string | null => {
    const text = roleOf(property)
    return text === null ? null : knownText(text)
  }
  return {
    region: scope.environment.region,
    textOf,
    roleOf,
    isAutoMode: resource.type === 'AWS::EKS::Cluster' ? isEnabled(textsAt('ComputeConfig.Enabled')) : 'no',
    isAtEdge: FUNCTIONS.has(resource.type) && functionsAtEdge(scope).has(resource.logicalId),
  }
}

/** Where all that it may turn out to be agree. A property that is not set is not enabled. */
function isEnabled(texts: readonly RoleText[]): 'yes' | 'no' | 'unknown' {
  const answers = new Set(
    texts.map(text => (knownText(text) === null ? 'unknown' : knownText(text) === 'true' ? 'yes' : 'no')),
  )
  const [answer = 'no', ...others] = answers
  return others.length === 0 ? answer : 'unknown'
}

const FUNCTIONS = new Set(['AWS::Lambda::Function', 'AWS::Serverless::Function'])

const worked = new WeakMap<IntrinsicsScope, ReadonlySet<string>>()

/** Logical ids of the functions whose versions a distribution of the same template runs. */
function functionsAtEdge(scope: IntrinsicsScope): ReadonlySet<string> {
  const before = worked.get(scope)
  if (before !== undefined) return before
  const { resources } = scope.template
  const found = new Set<string>()
  for (const { type, properties } of resources.values()) {
    if (type !== 'AWS::CloudFront::Distribution') continue
    for (const id of valuesOf(properties, 'LambdaFunctionARN').flatMap(namesIn)) {
      const version = resources.get(id)
      found.add(id)
      if (version?.type === 'AWS::Lambda::Version')
        for (const name of namesIn(childOf(version.properties, 'FunctionName'))) found.add(name)
    }
  }
  worked.set(scope, found)
  return found
}

/** The values of a key, wherever it is. */
function valuesOf(node: SourceNode | undefined, wanted: string): readonly SourceNode[] {
  if (node?.kind === 'list') return node.items.flatMap(item => valuesOf(item, wanted))
  if (node?.kind !== 'map') return []
  return [...node.entries].flatMap(([key, { value }]) => (key === wanted ? [value] : valuesOf(value, wanted)))
}

/** Logical ids that a value may refer to, also as `Function.Version`, which SAM knows. */
function namesIn(node: SourceNode | undefined): readonly string[] {
  switch (node?.kind) {
    case 'scalar':
      return node.text.split(/[^A-Za-z0-9]+/)
    case 'list':
      return node.items.flatMap(namesIn)
    case 'map':
      return [...node.entries.values()].flatMap(({ value }) => namesIn(value))
    default:
      return []
  }
}
