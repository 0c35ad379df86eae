import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { matchesPattern } from '../../cli/use-cases/match/event-ruler.ts'
import { known, unknown } from '../../core/base/fact.ts'
import { EVENT_PATTERNS } from '../../core/denial/cloudtrail/event-patterns.ts'
import type { AwsEvaluation } from '../../core/denial/denial.ts'
import type { Work } from '../../functions/domain/proposal/work.ts'
import { heardFrom } from '../../functions/domain/stored/markers.ts'
import { firstOccurrence, twinOccurrence } from '../../functions/domain/stored/stored-occurrence.ts'
import { type IntakeDeps, makeIntake } from '../../functions/intake/intake.ts'
import { memoryStore } from '../fakes/memory-store.ts'

/** Ten minutes after the sample denials. */
const NOW = Date.UTC(2026, 10, 24, 2, 57, 31)
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

type Json = { readonly [member: string]: unknown }
const sample = (name: string): Json =>
  JSON.parse(readFileSync(new URL(`../../events/${name}.json`, import.meta.url), 'utf8')) as Json
const ECS = sample('ecs-register-task-definition')
const again = (eventID: string, changes: Json = {}) => JSON.stringify({ ...ECS, eventID, ...changes })

function setUp(changes: Partial<IntakeDeps> = {}) {
  const store = memoryStore()
  const sent: { work: Work; delaySeconds: number | undefined }[] = []
  const metrics: string[] = []
  const clock = { nowMs: NOW }
  const intake = makeIntake({
    store,
    queue: { send: async (work, options) => void sent.push({ work, delaySeconds: options?.delaySeconds }) },
    clock: () => clock.nowMs,
    observer: { log: () => {}, count: metric => void metrics.push(metric) },
    config: { settleSeconds: 60 },
    ownRoleArns: ['arn:aws:iam::111122223333:role/rolemedic/Rolemedic-Apply'],
    readerRole: null,
    ...changes,
  })
  const kinds = async (message: unknown) => (await intake(message)).map(taken => taken.kind)
  return { store, sent, metrics, clock, intake, kinds }
}

async function fingerprintOfFirst(bot: ReturnType<typeof setUp>): Promise<string> {
  const [taken] = await bot.intake(again('first'))
  if (taken === undefined || !('fingerprint' in taken)) throw new Error('nothing taken')
  return taken.fingerprint
}

const looks = ({ sent }: Pick<ReturnType<typeof setUp>, 'sent'>) => sent.filter(({ work }) => work.kind === 'propose')

describe('intake', () => {
  it('stores the first occurrence, and asks for a look at once and for a proposal after the settle time', async () => {
    const { store, sent, intake } = setUp()
    const event = { source: 'aws.ecs', 'detail-type': 'AWS API Call via CloudTrail', detail: ECS }
    const [taken] = await intake(JSON.stringify(event))
    if (taken?.kind !== 'queued') throw new Error(`${taken?.kind}`)
    const { fingerprint } = taken
    expect(sent).toEqual([
      { work: { kind: 'propose', fingerprint }, delaySeconds: 60 },
      { work: { kind: 'first-look', fingerprint }, delaySeconds: undefined },
    ])
    expect(await store.occurrence(taken.fingerprint)).toMatchObject({
      count: 1,
      firstSeenMs: NOW,
      proposalId: null,
      denial: { resource: 'arn:aws:iam::111122223333:role/app/orders-task' },
    })
  })

  it('counts repeats, and asks for a look at most once a minute', async () => {
    const bot = setUp()
    const fingerprint = await fingerprintOfFirst(bot)
    bot.clock.nowMs += MINUTE
    expect(await bot.kinds(again('second'))).toEqual(['queued'])
    expect(await bot.kinds(again('third'))).toEqual(['counted'])
    expect(await bot.kinds(again('fourth'))).toEqual(['counted'])
    bot.clock.nowMs += MINUTE
    expect(await bot.kinds(again('fifth'))).toEqual(['queued'])
    expect(looks(bot)).toHaveLength(3)
    expect(await bot.store.occurrence(fingerprint)).toMatchObject({
      count: 5,
      firstSeenMs: NOW,
      lastSeenMs: NOW + 2 * MINUTE,
    })
  })

  it('only counts repeats while the first waits for its settle time: its analysis reads the count', async () => {
    const bot = setUp()
    const fingerprint = await fingerprintOfFirst(bot)
    for (const id of ['second', 'third']) expect(await bot.kinds(again(id))).toEqual(['counted'])
    bot.clock.nowMs += MINUTE - 1
    expect(await bot.kinds(again('fourth'))).toEqual(['counted'])
    expect(looks(bot)).toHaveLength(1)
    expect(await bot.store.occurrence(fingerprint)).toMatchObject({ count: 4 })
    bot.clock.nowMs += 1
    expect(await bot.kinds(again('fifth'))).toEqual(['queued'])
  })

  it('asks for a look within the settle time where a proposal is there already', async () => {
    const bot = setUp()
    const fingerprint = await fingerprintOfFirst(bot)
    await bot.store.claimOccurrence(fingerprint, null, 'p-1')
    expect(await bot.kinds(again('second'))).toEqual(['queued'])
  })

  it('counts the turns of a minute once in each process, however many repeats there are', async () => {
    const { store } = setUp()
    let counted = 0
    const increment: typeof store.increment = (...counter) => {
      counted += 1
      return store.increment(...counter)
    }
    const processes = [setUp({ store: { ...store, increment } }), setUp({ store: { ...store, increment } })]
    await processes[0]?.intake(again('first'))
    for (const bot of processes) bot.clock.nowMs += MINUTE
    for (const bot of processes)
      for (const id of ['1', '2', '3']) await bot.intake(again(`${processes.indexOf(bot)}-${id}`))
    expect(counted).toBe(2)
    expect(processes.map(bot => looks(bot).length)).toEqual([2, 0])
  })

  it('counts a record that CloudTrail corrects once, in whatever order both come, and however often', async () => {
    const corrected = again('second', {
      addendum: { reason: 'UPDATED_DATA', updatedFields: 'userAgent', originalEventID: 'first' },
    })
    for (const order of [
      [again('first'), corrected],
      [corrected, again('first')],
    ]) {
      const bot = setUp()
      const messages = [...order, ...order]
      const fingerprints = new Set<string>()
      for (const message of messages)
        for (const taken of await bot.intake(message)) if ('fingerprint' in taken) fingerprints.add(taken.fingerprint)
      expect(fingerprints.size).toBe(1)
      const [fingerprint = ''] = fingerprints
      expect(await bot.store.occurrence(fingerprint)).toMatchObject({
        ...{ count: 1, eventIds: ['second'] },
        denial: { id: 'second', corrects: 'first' },
      })
    }
  })

  it('keeps as many ids as it does otherwise of a record that is corrected again and again', async () => {
    const bot = setUp()
    const fingerprint = await fingerprintOfFirst(bot)
    const { denial } = (await bot.store.occurrence(fingerprint)) ?? {}
    if (denial === undefined) throw new Error('there is no denial')
    let stored = firstOccurrence(denial, fingerprint, 0)
    for (let at = 0; at < 500; at += 1)
      stored = twinOccurrence(stored, { ...denial, id: `again-${at}`, corrects: 'first' }, 'first')
    expect(stored.recentEventIds).toHaveLength(200)
    expect(stored.recentEventIds.at(-1)).toBe('again-499')
  })

  it('counts a record that is only late', async () => {
    const bot = setUp()
    const fingerprint = await fingerprintOfFirst(bot)
    await bot.intake(again('second', { addendum: { reason: 'DELIVERY_DELAY' } }))
    expect(await bot.store.occurrence(fingerprint)).toMatchObject({ count: 2 })
  })

  it('changes nothing on a second delivery, except to queue work that may be lost', async () => {
    const bot = setUp()
    const fingerprint = await fingerprintOfFirst(bot)
    expect(await bot.kinds(again('first'))).toEqual(['duplicate'])
    expect(await bot.store.occurrence(fingerprint)).toMatchObject({ count: 1 })
    expect(looks(bot)).toHaveLength(2)
    await bot.store.claimOccurrence(fingerprint, null, 'p-1')
    for (const _ of ['third', 'fourth']) expect(await bot.kinds(again('first'))).toEqual(['duplicate'])
    expect(looks(bot)).toHaveLength(3)
  })

  it('queues what comes after an ended proposal on its second delivery, where the queue was down at the first', async () => {
    const queue = { down: false }
    const sent: Work[] = []
    const bot = setUp({
      queue: {
        send: async work => {
          if (queue.down) throw new Error('the queue is down')
          sent.push(work)
        },
      },
    })
    const fingerprint = await fingerprintOfFirst(bot)
    await bot.store.claimOccurrence(fingerprint, null, 'p-1')
    bot.clock.nowMs += DAY / 2
    sent.length = 0
    queue.down = true
    await expect(bot.intake(again('later'))).rejects.toThrow('the queue is down')
    queue.down = false
    bot.clock.nowMs += 2 * MINUTE
    await bot.intake(again('later'))
    expect(sent).toEqual([{ kind: 'propose', fingerprint }])
  })

  it('asks for the look after the settle time also where the one at once cannot be asked for', async () => {
    const sent: Work[] = []
    const bot = setUp({
      queue: {
        send: async work => {
          if (work.kind === 'first-look') throw new Error('the queue is down')
          sent.push(work)
        },
      },
    })
    expect(await bot.kinds(again('first'))).toEqual(['queued'])
    expect(sent.map(({ kind }) => kind)).toEqual(['propose'])
  })

  it('takes denials in any order', async () => {
    const bot = setUp()
    await bot.intake(again('late', { eventTime: '2026-11-24T02:50:00Z' }))
    const [taken] = await bot.intake(again('early', { eventTime: '2026-11-24T02:40:00Z' }))
    if (taken === undefined || !('fingerprint' in taken)) throw new Error('nothing taken')
    const occurrence = await bot.store.occurrence(taken.fingerprint)
    expect(occurrence).toMatchObject({ count: 2, denial: { timeMs: Date.UTC(2026, 10, 24, 2, 50) } })
  })

  it('asks again when a denial comes after its proposal has ended', async () => {
    const bot = setUp()
    const fingerprint = await fingerprintOfFirst(bot)
    await bot.store.claimOccurrence(fingerprint, null, 'p-ended')
    bot.clock.nowMs += 60 * MINUTE
    const later = new Date(bot.clock.nowMs - MINUTE).toISOString()
    expect(await bot.kinds(again('after', { eventTime: later }))).toEqual(['queued'])
    expect(bot.sent.at(-1)?.work).toEqual({ kind: 'propose', fingerprint })
  })

  it('records a denial older than a day, and proposes nothing', async () => {
    const bot = setUp()
    bot.clock.nowMs = Date.UTC(2026, 10, 24, 2, 47, 31) + DAY + 1
    const [taken] = await bot.intake(again('old'))
    if (taken?.kind !== 'old') throw new Error(`${taken?.kind}`)
    expect(bot.sent).toEqual([])
    expect(await bot.store.occurrence(taken.fingerprint)).toMatchObject({ count: 1 })
    expect(await bot.store.dueOccurrences(bot.clock.nowMs + DAY, 10)).toEqual([])
  })

  it('still takes one that is a day old to the millisecond', async () => {
    const bot = setUp()
    bot.clock.nowMs = Date.UTC(2026, 10, 24, 2, 47, 31) + DAY
    expect(await bot.kinds(again('old'))).toEqual(['queued'])
  })

  it('drops a denial of its own roles, and says so', async () => {
    const bot = setUp({ ownRoleArns: ['arn:aws:iam::111122223333:role/rolemedic/Pipeline-Deploy'] })
    expect(await bot.kinds(again('own'))).toEqual(['own'])
    expect(bot.metrics).toContain('OwnDenials')
    expect(bot.sent).toEqual([])
    expect(await bot.store.occurrencesBetween('111122223333', 'eu-west-1', 0, NOW + DAY)).toEqual([])
  })

  describe('of its reader role', () => {
    const assumes = (target: string) => {
      const intake = 'assumed-role/rolemedic-intake/rolemedic-intake'
      const event = sample('assume-role-same-account')
      const arn = `arn:aws:sts::111122223333:${intake}`
      return JSON.stringify({
        ...event,
        userIdentity: {
          type: 'AssumedRole',
          arn,
          accountId: '111122223333',
          principalId: 'AROAXXXXXXXXXXXXXXX01:rolemedic-intake',
        },
        errorMessage: `User: ${arn} is not authorized to perform: sts:AssumeRole on resource: ${target}`,
      })
    }
    /** Account 444455556666 has sent heartbeats. */
    async function taken(target: string) {
      const logged: object[] = []
      const metrics: string[] = []
      const bot = setUp({
        ownRoleArns: ['arn:aws:iam::111122223333:role/rolemedic-intake'],
        readerRole: {
          name: 'rolemedic-reader',
          membershipOf: async account => (account === '999988887777' ? 'stranger' : 'member'),
        },
        observer: {
          log: (level, event, fields) => void logged.push({ level, event, ...fields }),
          count: metric => void metrics.push(metric),
        },
      })
      await bot.store.putMarker(heardFrom('444455556666'), 0, { 'eu-west-1': { atMs: NOW - DAY, version: null } })
      return { kinds: await bot.kinds(assumes(target)), logged, metrics, sent: bot.sent }
    }

    it('expects that a stranger refuses it, and says who', async () => {
      expect(await taken('arn:aws:iam::999988887777:role/rolemedic-reader')).toEqual({
        kinds: ['own'],
        logged: [
          {
            level: 'info',
            event: 'reader_refused_by_stranger',
            role: 'arn:aws:iam::111122223333:role/rolemedic-intake',
            account: '999988887777',
          },
        ],
        metrics: [],
        sent: [],
      })
    })

    it('expects that a member refuses it where no heartbeat ever came: nothing is deployed there yet', async () => {
      const { logged, metrics } = await taken('arn:aws:iam::777788889999:role/rolemedic-reader')
      expect([logged, metrics]).toEqual([
        [expect.objectContaining({ level: 'info', event: 'reader_not_deployed', account: '777788889999' })],
        [],
      ])
    })

    it.each([
      ['the writer role of an account where nothing is deployed', 'arn:aws:iam::777788889999:role/rolemedic-writer'],
      ['the reader role of a member that was heard', 'arn:aws:iam::444455556666:role/rolemedic-reader'],
      ['the writer role of a stranger', 'arn:aws:iam::999988887777:role/rolemedic-writer'],
    ])('counts a refusal by %s', async (_, target) => {
      const { kinds, metrics } = await taken(target)
      expect([kinds, metrics]).toEqual([['own'], ['OwnDenials']])
    })
  })

  it('takes a denial of a user who has the name of one of its roles', async () => {
    const bot = setUp({ ownRoleArns: ['arn:aws:iam::111122223333:role/rolemedic/ci-deployer'] })
    expect(await bot.kinds(JSON.stringify(sample('assume-role-same-account')))).toEqual(['queued'])
  })

  it.each([
    ['look-alikes/run-instances-denied', 'not-ours', 'NotOurs'],
    ['look-alikes/assume-role-success', 'not-ours', 'NotOurs'],
  ])('leaves %s alone', async (name, kind, metric) => {
    const bot = setUp()
    expect(await bot.kinds(JSON.stringify(sample(name)))).toEqual([kind])
    expect(bot.metrics).toEqual([metric])
  })

  it.each(['', 'not json', '{}', '{"Records":[]}'])('does not ask for another delivery of %j', async body => {
    const bot = setUp()
    expect(await bot.kinds(body)).toEqual(['unreadable'])
    expect(bot.metrics).toEqual(['Unreadable'])
  })

  it('fails when the table does, so that the message comes again', async () => {
    const down = async () => {
      throw new Error('throttled')
    }
    await expect(
      setUp({ store: { recordOccurrence: down, increment: down, getMarker: down, putMarker: down } }).intake(
        again('x'),
      ),
    ).rejects.toThrow('throttled')
    await expect(setUp({ queue: { send: down } }).intake(again('x'))).rejects.toThrow('throttled')
  })
})

describe('EC2’s older form', () => {
  const record = JSON.stringify(sample('ec2-run-instances-encoded-only'))
  const evaluation: AwsEvaluation = {
    source: 'decoded-message',
    allowed: false,
    explicitDeny: false,
    action: 'iam:PassRole',
    resource: 'arn:aws:iam::111122223333:role/app/web-instance',
    matchedStatements: [],
    policies: [],
    context: { 'iam:passedtoservice': { state: 'present', values: ['ec2.amazonaws.com'] } },
  }

  it('is ours when AWS decodes it to a role being passed', async () => {
    const asked: string[] = []
    const decode = async (accountId: string) => {
      asked.push(accountId)
      return known(evaluation)
    }
    const bot = setUp({ explanations: { decode } })
    const [taken] = await bot.intake(record)
    if (taken?.kind !== 'queued') throw new Error(`${taken?.kind}`)
    expect(asked).toEqual(['111122223333'])
    expect((await bot.store.occurrence(taken.fingerprint))?.denial).toMatchObject({
      action: 'iam:PassRole',
      resource: 'arn:aws:iam::111122223333:role/app/web-instance',
      reason: 'none-given',
      principal: { roleArn: 'arn:aws:iam::111122223333:role/deploy/pipeline-deploy' },
      context: { 'iam:passedtoservice': { state: 'present', values: ['ec2.amazonaws.com'] } },
      awsEvaluation: { source: 'decoded-message' },
    })
  })

  it('is not ours when it decodes to another action', async () => {
    const decode = async () => known({ ...evaluation, action: 'ec2:RunInstances' })
    expect(await setUp({ explanations: { decode } }).kinds(record)).toEqual(['not-ours'])
  })

  it('is not decoded where the call was not refused, or failed for another reason', async () => {
    const decode = async () => {
      throw new Error('asked')
    }
    for (const errorCode of [undefined, 'Client.InvalidParameterValue']) {
      const other = { ...sample('ec2-run-instances-encoded-only'), errorCode }
      expect(await setUp({ explanations: { decode } }).kinds(JSON.stringify(other))).toEqual(['not-ours'])
    }
  })

  it('is left, and counted, when it cannot be decoded', async () => {
    for (const explanations of [undefined, { decode: async () => unknown('no permission') }]) {
      const bot = setUp(explanations === undefined ? {} : { explanations })
      expect(await bot.kinds(record)).toEqual(['not-ours'])
      expect(bot.metrics).toEqual(['EncodedMessagesUnread', 'NotOurs'])
    }
  })
})

/** Denials of actions that rolemedic never grants, outside of deploys. */
describe('ten thousand denials of other actions', () => {
  const CALLS = [
    ['s3', 'GetObject', 'arn:aws:s3:::orders-files/a'],
    ['s3', 'PutBucketPolicy', 'arn:aws:s3:::orders-files'],
    ['dynamodb', 'PutItem', 'arn:aws:dynamodb:eu-west-1:111122223333:table/orders'],
    ['kms', 'Decrypt', 'arn:aws:kms:eu-west-1:111122223333:key/1'],
    ['iam', 'CreateRole', 'arn:aws:iam::111122223333:role/app/orders-task'],
    ['iam', 'AttachRolePolicy', 'role orders-task'],
    ['sts', 'GetSessionToken', '*'],
    ['secretsmanager', 'GetSecretValue', 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:x'],
    ['lambda', 'InvokeFunction', 'arn:aws:lambda:eu-west-1:111122223333:function:x'],
    ['organizations', 'ListAccounts', '*'],
  ] as const
  const CODES = ['AccessDenied', 'AccessDeniedException', 'Client.UnauthorizedOperation', 'UnauthorizedOperation']
  const events = Array.from({ length: 10_000 }, (_, n) => {
    const [service, call, resource] = CALLS[n % CALLS.length] ?? CALLS[0]
    const role = ['orders-task', 'pipeline-deploy', 'passrole-helper', 'assume-role'][n % 4]
    const detail = {
      ...ECS,
      ...{ eventID: `other-${n}`, eventSource: `${service}.amazonaws.com`, eventName: call },
      errorCode: CODES[n % CODES.length],
      errorMessage: `User: arn:aws:sts::111122223333:assumed-role/${role}/s${n} is not authorized to perform: ${service}:${call} on resource: ${resource} because no identity-based policy allows the ${service}:${call} action`,
      requestParameters: { roleArn: 'arn:aws:iam::111122223333:role/app/orders-task' },
    }
    return { source: `aws.${service}`, 'detail-type': 'AWS API Call via CloudTrail', detail }
  })

  it('match no rule, so that none is delivered', () => {
    const matched = events.filter(event =>
      Object.values(EVENT_PATTERNS).some(pattern => matchesPattern(pattern, event)),
    )
    expect(matched.map(({ detail }) => [detail.eventSource, detail.eventName, detail.errorCode])).toEqual([])
  })

  it('are dropped by intake if they still arrive: no message, and nothing is stored', async () => {
    const { store, sent, intake } = setUp()
    for (const event of events) await intake(JSON.stringify(event))
    expect(sent).toEqual([])
    expect(await store.occurrencesBetween('111122223333', 'eu-west-1', 0, NOW + DAY)).toEqual([])
    expect(await store.open(50)).toEqual([])
    // The same harness takes a denial that is ours.
    await intake(JSON.stringify({ source: 'aws.ecs', 'detail-type': 'AWS API Call via CloudTrail', detail: ECS }))
    expect(sent.map(({ work }) => work.kind)).toEqual(['propose', 'first-look'])
  })
})
