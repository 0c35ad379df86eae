/** Posts the outcome into the card's thread, because an edited card notifies nobody. */

import { asPlainText, never } from '../../../core/base/index.ts'
import { denialTitle } from '../../../core/denial/index.ts'
import { retryWords } from '../../../core/runs/index.ts'
import { contentChangeInWords } from '../../domain/card/index.ts'
import type { Config } from '../../domain/config/index.ts'
import { ROLEMEDIC } from '../../domain/messages/index.ts'
import {
  type Applied,
  approvalsOf,
  type Closed,
  type Confirmed,
  didNotHelp,
  failureOf,
  isRollingOut,
  keepsGrantUntil,
  type Open,
  type Proposal,
  type ProposalOf,
  postedCardOf,
  SOLVED,
} from '../../domain/proposal/index.ts'
import { outcomePosted } from '../../domain/stored/index.ts'
import type { Chat } from '../../ports/chat.ts'
import type { Renderer } from '../../ports/renderer.ts'
import { requesterOf } from '../approval/requester-identity.ts'
import { type DoOnceDeps, doOnce } from '../do-once.ts'

export type PostOutcomeDeps = DoOnceDeps & {
  readonly chat: Pick<Chat, 'reply' | 'userByEmail'>
  readonly renderer: Pick<Renderer, 'text'>
  readonly config: Pick<Config, 'mentionRequester'>
}

/** Once per outcome. False: another worker posts it. */
export async function postOutcome(proposal: Proposal, deps: PostOutcomeDeps): Promise<boolean> {
  const { chat, renderer, config } = deps
  const outcome = outcomeOf(proposal) ?? (config.mentionRequester ? declinedOutcome(proposal) : null)
  const card = postedCardOf(proposal)
  if (outcome === null || card === null) return true
  const marker = outcomePosted(proposal.id, outcome.kind)
  const post = async () => {
    const approvers = outcome.mention ?? approvalsOf(proposal).map(approval => approval.by.id)
    const waiting = config.mentionRequester ? await whoWaits(proposal, chat) : []
    const mentioned = [...new Set([...approvers, ...waiting])]
    if (mentioned.length === 0 && outcome.kind === 'declined') return
    const message = renderer.text(outcome.text, mentioned, asPlainText(denialTitle(proposal.denial)))
    await chat.reply(card, message, { key: marker.key })
  }
  return doOnce(marker, post, deps)
}

/** The person who was denied, if it is proved who. An address that the chat does not answer for is nobody. */
async function whoWaits({ requester }: Proposal, chat: Pick<Chat, 'userByEmail'>): Promise<readonly string[]> {
  if (requester.kind !== 'person' && requester.kind !== 'email') return []
  const who = await requesterOf(requester, chat)
  return who.kind === 'person' ? [who.userId] : []
}

/** The card says it too, and notifies nobody. */
function declinedOutcome(proposal: Proposal): Outcome | null {
  const mention: readonly string[] = []
  const isKept = keepsGrantUntil(proposal) !== null
  if (proposal.status === 'expired') {
    const after = isKept ? ': the grant ends as it was approved.' : ', nothing was changed.'
    return { kind: 'declined', text: `Nobody decided in time${after}`, mention }
  }
  if (proposal.status !== 'rejected' || proposal.rejection.pullRequest === true) return null
  const { reason } = proposal.rejection
  const words = isKept ? 'The grant ends as it was approved' : 'Rejected'
  return { kind: 'declined', text: reason === '' ? `${words}.` : `${words}: ${reason}`, mention }
}

type Outcome = { readonly kind: string; readonly text: string; readonly mention?: readonly string[] }

function outcomeOf(proposal: Proposal): Outcome | null {
  switch (proposal.status) {
    case 'applied':
    case 'confirmed':
      return appliedOutcome(proposal)
    case 'failed':
      return { kind: 'failed', text: `Nothing was changed. ${proposal.failure.message}` }
    case 'stale':
      if (proposal.failure.code === SOLVED) return { kind: 'stale', text: proposal.failure.message }
      return { kind: 'stale', text: `Out of date, nothing was changed. ${proposal.failure.message}` }
    case 'reverted':
      return { kind: 'reverted', text: revertedText(proposal) }
    case 'open':
    case 'closed':
      return contentOutcome(proposal)
    case 'drafted':
    case 'approved':
    case 'applying':
    case 'reverting':
    case 'rejected':
    case 'expired':
      return null
    default:
      return never(proposal)
  }
}

function revertedText({ pull, applied, reverted }: ProposalOf<'reverted'>): string {
  if (pull === undefined || reverted.by.id !== ROLEMEDIC.id || applied.endsAtMs === null)
    return 'Reverted: what was added is removed.'
  return reverted.atMs < applied.endsAtMs
    ? 'The grant is removed before its end: the request is allowed without it.'
    : 'The grant has ended and is removed.'
}

/** Informs people who had approved, because their approval does not count any more. */
function contentOutcome({ changed }: Open | Closed): Outcome | null {
  if (changed === undefined || changed.dropped.length === 0) return null
  return {
    kind: `changed-${changed.times}`,
    text: `${contentChangeInWords(changed)} Read the card again.`,
    mention: changed.dropped.map(({ id }) => id),
  }
}

function again({ run }: Pick<Proposal, 'run'>): string {
  const words = run === undefined ? null : retryWords(run)
  return words === null ? '' : ` Next: ${words}.`
}

function appliedOutcome(proposal: Applied | Confirmed): Outcome {
  const { applied } = proposal
  const failure = failureOf(proposal)
  if (didNotHelp(proposal))
    return { kind: 'did-not-help', text: 'It did not help: the same request was denied again. Revert it on the card.' }
  if (failure !== null) return { kind: 'needs-a-person', text: `This needs a person. ${failure.message}` }
  switch (applied.answer) {
    case 'allowed':
      return { kind: 'applied', text: `Applied: the request is allowed now.${again(proposal)}` }
    case 'denied':
      if (isRollingOut(proposal))
        return {
          kind: 'rolling-out',
          text: 'Applied, and still denied: Identity Center may take minutes to give it to the accounts.',
        }
      return { kind: 'applied', text: 'Applied, but the request is still denied. See the card.' }
    case 'unknown':
      return {
        kind: 'applied',
        text: 'Applied, but it is unknown whether the request is allowed. Try it again.',
      }
    default:
      return never(applied.answer)
  }
}
