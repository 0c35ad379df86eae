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
import { revalidateOthers } from '../workflows/approval/revalidate-open.ts'
import { refreshCard } from '../workflows/card/refresh-card.ts'
import { drawCard } from './draw-card.ts'
import type { SweepDeps } from './sweep-deps.ts'

const ROLEMEDIC = { id: 'rolemedic', name: 'rolemedic' }

/** A change that is in IAM: has it helped, and has its time run out? */
export async function handleApplied(proposal: Applied | Confirmed, deps: SweepDeps): Promise<void> {
  const { clock, store, config } = deps
  const outcome = proposal.applied
  const nowMs = clock()
  if (outcome.endsAtMs !== null && outcome.endsAtMs <= nowMs) return endGrant(proposal, deps)
  const occurrence = await store.occurrence(proposal.fingerprint)
  const seen = repeated(proposal, repeatsOf(proposal, occurrence), nowMs)
  if (didNotHelp(seen)) return reportNoHelp(proposal, seen, deps)
  if (proposal.status === 'confirmed') return recordConfirmed(proposal, deps)
  if (nowMs >= outcome.atMs + CONFIRM_MS) {
    // Silence alone proves nothing: what was read back must have said `allowed`, and all of it must have been written.
    if (outcome.answer !== 'allowed' || failureOf(proposal) !== null) return finish(proposal, deps)
    const written = await store.replace(proposal, confirmed(proposal, nowMs))
    if (written.ok) await recordConfirmed(written.value, deps)
    return
  }
  await revalidateOthers(proposal, deps)
  await store.replace(proposal, earlierOf(requeued(proposal, nowMs), settled(proposal, config)))
}

async function finish(proposal: Applied | Confirmed, deps: SweepDeps): Promise<void> {
  await drawCard(proposal, deps)
  await leave(proposal, deps)
}

/** Other cards come after what people are told of this one; until then it is due again. */
async function leave(proposal: Applied | Confirmed, deps: SweepDeps): Promise<void> {
  await revalidateOthers(proposal, deps)
  await deps.store.replace(proposal, settled(proposal, deps.config))
}

/** The statement is dead already by its own condition, and is removed; reverting it has other cards analyzed again. */
async function endGrant(proposal: Applied | Confirmed, deps: SweepDeps): Promise<void> {
  const written = await deps.store.replace(proposal, reverting(proposal, ROLEMEDIC, deps.clock()))
  if (!written.ok) return
  await carryOut(written.value, deps)
  await refreshCard(proposal.id, deps)
}

async function recordConfirmed(proposal: Confirmed, deps: SweepDeps): Promise<void> {
  const why = 'the denial did not come again'
  const step = { kind: 'confirmed' as const, atMs: proposal.updatedAtMs, why }
  await deps.audit.append(entryFor(proposal, step, deps.botVersion))
  await finish(proposal, deps)
}

/** Recorded, analyzed again, and shown with Revert first: a grant that does not help must not stay behind. */
async function reportNoHelp(before: Proposal, seen: Applied | Confirmed, deps: SweepDeps): Promise<void> {
  const written = await deps.store.replace(before, seen)
  if (!written.ok) return
  const why = 'the same request was denied again after the change could be seen everywhere'
  const step = { kind: 'did-not-help' as const, atMs: seen.repeats.lastSeenMs, why }
  await deps.audit.append(entryFor(before, step, deps.botVersion))
  const { fingerprint, id } = before
  try {
    await drawCard(written.value, deps)
  } finally {
    // Also where nobody can be told: the channel of the next card may be another.
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
