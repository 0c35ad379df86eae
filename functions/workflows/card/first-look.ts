/**
 * The card of a denial before IAM has settled. It has no button, and the table has no proposal yet. A marker says who may show it: the
 * second look takes it over, and from then on nothing of the first look is posted or changed.
 */

import { elsewhereCard, type NoticeCard, settledCard, settlingCard } from '../../domain/card/index.ts'
import type { Config } from '../../domain/config/index.ts'
import { isSameMessage, type PostedCard } from '../../domain/messages/index.ts'
import { type Drafted, type Proposal, postedCardOf } from '../../domain/proposal/index.ts'
import { type FirstLook, firstLook } from '../../domain/stored/index.ts'
import type { Chat } from '../../ports/chat.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import type { Renderer } from '../../ports/renderer.ts'
import { updateMarker } from '../optimistic-update.ts'
import { type RefreshCardDeps, refreshCard } from './refresh-card.ts'

type MarkerDeps = {
  readonly store: Pick<ProposalStore, 'getMarker' | 'putMarker'>
  /** Absent: nobody looks for the first time any more. */
  readonly sleep?: (ms: number) => Promise<unknown>
}

/** Longer than a post takes. Afterwards, the worker of the first look has crashed. */
const [WAITS, WAIT_MS] = [20, 500]

/** Idempotent. Later steps find what the first look had shown. What it is posting in this moment is waited for: nobody could find it yet. */
export async function takeOver(proposalId: string, { store, sleep }: MarkerDeps): Promise<FirstLook> {
  for (let waits = 0; ; waits += 1) {
    const mayWait = sleep !== undefined && waits < WAITS
    const now = await updateMarker(
      firstLook(proposalId),
      seen => (seen?.isOver === true || (mayWait && isPosting(seen)) ? null : { ...(seen ?? NOT_BEGUN), isOver: true }),
      store,
    )
    if (!mayWait || !isPosting(now)) return now ?? NOT_BEGUN
    await sleep(WAIT_MS)
  }
}

const isPosting = (look: FirstLook | null): boolean => look?.isBegun === true && look.card === null && !look.isOver

const NOT_BEGUN: FirstLook = { isBegun: false, againAtMs: 0, card: null, isOver: true }

type PostDeps = RefreshCardDeps & {
  readonly store: Pick<ProposalStore, 'get' | 'getMarker' | 'putMarker'>
  readonly chat: Pick<Chat, 'post' | 'update'>
  readonly renderer: Pick<Renderer, 'notice'>
  readonly config: Config
}

/** False: the second look has begun, or the card was posted before. */
export async function postFirstLook(
  draft: Drafted,
  { channel, againAtMs }: { readonly channel: string; readonly againAtMs: number },
  deps: PostDeps,
): Promise<boolean> {
  const { store, chat, renderer, config } = deps
  const marker = firstLook(draft.id)
  // Another delivery may be posting it. If that one has crashed, the second look finds the message by its key.
  if (!(await store.putMarker(marker, 0, { isBegun: true, againAtMs, card: null, isOver: false }))) return false
  const message = await renderer.notice(settlingCard(draft, againAtMs, config))
  const card = await chat.post(channel, message, draft.id, { first: true })
  const noted = await updateMarker(marker, now => (now === null || now.isOver ? null : { ...now, card }), store)
  if (noted?.isOver !== true) return true
  await yieldCard(draft.id, card, deps)
  return false
}

/** The second look was faster than this post: it found the message and shows its card there, or has another place. */
async function yieldCard(proposalId: string, card: PostedCard, deps: PostDeps): Promise<void> {
  const { store, chat, renderer } = deps
  const proposal = await store.get(proposalId)
  // Its card is being posted, perhaps here.
  if (proposal === null || proposal.status === 'drafted') return
  const shown = postedCardOf(proposal)
  if (shown !== null && isSameMessage(shown, card)) return void (await refreshCard(proposalId, deps))
  const words = shown === null ? settledCard(proposal) : await pointerTo(proposal, proposalId, deps)
  await chat.update(card, await renderer.notice(words))
}

/** `id`: the proposal whose card would have been here. */
export async function pointerTo(
  proposal: Proposal,
  id: string,
  { chat }: { readonly chat: Pick<Chat, 'permalink'> },
): Promise<NoticeCard> {
  const card = postedCardOf(proposal)
  const link = card === null ? null : await chat.permalink(card)
  return elsewhereCard(id, proposal, link?.known === true ? link.value : null)
}

/** The second look has no card of its own for the denial: the early one says so, and nobody is mentioned. */
export async function endFirstLook(
  { id, channel }: { readonly id: string; readonly channel: string },
  words: () => NoticeCard | Promise<NoticeCard>,
  deps: MarkerDeps & { readonly chat: Pick<Chat, 'post' | 'update'>; readonly renderer: Pick<Renderer, 'notice'> },
): Promise<void> {
  const { isBegun, card } = await takeOver(id, deps)
  if (!isBegun) return
  const message = await deps.renderer.notice(await words())
  // Where its place is not known, the chat finds it by its key.
  await deps.chat.update(card ?? (await deps.chat.post(channel, message, id)), message)
}
