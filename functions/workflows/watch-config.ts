/** Keeps the configuration that runs, and tells the channel when the deployed one cannot be read. */
import { HOUR_MS, neutralText, utc } from '../../core/base/index.ts'
import type { BotConfig } from '../domain/config/index.ts'
import { LAST_CONFIG } from '../domain/stored/index.ts'
import type { Chat } from '../ports/chat.ts'
import type { Clock } from '../ports/clock.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import type { Renderer } from '../ports/renderer.ts'

export type WatchConfigDeps = {
  readonly store: Pick<ProposalStore, 'getMarker' | 'putMarker'>
  readonly chat: Pick<Chat, 'post'>
  readonly clock: Clock
  readonly observer: Observer
  readonly renderer: Pick<Renderer, 'text'>
  readonly running: {
    readonly config: Pick<BotConfig, 'channel' | 'auditChannel'>
    readonly text: string
    readonly unread: { readonly why: string; readonly lastGoodMs: number } | null
  }
}

const SAID_AGAIN_MS = 6 * HOUR_MS
const MAX_WHY_CHARS = 500

/** Once per process, as a deployment starts new ones; what is posted, in each window of six hours. */
export function makeWatchConfig(deps: WatchConfigDeps): () => Promise<void> {
  const { store, chat, renderer, clock, observer, running } = deps
  let isKept = false
  let postedIn = -1
  return async () => {
    const { config, text, unread } = running
    if (unread === null) {
      if (isKept) return
      const found = await store.getMarker(LAST_CONFIG)
      if (found?.value.text !== text) await store.putMarker(LAST_CONFIG, found?.version ?? 0, { text, goodMs: clock() })
      isKept = true
      return
    }
    observer.count('ConfigUnread')
    const window = Math.floor(clock() / SAID_AGAIN_MS)
    if (postedIn === window) return
    await chat.post(config.auditChannel ?? config.channel, renderer.text(inWords(unread)), `config-unread/${window}`)
    postedIn = window
  }
}

const inWords = ({ why, lastGoodMs }: { readonly why: string; readonly lastGoodMs: number }): string =>
  [
    `The configuration that is deployed cannot be read: ${neutralText(why, MAX_WHY_CHARS)}.`,
    `The functions go on with the one that ran since ${utc(lastGoodMs)}: cards, decisions, reverts and ends. Nothing is granted meanwhile.`,
    'Check the file with “rolemedic config check”, and deploy it again.',
  ].join('\n')
