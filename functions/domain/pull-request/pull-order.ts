/** The order to `publish` for a proposal in its current state. */
import { approvalsOf, type Proposal, type PullOrder, shownOf } from '../proposal/index.ts'

/** The end of the grant that is in IAM until the code has it. Null: there is no such end. */
export function bridgeEndOf(proposal: Proposal): number | null {
  if (proposal.status !== 'applied' && proposal.status !== 'confirmed') return null
  return proposal.pull === undefined ? null : proposal.applied.endsAtMs
}

/**
 * `closed` if the change itself is withdrawn. If only the bridge has ended, the pull request stays open, because the code still
 * needs it.
 */
export function wantedOf(proposal: Proposal): 'open' | 'closed' {
  switch (proposal.status) {
    case 'reverted':
      return proposal.reverted.by.id === 'rolemedic' ? 'open' : 'closed'
    case 'rejected':
      return proposal.rejection.pullRequest === true ? 'open' : 'closed'
    case 'stale':
    case 'expired':
    case 'closed':
      return 'closed'
    default:
      return 'open'
  }
}

/** Null: nobody requested a pull request, or there is no change. */
export function orderOf(
  proposal: Proposal,
  wanted: PullOrder['wanted'],
  beside: Pick<PullOrder, 'cardUrl' | 'reminder'>,
): PullOrder | null {
  const { id: proposalId, code: place } = proposal
  if (place === undefined || proposal.patch === null) return null
  const changes = proposal.patch.changes.filter(({ required }) => required)
  return { proposalId, wanted, place, changes, decisions: signedBy(proposal), shown: shownOf(proposal), ...beside }
}

/** The approvals, and the rejection of who asked for the code alone. */
function signedBy(proposal: Proposal): PullOrder['decisions'] {
  const rejection = proposal.status === 'rejected' ? [proposal.rejection] : []
  return [...approvalsOf(proposal), ...rejection].flatMap(({ signed }) => (signed === null ? [] : [signed]))
}
