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
import { refreshOrAbandon, remind } from './cards.ts'
import type { SweepDeps } from './deps.ts'
import { handleApplied } from './handle-applied.ts'

/** What is due for one proposal. */
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

/** The card was not posted. Requeued first, so that it is due again if this attempt crashes. */
async function post(proposal: Drafted, deps: SweepDeps): Promise<void> {
  const leased = await deps.store.replace(proposal, requeued(proposal, deps.clock()))
  if (!leased.ok) return
  const occurrence = await deps.store.occurrence(proposal.fingerprint)
  await recordProposed(leased.value, occurrence?.eventIds ?? [proposal.denial.id], deps)
  await deps.postCard(leased.value)
}

async function expire(proposal: Drafted | Open, deps: SweepDeps): Promise<void> {
  const written = await deps.store.replace(proposal, expired(proposal, deps.clock()))
  if (written.ok) await announce(written.value, deps)
}

async function announce(proposal: Proposal, deps: SweepDeps): Promise<void> {
  await carryOut(proposal, deps)
  await refreshOrAbandon(proposal, deps)
}

/**
 * Ended a while ago: no other worker can overwrite the card with an older state any more. Log and card show the outcome, and
 * it is never due again.
 */
async function finish(proposal: Proposal, deps: SweepDeps): Promise<void> {
  await announce(proposal, deps)
  await revalidateOthers(proposal, deps)
  await deps.store.replace(proposal, settled(proposal, deps.config))
}

/** After this long without an analysis, it is left to `apply`, which analyzes again before it writes. */
const RENEW_FOR_MS = 15 * MINUTE_MS

async function handleOpen(proposal: Open, deps: SweepDeps): Promise<void> {
  const { store, clock, config } = deps
  if (reminderAtMs(proposal, config, proposal.remindersSent) <= clock()) {
    // Stored before it is sent, so that one of two sweeps reminds. A crash in between loses one reminder.
    const written = await store.replace(proposal, reminded(proposal, config, clock()))
    if (written.ok) await remind(written.value, deps)
    return
  }
  const { renewal } = proposal
  const next = renewal !== null && clock() >= renewal.atMs + RENEW_FOR_MS ? { ...proposal, renewal: null } : proposal
  await sendRenewal(next, deps.queue)
  await announce(next, deps)
  await store.replace(proposal, withRenewal(settled({ ...next, renewal: null }, config), next, clock()))
}

/** Until it is analyzed again, it is due as often as any repair. */
function withRenewal(settled: Open, { renewal }: Open, nowMs: number): Open {
  return renewal === null ? settled : { ...settled, renewal, dueAtMs: Math.min(settled.dueAtMs, nowMs + REPAIR_MS) }
}

/** Its work was lost, or its worker crashed and the lease has expired. */
async function sendAgain(proposal: Approved | Applying | Reverting, deps: SweepDeps): Promise<void> {
  const { clock, observer, store } = deps
  const nowMs = clock()
  if (proposal.status !== 'approved' && isLeased(proposal, nowMs)) return
  const requeue = await store.replace(proposal, requeued(proposal, nowMs))
  if (!requeue.ok) return
  if (!('waitsForRecord' in proposal)) {
    observer.log('warn', 'work_sent_again', { proposalId: proposal.id, status: proposal.status })
    observer.count('WorkSentAgain')
  }
  if (proposal.status === 'approved') await carryOut(requeue.value, deps)
  else await sendWork(requeue.value, deps.queue)
  await refreshCard(proposal.id, deps)
}
