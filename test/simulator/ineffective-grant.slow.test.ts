import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { checkLog } from '../../functions/domain/audit/verify-log.ts'
import { botConfigSchema } from '../../functions/domain/config/config.ts'
import { folderObjects } from '../../simulator/audit-folder.ts'
import { type Bot, startBot } from '../../simulator/bot.ts'
import { SAMPLE_ORGANIZATION } from '../../simulator/sample-records.ts'
import { sampleUser } from '../../simulator/sample-users.ts'
import { buttonPress, buttonsOf } from '../../simulator/slack-requests.ts'
import { ACCOUNT, accountWith, call, grants, type SimulatedCall } from './simulated-service.ts'

const CONFIG = botConfigSchema.parse({
  mode: 'approve',
  channel: 'C0DEPLOYS',
  approvers: { users: ['U0ONCALL1', 'U0ONCALL2'] },
})
const MINUTE = 60_000
const ROLE = `arn:aws:iam::${ACCOUNT}:role/app-role`

const RDS: SimulatedCall = {
  source: 'rds.amazonaws.com',
  operation: 'CreateDBInstance',
  parameters: { dBInstanceIdentifier: 'orders', monitoringInterval: 60, monitoringRoleArn: ROLE },
  role: ROLE,
  sends: 'monitoring.rds.amazonaws.com',
}
const APP_RUNNER: SimulatedCall = {
  source: 'apprunner.amazonaws.com',
  operation: 'CreateService',
  parameters: { serviceName: 'web', instanceConfiguration: { instanceRoleArn: ROLE } },
  role: ROLE,
  sends: 'apprunner.amazonaws.com',
}
const LAMBDA: SimulatedCall = {
  source: 'lambda.amazonaws.com',
  operation: 'CreateFunction20150331',
  parameters: { functionName: 'orders', role: ROLE },
  role: ROLE,
  sends: null,
}

let state: string
let bot: Bot
let counted: string[]
let aheadMs: number

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'rolemedic-'))
  counted = []
  aheadMs = 0
  const now = Date.now
  vi.spyOn(Date, 'now').mockImplementation(() => now() + aheadMs)
})
afterEach(async () => {
  await bot.close()
  vi.restoreAllMocks()
  rmSync(state, { recursive: true, force: true })
})

async function start(trusts: readonly string[]): Promise<void> {
  const file = join(state, 'account.json')
  writeFileSync(file, JSON.stringify(accountWith('app-role', trusts)))
  bot = await startBot({
    state: join(state, 'bot'),
    accounts: [file],
    org: SAMPLE_ORGANIZATION,
    config: CONFIG,
    observer: { log: () => {}, count: metric => void counted.push(metric) },
    pace: 0,
    sweepEveryMs: null,
  })
}

/** Both approvers press until the newest card needs nobody. */
async function approve(): Promise<void> {
  for (const who of ['U0ONCALL1', 'U0ONCALL2']) {
    const message = bot.slack.messages().findLast(each => buttonsOf(each, 'approve').length > 0)
    const button = message === undefined ? undefined : buttonsOf(message, 'approve')[0]
    if (message === undefined || button === undefined) return
    await bot.request(buttonPress(sampleUser(who), message, button))
    await bot.idle()
  }
}

/** Repeats the call every ten minutes, with approvals, until it succeeds. Returns the number of approvals. */
async function approvalsUntilAllowed(made: SimulatedCall): Promise<number> {
  for (let approvals = 0; approvals < 5; approvals += 1) {
    if (await call(bot, made)) return approvals
    await bot.sweep()
    await bot.idle()
    await approve()
    aheadMs += 10 * MINUTE
  }
  throw new Error(`still denied: ${JSON.stringify(grants(bot))}`)
}

const conditions = () => grants(bot).map(({ Condition }) => Condition)
const cards = () => bot.slack.messages().map(({ text, blocks }) => `${text} ${JSON.stringify(blocks)}`)
const threadWords = () => JSON.stringify(bot.slack.messages().filter(({ threadTs }) => threadTs !== null))
const auditKinds = async () => (await bot.audit()).map(({ entry }) => entry.kind)
/** Every proposal in the order of its first record. */
async function statuses(): Promise<readonly string[]> {
  const ids = new Set((await bot.audit()).flatMap(({ entry }) => entry.proposalId ?? []))
  const proposals = await Promise.all([...ids].map(id => bot.store.get(id)))
  return proposals.flatMap(proposal => proposal?.status ?? [])
}
async function press(action: 'approve' | 'approve-limited' | 'revert', who = 'U0ONCALL1'): Promise<void> {
  const message = bot.slack.messages().findLast(each => buttonsOf(each, action).length > 0)
  const button = message === undefined ? undefined : buttonsOf(message, action)[0]
  if (message === undefined || button === undefined) throw new Error(`no card offers ${action}`)
  await bot.request(buttonPress(sampleUser(who), message, button))
  await bot.idle()
}

describe('a grant for another service than the call names', () => {
  it('is replaced by one for the service that assumes the role, and the call goes through', async () => {
    await start(['monitoring.rds.amazonaws.com'])
    expect(await approvalsUntilAllowed(RDS)).toBe(2)
    expect(conditions()).toEqual([{ StringEqualsIfExists: { 'iam:PassedToService': 'monitoring.rds.amazonaws.com' } }])
    expect(counted.filter(metric => metric === 'AfterGrantDenied')).toHaveLength(1)
    await bot.sweep()
    await bot.idle()
    expect(await statuses()).toEqual(['reverted', 'applied'])
    expect((await auditKinds()).filter(kind => kind === 'reverted')).toHaveLength(1)
    aheadMs += 20 * MINUTE
    await bot.sweep()
    expect(await statuses()).toEqual(['reverted', 'confirmed'])
  })

  it('is replaced by the value of the weaker source, where sources disagree', async () => {
    await start(['tasks.apprunner.amazonaws.com'])
    expect(await approvalsUntilAllowed(APP_RUNNER)).toBe(2)
    expect(conditions()).toEqual([{ StringEqualsIfExists: { 'iam:PassedToService': 'apprunner.amazonaws.com' } }])
  })

  it('is replaced by one that holds without a value too, where nothing else is known', async () => {
    await start(['lambda.amazonaws.com'])
    expect(await approvalsUntilAllowed(LAMBDA)).toBe(2)
    expect(conditions()).toEqual([{ StringEqualsIfExists: { 'iam:PassedToService': 'lambda.amazonaws.com' } }])
  })

  it('says on the next card which condition the call did not meet, and withdraws the grant with it', async () => {
    await start(['monitoring.rds.amazonaws.com'])
    await call(bot, RDS)
    await approve()
    expect(conditions()).toEqual([{ StringEquals: { 'iam:PassedToService': 'rds.amazonaws.com' } }])
    aheadMs += 10 * MINUTE
    await call(bot, RDS)
    const card = cards().find(text => text.includes('This change withdraws it.'))
    expect(card).toContain('No policy of ')
    const thread = threadWords()
    expect(thread).toContain('requires iam:PassedToService = rds.amazonaws.com, which this call does not send')
    expect(thread).toContain('monitoring.rds.amazonaws.com is a guess')
    expect(card).not.toContain('Revert the earlier grant')
    // Nothing is written before it is approved.
    expect(conditions()).toEqual([{ StringEquals: { 'iam:PassedToService': 'rds.amazonaws.com' } }])
  })

  it('leaves nothing behind when the second one is reverted', async () => {
    await start(['monitoring.rds.amazonaws.com'])
    await approvalsUntilAllowed(RDS)
    await press('revert')
    expect(conditions()).toEqual([])
    expect(await statuses()).toEqual(['reverted', 'reverted'])
    const stored = []
    for await (const record of folderObjects(join(state, 'bot', 'audit')).stored()) stored.push(record)
    expect(checkLog({ stored, head: null, findings: [], keys: await bot.publicKeys() }).findings).toEqual([])
  })

  it('is not granted again after a person has reverted it while the second card was open', async () => {
    await start(['monitoring.rds.amazonaws.com'])
    await call(bot, RDS)
    await approve()
    aheadMs += 10 * MINUTE
    await call(bot, RDS)
    await press('revert')
    expect(conditions()).toEqual([])
    aheadMs += 3 * MINUTE
    await bot.sweep()
    await bot.idle()
    await approve()
    expect(conditions()).toEqual([{ StringEqualsIfExists: { 'iam:PassedToService': 'monitoring.rds.amazonaws.com' } }])
  })

  it('is replaced also when it was given for a limited time', async () => {
    await start(['monitoring.rds.amazonaws.com'])
    await call(bot, RDS)
    await press('approve-limited')
    expect(conditions()).toMatchObject([{ StringEquals: { 'iam:PassedToService': 'rds.amazonaws.com' } }])
    aheadMs += 10 * MINUTE
    await call(bot, RDS)
    await approve()
    expect(conditions()).toEqual([{ StringEqualsIfExists: { 'iam:PassedToService': 'monitoring.rds.amazonaws.com' } }])
  })

  it('ends without a change where nothing else is left to try, and is offered to be reverted', async () => {
    await start(['rds.amazonaws.com'])
    const never = {
      ...RDS,
      parameters: { ...RDS.parameters, monitoringRoleArn: ROLE },
      sends: 'somebody.amazonaws.com',
    }
    for (let round = 0; round < 4; round += 1) {
      expect(await call(bot, never)).toBe(false)
      await approve()
      aheadMs += 10 * MINUTE
    }
    expect(conditions()).toHaveLength(1)
    const last = cards().find(text => text.includes('is unknown, and rolemedic never drafts a grant for every service'))
    expect(last).toContain('Revert the earlier grant')
  })
})

describe('a grant that may help another call', () => {
  it('stays where another operation was denied in the same way', async () => {
    await start(['monitoring.rds.amazonaws.com'])
    await call(bot, { ...RDS, sends: 'rds.amazonaws.com' })
    await approve()
    aheadMs += 10 * MINUTE
    await call(bot, { ...RDS, operation: 'ModifyDBInstance' })
    await approve()
    expect(conditions()).toEqual([
      { StringEquals: { 'iam:PassedToService': 'rds.amazonaws.com' } },
      { StringEqualsIfExists: { 'iam:PassedToService': 'monitoring.rds.amazonaws.com' } },
    ])
  })

  it.each([
    ['an explicit deny', 'with an explicit deny in a service control policy'],
    ['another layer', 'because no service control policy allows the iam:PassRole action'],
    ['a session policy', 'because no session policy allows the iam:PassRole action'],
    ['something new', 'because no attestation policy allows the iam:PassRole action'],
  ])('stays where AWS names %s as the reason', async (_, because) => {
    await start(['monitoring.rds.amazonaws.com'])
    await call(bot, RDS)
    await approve()
    aheadMs += 10 * MINUTE
    await call(bot, { ...RDS, because })
    await approve()
    expect(conditions()).toEqual([{ StringEquals: { 'iam:PassedToService': 'rds.amazonaws.com' } }])
    expect(cards().at(-1)).not.toContain('which this call does not send')
  })

  it('stays where the denial came before the grant could be seen everywhere', async () => {
    await start(['monitoring.rds.amazonaws.com'])
    await call(bot, RDS)
    await approve()
    aheadMs += MINUTE / 2
    await call(bot, RDS)
    await approve()
    expect(conditions()).toEqual([{ StringEquals: { 'iam:PassedToService': 'rds.amazonaws.com' } }])
    expect(counted).not.toContain('AfterGrantDenied')
  })

  it('stays where somebody has edited it since', async () => {
    await start(['monitoring.rds.amazonaws.com'])
    await call(bot, RDS)
    await approve()
    const { target, after } = (await bot.audit()).at(-1)?.entry.changes[0] ?? {}
    const [statement] = after?.Statement ?? []
    if (target === undefined || after === undefined || statement === undefined) throw new Error('nothing was written')
    const Condition = { StringEquals: { 'iam:PassedToService': ['rds.amazonaws.com', 'dms.amazonaws.com'] } }
    await bot.accounts.writer.write(target, { ...after, Statement: [{ ...statement, Condition }] })
    aheadMs += 10 * MINUTE
    await call(bot, RDS)
    await approve()
    expect(conditions()).toEqual([
      { StringEquals: { 'iam:PassedToService': ['rds.amazonaws.com', 'dms.amazonaws.com'] } },
      { StringEqualsIfExists: { 'iam:PassedToService': 'monitoring.rds.amazonaws.com' } },
    ])
  })
})
