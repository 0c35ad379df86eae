/**
 * When a card of a storm may be posted in its channel. A conditional write on the channel's item spaces the cards before the chat refuses
 * them. It is a courtesy and decides nothing: without it, the chat refuses what comes too early, and the post is repeated.
 * https://docs.slack.dev/apis/web-api/rate-limits
 */
import { MINUTE_MS } from '../../../core/base/index.ts'
import { type ChannelTurns, channelTurns } from '../../domain/stored/index.ts'
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
/** A worker waits for a turn within this time. Otherwise the card comes again, and the worker analyzes what else is there. */
const HELD_MS = 10_000
const LONGEST_MS = 10 * MINUTE_MS
/** Nobody takes a turn later than that, so what claims more is ignored. */
const LATEST_MS = 2 * HELD_MS

/** `isHeld`: the turn is taken, and begins after `ms`. Otherwise none is free soon, and the card asks again after `ms`. */
export type ChannelTurn = { readonly isHeld: boolean; readonly ms: number }
/** `isAgain`: the card has asked before. */
export type AskTurn = (channel: string, isAgain: boolean) => Promise<ChannelTurn>

export const AT_ONCE: ChannelTurn = { isHeld: true, ms: 0 }

export function askTurn({ store, clock, observer }: ChannelTurnDeps): AskTurn {
  return async (channel, isAgain) => {
    let turn = AT_ONCE
    try {
      await updateMarker(
        channelTurns(channel),
        seen => {
          const nowMs = clock()
          const { freeAtMs, waiting } = currentTurns(seen, nowMs)
          const ms = freeAtMs - nowMs
          if (ms <= HELD_MS) {
            turn = { isHeld: true, ms }
            return { freeAtMs: freeAtMs + SPACE_MS, waiting: Math.max(0, waiting - (isAgain ? 1 : 0)) }
          }
          const others = waiting + (isAgain ? 0 : 1)
          // Those who wait come back one after another, about as fast as turns become free.
          const againMs = Math.round(ms + others * SPACE_MS * (0.5 + Math.random() / 2))
          turn = { isHeld: false, ms: Math.min(againMs, LONGEST_MS) }
          return { freeAtMs, waiting: others }
        },
        store,
      )
      return turn
    } catch (error) {
      observer.log('warn', 'channel_turn_not_taken', { channel, error: String(error) })
      return AT_ONCE
    }
  }
}

/** After some time without turns, nobody waits: cards that are still counted were posted by `sweep`. */
function currentTurns(seen: ChannelTurns | null, nowMs: number): ChannelTurns {
  if (seen === null || seen.freeAtMs < nowMs - MINUTE_MS || seen.freeAtMs > nowMs + LATEST_MS)
    return { freeAtMs: nowMs, waiting: 0 }
  return { ...seen, freeAtMs: Math.max(nowMs, seen.freeAtMs) }
}
