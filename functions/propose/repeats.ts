import { type Occurrence, type PostedCard, type Proposal, postedCardOf } from '../domain/proposal/proposal.ts'
import { isRepeatable, repeated, requeued } from '../domain/proposal/transitions.ts'
import type { Chat } from '../ports/chat.ts'
import type { Clock } from '../ports/clock.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import type { Renderer } from '../ports/renderer.ts'
import { refreshCard } from '../workflows/card/refresh-card.ts'
import { repeatsOf } from './proposal-factory.ts'

type Deps = {
  readonly store: ProposalStore
  readonly chat: Pick<Chat, 'post' | 'update' | 'reply' | 'permalink'>
  readonly renderer: Renderer
  readonly clock: Clock
  readonly observer: Observer
}

/** The card counts every repeat; its thread gets a message each time the count has doubled. Gives how many are new. */
export async function countRepeats(proposal: Proposal, occurrence: Occurrence, deps: Deps): Promise<number> {
  if (occurrence.count <= proposal.repeats.count || !isRepeatable(proposal)) return 0
  const { count, firstSeenMs, lastSeenMs } = repeatsOf(occurrence)
  const repeats = {
    count,
    firstSeenMs: Math.min(proposal.repeats.firstSeenMs, firstSeenMs),
    lastSeenMs: Math.max(proposal.repeats.lastSeenMs, lastSeenMs),
  }
  const written = await deps.store.replace(proposal, repeated(proposal, repeats, deps.clock()))
  if (!written.ok) return 0
  const more = count - proposal.repeats.count
  const card = postedCardOf(written.value)
  if (card === null) return more
  try {
    await announce(proposal, card, count, deps)
  } catch (error) {
    // The count is stored; the next refresh of the card shows it, which for an open one is soon.
    deps.observer.log('warn', 'repeat_not_shown', { proposalId: proposal.id, error: String(error) })
    if (written.value.status === 'open') await deps.store.replace(written.value, requeued(written.value, deps.clock()))
  }
  return more
}

async function announce(before: Proposal, card: PostedCard, count: number, deps: Deps): Promise<void> {
  await refreshCard(before.id, deps)
  if (doublings(count) === doublings(before.repeats.count)) return
  const text = `${count - before.repeats.count} more since then: denied ${count} times so far.`
  await deps.chat.reply(card, deps.renderer.text(text))
}

const doublings = (n: number): number => Math.floor(Math.log2(Math.max(1, n)))
