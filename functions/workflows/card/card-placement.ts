/**
 * Where a card goes: into the channel of its account or, in a storm, into the thread of one list message, so that it does
 * not flood the channel. Chosen once per proposal and stored, so that a retry goes to the same place.
 */

import { MINUTE_MS } from '../../domain/base/time.ts'
import { type StormList, stormListItem } from '../../domain/card/storm-list.ts'
import type { BotConfig } from '../../domain/config/config.ts'
import type { Denial } from '../../domain/denial/denial.ts'
import type { PostedCard, Proposal } from '../../domain/proposal/proposal.ts'
import { COUNTERS } from '../../domain/stored/counters.ts'
import { cardPlacement, stormList, stormListKey } from '../../domain/stored/markers.ts'
import type { AccountUnits } from '../../ports/access-reader.ts'
import type { Chat } from '../../ports/chat.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Observer } from '../../ports/observer.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import type { Renderer, SideRenderer } from '../../ports/renderer.ts'
import { modeOfDenial, withoutFaults } from '../approval/account-mode.ts'
import { updateMarker } from '../optimistic-update.ts'
import { introduce } from './first-run.ts'

export type PlacementDeps = {
  readonly store: Pick<ProposalStore, 'increment' | 'getMarker' | 'putMarker'>
  readonly chat: Pick<Chat, 'post' | 'update'>
  readonly units: AccountUnits
  readonly renderer: SideRenderer & Pick<Renderer, 'text'>
  readonly config: BotConfig
  readonly clock: Clock
  readonly observer: Observer
}

type ListMessage = PostedCard & { readonly key: string }
export type Placement = {
  readonly channel: string
  /** Null: the channel itself. */
  readonly list: ListMessage | null
  /** This attempt chose it. */
  readonly first: boolean
}

/** Longer than a post takes: afterwards, the worker that posts the list has crashed. */
const LIST_LEASE_MS = 30_000
const MAX_ITEMS = 20

export function channelOf({ accountId }: Pick<Denial, 'accountId'>, config: BotConfig): string {
  const own = accountId !== null && Object.hasOwn(config.accounts, accountId) ? config.accounts[accountId] : undefined
  return own?.channel ?? config.channel
}

/** Every channel that cards go to. */
export const channelsOf = ({ channel, accounts }: BotConfig): readonly string[] => [
  ...new Set([channel, ...Object.values(accounts).flatMap(account => account.channel ?? [])]),
]

/** Null: another worker is posting its list. */
export async function placementOf(proposal: Proposal, deps: PlacementDeps): Promise<Placement | null> {
  const channel = channelOf(proposal.denial, deps.config)
  const marker = cardPlacement(proposal.id)
  const before = await deps.store.getMarker(marker)
  const { listKey } = before === null ? { listKey: await stormKeyOf(proposal, channel, deps) } : before.value
  if (before === null) await deps.store.putMarker(marker, 0, { listKey })
  if (listKey === null) return { channel, list: null, first: before === null }
  const ts = await listMessage(channel, listKey, deps)
  return ts === null ? null : { channel, list: { channel, ts, key: listKey }, first: before === null }
}

/** Null: no storm. The key of its list, once more cards than configured came within the window. */
async function stormKeyOf(proposal: Proposal, channel: string, deps: PlacementDeps): Promise<string | null> {
  const { store, config, clock, units } = deps
  const mode = await modeOfDenial(proposal.denial, { config, units: withoutFaults(units) })
  const most = await introduce(channel, mode, config.digestAfterCards, deps)
  const windowMs = config.digestWindowMinutes * MINUTE_MS
  const window = Math.floor(clock() / windowMs)
  const cards = await store.increment(`${COUNTERS.cards}${channel}/${window}`, (window + 2) * windowMs)
  return cards > most ? stormListKey(channel, window) : null
}

/** Posted by the worker that wins the marker. If it crashed before it stored the timestamp, the chat finds the message by its key. */
async function listMessage(channel: string, key: string, deps: PlacementDeps): Promise<string | null> {
  const { store, chat, clock } = deps
  const found = await store.getMarker(stormList(key))
  const list = found?.value ?? null
  if (list !== null && list.ts !== null) return list.ts
  if (list !== null && clock() < list.makingUntilMs) return null
  const making: StormList = { total: 0, items: [], ...list, ts: null, makingUntilMs: clock() + LIST_LEASE_MS }
  const version = found?.version ?? 0
  if (!(await store.putMarker(stormList(key), version, making))) return null
  const { ts } = await chat.post(channel, deps.renderer.list([], 0), key, { first: found === null })
  return (await store.putMarker(stormList(key), version + 1, { ...making, ts })) ? ts : null
}

/** Adds the proposal to its list, once. A list that cannot be updated now is updated with the next card. */
export async function addToList(proposal: Proposal, message: ListMessage, deps: PlacementDeps): Promise<void> {
  let added = false
  try {
    const list = await updateMarker(
      stormList(message.key),
      now => {
        added = false
        if (now === null || now.items.some(item => item.proposalId === proposal.id)) return null
        added = true
        const items = [...now.items, stormListItem(proposal)].slice(0, MAX_ITEMS)
        return { ...now, total: now.total + 1, items }
      },
      deps.store,
    )
    if (list !== null && added) await deps.chat.update(message, deps.renderer.list(list.items, list.total))
  } catch (error) {
    deps.observer.log('warn', 'storm_list_not_updated', { key: message.key, error: String(error) })
  }
}
