/**
 * Where a card goes: into the channel of its account or, in a storm, into the thread of one list message, so that it does
 * not flood the channel. Chosen once per proposal and stored, so that a retry goes to the same place.
 */

import { canonicalJson } from '../../domain/base/canonical-json.ts'
import { MINUTE_MS } from '../../domain/base/time.ts'
import { type StormList, type StormListItem, stormListItem, withEntry } from '../../domain/card/storm-list.ts'
import type { BotConfig } from '../../domain/config/config.ts'
import type { Denial } from '../../domain/denial/denial.ts'
import { type PostedCard, type Proposal, postedCardOf } from '../../domain/proposal/proposal.ts'
import { COUNTERS } from '../../domain/stored/counters.ts'
import { type CardPlacement, cardPlacement, stormList, stormListKey } from '../../domain/stored/markers.ts'
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
  readonly chat: Pick<Chat, 'post' | 'update' | 'permalink'>
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
  const { listKey, window } = before?.value ?? (await placeOf(proposal, channel, deps))
  if (before === null) await deps.store.putMarker(marker, 0, { listKey, ...(window === undefined ? {} : { window }) })
  if (listKey === null) return { channel, list: null, first: before === null }
  const ts = await listMessage(channel, listKey, deps)
  return ts === null ? null : { channel, list: { channel, ts, key: listKey }, first: before === null }
}

/** `listKey` is null: no storm. The key of its list, once more denials than configured came within the window. */
async function placeOf(proposal: Proposal, channel: string, deps: PlacementDeps): Promise<CardPlacement> {
  const { store, config, clock, units } = deps
  const mode = await modeOfDenial(proposal.denial, { config, units: withoutFaults(units) })
  const most = await introduce(channel, mode, config.digestAfterCards, deps)
  const windowMs = config.digestWindowMinutes * MINUTE_MS
  const window = Math.floor(clock() / windowMs)
  // A card that is posted again is no other denial: it goes where the one before it went.
  const before = proposal.previous === null ? null : await store.getMarker(cardPlacement(proposal.previous.id))
  if (before?.value.window === window) return before.value
  const cards = await store.increment(`${COUNTERS.cards}${channel}/${window}`, (window + 2) * windowMs)
  return { listKey: cards > most ? stormListKey(channel, window) : null, window }
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
    const item = stormListItem(proposal, await linkOf(proposal, deps))
    const list = await updateMarker(
      stormList(message.key),
      now => {
        const next = now === null ? null : withEntry(now, item)
        added = next !== null
        return next
      },
      deps.store,
    )
    if (list !== null && added) await showList(message, list, deps)
  } catch (error) {
    deps.observer.log('warn', 'storm_list_not_updated', { key: message.key, error: String(error) })
  }
}

const MAX_SHOWS = 5

/** Shown again if another worker stored more meanwhile: of two concurrent updates, the later one to finish sees what it overwrote. */
async function showList(
  message: ListMessage,
  first: StormList,
  { store, chat, renderer }: Pick<PlacementDeps, 'store' | 'chat' | 'renderer'>,
): Promise<void> {
  let list = first
  for (let shows = 0; shows < MAX_SHOWS; shows += 1) {
    await chat.update(message, renderer.list(list.items, list.total))
    const now = (await store.getMarker(stormList(message.key)))?.value ?? list
    if (isSameList(now, list)) return
    list = now
  }
}

const isSameList = (one: StormList, other: StormList): boolean =>
  one.total === other.total && canonicalJson(one.items) === canonicalJson(other.items)

/** Null: not known now; a later update of the list asks again. */
async function linkOf(
  proposal: Proposal,
  { chat }: { readonly chat: Pick<Chat, 'permalink'> },
): Promise<string | null> {
  const card = postedCardOf(proposal)
  const link = card === null ? null : await chat.permalink(card)
  return link?.known === true ? link.value : null
}

export type ListEntryDeps = {
  readonly store: Pick<ProposalStore, 'getMarker' | 'putMarker'>
  readonly chat: Pick<Chat, 'update' | 'permalink'>
  /** `list` is absent in functions that may not write lists: `sweep` updates them within minutes. */
  readonly renderer: Partial<SideRenderer>
  readonly clock: Clock
  readonly observer: Observer
}

/** Slack takes about 50 updates a minute. What comes sooner is shown by the next look of `sweep` at a card of the list. */
const UPDATE_EVERY_MS = 3_000

/** The list says of the card what it is now. Nothing to do for a card outside of a storm. */
export async function updateListEntry(proposal: Proposal, deps: ListEntryDeps): Promise<void> {
  const { store, chat, renderer, clock, observer } = deps
  const card = postedCardOf(proposal)
  if (renderer.list === undefined || card?.threadTs === undefined) return
  const listKey = (await store.getMarker(cardPlacement(proposal.id)))?.value.listKey ?? null
  if (listKey === null) return
  const marker = stormList(listKey)
  try {
    const entry = stormListItem(proposal, await linkOf(proposal, deps))
    const stored = await updateMarker(marker, list => withChanged(list, entry), store)
    if (stored?.pending !== true || clock() < (stored.shownAtMs ?? 0) + UPDATE_EVERY_MS) return
    await chat.update({ channel: card.channel, ts: card.threadTs }, renderer.list(stored.items, stored.total))
    const shownAtMs = clock()
    await updateMarker(
      marker,
      list => (list === null ? null : { ...list, shownAtMs, pending: !isSameList(list, stored) }),
      store,
    )
  } catch (error) {
    observer.log('warn', 'storm_list_not_updated', { key: listKey, error: String(error) })
  }
}

/** Null: the list has no such entry, or has it as it is. */
function withChanged(list: StormList | null, entry: StormListItem): StormList | null {
  const at = list?.items.findIndex(({ proposalId }) => proposalId === entry.proposalId) ?? -1
  const before = list?.items[at]
  if (list === null || before === undefined) return null
  const item = { ...(before.link === undefined ? {} : { link: before.link }), ...entry }
  if (canonicalJson(before) === canonicalJson(item)) return null
  return { ...list, items: list.items.with(at, item), pending: true }
}
