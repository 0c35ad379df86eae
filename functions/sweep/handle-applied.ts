import { MINUTE_MS } from '../../core/base/index.ts'
import { entryFor } from '../domain/audit/index.ts'
import { passApproval } from '../domain/grants/index.ts'
import { isInThread, ROLEMEDIC } from '../domain/messages/index.ts'
import {
  type Applied,
  CONFIRM_MS,
  type Confirmed,
  confirmed,
  deniedAtMs,
  didNotHelp,
  endOffered,
  endOfferMs,
  failureOf,
  isLookDue,
  isRollingOut,
  lookAsked,
  type Occurrence,
  type Proposal,
  repeated,
  requeued,
  reverting,
  settled,
} from '../domain/proposal/index.ts'
import { carryOutDecision } from '../workflows/approval/carry-out-decision.ts'
import { replacedBy } from '../workflows/approval/close-replaced.ts'
import { revalidateOthers } from '../workflows/approval/revalidate-open.ts'
import { signedOnly } from '../workflows/approval/signed-only.ts'
import { refreshCard } from '../workflows/card/refresh-card.ts'
import { updateListEntry } from '../workflows/card/storm-list-message.ts'
import { recordKept } from '../workflows/record-decision.ts'
import { sendVerify } from '../workflows/send-work.ts'
import { refreshOrAbandon } from './cards.ts'
import type { SweepDeps } from './deps.ts'
import { type Show, show, shownAfter } from './show.ts'

/** Of a change in IAM: has its time ended, and did it help? */
export async function handleApplied(proposal: Applied | Confirmed, deps: SweepDeps): Promise<Show | null> {
  const { endsAtMs } = proposal.applied
  if (endsAtMs !== null && endsAtMs <= deps.clock()) return endGrant(proposal, deps)
  const offerMs = endOfferMs(proposal)
  if (offerMs !== null && offerMs <= deps.clock()) return offerToKeep(proposal, deps)
  if (proposal.record === 'wanted') await sendForRecord(proposal, deps)
  // Lost with a crash of `verify`, which alone can sign the record of what it ended.
  if ((await replacedBy(proposal, deps)).length > 0) await sendVerify(proposal, deps.queue)
  if (isSettled(proposal) && isLookDue(proposal, deps.config, deps.clock())) return askForLook(proposal, deps)
  return proposal.use === undefined ? handleStanding(proposal, deps) : settle(proposal, deps)
}

/** Sent before it is stored: `propose` makes one card of it, however often it is asked. */
async function offerToKeep(proposal: Applied | Confirmed, { queue, store, clock }: SweepDeps): Promise<null> {
  await sendRenew(proposal, queue)
  await store.replace(proposal, endOffered(proposal, clock()))
  return null
}

export const sendRenew = ({ id }: Proposal, queue: SweepDeps['queue']): Promise<void> =>
  queue.send({ kind: 'renew', proposalId: id }, { deduplicationId: `renew/${id}` })

/** Asked a few times within the time that CloudTrail's history takes. */
async function sendForRecord({ id, applied, patch }: Applied | Confirmed, { queue, clock }: SweepDeps): Promise<void> {
  const turn = Math.floor((clock() - applied.atMs) / ASK_FOR_RECORD_EVERY_MS)
  if (turn === 0) return
  const group = patch.changes[0]?.target.arn ?? id
  await queue.send({ kind: 'witness', proposalId: id }, { group, deduplicationId: `witness/${id}/${turn}` })
}

const ASK_FOR_RECORD_EVERY_MS = 5 * MINUTE_MS

/** Whether it helped is known, as far as it will be. */
const isSettled = (proposal: Applied | Confirmed): boolean =>
  proposal.status === 'confirmed' ||
  proposal.use !== undefined ||
  didNotHelp(proposal) ||
  proposal.applied.answer !== 'allowed' ||
  proposal.failure !== null

/** The next search for use can be due before other work for the outcome is done. */
async function askForLook(proposal: Applied | Confirmed, deps: SweepDeps): Promise<Show | null> {
  const ask = () => sendForLook(proposal, deps)
  if (proposal.use === undefined) return finishBefore(proposal, deps, ask)
  await recordKept(await signedOnly(proposal, deps), deps)
  const { kept, lookedAtMs } = proposal.use
  if (kept !== null && kept.atMs > lookedAtMs)
    return show('refresh', async () => {
      if (await refreshOrAbandon(proposal, deps)) await ask()
    })
  await ask()
  return null
}

/** Sends the search to the function that may read the account. Stores first, so that only one of two sweeps sends. */
async function sendForLook(proposal: Applied | Confirmed, deps: SweepDeps): Promise<void> {
  const stored = await deps.store.replace(proposal, lookAsked(proposal, deps.clock()))
  if (stored.ok) await deps.queue.send({ kind: 'review', proposalId: proposal.id })
}

const finishBefore = (proposal: Applied | Confirmed, deps: SweepDeps, then: () => Promise<unknown>): Promise<Show> =>
  shownAfter(
    async () => {
      if (proposal.status === 'confirmed') await handleConfirmed(proposal, deps)
      if (didNotHelp(proposal)) await handleNoHelp(proposal, deps)
      await revalidateOthers(proposal, deps)
    },
    () => refreshOrAbandon(proposal, deps),
    then,
  )

/** `decide` records what a person said about a grant. After a crash, this does. */
async function settle(proposal: Applied | Confirmed, deps: SweepDeps): Promise<Show | null> {
  await recordKept(await signedOnly(proposal, deps), deps)
  return show('refresh', async () => {
    if (await refreshOrAbandon(proposal, deps)) await deps.store.replace(proposal, settled(proposal, deps.config))
  })
}

async function handleStanding(proposal: Applied | Confirmed, deps: SweepDeps): Promise<Show | null> {
  const { clock, store, config } = deps
  const outcome = proposal.applied
  const nowMs = clock()
  const occurrence = await store.occurrence(proposal.fingerprint)
  const seen = repeated(proposal, repeatsOf(proposal, occurrence), nowMs)
  if (didNotHelp(seen)) return reportNoHelp(proposal, seen, deps)
  if (proposal.status === 'confirmed') return recordConfirmed(proposal, deps)
  // `verify` alone can evaluate it.
  if (isRollingOut(proposal)) await sendVerify(proposal, deps.queue)
  else if (nowMs >= (outcome.answeredAtMs ?? outcome.atMs) + CONFIRM_MS) {
    // Absence of denials alone proves nothing: the read-back must be `allowed`, and the whole change must be written.
    if (outcome.answer !== 'allowed' || failureOf(proposal) !== null) return finish(proposal, deps)
    const written = await store.replace(proposal, confirmed(proposal, nowMs))
    return written.ok ? recordConfirmed(written.value, deps) : null
  }
  await revalidateOthers(proposal, deps)
  const next = requeued(proposal, nowMs)
  const { dueAtMs } = settled(proposal, config)
  await store.replace(proposal, {
    ...next,
    dueAtMs: Math.min(next.dueAtMs ?? nowMs, dueAtMs ?? Number.POSITIVE_INFINITY),
  })
  return isInThread(proposal.card) ? show('refresh', () => updateListEntry(proposal, deps)) : null
}

/** Queues the analysis of the other cards. Stays due until its own card is updated. */
async function finish(
  proposal: Applied | Confirmed,
  deps: SweepDeps,
  before: () => Promise<unknown> = async () => {},
): Promise<Show> {
  return shownAfter(
    async () => {
      await before()
      await revalidateOthers(proposal, deps)
    },
    () => refreshOrAbandon(proposal, deps),
    () => deps.store.replace(proposal, settled(proposal, deps.config)),
  )
}

/** The condition has already ended the grant. The revert removes the statement and queues the analysis of other cards. */
async function endGrant(proposal: Applied | Confirmed, deps: SweepDeps): Promise<Show | null> {
  const written = await deps.store.replace(proposal, reverting(proposal, ROLEMEDIC, deps.clock()))
  if (!written.ok) return null
  await carryOutDecision(written.value, deps)
  return show('refresh', async () => void (await refreshCard(proposal.id, deps)))
}

async function recordConfirmed(proposal: Confirmed, deps: SweepDeps): Promise<Show> {
  await handleConfirmed(proposal, deps)
  return finish(proposal, deps)
}

/** Records the outcome and asks `propose`, which may read the account, whether it is one of several equal approvals. */
async function handleConfirmed(proposal: Confirmed, deps: SweepDeps): Promise<void> {
  const why = 'the request was not denied again'
  const step = { kind: 'confirmed' as const, atMs: proposal.updatedAtMs, why }
  await deps.audit.append(entryFor(proposal, step, deps.botVersion))
  if (passApproval(proposal, deps.config) === null) return
  await deps.queue.send({ kind: 'suggest', proposalId: proposal.id })
}

/** Records it, queues a new analysis, and shows Revert as the first button: a grant that does not help must not stay. */
async function reportNoHelp(before: Proposal, seen: Applied | Confirmed, deps: SweepDeps): Promise<Show | null> {
  const written = await deps.store.replace(before, seen)
  return written.ok ? finish(written.value, deps, () => handleNoHelp(written.value, deps)) : null
}

async function handleNoHelp(proposal: Applied | Confirmed, deps: SweepDeps): Promise<void> {
  const { fingerprint, id, repeats } = proposal
  const why = 'the same request was denied again after the change had propagated'
  const step = { kind: 'did-not-help' as const, atMs: repeats.lastSeenMs, why }
  await deps.audit.append(entryFor(proposal, step, deps.botVersion))
  await deps.queue.send({ kind: 'propose', fingerprint }, { deduplicationId: `propose/${fingerprint}/after/${id}` })
}

function repeatsOf(proposal: Proposal, occurrence: Occurrence | null): Proposal['repeats'] {
  if (occurrence === null) return proposal.repeats
  const lastSeenMs = Math.max(proposal.repeats.lastSeenMs, deniedAtMs(occurrence))
  return { count: Math.max(proposal.repeats.count, occurrence.count), firstSeenMs: occurrence.firstSeenMs, lastSeenMs }
}
