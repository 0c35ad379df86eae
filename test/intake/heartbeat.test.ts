import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { HEARD_ACCOUNTS, heardFrom } from '../../functions/domain/stored/markers.ts'
import { makeIntake } from '../../functions/intake/intake.ts'
import type { MemberState } from '../../functions/ports/access-reader.ts'
import { memoryStore } from '../fakes/memory-store.ts'

const NOON = Date.UTC(2026, 10, 24, 12)
const MINUTE = 60_000
const MEMBER = '444455556666'

function setUp(membership: MemberState = 'member') {
  const store = memoryStore()
  const metrics: string[] = []
  const clock = { nowMs: NOON }
  const asked: string[] = []
  const sent: unknown[] = []
  const intake = makeIntake({
    store,
    queue: { send: async work => void sent.push(work) },
    clock: () => clock.nowMs,
    observer: { log: () => {}, count: metric => void metrics.push(metric) },
    config: { settleSeconds: 60 },
    ownRoleArns: [],
    readerRole: {
      name: 'rolemedic-reader',
      membershipOf: async accountId => {
        asked.push(accountId)
        return membership
      },
    },
  })
  const heard = async (accountId = MEMBER) => (await store.getMarker(heardFrom(accountId)))?.value ?? null
  const accounts = async () => (await store.getMarker(HEARD_ACCOUNTS))?.value ?? []
  return { intake, store, metrics, clock, asked, sent, heard, accounts }
}

const event = (changes: object = {}) =>
  JSON.stringify({
    source: 'rolemedic.heartbeat',
    'detail-type': 'Heartbeat',
    account: MEMBER,
    region: 'eu-central-1',
    time: new Date(NOON).toISOString(),
    detail: { version: '0.1.0' },
    ...changes,
  })

describe('a heartbeat that arrives', () => {
  it('is kept per account and Region, and asks for no work', async () => {
    const bot = setUp()
    expect(await bot.intake(event())).toEqual([{ kind: 'heartbeat' }])
    await bot.intake(event({ region: 'us-east-1', detail: {} }))
    expect(await bot.heard()).toEqual({
      'eu-central-1': { atMs: NOON, version: '0.1.0' },
      'us-east-1': { atMs: NOON, version: null },
    })
    expect(await bot.accounts()).toEqual([MEMBER])
    expect([bot.sent, bot.metrics]).toEqual([[], []])
  })

  it('from the future counts as of now: it hides no silence to come', async () => {
    const bot = setUp()
    await bot.intake(event({ time: '2036-11-24T12:00:00Z' }))
    expect(await bot.heard()).toMatchObject({ 'eu-central-1': { atMs: NOON } })
  })

  it('that was long on its way counts as of when it was sent, and replaces no later one', async () => {
    const bot = setUp()
    await bot.intake(event({ time: new Date(NOON - 30 * MINUTE).toISOString() }))
    expect(await bot.heard()).toMatchObject({ 'eu-central-1': { atMs: NOON - 30 * MINUTE } })
    await bot.intake(event())
    await bot.intake(event({ time: new Date(NOON - 15 * MINUTE).toISOString(), detail: { version: '0.0.9' } }))
    expect(await bot.heard()).toEqual({ 'eu-central-1': { atMs: NOON, version: '0.1.0' } })
  })

  it('replaces a time to come, which only somebody else can have stored', async () => {
    const bot = setUp()
    await bot.store.putMarker(heardFrom(MEMBER), 0, {
      'eu-central-1': { atMs: NOON + 365 * 24 * 60 * 60_000, version: '0.1.0' },
    })
    await bot.intake(event())
    expect(await bot.heard()).toEqual({ 'eu-central-1': { atMs: NOON, version: '0.1.0' } })
  })

  it('is kept once however often it is delivered', async () => {
    const bot = setUp()
    await bot.intake(event())
    await bot.intake(event())
    expect((await bot.store.getMarker(heardFrom(MEMBER)))?.version).toBe(1)
  })

  it('of many at once loses none', async () => {
    const bot = setUp()
    const regions = ['eu-west-1', 'eu-central-1', 'us-east-1', 'us-west-2', 'ap-south-1']
    await Promise.all(regions.map(region => bot.intake(event({ region }))))
    expect(Object.keys((await bot.heard()) ?? {}).sort()).toEqual([...regions].sort())
  })

  it('of a stranger’s account is not kept', async () => {
    const bot = setUp('stranger')
    await bot.intake(event())
    expect([await bot.heard(), await bot.accounts()]).toEqual([null, []])
    expect(bot.metrics).toEqual(['StrangerHeartbeats'])
  })

  it('is kept where Organizations cannot be asked: the bus lets in nobody else', async () => {
    const bot = setUp('unknown')
    await bot.intake(event())
    expect(await bot.accounts()).toEqual([MEMBER])
  })

  it('asks about each account once', async () => {
    const bot = setUp()
    await bot.intake(event())
    await bot.intake(event({ region: 'us-east-1' }))
    expect(bot.asked).toEqual([MEMBER])
  })

  it('with a denial in its detail is no denial', async () => {
    const bot = setUp()
    const record: unknown = JSON.parse(readFileSync('events/ecs-register-task-definition.json', 'utf8'))
    for (const detail of [record, { Records: [record] }, { version: '1', detail: record }]) {
      await bot.intake(event({ detail }))
      await bot.intake(event({ detail, 'detail-type': 'AWS API Call via CloudTrail' }))
    }
    expect(bot.sent).toEqual([])
    expect(bot.metrics).toEqual(['Unreadable', 'Unreadable', 'Unreadable'])
  })
})

describe('a canary that arrives', () => {
  const NAME = 'rolemedic-canary-no-such-role-no-such-role-no-such-role-no-such-role-no-such-role'
  const role = `arn:aws:iam::${MEMBER}:role/${NAME}`
  const reader = `arn:aws:sts::${MEMBER}:assumed-role/rolemedic-reader/rolemedic-reader`
  const record = (changes: { caller?: string; resource?: string; minutesAgo?: number; region?: string } = {}) => {
    const { caller = reader, resource = role, minutesAgo = 4, region = 'eu-central-1' } = changes
    return {
      eventVersion: '1.08',
      eventID: '7f1f3d5c-6a0b-4c55-9d41-2f3a7c1e0b11',
      eventSource: 'sts.amazonaws.com',
      eventName: 'AssumeRole',
      eventTime: new Date(NOON - minutesAgo * MINUTE).toISOString(),
      awsRegion: region,
      recipientAccountId: MEMBER,
      userIdentity: {
        type: 'AssumedRole',
        arn: caller,
        accountId: MEMBER,
        principalId: 'AROAEXAMPLEREADERROLE:rolemedic-reader',
        sessionContext: {
          sessionIssuer: {
            type: 'Role',
            arn: `arn:aws:iam::${MEMBER}:role/${caller.split('/')[1]}`,
            userName: caller.split('/')[1],
          },
        },
      },
      errorCode: 'AccessDenied',
      errorMessage: `User: ${caller} is not authorized to perform: sts:AssumeRole on resource: ${resource}`,
      requestParameters: null,
      readOnly: true,
      eventType: 'AwsApiCall',
    }
  }

  it('is kept with the heartbeats of its place, counted in no metric, and nobody is asked', async () => {
    const bot = setUp()
    await bot.intake(event())
    expect(await bot.intake({ detail: record() })).toEqual([{ kind: 'canary' }])
    expect(await bot.heard()).toEqual({
      'eu-central-1': { atMs: NOON, version: '0.1.0', canaryMs: NOON - 4 * MINUTE },
    })
    expect([bot.sent, bot.metrics]).toEqual([[], []])
    await bot.intake({ detail: record({ minutesAgo: 9 }) })
    bot.clock.nowMs += MINUTE
    await bot.intake(event({ time: new Date(NOON + MINUTE).toISOString() }))
    expect(await bot.heard()).toEqual({
      'eu-central-1': { atMs: NOON + MINUTE, version: '0.1.0', canaryMs: NOON - 4 * MINUTE },
    })
  })

  it('from a place without heartbeats is kept nowhere', async () => {
    const bot = setUp()
    expect(await bot.intake({ detail: record() })).toEqual([{ kind: 'canary' }])
    expect(await bot.heard()).toBe(null)
  })

  it.each([
    ['another role', { caller: `arn:aws:sts::${MEMBER}:assumed-role/deployer/rolemedic-reader` }],
    ['another session', { caller: `arn:aws:sts::${MEMBER}:assumed-role/rolemedic-reader/other` }],
    [
      'the reader of another account',
      { caller: 'arn:aws:sts::777788889999:assumed-role/rolemedic-reader/rolemedic-reader' },
    ],
    ['another target', { resource: `arn:aws:iam::${MEMBER}:role/orders` }],
    ['a target elsewhere', { resource: `arn:aws:iam::777788889999:role/${NAME}` }],
  ])('but by %s is a denial as any other', async (_what, changes) => {
    const bot = setUp()
    await bot.intake(event())
    expect(await bot.intake({ detail: record(changes) })).toEqual([{ kind: 'queued', fingerprint: expect.any(String) }])
    expect(bot.metrics).toEqual(['Denials'])
    expect((await bot.heard())?.['eu-central-1']).not.toHaveProperty('canaryMs')
  })
})
