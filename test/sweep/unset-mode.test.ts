import { describe, expect, it } from 'vitest'
import { botConfigSchema } from '../../functions/domain/config/config.ts'
import { firstRun } from '../../functions/domain/stored/markers.ts'
import { makeReportUnsetMode } from '../../functions/sweep/unset-mode.ts'
import { memoryBot } from '../fakes/memory-bot.ts'

const inTime = () => false

function deployed(config: object) {
  const bot = memoryBot(botConfigSchema.parse({ channel: 'C0DEPLOYS', ...config }))
  return { bot, report: makeReportUnsetMode(bot), texts: () => bot.chat.posts.map(({ text }) => text) }
}

describe('a deployment without a mode', () => {
  it('that had cards before is notified once how to have them again', async () => {
    const { bot, report, texts } = deployed({})
    await bot.store.putMarker(firstRun('C0DEPLOYS'), 0, { fromMs: 0, posted: true })
    expect(await report(inTime)).toBe(0)
    expect(texts()).toEqual([expect.stringContaining('add "mode": "approve" and deploy')])
    await report(inTime)
    await makeReportUnsetMode(bot)(inTime)
    expect(texts()).toHaveLength(1)
  })

  it('that is new is not notified: its first message says the mode', async () => {
    const { bot, report, texts } = deployed({})
    await report(inTime)
    await bot.store.putMarker(firstRun('C0DEPLOYS'), 0, { fromMs: 0, posted: true })
    await makeReportUnsetMode(bot)(inTime)
    expect(texts()).toEqual([])
  })

  it('is the only one that is notified', async () => {
    const { bot, report, texts } = deployed({ mode: 'observe' })
    await bot.store.putMarker(firstRun('C0DEPLOYS'), 0, { fromMs: 0, posted: true })
    await report(inTime)
    expect(texts()).toEqual([])
  })
})
