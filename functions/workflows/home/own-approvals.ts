/**
 * A list of the proposals that each person has approved. Needed because an index has one key per item, and a proposal can have
 * several approvers. Only for display: the signed approval on the proposal decides.
 */
import type { ChatUserId } from '../../domain/messages/index.ts'
import { approvalsOf, type Proposal } from '../../domain/proposal/index.ts'
import { approverMarker, type OwnApproval } from '../../domain/stored/index.ts'
import type { Observer } from '../../ports/observer.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import { updateMarker } from '../optimistic-update.ts'

export type OwnApprovalsDeps = {
  readonly store: Pick<ProposalStore, 'getMarker' | 'putMarker'>
  readonly observer: Observer
}

/** Per person. Older approvals are in the audit log. */
const MAX_KEPT = 50

/** Idempotent. A failure costs a line of the Home tab and stops no decision. */
export async function rememberApprovals(proposal: Proposal, { store, observer }: OwnApprovalsDeps): Promise<void> {
  try {
    for (const { by, atMs } of approvalsOf(proposal))
      await updateMarker(
        approverMarker(by.id),
        list => withApproval(list ?? [], { proposalId: proposal.id, atMs }),
        store,
      )
  } catch (error) {
    observer.log('warn', 'approval_not_listed', { proposalId: proposal.id, error: String(error) })
  }
}

/** Null: it is already listed, or older than the kept ones. */
function withApproval(list: readonly OwnApproval[], added: OwnApproval): readonly OwnApproval[] | null {
  const earlier = list.find(({ proposalId }) => proposalId === added.proposalId)
  if (earlier !== undefined && earlier.atMs >= added.atMs) return null
  const others = list.filter(each => each !== earlier)
  const kept = [...others, added].sort((a, b) => b.atMs - a.atMs).slice(0, MAX_KEPT)
  return kept.includes(added) ? kept : null
}

/** The last approval first. */
export async function ownApprovals(
  userId: ChatUserId,
  { store }: { readonly store: Pick<ProposalStore, 'getMarker'> },
): Promise<readonly OwnApproval[]> {
  return (await store.getMarker(approverMarker(userId)))?.value ?? []
}
