/** Did the denied call succeed later? CloudTrail's own history answers, never the table. */

import { MINUTE_MS, neutralText, type Refusal, utcSecond } from '../../../core/base/index.ts'
import type { Denial } from '../../../core/denial/index.ts'
import { isConditionCause, isHearsay } from '../../../core/diagnosis/index.ts'
import { isSameCall, joinedTrails, type Trail, trailOf, writeText } from '../../../core/timeline/index.ts'
import { HISTORY_DELAY_MS } from '../../domain/authority/index.ts'
import { deniedAtMs, type Occurrence, type Proposal, SOLVED } from '../../domain/proposal/index.ts'
import type { HistoryAttribute } from '../../ports/event-history.ts'
import type { Beside, BundleAnalysis } from '../deploy/analyze-bundle.ts'
import type { Lookups } from './lookups.ts'
import { namesBehind, namesOf, type PlacedDenial, readWrites } from './seen-writes.ts'

/** Of a busy call, one request shows 50 records: those of this time after the denial. */
const CALLS_WITHIN_MS = 5 * MINUTE_MS

/** The denial at the time of its last repeat. Null: a repeat is not counted yet, or a text alone reports it. */
export function lastDenied(
  { denial, repeats }: Pick<Proposal, 'denial' | 'repeats'>,
  occurrence: Occurrence | null,
): PlacedDenial | null {
  const { timeMs, accountId, region } = denial
  // The confirmation of a text comes first: it needs the same requests.
  if (isHearsay(denial) || timeMs === null || accountId === null || region === null) return null
  if (occurrence !== null && deniedAtMs(occurrence) > repeats.lastSeenMs) return null
  return { ...denial, timeMs: Math.max(timeMs, repeats.lastSeenMs), accountId, region }
}

/** `trail`: with a later call of the same caller. Null: none was found. */
export type LaterCalls = { readonly trail: Trail | null; readonly outcome: 'not-seen' | 'unreadable' | 'spent' }

export type SearchBy = 'session' | 'call'

/** A session has few records. A call is searched because another session is the same caller. */
export async function callsAfter(
  denial: PlacedDenial,
  order: readonly SearchBy[],
  untilMs: number,
  lookups: Lookups,
): Promise<LaterCalls> {
  const { timeMs, accountId, region } = denial
  let outcome: LaterCalls['outcome'] = 'not-seen'
  for (const kind of order) {
    const by = attributeOf(denial, kind)
    if (by === null) continue
    const toMs = kind === 'session' ? untilMs : Math.min(untilMs, timeMs + CALLS_WITHIN_MS)
    const answer = await lookups.ask({ accountId, region }, by, { fromMs: timeMs, toMs })
    if (answer.kind !== 'read') {
      outcome = answer.kind
      continue
    }
    const trail = trailOf(answer.records, [denial])
    if (successIn(trail, denial) !== null) return { trail, outcome }
  }
  return { trail: null, outcome }
}

function attributeOf({ principal, call }: Denial, by: SearchBy): HistoryAttribute | null {
  if (by === 'call') return call.eventName === null ? null : { eventName: call.eventName }
  const user = principal.sessionName ?? (principal.kind === 'user' ? principal.name : null)
  return user === null ? null : { userName: user }
}

/** Of the same role and service: the history lists every call of a session. */
function successIn({ calls }: Trail, denial: PlacedDenial): number | null {
  const resource = denial.resource ?? denial.passes[0]?.arn ?? null
  const isIt = (call: Denial): boolean =>
    call.timeMs !== null && call.timeMs > denial.timeMs && resource !== null && isSameCall(denial, resource, call)
  return calls.find(isIt)?.timeMs ?? null
}

const NOT_ALL = 'only the writes on the caller and the role were asked for'

/** Why nothing is to change any more. Null: the later call was not the same one. */
export async function solvedBy(
  proposal: Proposal,
  denial: PlacedDenial,
  calls: Trail,
  {
    lookups,
    nowMs,
    analyze,
  }: {
    readonly lookups: Lookups
    readonly nowMs: number
    readonly analyze: (beside: Pick<Beside, 'trail'>) => Promise<BundleAnalysis>
  },
): Promise<Refusal | null> {
  const window = { fromMs: denial.timeMs, toMs: successIn(calls, denial) ?? nowMs }
  const writes = await readWrites(denial, namesOf(denial), window, lookups)
  const trail = { ...joinedTrails([calls, writes.trail]), gap: NOT_ALL }
  const analysis = await analyze({ trail: { trail, readAtMs: nowMs, archive: null } })
  const behind = await readWrites(denial, namesBehind(denial, analysis.snapshot, writes.trail), window, lookups)
  return inWords(proposal, analysis, {
    isRead: writes.isRead && behind.isRead && behind.trail.writes.length === 0,
    nowMs,
  })
}

/** `isRead`: no change came between, on either side or in a policy or group behind the caller. */
function inWords(
  proposal: Proposal,
  { timeline, diagnosis }: BundleAnalysis,
  { isRead, nowMs }: { readonly isRead: boolean; readonly nowMs: number },
): Refusal | null {
  const solved = timeline?.solved ?? null
  if (solved === null) return null
  const when = `It worked at ${utcSecond(solved.atMs)}, ${lengthOf(solved.afterMs)} later`
  const message = (text: string): Refusal => ({ code: SOLVED, message: neutralText(text, MAX_CHARS), owner: null })
  if (solved.by === 'change') {
    const change = solved.write === null ? 'perhaps after a change' : `after ${writeText(solved.write)}`
    return message(`${when}, ${change}; nothing more to change.`)
  }
  if (timeline?.answerThen === 'unknown' && isConditionCause(diagnosis.cause))
    return message(`${when}; it may have sent what the denied call did not. Nothing to change in the policies.`)
  if (timeline?.answerThen === 'denied' && diagnosis.cause !== 'transient' && diagnosis.cause !== 'already-allowed')
    return message(
      `${when}, although the policies that were read do not allow it: repeat the call before anything is changed.`,
    )
  // The card saw the gap, and the call worked after that.
  if (solved.atMs > proposal.createdAtMs && isProvedGap(proposal))
    return message(`${when}, after a change that CloudTrail's history does not name yet; nothing more to change.`)
  if (!isRead) return message(`${when}; whether a change came between could not be read. Nothing more to change.`)
  const knownMs = solved.atMs + HISTORY_DELAY_MS
  if (nowMs < knownMs)
    return message(
      `${when}; nothing more to change. Whether a change made it work, CloudTrail shows by ${utcSecond(knownMs)}.`,
    )
  return message(`${when}; nothing to change.`)
}

const MAX_CHARS = 1_000
const isProvedGap = ({ diagnosis }: Proposal): boolean => diagnosis.verdict === 'proved' && diagnosis.gaps.length > 0
const lengthOf = (ms: number): string =>
  ms < 2 * MINUTE_MS ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / MINUTE_MS)} min`
