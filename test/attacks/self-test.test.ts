/** The event by which `/rolemedic doctor` asks the functions, sent by somebody else. */
import { describe, expect } from 'vitest'
import { botConfigSchema } from '../../functions/domain/config/config.ts'
import { SELF_TEST_FRESH_MS } from '../../functions/domain/messages/self-test.ts'
import { SELF_TEST_ASKED } from '../../functions/domain/stored/markers.ts'
import { SILENT_OBSERVER } from '../../functions/ports/silent-observer.ts'
import { makeSelfTest } from '../../functions/workflows/self-test.ts'
import { memoryBot } from '../fakes/memory-bot.ts'
import { attack } from './attack.ts'

describe('somebody who has the functions try their permissions', () => {
  attack('B19', async () => {
    const { store } = memoryBot(botConfigSchema.parse({ channel: 'C0DEPLOYS', approvers: { users: ['U0ONCALL1'] } }))
    let nowMs = Date.UTC(2026, 10, 30)
    let tried = 0
    const wokenAs = (name: 'verify' | 'alert') =>
      makeSelfTest(name, { store, clock: () => nowMs, observer: SILENT_OBSERVER }, async () => {
        tried += 1
        return { [name]: { tried: 1, failed: [] } }
      })
    const flood = async (woken = wokenAs('verify')) => {
      for (let times = 0; times < 1_000; times += 1) await woken()
    }
    await flood()
    expect(tried).toBe(0)
    const by = { id: 'U0ONCALL1', name: 'ana' }
    await store.putMarker(SELF_TEST_ASKED, 0, { askedMs: nowMs, by, conversation: null, reportedMs: null })
    await flood()
    expect(tried).toBe(1)
    nowMs += SELF_TEST_FRESH_MS + 1
    await flood()
    // One that has not answered, too.
    await flood(wokenAs('alert'))
    expect(tried).toBe(1)
  })
})
