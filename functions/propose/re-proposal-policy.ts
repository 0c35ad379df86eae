/** Whether an occurrence leads to a new proposal. A denial has one current proposal and a chain of earlier ones. */
import { DAY_MS, HOUR_MS, never } from '../../core/base/index.ts'
import type { AppliedMode, Config } from '../domain/config/index.ts'
import {
  type Closed,
  deniedAtMs,
  isObserved,
  isPullOpen,
  keepsGrantUntil,
  type Occurrence,
  PROPAGATION_MS,
  type Proposal,
  type Rejected,
  SOLVED,
  seenEverywhereMs,
} from '../domain/proposal/index.ts'

/**
 * `repeat`: a proposal is in progress and counts it. `quiet`: a recent decision or result still applies. `reanalyze`: a new
 * card only if the analysis has another result.
 */
export type Reaction = 'repeat' | 'quiet' | 'reanalyze' | 'propose'

export function reactionTo(
  occurrence: Occurrence,
  current: Proposal,
  { config, mode, nowMs }: { readonly config: Config; readonly mode: AppliedMode; readonly nowMs: number },
): Reaction {
  switch (current.status) {
    case 'drafted':
    case 'open':
    case 'approved':
    case 'applying':
    case 'reverting':
      return 'repeat'
    case 'applied':
    case 'confirmed':
      return deniedAfter(occurrence, seenEverywhereMs(current.applied) + PROPAGATION_MS) ? 'propose' : 'quiet'
    case 'rejected':
      if (isLeftToPull(current, nowMs)) return 'quiet'
      // People let a grant end: what is denied since is a question of its own.
      if (keepsGrantUntil(current) !== null && deniedAfter(occurrence, current.rejection.atMs)) return 'propose'
      return deniedAfter(occurrence, current.rejection.atMs) && nowMs >= current.rejection.atMs + quietMs(config)
        ? 'propose'
        : 'quiet'
    case 'closed':
      return isObserved(current)
        ? reactionToObserved(occurrence, current, mode, nowMs >= current.createdAtMs + quietMs(config))
        : reactionToClosed(occurrence, current, config, nowMs)
    // The approved change no longer applied, and the denial persists, so it is analyzed with the current policies.
    case 'stale':
      if (current.failure.code !== SOLVED) return 'propose'
      return deniedAfter(occurrence, current.repeats.lastSeenMs) ? 'propose' : 'quiet'
    case 'reverted':
    case 'expired':
    case 'failed':
      return deniedAfter(occurrence, current.repeats.lastSeenMs) ? 'propose' : 'quiet'
    default:
      return never(current)
  }
}

/** Somebody may still merge it. A pull request without activity for longer does not count any more. */
const PULL_QUIET_MS = 14 * DAY_MS
const isLeftToPull = ({ rejection, pull }: Rejected, nowMs: number): boolean =>
  pull !== undefined && rejection.pullRequest === true && isPullOpen(pull) && nowMs < rejection.atMs + PULL_QUIET_MS

/** After a rejection, or a card that named an owner: as long as an approval may take. */
const quietMs = (config: Config): number => config.approvalExpiryHours * HOUR_MS

/** In observe, a denial is analyzed as often as a card would be posted. After the mode is raised, the next denial gets its card. */
function reactionToObserved(occurrence: Occurrence, current: Closed, { mode }: AppliedMode, isOver: boolean): Reaction {
  if (!deniedAfter(occurrence, current.createdAtMs)) return 'quiet'
  return mode !== 'observe' || isOver ? 'propose' : 'quiet'
}

/** There was nothing to approve. If there was no card either, the request was allowed at that time. */
function reactionToClosed(occurrence: Occurrence, current: Closed, config: Config, nowMs: number): Reaction {
  // It came from a deploy's text. CloudTrail's record of it has more facts.
  if (current.denial.source === 'message' && occurrence.denial.source === 'cloudtrail') return 'reanalyze'
  if (!deniedAfter(occurrence, current.createdAtMs)) return 'quiet'
  if (current.card === null) return 'propose'
  return nowMs >= current.createdAtMs + quietMs(config) ? 'propose' : 'reanalyze'
}

const deniedAfter = (occurrence: Occurrence, atMs: number): boolean => deniedAtMs(occurrence) > atMs
