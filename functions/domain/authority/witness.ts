import type * as z from 'zod'
import { type Denial, fingerprintOf, requestKeyOf } from '../../../core/denial/index.ts'
import { isHearsay } from '../../../core/diagnosis/index.ts'
import type { Risk } from '../../../core/patch/index.ts'
import { BOUNDED, type Signed, signedShape, statementKind } from './statement.ts'

/** CloudTrail's event history shows a record by then. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html */
export const HISTORY_DELAY_MS = 15 * 60_000

/** The clocks of the service that refused and of the tool that reported it can differ by this much. */
const TOLERANCE_MS = 10 * 60_000

/**
 * Whether AWS's own record, read as a denial, is the reported one: caller, action, role, account and time. Session and exact time
 * count too: they decide who may not approve, and how old the denial is.
 */
export function isSameDenial(reported: Denial, recorded: Denial): boolean {
  if (reported.timeMs === null || recorded.timeMs === null) return false
  if (isHearsay(reported)) {
    const session = reported.principal.sessionName
    return (
      requestKeyOf(reported) === requestKeyOf(recorded) &&
      (session === null || session === recorded.principal.sessionName) &&
      Math.abs(reported.timeMs - recorded.timeMs) <= TOLERANCE_MS
    )
  }
  return (
    reported.id === recorded.id &&
    fingerprintOf(reported) === fingerprintOf(recorded) &&
    reported.timeMs === recorded.timeMs &&
    reported.principal.kind === recorded.principal.kind &&
    reported.principal.arn === recorded.principal.arn &&
    reported.principal.sessionName === recorded.principal.sessionName &&
    hasSameKey(reported, recorded) &&
    sourceIdentityOf(reported) === sourceIdentityOf(recorded)
  )
}

/** It leads to who was denied. A version before this one stored none. */
const hasSameKey = ({ principal: { sessionKey } }: Denial, recorded: Denial): boolean =>
  sessionKey === undefined || sessionKey === recorded.principal.sessionKey

/** Says who was denied, as the session name does. */
function sourceIdentityOf({ context }: Denial): string | null {
  const source = context['aws:sourceidentity']
  return source?.state === 'present' ? (source.values[0] ?? null) : null
}

/** Asked before it is written: what a text reports, and whatever opens much. Ordinary changes do not wait for a slow history. */
export const needsWitness = (denial: Denial, risks: readonly Risk[]): boolean =>
  isHearsay(denial) || risks.some(risk => risk !== 'low')

/** What the history says of a denial. `waiting`: it may still appear. */
export type Witness =
  | { readonly kind: 'confirmed'; readonly denial: Denial }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'refuted'; readonly why: string }
  | { readonly kind: 'unreadable'; readonly why: string }
  /** It was asked as often as it may be, and not any more: nothing is known. */
  | { readonly kind: 'spent'; readonly why: string }

/** Nothing was found: too early to tell, or AWS never recorded it. */
export function unseenWitness(denial: Pick<Denial, 'timeMs'>, nowMs: number): Witness {
  if (denial.timeMs !== null && nowMs - denial.timeMs < HISTORY_DELAY_MS) return { kind: 'waiting' }
  return { kind: 'refuted', why: 'CloudTrail has no record of this denial' }
}

/** What `verify` signs after a low-risk write: that CloudTrail has the denial. */
export const RECORD_SEEN = statementKind('rolemedic.record-seen/1', 'attestations', {
  patchDigest: BOUNDED.digest,
  /** CloudTrail's id of the event. */
  eventId: BOUNDED.text(128),
})
export type RecordSeen = z.infer<typeof RECORD_SEEN.schema>
export type SignedRecordSeen = Signed<RecordSeen>
export const signedRecordSeenSchema = signedShape(RECORD_SEEN)
