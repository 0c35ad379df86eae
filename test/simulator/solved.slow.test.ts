import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { botConfigSchema } from '../../functions/domain/config/config.ts'
import { SILENT_OBSERVER } from '../../functions/ports/observer.ts'
import { type Bot, startBot } from '../../simulator/bot.ts'
import { DEFAULT_EVENT, readRecords, SAMPLE_ACCOUNTS, SAMPLE_ORGANIZATION } from '../../simulator/sample-records.ts'
import { sampleUser } from '../../simulator/sample-users.ts'
import { buttonPress, buttonsOf } from '../../simulator/slack-requests.ts'

const MINUTE = 60_000
let state: string
let bot: Bot | null = null
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'rolemedic-'))
})
afterEach(async () => {
  await bot?.close()
  bot = null
  rmSync(state, { recursive: true, force: true })
})

describe('a denial followed by a success, in the local bot', () => {
  it('closes its card, and a press on the old button approves nothing', async () => {
    const config = botConfigSchema.parse({
      mode: 'approve',
      channel: 'C0DEPLOYS',
      approvers: { users: ['U0ONCALL1', 'U0ONCALL2'] },
    })
    const settings = { accounts: SAMPLE_ACCOUNTS, org: SAMPLE_ORGANIZATION, config, onFault: () => {} }
    bot = await startBot({ ...settings, state, observer: SILENT_OBSERVER, pace: 0, sweepEveryMs: null })
    const [fed] = readRecords(DEFAULT_EVENT, Date.now())
    if (fed === undefined) throw new Error('the sample is empty')
    const record = fed.record as { readonly [member: string]: unknown }
    await bot.feed(record)
    await bot.idle()
    const card = bot.slack.messages().find(message => buttonsOf(message, 'approve').length > 0)
    const button = card === undefined ? undefined : buttonsOf(card, 'approve')[0]
    if (card === undefined || button === undefined) throw new Error('there is no card')

    const [open] = await bot.store.open(10)
    const id = open?.id ?? ''

    const { errorCode: _, errorMessage: __, ...call } = record
    const successMs = Date.parse(String(record['eventTime'])) + 8_000
    const eventTime = new Date(successMs).toISOString().replace(/\.\d{3}Z$/, 'Z')
    await bot.feed({ ...call, eventID: '11111111-2222-4333-8444-555555555555', eventTime })
    await bot.wait(2 * MINUTE)
    await bot.wait(4 * MINUTE)

    expect(await bot.store.get(id)).toMatchObject({ status: 'stale', failure: { code: 'solved' } })
    const now = bot.slack.messages().find(({ ts }) => ts === card.ts)
    expect(JSON.stringify(now?.blocks)).toContain('8 s later')
    expect(now === undefined ? [] : buttonsOf(now, 'approve')).toEqual([])

    await bot.request(buttonPress(sampleUser('U0ONCALL1'), card, button))
    await bot.idle()
    expect(await bot.store.get(id)).toMatchObject({ status: 'stale', approvals: [] })
  })
})
