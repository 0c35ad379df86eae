/** A record of CloudTrail and its correction may name another caller, action or role: both have a card then, and each names the other. */
import { fail, ok } from '../../../core/base/index.ts'
import type { Denial } from '../../../core/denial/index.ts'
import type { Correction, Proposal } from '../../domain/proposal/index.ts'
import { type RecordCard, recordCard } from '../../domain/stored/index.ts'
import type { Clock } from '../../ports/clock.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import { CONTENTION, updateProposal } from '../optimistic-update.ts'
import { type RefreshCardDeps, refreshCard } from './refresh-card.ts'

type Deps = { readonly store: Pick<ProposalStore, 'getMarker' | 'putMarker'>; readonly clock: Clock }

/** Null: no other card is of the same call. In whatever order the two records come. */
export async function correctionOf(
  { id, corrects, source }: Denial,
  own: Pick<RecordCard, 'proposalId' | 'fingerprint'>,
  deps: Deps,
): Promise<Correction | null> {
  if (source !== 'cloudtrail') return null
  const before = corrects === undefined ? null : await otherCardOf(corrects, own, deps)
  const after = await otherCardOf(id, own, deps)
  if (after !== null) return { kind: 'corrected', proposalId: after }
  return before === null ? null : { kind: 'corrects', proposalId: before }
}

/** The proposal of another denial that this record, or its correction, led to first. */
async function otherCardOf(
  eventId: string,
  own: Pick<RecordCard, 'proposalId' | 'fingerprint'>,
  { store, clock }: Deps,
): Promise<string | null> {
  const marker = recordCard(eventId)
  if (await store.putMarker(marker, 0, { ...own, atMs: clock() })) return null
  const found = (await store.getMarker(marker))?.value ?? null
  return found === null || found.fingerprint === own.fingerprint ? null : found.proposalId
}

/** The other card says so, too. Idempotent. */
export async function noteOnOther(
  { id, correction }: Pick<Proposal, 'id' | 'correction'>,
  deps: RefreshCardDeps & { readonly store: Pick<ProposalStore, 'get' | 'replace'> },
): Promise<void> {
  const other = correction === undefined ? null : await deps.store.get(correction.proposalId)
  if (correction === undefined || other === null) return
  const back = { kind: correction.kind === 'corrects' ? 'corrected' : 'corrects', proposalId: id } as const
  const stored = await updateProposal(
    other,
    now => (isSaid(now, back) ? fail(now.correction) : ok<Proposal>({ ...now, correction: back })),
    deps.store,
  )
  if (!stored.ok && stored.error !== CONTENTION && stored.error?.proposalId !== id) return
  try {
    await refreshCard(other.id, deps)
  } catch (error) {
    deps.observer.log('warn', 'card_not_updated', { proposalId: other.id, error: String(error) })
  }
}

/** What is corrected itself says that first. */
const isSaid = ({ correction }: Proposal, { kind, proposalId }: Correction): boolean =>
  correction?.proposalId === proposalId || (correction?.kind === 'corrected' && kind === 'corrects')
