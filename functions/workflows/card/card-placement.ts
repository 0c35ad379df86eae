/**
 * Where a card goes: into the channel of its account or, in a storm, into the thread of one list, so that a channel
 * is never flooded. Decided once per proposal and remembered, so that a retry looks in the same place.
 */

import * as z from 'zod'
import { stormListItem } from '../../domain/card/storm-list.ts'
import type { Config } from '../../domain/config/config.ts'
import type { PostedCard, Proposal } from '../../domain/proposal/proposal.ts'
import type { Chat } from '../../ports/chat.ts'
import type { Clock } from '../../ports/clock.ts'
import type { SideDrawing } from '../../ports/drawing.ts'
import type { Observer } from '../../ports/observer.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
export type CardPlaceDeps = {
  readonly store: Pick<ProposalStore, 'increment' | 'getNote' | 'putNote'>
  readonly chat: Pick<Chat, 'post' | 'update'>
  readonly drawing: SideDrawing
  readonly config: Config
  readonly clock: Clock
  readonly observer: Observer
}

export type Place = {
  readonly channel: string
  /** Null: the channel itself. */
  readonly list: (PostedCard & { readonly key: string }) | null
  /** No earlier attempt chose this place. */
  readonly first: boolean
}

const MINUTE_MS = 60_000
/** Whoever makes the list has made it by then, or has died. */
const MAKING_MS = 30_000
const MAX_ITEMS = 20
const MAX_ATTEMPTS = 10

const chosen = z.object({ listKey: z.nullable(z.string()) })
const list = z.object({
  ts: z.nullable(z.string()),
  makingUntilMs: z.number(),
  total: z.number(),
  items: z.array(z.object({ proposalId: z.string(), digest: z.string(), tone: z.string(), text: z.string() })),
})
type List = z.infer<typeof list>

function channelOf(proposal: Proposal, config: Config): string {
  const { accountId } = proposal.denial
  const own = accountId !== null && Object.hasOwn(config.accounts, accountId) ? config.accounts[accountId] : undefined
  return own?.channel ?? config.channel
}

/** Null: the list it belongs to is being made by somebody else just now. */
export async function placeOf(proposal: Proposal, deps: CardPlaceDeps): Promise<Place | null> {
  const channel = channelOf(proposal, deps.config)
  const note = `card-place/${proposal.id}`
  const before = await deps.store.getNote(note)
  const listKey = before === null ? await choose(channel, deps) : chosen.parse(before.value).listKey
  if (before === null) await deps.store.putNote(note, 0, { listKey })
  if (listKey === null) return { channel, list: null, first: before === null }
  const made = await listMessage(channel, listKey, deps)
  return made === null ? null : { channel, list: { channel, ts: made, key: listKey }, first: before === null }
}

/** The key of the storm's list, once more cards than the configured number came within the window. */
async function choose(channel: string, { store, config, clock }: CardPlaceDeps): Promise<string | null> {
  const windowMs = config.digestWindowMinutes * MINUTE_MS
  const window = Math.floor(clock() / windowMs)
  const cards = await store.increment(`cards/${channel}/${window}`, (window + 2) * windowMs)
  return cards > config.digestAfterCards ? `digest/${channel}/${window}` : null
}

/** Made by the one that wins the note; found by its key if the winner died before it could write down the place. */
async function listMessage(channel: string, key: string, deps: CardPlaceDeps): Promise<string | null> {
  const { store, chat, clock } = deps
  const note = await store.getNote(key)
  const now = note === null ? null : list.parse(note.value)
  if (now?.ts) return now.ts
  if (now !== null && clock() < now.makingUntilMs) return null
  const making: List = { total: 0, items: [], ...now, ts: null, makingUntilMs: clock() + MAKING_MS }
  const version = note?.version ?? 0
  if (!(await store.putNote(key, version, making))) return null
  const { ts } = await chat.post(channel, deps.drawing.list([], 0), key, { first: note === null })
  return (await store.putNote(key, version + 1, { ...making, ts })) ? ts : null
}

/** Adds the proposal to its list, once. A list that cannot be drawn now is drawn with the next card. */
export async function listed(
  proposal: Proposal,
  place: PostedCard & { readonly key: string },
  deps: CardPlaceDeps,
): Promise<void> {
  for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
    const note = await deps.store.getNote(place.key)
    if (note === null) return
    const now = list.parse(note.value)
    if (now.items.some(item => item.proposalId === proposal.id)) return
    const items = [...now.items, stormListItem(proposal)].slice(0, MAX_ITEMS)
    const next: List = { ...now, total: now.total + 1, items }
    if (!(await deps.store.putNote(place.key, note.version, next))) continue
    try {
      await deps.chat.update(place, deps.drawing.list(items, next.total))
    } catch (error) {
      deps.observer.log('warn', 'the list of a storm could not be drawn', { key: place.key, error: String(error) })
    }
    return
  }
}
