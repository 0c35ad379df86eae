/** How it ended, into the card's thread: an edited card notifies nobody, and whoever approved has walked away. */

import { never } from '../../domain/base/result.ts'
import { asPlainText } from '../../domain/base/rich-text.ts'
import { denialTitle } from '../../domain/denial/denial-title.ts'
import type { Proposal } from '../../domain/proposal/proposal.ts'
import { didNotHelp } from '../../domain/proposal/transitions.ts'
import type { Chat } from '../../ports/chat.ts'
import type { Drawing } from '../../ports/drawing.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'

export type TellResultDeps = {
  readonly store: Pick<ProposalStore, 'getNote' | 'putNote'>
  readonly chat: Pick<Chat, 'post'>
  readonly drawing: Pick<Drawing, 'text'>
}

/** Once per result: remembered in the store and, should that be lost, found by its key in the thread. */
export async function tellResult(proposal: Proposal, { store, chat, drawing }: TellResultDeps): Promise<void> {
  const result = resultOf(proposal)
  if (result === null || proposal.card === null) return
  const { channel, ts, threadTs } = proposal.card
  const key = `${proposal.id}/result/${result.kind}`
  if ((await store.getNote(key)) !== null) return
  const approvers = proposal.approvals.map(approval => approval.by.id)
  const said = drawing.text(result.text, approvers, asPlainText(denialTitle(proposal.denial)))
  await chat.post(channel, said, key, { threadTs: threadTs ?? ts })
  await store.putNote(key, 0, {})
}

type Result = { readonly kind: string; readonly text: string }

function resultOf(proposal: Proposal): Result | null {
  const why = proposal.failure?.message ?? 'no reason was given'
  switch (proposal.status) {
    case 'applied':
    case 'confirmed':
      return standing(proposal)
    case 'failed':
      return { kind: 'failed', text: `Nothing was changed: ${why}` }
    case 'stale':
      return {
        kind: 'stale',
        text: `Out of date, nothing was changed: ${why}`,
      }
    case 'reverted':
      return { kind: 'reverted', text: 'Reverted: what was added is taken out again.' }
    case 'drafted':
    case 'open':
    case 'approved':
    case 'applying':
    case 'reverting':
    case 'rejected':
    case 'expired':
    case 'closed':
      return null
    default:
      return never(proposal.status)
  }
}

function standing(proposal: Proposal): Result | null {
  const { applied, failure } = proposal
  if (didNotHelp(proposal))
    return { kind: 'did-not-help', text: 'It did not help: the same request was denied again. Revert it on the card.' }
  if (failure !== null) return { kind: 'needs-a-person', text: `This needs a person: ${failure.message}` }
  if (applied === null) return null
  switch (applied.answer) {
    case 'allowed':
      return { kind: 'applied', text: 'Applied: the request is allowed now.' }
    case 'denied':
      return { kind: 'applied', text: 'Applied, but the request is still denied. Look at the card.' }
    case 'unknown':
      return {
        kind: 'applied',
        text: 'Applied, but whether the request is allowed could not be settled. Try it again.',
      }
    default:
      return never(applied.answer)
  }
}
