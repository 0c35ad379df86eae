/** Every policy document of a template, by the resource that has it. */
import { type Literal, memberOf, textIn } from '../document/literal.ts'
import { resolved } from './intrinsic-text.ts'
import { makesItsRole } from './owners.ts'
import type { Deploy, ResourceText, TemplateText } from './template-text.ts'

export type PolicyText = {
  /** Unique in the template. */
  readonly key: string
  readonly kind: 'inline' | 'trust' | 'managed'
  /** Logical id of the role, user or managed policy; null where several have it or it is not certain. */
  readonly owner: string | null
  readonly name: string | null
  readonly document: Literal | null
  readonly isConditional: boolean
}

/** The property that names whom a policy of this type is for, and what that is. */
const DETACHED: {
  readonly [type: string]: { readonly property: string; readonly type: string; readonly name: string }
} = {
  'AWS::IAM::Policy': { property: 'Roles', type: 'AWS::IAM::Role', name: 'RoleName' },
  'AWS::IAM::RolePolicy': { property: 'RoleName', type: 'AWS::IAM::Role', name: 'RoleName' },
  'AWS::IAM::UserPolicy': { property: 'UserName', type: 'AWS::IAM::User', name: 'UserName' },
}

export function policiesOf(template: TemplateText, deploy: Deploy): readonly PolicyText[] {
  return [...template.resources.values()].flatMap(resource => policiesIn(template, resource, deploy))
}

function policiesIn(template: TemplateText, resource: ResourceText, deploy: Deploy): readonly PolicyText[] {
  const { logicalId, type, properties, node } = resource
  const isConditional = memberOf(node, 'Condition') !== null
  const text = (literal: Literal | null): string | null =>
    literal === null ? null : textIn(resolved(literal, deploy, template.text))
  const common = { owner: logicalId, name: null, isConditional: false }
  if (makesItsRole(type))
    return [
      ...functionPolicies(logicalId, memberOf(properties, 'Policies')),
      {
        ...common,
        key: `${logicalId} trust`,
        kind: 'trust',
        document: memberOf(properties, 'AssumeRolePolicyDocument'),
      },
    ]
  switch (type) {
    case 'AWS::IAM::Role':
    case 'AWS::IAM::User':
      return [
        ...inlineIn(logicalId, properties, text),
        ...(type === 'AWS::IAM::Role'
          ? [
              {
                ...common,
                key: `${logicalId} trust`,
                kind: 'trust' as const,
                document: memberOf(properties, 'AssumeRolePolicyDocument'),
              },
            ]
          : []),
      ]
    case 'AWS::IAM::ManagedPolicy':
      return [
        { ...common, key: `${logicalId} document`, kind: 'managed', document: memberOf(properties, 'PolicyDocument') },
      ]
    default: {
      const detached = Object.hasOwn(DETACHED, type) ? DETACHED[type] : undefined
      if (detached === undefined) return []
      const owner = onlyOwner(detached, properties, template, text)
      const name = text(memberOf(properties, 'PolicyName'))
      return [
        {
          key: `${logicalId} document`,
          kind: 'inline',
          owner,
          name,
          document: memberOf(properties, 'PolicyDocument'),
          isConditional,
        },
      ]
    }
  }
}

function inlineIn(
  logicalId: string,
  properties: Literal | null,
  text: (literal: Literal | null) => string | null,
): readonly PolicyText[] {
  const policies = memberOf(properties, 'Policies')
  const items = policies?.kind === 'list' ? policies.items : policies === null ? [] : [policies]
  return items.map((item, index) => ({
    ...{ key: `${logicalId} policy ${index}`, kind: 'inline', owner: logicalId, isConditional: false },
    name: text(memberOf(item, 'PolicyName')),
    // An item that a function chooses has no document of its own.
    document: memberOf(item, 'PolicyDocument') ?? wrapped(item),
  }))
}

/** Names of managed policies, policy templates and documents. */
function functionPolicies(logicalId: string, policies: Literal | null): readonly PolicyText[] {
  const items = policies?.kind === 'list' ? policies.items : policies === null ? [] : [policies]
  return items.map((item, index) => ({
    ...{ key: `${logicalId} policy ${index}`, kind: 'inline', owner: logicalId, name: null, isConditional: false },
    document: memberOf(item, 'Statement') === null ? wrapped(item) : item,
  }))
}

/** As a document with it as its statement, so that a change of it is seen. */
const wrapped = (value: Literal): Literal => {
  const { file, start, end } = value
  return { kind: 'map', file, start, end, entries: [{ key: 'Statement', start, value }], fixed: 'it is no document' }
}

/** The one role or user that a detached policy is for. */
function onlyOwner(
  { property, type, name: nameProperty }: { readonly property: string; readonly type: string; readonly name: string },
  properties: Literal | null,
  template: TemplateText,
  text: (literal: Literal | null) => string | null,
): string | null {
  const names = memberOf(properties, property)
  const items = names?.kind === 'list' ? names.items : [names]
  const others = ['Users', 'Groups'].some(key => memberOf(properties, key) !== null)
  const [only] = items
  if (only === undefined || items.length > 1 || others) return null
  const reference = memberOf(only, 'Ref')
  if (reference?.kind === 'scalar') return String(reference.value)
  const name = text(only)
  const owners = [...template.resources.values()].filter(
    one => one.type === type && name !== null && text(memberOf(one.properties, nameProperty)) === name,
  )
  return owners.length === 1 ? (owners[0]?.logicalId ?? null) : null
}
