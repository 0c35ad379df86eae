/** A proposal that nobody has to decide now, because rolemedic is working on it. */
import { person, type RichText, richText } from '../../../core/base/index.ts'
import { headline } from '../card/index.ts'
import type { Proposal, ProposalOf } from '../proposal/index.ts'

export type InProgress = ProposalOf<'drafted' | 'approved' | 'applying' | 'reverting'>

export const isInProgress = (proposal: Proposal): proposal is InProgress =>
  proposal.status === 'drafted' ||
  proposal.status === 'approved' ||
  proposal.status === 'applying' ||
  proposal.status === 'reverting'

export const progressItem = (proposal: InProgress): { readonly title: RichText; readonly detail: RichText } => ({
  title: headline(proposal).text,
  detail: progress(proposal),
})

export function progress(proposal: InProgress): RichText {
  switch (proposal.status) {
    case 'drafted':
      return richText`Its card is not posted yet.`
    case 'approved':
      if (proposal.stopped !== undefined) return richText`It waits: ${proposal.stopped.by} stopped granting.`
      return proposal.waitsForRecord === true
        ? richText`It waits for CloudTrail's own record of the denial.`
        : richText`It is being written.`
    case 'applying':
      return richText`It is being written.`
    case 'reverting':
      return richText`It is being undone, as ${person(proposal.revertRequest.by)} asked.`
  }
}
