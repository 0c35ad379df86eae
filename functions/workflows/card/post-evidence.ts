/** Posts what a card rests on into its thread, once for each content of the card. In a storm the thread is the list: there, Details has it. */
import { isInThread, type PostedCard } from '../../domain/messages/index.ts'
import type { Proposal } from '../../domain/proposal/index.ts'
import { evidencePosted, firstLook } from '../../domain/stored/index.ts'
import type { Chat } from '../../ports/chat.ts'
import type { Observer } from '../../ports/observer.ts'
import type { Renderer } from '../../ports/renderer.ts'
import { type DoOnceDeps, doOnce } from '../do-once.ts'

export type PostEvidenceDeps = DoOnceDeps & {
  readonly chat: Pick<Chat, 'reply'>
  readonly renderer: Pick<Renderer, 'evidence'>
  readonly observer: Observer
}

/**
 * False: posting failed, or another worker posts it, and the next refresh of the card tries again. `first`: nobody can have posted it.
 */
export async function postEvidence(
  proposal: Proposal,
  card: PostedCard,
  deps: PostEvidenceDeps,
  { first = false }: { readonly first?: boolean } = {},
): Promise<boolean> {
  if (isInThread(card)) return true
  const { store, chat, renderer, observer } = deps
  const marker = evidencePosted(proposal.id, proposal.changed?.times ?? 0)
  const post = async () => {
    // An edited card notifies nobody, and the one before it could not be decided.
    const early = proposal.changed === undefined ? await store.getMarker(firstLook(proposal.id)) : null
    const calls = early !== null && early.value.card !== null
    await chat.reply(card, await renderer.evidence(proposal, { calls }), { key: marker.key, first })
  }
  try {
    if (!first) return await doOnce(marker, post, deps)
    await post()
    await store.putMarker(marker, 0, {})
    return true
  } catch (error) {
    observer.log('warn', 'evidence_not_posted', { proposalId: proposal.id, error: String(error) })
    return false
  }
}
