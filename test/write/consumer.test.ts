import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { describe, expect, it } from 'vitest'
import { sqsWriterQueue } from '../../functions/adapters/aws/messaging/writer-queue.ts'
import { writeConfigText } from '../../functions/domain/config/write-config.ts'
import { writeEnvironment } from '../../functions/write/environment.ts'
import { jsonObserver } from '../../functions/write/json-observer.ts'
import { askIn, consume } from '../../functions/write/write.ts'
import { NOON, ONE_CHANGE, observed, resumeAsk, revertOf, takeAwayAsk, writeAsk } from './grant-asks.ts'
import { writeWorld } from './write-world.ts'

const WRITE = writeAsk()
const changed = (change: (ask: Record<string, unknown>) => void): string => {
  const ask = structuredClone(WRITE) as unknown as Record<string, unknown>
  change(ask)
  return JSON.stringify(ask)
}

const never = () => {
  throw new Error('it does nothing')
}

describe('a message of the write queue', () => {
  it.each([
    ['a write', WRITE],
    ['a resume', resumeAsk()],
    ['a revert', takeAwayAsk({ reason: revertOf(ONE_CHANGE) })],
    ['an end', takeAwayAsk()],
    [
      'a bridge that ends',
      takeAwayAsk({
        reason: { kind: 'covered', observations: [observed(ONE_CHANGE, NOON), observed(ONE_CHANGE, NOON)] },
      }),
    ],
  ])('is read as %s', (_, ask) => {
    expect(askIn(JSON.stringify(ask))).toEqual(JSON.parse(JSON.stringify(ask)))
  })

  it('that only wakes it asks for nothing', async () => {
    const { observer, write } = { observer: { log: never, count: never }, write: never }
    const sent: string[] = []
    const client = { send: async ({ input }: SendMessageCommand) => void sent.push(input.MessageBody ?? '') }
    await sqsWriterQueue('https://sqs.example/write.fifo', client as unknown as SQSClient).wake()
    expect(sent.map(askIn)).toEqual([null])
    for (const body of sent) await consume(body, { observer, write })
  })

  it.each([
    ['no JSON', 'PK'],
    ['nothing', ''],
    ['null', 'null'],
    ['another ask', JSON.stringify({ ...resumeAsk(), ask: 'erase' })],
    ['another schema', JSON.stringify({ ...resumeAsk(), schema: 'rolemedic.ask/2' })],
    ['a member too many', JSON.stringify({ ...resumeAsk(), force: true })],
    ['an id that leads out of its folder', JSON.stringify(resumeAsk('../p-1'))],
    ['an id with a slash', JSON.stringify(resumeAsk('p-1/x'))],
    ['a withdrawn id that leads out of its folder', changed(ask => Object.assign(ask, { withdraws: ['../p-2'] }))],
    ['no decision', changed(ask => Object.assign(ask['grant'] as object, { decisions: [] }))],
    ['no change', changed(ask => Object.assign(ask['grant'] as object, { changes: [] }))],
    [
      'a document with an unknown element',
      changed(ask =>
        Object.assign(ask['grant'] as object, {
          changes: [{ ...ONE_CHANGE[0], after: { Statement: [{ Effect: 'Allow', Actions: '*' }] } }],
        }),
      ),
    ],
    ['more than a message may be', JSON.stringify({ ...resumeAsk(), schema: 'x'.repeat(1_000_001) })],
  ])('that is %s is reported and dropped', async (_, body) => {
    const events: string[] = []
    const observer = {
      log: (_level: string, event: string) => void events.push(event),
      count: (metric: string) => void events.push(metric),
    }
    expect(askIn(body)).toBeNull()
    await consume(body, { write: () => Promise.reject(new Error('asked')), observer })
    expect(events).toEqual(['Unreadable', 'message_unreadable'])
  })

  it('has no member named __proto__, in whatever spelling', () => {
    for (const name of ['__proto__', '\\u005f_proto__'])
      expect(askIn(`{"schema":"rolemedic.ask/1","ask":"resume","proposalId":"p-1","${name}":{"x":1}}`)).toEqual(
        resumeAsk(),
      )
  })

  it('comes again where its work fails', async () => {
    const world = writeWorld()
    const observer = { log: () => {}, count: () => {} }
    const failing = () => Promise.reject(new Error('no storage'))
    await expect(consume(JSON.stringify(WRITE), { write: failing, observer })).rejects.toThrow('no storage')
    await consume(JSON.stringify(WRITE), { write: world.write, observer })
    expect(world.outcomes()).toMatchObject([{ result: 'written' }])
  })

  it('is put aside where its work fails again, so that a revert behind it is not kept waiting', async () => {
    const logged: string[] = []
    const observer = { log: (_: string, event: string) => void logged.push(event), count: () => {} }
    const failing = () => Promise.reject(new Error('no storage'))
    const body = JSON.stringify(resumeAsk())
    await expect(consume(body, { write: failing, observer }, '1')).rejects.toThrow('no storage')
    await consume(body, { write: failing, observer }, '2')
    expect(logged).toEqual(['work_failed', 'work_failed'])
  })
})

describe('what the deployment passes', () => {
  const ENV = {
    DEPLOYMENT_ID: '0f0e0d0c-1111',
    WRITE_CONFIG_FILE: join(mkdtempSync(join(tmpdir(), 'rolemedic-write-')), 'rolemedic.write.json'),
    AUDIT_BUCKET: 'audit',
    OUTCOME_QUEUE_URL: 'https://sqs/outcomes.fifo',
    DECISIONS_KEY_ARN: 'arn:d',
    ATTESTATIONS_KEY_ARN: 'arn:a',
    OUTCOMES_KEY_ARN: 'arn:aws-cn:kms:new, arn:aws-cn:kms:old@2026-03-01T00:00:00Z',
    WRITER_ROLE_NAME: 'rolemedic-writer',
    WRITER_EXTERNAL_ID: 'external',
    AWS_REGION: 'eu-west-1',
    PASSKEY_ORIGIN: 'https://bot.example.com',
    ENROLLMENTS_KEY_ARN: 'arn:e',
  }

  const pattern = 'arn:aws:iam::111122223333:role/app-*'
  const config = {
    ...{ approvedRoleSets: [{ pattern }], secondReadSeconds: 7, approval: { passkey: 'elevated' as const } },
    passkeys: { people: ['U0ANA'], deviceBound: true },
  }
  writeFileSync(ENV.WRITE_CONFIG_FILE, writeConfigText('{}', config))

  it('is the keys by use, what is deployed, and where', () => {
    const { keys, own, role, secondReadSeconds } = writeEnvironment(ENV)
    expect(keys).toEqual({
      decisions: 'arn:d',
      attestations: 'arn:a',
      outcomes: 'arn:aws-cn:kms:new, arn:aws-cn:kms:old@2026-03-01T00:00:00Z',
      enrollments: 'arn:e',
      audit: '',
    })
    expect(own).toEqual({
      deploymentId: '0f0e0d0c-1111',
      // printf '{}' | sha256sum
      configDigest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
      approvedSets: [pattern],
      passkeys: { needed: 'elevated', origin: 'https://bot.example.com', isDeviceBound: true, people: ['U0ANA'] },
    })
    expect(secondReadSeconds).toBe(7)
    expect(role).toMatchObject({ partition: 'aws-cn', identityCenter: null })
  })

  it('is named where it is missing or wrong', () => {
    const { AUDIT_BUCKET: _, ...rest } = ENV
    expect(() => writeEnvironment({ ...rest, WRITE_CONFIG_FILE: '' })).toThrow(
      'missing environment variables: WRITE_CONFIG_FILE, AUDIT_BUCKET',
    )
  })
})

describe('the log', () => {
  it('is a JSON line for each event and each metric', () => {
    const lines: string[] = []
    const observer = jsonObserver(
      'write',
      line => void lines.push(line),
      () => NOON,
    )
    observer.log('warn', 'object_foreign', { key: 'k'.repeat(600), n: 1 })
    observer.count('Forged')
    expect(lines.map(line => JSON.parse(line))).toEqual([
      {
        level: 'WARN',
        message: 'object_foreign',
        service: 'write',
        timestamp: '2026-03-02T12:00:00.000Z',
        key: 'k'.repeat(500),
        n: 1,
      },
      {
        service: 'write',
        Forged: 1,
        _aws: {
          Timestamp: NOON,
          CloudWatchMetrics: [
            { Namespace: 'Rolemedic', Dimensions: [['service']], Metrics: [{ Name: 'Forged', Unit: 'Count' }] },
          ],
        },
      },
    ])
  })
})
