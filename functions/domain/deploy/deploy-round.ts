/** What is remembered of a failed deploy: its tries, until what broke them was lifted. */
import { digestOf } from '../base/canonical-json.ts'
import { deniedAtMs, type Occurrence } from '../proposal/proposal.ts'
import {
  type Cause,
  type DeployState,
  type DeployTemplate,
  type DeployTraces,
  type FailedDeploy,
  type Past,
  tryOf,
} from './deploy.ts'

const HOUR_MS = 3_600_000

/** A deploy that failed longer ago is another story. */
export const ROUND_MS = 24 * HOUR_MS

/** Tries without an id of their own count as one within this time. */
const SAME_TRY_MS = HOUR_MS / 2

const MAX_ATTEMPTS = 20

const MAX_SAID = 50

export function deployKey({ accountId, region, kind, target }: FailedDeploy): string {
  return digestOf({ accountId, region, kind, target }).slice('sha256:'.length, 'sha256:'.length + 16)
}

/** Names one round of a deploy: what a message is posted under. */
export const roundKey = ({ key, generation }: Pick<DeployState, 'key' | 'generation'>): string => `${key}.${generation}`

export type Failure = {
  readonly deploy: FailedDeploy
  readonly traces: DeployTraces
  readonly causes: readonly Cause[]
  readonly template?: DeployTemplate
}

/** `mended`: what broke the tries before was lifted before this one, so that this one is news. */
export function withFailure(before: DeployState | null, failure: Failure, mended: boolean): DeployState {
  const { deploy, traces, causes, template } = failure
  const attempt = { id: attemptOf(deploy), atMs: deploy.failedAtMs }
  if (before === null || (mended && isNewAttempt(before, deploy)))
    return {
      key: deployKey(deploy),
      generation: (before?.generation ?? 0) + 1,
      deploy,
      traces,
      attempts: [attempt],
      causes,
      ...(template === undefined ? {} : { template }),
      ...(before === null ? {} : { past: pastOf(before) }),
      noticedAtMs: null,
      noticingUntilMs: 0,
      alert: null,
      postingUntilMs: 0,
    }
  const newer = deploy.failedAtMs >= before.deploy.failedAtMs
  const again = isNewAttempt(before, deploy)
  return {
    ...before,
    deploy: newer ? deploy : before.deploy,
    traces: joinedTraces(before.traces, traces, again),
    attempts: again ? [...before.attempts, attempt].slice(-MAX_ATTEMPTS) : before.attempts,
    causes: joinedCauses(before.causes, causes),
    ...(template === undefined ? {} : { template }),
  }
}

export const pastOf = ({ causes, deploy }: DeployState): Past => ({
  fingerprints: causes.map(({ fingerprint }) => fingerprint),
  untilMs: deploy.failedAtMs,
})

export function isPast(occurrence: Occurrence, past: Past | undefined): boolean {
  if (past === undefined) return false
  return past.fingerprints.includes(occurrence.fingerprint) && deniedAtMs(occurrence) <= past.untilMs
}

const attemptOf = (deploy: FailedDeploy): string =>
  tryOf(deploy) ?? `about ${Math.floor(deploy.failedAtMs / SAME_TRY_MS)}`

export function isNewAttempt({ attempts }: DeployState, deploy: FailedDeploy): boolean {
  return !attempts.some(
    ({ id, atMs }) =>
      id === attemptOf(deploy) || (deploy.attempt === null && Math.abs(atMs - deploy.failedAtMs) < SAME_TRY_MS),
  )
}

/** `again`: b is of another try than a, whose words say nothing of it. */
function joinedTraces(a: DeployTraces, b: DeployTraces, again: boolean): DeployTraces {
  const both = (name: 'said' | 'roles' | 'sessions' | 'ownRoles') =>
    [...new Set([...a[name], ...b[name]])].slice(-MAX_SAID)
  return {
    said: both('said'),
    roles: both('roles'),
    sessions: both('sessions'),
    ownRoles: both('ownRoles'),
    via: b.via ?? a.via,
    fromMs: Math.min(a.fromMs, b.fromMs),
    untilMs: Math.max(a.untilMs, b.untilMs),
    otherwise: b.otherwise && (again || a.otherwise),
  }
}

export function joinedCauses(a: readonly Cause[], b: readonly Cause[]): readonly Cause[] {
  const sure = (cause: Cause) => cause.confidence === 'caused by'
  const added = b.filter(
    ({ fingerprint }, index) =>
      !a.some(cause => cause.fingerprint === fingerprint) &&
      b.findIndex(other => other.fingerprint === fingerprint) === index,
  )
  const kept = a.map(cause => b.find(other => other.fingerprint === cause.fingerprint && sure(other)) ?? cause)
  return [...kept, ...added]
}

/** A deploy tool tells of a denial within this time of AWS's own record of it: it retries first, and clocks differ. */
export const TWIN_MS = 10 * 60_000
