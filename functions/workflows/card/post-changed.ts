/** Posts what took the permission away into the thread of its card, once for each finding. In a storm the thread is the list: there, Details has it. */
import { digestOf } from '../../../core/base/index.ts'
import { whatChangedNotice } from '../../domain/card/index.ts'
import { isInThread } from '../../domain/messages/index.ts'
import { type Proposal, postedCardOf } from '../../domain/proposal/index.ts'
import { changePosted } from '../../domain/stored/index.ts'
import type { Chat } from '../../ports/chat.ts'
import type { Observer } from '../../ports/observer.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import type { Renderer } from '../../ports/renderer.ts'

export type PostChangedDeps = {
  readonly store: Pick<ProposalStore, 'getMarker' | 'putMarker'>
  readonly chat: Pick<Chat, 'reply'>
  readonly renderer: Pick<Renderer, 'notice'>
  readonly observer: Observer
}

/** If posting fails, the next refresh of the card tries again. If a crash loses the marker, the chat finds the message by its key. */
export async function postChanged(
  proposal: Proposal,
  { store, chat, renderer, observer }: PostChangedDeps,
): Promise<void> {
  const { whatChanged, restore } = proposal
  const card = postedCardOf(proposal)
  if (whatChanged === undefined || card === null || isInThread(card)) return
  const { seenAtMs: _, isFinal: __, ...finding } = whatChanged
  const marker = changePosted(proposal.id, digestOf({ finding, restore: restore?.kind ?? null }))
  try {
    if ((await store.getMarker(marker)) !== null) return
    await chat.reply(card, await renderer.notice(whatChangedNotice(proposal)), { key: marker.key })
    await store.putMarker(marker, 0, {})
  } catch (error) {
    observer.log('warn', 'what_changed_not_posted', { proposalId: proposal.id, error: String(error) })
  }
}
