import { MINUTE_MS, never } from '../../core/base/index.ts'
import { settledCard } from '../domain/card/index.ts'
import {
  type Applying,
  type Approved,
  asksForGrant,
  type Drafted,
  expired,
  isAnnounced,
  isDueForLookAlone,
  isDueForPullAlone,
  isLeased,
  type Open,
  type Proposal,
  REPAIR_MS,
  type Reverting,
  reminded,
  reminderAtMs,
  requeued,
  settled,
  successLookAsked,
  successLookAtMs,
} from '../domain/proposal/index.ts'
import { carryOutDecision } from '../workflows/approval/carry-out-decision.ts'
import { recordProposed } from '../workflows/approval/record-proposed.ts'
import { revalidateOthers, sendRenewal } from '../workflows/approval/revalidate-open.ts'
import { signedOnly } from '../workflows/approval/signed-only.ts'
import { channelOf } from '../workflows/card/card-placement.ts'
import { endFirstLook } from '../workflows/card/first-look.ts'
import { refreshCard } from '../workflows/card/refresh-card.ts'
import { recordDecision } from '../workflows/record-decision.ts'
import { sendWork } from '../workflows/send-work.ts'
import { askRatification } from './ask-ratification.ts'
import { refreshOrAbandon, remind } from './cards.ts'
import type { SweepDeps } from './deps.ts'
import { followPull, isPullDue } from './follow-pull.ts'
import { handleApplied, sendRenew } from './handle-applied.ts'
import { type Show, show, shownAfter } from './show.ts'

/** Does what is due for one proposal and needs no chat. Returns what must be shown in the chat. Null: nothing. */
export async function handleDue(proposal: Proposal, deps: SweepDeps): Promise<Show | null> {
  if (!isPullDue(proposal, deps.clock())) return handleStatus(proposal, deps)
  const alone = isDueForPullAlone(proposal)
  const followed = await followPull(proposal, deps)
  if (followed === null) return null
  // Something else may be due too, such as the end of the bridge.
  const { dueAtMs } = followed.proposal
  if (alone && (dueAtMs === null || !isPast(dueAtMs, deps))) return followed.show
  const own = await handleStatus(followed.proposal, deps)
  const { kind, run } = followed.show
  return show(kind, async () => {
    await run()
    await own?.run()
  })
}

/** The question comes first: what is due beside it stays due. */
async function handleStatus(proposal: Proposal, deps: SweepDeps): Promise<Show | null> {
  const asked = await askRatification(proposal, deps)
  if (asked !== null) return asked
  // Sent as often as it is due: `propose` makes one card of it.
  if (asksForGrant(proposal)) await sendRenew(proposal, deps.queue)
  return handleOwn(proposal, deps)
}

async function handleOwn(proposal: Proposal, deps: SweepDeps): Promise<Show | null> {
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

/** The card was not posted. Sets the next due time before posting, so that a crash of this attempt leads to another. */
function post(proposal: Drafted, deps: SweepDeps): Show {
  return show('card', async () => {
    const occurrence = await deps.store.occurrence(proposal.fingerprint)
    await recordProposed(proposal, occurrence?.eventIds ?? [proposal.denial.id], deps)
    const leased = await deps.store.replace(proposal, requeued(proposal, deps.clock()))
    if (!leased.ok) return
    await deps.postCard(leased.value)
    // Nothing could be counted on it before.
    const { fingerprint, repeats } = proposal
    if ((occurrence?.count ?? 0) > repeats.count) await deps.queue.send({ kind: 'propose', fingerprint })
  })
}

async function expire(proposal: Drafted | Open, deps: SweepDeps): Promise<Show | null> {
  const written = await deps.store.replace(proposal, expired(proposal, deps.clock()))
  if (!written.ok) return null
  const rest = await carryOutSilently(written.value, deps)
  return show('refresh', async () => {
    await rest()
    if (proposal.status === 'drafted') await endEarlyCard(written.value, deps)
    await refreshOrAbandon(written.value, deps)
  })
}

const endEarlyCard = (proposal: Proposal, deps: SweepDeps): Promise<void> =>
  endFirstLook({ id: proposal.id, channel: channelOf(proposal.denial, deps.config) }, () => settledCard(proposal), deps)

/** Carries out what needs no chat. A break-glass approval is announced first, so its work waits for the chat. */
async function carryOutSilently(stored: Proposal, deps: SweepDeps): Promise<() => Promise<void>> {
  const proposal = await signedOnly(stored, deps)
  if (isAnnounced(proposal, deps.config)) {
    await recordDecision(proposal, deps)
    return () => carryOutDecision(proposal, deps)
  }
  await carryOutDecision(proposal, deps)
  return async () => {}
}

/**
 * For a proposal that ended a while ago, so that no other worker can overwrite the card with an older state. Log and card show
 * the outcome, and it is never due again.
 */
async function finish(proposal: Proposal, deps: SweepDeps): Promise<Show> {
  const rest = await carryOutSilently(proposal, deps)
  return shownAfter(
    () => revalidateOthers(proposal, deps),
    async () => {
      await rest()
      return refreshOrAbandon(proposal, deps)
    },
    () => deps.store.replace(proposal, settled(proposal, deps.config)),
  )
}

/** After this time without an analysis, `verify` decides, because it analyzes again before it attests. */
const RENEW_FOR_MS = 15 * MINUTE_MS

async function handleOpen(seen: Open, deps: SweepDeps): Promise<Show | null> {
  const { store, clock, config } = deps
  const proposal = successLookAtMs(seen) <= clock() ? await askForSuccess(seen, deps) : seen
  // Slack accepts few updates a minute, and the card has not changed.
  if (proposal === null || isDueForLookAlone(seen)) return null
  if (reminderAtMs(proposal, config, proposal.remindersSent) <= clock()) {
    // Stored before it is sent, so that only one of two sweeps reminds. A crash in between loses one reminder.
    const written = await store.replace(proposal, reminded(proposal, config, clock()))
    return written.ok ? show('reminder', () => remind(written.value, deps)) : null
  }
  const { renewal } = proposal
  const next = renewal !== null && clock() >= renewal.atMs + RENEW_FOR_MS ? { ...proposal, renewal: null } : proposal
  await sendRenewal(next, deps.queue)
  const rest = await carryOutSilently(next, deps)
  return show('refresh', async () => {
    await rest()
    if (!(await refreshOrAbandon(next, deps))) return
    await store.replace(proposal, withRenewal(settled({ ...next, renewal: null }, config), next, clock()))
  })
}

/** Sent before it is stored: a repeat looks again, within the same budget of requests. Null: another worker was faster. */
async function askForSuccess(proposal: Open, { queue, store, clock, config }: SweepDeps): Promise<Open | null> {
  const { id, successLooks } = proposal
  await queue.send({ kind: 'solved', proposalId: id }, { deduplicationId: `solved/${id}/${successLooks}` })
  const written = await store.replace(proposal, successLookAsked(proposal, config, clock()))
  return written.ok ? written.value : null
}

/** Until it is analyzed again, it is due as often as any repair. */
function withRenewal(settled: Open, { renewal }: Open, nowMs: number): Open {
  return renewal === null ? settled : { ...settled, renewal, dueAtMs: Math.min(settled.dueAtMs, nowMs + REPAIR_MS) }
}

/** Its message was lost, or its worker crashed and the lease has expired. */
async function sendAgain(proposal: Approved | Applying | Reverting, deps: SweepDeps): Promise<Show | null> {
  const { clock, observer, store } = deps
  const nowMs = clock()
  if (proposal.status !== 'approved' && isLeased(proposal, nowMs)) return null
  const requeue = await store.replace(proposal, requeued(proposal, nowMs))
  if (!requeue.ok) return null
  if (!('waitsForRecord' in proposal || 'stopped' in proposal)) {
    observer.log('warn', 'work_sent_again', { proposalId: proposal.id, status: proposal.status })
    observer.count('WorkSentAgain')
  }
  const rest = proposal.status === 'approved' ? await carryOutSilently(requeue.value, deps) : null
  if (rest === null) await sendWork(requeue.value, deps.queue)
  return show('refresh', async () => {
    await rest?.()
    await refreshCard(proposal.id, deps)
  })
}
