/** `rolemedic canary` against the functions on moto, and the daily one. The test plays AWS's denial and CloudTrail, as moto denies nothing. */
import { randomUUID } from 'node:crypto'
import type { Context, SQSEvent } from 'aws-lambda'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { runCanary } from '../../cli/use-cases/canary/canary.ts'
import { canaryCalls } from '../../cli/use-cases/canary/canary-calls.ts'
import { canariesMade, HEARD_ACCOUNTS, heardFrom } from '../../functions/domain/stored/markers.ts'
import { type CloudBot, cloudBot, fromSource } from './cloud-bot.ts'
import { type Moto, startMoto } from './moto.ts'
import { refusal, startWire, type Wire } from './wire.ts'

const HUB = '111122223333'
const MEMBER = '444455556666'
const CONTEXT = { getRemainingTimeInMillis: () => 60_000 } as Context

let moto: Moto
let bot: CloudBot
let wire: Wire
/** What CloudTrail has to record. */
const refused: { readonly caller: string; readonly role: string }[] = []

beforeAll(async () => {
  moto = await startMoto()
  bot = await cloudBot(moto, fromSource)
  wire = await startWire(moto.endpoint)
  vi.stubEnv('AWS_ENDPOINT_URL_STS', wire.url)
  vi.stubEnv('AWS_ENDPOINT_URL_CLOUDTRAIL', bot.history.url)
  wire.answer(({ service, body }) => {
    const role = new URLSearchParams(body).get('RoleArn') ?? ''
    if (service !== 'sts' || !role.includes(':role/rolemedic-canary-')) return null
    const account = role.split(':')[4]
    const isDaily = role.length > 90
    const caller = isDaily
      ? `arn:aws:sts::${account}:assumed-role/rolemedic-reader/rolemedic-reader`
      : `arn:aws:sts::${account}:assumed-role/operator/ada`
    refused.push({ caller, role })
    return refusal(`User: ${caller} is not authorized to perform: sts:AssumeRole on resource: ${role}`)
  })
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await bot?.close()
  await wire?.close()
  await moto?.stop()
})

function recordOf({ caller, role }: (typeof refused)[number], region: string): object {
  const [, , , , account = ''] = caller.split(':')
  const [, name = '', session = ''] = caller.split('/')
  return {
    ...{ eventVersion: '1.11', eventID: randomUUID(), eventTime: new Date().toISOString().replace(/\.\d+Z$/, 'Z') },
    ...{ eventType: 'AwsApiCall', eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole', awsRegion: region },
    ...{ recipientAccountId: account, readOnly: true, requestParameters: null, errorCode: 'AccessDenied' },
    userIdentity: {
      ...{ type: 'AssumedRole', principalId: `AROAEXAMPLE:${session}`, arn: caller, accountId: account },
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          arn: `arn:aws:iam::${account}:role/${name}`,
          accountId: account,
          userName: name,
        },
      },
    },
    errorMessage: `User: ${caller} is not authorized to perform: sts:AssumeRole on resource: ${role}`,
  }
}

const callsOf = () => {
  const credentials = async () => moto.client.credentials
  return canaryCalls(
    {
      own: { accountId: HUB, credentials },
      region: 'eu-west-1',
      table: 'rolemedic',
      accessTo: accountId => ({ accountId, credentials }),
      sleep: async () => {},
    },
    { env: { AWS_ENDPOINT_URL: moto.endpoint }, nowMs: Date.now },
  )
}

it('arrives as a card that asks nobody for anything', async () => {
  refused.length = 0
  let delivered = false
  const canary = await runCanary(
    { accountId: HUB, region: 'eu-west-1' },
    {
      calls: callsOf(),
      nowMs: Date.now,
      waitMs: 60_000,
      id: 'e2e1',
      sleep: async () => {
        const [made] = refused
        if (delivered || made === undefined) return
        delivered = true
        // It is not open: nobody has to act.
        await expect(bot.denied(recordOf(made, 'eu-west-1'))).rejects.toThrow('no proposal was made')
      },
    },
  )
  expect(canary.hops.map(({ hop, outcome }) => `${hop} ${outcome}`)).toEqual([
    'denial passed',
    'event history passed',
    'rule passed',
    'queue passed',
    'occurrence passed',
    'analysis passed',
    'card passed',
  ])
  const { detail } = canary.hops.find(({ hop }) => hop === 'analysis') ?? { detail: '' }
  expect(detail).toContain('rolemedic-canary-e2e1')
  // The history of this test has no record of the session.
  expect(detail).toContain('No record proves who made it')
})

it('that no rule took is lost there', async () => {
  refused.length = 0
  const canary = await runCanary(
    { accountId: HUB, region: 'eu-west-1' },
    {
      calls: callsOf(),
      nowMs: Date.now,
      waitMs: 0,
      id: 'e2e2',
      sleep: async () => {},
    },
  )
  expect(canary.lost).toBe('event history')
  const [made] = refused
  if (made === undefined) throw new Error('nothing was denied')
  bot.history.add(recordOf(made, 'eu-west-1'))
  const calls = callsOf()
  expect(await calls.recordedAtMs({ accountId: HUB, region: 'eu-west-1' }, made.role, Date.now() - 60_000)).not.toBe(
    null,
  )
  expect(await calls.invocations({ accountId: HUB, region: 'eu-west-1' }, Date.now() - 60_000)).toBe(0)
})

it('of the day is made by verify as each reader, and arrives in no card and no count', async () => {
  refused.length = 0
  const beat = { atMs: Date.now(), version: '0.1.0' }
  await bot.store.putMarker(HEARD_ACCOUNTS, 0, [HUB, MEMBER])
  await bot.store.putMarker(heardFrom(HUB), 0, { 'eu-west-1': beat })
  await bot.store.putMarker(heardFrom(MEMBER), 0, { 'eu-west-1': beat, 'us-east-1': beat })
  const beforeMs = Date.now()
  const cards = bot.slack.messages().length
  await bot.handlers.verify({ job: 'canary' } as unknown as SQSEvent, CONTEXT)
  expect(refused).toHaveLength(3)
  expect(Object.keys((await bot.store.getMarker(canariesMade(MEMBER)))?.value ?? {}).toSorted()).toEqual([
    'eu-west-1',
    'us-east-1',
  ])
  const made = refused.find(({ caller }) => caller.includes(MEMBER))
  if (made === undefined) throw new Error('no canary of the member')
  const message = {
    ...{ messageId: 'm-1', attributes: {}, eventSource: 'aws:sqs', messageAttributes: {} },
    body: JSON.stringify({
      source: 'aws.sts',
      'detail-type': 'AWS API Call via CloudTrail',
      detail: recordOf(made, 'us-east-1'),
    }),
  }
  await bot.handlers.intake({ Records: [message] } as unknown as SQSEvent, CONTEXT)
  const heard = (await bot.store.getMarker(heardFrom(MEMBER)))?.value
  expect(heard?.['us-east-1']?.canaryMs).toBeGreaterThanOrEqual(beforeMs - 1_000)
  expect(heard?.['eu-west-1']?.canaryMs).toBe(undefined)
  expect(await bot.looked()).toBe(0)
  expect(bot.slack.messages()).toHaveLength(cards)
})
