/** Once per channel that had cards before: without a mode, nobody is asked to approve any more. */

import { unsetModeText } from '../domain/card/index.ts'
import { topMode } from '../domain/config/index.ts'
import { firstRun, unsetModePosted } from '../domain/stored/index.ts'
import { channelsOf } from '../workflows/card/card-placement.ts'
import { doOnce } from '../workflows/do-once.ts'
import type { makeObservedDigests } from './observed-digests.ts'

type Deps = Parameters<typeof makeObservedDigests>[0]

/** Returns the number of channels that failed. */
export function makeReportUnsetMode(deps: Deps): (timeUp: () => boolean) => Promise<number> {
  /** Channels that are done, so that a sweep a minute does not read the table each time. */
  const done = new Set<string>()
  return async timeUp => {
    if (topMode(deps.config).isUnset !== true) return 0
    let failures = 0
    for (const channel of channelsOf(deps.config)) {
      if (done.has(channel) || timeUp()) continue
      try {
        if (await report(channel, deps)) done.add(channel)
      } catch (error) {
        failures += 1
        deps.observer.log('error', 'unset_mode_not_reported', { channel, error: String(error) })
      }
    }
    return failures
  }
}

/** A new channel learns its mode from the first message. False: another sweep posts it. */
async function report(channel: string, deps: Deps): Promise<boolean> {
  const { store, chat, renderer } = deps
  const marker = unsetModePosted(channel)
  const post = async () => {
    const isOld = (await store.getMarker(firstRun(channel))) !== null
    if (isOld) await chat.post(channel, renderer.text(unsetModeText()), marker.key)
  }
  return doOnce(marker, post, deps)
}
