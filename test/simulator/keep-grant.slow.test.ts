import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { botConfigSchema } from '../../functions/domain/config/config.ts'
import { type Bot, startBot } from '../../simulator/bot.ts'
import { SAMPLE_ORGANIZATION } from '../../simulator/sample-records.ts'
import { sampleUser } from '../../simulator/sample-users.ts'
import { buttonPress, buttonsOf } from '../../simulator/slack-requests.ts'
import { ACCOUNT, accountWith, call, grants, type SimulatedCall } from './simulated-service.ts'

const HOUR = 60 * 60_000
const ROLE = `arn:aws:iam::${ACCOUNT}:role/app-role`
const LAMBDA: SimulatedCall = {
  source: 'lambda.amazonaws.com',
  operation: 'CreateFunction20150331',
  parameters: { functionName: 'orders', role: ROLE },
  role: ROLE,
  sends: 'lambda.amazonaws.com',
}

let state: string
let bot: Bot

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'rolemedic-'))
})
afterEach(async () => {
  await bot.close()
  rmSync(state, { recursive: true, force: true })
})

async function start(settings: object = {}): Promise<void> {
  const file = join(state, 'account.json')
  writeFileSync(file, JSON.stringify(accountWith('app-role', ['lambda.amazonaws.com'])))
  bot = await startBot({
    state: join(state, 'bot'),
    accounts: [file],
    org: SAMPLE_ORGANIZATION,
    config: botConfigSchema.parse({
      mode: 'approve',
      channel: 'C0DEPLOYS',
      approvers: { users: ['U0ONCALL1', 'U0ONCALL2'] },
      ...settings,
    }),
    observer: { log: () => {}, count: () => {} },
    pace: 0,
    sweepEveryMs: null,
  })
}

type Action = 'approve' | 'approve-limited' | 'revert'

async function press(action: Action, who = 'U0ONCALL1'): Promise<void> {
  const message = bot.slack.messages().findLast(each => buttonsOf(each, action).length > 0)
  const button = message === undefined ? undefined : buttonsOf(message, action)[0]
  if (message === undefined || button === undefined) throw new Error(`no card offers ${action}`)
  await bot.request(buttonPress(sampleUser(who), message, button))
  await bot.idle()
}

const offers = (action: Action) => bot.slack.messages().some(each => buttonsOf(each, action).length > 0)
const words = () => JSON.stringify(bot.slack.messages())
const ends = () => grants(bot).map(({ Condition }) => Condition?.['DateLessThan'] !== undefined)
const statuses = async () => {
  const ids = new Set((await bot.audit()).flatMap(({ entry }) => entry.proposalId ?? []))
  return Promise.all([...ids].map(async id => (await bot.store.get(id))?.status))
}

/** Denied, and granted for 8 h. */
async function granted(settings: object = {}): Promise<void> {
  await start(settings)
  expect(await call(bot, LAMBDA)).toBe(false)
  await bot.sweep()
  await bot.idle()
  await press('approve-limited')
  if (offers('approve-limited')) await press('approve-limited', 'U0ONCALL2')
  expect(ends()).toEqual([true])
}

describe('a grant that ends in an hour', () => {
  it('stays without an end where people keep it, and the end of the first takes nothing', async () => {
    await granted()
    await bot.wait(6 * HOUR)
    expect(offers('approve')).toBe(false)
    await bot.wait(1.5 * HOUR)
    expect(words()).toContain('Ends soon:')
    expect(words()).toContain('Keep, no end')
    expect(offers('approve-limited')).toBe(false)
    await press('approve')
    if (offers('approve')) await press('approve', 'U0ONCALL2')
    expect(ends()).toEqual([false])
    expect(await statuses()).toEqual(['reverted', 'applied'])
    await bot.wait(2 * HOUR)
    await bot.wait(48 * HOUR)
    expect(ends()).toEqual([false])
    expect(await call(bot, LAMBDA)).toBe(true)
    await press('revert')
    expect(grants(bot)).toEqual([])
  })

  it('ends where nobody answers, and the card says so', async () => {
    await granted()
    await bot.wait(7.5 * HOUR)
    expect(offers('approve')).toBe(true)
    await bot.wait(1 * HOUR)
    expect(grants(bot)).toEqual([])
    expect(await statuses()).toEqual(['reverted', 'expired'])
    expect(offers('approve')).toBe(false)
    expect(words()).toContain('Not kept: let ')
    expect(words()).toContain('The grant ended ')
  })

  it('is not offered where the configuration allows no grant without an end', async () => {
    await granted({ grants: { permanent: { people: 'never', machines: 'never' } } })
    await bot.wait(7.5 * HOUR)
    expect(offers('approve')).toBe(false)
    expect(words()).not.toContain('Ends soon:')
    await bot.wait(1 * HOUR)
    expect(grants(bot)).toEqual([])
  })
})
