import { never } from '../domain/base/result.ts'
import { MINUTE_MS } from '../domain/base/time.ts'
import type { Applying, Approved, Drafted, Open, Proposal, Reverting } from '../domain/proposal/proposal.ts'
import {
  expired,
  isLeased,
  REPAIR_MS,
  reminded,
  reminderAtMs,
  requeued,
  settled,
} from '../domain/proposal/transitions.ts'
import { carryOut, sendWork } from '../workflows/approval/carry-out-decision.ts'
import { recordProposed } from '../workflows/approval/record-proposed.ts'
import { revalidateOthers, sendRenewal } from '../workflows/approval/revalidate-open.ts'
import { refreshCard } from '../workflows/card/refresh-card.ts'
import { drawCard } from './draw-card.ts'
import { handleApplied } from './handle-applied.ts'
import { remind } from './remind.ts'
import type { SweepDeps } from './sweep-deps.ts'

/** What time brings to one proposal that is due. */
export async function handleDue(proposal: Proposal, deps: SweepDeps): Promise<void> {
  switch (proposal.status) {
    case 'drafted':
      return isPast(proposal.expiresAtMs, deps) ? expire(proposal, deps) : post(proposal, deps)
    case 'open':
      return isPast(proposal.expiresAtMs, deps) ? expire(proposal, deps) : handleOpen(proposal, deps)
    case 'approved':
    case 'applying':
    case 'reverting':
      return sendAgain(proposal, deps)
    case 'applied':
    case 'confirmed':
      return handleApplied(proposal, deps)
    case 'reverted':
    case 'rejected':
    case 'expired':
    case 'failed':
    case 'stale':
    case 'closed':
      return finish(proposal, deps)
    default:
      return never(proposal)
  }
}

const isPast = (ms: number, { clock }: SweepDeps): boolean => clock() >= ms

/** The card was lost between the table and the chat. The next look comes even if this attempt dies. */
async function post(proposal: Drafted, deps: SweepDeps): Promise<void> {
  const claimed = await deps.store.replace(proposal, requeued(proposal, deps.clock()))
  if (!claimed.ok) return
  const occurrence = await deps.store.occurrence(proposal.fingerprint)
  await recordProposed(claimed.value, occurrence?.eventIds ?? [proposal.denial.id], deps)
  await deps.postCard(claimed.value)
}

async function expire(proposal: Drafted | Open, deps: SweepDeps): Promise<void> {
  const written = await deps.store.replace(proposal, expired(proposal, deps.clock()))
  if (written.ok) await announce(written.value, deps)
}

async function announce(proposal: Proposal, deps: SweepDeps): Promise<void> {
  await carryOut(proposal, deps)
  await drawCard(proposal, deps)
}

/**
 * Ended a while ago: a worker that drew an older state of the card at that moment, and died before it saw that, has lost.
 * The record and the card say how it ended, and it is never due again.
 */
async function finish(proposal: Proposal, deps: SweepDeps): Promise<void> {
  await announce(proposal, deps)
  await revalidateOthers(proposal, deps)
  await deps.store.replace(proposal, settled(proposal, deps.config))
}

/** An analysis that cannot be had for so long is left to `apply`, which looks again before it writes. */
const RENEW_FOR_MS = 15 * MINUTE_MS

async function handleOpen(proposal: Open, deps: SweepDeps): Promise<void> {
  const { store, clock, config } = deps
  if (reminderAtMs(proposal, config, proposal.remindersSent) <= clock()) {
    // Stored before it is sent: of two sweeps one reminds. A crash between the two loses one reminder, no more.
    const written = await store.replace(proposal, reminded(proposal, config, clock()))
    if (written.ok) await remind(written.value, deps)
    return
  }
  const { renewal } = proposal
  const next = renewal !== null && clock() >= renewal.atMs + RENEW_FOR_MS ? { ...proposal, renewal: null } : proposal
  await sendRenewal(next, deps.queue)
  await announce(next, deps)
  await store.replace(proposal, askedAgain(settled({ ...next, renewal: null }, config), next, clock()))
}

/** While it is marked, the card is due again at the pace of every repair, and not before all others each minute. */
function askedAgain(settled: Open, { renewal }: Open, nowMs: number): Open {
  return renewal === null ? settled : { ...settled, renewal, dueAtMs: Math.min(settled.dueAtMs, nowMs + REPAIR_MS) }
}

/** Decided, and its work was lost, or the worker died and its lease has passed. */
async function sendAgain(proposal: Approved | Applying | Reverting, deps: SweepDeps): Promise<void> {
  const { clock, observer, store } = deps
  const nowMs = clock()
  if (proposal.status !== 'approved' && isLeased(proposal, nowMs)) return
  const claimed = await store.replace(proposal, requeued(proposal, nowMs))
  if (!claimed.ok) return
  observer.log('warn', 'work_sent_again', { proposalId: proposal.id, status: proposal.status })
  observer.count('WorkSentAgain')
  if (proposal.status === 'approved') await carryOut(claimed.value, deps)
  else await sendWork(claimed.value, deps.queue)
  await refreshCard(proposal.id, deps)
}
