/**
 * The storm list: one message that lists the denials of its cards. Slack limits updates, so changes in between wait until the
 * next card or `sweep` shows them.
 */
import { canonicalJson, MINUTE_MS } from '../../../core/base/index.ts'
import { type StormList, type StormListItem, stormListItem, withEntry } from '../../domain/card/index.ts'
import type { BotConfig } from '../../domain/config/index.ts'
import { answeredBy, conversationOf, messageIdOf, messageIn, type PostedCard } from '../../domain/messages/index.ts'
import { type Proposal, postedCardOf } from '../../domain/proposal/index.ts'
import { cardPlacement, stormList, stormListKey, waitingLists } from '../../domain/stored/index.ts'
import { type Chat, ChatError } from '../../ports/chat.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Observer } from '../../ports/observer.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import type { Renderer, SideRenderer } from '../../ports/renderer.ts'
import { updateMarker } from '../optimistic-update.ts'

type ListPlace = { readonly channel: string; readonly key: string }
export type StormListMessage = ListPlace & { readonly posted: PostedCard }

type ShowDeps = {
  readonly store: Pick<ProposalStore, 'getMarker' | 'putMarker'>
  readonly chat: Pick<Chat, 'update'>
  readonly renderer: SideRenderer
  readonly clock: Clock
}

export type ListDeps = ShowDeps & {
  readonly chat: Pick<Chat, 'post' | 'update' | 'permalink'>
  readonly renderer: SideRenderer & Pick<Renderer, 'text'>
  readonly observer: Observer
}

/** Longer than a post takes. Afterwards, the worker that posts the list has crashed. */
const LIST_LEASE_MS = 30_000

/**
 * The minimum time between updates of one list. Slack accepts about 50 updates a minute in the whole workspace, and cards need
 * some too: the longer a list is, the less one entry changes it.
 */
const [SHORTEST_WAIT_MS, WAIT_OF_ENTRY_MS, LONGEST_WAIT_MS] = [15_000, 1_000, 2 * MINUTE_MS]
const waitOf = ({ total }: StormList): number =>
  Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, total * WAIT_OF_ENTRY_MS))

/** Posted by the worker that wins the marker. If it crashed before it stored the timestamp, the chat finds the message by its key. */
export async function listMessage(channel: string, key: string, deps: ListDeps): Promise<PostedCard | null> {
  const { store, chat, clock } = deps
  const found = await store.getMarker(stormList(key))
  const list = found?.value ?? null
  if (list !== null && list.message !== null) return messageIn(channel, list.message)
  if (list !== null && clock() < list.makingUntilMs) return null
  const making: StormList = { total: 0, items: [], ...list, message: null, makingUntilMs: clock() + LIST_LEASE_MS }
  const version = found?.version ?? 0
  if (!(await store.putMarker(stormList(key), version, making))) return null
  const posted = await chat.post(channel, deps.renderer.list([], 0), key, { first: found === null })
  const made = { ...making, message: messageIdOf(posted) }
  return (await store.putMarker(stormList(key), version + 1, made)) ? messageIn(channel, made.message) : null
}

/** Adds the proposal to its list, once. */
export async function addToList(proposal: Proposal, message: StormListMessage, deps: ListDeps): Promise<void> {
  try {
    const item = stormListItem(proposal, await linkOf(proposal, deps))
    await changeList(message, list => withEntry(list, item), deps)
  } catch (error) {
    deps.observer.log('warn', 'storm_list_not_updated', { key: message.key, error: String(error) })
  }
}

/** Stores the change, and shows it unless the message was updated just now. Null from `change`: nothing new. */
async function changeList(
  message: StormListMessage,
  change: (list: StormList) => StormList | null,
  { store, chat, renderer, clock }: ShowDeps,
): Promise<void> {
  const marker = stormList(message.key)
  const nowMs = clock()
  const claim: { list: StormList | null } = { list: null }
  const stored = await updateMarker(
    marker,
    list => {
      claim.list = null
      if (list === null) return null
      const changed = change(list)
      if (changed === null && list.pending !== true) return null
      if (nowMs < (list.shownAtMs ?? 0) + waitOf(list)) return changed === null ? null : { ...changed, pending: true }
      claim.list = { ...(changed ?? list), pending: true, shownAtMs: nowMs }
      return claim.list
    },
    store,
  )
  const claimed = claim.list
  if (claimed === null) {
    if (stored?.pending === true) await beginWait(message, store)
    return
  }
  let isTaken = false
  try {
    await chat.update(message.posted, renderer.list(claimed.items, claimed.total), { once: true })
    isTaken = true
  } finally {
    // The list waits until Slack has accepted the update, so that a crash loses nothing. It waits longer if it changed
    // meanwhile, or if this update may have overwritten a newer one.
    const isShown = (list: StormList) => isTaken && canonicalJson(list) === canonicalJson(claimed)
    const now = await updateMarker(marker, list => (list === null ? null : { ...list, pending: !isShown(list) }), store)
    if (now?.pending === true) await beginWait(message, store)
  }
}

/** Updates storm lists whose Slack message may be older than the stored list. Returns the number of failures. */
export async function showWaitingLists(
  channels: readonly string[],
  deps: WaitingDeps,
  timeUp: () => boolean,
): Promise<number> {
  let failures = 0
  for (const channel of channels) {
    try {
      failures += await showWaitingIn(channel, deps, timeUp)
    } catch (error) {
      failures += 1
      deps.observer.log('warn', 'storm_list_not_updated', { key: channel, error: String(error) })
    }
  }
  return failures
}

type WaitingDeps = ShowDeps & {
  readonly config: Pick<BotConfig, 'digestWindowMinutes'>
  readonly observer: Observer
}

async function showWaitingIn(channel: string, deps: WaitingDeps, timeUp: () => boolean): Promise<number> {
  const { store, config, clock, observer } = deps
  if (timeUp()) return 0
  const waiting = (await store.getMarker(waitingLists(channel)))?.value ?? []
  // A worker of these two windows may have crashed before it stored that its list waits.
  const window = Math.floor(clock() / (config.digestWindowMinutes * MINUTE_MS))
  const recent = [stormListKey(channel, window - 1), stormListKey(channel, window)]
  let failures = 0
  for (const key of new Set([...recent, ...waiting])) {
    if (timeUp()) return failures
    const list = { channel, key }
    try {
      await showWaiting(list, deps)
      if (!waiting.includes(key)) continue
      await endWait(list, store)
      // Too soon after the last update, or changed meanwhile.
      if (await isPending(key, store)) await beginWait(list, store)
    } catch (error) {
      failures += 1
      observer.log('warn', 'storm_list_not_updated', { key, error: String(error) })
      if (error instanceof ChatError && !error.isOutage) await endWait(list, store)
    }
  }
  return failures
}

async function showWaiting({ channel, key }: ListPlace, deps: ShowDeps): Promise<void> {
  const list = (await deps.store.getMarker(stormList(key)))?.value ?? null
  if (list !== null && list.message !== null && list.pending === true)
    await changeList({ channel, key, posted: messageIn(channel, list.message) }, () => null, deps)
}

const isPending = async (key: string, store: ShowDeps['store']): Promise<boolean> =>
  (await store.getMarker(stormList(key)))?.value.pending === true

/** `sweep` finds it when its window is long over, too. */
async function beginWait({ channel, key }: ListPlace, store: ShowDeps['store']): Promise<void> {
  await updateMarker(
    waitingLists(channel),
    keys => (keys?.includes(key) === true ? null : [...(keys ?? []), key]),
    store,
  )
}

async function endWait({ channel, key }: ListPlace, store: ShowDeps['store']): Promise<void> {
  await updateMarker(
    waitingLists(channel),
    keys => (keys?.includes(key) === true ? keys.filter(each => each !== key) : null),
    store,
  )
}

/** Null: not known now. A later update of the list asks again. */
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
  /** `list` is absent in functions that may not write lists. `sweep` updates their lists within minutes. */
  readonly renderer: Partial<SideRenderer>
  readonly clock: Clock
  readonly observer: Observer
}

/** Updates the list with the card's current state. Does nothing for a card outside of a storm. */
export async function updateListEntry(proposal: Proposal, deps: ListEntryDeps): Promise<void> {
  const { store, chat, clock, observer } = deps
  const { list: render } = deps.renderer
  const card = postedCardOf(proposal)
  const posted = card === null ? null : answeredBy(card)
  if (render === undefined || posted === null) return
  const listKey = (await store.getMarker(cardPlacement(proposal.id)))?.value.listKey ?? null
  if (listKey === null) return
  try {
    const entry = stormListItem(proposal, await linkOf(proposal, deps))
    const message = { channel: conversationOf(posted), key: listKey, posted }
    await changeList(message, list => withChanged(list, entry), { store, chat, clock, renderer: { list: render } })
  } catch (error) {
    observer.log('warn', 'storm_list_not_updated', { key: listKey, error: String(error) })
  }
}

/** Null: the list has no such entry, or the entry is unchanged. */
function withChanged(list: StormList, entry: StormListItem): StormList | null {
  const at = list.items.findIndex(({ proposalId }) => proposalId === entry.proposalId)
  const before = list.items[at]
  if (before === undefined) return null
  const item = { ...(before.link === undefined ? {} : { link: before.link }), ...entry }
  return canonicalJson(before) === canonicalJson(item) ? null : { ...list, items: list.items.with(at, item) }
}
