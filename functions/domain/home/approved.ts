/** The state of a change, for a person who approved it. */
import { joined, never, own, person, type RichText, richText, time } from '../../../core/base/index.ts'
import { endLine, headline } from '../card/index.ts'
import type { ChatUserId } from '../messages/index.ts'
import {
  type Applied,
  approvalsOf,
  type Confirmed,
  didNotHelp,
  isRollingOut,
  type Proposal,
} from '../proposal/index.ts'
import { progress } from './progress.ts'

export function approvedItem(
  proposal: Proposal,
  userId: ChatUserId,
  atMs: number,
  nowMs: number,
): { readonly title: RichText; readonly detail: RichText } {
  return {
    title: headline(proposal).text,
    detail: richText`You approved it ${time(atMs)}. ${resultOf(proposal, userId, nowMs)}`,
  }
}

function resultOf(proposal: Proposal, userId: ChatUserId, nowMs: number): RichText {
  switch (proposal.status) {
    case 'drafted':
    case 'closed':
      return NOT_ANY_MORE
    case 'open':
      return approvalsOf(proposal).some(({ by }) => by.id === userId)
        ? richText`It waits for another person.`
        : NOT_ANY_MORE
    case 'approved':
    case 'applying':
    case 'reverting':
      return progress(proposal)
    case 'applied':
    case 'confirmed':
      return granted(proposal, nowMs)
    case 'reverted': {
      const { by, atMs } = proposal.reverted
      return richText`It was reverted by ${person(by)}, ${time(atMs)}.`
    }
    case 'rejected': {
      const { by, reason } = proposal.rejection
      return richText`${person(by)} rejected it${reason === '' ? [] : richText`: ${reason}`}`
    }
    case 'expired':
      return richText`Nobody else decided in time: nothing was changed.`
    case 'failed':
    case 'stale':
      return richText`Nothing was written: ${proposal.failure.message}`
    default:
      return never(proposal)
  }
}

const NOT_ANY_MORE = richText`Your approval does not count any more, as the change was made again: look at it once more.`

function granted(proposal: Applied | Confirmed, nowMs: number): RichText {
  const { applied, repeats } = proposal
  const end = joined([[], ...endLine(applied.endsAtMs, nowMs)], ' ')
  if (proposal.status === 'applied' && proposal.failure !== null)
    return richText`It needs a person: ${proposal.failure.message}${end}`
  if (didNotHelp(proposal))
    return richText`It was applied ${time(applied.atMs)}, and denied again ${time(repeats.lastSeenMs)}.${end}`
  const rolls = isRollingOut(proposal) ? ', and is being rolled out' : ''
  const works = proposal.status === 'confirmed' ? ', and it works' : rolls
  return richText`It was applied ${time(applied.atMs)}${[own(works)]}.${end}`
}
