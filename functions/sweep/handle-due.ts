import { never } from '../domain/base/result.ts'
import type { Proposal } from '../domain/proposal/proposal.ts'
import { expired, REPAIR_MS, reminded, reminderAtMs, requeued, settled } from '../domain/proposal/transitions.ts'
import { carryOut, sendWork } from '../workflows/approval/carry-out-decision.ts'
import { recordProposed } from '../workflows/approval/record-proposed.ts'
import { renewOthers, sendRenewal } from '../workflows/approval/revalidate-open.ts'
import { refreshCard } from '../workflows/card/refresh-card.ts'
import { drawCard } from './draw-card.ts'
import { lookAtApplied } from './handle-applied.ts'
import { remind } from './remind.ts'
import type { SweepDeps } from './sweep-deps.ts'

/** What time brings to one proposal that is due. */
export async function lookAt(proposal: Proposal, deps: SweepDeps): Promise<void> {
  switch (proposal.status) {
    case 'drafted':
      return isPast(proposal.expiresAtMs, deps) ? expire(proposal, deps) : post(proposal, deps)
    case 'open':
      return isPast(proposal.expiresAtMs, deps) ? expire(proposal, deps) : lookAtOpen(proposal, deps)
    case 'approved':
    case 'applying':
    case 'reverting':
      return sendAgain(proposal, deps)
    case 'applied':
    case 'confirmed':
      return lookAtApplied(proposal, deps)
    case 'reverted':
    case 'rejected':
    case 'expired':
    case 'failed':
    case 'stale':
    case 'closed':
      return finish(proposal, deps)
    default:
      return never(proposal.status)
  }
}

const isPast = (ms: number, { clock }: SweepDeps): boolean => clock() >= ms

/** The card was lost between the table and the chat. The next look comes even if this attempt dies. */
async function post(proposal: Proposal, deps: SweepDeps): Promise<void> {
  const claimed = await deps.store.replace(proposal, requeued(proposal, deps.clock()))
  if (!claimed.ok) return
  const occurrence = await deps.store.occurrence(proposal.fingerprint)
  await recordProposed(claimed.value, occurrence?.eventIds ?? [proposal.denial.id], deps)
  await deps.postCard(claimed.value)
}

async function expire(proposal: Proposal, deps: SweepDeps): Promise<void> {
  const moved = expired(proposal, deps.clock())
  if (!moved.ok) return
  const written = await deps.store.replace(proposal, moved.value)
  if (written.ok) await say(written.value, deps)
}

async function say(proposal: Proposal, deps: SweepDeps): Promise<void> {
  await carryOut(proposal, deps)
  await drawCard(proposal, deps)
}

/**
 * Ended a while ago: whoever drew an older state of the card in that moment, and died before seeing it, has lost. The
 * record and the card say how it ended, and it is never due again.
 */
async function finish(proposal: Proposal, deps: SweepDeps): Promise<void> {
  await say(proposal, deps)
  await renewOthers(proposal, deps)
  await deps.store.replace(proposal, settled(proposal, deps.config))
}

/** An examination that cannot be had for so long is left to `apply`, which looks again before it writes. */
const RENEW_FOR_MS = 15 * 60_000

async function lookAtOpen(proposal: Proposal, deps: SweepDeps): Promise<void> {
  const { store, clock, config } = deps
  if (reminderAtMs(proposal, config) <= clock()) {
    const moved = reminded(proposal, config, clock())
    if (!moved.ok) return
    // Claimed before it is sent: of two sweeps one reminds. A crash between the two loses one reminder, no more.
    const written = await store.replace(proposal, moved.value)
    if (written.ok) await remind(written.value, deps)
    return
  }
  const { renewal = null } = proposal
  const next = renewal !== null && clock() >= renewal.atMs + RENEW_FOR_MS ? { ...proposal, renewal: null } : proposal
  await sendRenewal(next, deps.queue)
  await say(next, deps)
  await store.replace(proposal, askedAgain(settled({ ...next, renewal: null }, config), next, clock()))
}

/** A mark that stands has the card looked at again, at the pace of every repair and not before all others each minute. */
function askedAgain(settled: Proposal, { renewal = null }: Proposal, nowMs: number): Proposal {
  if (renewal === null) return settled
  return { ...settled, renewal, dueAtMs: Math.min(settled.dueAtMs ?? Number.POSITIVE_INFINITY, nowMs + REPAIR_MS) }
}

/** Decided, and its work was lost, or the worker died and its lease has passed. */
async function sendAgain(proposal: Proposal, deps: SweepDeps): Promise<void> {
  const { clock, observer, store } = deps
  const nowMs = clock()
  if (proposal.leaseUntilMs !== null && nowMs < proposal.leaseUntilMs) return
  const claimed = await store.replace(proposal, requeued(proposal, nowMs))
  if (!claimed.ok) return
  observer.log('warn', 'work sent again', { proposalId: proposal.id, status: proposal.status })
  observer.count('WorkSentAgain')
  if (proposal.status === 'approved') await carryOut(claimed.value, deps)
  else await sendWork(claimed.value, deps.queue)
  await refreshCard(proposal.id, deps)
}
