import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { botConfigSchema } from '../../functions/domain/config/config.ts'
import { SILENT_OBSERVER } from '../../functions/ports/silent-observer.ts'
import { type Bot, startBot } from '../../simulator/bot.ts'
import {
  DEFAULT_EVENT,
  readEvents,
  readRecords,
  SAMPLE_ACCOUNTS,
  SAMPLE_EVENTS,
  SAMPLE_ORGANIZATION,
} from '../../simulator/sample-records.ts'
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

/** A policy that a deploy replaced, and the denial that followed, as if it had just happened. */
function records(nowMs: number): readonly Json[] {
  const text = readFileSync(new URL('records/removed-policy.json', import.meta.url), 'utf8')
  const all = (JSON.parse(text) as { readonly Records: readonly (Json & { readonly eventTime: string })[] }).Records
  const lastMs = Math.max(...all.map(({ eventTime }) => Date.parse(eventTime)))
  return all.map(record => {
    const atMs = nowMs - (lastMs - Date.parse(record.eventTime))
    return { ...record, eventTime: new Date(atMs).toISOString().replace(/\.\d{3}Z$/, 'Z') }
  })
}

describe('a permission that a deploy took away, in the local bot', () => {
  const run = async () => {
    const settings = { accounts: SAMPLE_ACCOUNTS, org: SAMPLE_ORGANIZATION, config: CONFIG, onFault: () => {} }
    const started = await startBot({ ...settings, state, observer: SILENT_OBSERVER, pace: 0, sweepEveryMs: null })
    bot = started
    for (const record of records(Date.now())) await started.feed(record)
    await started.idle()
    const first = started.slack.messages()
    await started.wait(2 * MINUTE)
    const card = () => started.slack.messages().find(message => buttonsOf(message, 'details').length > 0)
    return { bot: started, first, card }
  }

  it('is on its card after two minutes, which it did not delay, and the lost statement in the thread', async () => {
    const { bot, first, card } = await run()
    expect(JSON.stringify(first)).not.toContain('Worked until')
    expect(JSON.stringify(card()?.blocks)).toContain('replaced inline policy')
    expect(JSON.stringify(card()?.blocks)).toContain('terraform-run-9f31')
    const thread = JSON.stringify(bot.slack.messages())
    expect(thread).toContain('PassTaskRole')
    await bot.wait(16 * MINUTE)
    expect(JSON.stringify(card()?.blocks)).toContain('Worked until')
    expect(JSON.stringify(card()?.blocks)).not.toContain('as CloudTrail shows by')
  })

  it('is restored exactly by the second choice', async () => {
    const { bot, card } = await run()
    const shown = card()
    const [button] = shown === undefined ? [] : buttonsOf(shown, 'approve-restore')
    if (shown === undefined || button === undefined) throw new Error('nothing is offered')
    const [open] = await bot.store.open(10)
    await bot.request(buttonPress(sampleUser('U0ONCALL1'), shown, button))
    await bot.idle()
    const applied = await bot.store.get(open?.id ?? '')
    expect(applied).toMatchObject({ status: 'applied', applied: { answer: 'allowed' } })
    expect(JSON.stringify(applied)).toContain('"aws:PrincipalAccount":"111122223333"')
  })
})

describe('a deploy that lacks four roles, of which the denied one worked later, in the local bot', () => {
  const run = async () => {
    const settings = { accounts: SAMPLE_ACCOUNTS, org: SAMPLE_ORGANIZATION, config: CONFIG, onFault: () => {} }
    const started = await startBot({ ...settings, state, observer: SILENT_OBSERVER, pace: 0, sweepEveryMs: null })
    bot = started
    const [event] = readEvents(join(SAMPLE_EVENTS, 'deploys/stack-with-four-gaps.json'), Date.now())
    if (event === undefined || !('reader' in event)) throw new Error('the sample is no deploy')
    await started.feedDeploy(event.event, event.reader, event.recorded)
    await started.idle()
    const open = await onlyOpen(started)
    const denied = event.recorded.find(one => (one as Json)['eventID'] === open.denial.id) as Json
    const { errorCode: _, errorMessage: __, ...call } = denied
    const eventTime = new Date((open.denial.timeMs ?? 0) + 8_000).toISOString().replace(/\.\d{3}Z$/, 'Z')
    await started.feed({ ...call, eventID: '11111111-2222-4333-8444-555555555556', eventTime })
    return { bot: started, open }
  }
  const onlyOpen = async (started: Bot) => {
    const [open] = await started.store.open(10)
    if (open?.status !== 'open') throw new Error('there is no open card')
    return open
  }
  const left = { status: 'open', approvals: [], isSolved: true, changed: { because: 'solved' } }

  it('keeps the card for the others', async () => {
    const { bot, open } = await run()
    expect(open.template?.needs.length).toBeGreaterThan(1)
    await bot.wait(2 * MINUTE)
    const now = await onlyOpen(bot)
    expect(now).toMatchObject(left)
    expect(now.template?.needs.map(({ denial }) => denial.resource)).toEqual(
      open.template?.needs.map(({ denial }) => denial.resource),
    )
    expect(now.patch.digest).not.toBe(open.patch.digest)
    expect(JSON.stringify(now.patch.changes.map(({ after }) => after))).not.toContain(open.denial.resource)
  })

  it('writes nothing that was approved before, and asks again for the others, which are then written', async () => {
    const { bot } = await run()
    await bot.wait(MINUTE)
    const press = async () => {
      const card = bot.slack.messages().find(message => buttonsOf(message, 'approve').length > 0)
      const [button] = card === undefined ? [] : buttonsOf(card, 'approve')
      if (card === undefined || button === undefined) throw new Error('there is no card to approve')
      for (const id of ['U0ONCALL1', 'U0ONCALL2'])
        if ((await bot.store.open(10)).length > 0) await bot.request(buttonPress(sampleUser(id), card, button))
      await bot.idle()
    }
    await press()
    const again = await onlyOpen(bot)
    expect(again).toMatchObject(left)
    await press()
    expect(await bot.store.get(again.id)).toMatchObject({ status: 'applied', isSolved: true })
  })
})
