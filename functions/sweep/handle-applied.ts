import { entryFor } from '../domain/audit/audit-entry.ts'
import { deniedAtMs, type Occurrence, type Proposal } from '../domain/proposal/proposal.ts'
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
import { renewOthers } from '../workflows/approval/revalidate-open.ts'
import { refreshCard } from '../workflows/card/refresh-card.ts'
import { drawCard } from './draw-card.ts'
import type { SweepDeps } from './sweep-deps.ts'

const ROLEMEDIC = { id: 'rolemedic', name: 'rolemedic' }

/** A change that stands in IAM: has it helped, and has its time run out? */
export async function lookAtApplied(proposal: Proposal, deps: SweepDeps): Promise<void> {
  const { clock, store, config } = deps
  const outcome = proposal.applied
  if (outcome === null) return
  const nowMs = clock()
  if (outcome.endsAtMs !== null && outcome.endsAtMs <= nowMs) return endGrant(proposal, deps)
  const occurrence = await store.occurrence(proposal.fingerprint)
  const seen = repeated(proposal, repeatsOf(proposal, occurrence), nowMs)
  if (seen.ok && didNotHelp(seen.value)) return tellItDidNotHelp(proposal, seen.value, deps)
  if (proposal.status === 'confirmed') return record(proposal, deps)
  if (nowMs >= outcome.atMs + CONFIRM_MS) {
    // Silence alone proves nothing: what was read back must have said `allowed`, and all of it must have been written.
    if (outcome.answer !== 'allowed' || proposal.failure !== null) return putDown(proposal, deps)
    const moved = confirmed(proposal, nowMs)
    if (!moved.ok) return
    const written = await store.replace(proposal, moved.value)
    if (written.ok) await record(written.value, deps)
    return
  }
  await renewOthers(proposal, deps)
  await store.replace(proposal, earlierOf(requeued(proposal, nowMs), settled(proposal, config)))
}

async function putDown(proposal: Proposal, deps: SweepDeps): Promise<void> {
  await drawCard(proposal, deps)
  await leave(proposal, deps)
}

/** Other cards come after what people are told of this one; until they have their turn it is looked at again. */
async function leave(proposal: Proposal, deps: SweepDeps): Promise<void> {
  await renewOthers(proposal, deps)
  await deps.store.replace(proposal, settled(proposal, deps.config))
}

/** The statement is dead already by its own condition, and is cleared away; its undoing has other cards examined. */
async function endGrant(proposal: Proposal, deps: SweepDeps): Promise<void> {
  const moved = reverting(proposal, ROLEMEDIC, deps.clock())
  if (!moved.ok) return
  const written = await deps.store.replace(proposal, moved.value)
  if (!written.ok) return
  await carryOut(written.value, deps)
  await refreshCard(proposal.id, deps)
}

async function record(proposal: Proposal, deps: SweepDeps): Promise<void> {
  const why = 'the denial did not come again'
  const step = { kind: 'confirmed' as const, atMs: proposal.updatedAtMs, why }
  await deps.audit.append(entryFor(proposal, step, deps.botVersion))
  await putDown(proposal, deps)
}

/** Recorded, looked into afresh, and shown with Revert first: what does not help should not stay behind. */
async function tellItDidNotHelp(proposal: Proposal, seen: Proposal, deps: SweepDeps): Promise<void> {
  const written = await deps.store.replace(proposal, seen)
  if (!written.ok) return
  const why = 'the same request was denied again after the change could be seen everywhere'
  const step = { kind: 'did-not-help' as const, atMs: seen.repeats.lastSeenMs, why }
  await deps.audit.append(entryFor(proposal, step, deps.botVersion))
  const { fingerprint, id } = proposal
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

function earlierOf(a: Proposal, b: Proposal): Proposal {
  return (b.dueAtMs ?? Number.POSITIVE_INFINITY) < (a.dueAtMs ?? Number.POSITIVE_INFINITY) ? b : a
}
