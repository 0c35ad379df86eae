/** The role's side: one trust statement for exactly this principal, with the conditions that the owner sets for others. */

import { isOwnStatement } from '../../actions/index.ts'
import { canonicalJson, ok, type Refusal, type Result } from '../../base/index.ts'
import type { Denial } from '../../denial/index.ts'
import { isValueList } from '../../diagnosis/index.ts'
import {
  accountPrincipal,
  type ConditionBlock,
  type ContextFacts,
  contextFact,
  type EntityArn,
  findTarget,
  type Identity,
  isPrincipalArn,
  type PolicyDocument,
  PRINCIPAL_ARN,
  type PrincipalBlock,
  parseArn,
  permissionSetPattern,
  principalsOf,
  principalsOfType,
  type Role,
  type Statement,
  withoutExpiry,
} from '../../iam/index.ts'
import type { Target } from '../patch.ts'
import { withCallersConditions } from './callers-conditions.ts'
import { mergeConditions, type NewStatement } from './document-edits.ts'
import { type DraftContext, refuseDraft } from './draft-context.ts'
import { conditionOfEverybody } from './everybodys-conditions.ts'
import { exactEntity, exactRole, isReserved, isServiceLinked } from './exact-names.ts'
import { sessionGrant } from './session-statement.ts'

export type TrustDocument = { readonly role: Role; readonly target: Target; readonly document: PolicyDocument }

/** The trust policy as it was read. Refused if it could not be read or AWS owns the role. */
export function readTrust(context: DraftContext, roleArn: string): Result<TrustDocument, Refusal> {
  const arn = exactRole(roleArn)
  const read = findTarget(context.snapshot, roleArn)?.role
  if (arn === null || read?.kind !== 'found' || !read.value.trust.known)
    return refuseDraft('trust-unseen', `The trust policy of ${roleArn} could not be read.`, `owner of ${roleArn}`)
  if (isReserved(arn))
    return refuseDraft('reserved-role', `${arn.name} is one of AWS's own roles: it cannot be edited.`, 'AWS')
  if (isServiceLinked(arn))
    return refuseDraft('service-linked-role', `${arn.name} is a service-linked role: only AWS changes it.`, 'AWS')
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

export function trustStatement(
  context: DraftContext,
  trust: TrustDocument,
  caller: Identity,
): Result<NewStatement, Refusal> {
  const principal = exactEntity(caller.arn)
  if (principal === null || isServiceLinked(principal))
    return refuseDraft('no-exact-principal', `A trust policy cannot name ${caller.arn}.`)
  const grant = sessionGrant(context)
  if (!grant.ok) return grant
  const carried = ownersCondition(trust, principal, context.nowMs)
  if (!carried.ok) return carried

  const kept = withCallersConditions(carried.value, context, trust.role, principal)
  if (!kept.ok) return kept

  const named = principalElements(principal)
  const limits = mergeConditions(kept.value, grant.value.Condition)
  const Condition = mergeConditions(limits, named.Condition)
  return ok({
    Effect: 'Allow',
    Principal: named.Principal,
    Action: grant.value.Action,
    ...(Condition === null ? {} : { Condition }),
  })
}

/**
 * The principal of a role or user is its ARN. A role of a permission set is named by its account and a pattern, because
 * Identity Center may create the role again under another ARN.
 */
function principalElements(arn: EntityArn): {
  readonly Principal: PrincipalBlock
  readonly Condition?: ConditionBlock
} {
  const pattern = permissionSetPattern(arn)
  if (pattern === null) return { Principal: { AWS: arn.text } }
  return {
    Principal: { AWS: accountPrincipal(arn) },
    Condition: { ArnLike: { [PRINCIPAL_ARN]: pattern } },
  }
}

/**
 * Services that set session tags or a source identity when they assume a role.
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
 * https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
 */
const SESSION_ACTIONS: { readonly [service: string]: readonly string[] } = {
  'pods.eks.amazonaws.com': ['sts:AssumeRole', 'sts:TagSession'],
  'rolesanywhere.amazonaws.com': ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
}

/** Trust for the service that a role is passed to: without it the call fails next, after the PassRole denial is fixed. */
export function serviceTrustStatement(
  service: string,
  sent: ContextFacts,
  action: string = 'sts:AssumeRole',
): NewStatement {
  const actions = Object.hasOwn(SESSION_ACTIONS, service) ? SESSION_ACTIONS[service] : undefined
  return { ...serviceStatement(service, action, sent), ...(actions === undefined ? {} : { Action: actions }) }
}

/** A statement that trusts one service, only for the account and the resource that it acts for, as far as it is known to send them. */
export function serviceStatement(service: string, action: string, context: ContextFacts): NewStatement {
  const [account, arn] = [sourceAccountIn(context), sourceArnIn(context)]
  const Condition = {
    ...(account === null ? {} : { StringEquals: { 'aws:SourceAccount': account } }),
    ...(arn === null ? {} : { ArnLike: { 'aws:SourceArn': arn } }),
  }
  const statement: NewStatement = { Effect: 'Allow', Principal: { Service: service }, Action: action }
  return Object.keys(Condition).length === 0 ? statement : { ...statement, Condition }
}

/** Null: the service is not known to send it. */
export function sourceAccountIn(context: ContextFacts): string | null {
  const account = contextFact(context, 'aws:SourceAccount')
  return account.state === 'present' ? (account.values[0] ?? null) : null
}

/** Also a pattern, as long as it names the account. */
function sourceArnIn(context: ContextFacts): string | null {
  const fact = contextFact(context, 'aws:SourceArn')
  const arn = fact.state === 'present' ? fact.values[0] : fact.state === 'unknown' ? fact.like : undefined
  return arn !== undefined && /^\d{12}$/.test(parseArn(arn)?.accountId ?? '') ? arn : null
}

/**
 * A statement for one more action of a service that was denied itself, with the source account or ARN condition that the owner
 * sets for its other actions, otherwise with the account that it acts for.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 */
export function deniedServiceStatement(
  { document }: TrustDocument,
  service: string,
  { action, context }: Pick<Denial, 'action' | 'context'>,
  nowMs: number,
): Result<NewStatement, Refusal> {
  const similar = document.Statement.filter(
    statement => statement.Effect === 'Allow' && !isOwnStatement(statement) && servicesIn(statement).includes(service),
  )
  const carried = similar.length === 0 ? conditionOfEverybody(document, nowMs) : onlyCondition(similar)
  if (!carried.ok) return carried
  if (carried.value !== null) return ok({ ...serviceStatement(service, action, {}), Condition: carried.value })
  return ok(serviceStatement(service, action, context))
}

const servicesIn = (statement: Statement): readonly string[] => principalsOfType(statement, 'Service')

/**
 * The condition (external id, MFA, …) under which the owner trusts this principal's account. If the policy does not name the
 * account: the condition for other external accounts, otherwise the common conditions of all principals. Null: there is none.
 * Refused: there are different ones.
 */
function ownersCondition(
  { document: trust, role: { accountId: roleAccount } }: TrustDocument,
  caller: EntityArn,
  nowMs: number,
): Result<ConditionBlock | null, Refusal> {
  // A rolemedic statement adds at most an end date to the owner's conditions, and its Sid may be copied.
  const allows = trust.Statement.filter(
    statement => statement.Effect === 'Allow' && accountsIn(statement).length > 0,
  ).map(statement => (isOwnStatement(statement) ? withoutExpiry(statement) : statement))
  const ofAccount = allows.filter(statement => accountsIn(statement).includes(caller.accountId))
  const ofOthers = allows.filter(statement => accountsIn(statement).some(account => account !== roleAccount))
  const similar = ofAccount.length > 0 || caller.accountId === roleAccount ? ofAccount : ofOthers
  if (similar.length === 0) return conditionOfEverybody(trust, nowMs)
  return onlyCondition(similar.map(statement => ({ ...statement, Condition: withoutNames(statement.Condition ?? {}) })))
}

/** Removes the values of `aws:PrincipalArn` that admit principals, because they name other principals. Keeps those that exclude. */
function withoutNames(condition: ConditionBlock): ConditionBlock {
  return Object.fromEntries(
    Object.entries(condition).flatMap(([operator, tests]) => {
      const kept = Object.entries(tests).filter(([key]) => !(isPrincipalArn(key) && isValueList(operator)))
      return kept.length === 0 ? [] : [[operator, Object.fromEntries(kept)]]
    }),
  )
}

function onlyCondition(statements: readonly Statement[]): Result<ConditionBlock | null, Refusal> {
  const conditions = new Map(
    statements.flatMap(({ Condition }) =>
      Condition === undefined || Object.keys(Condition).length === 0
        ? []
        : [[canonicalJson(Condition), Condition] as const],
    ),
  )
  if (conditions.size > 1)
    return refuseDraft(
      'ambiguous-conditions',
      'The trust policy has different conditions for similar principals: its owner must say which one applies.',
      'owner of the role',
    )
  const [only] = conditions.values()
  return ok(only ?? null)
}

/** The accounts of the AWS principals of a statement. `*` counts as another account. */
function accountsIn(statement: Statement): readonly string[] {
  return principalsOf(statement).flatMap(({ type, name }) => {
    if (type !== '*' && type !== 'AWS') return []
    if (/^(\*|\d{12})$/.test(name)) return [name]
    const account = parseArn(name)?.accountId
    return account === undefined ? [] : [account]
  })
}
