/**
 * Before a grant ends: a card that keeps it without an end, for the same approvals as any change. Its patch takes the grant with
 * the end away and gives the same without one, in one write. After a break-glass that people ratified and want to go on: a card as
 * for any denial. Idempotent: the id follows from the grant.
 */

import { fail, MINUTE_MS, ok, type Result } from '../../core/base/index.ts'
import {
  type Applied,
  asksForGrant,
  type Closed,
  type Confirmed,
  type Drafted,
  mayOutliveItsEnd,
  type Occurrence,
  type Proposal,
  permanentNeeded,
  proposalId,
  type Reverted,
  ratificationOf,
  requeued,
} from '../domain/proposal/index.ts'
import { decidingMode } from '../workflows/approval/account-mode.ts'
import { recordProposed } from '../workflows/approval/record-proposed.ts'
import { signedOnly } from '../workflows/approval/signed-only.ts'
import { postCard } from '../workflows/card/post-card.ts'
import { renewedGrant } from '../workflows/denial/earlier-grants.ts'
import { drafted } from './proposal-factory.ts'
import type { ProposeDeps } from './propose.ts'

/** `ended`: it stands no more, or is not to be kept. `not-offered`: by the configuration, or not by this analysis. */
export type Renewed = 'offered' | 'not-offered' | 'ended'

/** A decision that comes later is not written before the grant ends. */
const LATEST_MS = 2 * MINUTE_MS

export function makeRenew(deps: ProposeDeps): (proposalId: string) => Promise<Renewed> {
  return async grantId => {
    const { store, clock, observer } = deps
    const grant = await store.get(grantId)
    if (grant === null || !isRenewable(grant)) return 'ended'
    // Only as signed: a break-glass is never kept, whatever the table says.
    const believed = await signedOnly(grant, deps)
    if (believed.approvals.length < grant.approvals.length) return 'ended'
    if (grant.status === 'reverted' ? !asksForGrant(believed) : isOver(grant, clock())) return 'ended'
    const id = proposalId(grant.fingerprint, grant)
    const stored = await store.get(id)
    const occurrence = await store.occurrence(grant.fingerprint)
    // Denied again meanwhile: that card is about it.
    if (occurrence === null || (occurrence.proposalId !== grant.id && occurrence.proposalId !== id))
      return 'not-offered'
    const draft = stored === null ? await draftOf(id, grant, occurrence, deps) : ok({ proposal: stored, isNew: false })
    if (draft.ok) return post(draft.value, grant, deps)
    observer.log('info', 'grant_not_renewed', { proposalId: grant.id, why: draft.error })
    await replyWhyNot(grant, draft.error, deps)
    return 'not-offered'
  }
}

type Renewable = Applied | Confirmed | Reverted
const isRenewable = (proposal: Proposal): proposal is Renewable =>
  proposal.status === 'applied' || proposal.status === 'confirmed' ? mayOutliveItsEnd(proposal) : asksForGrant(proposal)

const isOver = ({ applied: { endsAtMs } }: Renewable, nowMs: number): boolean =>
  endsAtMs === null || nowMs >= endsAtMs - LATEST_MS

/** The error says why it is not offered. */
async function draftOf(
  id: string,
  grant: Renewable,
  occurrence: Occurrence,
  { store, analyze, config, units, clock }: ProposeDeps,
): Promise<Result<Made, string>> {
  const mode = await decidingMode(grant, { config, units })
  const isKept = grant.status !== 'reverted'
  if (mode.mode !== 'approve') return fail(`The mode of this account is ${mode.mode}.`)
  if (isKept && permanentNeeded(config.grants.permanent, grant.requester) === null)
    return fail('Every grant ends here.')
  const nowMs = clock()
  const analysis = await analyze(grant.denial, nowMs, isKept ? { earlierGrants: renewedGrant(grant) } : {})
  if (analysis.verified === null) return fail(analysis.refusal?.message ?? analysis.diagnosis.summary)
  if (isKept && !analysis.withdrawn.some(one => one.proposalId === grant.id))
    return fail('What stands is not what was granted.')
  const draft = drafted(id, analysis, { occurrence, previous: grant, config, mode, nowMs })
  const made = await store.create(isKept ? keeping(draft, grant) : draft)
  return ok({ proposal: made.ok ? made.value : made.error, isNew: made.ok })
}

/** Somebody asked for it and waits. A grant that only ends gets no message: it says on its card when it ends. */
async function replyWhyNot(grant: Renewable, why: string, { chat, renderer }: ProposeDeps): Promise<void> {
  const asked = grant.status === 'reverted' ? ratificationOf(grant) : null
  if (asked === null) return
  const text = `No ordinary grant is offered. ${why} The next denial gets its card.`
  await chat.reply(asked.card, renderer.text(text), { key: `${grant.id}/no-grant` })
}

/** Until the grant ends, it can be decided. */
function keeping(draft: Drafted | Closed, { applied: { endsAtMs } }: Renewable): Drafted | Closed {
  if (draft.previous === null || endsAtMs === null) return draft
  return { ...draft, previous: { ...draft.previous, renewedUntilMs: endsAtMs }, expiresAtMs: endsAtMs - LATEST_MS }
}

type Made = { readonly proposal: Proposal; readonly isNew: boolean }

/** Recorded before it is posted. Who made it posts it, and `sweep` what a crash leaves. */
async function post({ proposal: draft, isNew }: Made, grant: Renewable, deps: ProposeDeps): Promise<Renewed> {
  const { store, clock } = deps
  if (draft.status !== 'drafted') return 'offered'
  await recordProposed(draft, [grant.denial.id], deps)
  await store.claimOccurrence(grant.fingerprint, grant.id, draft.id)
  if (!isNew && draft.dueAtMs > clock()) return 'offered'
  const leased = await store.replace(draft, requeued(draft, clock()))
  if (leased.ok) await postCard(leased.value, deps)
  return 'offered'
}
