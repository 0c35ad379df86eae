/** An allow exists and one value is missing from one of its condition lists: the fix is that value in that list, and nothing else. */

import { ok, type Refusal, type Result } from '../../base/result.ts'
import type { Gap } from '../../diagnosis/diagnosis.ts'
import type { EntityArn } from '../../iam/arn.ts'
import type { Identity } from '../../iam/evaluation/access-snapshot.ts'
import { list, type PolicyDocument, type SourcedPolicy, type Statement } from '../../iam/policy/policy-document.ts'
import { inlineTarget, isCustomerManaged, managedTarget, type Placed } from './caller-policy.ts'
import { type Drafting, refuse } from './draft-context.ts'
import { isExactClaim } from './exact-names.ts'
import { approvedSet, deniedRole, receiverOf } from './pass-role-statements.ts'
import type { Trust } from './trust-statement.ts'

export type IdentityCondition = Extract<Gap, { kind: 'identity-condition' }>
type TrustCondition = Extract<Gap, { kind: 'trust-condition' }>

/** One more value in these never forbids and never widens beyond itself. Negated and set-wide operators are not here. */
const LISTS = /^(ForAnyValue:)?(StringEquals|StringEqualsIgnoreCase|StringLike|ArnEquals|ArnLike)(IfExists)?$/

export function withValue(
  document: PolicyDocument,
  statement: number,
  operator: string,
  key: string,
  value: string,
): PolicyDocument | null {
  const edited = document.Statement[statement]
  const keys = edited?.Condition?.[operator]
  const name = Object.keys(keys ?? {}).find(one => one.toLowerCase() === key.toLowerCase())
  if (edited?.Effect !== 'Allow' || keys === undefined || name === undefined || !LISTS.test(operator)) return null
  const values = list(keys[name])
  if (values.includes(value)) return null
  const next: Statement = {
    ...edited,
    Condition: { ...edited.Condition, [operator]: { ...keys, [name]: [...values, value] as readonly string[] } },
  }
  return { ...document, Statement: document.Statement.map((one, index) => (index === statement ? next : one)) }
}

/**
 * Where the service can be added to the list in place; null where it cannot without opening more than this call needs
 * (other roles in the statement, a policy that is not ours to write, a key that may never be sent).
 */
export function placeForService(
  drafting: Drafting,
  gap: IdentityCondition,
  caller: Identity,
  arn: EntityArn,
): (Placed & { readonly before: PolicyDocument }) | null {
  const role = deniedRole(drafting)
  if (gap.key.toLowerCase() !== 'iam:passedtoservice' || role === null) return null
  const receiver = receiverOf(drafting, role)
  if (receiver === null || !receiver.proven || receiver.service !== gap.got) return null

  const policy = policyOf(gap, caller)
  const statement = policy?.document.Statement[gap.statement]
  if (policy === undefined || statement === undefined || !onlyTheseRoles(drafting, statement, gap.got)) return null
  const before = policy.document
  if (policy.arn === null)
    return policy.attachedTo === caller.arn ? { target: inlineTarget(caller, arn, policy.name), before } : null
  return isCustomerManaged(policy, caller) ? { target: managedTarget(policy, policy.arn), before } : null
}

export function policyOf(gap: IdentityCondition, caller: Identity): SourcedPolicy | undefined {
  return caller.policies.find(
    one => one.name === gap.policy && one.arn === gap.policyArn && one.attachedTo === gap.attachedTo,
  )
}

/** Every resource of the statement is a role that this call passes to the service, or a set approved for it. */
function onlyTheseRoles(drafting: Drafting, statement: Statement, service: string): boolean {
  const { denial, config } = drafting
  const resources = list(statement.Resource)
  const passed = [deniedRole(drafting), ...denial.passes.map(pass => pass.arn)]
  const intended = (resource: string) =>
    (passed.includes(resource) && receiverOf(drafting, resource)?.service === service) ||
    (config.approvedRoleSets.some(set => set.pattern === resource) &&
      approvedSet(config, resource.replace(/\*$/, ''), service) !== null)
  return resources.length > 0 && resources.every(intended)
}

/** The trust policy with the presented claim in the list. Other keys are somebody's decision (external id, MFA, network, organization). */
export function trustWithValue(drafting: Drafting, gap: TrustCondition, trust: Trust): Result<PolicyDocument, Refusal> {
  const owner = `owner of ${trust.role.name}`
  const presented = presentedValue(drafting, gap, trust)
  if (presented === null)
    return refuse(
      'condition-not-ours',
      `The trust policy of ${trust.role.name} requires ${gap.key}, which is its owner's decision to change.`,
      owner,
    )
  if (!isExactClaim(presented))
    return refuse(
      'claim-not-exact',
      `The presented value of ${gap.key} is not one exact name, so no trust is drafted for it.`,
      owner,
    )
  const after = withValue(trust.document, gap.statement, gap.operator, gap.key, presented)
  if (after === null)
    return refuse(
      'condition-not-a-list',
      `${gap.key} stands under ${gap.operator}, where one more value is not the fix.`,
      owner,
    )
  return ok(after)
}

/** The claim as the event shows it, when the key is one that a value may be added to; null otherwise. */
function presentedValue({ denial, snapshot }: Drafting, gap: TrustCondition, trust: Trust): string | null {
  const key = gap.key.toLowerCase()
  if (key === 'aws:principalarn') {
    const caller = snapshot.caller.kind === 'found' ? snapshot.caller.value.arn : null
    return caller === gap.got ? caller : null
  }
  const federated = trust.document.Statement[gap.statement]?.Principal
  const providers = federated === undefined || federated === '*' ? [] : list(federated['Federated'])
  const ofProvider = (claim: string) =>
    providers.some(provider => key === `${provider.replace(/^.*:oidc-provider\//, '').toLowerCase()}:${claim}`)
  const claimed = ofProvider('sub') ? denial.claims?.subject : ofProvider('aud') ? denial.claims?.audience : null
  return claimed === gap.got ? claimed : null
}
