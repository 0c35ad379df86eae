import type { Denial } from '../denial/denial.ts'
import { fingerprintOf, requestKeyOf } from '../denial/fingerprint.ts'

/** CloudTrail's event history shows a record by then. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html */
export const HISTORY_DELAY_MS = 15 * 60_000

/** The clocks of the service that refused and of the tool that reported it can differ by this much. */
const TOLERANCE_MS = 10 * 60_000

/** Whether AWS's own record, read as a denial, is the reported one. */
export function isSameDenial(reported: Denial, recorded: Denial): boolean {
  if (reported.source === 'cloudtrail')
    return reported.id === recorded.id && fingerprintOf(reported) === fingerprintOf(recorded)
  if (reported.timeMs === null || recorded.timeMs === null) return false
  return (
    requestKeyOf(reported) === requestKeyOf(recorded) && Math.abs(reported.timeMs - recorded.timeMs) <= TOLERANCE_MS
  )
}

/** What the history says of a denial. `waiting`: it may still appear. */
export type Witness =
  | { readonly kind: 'confirmed'; readonly eventId: string }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'refuted'; readonly why: string }
  | { readonly kind: 'unreadable'; readonly why: string }

/** Nothing was found: too early to tell, or AWS never recorded it. */
export function unseenWitness(denial: Pick<Denial, 'timeMs'>, nowMs: number): Witness {
  if (denial.timeMs !== null && nowMs - denial.timeMs < HISTORY_DELAY_MS) return { kind: 'waiting' }
  return { kind: 'refuted', why: 'CloudTrail has no record of this denial' }
}
