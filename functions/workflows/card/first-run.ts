/** Before the first card or observed denial of a channel, one message introduces rolemedic. Posted once. */

import { FIRST_RUN_CARDS, FIRST_RUN_MS, firstRunText } from '../../domain/card/index.ts'
import type { AppliedMode } from '../../domain/config/index.ts'
import { firstRun } from '../../domain/stored/index.ts'
import type { Chat } from '../../ports/chat.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Observer } from '../../ports/observer.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import type { Renderer } from '../../ports/renderer.ts'

export type FirstRunDeps = {
  readonly store: Pick<ProposalStore, 'getMarker' | 'putMarker'>
  readonly chat: Pick<Chat, 'post'>
  readonly renderer: Pick<Renderer, 'text'>
  readonly clock: Clock
  readonly observer: Observer
}

/** Longer than a post takes. Afterwards its worker has crashed, and the chat finds the message by its key. */
const POST_LEASE_MS = 30_000

/** Returns how many cards are posted outside of a list now. `usual`: the number after the first hour. A failed message delays no card. */
export async function introduce(
  channel: string,
  mode: AppliedMode,
  usual: number,
  deps: FirstRunDeps,
): Promise<number> {
  const { store, chat, renderer, clock, observer } = deps
  const marker = firstRun(channel)
  const found = await store.getMarker(marker)
  const nowMs = clock()
  const fromMs = found?.value.fromMs ?? nowMs
  const most = nowMs < fromMs + FIRST_RUN_MS ? Math.min(usual, FIRST_RUN_CARDS) : usual
  if (found?.value.posted === true) return most
  if (found !== null && nowMs < (found.value.triedMs ?? fromMs) + POST_LEASE_MS) return most
  const version = found?.version ?? 0
  if (!(await store.putMarker(marker, version, { fromMs, posted: false, triedMs: nowMs }))) return most
  try {
    await chat.post(channel, renderer.text(firstRunText(mode)), marker.key, { first: found === null })
    await store.putMarker(marker, version + 1, { fromMs, posted: true })
  } catch (error) {
    observer.log('warn', 'first_message_not_posted', { channel, error: String(error) })
  }
  return most
}
