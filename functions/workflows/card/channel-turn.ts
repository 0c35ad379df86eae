/**
 * When a card of a storm may be posted in its channel. A conditional write on the channel's item spaces the cards before the chat refuses
 * them. It is a courtesy and decides nothing: without it, the chat refuses what comes too early, and the post is repeated.
 * https://docs.slack.dev/apis/web-api/rate-limits
 */
import { MINUTE_MS } from '../../../core/base/index.ts'
import { type ChannelTurns, channelTurns } from '../../domain/stored/index.ts'
import type { Chat } from '../../ports/chat.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Observer } from '../../ports/observer.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import { updateMarker } from '../optimistic-update.ts'

type ChannelTurnDeps = {
  readonly store: Pick<ProposalStore, 'getMarker' | 'putMarker'>
  readonly clock: Clock
  readonly observer: Observer
}

/** Slack takes one message a second in each channel. */
const SPACE_MS = 1_000
/** A worker waits for a turn within this time. Otherwise the card comes again, behind everything else in the queue. */
const HELD_MS = 15_000
/** Longer than a card needs until its message is sent, so that the first of a storm is no closer to the next one. */
const SOONEST_MS = 100
/** SQS delays a message no longer. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-delay-queues.html */
const LONGEST_MS = 15 * MINUTE_MS
/** Nobody takes a turn later than that, so what claims more is ignored. */
const LATEST_MS = 2 * HELD_MS

/** `isHeld`: the turn is taken, and begins after `ms`. Otherwise none is free soon, and the card asks again after `ms`. */
export type ChannelTurn = { readonly isHeld: boolean; readonly ms: number }
/** `again`: the card has asked before. A number: the card cannot come again, and its turn begins after so many milliseconds or later. */
export type AskTurn = (channel: string, how: 'first' | 'again' | number) => Promise<ChannelTurn>

export const AT_ONCE: ChannelTurn = { isHeld: true, ms: 0 }

export function askTurn({ store, clock, observer }: ChannelTurnDeps): AskTurn {
  return async (channel, how) => {
    const leastMs = typeof how === 'number' ? how : SOONEST_MS
    const mostMs = typeof how === 'number' ? LATEST_MS - SPACE_MS : HELD_MS
    let turn = typeof how === 'number' ? { isHeld: true, ms: how } : AT_ONCE
    try {
      await updateMarker(
        channelTurns(channel),
        seen => {
          const nowMs = clock()
          const { freeAtMs, waiting } = currentTurns(seen, nowMs)
          const ms = Math.max(freeAtMs - nowMs, leastMs)
          if (ms <= mostMs) {
            turn = { isHeld: true, ms }
            return { freeAtMs: nowMs + ms + SPACE_MS, waiting: Math.max(0, waiting - (how === 'again' ? 1 : 0)) }
          }
          if (typeof how === 'number') return null
          const others = waiting + (how === 'again' ? 0 : 1)
          // Those who wait come back one after another, about as fast as turns become free, and never all at once: Lambda stops what
          // comes again about 16 times. https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
          const share = 0.5 + Math.random() / 2
          turn = { isHeld: false, ms: Math.round(Math.min(ms + others * SPACE_MS * share, LONGEST_MS * share)) }
          return { freeAtMs, waiting: others }
        },
        store,
      )
    } catch (error) {
      observer.log('warn', 'channel_turn_not_taken', { channel, error: String(error) })
      return typeof how === 'number' ? { isHeld: true, ms: how } : AT_ONCE
    }
    return turn
  }
}

/** After some time without turns, nobody waits: cards that are still counted were posted by `sweep`. */
function currentTurns(seen: ChannelTurns | null, nowMs: number): ChannelTurns {
  if (seen === null || seen.freeAtMs < nowMs - MINUTE_MS || seen.freeAtMs > nowMs + LATEST_MS)
    return { freeAtMs: nowMs, waiting: 0 }
  return { ...seen, freeAtMs: Math.max(nowMs, seen.freeAtMs) }
}

type InTurnsDeps = {
  readonly askTurn: AskTurn
  readonly clock: Clock
  readonly sleep: (ms: number) => Promise<unknown>
}

/**
 * Sends one reply when the turn begins. Each further one, and one that the chat refuses, takes the next turn: a repeat is not sent in the
 * turn of another card. The message of a storm list is no reply: all of them wait for it.
 */
export function inTurns<C extends Pick<Chat, 'reply'>>(
  chat: C,
  channel: string,
  turn: ChannelTurn,
  { askTurn, clock, sleep }: InTurnsDeps,
): C {
  let beginsMs: number | null = clock() + turn.ms
  const next = async (leastMs: number): Promise<number> => (await askTurn(channel, leastMs)).ms
  return {
    ...chat,
    async reply(card, message, options) {
      const waitMs = beginsMs === null ? await next(0) : beginsMs - clock()
      beginsMs = null
      if (waitMs > 0) await sleep(waitMs)
      return chat.reply(card, message, { ...options, whenBusy: next })
    },
  }
}
