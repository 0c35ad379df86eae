/** An allow exists and only its `iam:PassedToService` condition fails. */
import { descriptorOf, isOwnStatement, meantActions } from '../../actions/index.ts'
import {
  type ConditionBlock,
  type LayerOutcome,
  list,
  parseRoleArn,
  type Statement,
  type StatementOutcome,
  withoutExpiry,
} from '../../iam/index.ts'
import type { Gap } from '../diagnosis.ts'
import { advice } from '../diagnosis-builder.ts'
import type { DiagnosisContext } from '../diagnosis-context.ts'
import { describeOutcome, evidenceOf } from '../evidence.ts'
import { type ConditionMismatch, isValueList } from '../failed-conditions.ts'
import { rolesLacking, serviceTrustGaps } from '../follow-up-steps.ts'
import { callerLabel } from '../wording/short-names.ts'
import type { Side } from './side.ts'

const PASSED_TO_SERVICE_KEY = 'iam:passedtoservice'
/** For a call that does not send the key. */
export const KEEP_ROLE_ARN = advice(
  'This call does not send iam:PassedToService, so no value in the condition can match. Keep the role ARN in Resource and add IfExists to the operator of this key: StringEquals becomes StringEqualsIfExists.',
)
const IF_NOT_SENT = advice(
  'If this call does not send iam:PassedToService, no value in the condition can match. Then keep the role ARN in Resource and add IfExists to the operator of this key: StringEquals becomes StringEqualsIfExists.',
)

export const onlyServiceKey = (unmet: readonly ConditionMismatch[]): boolean =>
  unmet.length === 1 && unmet.every(one => one.key.toLowerCase() === PASSED_TO_SERVICE_KEY && isValueList(one.operator))

/**
 * The missing value, if the statement covers exactly these roles and is editable; otherwise a new narrow statement. A value
 * added to a wide statement would open every role that the statement covers.
 */
export function serviceGaps(
  context: DiagnosisContext,
  best: StatementOutcome,
  unmet: ConditionMismatch | undefined,
): Side['gaps'] {
  const roles = rolesLacking(context)
  const follow = serviceTrustGaps(context, roles)
  const got = unmet?.got?.[0]
  if (
    unmet === undefined ||
    got === undefined ||
    !isOneValueMissing(context, unmet) ||
    !isExactStatement(context, best)
  ) {
    return roles.length === 0 ? [] : [gapBesideNearest(best, roles), ...follow]
  }
  const { policy, index } = best
  const { operator, key, wanted } = unmet
  const value = {
    kind: 'identity-condition',
    policy: policy.name,
    policyArn: policy.arn,
    attachedTo: policy.attachedTo,
    statement: index,
    operator,
    key,
    wanted,
    got,
  } as const
  const covered = list(policy.document.Statement[index]?.Resource)
  const others = roles.filter(role => !covered.includes(role))
  return [value, ...(others.length === 0 ? [] : [gapBesideNearest(best, others)]), ...follow]
}

/** True when adding one value certainly lifts the denial. */
function isOneValueMissing({ passedService }: DiagnosisContext, { wanted }: ConditionMismatch): boolean {
  if (passedService === null || passedService.mayBeAbsent || passedService.evidence === 'trust') return false
  return passedService.services.filter(service => !wanted.includes(service)).length === 1
}

/** A new statement with the other conditions of the nearest allow, so that it bypasses none of them. */
export function gapBesideNearest({ policy, index }: StatementOutcome, roles: readonly string[]): Gap {
  const under = otherConditions(policy.document.Statement[index])
  return under === null ? { kind: 'identity', roles } : { kind: 'identity', roles, under }
}

const OWN_KEYS = [PASSED_TO_SERVICE_KEY, 'iam:awsservicename']

/** The conditions other than the service and the end date of a rolemedic statement. Null: there are none. */
export function otherConditions(statement: Statement | undefined): ConditionBlock | null {
  if (statement === undefined) return null
  const { Condition = {} } = isOwnStatement(statement) ? withoutExpiry(statement) : statement
  const others = Object.entries(Condition).flatMap(([operator, keys]) => {
    const remaining = Object.entries(keys).filter(([key]) => !OWN_KEYS.includes(key.toLowerCase()))
    return remaining.length === 0 ? [] : [[operator, Object.fromEntries(remaining)] as const]
  })
  return others.length === 0 ? null : Object.fromEntries(others)
}

export function isExactStatement(context: DiagnosisContext, { policy, index }: StatementOutcome): boolean {
  const statement = policy.document.Statement[index]
  const resources = list(statement?.Resource)
  const exact =
    resources.length > 0 && resources.every(resource => parseRoleArn(resource) !== null && !/[*?$]/.test(resource))
  const actions = list(statement?.Action)
  const narrowActions = meantActions(context.denial.action)
  const onlyPass = actions.length > 0 && actions.every(action => narrowActions.includes(action.toLowerCase()))
  const caller = context.snapshot.caller.kind === 'found' ? context.snapshot.caller.value.arn : null
  const editable = policy.arn === null ? policy.attachedTo === caller : /:iam::\d{12}:policy\//.test(policy.arn)
  return exact && onlyPass && editable
}

/** The allow matches, but nothing proves that the call sends `iam:PassedToService`; the denial suggests that it does not. */
export function serviceKeyUnproven(context: DiagnosisContext, layer: LayerOutcome): Side | null {
  const { denial, passedService } = context
  if (!descriptorOf(denial.action).passesRoles || layer.answer !== 'unknown' || layer.unknowns.length > 0) return null
  const undecided = layer.about.filter(one => one.matches === 'unknown')
  const [first] = undecided
  const onService = undecided.every(
    one =>
      one.effect === 'Allow' &&
      one.unknowns.every(unknown => unknown.fact.toLowerCase().includes(PASSED_TO_SERVICE_KEY)),
  )
  if (first === undefined || !onService) return null
  const roles = rolesLacking(context)
  const service = passedService?.services.join(' or ') ?? 'the service'
  return {
    cause: 'identity-condition',
    finding: `policy ${first.policy.name} of ${callerLabel(denial)} allows it only under iam:PassedToService, and it is not proven that this call, which passes the role to ${service}, sends that key`,
    evidence: undecided.map(one => evidenceOf(one, describeOutcome(one))),
    gaps: roles.length === 0 ? [] : [gapBesideNearest(first, roles), ...serviceTrustGaps(context, roles)],
    nextSteps: [IF_NOT_SENT],
    uncertain: undecided.flatMap(one => one.unknowns),
    needsMfa: false,
  }
}
