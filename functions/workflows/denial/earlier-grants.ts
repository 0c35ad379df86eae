/** Earlier grants for a denial that were in effect when AWS denied it again. Read from the table each time. */

import type { Denial } from '../../../core/denial/index.ts'
import type { EarlierGrant } from '../../../core/patch/index.ts'
import {
  keepsGrantUntil,
  outcomeOf,
  PROPAGATION_MS,
  type Proposal,
  seenEverywhereMs,
} from '../../domain/proposal/index.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'

type DeniedCall = { readonly denial: Denial; readonly atMs: number }

/** A denial that recurs after this many changes needs a person. */
const MAX_EARLIER = 10

/** Latest first. `previous`: the proposal before the one for this denial. */
export async function earlierGrants(
  previous: Proposal | null,
  denied: DeniedCall,
  store: Pick<ProposalStore, 'get'>,
): Promise<readonly EarlierGrant[]> {
  const grants: EarlierGrant[] = []
  let earlier = previous
  let later = denied
  for (let read = 0; earlier !== null && read < MAX_EARLIER; read += 1) {
    const changes = deniedUnder(earlier, later.atMs)
    if (changes.length > 0)
      grants.push({ proposalId: earlier.id, changes, isSameCall: isSameCall(earlier.denial, later.denial) })
    later = deniedCall(earlier)
    earlier = earlier.previous === null ? null : await store.get(earlier.previous.id)
  }
  return grants
}

/** Like `earlierGrants`, for a stored proposal. */
export async function grantsBefore(
  proposal: Proposal,
  store: Pick<ProposalStore, 'get'>,
): Promise<readonly EarlierGrant[]> {
  const previous = proposal.previous === null ? null : await store.get(proposal.previous.id)
  const others = await earlierGrants(previous, deniedCall(proposal), store)
  return previous === null || keepsGrantUntil(proposal) === null ? others : [...renewedGrant(previous), ...others]
}

/** Of a proposal that keeps the grant before it; none where that does not stand any more. */
export const renewedGrant = (previous: Proposal): readonly EarlierGrant[] =>
  previous.status === 'applied' || previous.status === 'confirmed'
    ? [{ proposalId: previous.id, changes: previous.applied.changes, isSameCall: true, isRenewed: true }]
    : []

const deniedCall = ({ denial, createdAtMs }: Proposal): DeniedCall => ({ denial, atMs: denial.timeMs ?? createdAtMs })

/** The changes that were completely written and in effect everywhere at this time. */
function deniedUnder(proposal: Proposal, atMs: number): EarlierGrant['changes'] {
  const outcome = outcomeOf(proposal)
  if (outcome === null) return []
  const { changes, endsAtMs } = outcome
  if (atMs <= seenEverywhereMs(outcome) + PROPAGATION_MS || atMs >= (endsAtMs ?? Number.POSITIVE_INFINITY)) return []
  return atMs < undoneAtMs(proposal) ? changes : []
}

function undoneAtMs(proposal: Proposal): number {
  if (proposal.status === 'reverting') return proposal.revertRequest.atMs
  return proposal.status === 'reverted' ? proposal.reverted.atMs : Number.POSITIVE_INFINITY
}

/** A text may not name its call. */
const isSameCall = ({ call: one }: Denial, { call: other }: Denial): boolean =>
  one.eventName !== null && one.eventName === other.eventName && one.eventSource === other.eventSource
