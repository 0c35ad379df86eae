import { describe, expect, it } from 'vitest'
import { makeDecide } from '../../functions/decide/decide.ts'
import type { Origin } from '../../functions/domain/proposal/click.ts'
import { FAKE_ORIGIN } from '../../simulator/slack-requests.ts'
import { type MemoryBot, memoryBot } from '../fakes/memory-bot.ts'
import { botWith, click, NOWHERE, press } from './decide-fixture.ts'

const EVENT: Origin = { ...FAKE_ORIGIN, userTeamId: null }
const open = (bot: MemoryBot, origin = EVENT) => makeDecide(bot)({ kind: 'home', origin, userId: 'U0ONCALL1' })

function watched(bot: MemoryBot) {
  const seen: string[] = []
  const observer = {
    log: (_: string, name: string, fields = {}) => void seen.push(`${name} ${JSON.stringify(fields)}`),
    count: (metric: string) => void seen.push(metric),
  }
  return { bot: { ...bot, observer }, seen }
}

describe('an opened Home tab', () => {
  it('is published for the person before Slack is answered', async () => {
    const bot = await botWith()
    expect(await open(bot)).toEqual({ reply: null, notify: expect.any(Function) })
    expect([...bot.chat.homes.keys()]).toEqual(['U0ONCALL1'])
  })

  it('delivered three times shows the same', async () => {
    const bot = await botWith()
    await open(bot)
    const first = bot.chat.homes.get('U0ONCALL1')
    await open(bot)
    await open(bot)
    expect(bot.chat.homes.get('U0ONCALL1')).toEqual(first)
  })

  it('lists the approval that the person has just given', async () => {
    const bot = await botWith()
    await press(bot, click('approve'))
    await open(bot)
    expect(JSON.stringify(bot.chat.homes.get('U0ONCALL1'))).toContain('It is being written.')
  })

  it.each([
    ['another workspace', { ...EVENT, teamId: 'T0OTHER' }],
    ['another app', { ...EVENT, appId: 'A0OTHER' }],
    ['nowhere', NOWHERE],
  ])('from %s is ignored, counted, and published for nobody', async (_, origin) => {
    const { bot, seen } = watched(await botWith())
    expect(await open(bot, origin)).toMatchObject({ reply: null })
    expect(bot.chat.homes.size).toBe(0)
    expect(seen).toEqual(['foreign_request {"kind":"home"}', 'ForeignRequests'])
  })

  it('that cannot be published is asked for again, and fails no metric', async () => {
    const { bot, seen } = watched(await botWith())
    bot.chat.down = new Error('not_enabled')
    expect(await open(bot)).toMatchObject({ again: true })
    expect(seen).toEqual(['home_not_published {"error":"Error: not_enabled"}'])
  })
})

describe('another event', () => {
  it('is named in the log and leads nowhere', async () => {
    const { bot, seen } = watched(memoryBot())
    expect(await makeDecide(bot)({ kind: 'nothing', origin: EVENT, event: 'message' })).toMatchObject({ reply: null })
    expect(seen).toEqual(['event_ignored {"event":"message"}'])
  })
})
