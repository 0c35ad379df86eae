import { expect, it } from 'vitest'
import { configSchema } from '../../functions/domain/config/config.ts'
import { stormList, stormListKey } from '../../functions/domain/stored/markers.ts'
import { makeSweep } from '../../functions/sweep/sweep.ts'
import { memoryBot } from '../fakes/memory-bot.ts'
import { MINUTE, NOON } from '../fakes/sample-proposal.ts'

const CONFIG = configSchema.parse({ digestWindowMinutes: 10, accounts: { '444455556666': { channel: 'C0OTHER' } } })
const WINDOW = NOON / (10 * MINUTE)
const item = { proposalId: 'p-1', digest: 'd', tone: 'low', text: 'app-1', state: 'Waits for approval' }

async function withList(channel: string, window: number, pending: boolean) {
  const bot = memoryBot(CONFIG)
  const list = { ts: '1.1', makingUntilMs: 0, total: 7, items: [item], shownAtMs: NOON - MINUTE, pending }
  await bot.store.putMarker(stormList(stormListKey(channel, window)), 0, list)
  const shown: string[] = []
  const renderer = {
    ...bot.renderer,
    list: (_items: unknown, total: number) => ({ text: `${total} denials`, blocks: [] }),
  }
  const chat: typeof bot.chat = {
    ...bot.chat,
    async update({ channel: to, ts }, { text }) {
      shown.push(`${to}/${ts}: ${text}`)
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
