import { type Occurrence, type PostedCard, type Proposal, postedCardOf } from '../domain/proposal/proposal.ts'
import { isRepeatable, repeated, requeued } from '../domain/proposal/transitions.ts'
import type { Chat } from '../ports/chat.ts'
import type { Clock } from '../ports/clock.ts'
import type { Drawing } from '../ports/drawing.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import { refreshCard } from '../workflows/card/refresh-card.ts'
import { repeatsOf } from './proposal-factory.ts'

type Deps = {
  readonly store: ProposalStore
  readonly chat: Pick<Chat, 'post' | 'update' | 'reply'>
  readonly drawing: Drawing
  readonly clock: Clock
  readonly observer: Observer
}

/** The card counts every repeat; its thread speaks only each time their number has doubled. */
export async function countRepeats(proposal: Proposal, occurrence: Occurrence, deps: Deps): Promise<void> {
  if (occurrence.count <= proposal.repeats.count || !isRepeatable(proposal)) return
  const { count, firstSeenMs, lastSeenMs } = repeatsOf(occurrence)
  const repeats = {
    count,
    firstSeenMs: Math.min(proposal.repeats.firstSeenMs, firstSeenMs),
    lastSeenMs: Math.max(proposal.repeats.lastSeenMs, lastSeenMs),
  }
  const written = await deps.store.replace(proposal, repeated(proposal, repeats, deps.clock()))
  const card = written.ok ? postedCardOf(written.value) : null
  if (!written.ok || card === null) return
  try {
    await tell(proposal, card, count, deps)
  } catch (error) {
    // The count is stored; the card shows it the next time it is drawn, which for an open one is soon.
    deps.observer.log('warn', 'a repeat could not be shown', { proposalId: proposal.id, error: String(error) })
    if (written.value.status === 'open') await deps.store.replace(written.value, requeued(written.value, deps.clock()))
  }
}

async function tell(before: Proposal, card: PostedCard, count: number, deps: Deps): Promise<void> {
  await refreshCard(before.id, deps)
  if (doublings(count) === doublings(before.repeats.count)) return
  const text = `${count - before.repeats.count} more since: denied ${count} times by now.`
  await deps.chat.reply(card, deps.drawing.text(text))
}

const doublings = (n: number): number => Math.floor(Math.log2(Math.max(1, n)))
