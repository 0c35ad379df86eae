import { expect, it } from 'vitest'
import type { StormListItem } from '../../functions/domain/card/storm-list.ts'
import { configSchema } from '../../functions/domain/config/config.ts'
import { cardPlacement, stormList, stormListKey, waitingLists } from '../../functions/domain/stored/markers.ts'
import { makeSweep } from '../../functions/sweep/sweep.ts'
import { memoryBot } from '../fakes/memory-bot.ts'
import { CHAT_OUTAGE, CHAT_REFUSAL } from '../fakes/memory-chat.ts'
import { HOUR, MINUTE, NOON, sampleProposal } from '../fakes/sample-proposal.ts'

const CONFIG = configSchema.parse({
  mode: 'approve',
  digestWindowMinutes: 10,
  accounts: { '444455556666': { channel: 'C0OTHER' } },
})
const WINDOW = NOON / (10 * MINUTE)
const item = { proposalId: 'p-1', digest: 'd', tone: 'low', text: 'app-1', state: 'Waits for approval' }

async function withList(channel: string, window: number, pending: boolean) {
  const bot = memoryBot(CONFIG)
  const list = { message: '1.1', makingUntilMs: 0, total: 7, items: [item], shownAtMs: NOON - MINUTE, pending }
  await bot.store.putMarker(stormList(stormListKey(channel, window)), 0, list)
  const shown: string[] = []
  const renderer = {
    ...bot.renderer,
    list: (_items: unknown, total: number) => ({ text: `${total} denials`, blocks: [] }),
  }
  const chat: typeof bot.chat = {
    ...bot.chat,
    async update({ conversation, message }, { text }) {
      shown.push(`${conversation}/${message}: ${text}`)
      return true
    },
  }
  return { bot, shown, sweep: makeSweep({ ...bot, chat, renderer }) }
}

it.each([
  ['of this window', 'C0DEPLOYS', WINDOW],
  ['of the window before', 'C0DEPLOYS', WINDOW - 1],
  ['of another channel', 'C0OTHER', WINDOW],
])('a list %s that lacks what is stored is shown by the next sweep, once', async (_which, channel, window) => {
  const { shown, sweep } = await withList(channel, window, true)
  await sweep()
  await sweep()
  expect(shown).toEqual([`${channel}/1.1: 7 denials`])
})

it('a list that shows everything is left alone', async () => {
  const { shown, sweep } = await withList('C0DEPLOYS', WINDOW, false)
  await sweep()
  expect(shown).toEqual([])
})

it('a list that Slack does not take now is shown by the sweep after', async () => {
  const { bot, sweep, shown } = await withList('C0DEPLOYS', WINDOW, true)
  const down = { ...bot.chat, update: async () => Promise.reject(new Error('ratelimited')) }
  const renderer = { ...bot.renderer, list: () => ({ text: '', blocks: [] }) }
  expect(await makeSweep({ ...bot, chat: down, renderer })()).toMatchObject({ failures: 1 })
  bot.setNow(NOON + MINUTE)
  await sweep()
  expect(shown).toEqual(['C0DEPLOYS/1.1: 7 denials'])
})

it('a list whose worker crashed before Slack took it is shown by the next sweep', async () => {
  const { bot, sweep, shown } = await withList('C0DEPLOYS', WINDOW, true)
  const reached = Promise.withResolvers<void>()
  const crashing: typeof bot.chat = {
    ...bot.chat,
    update() {
      reached.resolve()
      return new Promise(() => {})
    },
  }
  const renderer = { ...bot.renderer, list: () => ({ text: '', blocks: [] }) }
  void makeSweep({ ...bot, chat: crashing, renderer })()
  await reached.promise
  bot.setNow(NOON + MINUTE)
  await sweep()
  expect(shown).toEqual(['C0DEPLOYS/1.1: 7 denials'])
})

async function endedStorm() {
  const bot = memoryBot(CONFIG)
  const key = stormListKey('C0DEPLOYS', WINDOW)
  const ids = ['p-1', 'p-2', 'p-3']
  const items = ids.map(proposalId => ({ ...item, proposalId }))
  const list = { message: '1.1', makingUntilMs: 0, total: 3, items, shownAtMs: NOON, pending: false }
  await bot.store.putMarker(stormList(key), 0, list)
  for (const id of ids) {
    const card = { conversation: 'C0DEPLOYS', message: `2.${id}`, thread: '1.1' }
    const ends = { expiresAtMs: NOON + 8 * HOUR, dueAtMs: NOON + 8 * HOUR }
    await bot.store.create(sampleProposal({ id, fingerprint: id, card, ...ends }))
    await bot.store.putMarker(cardPlacement(id), 0, { listKey: key, window: WINDOW })
  }
  const renderer = {
    ...bot.renderer,
    list: (shown: readonly StormListItem[]) => ({ text: shown.map(({ state }) => state).join(', '), blocks: [] }),
  }
  const sweep = makeSweep({ ...bot, renderer })
  return {
    bot,
    key,
    shown: () => bot.chat.cards.get('C0DEPLOYS/1.1'),
    sweepAt: async (ms: number) => {
      bot.setNow(ms)
      return sweep()
    },
  }
}

const ALL_EXPIRED = Array.from({ length: 3 }, () => 'Expired').join(', ')

it('a list whose window is long over shows the end of all its cards after an outage of two days', async () => {
  const { bot, shown, sweepAt } = await endedStorm()
  bot.chat.down = CHAT_OUTAGE
  for (let hour = 8; hour < 56; hour += 1) await sweepAt(NOON + hour * HOUR)
  bot.chat.down = null
  for (let minute = 0; minute < 5; minute += 1) await sweepAt(NOON + 56 * HOUR + minute * MINUTE)
  expect(shown()).toBe(ALL_EXPIRED)
  expect((await bot.store.getMarker(waitingLists('C0DEPLOYS')))?.value).toEqual([])
})

it('a list that the chat refuses is given up', async () => {
  const { bot, sweepAt } = await endedStorm()
  const { update } = bot.chat
  bot.chat.update = async (card, message) =>
    card.message === '1.1' ? Promise.reject(CHAT_REFUSAL) : update(card, message)
  for (let minute = 0; minute < 5; minute += 1) await sweepAt(NOON + 8 * HOUR + minute * MINUTE)
  expect(await sweepAt(NOON + 9 * HOUR)).toMatchObject({ failures: 0 })
})
