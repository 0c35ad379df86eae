/**
 * The smoke test of a member, with the deployed handlers on moto. The test simulates AWS's denials and the people, because moto
 * denies nothing.
 */
import { randomUUID } from 'node:crypto'
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail'
import { IAMClient, ListRolePoliciesCommand, ListRolesCommand } from '@aws-sdk/client-iam'
import type { Context, SQSEvent } from 'aws-lambda'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memberPath } from '../../cli/smoke/member-path.ts'
import { runAll } from '../../cli/smoke/runs.ts'
import { smoke } from '../../cli/smoke/steps.ts'
import { type CreatedRoles, createTestRoles } from '../../cli/smoke/test-roles.ts'
import { BUCKET, type CloudBot, cloudBot, fromSource } from './cloud-bot.ts'
import { type FakeEventHistory, startFakeEventHistory } from './fake-event-history.ts'
import { type Moto, type MotoClient, startMoto } from './moto.ts'

const MEMBER = '444455556666'
const MINUTE = 60_000

let moto: Moto
let bot: CloudBot
let member: MotoClient
let history: FakeEventHistory

beforeAll(async () => {
  moto = await startMoto()
  bot = await cloudBot(moto, fromSource)
  member = await moto.clientOf(MEMBER)
  history = await startFakeEventHistory(moto.accountOf, 1_000)
}, 120_000)
afterAll(async () => {
  await bot?.close()
  await history?.close()
  await moto?.stop()
})

async function beat(region: string, account = MEMBER): Promise<void> {
  const body = JSON.stringify({
    source: 'rolemedic.heartbeat',
    'detail-type': 'Heartbeat',
    account,
    region,
    time: new Date().toISOString(),
    detail: { version: '0.1.0' },
  })
  const message = { messageId: 'm-1', body, attributes: {}, eventSource: 'aws:sqs', messageAttributes: {} }
  const context = { getRemainingTimeInMillis: () => 60_000 } as Context
  await bot.handlers.intake({ Records: [message] } as unknown as SQSEvent, context)
}

/** The record in the Region of the STS endpoint. */
function denial(callerArn: string, region: string): object {
  const name = callerArn.split('/').at(-1) ?? ''
  const arn = `arn:aws:sts::${MEMBER}:assumed-role/${name}/smoke`
  const target = callerArn.replace('-caller', '-target')
  return {
    eventVersion: '1.11',
    eventID: randomUUID(),
    eventTime: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
    eventType: 'AwsApiCall',
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    awsRegion: region,
    recipientAccountId: MEMBER,
    readOnly: true,
    requestParameters: null,
    userIdentity: {
      type: 'AssumedRole',
      principalId: 'AROAEXAMPLE:smoke',
      arn,
      accountId: MEMBER,
      sessionContext: {
        sessionIssuer: { type: 'Role', principalId: 'AROAEXAMPLE', arn: callerArn, accountId: MEMBER, userName: name },
      },
    },
    errorCode: 'AccessDenied',
    errorMessage: `User: ${arn} is not authorized to perform: sts:AssumeRole on resource: ${target}`,
  }
}

/** The write of the session that `write` assumed, recorded in the Region of IAM. */
function writeOf(callerArn: string, session: { issuer?: string; sourceIdentity?: string | null } = {}): object {
  const { issuer = 'rolemedic-writer', sourceIdentity = 'U0ONCALL2' } = session
  return {
    eventID: randomUUID(),
    eventTime: new Date().toISOString(),
    eventName: 'PutRolePolicy',
    awsRegion: 'us-east-1',
    recipientAccountId: MEMBER,
    requestParameters: { roleName: callerArn.split('/').at(-1), policyName: 'rolemedic' },
    userIdentity: {
      sessionContext: {
        sessionIssuer: { arn: `arn:aws:iam::${MEMBER}:role/${issuer}` },
        ...(sourceIdentity === null ? {} : { sourceIdentity }),
      },
    },
  }
}

type Played = { readonly region: string; readonly session?: Parameters<typeof writeOf>[1]; readonly audit?: boolean }

async function played({ region, session = {}, audit = true }: Played) {
  const config = { ...member, region }
  const iam = new IAMClient(config)
  const printed: string[] = []
  let nowMs = Date.now()
  let next: (() => Promise<void>) | null = null
  const sleep = async () => {
    nowMs += 30_000
    const doing = next
    next = null
    await doing?.()
  }
  const made = await createTestRoles(iam, config, async () => {})
  const name = made.callerArn.split('/').at(-1)
  const granted = async () =>
    ((await iam.send(new ListRolePoliciesCommand({ RoleName: name }))).PolicyNames ?? []).length > 0
  const roles: CreatedRoles = {
    ...made,
    tryAssume: async () => ((await granted()) ? 'allowed' : 'denied'),
  }
  const ours = async () => {
    const open = await bot.store.open(50)
    const found = open.find(one => one.denial.principal.roleArn === made.callerArn)
    if (found === undefined) throw new Error('no proposal')
    return found.id
  }
  const print = (line: string): void => {
    printed.push(line)
    if (line.startsWith('2.')) next = async () => void (await bot.denied(denial(made.callerArn, region)))
    if (line.startsWith('3.'))
      next = async () => {
        for (const person of ['U0ONCALL1', 'U0ONCALL2'])
          await bot.press(await ours(), person, 'approve').catch(() => {})
        await bot.work()
        history.add(writeOf(made.callerArn, session))
      }
    if (line.startsWith('5.'))
      next = async () => {
        await bot.press(await ours(), 'U0ONCALL1', 'revert')
        await bot.work()
      }
  }
  const path = memberPath({
    member: { accountId: MEMBER, region },
    store: bot.store,
    callerArn: made.callerArn,
    history: {
      client: () => new CloudTrailClient({ ...config, endpoint: history.url }),
      sleep: async () => {},
      clock: () => nowMs,
    },
    audit: audit ? { client: bot.s3, from: `s3://${BUCKET}/audit` } : null,
  })
  const run = async () => {
    try {
      await smoke({ roles, store: bot.store, print, sleep, nowMs: () => nowMs, path })
    } finally {
      await roles.remove()
    }
  }
  return { run, printed, minutes: () => (nowMs - Date.now()) / MINUTE }
}

const rolesLeft = async () =>
  ((await new IAMClient(member).send(new ListRolesCommand({}))).Roles ?? [])
    .map(({ RoleName = '' }) => RoleName)
    .filter(name => name.startsWith('smoke-'))

describe('the smoke test of a member', () => {
  it('goes through heartbeat, forwarder, reader, Slack, writer, audit log, and names who approved', async () => {
    await beat('us-east-1')
    const { run, printed } = await played({ region: 'us-east-1' })
    await run()
    expect(printed.map(line => line.replace(/\d+ min/, 'N min'))).toEqual([
      `0. the hub heard ${MEMBER} us-east-1 N min ago`,
      expect.stringMatching(/^1\. causing a denial/),
      expect.stringMatching(/^2\. waiting for the proposal/),
      expect.stringMatching(/^ {3}p-\S+: /),
      '   forwarded to the hub, read with the reader role of the member, and posted in Slack',
      expect.stringMatching(/^3\. press Approve/),
      expect.stringMatching(/^4\. applied/),
      expect.stringMatching(/^5\. press Revert/),
      expect.stringMatching(/^6\. reverted/),
      '7. reading the audit log',
      expect.stringMatching(/^8\. waiting for the write in CloudTrail/),
      '   written for U0ONCALL2',
    ])
    expect(await rolesLeft()).toEqual([])
  }, 60_000)

  it.each([
    ['without a source identity', { sourceIdentity: null }],
    ['of another role', { issuer: 'admin' }],
  ])(
    'fails for a write %s, once CloudTrail would have it',
    async (_what, session) => {
      await beat('us-east-1')
      const { run } = await played({ region: 'us-east-1', session, audit: false })
      await expect(run()).rejects.toThrow('waited 20 minutes for a write of rolemedic-writer with a source identity')
      expect(await rolesLeft()).toEqual([])
    },
    60_000,
  )

  it('ends before it causes a denial where the hub does not hear the member', async () => {
    const { run, printed } = await played({ region: 'eu-north-1' })
    await expect(run()).rejects.toThrow(`the hub never heard ${MEMBER} eu-north-1: is rolemedic-member deployed there?`)
    expect(printed).toEqual([])
    expect(await rolesLeft()).toEqual([])
  })

  it('of several at once ends each, and one that fails stops no other', async () => {
    await beat('us-east-1')
    const [deaf, well] = [await played({ region: 'eu-north-1' }), await played({ region: 'us-east-1' })]
    const printed: string[] = []
    const failed = await runAll(
      [
        { member: { accountId: MEMBER, region: 'eu-north-1' }, run: () => deaf.run() },
        {
          member: { accountId: MEMBER, region: 'us-east-1' },
          run: async print => {
            await well.run()
            print('done')
          },
        },
      ],
      line => void printed.push(line),
    )
    expect(failed.map(({ name }) => name)).toEqual([`${MEMBER} eu-north-1`])
    expect(printed).toEqual([`[${MEMBER} us-east-1] done`])
    expect(await rolesLeft()).toEqual([])
  }, 60_000)
})
