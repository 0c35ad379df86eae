import { MINUTE_MS } from '../../core/base/index.ts'
import type { Config } from '../domain/config/index.ts'
import { isInThread, type PostedCard } from '../domain/messages/index.ts'
import {
  isRepeatable,
  type Occurrence,
  type Proposal,
  postedCardOf,
  type Repeatable,
  repeated,
  requeued,
} from '../domain/proposal/index.ts'
import { COUNTERS, firstLook } from '../domain/stored/index.ts'
import type { Chat } from '../ports/chat.ts'
import type { Clock } from '../ports/clock.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import type { Renderer } from '../ports/renderer.ts'
import { refreshCard } from '../workflows/card/refresh-card.ts'
import { repeatsOf } from './proposal-factory.ts'

type Deps = {
  readonly store: ProposalStore
  readonly chat: Pick<Chat, 'post' | 'update' | 'reply' | 'permalink' | 'userByEmail'>
  readonly renderer: Renderer
  readonly clock: Clock
  readonly observer: Observer
  readonly config: Config
  /** For each card. Absent: ten minutes, as Slack accepts about 50 updates a minute in the whole workspace. */
  readonly showEveryMs?: number
}

const SHOW_EVERY_MS = 10 * MINUTE_MS

/**
 * Counts every repeat. The card shows the count once in this time, and its thread gets a message each time the count has
 * doubled. Returns how many are new.
 */
export async function countRepeats(proposal: Proposal, occurrence: Occurrence, deps: Deps): Promise<number> {
  if (occurrence.count <= proposal.repeats.count || !isRepeatable(proposal)) return 0
  const { count, firstSeenMs, lastSeenMs } = repeatsOf(occurrence)
  const repeats = {
    count,
    firstSeenMs: Math.min(proposal.repeats.firstSeenMs, firstSeenMs),
    lastSeenMs: Math.max(proposal.repeats.lastSeenMs, lastSeenMs),
  }
  const card = postedCardOf(proposal)
  // The cards of a storm are too many: `sweep` shows their counts, one after another.
  const isAlone = card !== null && !isInThread(card)
  const shows = isAlone && (await isTurn(proposal, deps))
  const written = await deps.store.replace(proposal, counted(proposal, repeats, shows, deps))
  if (!written.ok) return 0
  const more = count - proposal.repeats.count
  if (!isAlone) return more
  try {
    if (shows) await refreshCard(proposal.id, deps)
    await announce(proposal, card, count, deps)
  } catch (error) {
    // The count is stored. The next refresh of the card shows it, which for an open one is soon.
    deps.observer.log('warn', 'repeat_not_shown', { proposalId: proposal.id, error: String(error) })
    if (written.value.status === 'open') await deps.store.replace(written.value, requeued(written.value, deps.clock()))
  }
  return more
}

/** `sweep` shows the count of an open card at the beginning of the next window, whose turn is taken for that. */
async function isTurn(proposal: Proposal, deps: Deps): Promise<boolean> {
  const turn = await takeTurn(proposal, 0, deps)
  if (turn === 2 && proposal.status === 'open') await takeTurn(proposal, 1, deps)
  return turn === 1
}

type Turns = Pick<Deps, 'store' | 'clock' | 'showEveryMs'>

/** Windows begin with the card, so that those of many cards end at different times. */
const windowOf = ({ createdAtMs }: Proposal, nowMs: number, everyMs: number): number =>
  Math.max(0, Math.floor((nowMs - createdAtMs) / everyMs))

/** Of this window, or of a later one. The first one shows the count. */
function takeTurn(proposal: Proposal, later: number, deps: Turns): Promise<number> {
  const { store, clock, showEveryMs = SHOW_EVERY_MS } = deps
  const window = windowOf(proposal, clock(), showEveryMs) + later
  const endMs = proposal.createdAtMs + (window + 2) * showEveryMs
  return store.increment(`${COUNTERS.repeats}${proposal.id}/${window}`, endMs)
}

/** The second look shows the count on the card of the first one. Of a card that is not open, only a repeat shows it: it takes the turn. */
export async function countShown(proposal: Proposal, deps: Turns): Promise<void> {
  if (proposal.status !== 'open') return
  const early = await deps.store.getMarker(firstLook(proposal.id))
  if (early?.value.isBegun === true) await takeTurn(proposal, 0, deps)
}

/** If the count is not shown now, `sweep` updates an open card after the window. */
function counted(
  proposal: Repeatable,
  repeats: Proposal['repeats'],
  shows: boolean,
  { clock, showEveryMs = SHOW_EVERY_MS }: Turns,
): Repeatable {
  const nowMs = clock()
  const next = repeated(proposal, repeats, nowMs)
  if (shows || next.status !== 'open' || next.card === null) return next
  const windowEndMs = next.createdAtMs + (windowOf(next, nowMs, showEveryMs) + 1) * showEveryMs
  return { ...next, dueAtMs: Math.min(next.dueAtMs, windowEndMs) }
}

async function announce(before: Proposal, card: PostedCard, count: number, deps: Deps): Promise<void> {
  if (doublings(count) === doublings(before.repeats.count)) return
  const text = `${count - before.repeats.count} more since then: denied ${count} times so far.`
  await deps.chat.reply(card, deps.renderer.text(text))
}

const doublings = (n: number): number => Math.floor(Math.log2(Math.max(1, n)))
