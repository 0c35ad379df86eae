import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { botConfigSchema } from '../../functions/domain/config/config.ts'
import { SILENT_OBSERVER } from '../../functions/ports/silent-observer.ts'
import { type Bot, startBot } from '../../simulator/bot.ts'
import { SAMPLE_ACCOUNTS, SAMPLE_ORGANIZATION } from '../../simulator/sample-records.ts'
import { buttonsOf } from '../../simulator/slack-requests.ts'
import { feedAll } from '../../simulator/web-ui/bot-source.ts'
import { SAMPLES } from '../../simulator/web-ui/samples.ts'

const MINUTE = 60_000
let state: string
let bot: Bot
beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), 'rolemedic-'))
  const config = botConfigSchema.parse({ mode: 'approve', channel: 'C0DEPLOYS', approvers: { users: ['U0ONCALL1'] } })
  const settings = { accounts: SAMPLE_ACCOUNTS, org: SAMPLE_ORGANIZATION, config, onFault: () => {} }
  bot = await startBot({ ...settings, state, observer: SILENT_OBSERVER, pace: 0, sweepEveryMs: null })
})
afterEach(async () => {
  await bot.close()
  rmSync(state, { recursive: true, force: true })
})

async function send(id: string): Promise<void> {
  const sample = SAMPLES.find(one => one.id === id)
  if (sample === undefined) throw new Error(`there is no sample ${id}`)
  await feedAll(sample.events(bot.clock()), bot)
  await bot.idle()
}

describe('the samples with records around a denial, in the local bot', () => {
  it('leave nothing to approve where the call worked 8 s later', async () => {
    await send('young-role')
    await bot.wait(2 * MINUTE)
    await bot.wait(4 * MINUTE)
    expect(await bot.store.open(10)).toEqual([])
    expect(bot.slack.messages().flatMap(message => buttonsOf(message, 'approve'))).toEqual([])
  })

  it('say until when the call was allowed', async () => {
    await send('lost-permission')
    await bot.wait(2 * MINUTE)
    await bot.wait(14 * MINUTE)
    const texts = JSON.stringify(bot.slack.messages())
    expect(texts).toContain('terraform-run-9f2c')
    expect(texts).toContain('pass-worker')
  })
})
