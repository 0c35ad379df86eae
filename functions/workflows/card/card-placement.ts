/**
 * Where a card is posted: in the channel of its account or, in a storm, in the thread of one list message, so that it does not
 * flood the channel. Chosen once per proposal and stored, so that a retry uses the same place.
 */

import { digestOf, MINUTE_MS } from '../../../core/base/index.ts'
import type { Denial } from '../../../core/denial/index.ts'
import { causeKey } from '../../domain/card/index.ts'
import type { BotConfig } from '../../domain/config/index.ts'
import type { Proposal } from '../../domain/proposal/index.ts'
import { type CardPlacement, COUNTERS, cardPlacement, stormListKey } from '../../domain/stored/index.ts'
import type { AccountUnits } from '../../ports/access-reader.ts'
import type { Chat } from '../../ports/chat.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Observer } from '../../ports/observer.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import type { Renderer, SideRenderer } from '../../ports/renderer.ts'
import { modeOfDenial, withoutFaults } from '../approval/account-mode.ts'
import { introduce } from './first-run.ts'
import { listMessage, type StormListMessage } from './storm-list-message.ts'

export type PlacementDeps = {
  readonly store: Pick<ProposalStore, 'increment' | 'getMarker' | 'putMarker'>
  readonly chat: Pick<Chat, 'post' | 'update' | 'permalink'>
  readonly units: AccountUnits
  readonly renderer: SideRenderer & Pick<Renderer, 'text'>
  readonly config: BotConfig
  readonly clock: Clock
  readonly observer: Observer
}

export type Placement = {
  readonly channel: string
  /** Null: directly in the channel. */
  readonly list: StormListMessage | null
  /** True when this attempt chose the place, so that nobody has posted there before. */
  readonly first: boolean
}

export function channelOf({ accountId }: Pick<Denial, 'accountId'>, config: BotConfig): string {
  const own = accountId !== null && Object.hasOwn(config.accounts, accountId) ? config.accounts[accountId] : undefined
  return own?.channel ?? config.channel
}

/** Every channel that receives cards. */
export const channelsOf = ({ channel, accounts }: BotConfig): readonly string[] => [
  ...new Set([channel, ...Object.values(accounts).flatMap(account => account.channel ?? [])]),
]

/** Null: another worker is posting its list. */
export async function placementOf(proposal: Proposal, deps: PlacementDeps): Promise<Placement | null> {
  const { channel, listKey, first } = await chosenPlace(proposal, deps)
  if (listKey === null) return { channel, list: null, first }
  const posted = await listMessage(channel, listKey, deps)
  return posted === null ? null : { channel, list: { channel, key: listKey, posted }, first }
}

/** As `placementOf`, without the list's message. */
export async function chosenPlace(
  proposal: Proposal,
  deps: PlacementDeps,
): Promise<Pick<Placement, 'channel' | 'first'> & { readonly listKey: string | null }> {
  const channel = channelOf(proposal.denial, deps.config)
  const marker = cardPlacement(proposal.id)
  const before = await deps.store.getMarker(marker)
  const { listKey, window } = before?.value ?? (await placeOf(proposal, channel, deps))
  const chosen = { listKey, ...(window === undefined ? {} : { window }) }
  const first = before === null && (await deps.store.putMarker(marker, 0, chosen))
  // Another look has chosen meanwhile.
  return before === null && !first ? chosenPlace(proposal, deps) : { channel, listKey, first }
}

/** So many cards came within the window that this denial will be in a list. A look ahead: nothing is counted. */
export async function isStorm(
  { denial }: Pick<Proposal, 'denial'>,
  {
    store,
    config,
    clock,
  }: Pick<PlacementDeps, 'config' | 'clock'> & { readonly store: Pick<ProposalStore, 'counted'> },
): Promise<boolean> {
  const { counter } = windowOf(channelOf(denial, config), config, clock())
  return (await store.counted(counter)) >= config.digestAfterCards
}

function windowOf(channel: string, { digestWindowMinutes }: BotConfig, nowMs: number) {
  const windowMs = digestWindowMinutes * MINUTE_MS
  const window = Math.floor(nowMs / windowMs)
  return { window, counter: `${COUNTERS.cards}${channel}/${window}`, expiresAtMs: (window + 2) * windowMs }
}

/** `listKey`: the key of the storm list, if more denials than configured came within the window. Null: there is no storm. */
async function placeOf(proposal: Proposal, channel: string, deps: PlacementDeps): Promise<CardPlacement> {
  const { store, config, clock, units } = deps
  const mode = await modeOfDenial(proposal.denial, { config, units: withoutFaults(units) })
  const most = await introduce(channel, mode, config.digestAfterCards, deps)
  const { window, counter, expiresAtMs } = windowOf(channel, config, clock())
  // A card that is posted again is not another denial, so it goes to the same place as before.
  const before = proposal.previous === null ? null : await store.getMarker(cardPlacement(proposal.previous.id))
  if (before?.value.window === window) return before.value
  const listed = { listKey: stormListKey(channel, window), window }
  // What only informs has a card once or twice: the same cause again is a line.
  if (proposal.patch === null) {
    const cause = digestOf([causeKey(proposal), proposal.denial.action])
    if ((await store.increment(`${counter}/${cause}`, expiresAtMs)) > MAX_OF_A_CAUSE) return listed
  }
  return (await store.increment(counter, expiresAtMs)) > most ? listed : { listKey: null, window }
}

const MAX_OF_A_CAUSE = 2
