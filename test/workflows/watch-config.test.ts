import { describe, expect, it } from 'vitest'
import { botConfigSchema } from '../../functions/domain/config/config.ts'
import { LAST_CONFIG } from '../../functions/domain/stored/markers.ts'
import { makeWatchConfig } from '../../functions/workflows/watch-config.ts'
import { memoryBot } from '../fakes/memory-bot.ts'

const HOUR = 3_600_000
const config = botConfigSchema.parse({ channel: 'C0DEPLOYS', auditChannel: 'C0AUDIT', approvers: { users: ['U0A'] } })

function setUp() {
  const bot = memoryBot(config)
  const counted: string[] = []
  let nowMs = Date.UTC(2026, 10, 30)
  const deps = {
    ...bot,
    clock: () => nowMs,
    observer: { log() {}, count: (metric: string) => void counted.push(metric) },
  }
  const pass = (ms: number) => {
    nowMs += ms
  }
  const stored = async () => (await bot.store.getMarker(LAST_CONFIG))?.value.text
  return { bot, deps, counted, pass, stored }
}

describe('the configuration that runs', () => {
  it('is stored where the deployed one can be read, and replaced by the next', async () => {
    const { bot, deps, counted, stored } = setUp()
    await makeWatchConfig({ ...deps, running: { config, text: 'first', unread: null } })()
    expect(await stored()).toBe('first')
    await makeWatchConfig({ ...deps, running: { config, text: 'second', unread: null } })()
    expect(await stored()).toBe('second')
    expect([bot.chat.posts, counted]).toEqual([[], []])
  })

  it('is said to be an earlier one every six hours, counted each minute, and replaces nothing', async () => {
    const { bot, deps, counted, pass, stored } = setUp()
    const unread = { why: 'approvers: expected an object', lastGoodMs: Date.UTC(2026, 10, 1, 9) }
    const watch = makeWatchConfig({ ...deps, running: { config, text: 'last', unread } })
    for (let minutes = 0; minutes < 5; minutes += 1) await watch()
    expect(counted).toEqual(Array(5).fill('ConfigUnread'))
    expect(bot.chat.posts).toHaveLength(1)
    expect(JSON.stringify(bot.chat.posts[0])).toContain('approvers: expected an object')
    expect(JSON.stringify(bot.chat.posts[0])).toContain('Nothing is granted meanwhile')
    expect(JSON.stringify(bot.chat.posts[0])).toContain('C0AUDIT')
    pass(6 * HOUR)
    await watch()
    expect(bot.chat.posts).toHaveLength(2)
    expect(await stored()).toBe(undefined)
  })
})
