/**
 * Once a minute: handles what is due or stuck. Each step begins with a conditional write or is idempotent, so that two
 * sweeps may run at once.
 */

import { MINUTE_MS } from '../domain/base/time.ts'
import type { Proposal } from '../domain/proposal/proposal.ts'
import { requeued } from '../domain/proposal/transitions.ts'
import { COUNTERS } from '../domain/stored/counters.ts'
import type { Clock } from '../ports/clock.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import type { SweepDeps } from './deps.ts'
import { handleDue } from './handle-due.ts'

export type { SweepDeps } from './deps.ts'

export type Swept = {
  readonly proposals: number
  readonly occurrences: number
  readonly failures: number
  /** Some are left for the next sweep: the batch was full or the time was up. */
  readonly more: boolean
}

const BATCH = 100
/** Ends before the function's timeout, and before the next sweep starts. */
const BUDGET_MS = 45_000
const RESEND_MS = 5 * MINUTE_MS

export function makeSweep(deps: SweepDeps): () => Promise<Swept> {
  return async () => {
    const { store, clock, observer } = deps
    const timeUp = stopwatch(clock)
    let failures = 0
    let handled = 0
    const due = await store.due(clock(), BATCH)
    for (const proposal of due) {
      if (timeUp()) break
      handled += 1
      try {
        await handleDue(proposal, deps)
      } catch (error) {
        failures += 1
        observer.log('error', 'sweep_item_failed', {
          proposalId: proposal.id,
          status: proposal.status,
          error: String(error),
        })
        await postpone(proposal, store, clock())
      }
    }
    const lost = timeUp() ? [] : await resendLostOccurrences(deps)
    observer.count('SweepFailures', failures)
    return {
      proposals: handled,
      occurrences: lost.length,
      failures,
      more: handled < due.length || due.length === BATCH,
    }
  }
}

/** A proposal that fails must not delay the others at the next sweep. */
async function postpone(proposal: Proposal, store: ProposalStore, nowMs: number): Promise<void> {
  const current = await store.get(proposal.id)
  if (current !== null && current.dueAtMs !== null && current.dueAtMs <= nowMs)
    await store.replace(current, requeued(current, nowMs))
}

/** Occurrences whose work was lost before they had a proposal. */
async function resendLostOccurrences({ store, queue, clock, observer }: SweepDeps): Promise<readonly string[]> {
  const nowMs = clock()
  const sent: string[] = []
  for (const { fingerprint } of await store.dueOccurrences(nowMs, BATCH)) {
    const window = Math.floor(nowMs / RESEND_MS)
    const turn = await store.increment(`${COUNTERS.resend}${fingerprint}/${window}`, nowMs + 2 * RESEND_MS)
    if (turn > 1) continue
    await queue.send({ kind: 'propose', fingerprint }, { deduplicationId: `propose/${fingerprint}/${window}` })
    observer.log('warn', 'lost_occurrence_sent_again', { fingerprint })
    sent.push(fingerprint)
  }
  return sent
}

function stopwatch(clock: Clock): () => boolean {
  const startedMs = clock()
  return () => Math.abs(clock() - startedMs) > BUDGET_MS
}
