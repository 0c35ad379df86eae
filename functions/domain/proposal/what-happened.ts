import { never, utc } from '../../../core/base/index.ts'
import type { Person } from '../messages/index.ts'
import { approvalsOf, type Proposal } from './proposal.ts'

const who = (person: Person): string => `${person.name} (${person.id})`

/** Who did what to the proposal and when, in one sentence: the answer to a late click. Holds outside text: escape where shown. */
export function whatHappened(proposal: Proposal): string {
  const approvals = approvalsOf(proposal)
  const approvers = approvals.map(approval => `${who(approval.by)}, ${utc(approval.atMs)}`).join(' and ')
  switch (proposal.status) {
    case 'drafted':
      return 'The card is still being posted.'
    case 'open':
      return approvals.length === 0 ? 'Nobody has decided yet.' : `Approved so far by ${approvers}; it needs one more.`
    case 'approved':
    case 'applying':
      return `Approved by ${approvers}; the change is being written.`
    case 'applied':
    case 'confirmed':
      return `Approved by ${approvers}, and applied ${utc(proposal.applied.atMs)}.`
    case 'reverting':
      return `${who(proposal.revertRequest.by)} asked to undo it; the change is being undone.`
    case 'reverted':
      return `${who(proposal.reverted.by)} had it undone, ${utc(proposal.reverted.atMs)}.`
    case 'rejected': {
      const { by, atMs, reason, pullRequest } = proposal.rejection
      if (pullRequest === true) return `${who(by)} left it to a pull request, ${utc(atMs)}; nothing was written to IAM.`
      return `Rejected by ${who(by)}, ${utc(atMs)}${reason === '' ? '' : `: ${reason}`}`
    }
    case 'expired':
      return `Nobody decided in time: it ended ${utc(proposal.expiresAtMs)}.`
    case 'failed':
      return `Approved by ${approvers}, but nothing was written: ${proposal.failure.message}`
    case 'stale':
      return `${approvers === '' ? 'Out of date' : `Approved by ${approvers}, and out of date`}; nothing was written: ${proposal.failure.message}`
    case 'closed':
      return 'This card is for information: there is nothing to decide.'
    default:
      return never(proposal)
  }
}
