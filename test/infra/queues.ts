import { describe, expect, it } from 'vitest'
import { deploy, named, ORGANIZATION, type Resource, resources } from './deployment.ts'

const deployed = deploy({ organization: ORGANIZATION })
const BOT = 'rolemedic-bot'
const text = (value: unknown) => JSON.stringify(value)
const idIn = (value: unknown) => (value as { readonly 'Fn::GetAtt': readonly string[] })['Fn::GetAtt'][0]

describe('the queues', () => {
  const work = named(deployed, 'AWS::SQS::Queue', BOT)
  const dead = named(deployed, 'AWS::SQS::Queue', 'rolemedic-state')

  it('give up a message after five tries, into a queue that keeps it two weeks', () => {
    expect(work.map(([, { Properties }]) => Properties['QueueName'])).toEqual([
      'rolemedic-intake',
      'rolemedic-propose',
      'rolemedic-look',
      'rolemedic-verify.fifo',
      'rolemedic-write.fifo',
      'rolemedic-outcome',
      'rolemedic-alert',
      'rolemedic-publish',
    ])
    for (const [, { Properties }] of work)
      expect(Properties['RedrivePolicy']).toMatchObject({ maxReceiveCount: 5, deadLetterTargetArn: expect.anything() })
    for (const [, { Properties }] of dead) expect(Properties['MessageRetentionPeriod']).toBe(14 * 24 * 3600)
  })

  it('work one target at a time where IAM is written, and where that is asked for', () => {
    const fifo = [...work, ...dead].filter(([, { Properties }]) => Properties['FifoQueue'] === true)
    expect(fifo.map(([, { Properties }]) => Properties['QueueName'])).toEqual([
      'rolemedic-verify.fifo',
      'rolemedic-write.fifo',
      'rolemedic-verify-dead.fifo',
      'rolemedic-write-dead.fifo',
      'rolemedic-apply-dead.fifo',
    ])
  })

  it('bring back only what failed, after twice the time-out, and take no more at once than may run', () => {
    const mappings = resources(deployed, 'AWS::Lambda::EventSourceMapping')
    expect(mappings).toHaveLength(8)
    const together = new Map<string, number>()
    const lambdas = Object.fromEntries(named(deployed, 'AWS::Lambda::Function', BOT))
    for (const { Properties } of mappings) {
      expect(Properties['FunctionResponseTypes']).toEqual(['ReportBatchItemFailures'])
      const [, queue] = work.find(([id]) => id === idIn(Properties['EventSourceArn'])) ?? []
      const { Ref } = Properties['FunctionName'] as { readonly Ref: string }
      const timeout = Number(lambdas[Ref]?.Properties['Timeout'])
      expect(Number(queue?.Properties['VisibilityTimeout'])).toBe(2 * timeout)
      const { MaximumConcurrency } = Properties['ScalingConfig'] as { readonly MaximumConcurrency: number }
      together.set(Ref, (together.get(Ref) ?? 0) + MaximumConcurrency)
    }
    for (const [id, atOnce] of together)
      expect(atOnce).toBeLessThanOrEqual(Number(lambdas[id]?.Properties['ReservedConcurrentExecutions']))
  })

  it('are watched: every queue of dead letters has an alarm', () => {
    const alarms = resources(deployed, 'AWS::CloudWatch::Alarm')
      .filter(({ Properties }) => Properties['MetricName'] === 'ApproximateNumberOfMessagesVisible')
      .map(({ Properties }) => text(Properties['Dimensions']))
    expect(dead.length).toBe(10)
    // Nothing sends to the queue of an earlier version any more.
    for (const [id] of dead.filter(([, { Properties }]) => Properties['QueueName'] !== 'rolemedic-apply-dead.fifo'))
      expect(alarms.filter(dimensions => dimensions.includes(id))).toHaveLength(1)
  })

  it('are dead letters, or have theirs: in every stack', () => {
    for (const [, { Properties }] of named(deployed, 'AWS::SQS::Queue'))
      expect([Properties['QueueName'], Properties['RedrivePolicy'] !== undefined]).toEqual([
        Properties['QueueName'],
        !/-dead(\.fifo)?$/.test(String(Properties['QueueName'])),
      ])
  })

  it('take messages of the bot’s own rules alone, by name', () => {
    const deliver = resources(deployed, 'AWS::SQS::QueuePolicy').flatMap(({ Properties }) =>
      (Properties['PolicyDocument'] as { readonly Statement: readonly Resource['Properties'][] }).Statement.filter(
        ({ Effect }) => Effect === 'Allow',
      ),
    )
    const denials = 4
    const deploys = 9
    const heartbeats = 1
    // On the account's own bus and on the hub's; a member forwards from its own alone.
    const counts = deliver.map(({ Condition }) => sources(Condition).length)
    expect(counts.toSorted((a, b) => a - b)).toEqual(
      [
        2 * (denials + heartbeats),
        2 * deploys,
        2 * (denials + deploys + heartbeats),
        denials + deploys + heartbeats,
        denials + deploys + heartbeats,
      ].toSorted((a, b) => a - b),
    )
    for (const { Principal, Action, Condition } of deliver) {
      expect([Principal, Action]).toEqual([{ Service: 'events.amazonaws.com' }, 'sqs:SendMessage'])
      for (const source of sources(Condition))
        expect(text(source)).toMatch(/:rule\/(rolemedic\/)?rolemedic-[a-z0-9-]+"/)
    }
  })

  it('of the hub know the rules of a bus that is somebody else’s', () => {
    const busArn = 'arn:aws:events:eu-west-1:111122223333:event-bus/team/denials'
    const policies = text(resources(deploy({ existing: { busArn } }), 'AWS::SQS::QueuePolicy', BOT))
    expect(policies).toContain(':rule/team/denials/rolemedic-assume-role"')
    expect(policies).toContain(':rule/rolemedic-assume-role"')
  })

  it('are encrypted and speak TLS alone', () => {
    for (const [, { Properties }] of [...work, ...dead]) expect(Properties['SqsManagedSseEnabled']).toBe(true)
    const policies = resources(deployed, 'AWS::SQS::QueuePolicy').map(({ Properties }) => text(Properties))
    for (const [id] of [...work, ...dead]) {
      const own = policies.filter(policy => policy.includes(`"Queues":[{"Ref":"${id}"}]`))
      expect(own.join()).toContain('{"aws:SecureTransport":"false"}')
    }
  })
})

function sources(condition: unknown): readonly unknown[] {
  return (
    (condition as { readonly ArnEquals: { readonly [key: string]: readonly unknown[] } }).ArnEquals['aws:SourceArn'] ??
    []
  )
}
