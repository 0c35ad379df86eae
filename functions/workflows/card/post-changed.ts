/** Posts what took the permission away into the thread of its card, once for each finding. In a storm the thread is the list: there, Details has it. */
import { digestOf } from '../../../core/base/index.ts'
import { whatChangedNotice } from '../../domain/card/index.ts'
import { isInThread } from '../../domain/messages/index.ts'
import { type Proposal, postedCardOf } from '../../domain/proposal/index.ts'
import { changePosted } from '../../domain/stored/index.ts'
import type { Chat } from '../../ports/chat.ts'
import type { Observer } from '../../ports/observer.ts'
import type { Renderer } from '../../ports/renderer.ts'
import { type DoOnceDeps, doOnce } from '../do-once.ts'

export type PostChangedDeps = DoOnceDeps & {
  readonly chat: Pick<Chat, 'reply'>
  readonly renderer: Pick<Renderer, 'notice'>
  readonly observer: Observer
}

/** If posting fails, the next refresh of the card tries again. */
export async function postChanged(proposal: Proposal, deps: PostChangedDeps): Promise<void> {
  const { chat, renderer, observer } = deps
  const { whatChanged, restore } = proposal
  const card = postedCardOf(proposal)
  if (whatChanged === undefined || card === null || isInThread(card)) return
  const { seenAtMs: _, isFinal: __, ...finding } = whatChanged
  const marker = changePosted(proposal.id, digestOf({ finding, restore: restore?.kind ?? null }))
  try {
    const post = async () => chat.reply(card, await renderer.notice(whatChangedNotice(proposal)), { key: marker.key })
    await doOnce(marker, post, deps)
  } catch (error) {
    observer.log('warn', 'what_changed_not_posted', { proposalId: proposal.id, error: String(error) })
  }
}
