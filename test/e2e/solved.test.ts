/** Denials whose call succeeded 8 s later, with the deployed handlers on moto and CloudTrail's event history. */
import { randomUUID } from 'node:crypto'
import { IAMClient, ListRolePoliciesCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Proposal, postedCardOf } from '../../functions/domain/proposal/proposal.ts'
import { buttonsOf } from '../../simulator/slack-requests.ts'
import { fromSourceWithSweep } from '../attacks/deployed.ts'
import { cloudBot } from './cloud-bot.ts'
import { denialOf, MAIN, role } from './ecs-denial.ts'
import { type Fuse, fuse } from './fuse.ts'
import { type Moto, startMoto } from './moto.ts'

const MINUTE = 60_000
const ANNA = 'U0ONCALL1'

let moto: Moto
let safety: Fuse
let bot: Awaited<ReturnType<typeof started>>
let iam: IAMClient

/** The clock of the functions, which take it when they are loaded. */
let aheadMs = 0
const realNow = Date.now
const started = () => cloudBot(moto, fromSourceWithSweep, { through: safety.through })

beforeAll(async () => {
  Date.now = () => realNow() + aheadMs
  safety = fuse()
  moto = await startMoto()
  bot = await started()
  iam = new IAMClient(await moto.clientOf(MAIN))
  await role(iam, 'orders-task', { Service: 'ecs-tasks.amazonaws.com' })
})
afterAll(async () => {
  Date.now = realNow
  await bot?.close()
  await safety?.close()
  await moto?.stop()
})

const DOCUMENT = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'iam:PassRole', Resource: `arn:aws:iam::${MAIN}:role/orders-task` }],
})

let callers = 0

/** A new caller without a permission, and the card of its denial. */
async function denied() {
  callers += 1
  const name = `deployer-${callers}`
  await role(iam, name, { AWS: `arn:aws:iam::${MAIN}:root` })
  const record = denialOf(name)
  const { errorCode: _, errorMessage: __, ...call } = record
  await bot.denied(record)
  const open = (await bot.store.open(100)).find(one => one.denial.id === record.eventID)
  if (open === undefined) throw new Error(`${name} has no card`)
  const card = () => bot.slack.messages().find(({ ts }) => ts === postedCardOf(open)?.message)
  const at = (afterMs: number) =>
    new Date(Date.parse(record.eventTime) + afterMs).toISOString().replace(/\.\d{3}Z$/, 'Z')
  return {
    ...{ name, id: open.id, card },
    /** CloudTrail shows the same call without an error. */
    succeeds: () => bot.history.add({ ...call, eventID: randomUUID(), eventTime: at(8_000) }),
    /** Somebody grants it meanwhile. */
    async granted() {
      await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'deploy', PolicyDocument: DOCUMENT }))
      const requestParameters = { roleName: name, policyName: 'deploy', policyDocument: DOCUMENT }
      bot.history.add({
        ...{ eventVersion: '1.11', eventID: randomUUID(), eventTime: at(4_000), awsRegion: 'us-east-1' },
        ...{ eventSource: 'iam.amazonaws.com', eventName: 'PutRolePolicy', recipientAccountId: MAIN },
        userIdentity: { type: 'IAMUser', arn: `arn:aws:iam::${MAIN}:user/ada`, accountId: MAIN, userName: 'ada' },
        requestParameters,
      })
    },
    stored: async (): Promise<Proposal> => {
      const found = await bot.store.get(open.id)
      if (found === null) throw new Error(`no ${open.id}`)
      return found
    },
    policies: async () => (await iam.send(new ListRolePoliciesCommand({ RoleName: name }))).PolicyNames,
    async recorded() {
      const kinds: string[] = []
      for await (const { entry } of bot.log.records()) if (entry.proposalId === open.id) kinds.push(entry.kind)
      return kinds
    },
  }
}

async function passed(minutes: number): Promise<void> {
  aheadMs += minutes * MINUTE
  await bot.handlers.sweep()
}

describe('a denial of roles that are seconds old', () => {
  it('gets no card where the policies allow the call by now', async () => {
    await role(iam, 'just-made', { AWS: `arn:aws:iam::${MAIN}:root` })
    await iam.send(new PutRolePolicyCommand({ RoleName: 'just-made', PolicyName: 'deploy', PolicyDocument: DOCUMENT }))
    const record = denialOf('just-made')
    const before = bot.slack.messages().length
    await bot.denied(record).catch(() => {})
    const made = (await bot.store.open(100)).filter(({ denial }) => denial.id === record.eventID)
    expect(made).toEqual([])
    expect(bot.slack.messages()).toHaveLength(before)
    const kinds: string[] = []
    for await (const { entry } of bot.log.records())
      if (entry.eventIds?.includes(record.eventID)) kinds.push(entry.kind)
    expect(kinds).toEqual(['denial-seen', 'refused'])
  })
})

describe('a denial followed by a success 8 s later', () => {
  it('closes its card two minutes after it, with the write between, and the old button approves nothing', async () => {
    const { id, card, granted, policies, recorded, stored, succeeds } = await denied()
    const shown = card()
    const [button] = shown === undefined ? [] : buttonsOf(shown, 'approve')
    if (shown === undefined || button === undefined) throw new Error('the card has no button')
    await granted()
    succeeds()
    await passed(2.5)
    expect(await bot.looked()).toBeGreaterThan(0)

    const message = expect.stringMatching(/8 s later, after PutRolePolicy by .*user\/ada; nothing more to change\.$/)
    expect(await stored()).toMatchObject({ status: 'stale', failure: { code: 'solved', message } })
    const now = card()
    expect(JSON.stringify(now?.blocks)).toContain('8 s later')
    expect(now === undefined ? [] : buttonsOf(now, 'approve')).toEqual([])

    await bot.pressAgain(ANNA, shown, button)
    expect(await bot.work()).toBe(0)
    expect(await stored()).toMatchObject({ status: 'stale', approvals: [] })
    expect(await policies()).toEqual(['deploy'])
    expect(await recorded()).toEqual(['denial-seen', 'proposed', 'stale'])
    expect((await bot.store.open(100)).filter(one => one.id === id)).toEqual([])
  })

  it('is not written where people approved it before anybody looked', async () => {
    const { id, policies, stored, succeeds } = await denied()
    succeeds()
    for (const person of [ANNA, 'U0ONCALL2']) await bot.press(id, person, 'approve').catch(() => {})
    await bot.work()
    expect(await stored()).toMatchObject({ status: 'stale', failure: { code: 'solved' } })
    expect(await policies()).toEqual([])
  })

  it('asks the event history at most eight times, and in the Regions where the records are', async () => {
    const { name } = await denied()
    for (const minutes of [2.5, 4, 10, 4]) {
      await passed(minutes)
      await bot.looked()
    }
    const own = bot.history.asked.filter(one => one.endsWith(` ${name}`))
    expect(own).toEqual([`${MAIN} us-east-1 ResourceName ${name}`, `${MAIN} us-east-1 ResourceName ${name}`])
    expect(bot.history.asked.length).toBeGreaterThan(0)
  })
})

describe('a process that dies in the look', () => {
  it('after any change that it makes leaves a card that the next delivery closes, recorded once', async () => {
    const outcomes: object[] = []
    let changes: readonly string[] = []
    for (let count = 0; ; count += 1) {
      const { card, granted, recorded, stored, succeeds } = await denied()
      await granted()
      succeeds()
      await passed(2.5)
      safety.blowAfter(count)
      let died = false
      await bot.looked(async (event, context) => {
        const answer = await bot.handlers.propose(event, context).catch(error => ({ itemIdentifier: String(error) }))
        changes = [...changes, ...safety.changes]
        died = safety.repair() || died
        return answer
      })
      await passed(2)
      await bot.looked()
      const { status } = await stored()
      const shown = card()
      const buttons = shown === undefined ? null : buttonsOf(shown, 'approve').length
      const replies = bot.slack
        .messages()
        .filter(
          ({ threadTs, blocks, text }) =>
            threadTs === shown?.ts && `${text}${JSON.stringify(blocks)}`.includes('8 s later'),
        )
      outcomes.push({ count, status, recorded: await recorded(), buttons, replies: replies.length })
      if (!died) break
    }
    expect(outcomes).toEqual(
      outcomes.map((_, count) => ({
        count,
        status: 'stale',
        recorded: ['denial-seen', 'proposed', 'stale'],
        buttons: 0,
        replies: 1,
      })),
    )
    // The search is counted, the card ends, it is recorded and shown.
    expect(new Set(changes)).toEqual(new Set(['UpdateItem', 'PutItem', 'PutObject', 'chat.update', 'chat.postMessage']))
    expect(outcomes.length).toBeGreaterThan(5)
  })
})

describe('a process that dies before the write of what people approved', () => {
  // Every second one, as each takes seconds.
  it('after a change that it makes writes nothing, and ends the card once', async () => {
    const outcomes: { readonly count: number; readonly [fact: string]: unknown }[] = []
    for (let count = 0; ; count += 2) {
      const { id, policies, recorded, stored, succeeds } = await denied()
      for (const person of [ANNA, 'U0ONCALL2']) await bot.press(id, person, 'approve').catch(() => {})
      succeeds()
      aheadMs += MINUTE
      safety.blowAfter(count)
      let died = false
      await bot.work(async (event, context) => {
        const answer = await bot.handlers.verify(event, context).catch(error => ({ itemIdentifier: String(error) }))
        died = safety.repair() || died
        return answer
      })
      await passed(4)
      await bot.work()
      const ends = (await recorded()).filter(kind => kind === 'stale')
      outcomes.push({ count, status: (await stored()).status, ends: ends.length, policies: await policies() })
      if (!died) break
    }
    expect(outcomes).toEqual(outcomes.map(({ count }) => ({ count, status: 'stale', ends: 1, policies: [] })))
    expect(outcomes.length).toBeGreaterThan(3)
  })
})
