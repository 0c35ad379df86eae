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

const CONFIG = botConfigSchema.parse({
  mode: 'approve',
  channel: 'C0DEPLOYS',
  approvers: { users: ['U0ONCALL1', 'U0ONCALL2'] },
})
type Json = { readonly [member: string]: unknown }

async function denied() {
  const settings = { accounts: SAMPLE_ACCOUNTS, org: SAMPLE_ORGANIZATION, config: CONFIG, onFault: () => {} }
  const started = await startBot({ ...settings, state, observer: SILENT_OBSERVER, pace: 0, sweepEveryMs: null })
  bot = started
  const [fed] = readRecords(DEFAULT_EVENT, Date.now())
  if (fed === undefined) throw new Error('the sample is empty')
  const record = fed.record as Json
  await started.feed(record)
  await started.idle()
  const card = started.slack.messages().find(message => buttonsOf(message, 'approve').length > 0)
  const button = card === undefined ? undefined : buttonsOf(card, 'approve')[0]
  if (card === undefined || button === undefined) throw new Error('there is no card')
  const [open] = await started.store.open(10)
  const id = open?.id ?? ''
  const { errorCode: _, errorMessage: __, ...call } = record
  const eventTime = new Date(Date.parse(String(record['eventTime'])) + 8_000).toISOString().replace(/\.\d{3}Z$/, 'Z')
  return {
    ...{ bot: started, card, button, id },
    succeeds: () => started.feed({ ...call, eventID: '11111111-2222-4333-8444-555555555555', eventTime }),
    async press() {
      await started.request(buttonPress(sampleUser('U0ONCALL1'), card, button))
      await started.idle()
    },
  }
}

describe('a denial followed by a success, in the local bot', () => {
  it('closes its card, and a press on the old button approves nothing', async () => {
    const { bot, card, id, press, succeeds } = await denied()
    await succeeds()
    await bot.wait(2 * MINUTE)
    await bot.wait(4 * MINUTE)

    expect(await bot.store.get(id)).toMatchObject({ status: 'stale', failure: { code: 'solved' } })
    const now = bot.slack.messages().find(({ ts }) => ts === card.ts)
    expect(JSON.stringify(now?.blocks)).toContain('8 s later')
    expect(now === undefined ? [] : buttonsOf(now, 'approve')).toEqual([])

    await press()
    expect(await bot.store.get(id)).toMatchObject({ status: 'stale', approvals: [] })
  })

  it('writes nothing where it was approved before anybody looked', async () => {
    const { bot, id, press, succeeds } = await denied()
    await succeeds()
    await bot.wait(MINUTE)
    await press()
    expect(await bot.store.get(id)).toMatchObject({
      status: 'stale',
      failure: { code: 'solved', message: expect.stringContaining('8 s later') },
    })
    expect((await bot.audit()).map(({ entry }) => entry.kind)).toEqual(['denial-seen', 'proposed', 'approved', 'stale'])
    // The look that follows makes no new card.
    await bot.wait(2 * MINUTE)
    expect(await bot.store.open(10)).toEqual([])
  })

  it('writes what was approved where no call succeeded', async () => {
    const { bot, id, press } = await denied()
    await press()
    expect(await bot.store.get(id)).toMatchObject({ status: 'applied' })
  })
})
