/**
 * Once a minute: handles what is due or stuck. State changes that need no chat come first: expiry, ends of grants, lost work,
 * records. Then the chat messages, each kind within its own share of the time, so that a slow chat delays only cards. Each step
 * starts with a conditional write or is idempotent, so two sweeps may run at once.
 */

import { MINUTE_MS } from '../../core/base/index.ts'
import { dueRank, type Proposal, requeued } from '../domain/proposal/index.ts'
import { COUNTERS } from '../domain/stored/index.ts'
import type { Clock } from '../ports/clock.ts'
import { channelsOf } from '../workflows/card/card-placement.ts'
import { showWaitingLists } from '../workflows/card/storm-list-message.ts'
import { inParallel } from '../workflows/in-parallel.ts'
import type { SweepDeps } from './deps.ts'
import { handleDue } from './handle-due.ts'
import { makeObservedDigests } from './observed-digests.ts'
import { watchedLog } from './report-log-trouble.ts'
import type { Show, ShowKind } from './show.ts'
import { makeReportUnsetMode } from './unset-mode.ts'

export type { SweepDeps } from './deps.ts'

export type Swept = {
  readonly proposals: number
  readonly occurrences: number
  readonly failures: number
  /** Work remains for the next sweep: the batch was full or the time was up. */
  readonly more: boolean
}

const BATCH = 400
/** From the start of the sweep, whose function ends after 60 s. The last item that starts takes a few chat calls of at most 8 s. */
const MOVES_UNTIL_MS = 25_000
const SHOWS_UNTIL_MS = 30_000
const MOVES_AT_ONCE = 8
/** Chat calls are also limited to about one message per second and channel. */
const SHOWS_AT_ONCE: { readonly [kind in ShowKind]: number } = { card: 2, reminder: 1, refresh: 2 }
const RESEND_MS = 5 * MINUTE_MS

type Shown = { readonly proposal: Proposal; readonly show: Show }

export function makeSweep(given: SweepDeps): () => Promise<Swept> {
  const postObserved = makeObservedDigests(given)
  const reportUnsetMode = makeReportUnsetMode(given)
  const channels = channelsOf(given.config)
  const { list } = given.renderer
  const showLists = async (timeUp: () => boolean): Promise<number> =>
    list === undefined ? 0 : showWaitingLists(channels, { ...given, renderer: { list } }, timeUp)
  return async () => {
    const log = watchedLog(given)
    const deps = { ...given, audit: log.audit }
    const { store, clock, observer } = deps
    const after = stopwatch(clock)
    let failures = 0
    const failed = async (proposal: Proposal, error: unknown): Promise<void> => {
      failures += 1
      const { id: proposalId, status } = proposal
      observer.log('error', 'sweep_item_failed', { proposalId, status, error: String(error) })
      await postponed(proposal)
    }
    const postponed = (proposal: Proposal): Promise<void> =>
      postpone(proposal, deps).catch(error => {
        const { id: proposalId, status } = proposal
        observer.log('error', 'sweep_item_failed', { proposalId, status, error: String(error) })
      })

    const due = (await store.due(clock(), BATCH)).toSorted((a, b) => dueRank(a) - dueRank(b) || urgency(a) - urgency(b))
    const shows: Shown[] = []
    const unmoved = await inParallel(due, MOVES_AT_ONCE, after(MOVES_UNTIL_MS), async proposal => {
      try {
        const show = await handleDue(proposal, deps)
        if (show !== null) shows.push({ proposal, show })
      } catch (error) {
        await failed(proposal, error)
      }
    })
    const lost = await resendLostOccurrences(deps, after(MOVES_UNTIL_MS))
    failures += lost.failures

    const until = after(SHOWS_UNTIL_MS)
    const showAll = async (kind: ShowKind): Promise<readonly Shown[]> =>
      inParallel(
        shows.filter(({ show }) => show.kind === kind),
        SHOWS_AT_ONCE[kind],
        until,
        ({ proposal, show }) => show.run().catch(error => failed(proposal, error)),
      )
    const [cards, reminders, refreshes, failedDigests, failedLists, unreported] = await Promise.all([
      showAll('card'),
      showAll('reminder'),
      showAll('refresh'),
      postObserved(until),
      showLists(until),
      reportUnsetMode(until),
    ])
    failures += failedDigests + failedLists + unreported + (await log.report())
    const unshown = [...cards, ...reminders, ...refreshes]
    const full = due.length === BATCH
    // Items that wait for the chat must not fill the next batch.
    if (full) for (const { proposal } of unshown) await postponed(proposal)
    observer.count('SweepFailures', failures)
    return {
      proposals: due.length - unmoved.length,
      occurrences: lost.sent,
      failures,
      more: unmoved.length > 0 || unshown.length > 0 || full,
    }
  }
}

/** Of one rank: first changes that time has ended in IAM or the table, then lost work, then chat messages. */
function urgency({ status }: Proposal): number {
  switch (status) {
    case 'applied':
    case 'confirmed':
      return 0
    case 'reverting':
    case 'applying':
    case 'approved':
      return 1
    case 'open':
      return 2
    default:
      return 3
  }
}

/** A proposal that fails must not delay the others at the next sweep. */
async function postpone(proposal: Proposal, { store, clock }: SweepDeps): Promise<void> {
  const nowMs = clock()
  const current = await store.get(proposal.id)
  if (current !== null && current.dueAtMs !== null && current.dueAtMs <= nowMs)
    await store.replace(current, requeued(current, nowMs))
}

type Resent = { readonly sent: number; readonly failures: number }

/** Queues occurrences whose message was lost before they had a proposal. A failure here delays no card; the next window retries. */
async function resendLostOccurrences(deps: SweepDeps, timeUp: () => boolean): Promise<Resent> {
  const nowMs = deps.clock()
  let sent = 0
  let failures = 0
  const failed = (error: unknown, fields: { readonly fingerprint?: string } = {}): void => {
    failures += 1
    deps.observer.log('error', 'lost_occurrence_not_sent', { ...fields, error: String(error) })
  }
  try {
    const lost = timeUp() ? [] : await deps.store.dueOccurrences(nowMs, BATCH)
    for (const { fingerprint } of lost) {
      if (timeUp()) break
      try {
        if (await resend(fingerprint, nowMs, deps)) sent += 1
      } catch (error) {
        failed(error, { fingerprint })
      }
    }
  } catch (error) {
    failed(error)
  }
  return { sent, failures }
}

/** False: it was already sent in this window. */
async function resend(fingerprint: string, nowMs: number, { store, queue, observer }: SweepDeps): Promise<boolean> {
  const window = Math.floor(nowMs / RESEND_MS)
  const turn = await store.increment(`${COUNTERS.resend}${fingerprint}/${window}`, nowMs + 2 * RESEND_MS)
  if (turn > 1) return false
  await queue.send({ kind: 'propose', fingerprint }, { deduplicationId: `propose/${fingerprint}/${window}` })
  observer.log('warn', 'lost_occurrence_sent_again', { fingerprint })
  return true
}

/** Returns a test whether this much time has passed. Also works if the clock is set back. */
function stopwatch(clock: Clock): (ms: number) => () => boolean {
  const startedMs = clock()
  return ms => () => Math.abs(clock() - startedMs) > ms
}
