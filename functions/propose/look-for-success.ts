/**
 * Did the call of an open card succeed later? CloudTrail's own history answers, never the table. Then the card closes: there is
 * nothing to approve. Idempotent: a repeat finds a card that has ended, or looks again within the same budget.
 */

import { fail, MINUTE_MS, neutralText, ok, type Refusal, utcSecond } from '../../core/base/index.ts'
import type { Denial } from '../../core/denial/index.ts'
import { isHearsay } from '../../core/diagnosis/index.ts'
import { iamRegion, joinedTrails, type Trail, trailOf, writeText } from '../../core/timeline/index.ts'
import { deniedAtMs, type Open, type Proposal, SOLVED, type Stale, stale } from '../domain/proposal/index.ts'
import { COUNTERS } from '../domain/stored/index.ts'
import type { EventHistory, HistoryAttribute } from '../ports/event-history.ts'
import { grantsBefore } from '../workflows/denial/earlier-grants.ts'
import { type BundleAnalysis, bundledNeeds } from '../workflows/deploy/analyze-bundle.ts'
import { updateProposal } from '../workflows/optimistic-update.ts'
import { isSameCard } from './card-review.ts'
import { announceStale } from './open-card.ts'
import type { ProposeDeps } from './propose.ts'

/** `spent`: this denial has no requests left. `postponed`: it was denied again, or its own record has not come yet. */
export type SuccessLook = 'solved' | 'not-seen' | 'unreadable' | 'spent' | 'postponed' | 'ended'

type Deps = ProposeDeps & { readonly history: Pick<EventHistory, 'search'> }

/** AWS allows two requests a second for each account and Region, and others need them too. */
export const MAX_LOOKUPS = 8
/** Of a busy call, one request shows 50 records: those of this time after the denial. */
const CALLS_WITHIN_MS = 5 * MINUTE_MS
const COUNTED_FOR_MS = 24 * 60 * MINUTE_MS

export function makeLookForSuccess(deps: Deps): (proposalId: string) => Promise<SuccessLook> {
  return async proposalId => {
    const open = await deps.store.get(proposalId)
    if (open?.status !== 'open') return 'ended'
    const asked = await lastDenied(open, deps)
    if (asked === null) return 'postponed'
    const ask = budgeted(open, deps)
    const calls = await callsAfter(asked, ask, deps)
    const success = calls.trail?.calls.find(({ timeMs }) => timeMs !== null && timeMs > asked.timeMs)
    if (calls.trail === null || success === undefined) return calls.outcome
    const writes = await writesUntil(asked, success.timeMs ?? asked.timeMs, ask)
    const trail = { ...joinedTrails([calls.trail, ...writes.trails]), gap: NOT_ALL }
    const analysis = await deps.analyze(asked, deps.clock(), {
      needs: bundledNeeds(open),
      earlierGrants: await grantsBefore(open, deps.store),
      trail: { trail, readAtMs: deps.clock(), archive: null },
    })
    const why = solvedBy(open, analysis, writes.isRead)
    return why === null ? 'not-seen' : close(open, why, deps)
  }
}

const NOT_ALL = 'only the writes on the caller and the role were asked for'

type Asked = Denial & { readonly timeMs: number; readonly accountId: string; readonly region: string }

/** The denial at the time of its last repeat. Null: a repeat is not counted yet, or a text alone reports it. */
async function lastDenied({ denial, repeats, fingerprint }: Open, { store }: Deps): Promise<Asked | null> {
  const { timeMs, accountId, region } = denial
  // The confirmation of a text comes first: it needs the same requests.
  if (isHearsay(denial) || timeMs === null || accountId === null || region === null) return null
  const occurrence = await store.occurrence(fingerprint)
  if (occurrence !== null && deniedAtMs(occurrence) > repeats.lastSeenMs) return null
  return { ...denial, timeMs: Math.max(timeMs, repeats.lastSeenMs), accountId, region }
}

type Place = Parameters<EventHistory['search']>[0]
type Window = Parameters<EventHistory['search']>[2]
type Answer =
  | { readonly kind: 'read'; readonly records: readonly unknown[] }
  | { readonly kind: 'spent' | 'unreadable' }
type Ask = (place: Place, by: HistoryAttribute, window: Window) => Promise<Answer>

/** Counted in the table before each request, so that no repeat of the message asks for more. */
function budgeted({ id }: Open, { history, store, clock, observer }: Deps): Ask {
  return async (place, by, window) => {
    const used = await store.increment(`${COUNTERS.lookups}${id}`, clock() + COUNTED_FOR_MS)
    if (used > MAX_LOOKUPS) {
      observer.log('warn', 'event_history_budget_spent', { proposalId: id, region: place.region })
      return { kind: 'spent' }
    }
    const read = await history
      .search(place, by, window, { maxRequests: 1 })
      .catch(error => ({ known: false as const, why: String(error) }))
    if (!read.known) {
      observer.log('warn', 'event_history_unreadable', { proposalId: id, why: read.why })
      return { kind: 'unreadable' }
    }
    return { kind: 'read', records: read.value.records }
  }
}

/** By session first, which has few records, then by call: another session is the same caller. */
async function callsAfter(
  asked: Asked,
  ask: Ask,
  { clock }: Deps,
): Promise<{ readonly trail: Trail | null; readonly outcome: SuccessLook }> {
  const { principal, call, timeMs } = asked
  const place = { accountId: asked.accountId, region: asked.region }
  const untilMs = clock()
  const user = principal.sessionName ?? (principal.kind === 'user' ? principal.name : null)
  const searches: readonly (readonly [HistoryAttribute, Window])[] = [
    ...(user === null ? [] : [[{ userName: user }, { fromMs: timeMs, toMs: untilMs }] as const]),
    ...(call.eventName === null
      ? []
      : [
          [
            { eventName: call.eventName },
            { fromMs: timeMs, toMs: Math.min(untilMs, timeMs + CALLS_WITHIN_MS) },
          ] as const,
        ]),
  ]
  let outcome: SuccessLook = 'not-seen'
  for (const [by, window] of searches) {
    const answer = await ask(place, by, window)
    if (answer.kind !== 'read') {
      outcome = answer.kind
      continue
    }
    const trail = trailOf(answer.records, [asked])
    if (trail.calls.some(one => one.timeMs !== null && one.timeMs > timeMs)) return { trail, outcome }
  }
  return { trail: null, outcome }
}

type Writes = {
  readonly trails: readonly Trail[]
  /** The history answered for both sides. */
  readonly isRead: boolean
}

/** IAM's writes on both sides between denial and success, as far as their records name these entities. */
async function writesUntil(asked: Asked, untilMs: number, ask: Ask): Promise<Writes> {
  const region = iamRegion(asked.partition)
  const { principal, resource } = asked
  if (region === null) return { trails: [], isRead: false }
  const role = resource === null ? null : /^arn:[^:]*:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(resource)
  const entities = [
    [principal.accountId, principal.name],
    [role?.[1] ?? null, role?.[2] ?? null],
  ] as const
  const trails: Trail[] = []
  for (const [accountId, name] of entities) {
    if (accountId === null || name === null) continue
    const window = { fromMs: asked.timeMs, toMs: untilMs }
    const answer = await ask({ accountId, region }, { resourceName: name }, window)
    if (answer.kind === 'read') trails.push(trailOf(answer.records, [asked]))
  }
  return { trails, isRead: trails.length === entities.length }
}

/** Null: the later call was not the same one. */
function solvedBy(open: Open, { timeline, diagnosis }: BundleAnalysis, writesRead: boolean): Refusal | null {
  const solved = timeline?.solved ?? null
  if (solved === null) return null
  const when = `It worked at ${utcSecond(solved.atMs)}, ${inWords(solved.afterMs)} later`
  const message = (text: string): Refusal => ({ code: SOLVED, message: neutralText(text, MAX_CHARS), owner: null })
  if (solved.by === 'change') {
    const change = solved.write === null ? 'perhaps after a change' : `after ${writeText(solved.write)}`
    return message(`${when}, ${change}; nothing more to change.`)
  }
  if (diagnosis.cause !== 'transient' && diagnosis.cause !== 'already-allowed')
    return message(
      `${when}, although the policies that were read do not allow it: repeat the call before anything is changed.`,
    )
  // The card saw the gap, and the call worked after that.
  if (solved.atMs > open.createdAtMs && isProvedGap(open))
    return message(`${when}, after a change that CloudTrail's history does not name yet; nothing more to change.`)
  if (!writesRead) return message(`${when}; whether a change came between could not be read. Nothing more to change.`)
  return message(`${when}; nothing to change.`)
}

const MAX_CHARS = 1_000
const isProvedGap = ({ diagnosis }: Proposal): boolean => diagnosis.verdict === 'proved' && diagnosis.gaps.length > 0
const inWords = (ms: number): string =>
  ms < 2 * MINUTE_MS ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / MINUTE_MS)} min`

/** A decision or a repeat that was stored meanwhile takes precedence. */
async function close(open: Open, why: Refusal, deps: Deps): Promise<SuccessLook> {
  const stored = await updateProposal(
    open,
    now =>
      isSameCard(now, open) && now.repeats.lastSeenMs === open.repeats.lastSeenMs
        ? ok<Stale>(stale(now, why, deps.clock()))
        : fail('moved'),
    deps.store,
  )
  if (!stored.ok) return 'postponed'
  deps.observer.count('SolvedThemselves')
  deps.observer.log('info', 'denial_solved_itself', { proposalId: open.id, code: why.code })
  await announceStale(stored.value.proposal, deps)
  return 'solved'
}
