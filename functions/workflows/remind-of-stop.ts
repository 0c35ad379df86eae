/** Once a day, while granting is stopped: somebody who forgets `rolemedic resume` leaves every approval to run out unwritten. */
import { DAY_MS, neutralText, utcSecond } from '../../core/base/index.ts'
import type { BotConfig } from '../domain/config/index.ts'
import { GRANT_STOP, type GrantStop } from '../domain/stored/index.ts'
import type { Chat } from '../ports/chat.ts'
import type { Clock } from '../ports/clock.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import type { Renderer } from '../ports/renderer.ts'

export type RemindOfStopDeps = {
  readonly store: Pick<ProposalStore, 'getMarker'>
  readonly chat: Pick<Chat, 'post'>
  readonly renderer: Pick<Renderer, 'text'>
  readonly config: Pick<BotConfig, 'channel'>
  readonly clock: Clock
}

const MAX_NAME_CHARS = 100
const MAX_REASON_CHARS = 300

/** A repeat on the same day posts nothing more. */
export function makeRemindOfStop({ store, chat, renderer, config, clock }: RemindOfStopDeps): () => Promise<void> {
  return async () => {
    const stop = (await store.getMarker(GRANT_STOP))?.value.stop ?? null
    if (stop === null) return
    const key = `granting-stopped/${stop.sinceMs}/${Math.floor(clock() / DAY_MS)}`
    await chat.post(config.channel, renderer.text(inWords(stop)), key)
  }
}

const inWords = ({ by, reason, sinceMs }: GrantStop): string =>
  [
    `Granting is stopped since ${utcSecond(sinceMs)}, by ${neutralText(by, MAX_NAME_CHARS)}.`,
    'What people approve is not written, and an approval runs out after 24 h. Reverts and ends of grants go on.',
    ...(reason === null ? [] : [`The reason: ${neutralText(reason, MAX_REASON_CHARS)}.`]),
    'To go on: rolemedic resume.',
  ].join(' ')
