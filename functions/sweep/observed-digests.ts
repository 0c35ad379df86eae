/** Once a day per channel, some minutes after midnight: the denials that were observed on the previous UTC day. */

import { MINUTE_MS } from '../../core/base/index.ts'
import { dayOf, observedDayText } from '../domain/card/index.ts'
import { type BotConfig, mayObserve } from '../domain/config/index.ts'
import { observedDay, observedPosted } from '../domain/stored/index.ts'
import type { Chat } from '../ports/chat.ts'
import type { Clock } from '../ports/clock.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import type { Renderer } from '../ports/renderer.ts'
import { channelsOf } from '../workflows/card/card-placement.ts'
import { doOnce } from '../workflows/do-once.ts'

type Deps = {
  readonly store: Pick<ProposalStore, 'getMarker' | 'putMarker'>
  readonly chat: Pick<Chat, 'post'>
  readonly renderer: Pick<Renderer, 'text'>
  readonly config: BotConfig
  readonly clock: Clock
  readonly observer: Observer
}

/** `propose` runs no longer than this, so counts that began before midnight are stored by then. */
const STORED_AFTER_MS = 5 * MINUTE_MS

/** After an outage of the chat, digests of at most this many days are posted. */
const MAX_DAYS = 3

/** Returns the number of channels that failed. A channel that refuses messages does not delay others. */
export function makeObservedDigests(deps: Deps): (timeUp: () => boolean) => Promise<number> {
  /** Channels and days that are done, so that a sweep a minute does not read the table each time. */
  const done = new Set<string>()
  const channels = channelsOf(deps.config)
  return async timeUp => {
    if (!mayObserve(deps.config)) return 0
    let failures = 0
    for (const channel of channels) {
      try {
        await postDays(channel, timeUp)
      } catch (error) {
        failures += 1
        deps.observer.log('error', 'observed_digest_failed', { channel, error: String(error) })
      }
    }
    return failures
  }

  async function postDays(channel: string, timeUp: () => boolean): Promise<void> {
    const today = dayOf(deps.clock() - STORED_AFTER_MS)
    for (let day = today - MAX_DAYS; day < today; day += 1) {
      const key = `${channel}/${day}`
      if (done.has(key) || timeUp()) continue
      if (!(await post(channel, day, deps))) continue
      if (done.size > channels.length * MAX_DAYS * 2) done.clear()
      done.add(key)
    }
  }
}

/** False: another sweep posts it. */
async function post(channel: string, day: number, deps: Deps): Promise<boolean> {
  const { store, chat, renderer, clock, observer } = deps
  const marker = observedPosted(channel, day)
  const seen = await store.getMarker(observedDay(channel, day))
  if (seen === null) return true
  const post = async () => {
    await chat.post(channel, renderer.text(observedDayText(seen.value, day)), marker.key)
    observer.log('info', 'observed_digest_posted', { channel, day, atMs: clock() })
  }
  return doOnce(marker, post, deps)
}
