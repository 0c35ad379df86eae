import { withoutReferences } from '../dynamic-reference.ts'
import { holeText, joinTexts, knownText, literalText, type RoleText, withOrigin } from '../role-text.ts'
import type { IntrinsicsScope } from '../scope.ts'
import {
  childOf,
  entryOf,
  onlyEntry,
  placeOf,
  readable,
  type SourceNode,
  scalarText,
  UnreadableSource,
} from '../source-node.ts'
import type { TemplateParameter, TemplateResource } from '../template.ts'
import { argumentPair, type IntrinsicCall, intrinsicOf, isCondition, macroIn, requiredText } from './call.ts'
import { branchesIn, conditionIn } from './conditions.ts'
import { countedCall, withinLimits } from './limits.ts'
import { iamPrefix, pseudoParameter } from './pseudo-parameters.ts'
import { combinations, joinedBy, onlyOne, splitText } from './text-lists.ts'

/**
 * Every text that a node can resolve to: one, or several if a condition is unknown; none for `AWS::NoValue`. Lists and maps are not texts.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
 */
export function textsOf(scope: IntrinsicsScope, node: SourceNode | undefined): readonly RoleText[] {
  if (node === undefined) return []
  if (node.kind === 'scalar') return node.value === null ? [] : [literal(node.text)]
  if (node.kind === 'open') return [node.worth]
  const call = intrinsicOf(scope, node)
  return call === null ? [] : countedCall(scope, call, () => withinLimits(scope, call, textsOfCall(scope, call)))
}

const literal = (text: string): RoleText => withoutReferences(literalText(text))

/** The items of a list, with all alternatives if an intrinsic function makes the list. */
export function itemsOf(scope: IntrinsicsScope, node: SourceNode | undefined): readonly SourceNode[] {
  return alternativesOf(scope, node).flatMap(choice => {
    if (choice.kind === 'list') return choice.items
    const list = listOf(scope, choice)
    return list === null ? [choice] : list.map(worth => ({ kind: 'open' as const, ...placeOf(choice), worth }))
  })
}

/**
 * A node without the functions that select nodes: `Fn::If`, and `Fn::FindInMap` with a map as its result. What a macro writes is
 * counted as not read.
 */
export function alternativesOf(scope: IntrinsicsScope, node: SourceNode | undefined): readonly SourceNode[] {
  if (node === undefined) return []
  const macro = macroIn(node)
  if (macro !== undefined) {
    scope.work.macros.set(macro.start, macro)
    return [node]
  }
  const call = intrinsicOf(scope, node)
  return call === null ? [node] : countedCall(scope, call, () => choicesOf(scope, node, call))
}

function choicesOf(scope: IntrinsicsScope, node: SourceNode, call: IntrinsicCall): readonly SourceNode[] {
  if (call.name === 'Fn::If') return branchesOf(scope, call).flatMap(branch => alternativesOf(scope, branch))
  if (call.name === 'Ref' && scalarText(call.argument) === 'AWS::NoValue') return []
  if (call.name === 'Fn::FindInMap') {
    const found = foundInMap(scope, call)
    return found === null ? [node] : alternativesOf(scope, found)
  }
  return [node]
}

/** True when the node may be `AWS::NoValue`, so that the property is not set. */
export function mayBeUnset(scope: IntrinsicsScope, node: SourceNode): boolean {
  const call = intrinsicOf(scope, node)
  if (call?.name === 'Ref') return scalarText(call.argument) === 'AWS::NoValue'
  if (call?.name !== 'Fn::If') return false
  return countedCall(scope, call, () => branchesOf(scope, call).some(branch => mayBeUnset(scope, branch)))
}

function textsOfCall(scope: IntrinsicsScope, call: IntrinsicCall): readonly RoleText[] {
  const { argument } = call
  switch (call.name) {
    case 'Ref':
      return referenced(scope, call, requiredText(scope, call, scalarText(argument)))
    case 'Fn::GetAtt': {
      const [id, attribute] = attributeOf(scope, call)
      return attributed(scope, call, id, attribute)
    }
    case 'Fn::Sub':
      return substituted(scope, call)
    case 'Fn::Join': {
      const [separator, list] = argumentPair(scope, call)
      const between = scalarText(separator)
      const items = between === null ? null : listAlternatives(scope, list)
      return items === null || between === null
        ? [holeText('a joined list', 'unknown')]
        : items.map(texts => joinTexts(joinedBy(texts, between)))
    }
    case 'Fn::Select': {
      const [index, list] = argumentPair(scope, call)
      const indexes = textsOf(scope, index).map(knownText)
      const lists = alternativesOf(scope, list)
      const items = indexes.flatMap(at => lists.flatMap(choice => elementOf(scope, choice, at)))
      return items.length > 0 ? items : [holeText('an element of a list', 'unknown')]
    }
    case 'Fn::If':
      return branchesOf(scope, call).flatMap(branch => textsOf(scope, branch))
    case 'Fn::FindInMap': {
      const found = foundInMap(scope, call)
      return found === null ? [holeText('a value of a mapping', 'parameter')] : textsOf(scope, found)
    }
    case 'Fn::ImportValue': {
      return textsOf(scope, argument).flatMap(text => {
        const name = knownText(text)
        const exported = name === null ? null : scope.exported(name)
        return exported === null
          ? [holeText(`the export ${name ?? 'of another stack'}`, 'import')]
          : exported.map(value => withOrigin(value, 'import'))
      })
    }
    case 'Fn::GetStackOutput':
      return [holeText('the output of another stack', 'import')]
    case 'Fn::Split':
    case 'Condition':
      return []
    default:
      return [holeText(`the result of ${call.name}`, 'unknown')]
  }
}

function elementOf(scope: IntrinsicsScope, list: SourceNode, index: string | null): readonly RoleText[] {
  if (index !== null && /^\d+$/.test(index)) {
    if (list.kind === 'list') return textsOf(scope, list.items[Number(index)])
    const item = listOf(scope, list)?.[Number(index)]
    if (item !== undefined) return [item]
  }
  return [holeText('an element of a list', 'unknown')]
}

/** Every possible content of a list. Null: unknown. */
function listAlternatives(
  scope: IntrinsicsScope,
  node: SourceNode | undefined,
): readonly (readonly RoleText[])[] | null {
  const choices = alternativesOf(scope, node)
  const lists = choices.map(choice => {
    if (choice.kind !== 'list') {
      const list = listOf(scope, choice)
      return list === null ? null : [list]
    }
    return combinations(choice.items.map(item => itemTexts(scope, item)))
  })
  return lists.some(list => list === null) ? null : lists.flatMap(list => list ?? [])
}

/** Every possible value of a list item. Null: the item is omitted (`AWS::NoValue`). */
function itemTexts(scope: IntrinsicsScope, item: SourceNode): readonly (RoleText | null)[] {
  const texts = textsOf(scope, item)
  if (mayBeUnset(scope, item)) return [...texts, null]
  return texts.length > 0 ? texts : [holeText('an item of a list', 'unknown')]
}

/** A list from a function or a list parameter. Null: its items are unknown. */
function listOf(scope: IntrinsicsScope, node: SourceNode): readonly RoleText[] | null {
  const call = intrinsicOf(scope, node)
  if (call === null) return null
  if (call.name === 'Fn::Split') {
    const [separator, source] = argumentPair(scope, call)
    const text = onlyOne(textsOf(scope, source))
    const by = scalarText(separator)
    return text === null || by === null || by === '' ? null : splitText(text, by)
  }
  if (call.name === 'Ref') {
    const parameter = scope.template.parameters.get(scalarText(call.argument) ?? '')
    if (parameter === undefined || !/List|^AWS::SSM::Parameter::Value<List/.test(parameter.type)) return null
    const text = onlyOne(parameterTexts(scope, parameter))
    return text === null ? null : splitText(text, ',')
  }
  return null
}

function referenced(scope: IntrinsicsScope, call: IntrinsicCall, name: string): readonly RoleText[] {
  const pseudo = pseudoParameter(scope, name)
  if (pseudo !== null) return pseudo
  const parameter = scope.template.parameters.get(name)
  if (parameter !== undefined) return parameterTexts(scope, parameter)
  const resource = scope.template.resources.get(name)
  if (resource !== undefined) return referenceToResource(scope, resource)
  return unresolved(scope, call, name)
}

/**
 * The SAM transform adds resources of its own (`FunctionRole`, `ServerlessRestApi`), so unknown names in SAM templates are not
 * errors.
 */
function unresolved(scope: IntrinsicsScope, call: IntrinsicCall, name: string): readonly RoleText[] {
  if (!scope.template.isSam && !scope.isPart) {
    throw new UnreadableSource(scope.template.file, call.line, `there is no parameter or resource ${name}`)
  }
  const owner = /^(.+)Role$/.exec(name)?.[1]
  const type = scope.template.resources.get(owner ?? '')?.type
  return type?.startsWith('AWS::Serverless::') === true
    ? [holeText(`the role ${name}`, 'same-template', { scope: scope.id, logicalId: name })]
    : [holeText(`the resource ${name}`, 'unknown')]
}

function parameterTexts(scope: IntrinsicsScope, parameter: TemplateParameter): readonly RoleText[] {
  const given = scope.given.get(parameter.name)
  if (given !== undefined) return given.map(text => withOrigin(text, 'parameter'))
  // The default of such a parameter is a name in Parameter Store. The deploy reads the value.
  if (parameter.type.startsWith('AWS::SSM::Parameter::Value<') || parameter.defaultValue === undefined) {
    return [holeText(`the parameter ${parameter.name}`, 'parameter')]
  }
  const value = parameter.defaultValue
  const text = value.kind === 'list' ? value.items.map(item => scalarText(item) ?? '').join(',') : scalarText(value)
  return text === null ? [withOrigin(literalText(''), 'parameter')] : [withOrigin(literal(text), 'parameter')]
}

function referenceToResource(scope: IntrinsicsScope, resource: TemplateResource): readonly RoleText[] {
  const here = { scope: scope.id, logicalId: resource.logicalId }
  switch (resource.type) {
    case 'AWS::IAM::Role':
      return resourceNames(scope, resource, 'RoleName')
    case 'AWS::IAM::User':
      return resourceNames(scope, resource, 'UserName')
    case 'AWS::IAM::InstanceProfile':
      return resourceNames(scope, resource, 'InstanceProfileName')
    case 'AWS::IAM::ServiceLinkedRole':
      return [holeText(`the service-linked role ${resource.logicalId}`, 'same-template', here)]
    default:
      return [holeText(`the resource ${resource.logicalId}`, 'unknown')]
  }
}

export function resourceNames(
  scope: IntrinsicsScope,
  resource: TemplateResource,
  property: string,
): readonly RoleText[] {
  const here = { scope: scope.id, logicalId: resource.logicalId }
  return once(scope, resource, property, () => {
    const open = holeText(`the name of ${resource.logicalId}`, 'same-template', here)
    // A macro may write any property.
    if (childOf(resource.properties, 'Fn::Transform') !== undefined) return [open]
    const names = textsOr(scope, childOf(resource.properties, property), open)
    return names.map(name => ({ ...name, from: 'same-template', resource: here }))
  })
}

/** The path of a role or an instance profile. */
export const iamPathsOf = (scope: IntrinsicsScope, resource: TemplateResource): readonly RoleText[] =>
  once(scope, resource, 'Path', () => textsOr(scope, childOf(resource.properties, 'Path'), literalText('/')))

function once(
  { work }: IntrinsicsScope,
  { logicalId }: TemplateResource,
  property: string,
  step: () => readonly RoleText[],
) {
  const key = `${logicalId} ${property}`
  const before = work.names.get(key)
  if (before !== undefined) return before
  const texts = step()
  work.names.set(key, texts)
  return texts
}

/** Adds `otherwise` if the property may not be set. */
function textsOr(scope: IntrinsicsScope, node: SourceNode | undefined, otherwise: RoleText): readonly RoleText[] {
  const { texts, mayBeMissing } = setTexts(scope, node)
  return mayBeMissing ? [...texts, otherwise] : texts
}

export type SetTexts = { readonly texts: readonly RoleText[]; readonly mayBeMissing: boolean }

/** The texts of a property, and whether it may not be set. */
export function setTexts(scope: IntrinsicsScope, node: SourceNode | undefined): SetTexts {
  const texts = textsOf(scope, node)
  return { texts, mayBeMissing: node === undefined || texts.length === 0 || mayBeUnset(scope, node) }
}

/**
 * The certain parts of a text or a function, with holes for all others. Null for other nodes, such as a number or a list. For
 * editing: a function that cannot be resolved becomes a hole.
 */
export function worthOf(scope: IntrinsicsScope, node: SourceNode): RoleText | null {
  if (node.kind === 'open') return node.worth
  if (node.kind === 'scalar') return typeof node.value === 'string' ? literal(node.text) : null
  const [name, entry] = onlyEntry(node) ?? []
  if (name === undefined || !(name === 'Ref' || name.startsWith('Fn::') || isCondition(name, entry?.value))) return null
  const texts = readable(() => {
    const [choice, ...others] = alternativesOf(scope, node)
    return others.length > 0 || mayBeUnset(scope, node) ? [] : textsOf(scope, choice)
  })
  return onlyOne(texts ?? []) ?? holeText(`the result of ${name}`, 'unknown')
}

const ARN_KINDS = new Map([
  ['AWS::IAM::Role', { arn: 'role', name: 'RoleName' }],
  ['AWS::IAM::InstanceProfile', { arn: 'instance-profile', name: 'InstanceProfileName' }],
])

function attributed(scope: IntrinsicsScope, call: IntrinsicCall, id: string, attribute: string): readonly RoleText[] {
  const resource = scope.template.resources.get(id)
  if (resource === undefined) return unresolvedAttribute(scope, call, id, attribute)
  const here = { scope: scope.id, logicalId: id }
  const kind = ARN_KINDS.get(resource.type)
  if (kind !== undefined && attribute === 'Arn') {
    const paths = iamPathsOf(scope, resource)
    return resourceNames(scope, resource, kind.name).flatMap(name =>
      paths.map(path => ({
        ...joinTexts([iamPrefix(scope, kind.arn), path, name]),
        from: 'same-template' as const,
        resource: here,
      })),
    )
  }
  const nested = scope.nested.get(id)
  if (nested !== undefined && attribute.startsWith('Outputs.')) {
    const output = nested.template.outputs.get(attribute.slice('Outputs.'.length))
    const texts = output === undefined ? [] : textsOf(nested, childOf(output.value, 'Value'))
    if (texts.length > 0) return texts
  }
  return [holeText(`${attribute} of ${id}`, 'unknown')]
}

function unresolvedAttribute(
  scope: IntrinsicsScope,
  call: IntrinsicCall,
  id: string,
  attribute: string,
): readonly RoleText[] {
  const [text] = unresolved(scope, call, id)
  if (text?.resource == null || attribute !== 'Arn') return [holeText(`${attribute} of ${id}`, 'unknown')]
  return [
    {
      ...joinTexts([iamPrefix(scope, 'role'), literalText('/'), text]),
      from: 'same-template',
      resource: text.resource,
    },
  ]
}

function attributeOf(scope: IntrinsicsScope, call: IntrinsicCall): readonly [id: string, attribute: string] {
  const { argument } = call
  if (argument.kind === 'scalar') {
    const [id = '', ...rest] = argument.text.split('.')
    return [id, rest.join('.')]
  }
  const [id, attribute] = argument.kind === 'list' ? argument.items : []
  const names = textsOf(scope, attribute).map(knownText)
  return [requiredText(scope, call, scalarText(id)), names[0] ?? '']
}

/** `${Name}`, `${Name.Attribute}`, `${!Literal}`. */
const VARIABLE = /\$\{([^{}]*)\}/g

function substituted(scope: IntrinsicsScope, call: IntrinsicCall): readonly RoleText[] {
  const { argument } = call
  const source = scalarText(argument.kind === 'list' ? argument.items[0] : argument)
  if (source === null) throw new UnreadableSource(scope.template.file, call.line, 'Fn::Sub has no text')
  if (/\$\{[^{}]*$/.test(source))
    throw new UnreadableSource(scope.template.file, call.line, 'Fn::Sub does not close ${')
  const own = argument.kind === 'list' ? argument.items[1] : undefined
  const places: (readonly RoleText[])[] = []
  let end = 0
  for (const match of source.matchAll(VARIABLE)) {
    if (match.index > end) places.push([literal(source.slice(end, match.index))])
    end = match.index + match[0].length
    const name = (match[1] ?? '').trim()
    if (name.startsWith('!')) places.push([literalText(`\${${name.slice(1)}}`)])
    else places.push(variable(scope, call, name, own))
  }
  if (end < source.length || places.length === 0) places.push([literal(source.slice(end))])
  return combinations(places).map(texts => joinTexts(texts))
}

function variable(
  scope: IntrinsicsScope,
  call: IntrinsicCall,
  name: string,
  own: SourceNode | undefined,
): readonly RoleText[] {
  const given = entryOf(own, name)
  const dot = name.indexOf('.')
  const texts =
    given !== undefined
      ? textsOr(scope, given.value, holeText(name, 'unknown'))
      : dot < 0
        ? referenced(scope, call, name)
        : attributed(scope, call, name.slice(0, dot), name.slice(dot + 1))
  return texts.length > 0 ? texts : [holeText(name, 'unknown')]
}

function foundInMap(scope: IntrinsicsScope, call: IntrinsicCall): SourceNode | null {
  const { argument } = call
  if (argument.kind !== 'list') throw new UnreadableSource(scope.template.file, call.line, 'Fn::FindInMap needs a list')
  const [mapping, first, second, options] = argument.items
  let node: SourceNode | undefined = scope.template.mappings
  for (const key of [mapping, first, second]) {
    const text = onlyOne(textsOf(scope, key))
    const name = text === null ? null : knownText(text)
    if (name === null) return null
    node = childOf(node, name)
  }
  const found = node ?? childOf(options, 'DefaultValue')
  if (found !== undefined) return found
  // The SAM transform and language macros add mappings of their own.
  if (scope.template.isSam) return null
  throw new UnreadableSource(scope.template.file, call.line, 'Fn::FindInMap finds no value in the mappings')
}

const branchesOf = (scope: IntrinsicsScope, call: IntrinsicCall): readonly SourceNode[] =>
  branchesIn(scope, call, textsOf)

/** Null: it depends on values that only the deploy knows. */
export const conditionHolds = (scope: IntrinsicsScope, name: string, line: number): boolean | null =>
  conditionIn(scope, name, line, textsOf)

/** Whether the condition of a resource is true. Null: only the deploy knows. */
export const isPresent = (scope: IntrinsicsScope, { condition, line }: TemplateResource): boolean | null =>
  condition === null || conditionHolds(scope, condition, line)
