/** One denial with everything that the rules need, computed once. */

import { requestOf } from '../access/index.ts'
import { asksTrustPolicy, descriptorOf, evaluate } from '../actions/index.ts'
import { never } from '../base/index.ts'
import type { Denial } from '../denial/index.ts'
import {
  ABSENT_KEY,
  type AccessSnapshot,
  type Answer,
  type ContextFact,
  type Evaluation,
  itemOf,
  type LayerOutcome,
  type PolicyType,
  parseArn,
  present,
  type TargetRole,
  unknownKey,
} from '../iam/index.ts'
import type { Settings } from '../settings/index.ts'
import { type AwsReason, awsReasonOf } from './aws-reason.ts'
import type { Diagnosis } from './diagnosis.ts'
import { resolveService, triedServices } from './resolve-service.ts'

export type DiagnoseOptions = {
  readonly config: Settings
  readonly nowMs: number
  /** Accounts whose policies a person gave as files. Null or absent: policies are read from AWS. */
  readonly filesOf?: readonly string[] | null
  /** What a trail or a deploy shows of the denied role. Absent: nothing. */
  readonly life?: RoleLife
  /** What a trail shows around the denial. Absent: nothing. */
  readonly time?: TimeFacts
}

/** When the role of a denial existed, as far as records show. */
export type RoleLife = {
  /** It existed when the call was denied, and was deleted then. Null: not seen. */
  readonly deletedAtMs: number | null
  /** The rollback of the deploy deleted it. */
  readonly byRollback: boolean
  /** Records show that no role of this ARN existed when it was named. */
  readonly neverExisted: boolean
}

/** What happened before and after the denial, as far as records show. */
export type TimeFacts = {
  /** The same caller, action, role and service succeeded later. Null: not seen. */
  readonly solved: {
    readonly atMs: number
    readonly afterMs: number
    readonly by: 'time' | 'change'
    /** The write between, as a sentence part. */
    readonly change: string | null
    /** Why a write between may have changed the answer unseen. Null: none can have. */
    readonly unsure: string | null
  } | null
  /** The answer when it was denied, by the policies of that moment. */
  readonly answerThen: Answer
  readonly roleAgeMs: number | null
  /** The latest write on either side before the denial. */
  readonly lastWrite: { readonly what: string; readonly agoMs: number } | null
  /** The write that took the permission away, as a sentence. Null: none is proved. */
  readonly takenBy: string | null
  /** The write between the denial and the reading of the policies that leaves them different answers. */
  readonly between: { readonly what: string; readonly atMs: number; readonly isReadBefore: boolean } | null
}

const NO_TIME: TimeFacts = {
  ...{ solved: null, answerThen: 'unknown', roleAgeMs: null, lastWrite: null, takenBy: null },
  between: null,
}

const NO_LIFE: RoleLife = { deletedAtMs: null, byRollback: false, neverExisted: false }

export type DiagnosisContext = {
  readonly denial: Denial
  readonly snapshot: AccessSnapshot
  readonly config: Settings
  readonly nowMs: number
  readonly filesOf: readonly string[] | null
  readonly life: RoleLife
  readonly time: TimeFacts
  readonly reason: AwsReason | null
  readonly resource: string | null
  readonly target: TargetRole | null
  readonly roleAccount: string | null
  /** Null: one of the accounts is unknown. */
  readonly crossAccount: boolean | null
  readonly passedService: Diagnosis['passedService']
  /** Null: the denial names no role, so nothing can be evaluated. */
  readonly evaluation: Evaluation | null
}

export type Rule = (context: DiagnosisContext) => Diagnosis | null

export function diagnosisContext(denial: Denial, snapshot: AccessSnapshot, options: DiagnoseOptions): DiagnosisContext {
  const named = denial.resource ?? denial.passes[0]?.arn ?? null
  // An instance profile was resolved to its role, which is the first target.
  const target = itemOf(snapshot.targets, named) ?? (named === null ? null : snapshot.targets[0]) ?? null
  const resource = target?.arn ?? named
  const arn = resource === null ? null : parseArn(resource)
  const roleAccount = arn !== null && /^\d{12}$/.test(arn.accountId) ? arn.accountId : null
  const caller = denial.principal.accountId
  return {
    denial,
    snapshot,
    config: options.config,
    nowMs: options.nowMs,
    filesOf: options.filesOf ?? null,
    life: options.life ?? NO_LIFE,
    time: options.time ?? NO_TIME,
    reason: awsReasonOf(denial),
    resource: arn === null ? null : resource,
    target,
    roleAccount,
    crossAccount: caller === null || roleAccount === null ? null : caller !== roleAccount,
    passedService: resource === null ? null : resolveService(denial, resource, target),
    evaluation: resource === null || arn === null ? null : evaluateRole(denial, snapshot, resource),
  }
}

/**
 * Evaluates the denied action on one role. If the receiving service is uncertain, evaluates every possible value of
 * `iam:PassedToService`: the answer is known only if all of them agree.
 */
export function evaluateRole(denial: Denial, snapshot: AccessSnapshot, resource: string): Evaluation {
  const request = requestOf(denial, resource)
  if (!descriptorOf(denial.action).passesRoles) return evaluate(request, snapshot)
  const under = (fact: ContextFact) =>
    evaluate({ ...request, context: { ...request.context, 'iam:passedtoservice': fact } }, snapshot)
  const target = itemOf(snapshot.targets, resource) ?? null
  const { services, bounded } = triedServices(denial, resource, target)
  const tried = services.map(service => ({
    service,
    evaluation: under(service === null ? ABSENT_KEY : present(service)),
  }))
  // AWS denied the call, so the call sent one of the values that are not allowed.
  const certain = bounded && tried.every(({ service }) => service !== null)
  const denied = certain ? tried.filter(({ evaluation }) => evaluation.answer !== 'allowed') : []
  const [first, ...more] = denied.length > 0 ? denied : tried
  const agree = first !== undefined && more.every(one => signature(one.evaluation) === signature(first.evaluation))
  // A guessed service proves no gap.
  return agree && (bounded || first.evaluation.answer === 'allowed')
    ? first.evaluation
    : under(unknownKey('it is not certain which service would receive the role'))
}

/** The service that receives one of the call's roles. */
export const serviceFor = ({ denial, snapshot, resource, passedService }: DiagnosisContext, role: string) =>
  role === resource ? passedService : resolveService(denial, role, itemOf(snapshot.targets, role) ?? null)

/** True when the policies that were read would allow the call with this service. */
export function isAllowedFor({ denial, snapshot, resource }: DiagnosisContext, service: string): boolean {
  if (resource === null) return false
  const request = requestOf(denial, resource)
  const context = { ...request.context, 'iam:passedtoservice': present(service) }
  return evaluate({ ...request, context }, snapshot).answer === 'allowed'
}

const signature = (evaluation: Evaluation): string =>
  [evaluation.answer, ...evaluation.layers.map(layer => `${layer.type}:${layer.answer}`)].join(' ')

export function layerOutcome(context: DiagnosisContext, type: PolicyType): LayerOutcome | null {
  for (const layer of context.evaluation?.layers ?? []) if (layer.type === type) return layer
  return null
}

/** False when policies of this type may exist that were not read. */
export function wasRead({ snapshot }: DiagnosisContext, layer: LayerOutcome | null): boolean {
  if (layer === null || layer.answer === 'unseen' || layer.unknowns.length > 0) return false
  return layer.type !== 'boundary' || layer.answer !== 'not-applicable' || snapshot.caller.kind === 'found'
}

/** True when no policy that was read allows, whatever the unknown condition keys are. */
export function lacks(layer: LayerOutcome | null): boolean {
  if (layer === null) return false
  if (layer.answer === 'implicit-deny') return true
  // RCPFullAWSAccess cannot be detached and allows everything that no other RCP denies.
  return (
    layer.type !== 'rcp' &&
    layer.answer === 'unknown' &&
    !layer.about.some(one => one.effect === 'Allow' && one.matches !== 'no')
  )
}

/** True for callers without identity policies: only the trust policy decides. */
export function hasNoIdentityPolicies(denial: Denial): boolean {
  switch (denial.principal.kind) {
    case 'web-identity':
    case 'saml':
    case 'service':
      return true
    case 'user':
    case 'role':
    case 'sso-role':
    case 'service-linked-role':
    case 'root':
    case 'federated-user':
    case 'unknown':
      return false
    default:
      return never(denial.principal.kind)
  }
}

/** True when the role's trust policy takes part in the decision. */
export const denialAsksTrust = ({ action, resource }: Denial): boolean => asksTrustPolicy(action, resource ?? '')

/** The answer to the denied call with the current snapshot. Every role that the call names must be allowed. */
export function evaluateNow(denial: Denial, snapshot: AccessSnapshot): Answer {
  const answers = snapshot.targets.map(target => evaluateRole(denial, snapshot, target.arn).answer)
  if (answers.length === 0) return 'unknown'
  if (answers.includes('denied')) return 'denied'
  return answers.every(answer => answer === 'allowed') ? 'allowed' : 'unknown'
}
