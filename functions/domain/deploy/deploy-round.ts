/** The stored state of a failed deploy: its attempts until their cause is fixed. */

import { canonicalJson, digestOf, HOUR_MS, MINUTE_MS } from '../../../core/base/index.ts'
import { deniedAtMs, type Occurrence } from '../proposal/index.ts'
import type { CorrelationKeys, DeployCause, DeployState, DeployTemplate, FailedDeploy, PastCauses } from './deploy.ts'
import { attemptsOf, withAttempt } from './deploy-attempts.ts'
import { joinedPermissions, type MissingPermission } from './missing-permission.ts'
import type { TrustFault } from './trust-fault.ts'

/** A failure that is older belongs to another round. */
export const ROUND_MS = 24 * HOUR_MS

const MAX_KEYS = 50

/** A part has the key of the whole. */
export function deployKey({
  accountId,
  region,
  partOf,
  ...own
}: Pick<FailedDeploy, 'accountId' | 'region' | 'kind' | 'target' | 'partOf'>): string {
  const { kind, target } = partOf ?? own
  return digestOf({ accountId, region, kind, target }).slice('sha256:'.length, 'sha256:'.length + 16)
}

/** Identifies one round of a deploy: the key of its messages. */
export const roundKey = ({ key, round }: Pick<DeployState, 'key' | 'round'>): string => `${key}.${round}`

export type DeployFailure = {
  readonly deploy: FailedDeploy
  readonly correlation: CorrelationKeys
  readonly causes: readonly DeployCause[]
  readonly template?: DeployTemplate
  readonly leftOut?: number
  /** Of this attempt. */
  readonly faults?: readonly TrustFault[]
  /** Of this attempt. */
  readonly permissions?: readonly MissingPermission[]
  /** Of this attempt. */
  readonly otherReason?: string
  /** Of this attempt. */
  readonly withheld?: number
  /** Of this attempt. */
  readonly unread?: string
}

/**
 * `begins`: true where the causes of the earlier attempts were settled before this one, so it begins a new round. `other`: a new round
 * too, as it failed by something else; its open causes stay.
 */
export function withFailure(
  before: DeployState | null,
  failure: DeployFailure,
  begins: boolean | 'other',
): DeployState {
  const { deploy, correlation, causes, template, leftOut, faults, permissions, otherReason, withheld, unread } = failure
  if (before === null || (begins !== false && isNewAttempt(before, deploy)))
    return {
      key: deployKey(deploy),
      round: (before?.round ?? 0) + 1,
      deploy,
      correlation,
      attempts: withAttempt([], deploy),
      causes: before !== null && begins === 'other' ? joinedCauses(before.causes, causes) : causes,
      ...(template === undefined ? {} : { template }),
      ...(leftOut === undefined ? {} : { leftOut }),
      ...(faults === undefined ? {} : { faults }),
      ...(permissions === undefined ? {} : { permissions }),
      ...(otherReason === undefined ? {} : { otherReason }),
      ...(withheld === undefined ? {} : { withheld }),
      ...(unread === undefined ? {} : { unread }),
      ...pastOf(before, begins),
      noticedAtMs: null,
      noticingUntilMs: 0,
      alert: null,
      postingUntilMs: 0,
    }
  const newer = deploy.failedAtMs >= before.deploy.failedAtMs
  const again = isNewAttempt(before, deploy)
  const lacks = lackedBy(before, failure, { again, newer })
  const { otherReason: earlier, unread: unreadBefore, ...kept } = before
  const isNews = (again && newer) || (!again && isLastAttempt(before, deploy) && !isUnexplained(failure))
  const reason = isNews ? otherReason : earlier
  const isOfLast = newer && (again || isLastAttempt(before, deploy))
  // What nobody could read of a build, its pipeline does not tell, whichever comes first.
  const isBoth = !again && (before.deploy.partOf === undefined) !== (deploy.partOf === undefined)
  const why = isBoth && isUnexplained(failure) ? (unreadBefore ?? unread) : isOfLast ? unread : unreadBefore
  const hidden = isOfLast ? Math.max(withheld ?? 0, again ? 0 : (before.withheld ?? 0)) : (before.withheld ?? 0)
  return {
    ...kept,
    ...(reason === undefined ? {} : { otherReason: reason }),
    ...(why === undefined ? {} : { unread: why }),
    ...(hidden === 0 && before.withheld === undefined ? {} : { withheld: hidden }),
    deploy: shownDeploy(before, deploy, { again, newer }),
    correlation: joinedKeys(before.correlation, correlation, again),
    attempts: withAttempt(before.attempts, deploy),
    causes: joinedCauses(before.causes, causes),
    ...(template === undefined ? {} : { template }),
    ...(leftOut === undefined ? {} : { leftOut: Math.max(before.leftOut ?? 0, leftOut) }),
    ...lacks,
  }
}

/** What the last attempt lacks besides its causes: an event that names less takes nothing away, and one of an earlier attempt adds nothing. */
function lackedBy(
  before: DeployState,
  { deploy, faults, permissions }: DeployFailure,
  { again, newer }: { readonly again: boolean; readonly newer: boolean },
): Pick<DeployState, 'faults' | 'permissions'> {
  if (again && newer)
    return {
      ...(faults === undefined && before.faults === undefined ? {} : { faults: faults ?? [] }),
      ...(permissions === undefined && before.permissions === undefined ? {} : { permissions: permissions ?? [] }),
    }
  if (again || !isLastAttempt(before, deploy)) return {}
  const joined = joinedPermissions(before.permissions ?? [], permissions ?? [])
  return {
    ...(faults === undefined || faults.length === 0 ? {} : { faults }),
    ...(permissions === undefined ? {} : { permissions: joined }),
  }
}

const isUnexplained = ({ causes, faults = [], permissions = [] }: DeployFailure): boolean =>
  causes.length + faults.length + permissions.length === 0

/** Of one attempt, the whole is shown and not its part, whichever comes first. */
function shownDeploy(
  before: DeployState,
  deploy: FailedDeploy,
  { again, newer }: { readonly again: boolean; readonly newer: boolean },
): FailedDeploy {
  const isPart = (one: FailedDeploy) => one.partOf !== undefined
  if (!again && isPart(before.deploy) !== isPart(deploy)) return isPart(deploy) ? before.deploy : deploy
  return newer ? deploy : before.deploy
}

const isLastAttempt = ({ attempts }: DeployState, deploy: FailedDeploy): boolean =>
  !isNewAttempt({ attempts: attempts.slice(-1) }, deploy)

export const pastCausesOf = ({ causes, deploy }: DeployState): PastCauses => ({
  fingerprints: causes.map(({ fingerprint }) => fingerprint),
  untilMs: deploy.failedAtMs,
})

export function isPast(occurrence: Occurrence, past: PastCauses | undefined): boolean {
  if (past === undefined) return false
  return past.fingerprints.includes(occurrence.fingerprint) && deniedAtMs(occurrence) <= past.untilMs
}

function pastOf(before: DeployState | null, begins: boolean | 'other'): Pick<DeployState, 'past'> {
  if (before === null) return {}
  if (begins === 'other') return before.past === undefined ? {} : { past: before.past }
  return { past: pastCausesOf(before) }
}

/** True where the attempt lacks something, and nothing of what the earlier ones lacked. */
export function isOtherFailure(
  before: DeployState,
  {
    permissions,
    faults,
    requests,
  }: {
    readonly permissions: readonly MissingPermission[]
    readonly faults: readonly TrustFault[]
    /** Of the denials in its texts. */
    readonly requests: readonly string[]
  },
): boolean {
  const nameOf = ({ action, call, principal, resource }: MissingPermission) =>
    canonicalJson([action ?? call?.operation ?? null, action === null ? null : [principal, resource]])
  const faultOf = ({ kind, service, role }: TrustFault) => canonicalJson([kind, service, role])
  const lacked = (all: Pick<DeployState, 'permissions' | 'faults'>, keys: readonly string[]) => [
    ...(all.permissions ?? []).map(nameOf),
    ...(all.faults ?? []).map(faultOf),
    ...keys,
  ]
  const { correlation } = before
  const earlier = lacked(before, [...correlation.requests, ...(correlation.repeated ?? [])])
  const now = lacked({ permissions, faults }, requests)
  const isNamed = earlier.length + before.causes.length > 0 || before.unread !== undefined
  return isNamed && now.length > 0 && !now.some(each => earlier.includes(each))
}

export const isNewAttempt = ({ attempts }: Pick<DeployState, 'attempts'>, deploy: FailedDeploy): boolean =>
  attemptsOf(attempts, deploy).length === 0

/** `again`: b is another attempt than a, so a's reasons do not apply to it. */
function joinedKeys(a: CorrelationKeys, b: CorrelationKeys, again: boolean): CorrelationKeys {
  const both = (name: 'requests' | 'repeated' | 'roles' | 'sessions' | 'ownRoles') =>
    [...new Set([...(a[name] ?? []), ...(b[name] ?? [])])].slice(-MAX_KEYS)
  const repeated = both('repeated')
  return {
    requests: both('requests'),
    ...(repeated.length === 0 ? {} : { repeated }),
    roles: both('roles'),
    sessions: both('sessions'),
    ownRoles: both('ownRoles'),
    via: b.via ?? a.via,
    fromMs: Math.min(a.fromMs, b.fromMs),
    untilMs: Math.max(a.untilMs, b.untilMs),
    explained: b.explained && (again || a.explained),
  }
}

export function joinedCauses(a: readonly DeployCause[], b: readonly DeployCause[]): readonly DeployCause[] {
  const sure = (cause: DeployCause) => cause.confidence === 'caused by'
  const added = b.filter(
    ({ fingerprint }, index) =>
      !a.some(cause => cause.fingerprint === fingerprint) &&
      b.findIndex(other => other.fingerprint === fingerprint) === index,
  )
  const surer = a.map(cause => b.find(other => other.fingerprint === cause.fingerprint && sure(other)) ?? cause)
  return [...surer, ...added]
}

/** A deploy tool and CloudTrail report the same denial within this time: the tool retries first, and clocks differ. */
export const TWIN_MS = 10 * MINUTE_MS
