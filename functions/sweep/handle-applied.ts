import { entryFor } from '../domain/audit/audit-entry.ts'
import {
  type Applied,
  type Confirmed,
  deniedAtMs,
  failureOf,
  type Occurrence,
  type Proposal,
} from '../domain/proposal/proposal.ts'
import {
  CONFIRM_MS,
  confirmed,
  didNotHelp,
  repeated,
  requeued,
  reverting,
  settled,
} from '../domain/proposal/transitions.ts'
import { carryOut } from '../workflows/approval/carry-out-decision.ts'
import { closeReplaced } from '../workflows/approval/close-replaced.ts'
import { revalidateOthers } from '../workflows/approval/revalidate-open.ts'
import { refreshCard } from '../workflows/card/refresh-card.ts'
import { refreshOrAbandon } from './cards.ts'
import type { SweepDeps } from './deps.ts'

const ROLEMEDIC = { id: 'rolemedic', name: 'rolemedic' }

/** Of a change in IAM: has its time ended, and did it help? */
export async function handleApplied(proposal: Applied | Confirmed, deps: SweepDeps): Promise<void> {
  const { clock, store, config } = deps
  const outcome = proposal.applied
  const nowMs = clock()
  if (outcome.endsAtMs !== null && outcome.endsAtMs <= nowMs) return endGrant(proposal, deps)
  await closeReplaced(proposal, deps)
  const occurrence = await store.occurrence(proposal.fingerprint)
  const seen = repeated(proposal, repeatsOf(proposal, occurrence), nowMs)
  if (didNotHelp(seen)) return reportNoHelp(proposal, seen, deps)
  if (proposal.status === 'confirmed') return recordConfirmed(proposal, deps)
  if (nowMs >= outcome.atMs + CONFIRM_MS) {
    // Silence alone proves nothing: the read-back must have been `allowed`, and the whole change written.
    if (outcome.answer !== 'allowed' || failureOf(proposal) !== null) return finish(proposal, deps)
    const written = await store.replace(proposal, confirmed(proposal, nowMs))
    if (written.ok) await recordConfirmed(written.value, deps)
    return
  }
  await revalidateOthers(proposal, deps)
  await store.replace(proposal, earlierOf(requeued(proposal, nowMs), settled(proposal, config)))
}

async function finish(proposal: Applied | Confirmed, deps: SweepDeps): Promise<void> {
  await refreshOrAbandon(proposal, deps)
  await leave(proposal, deps)
}

/** After this card is updated, the other cards follow; until both are done it stays due. */
async function leave(proposal: Applied | Confirmed, deps: SweepDeps): Promise<void> {
  await revalidateOthers(proposal, deps)
  await deps.store.replace(proposal, settled(proposal, deps.config))
}

/** Its condition has ended the grant already; the revert removes the statement and has other cards analyzed again. */
async function endGrant(proposal: Applied | Confirmed, deps: SweepDeps): Promise<void> {
  const written = await deps.store.replace(proposal, reverting(proposal, ROLEMEDIC, deps.clock()))
  if (!written.ok) return
  await carryOut(written.value, deps)
  await refreshCard(proposal.id, deps)
}

async function recordConfirmed(proposal: Confirmed, deps: SweepDeps): Promise<void> {
  const why = 'the request was not denied again'
  const step = { kind: 'confirmed' as const, atMs: proposal.updatedAtMs, why }
  await deps.audit.append(entryFor(proposal, step, deps.botVersion))
  await finish(proposal, deps)
}

/** Recorded, analyzed again, and shown with Revert first: a grant that does not help must not stay. */
async function reportNoHelp(before: Proposal, seen: Applied | Confirmed, deps: SweepDeps): Promise<void> {
  const written = await deps.store.replace(before, seen)
  if (!written.ok) return
  const why = 'the same request was denied again after the change had propagated'
  const step = { kind: 'did-not-help' as const, atMs: seen.repeats.lastSeenMs, why }
  await deps.audit.append(entryFor(before, step, deps.botVersion))
  const { fingerprint, id } = before
  try {
    await refreshOrAbandon(written.value, deps)
  } finally {
    // Also when the card cannot be updated: the next card may go to another channel.
    await deps.queue.send({ kind: 'propose', fingerprint }, { deduplicationId: `propose/${fingerprint}/after/${id}` })
  }
  await leave(written.value, deps)
}

function repeatsOf(proposal: Proposal, occurrence: Occurrence | null): Proposal['repeats'] {
  if (occurrence === null) return proposal.repeats
  const lastSeenMs = Math.max(proposal.repeats.lastSeenMs, deniedAtMs(occurrence))
  return { count: Math.max(proposal.repeats.count, occurrence.count), firstSeenMs: occurrence.firstSeenMs, lastSeenMs }
}

const earlierOf = <P extends Proposal>(a: P, b: P): P =>
  (b.dueAtMs ?? Number.POSITIVE_INFINITY) < (a.dueAtMs ?? Number.POSITIVE_INFINITY) ? b : a
