/**
 * Before a grant ends: a card that keeps it without an end, for the same approvals as any change. Its patch takes the grant with
 * the end away and gives the same without one, in one write. Idempotent: the id follows from the grant.
 */

import { MINUTE_MS } from '../../core/base/index.ts'
import {
  type Applied,
  type Confirmed,
  type Drafted,
  mayOutliveItsEnd,
  type Occurrence,
  type Proposal,
  permanentNeeded,
  requeued,
} from '../domain/proposal/index.ts'
import { decidingMode } from '../workflows/approval/account-mode.ts'
import { recordProposed } from '../workflows/approval/record-proposed.ts'
import { signedOnly } from '../workflows/approval/signed-only.ts'
import { postCard } from '../workflows/card/post-card.ts'
import { renewedGrant } from '../workflows/denial/earlier-grants.ts'
import { drafted } from './proposal-factory.ts'
import type { ProposeDeps } from './propose.ts'
import { proposalId } from './re-proposal-policy.ts'

/** `ended`: it stands no more, or is not to be kept. `not-offered`: by the configuration, or not by this analysis. */
export type Renewed = 'offered' | 'not-offered' | 'ended'

/** A decision that comes later is not written before the grant ends. */
const LATEST_MS = 2 * MINUTE_MS

export function makeRenew(deps: ProposeDeps): (proposalId: string) => Promise<Renewed> {
  return async grantId => {
    const { store, clock } = deps
    const grant = await store.get(grantId)
    if (grant === null || !isRenewable(grant)) return 'ended'
    const { endsAtMs } = grant.applied
    // Only as signed: a break-glass is never kept, whatever the table says.
    const believed = await signedOnly(grant, deps)
    if (endsAtMs === null || clock() >= endsAtMs - LATEST_MS || believed.approvals.length < grant.approvals.length)
      return 'ended'
    const id = proposalId(grant.fingerprint, grant)
    const stored = await store.get(id)
    const occurrence = await store.occurrence(grant.fingerprint)
    // Denied again meanwhile: that card is about it.
    if (occurrence === null || (occurrence.proposalId !== grant.id && occurrence.proposalId !== id))
      return 'not-offered'
    const draft = stored ?? (await draftOf(id, grant, endsAtMs, occurrence, deps))
    if (draft === null) return 'not-offered'
    return draft.status === 'drafted' ? post(draft, grant, occurrence, deps) : 'offered'
  }
}

const isRenewable = (proposal: Proposal): proposal is Applied | Confirmed =>
  (proposal.status === 'applied' || proposal.status === 'confirmed') && mayOutliveItsEnd(proposal)

/** Null: it is not offered here, or what stands is not what is analyzed. */
async function draftOf(
  id: string,
  grant: Applied | Confirmed,
  endsAtMs: number,
  occurrence: Occurrence,
  { store, analyze, config, units, clock, observer }: ProposeDeps,
): Promise<Proposal | null> {
  const mode = await decidingMode(grant, { config, units })
  if (mode.mode !== 'approve' || permanentNeeded(config.grants.permanent, grant.requester) === null) return null
  const nowMs = clock()
  const analysis = await analyze(grant.denial, nowMs, { earlierGrants: renewedGrant(grant) })
  const isWhole = analysis.withdrawn.some(one => one.proposalId === grant.id)
  if (analysis.verified === null || !isWhole) {
    observer.log('info', 'grant_not_renewed', { proposalId: grant.id, why: analysis.refusal?.code ?? 'edited' })
    return null
  }
  const draft = drafted(id, analysis, { occurrence, previous: grant, config, mode, nowMs })
  if (draft.previous === null) return null
  const previous = { ...draft.previous, renewedUntilMs: endsAtMs }
  const made = await store.create({ ...draft, previous, expiresAtMs: endsAtMs - LATEST_MS })
  return made.ok ? made.value : made.error
}

/** Recorded before it is posted. `sweep` posts what a crash leaves. */
async function post(
  draft: Drafted,
  grant: Applied | Confirmed,
  occurrence: Occurrence,
  deps: ProposeDeps,
): Promise<Renewed> {
  const { store, clock } = deps
  await recordProposed(draft, [grant.denial.id], deps)
  await store.claimOccurrence(grant.fingerprint, grant.id, draft.id)
  if (occurrence.proposalId === draft.id && draft.dueAtMs > clock()) return 'offered'
  const leased = await store.replace(draft, requeued(draft, clock()))
  if (leased.ok) await postCard(leased.value, deps)
  return 'offered'
}
