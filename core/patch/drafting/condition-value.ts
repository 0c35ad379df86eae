/** An allow statement exists, but a condition lacks one value. The fix adds only that value to its list, or a statement for it. */

import { isWithinTheCall } from '../../actions/index.ts'
import { canonicalForm, ok, type Refusal, type Result } from '../../base/index.ts'
import { type Gap, isValueList, takesPattern } from '../../diagnosis/index.ts'
import {
  type ConditionBlock,
  contextFact,
  type EntityArn,
  hasOwnSid,
  type Identity,
  list,
  type OneOrMore,
  type PolicyDocument,
  parseEntityArn,
  permissionSetPattern,
  principalsOfType,
  type SourcedPolicy,
  type Statement,
  seenCaller,
} from '../../iam/index.ts'
import { inlineTarget, isCustomerManaged, managedTarget, type PolicyLocation } from './caller-policy.ts'
import { addStatements, mergeConditions, type NewStatement } from './document-edits.ts'
import { type DraftContext, refuseDraft } from './draft-context.ts'
import { isExactClaim } from './exact-names.ts'
import { approvedRoleSet, deniedRole, receivingService } from './pass-role-statements.ts'
import { type TrustDocument, trustStatement } from './trust-statement.ts'

export type IdentityCondition = Extract<Gap, { kind: 'identity-condition' }>
type TrustCondition = Extract<Gap, { kind: 'trust-condition' }>

/** Operators where one more value allows exactly that value. This excludes negated and ForAllValues operators. */
const LIST_OPERATORS = /^(ForAnyValue:)?(StringEquals|StringEqualsIgnoreCase|StringLike|ArnEquals|ArnLike)(IfExists)?$/

export function addConditionValue(
  document: PolicyDocument,
  statement: number,
  operator: string,
  key: string,
  value: string,
): PolicyDocument | null {
  const edited = document.Statement[statement]
  const keys = edited?.Condition?.[operator]
  const name = Object.keys(keys ?? {}).find(one => one.toLowerCase() === key.toLowerCase())
  if (edited?.Effect !== 'Allow' || keys === undefined || name === undefined || !LIST_OPERATORS.test(operator))
    return null
  const values = list(keys[name])
  if (values.includes(value)) return null
  // Which of two equal statements has changed could not be told.
  if (document.Statement.filter(one => canonicalForm(one) === canonicalForm(edited)).length > 1) return null
  const next: Statement = {
    ...edited,
    Condition: { ...edited.Condition, [operator]: { ...keys, [name]: [...values, value] as readonly string[] } },
  }
  return { ...document, Statement: document.Statement.map((one, index) => (index === statement ? next : one)) }
}

/**
 * The policy with the list that the service can join. Null if that would allow more than this call needs: the statement covers
 * other roles, rolemedic must not write the policy, or the call may not send the key.
 */
export function serviceConditionLocation(
  context: DraftContext,
  gap: IdentityCondition,
  caller: Identity,
  arn: EntityArn,
): (PolicyLocation & { readonly before: PolicyDocument }) | null {
  const role = deniedRole(context)
  if (gap.key.toLowerCase() !== 'iam:passedtoservice' || role === null) return null
  const receiver = receivingService(context, role)
  if (receiver === null || !receiver.certain || !receiver.services.includes(gap.got)) return null

  const policy = policyOfGap(gap, caller)
  const statement = policy?.document.Statement[gap.statement]
  if (policy === undefined || statement === undefined || !onlyTheseRoles(context, statement, gap.got)) return null
  if (isOfAnotherGrant(context, statement)) return null
  const before = policy.document
  if (policy.arn === null)
    return policy.attachedTo === caller.arn ? { target: inlineTarget(caller, arn, policy.name), before } : null
  return isCustomerManaged(policy, caller) ? { target: managedTarget(policy, policy.arn), before } : null
}

/** Of an earlier grant: with a value of another one in it, neither could be taken away, or end, without the other. */
const isOfAnotherGrant = ({ joinable }: DraftContext, statement: Statement): boolean =>
  hasOwnSid(statement) && !joinable.has(statement.Sid ?? '')

export function policyOfGap(gap: IdentityCondition, caller: Identity): SourcedPolicy | undefined {
  return caller.policies.find(
    one => one.name === gap.policy && one.arn === gap.policyArn && one.attachedTo === gap.attachedTo,
  )
}

/** True when every resource of the statement is a role that this call passes to the service, or a role set approved for the service. */
function onlyTheseRoles(context: DraftContext, statement: Statement, service: string): boolean {
  const { denial, config } = context
  const resources = list(statement.Resource)
  const passed = [deniedRole(context), ...denial.passes.map(pass => pass.arn)]
  const intended = (resource: string) =>
    (passed.includes(resource) && receivingService(context, resource)?.services.includes(service) === true) ||
    (config.approvedRoleSets.some(set => set.pattern === resource) &&
      approvedRoleSet(config, resource.replace(/\*$/, ''), [service]) !== null)
  return resources.length > 0 && resources.every(intended)
}

/** Whether this version of the document opens what the denial needs and nothing else. */
export type IsProvable = (after: PolicyDocument) => boolean

/**
 * The trust policy that also accepts the presented claim. The value joins its list, or gets a separate statement if the list
 * would admit more with it. All other keys are the owner's decision: external id, MFA, network.
 */
export function acceptClaim(
  context: DraftContext,
  gap: TrustCondition,
  trust: TrustDocument,
  isProvable: IsProvable,
): Result<PolicyDocument, Refusal> {
  const owner = `owner of ${trust.role.name}`
  const presented = presentedValue(context, gap, trust)
  if (presented === null)
    return refuseDraft(
      'condition-not-ours',
      `The trust policy of ${trust.role.name} requires ${gap.key}, which is its owner's decision to change.`,
      owner,
    )
  const { claim, value } = presented
  if (claim !== 'permission-set' && !isExactClaim(value))
    return refuseDraft(
      'claim-not-exact',
      `The presented value of ${gap.key} is not one exact name, so rolemedic drafts no trust for it.`,
      owner,
    )
  if (!isValueList(gap.operator))
    return refuseDraft(
      'condition-not-a-list',
      `${gap.key} uses the operator ${gap.operator}: adding a value does not fix it.`,
      owner,
    )
  const original = trust.document.Statement[gap.statement]
  const isJoined = joinsList(claim, gap.operator) && !(original !== undefined && isOfAnotherGrant(context, original))
  const joined = isJoined ? addConditionValue(trust.document, gap.statement, gap.operator, gap.key, value) : null
  if (joined !== null && isProvable(joined)) return ok(joined)
  const own = withOwnStatement(context, gap, trust, claim)
  return joined === null || (own.ok && isProvable(own.value)) ? own : ok(joined)
}

/** A pattern must not join a list of exact names. With an audience in the list, every subject of the statement could present it. */
function joinsList(claim: Presented['claim'], operator: string): boolean {
  return claim === 'permission-set' ? takesPattern(operator) : claim !== 'aud'
}

function withOwnStatement(
  context: DraftContext,
  gap: TrustCondition,
  trust: TrustDocument,
  claim: Presented['claim'],
): Result<PolicyDocument, Refusal> {
  const caller = seenCaller(context.snapshot)
  const isOfToken = claim === 'sub' || claim === 'aud'
  if (!isOfToken && caller === null)
    return refuseDraft('caller-unseen', `The role behind ${gap.got} could not be read.`)
  const statement =
    isOfToken || caller === null ? tokenStatement(context, gap, trust) : trustStatement(context, trust, caller)
  if (!statement.ok) return statement
  return ok(addStatements(trust.document, [statement.value], context.sid, context.nowMs))
}

/** A statement for one subject and one audience, with the other conditions of the statement that fails. */
function tokenStatement(
  { denial }: DraftContext,
  gap: TrustCondition,
  { role, document }: TrustDocument,
): Result<NewStatement, Refusal> {
  const { subject = null, audience = null } = denial.claims ?? {}
  const original = document.Statement[gap.statement]
  const issuer = gap.key.slice(0, gap.key.lastIndexOf(':'))
  const provider =
    original === undefined ? undefined : federated(original).find(name => issuerOf(name) === issuer.toLowerCase())
  const exact = [subject, audience].every(claim => claim !== null && isExactClaim(claim))
  if (original === undefined || provider === undefined || subject === null || audience === null || !exact)
    return refuseDraft(
      'claim-not-exact',
      `The token's subject and audience are not one exact name each, so rolemedic drafts no trust for it.`,
      `owner of ${role.name}`,
    )
  const own = new Set([`${issuer}:sub`, `${issuer}:aud`].map(key => key.toLowerCase()))
  const others = withoutKeys(original.Condition ?? {}, own)
  const pinned = { StringEquals: { [`${issuer}:aud`]: audience, [`${issuer}:sub`]: subject } }
  return ok({
    Effect: 'Allow',
    Principal: { Federated: provider },
    Action: exactActions(original, denial.action),
    Condition: mergeConditions(others, pinned) ?? pinned,
  })
}

/** The denied action and the actions inside its call, if the statement names them exactly. */
function exactActions({ Action }: Statement, denied: string): OneOrMore<string> {
  const isDenied = (action: string) => action.toLowerCase() === denied.toLowerCase()
  const actions = list(Action)
  if (Action !== undefined && actions.every(action => isDenied(action) || isWithinTheCall(action))) return Action
  const parts = actions.filter(isWithinTheCall)
  return parts.length === 0 ? denied : [denied, ...parts]
}

function withoutKeys(condition: ConditionBlock, keys: ReadonlySet<string>): ConditionBlock {
  return Object.fromEntries(
    Object.entries(condition).flatMap(([operator, tests]) => {
      const kept = Object.entries(tests).filter(([key]) => !keys.has(key.toLowerCase()))
      return kept.length === 0 ? [] : [[operator, Object.fromEntries(kept)]]
    }),
  )
}

const federated = (statement: Statement): readonly string[] => principalsOfType(statement, 'Federated')
const issuerOf = (provider: string): string => provider.replace(/^.*:oidc-provider\//, '').toLowerCase()

type Presented = { readonly claim: 'sub' | 'aud' | 'permission-set' | null; readonly value: string }

/** The claim from the event, if rolemedic may accept it for this key. Null: it may not. */
function presentedValue(
  { denial, snapshot }: DraftContext,
  gap: TrustCondition,
  trust: TrustDocument,
): Presented | null {
  const key = gap.key.toLowerCase()
  if (key === 'aws:principalarn') {
    const caller = seenCaller(snapshot)?.arn ?? null
    if (caller !== gap.got) return null
    const arn = parseEntityArn(caller)
    const pattern = arn === null ? null : permissionSetPattern(arn)
    return pattern === null ? { claim: null, value: caller } : { claim: 'permission-set', value: pattern }
  }
  if (denial.principal.kind === 'service') {
    // The sentence of a service does not prove what it sends: the owner's condition stays. A need of code has no message.
    if (denial.message !== '') return null
    const sent = contextFact(denial.context, key)
    return sent.state === 'present' && sent.values[0] === gap.got ? { claim: null, value: gap.got } : null
  }
  const statement = trust.document.Statement[gap.statement]
  const issuers = statement === undefined ? [] : federated(statement).map(issuerOf)
  const ofProvider = (claim: string) => issuers.some(issuer => key === `${issuer}:${claim}`)
  const claim = ofProvider('sub') ? 'sub' : ofProvider('aud') ? 'aud' : null
  const { subject = null, audience = null } = denial.claims ?? {}
  const claimed = claim === 'sub' ? subject : claim === 'aud' ? audience : null
  return claimed !== null && claimed === gap.got ? { claim, value: claimed } : null
}
