/** What other settings would have sent: replays the same history with one setting changed. */
import type { BotConfig } from '../../../functions/domain/config/index.ts'
import type { History } from './history.ts'
import { type AnalyzeOnce, channelDay, type Replay, replay, type SentCard } from './replay.ts'

export type Sent = {
  readonly cards: number
  /** Messages in the channels themselves: cards outside of storm lists, and the lists. */
  readonly messages: number
  /** The most messages of one channel in one day. */
  readonly busiest: number
}

export type SettingEffect = Sent & {
  /** The name of the setting in `rolemedic.config.json`. */
  readonly setting: string
  readonly now: string
  readonly instead: string
}

/** The limit for replays. This many take some seconds. */
export const MAX_REPLAYED = 100_000

/** Only settings that send less. None of them affects an analysis. */
export async function settingEffects(
  history: History,
  config: BotConfig,
  replayed: Replay,
  analyze: AnalyzeOnce,
): Promise<readonly SettingEffect[]> {
  const before = sentBy(replayed)
  const effects: SettingEffect[] = []
  if (history.denials > MAX_REPLAYED) return effects
  for (const { changed, ...named } of variantsOf(config, replayed.cards)) {
    const effect = sentBy(await replay(history, changed, analyze))
    const isLess = (['cards', 'messages', 'busiest'] as const).some(name => effect[name] < before[name])
    if (isLess) effects.push({ ...named, ...effect })
  }
  return effects
}

export function sentBy({ cards, stormLists, listsByDay }: Replay): Sent {
  const perDay = new Map<string, number>(listsByDay)
  for (const { isInList, channel, atMs } of cards) {
    if (isInList) continue
    const key = channelDay(channel, atMs)
    perDay.set(key, (perDay.get(key) ?? 0) + 1)
  }
  const outside = cards.filter(({ isInList }) => !isInList).length
  return { cards: cards.length, messages: outside + stormLists, busiest: Math.max(0, ...perDay.values()) }
}

type Variant = Pick<SettingEffect, 'setting' | 'now' | 'instead'> & { readonly changed: BotConfig }

const LONGEST_EXPIRY_HOURS = 168
const FEW_CARDS = 3
const LONG_WINDOW_MINUTES = 60
const OWN_CHANNEL = 'C0BUSIEST'

function variantsOf(config: BotConfig, cards: readonly SentCard[]): readonly Variant[] {
  const { approvalExpiryHours, digestAfterCards, digestWindowMinutes } = config
  const variants: Variant[] = []
  // Only an expired card is sent again.
  const isSentAgain = cards.some(({ isAgain }) => isAgain)
  for (const hours of [24, LONGEST_EXPIRY_HOURS])
    if (isSentAgain && hours > approvalExpiryHours)
      variants.push({
        ...{ setting: 'approvalExpiryHours', now: `${approvalExpiryHours}`, instead: `${hours}` },
        changed: { ...config, approvalExpiryHours: hours },
      })
  if (digestAfterCards > FEW_CARDS)
    variants.push({
      ...{ setting: 'digestAfterCards', now: `${digestAfterCards}`, instead: `${FEW_CARDS}` },
      changed: { ...config, digestAfterCards: FEW_CARDS },
    })
  if (digestWindowMinutes < LONG_WINDOW_MINUTES)
    variants.push({
      ...{ setting: 'digestWindowMinutes', now: `${digestWindowMinutes}`, instead: `${LONG_WINDOW_MINUTES}` },
      changed: { ...config, digestWindowMinutes: LONG_WINDOW_MINUTES },
    })
  const busiest = busiestAccount(cards)
  if (busiest !== null) variants.push(ownChannel(config, busiest), onlyObserved(config, busiest))
  return variants
}

function ownChannel(config: BotConfig, accountId: string): Variant {
  const account = config.accounts[accountId] ?? {}
  return {
    ...{ setting: `accounts.${accountId}.channel`, now: account.channel ?? config.channel, instead: 'its own channel' },
    changed: { ...config, accounts: { ...config.accounts, [accountId]: { ...account, channel: OWN_CHANNEL } } },
  }
}

function onlyObserved(config: BotConfig, accountId: string): Variant {
  const account = config.accounts[accountId] ?? {}
  return {
    ...{ setting: `accounts.${accountId}.mode`, now: 'approve', instead: 'observe' },
    changed: { ...config, accounts: { ...config.accounts, [accountId]: { ...account, mode: 'observe' } } },
  }
}

/** Null: only one account sent cards. */
function busiestAccount(cards: readonly SentCard[]): string | null {
  const counts = new Map<string, number>()
  for (const { accountId } of cards) if (accountId !== null) counts.set(accountId, (counts.get(accountId) ?? 0) + 1)
  const [first, second] = [...counts].sort(([, a], [, b]) => b - a)
  return first === undefined || second === undefined ? null : first[0]
}
