/** The role's side: one statement that lets exactly this principal in, under the conditions that its owner set for others. */

import { canonicalJson } from '../../base/canonical-json.ts'
import { ok, type Refusal, type Result } from '../../base/result.ts'
import { type EntityArn, parseArn } from '../../iam/arn.ts'
import type { Identity, Role } from '../../iam/evaluation/access-snapshot.ts'
import { isOwn } from '../../iam/policy/own-statement.ts'
import { type ConditionBlock, list, type PolicyDocument, type Statement } from '../../iam/policy/policy-document.ts'
import type { Target } from '../patch.ts'
import type { NewStatement } from './add-statements.ts'
import { bothConditions } from './both-conditions.ts'
import { type Drafting, refuse, targetRole } from './draft-context.ts'
import { exactEntity, exactRole, isReserved, isServiceLinked } from './exact-names.ts'
import { sessionGrant } from './session-statement.ts'

export type Trust = { readonly role: Role; readonly target: Target; readonly document: PolicyDocument }

/** The trust policy as it was read; refused where it was not, or where the role belongs to AWS. */
export function trustOf(drafting: Drafting, roleArn: string): Result<Trust, Refusal> {
  const arn = exactRole(roleArn)
  const read = targetRole(drafting.snapshot, roleArn)?.role
  if (arn === null || read?.kind !== 'found' || !read.value.trust.known)
    return refuse('trust-unseen', `The trust policy of ${roleArn} could not be read.`, `owner of ${roleArn}`)
  if (isReserved(arn))
    return refuse('reserved-role', `${arn.name} is one of AWS's own roles: it cannot be edited.`, 'AWS')
  if (isServiceLinked(arn))
    return refuse('service-linked-role', `${arn.name} is a service-linked role: only AWS changes it.`, 'AWS')
  const role = read.value
  const target: Target = {
    kind: 'role-trust-policy',
    accountId: role.accountId,
    name: role.name,
    policyName: null,
    arn: role.arn,
  }
  return ok({ role, target, document: role.trust.known ? role.trust.value : { Statement: [] } })
}

export function trustStatement(drafting: Drafting, trust: Trust, caller: Identity): Result<NewStatement, Refusal> {
  const principal = exactEntity(caller.arn)
  if (principal === null || isServiceLinked(principal))
    return refuse('no-exact-principal', `${caller.arn} cannot stand in a trust policy.`)
  const grant = sessionGrant(drafting)
  if (!grant.ok) return grant
  const carried = carriedCondition(trust.document, principal, trust.role.accountId)
  if (!carried.ok) return carried

  const Condition = bothConditions(carried.value, grant.value.Condition)
  return ok({
    Effect: 'Allow',
    Principal: { AWS: principal.text },
    Action: grant.value.Action,
    ...(Condition === null ? {} : { Condition }),
  })
}

/**
 * Services that tag the sessions they start, or name their source.
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
 * https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
 */
const SESSION_ACTIONS: { readonly [service: string]: readonly string[] } = {
  'pods.eks.amazonaws.com': ['sts:AssumeRole', 'sts:TagSession'],
  'rolesanywhere.amazonaws.com': ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
}

/** Adds a service to the trust of a role that is passed to it: the failure that comes after the PassRole denial. */
export const serviceTrustStatement = (service: string): NewStatement => ({
  Effect: 'Allow',
  Principal: { Service: service },
  Action: (Object.hasOwn(SESSION_ACTIONS, service) ? SESSION_ACTIONS[service] : undefined) ?? 'sts:AssumeRole',
})

/**
 * The service that was denied itself, for one action more: under the source account or ARN, if any, that the owner sets for
 * its other actions.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 */
export function deniedServiceStatement(
  { document }: Trust,
  service: string,
  action: string,
): Result<NewStatement, Refusal> {
  const carried = onlyCondition(
    document.Statement.filter(
      statement => statement.Effect === 'Allow' && !isOwn(statement) && servicesIn(statement).includes(service),
    ),
  )
  if (!carried.ok) return carried
  const Condition = carried.value === null ? {} : { Condition: carried.value }
  return ok({ Effect: 'Allow', Principal: { Service: service }, Action: action, ...Condition })
}

const servicesIn = ({ Principal }: Statement): readonly string[] =>
  Principal === undefined || Principal === '*' ? [] : list(Principal['Service'])

/**
 * The condition under which the owner lets this principal's account in (external id, MFA, …), or, for a caller from another
 * account that is not named at all, other accounts. Null where there is none. Two different ones cannot be chosen between.
 */
function carriedCondition(
  trust: PolicyDocument,
  caller: EntityArn,
  roleAccount: string,
): Result<ConditionBlock | null, Refusal> {
  // The bot's own statements carry at most an end of their own beside what the owner set.
  const allows = trust.Statement.filter(
    statement => statement.Effect === 'Allow' && !isOwn(statement) && accountsIn(statement).length > 0,
  )
  const ofAccount = allows.filter(statement => accountsIn(statement).includes(caller.accountId))
  const ofOthers = allows.filter(statement => accountsIn(statement).some(account => account !== roleAccount))
  const model = ofAccount.length > 0 || caller.accountId === roleAccount ? ofAccount : ofOthers
  return onlyCondition(model)
}

function onlyCondition(model: readonly Statement[]): Result<ConditionBlock | null, Refusal> {
  const conditions = new Map(
    model.flatMap(({ Condition }) => (Condition === undefined ? [] : [[canonicalJson(Condition), Condition] as const])),
  )
  if (conditions.size > 1)
    return refuse(
      'ambiguous-conditions',
      'The trust policy lets similar principals in under different conditions: its owner must say which apply.',
      'owner of the role',
    )
  const [only] = conditions.values()
  return ok(only ?? null)
}

/** Accounts named by the AWS principals of a statement; `*` counts as every other account. */
function accountsIn({ Principal }: Statement): readonly string[] {
  if (Principal === undefined) return []
  const names = Principal === '*' ? ['*'] : list(Principal['AWS'])
  return names.flatMap(name => {
    if (/^(\*|\d{12})$/.test(name)) return [name]
    const account = parseArn(name)?.accountId
    return account === undefined ? [] : [account]
  })
}
