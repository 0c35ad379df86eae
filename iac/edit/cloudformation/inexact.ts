/** Whether an edit changed a template by exactly the approved change. */
import { canonicalJson } from '../../../core/base/index.ts'
import { parsePolicy, samePolicy } from '../../../core/iam/index.ts'
import type { PolicyChange } from '../../../core/patch/index.ts'
import { madeRoles } from '../../needs/index.ts'
import { plainSource, readable } from '../../source/index.ts'
import { isExactly } from '../document/document-site.ts'
import { memberOf, plainLiteral } from '../document/literal.ts'
import { policyDelta } from '../document/policy-delta.ts'
import { makesItsRole, type Owner } from './owners.ts'
import { type PolicyText, templatePolicies } from './policies.ts'
import type { TemplateText } from './template-text.ts'

export function isTarget(policy: PolicyText, { target }: PolicyChange, { resource }: Owner): boolean {
  if (policy.owner !== resource.logicalId) return false
  switch (target.kind) {
    case 'role-trust-policy':
      return policy.kind === 'trust'
    case 'managed-policy':
      return policy.kind === 'managed'
    default:
      return policy.kind === 'inline' && policy.name === target.policyName
  }
}

/** What differs from the approved change. Null: nothing. */
export function inexact(
  change: PolicyChange,
  before: readonly TemplateText[],
  after: readonly TemplateText[],
  owner: Owner,
): string | null {
  const was = rest(before)
  const now = rest(after)
  if (after.length !== before.length) return 'the edited template can no longer be read'
  const changed = [...now].filter(([key, { value }]) => canonicalJson(value) !== canonicalJson(was.get(key)?.value))
  if ([...was.keys()].some(key => !now.has(key))) return 'the edit would take something away'
  const [only, ...more] = changed
  if (only === undefined || more.length > 0) return 'the edit would change other parts of the template'
  const [key, { policy, value }] = only
  if (policy === null || policy.owner !== owner.resource.logicalId) return 'the edit would change another policy'
  const old = was.get(key)
  const statements = Array.isArray(value) ? value : []
  if (old !== undefined) {
    const delta = policyDelta(change)
    const isWanted = isTarget(policy, change, owner) && delta.ok && Array.isArray(old.value)
    return isWanted && isExactly(old.value, statements, delta.value)
      ? null
      : 'the edited policy is not what was approved'
  }
  const read = parsePolicy({ Version: '2012-10-17', Statement: statements })
  const isApproved = read.ok && samePolicy(read.value, { ...change.after, Version: '2012-10-17' })
  return isApproved && (makesItsRole(owner.resource.type) || isMade(change, after, owner))
    ? null
    : 'the new policy is not what was approved'
}

/** True when `preflight` reads the approved policy from the edited template too. */
function isMade({ target, after: wanted }: PolicyChange, templates: readonly TemplateText[], owner: Owner): boolean {
  if (target.kind !== 'role-inline-policy') return true
  const own = templates.filter(({ file }) => file === owner.template.file)
  return own.flatMap(rolesOf).some(
    role =>
      role.logicalId === owner.resource.logicalId &&
      role.inlinePolicies.some(policy => {
        const read = parsePolicy(policy.document)
        return policy.name === target.policyName && read.ok && samePolicy(read.value, wanted)
      }),
  )
}

/** Empty if a function cannot be resolved. */
const rolesOf = ({ scope }: TemplateText) => readable(() => madeRoles(scope)) ?? []

type Part = { readonly policy: PolicyText | null; readonly value: unknown }

/** Every policy by its place, and everything else of each resource. */
function rest(templates: readonly TemplateText[]): ReadonlyMap<string, Part> {
  const parts = new Map<string, Part>()
  for (const template of templates) {
    for (const policy of templatePolicies(template)) {
      const { document } = policy
      const list = memberOf(document, 'Statement')
      const value = list === null ? null : list.kind === 'list' ? list.items.map(plainLiteral) : [plainLiteral(list)]
      parts.set(`${template.file} ${policy.key}`, { policy, value })
    }
    for (const { logicalId, node } of template.scope.template.resources.values())
      parts.set(`${template.file} ${logicalId}`, { policy: null, value: withoutStatements(plainSource(node)) })
  }
  return parts
}

/** The value without policies, which are compared separately. */
function withoutStatements(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutStatements)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([key]) => key !== 'Statement' && key !== 'Policies')
  return Object.fromEntries(members.map(([key, member]) => [key, withoutStatements(member)]))
}
