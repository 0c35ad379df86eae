/**
 * Runs the bot over a history, with the time of the events as its clock. The production code decides whether a card is sent.
 * Nobody presses a button.
 */

import { MINUTE_MS, unknown } from '../../../core/base/index.ts'
import { type Denial, fingerprintOf, settleGraceMs } from '../../../core/denial/index.ts'
import type { AuditEntry, AuditRecord } from '../../../functions/domain/audit/index.ts'
import type { BotConfig, Config } from '../../../functions/domain/config/index.ts'
import {
  type ChatMessage,
  conversationOf,
  messageIn,
  type PostedCard,
} from '../../../functions/domain/messages/index.ts'
import { firstRun } from '../../../functions/domain/stored/index.ts'
import {
  type AuditLog,
  type Chat,
  type CodeRenderer,
  type Renderer,
  SILENT_OBSERVER,
  type SideRenderer,
} from '../../../functions/ports/index.ts'
import { makePropose } from '../../../functions/propose/index.ts'
import { makeSweep } from '../../../functions/sweep/index.ts'
import {
  type Analysis,
  type AnalyzeAgain,
  channelsOf,
  ingestDenial,
  postCard,
} from '../../../functions/workflows/index.ts'
import type { History } from './history.ts'
import { replayStore } from './replay-store.ts'
import { timeQueue } from './time-queue.ts'

export type Replay = {
  readonly cards: readonly SentCard[]
  readonly stormLists: number
  /** The number of storm lists by channel and day. */
  readonly listsByDay: ReadonlyMap<string, number>
  /** The number of denials whose analysis or card failed, with the first reason. */
  readonly failures: number
  readonly firstFailure: string | null
}

export type SentCard = {
  readonly atMs: number
  readonly channel: string
  readonly accountId: string | null
  /** True for a card in the thread of a storm list. */
  readonly isInList: boolean
  /** True when the denial had an earlier card that nobody answered. */
  readonly isAgain: boolean
}

export const channelDay = (channel: string, atMs: number): string =>
  `${channel} ${new Date(atMs).toISOString().slice(0, 10)}`

export type AnalyzeOnce = (denial: Denial, nowMs: number) => Promise<Analysis>

/** Analyzes each different denial once, also across replays whose settings do not affect the analysis. */
export function analyzedOnce(analyze: AnalyzeOnce): AnalyzeOnce {
  const analyses = new Map<string, Promise<Analysis>>()
  return (denial, nowMs) => {
    const fingerprint = fingerprintOf(denial)
    const known = analyses.get(fingerprint) ?? analyze(denial, nowMs)
    analyses.set(fingerprint, known)
    return known
  }
}

/** After the last denial: its settle time, and delayed work. */
const LINGER_MS = 10 * MINUTE_MS

export async function replay(
  history: Pick<History, 'occurrences'>,
  config: BotConfig,
  analyze: AnalyzeOnce,
): Promise<Replay> {
  let nowMs = 0
  const clock = () => nowMs
  const store = replayStore({ clock, settleGraceMs: settleGraceMs(config) })
  // Its channels are not new, because in the first hour of a real one fewer cards are posted.
  for (const channel of channelsOf(config)) await store.putMarker(firstRun(channel), 0, { fromMs: 0, posted: true })
  const work = timeQueue<string>()
  const queue: SweepQueue = {
    async send(asked, { delaySeconds = 0 } = {}) {
      if (asked.kind === 'propose') work.push(nowMs + delaySeconds * 1_000, asked.fingerprint)
    },
  }
  const cards: SentCard[] = []
  let stormLists = 0
  const listsByDay = new Map<string, number>()
  const chat = countingChat(async (channel, message, key, isInList) => {
    if (message === LIST) {
      stormLists += 1
      const key = channelDay(channel, nowMs)
      listsByDay.set(key, (listsByDay.get(key) ?? 0) + 1)
    }
    if (message !== CARD) return
    const proposal = await store.get(key)
    const accountId = proposal?.denial.accountId ?? null
    const isAgain = (proposal?.previous ?? null) !== null
    cards.push({ atMs: nowMs, channel, accountId, isInList, isAgain })
  })
  const analyzeAgain: AnalyzeAgain = async (denial, atMs) => ({ ...(await analyze(denial, atMs)), denial })
  const deps = {
    ...{ store, queue, chat, renderer: RENDERER, audit: NO_AUDIT, config, clock, observer: SILENT_OBSERVER },
    ...{ botVersion: 'backtest', ownRoleArns: [], readerRole: null, notifier: { publish: async () => {} } },
    sleep: async () => {},
    analyze: analyzeAgain,
    units: async () => unknown('a backtest asks nothing'),
    // Only denials that a log or a stack reports need CloudTrail.
    witness: async () => ({ kind: 'unreadable', why: 'a backtest asks nothing' }) as const,
    // Nobody decides.
    keys: { ring: async () => [] },
  }
  const propose = makePropose(deps)
  const sweep = makeSweep({ ...deps, postCard: proposal => postCard(proposal, deps) })

  let failures = 0
  let firstFailure: string | null = null
  const attempt = async (step: () => Promise<unknown>): Promise<void> => {
    try {
      await step()
    } catch (error) {
      failures += 1
      firstFailure ??= error instanceof Error ? error.message : String(error)
    }
  }

  const denials = history.occurrences()[Symbol.iterator]()
  let next = denials.next()
  let turn = 0
  let sweptMs = Number.NEGATIVE_INFINITY
  let endMs = Number.POSITIVE_INFINITY
  for (;;) {
    const denialMs = next.done === true ? Number.POSITIVE_INFINITY : next.value.timeMs
    const workMs = work.first()?.atMs ?? Number.POSITIVE_INFINITY
    const dueMs = store.nextDueMs()
    const sweepMs = dueMs === null ? Number.POSITIVE_INFINITY : Math.max(nextMinute(dueMs), sweptMs + MINUTE_MS)
    if (next.done === true && endMs === Number.POSITIVE_INFINITY)
      endMs = nowMs + config.settleSeconds * 1_000 + LINGER_MS
    const atMs = Math.min(denialMs, workMs, sweepMs)
    if (atMs === Number.POSITIVE_INFINITY || atMs > endMs) break
    nowMs = Math.max(nowMs, atMs)
    if (denialMs === atMs && next.done !== true) {
      const { of } = next.value
      next = denials.next()
      if (of === null) continue
      turn += 1
      // Its own id was counted when the history was read.
      const denial = { ...of.denial, id: `event-${turn}`, timeMs: nowMs }
      await attempt(() => ingestDenial(denial, deps))
    } else if (workMs === atMs) {
      const { value: fingerprint = '' } = work.pop() ?? {}
      await attempt(() => propose(fingerprint))
    } else {
      sweptMs = atMs
      await attempt(sweep)
    }
  }
  return { cards, stormLists, listsByDay, failures, firstFailure }
}

/** The name in the output if the configuration names no channel. */
const COMMON_CHANNEL = 'the channel of all'

/** The configuration with the highest mode in every account. */
export function asApproved(config: Config): BotConfig {
  const accounts = Object.entries(config.accounts).map(([id, { mode: _, ...account }]) => [id, account] as const)
  const channel = config.channel ?? COMMON_CHANNEL
  return { ...config, channel, mode: 'approve', organizationalUnits: {}, accounts: Object.fromEntries(accounts) }
}

type SweepQueue = Parameters<typeof makeSweep>[0]['queue']

const nextMinute = (ms: number): number => Math.ceil(ms / MINUTE_MS) * MINUTE_MS

/** The replayed chat recognizes messages by object identity. */
const CARD: ChatMessage = { text: '', blocks: [] }
const LIST: ChatMessage = { text: '', blocks: [] }
const OTHER: ChatMessage = { text: '', blocks: [] }
const RENDERER: Renderer & SideRenderer & CodeRenderer = {
  code: () => OTHER,
  card: async () => CARD,
  notice: () => OTHER,
  list: () => LIST,
  alert: () => OTHER,
  text: () => OTHER,
  evidence: async () => OTHER,
}

type OnPost = (channel: string, message: ChatMessage, key: string, isInList: boolean) => Promise<void>

function countingChat(onPost: OnPost): Chat {
  const posted = new Map<string, PostedCard>()
  const nobody = unknown('a backtest asks no chat')
  const post = async (channel: string, message: ChatMessage, key: string, isInList: boolean): Promise<PostedCard> => {
    const before = posted.get(key)
    if (before !== undefined) return before
    const card = messageIn(channel, String(posted.size + 1))
    posted.set(key, card)
    await onPost(channel, message, key, isInList)
    return card
  }
  return {
    post: (channel, message, key) => post(channel, message, key, false),
    update: async () => true,
    reply: async (card, message, { key } = {}) =>
      key === undefined ? card : post(conversationOf(card), message, key, true),
    postEphemeral: async () => {},
    openModal: async () => {},
    publishHome: async () => {},
    permalink: async () => nobody,
    checkAccess: async () => null,
    groupMembers: async () => nobody,
    userByEmail: async () => nobody,
    emailOf: async () => nobody,
    membership: async () => nobody,
  }
}

/** Audit records are not stored. */
const unrecorded = (entry: AuditEntry): AuditRecord => ({
  schema: 'rolemedic.audit/1',
  sequence: 1,
  previousHash: null,
  entry,
  hash: '',
})
const NO_AUDIT: AuditLog = {
  append: async entry => unrecorded(entry),
  appendAll: async entries => entries.map(unrecorded),
  last: async () => null,
  async *records() {},
  async *latest() {},
}
