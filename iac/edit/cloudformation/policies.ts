/** Every policy document of a template, by the resource that has it. */
import {
  childOf,
  knownText,
  type RoleText,
  readable,
  type SourceNode,
  setTexts,
  type TemplateResource,
} from '../../source/index.ts'
import { type Literal, memberOf, scalarLiteralText } from '../document/literal.ts'
import { makesItsRole } from './owners.ts'
import { literalIn, type TemplateText } from './template-text.ts'

export type PolicyText = {
  /** Unique within the template. */
  readonly key: string
  readonly kind: 'inline' | 'trust' | 'managed'
  /** The logical id of the role, user or managed policy. Null: several have the document, or it is not certain. */
  readonly owner: string | null
  readonly name: string | null
  readonly document: Literal | null
  readonly source: SourceNode | undefined
  readonly isConditional: boolean
}

type Detached = { readonly property: string; readonly type: string; readonly name: string }

/** For policy resources, the property that names the role, user or group, and its kind. */
const DETACHED: { readonly [type: string]: Detached } = {
  'AWS::IAM::Policy': { property: 'Roles', type: 'AWS::IAM::Role', name: 'RoleName' },
  'AWS::IAM::RolePolicy': { property: 'RoleName', type: 'AWS::IAM::Role', name: 'RoleName' },
  'AWS::IAM::UserPolicy': { property: 'UserName', type: 'AWS::IAM::User', name: 'UserName' },
}

export function templatePolicies(template: TemplateText): readonly PolicyText[] {
  return [...template.scope.template.resources.values()].flatMap(resource => policiesIn(template, resource))
}

function policiesIn(template: TemplateText, resource: TemplateResource): readonly PolicyText[] {
  const { logicalId, type, properties, condition } = resource
  const documentAt = (key: string) => {
    const source = childOf(properties, key)
    return { source, document: literalIn(template, source) }
  }
  const own = { owner: logicalId, name: null, isConditional: false }
  const trust = (): PolicyText => ({
    ...{ ...own, key: `${logicalId} trust`, kind: 'trust' },
    ...documentAt('AssumeRolePolicyDocument'),
  })
  if (makesItsRole(type)) return [...inlineIn(template, resource, functionPolicy), trust()]
  switch (type) {
    case 'AWS::IAM::Role':
      return [...inlineIn(template, resource, inlinePolicy), trust()]
    case 'AWS::IAM::User':
      return inlineIn(template, resource, inlinePolicy)
    case 'AWS::IAM::ManagedPolicy':
      return [{ ...own, key: `${logicalId} document`, kind: 'managed', ...documentAt('PolicyDocument') }]
    default: {
      const detached = Object.hasOwn(DETACHED, type) ? DETACHED[type] : undefined
      if (detached === undefined) return []
      return [
        {
          ...{ key: `${logicalId} document`, kind: 'inline', isConditional: condition !== null },
          owner: onlyOwner(detached, properties, template),
          name: scalarLiteralText(literalIn(template, childOf(properties, 'PolicyName'))),
          ...documentAt('PolicyDocument'),
        },
      ]
    }
  }
}

type Inline = Pick<PolicyText, 'name' | 'document'>

function inlineIn(
  template: TemplateText,
  { logicalId, properties }: TemplateResource,
  inline: (item: Literal) => Inline,
): readonly PolicyText[] {
  const policies = childOf(properties, 'Policies')
  const items = policies?.kind === 'list' ? policies.items : policies === undefined ? [] : [policies]
  return items.flatMap((source, index) => {
    const item = literalIn(template, source)
    const common = { key: `${logicalId} policy ${index}`, kind: 'inline', owner: logicalId, source } as const
    return item === null ? [] : [{ ...common, isConditional: false, ...inline(item) }]
  })
}

const inlinePolicy = (item: Literal): Inline => ({
  name: scalarLiteralText(memberOf(item, 'PolicyName')),
  // An item that a function selects has no document of its own.
  document: memberOf(item, 'PolicyDocument') ?? wrapped(item),
})

/** An item is the name of a managed policy, a policy template, or a document. */
const functionPolicy = (item: Literal): Inline => ({
  name: null,
  document: memberOf(item, 'Statement') === null ? wrapped(item) : item,
})

/** Wraps the value as a statement of a document, so that a change of it is noticed. */
const wrapped = (value: Literal): Literal => {
  const { file, start, end } = value
  return { kind: 'map', file, start, end, entries: [{ key: 'Statement', start, value }], fixed: 'it is no document' }
}

/** The one role or user that a policy resource names. Null: none, several, or not certain. */
function onlyOwner(detached: Detached, properties: SourceNode | undefined, template: TemplateText): string | null {
  const names = childOf(properties, detached.property)
  const items = names?.kind === 'list' ? names.items : [names]
  const others = ['Users', 'Groups'].some(key => childOf(properties, key) !== undefined)
  const [only] = items
  if (only === undefined || items.length > 1 || others) return null
  const text = onlyText(template, only)
  if (text === null) return null
  if (text.resource !== null) return text.resource.logicalId
  const name = knownText(text)
  const owners = [...template.scope.template.resources.values()].filter(({ type, properties: own }) => {
    if (type !== detached.type || name === null) return false
    const given = onlyText(template, childOf(own, detached.name))
    return given !== null && knownText(given) === name
  })
  return owners.length === 1 ? (owners[0]?.logicalId ?? null) : null
}

/** Null: it is not certain that there is exactly one text. */
export function onlyText({ scope }: TemplateText, node: SourceNode | undefined): RoleText | null {
  const { texts, mayBeMissing } = readable(() => setTexts(scope, node)) ?? { texts: [], mayBeMissing: true }
  return texts.length === 1 && !mayBeMissing ? (texts[0] ?? null) : null
}
