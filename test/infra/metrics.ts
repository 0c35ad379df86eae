/** What the functions count and log, against what alarms and the dashboard listen to. */
import { processPartialResponse, SqsFifoPartialProcessorAsync } from '@aws-lambda-powertools/batch'
import { describe, expect, it, vi } from 'vitest'
import { auditLog } from '../../functions/adapters/audit-append.ts'
import { powertools } from '../../functions/adapters/observability.ts'
import type { Observer } from '../../functions/core/ports.ts'
import { take } from '../../functions/propose/take.ts'
import { FUNCTIONS } from '../../infra/bundle.ts'
import { deploy, named, ORGANIZATION, resources } from './deployment.ts'
import { functionText } from './function-text.ts'

const deployed = deploy({ organization: ORGANIZATION })
const unique = (values: readonly string[]) => [...new Set(values)].sort()

/** Counted, and no reason to wake anybody: the dashboard shows them, or the log. */
const NO_ALARM = [
  'Applied',
  'Decisions',
  'Denials',
  'DeploysExplained',
  'DeploysFailed',
  'DuplicateDeliveries',
  'NotOurs',
  'Proposals',
  'Reverted',
  'Stale',
  'WorkSentAgain',
]

type Dimension = { readonly Name: string; readonly Value: string }

/** `ApplyFailed of apply`; a metric that is made from logs has no function. */
const told = (metric: unknown, service: unknown) => (service === undefined ? String(metric) : `${metric} of ${service}`)

const alarmed = resources(deployed, 'AWS::CloudWatch::Alarm')
  .map(({ Properties }) => Properties)
  .filter(({ Namespace }) => Namespace === 'Rolemedic')
  .map(({ MetricName, Dimensions }) => told(MetricName, (Dimensions as Dimension[] | undefined)?.[0]?.Value))

/** As `["Rolemedic","ApplyFailed","service","apply",{…}]` in the body of the dashboard. */
const shown = resources(deployed, 'AWS::CloudWatch::Dashboard').flatMap(({ Properties }) =>
  [
    ...JSON.stringify(Properties['DashboardBody'])
      .replaceAll('\\', '')
      .matchAll(/\["Rolemedic","(\w+)"(?:,"service","(\w+)")?/g),
  ].map(([, metric, service]) => told(metric, service)),
)

const filtered = resources(deployed, 'AWS::Logs::MetricFilter').map(
  ({ Properties }) =>
    (Properties['MetricTransformations'] as readonly { readonly MetricName: string }[])[0]?.MetricName,
)

async function counters(): Promise<readonly string[]> {
  const all = await Promise.all(
    FUNCTIONS.map(async name => {
      const { whole } = await functionText(name)
      return [...whole.matchAll(/\.count\(([^;]*)\)/g)].flatMap(([call, given = '']) => {
        const metrics = [...given.matchAll(/"([A-Z]\w+)"/g)].map(([, metric]) => metric)
        if (metrics.length === 0) throw new Error(`${name}: what ${call} counts cannot be read`)
        return metrics.map(metric => told(metric, name))
      })
    }),
  )
  return unique(all.flat())
}

describe('what the functions count', () => {
  it('is written in the namespace, and with the dimension, that the alarms listen to', () => {
    const lines: string[] = []
    const write = vi.spyOn(process.stdout, 'write').mockImplementation(line => {
      lines.push(String(line))
      return true
    })
    try {
      powertools('apply').count('ApplyFailed')
    } finally {
      write.mockRestore()
    }
    expect(JSON.parse(lines.join(''))).toMatchObject({
      _aws: {
        CloudWatchMetrics: [{ Namespace: 'Rolemedic', Dimensions: [['service']], Metrics: [{ Name: 'ApplyFailed' }] }],
      },
      service: 'apply',
      ApplyFailed: 1,
    })
    const [alarm] = resources(deployed, 'AWS::CloudWatch::Alarm').filter(
      ({ Properties }) => Properties['MetricName'] === 'ApplyFailed',
    )
    expect(alarm?.Properties).toMatchObject({
      Namespace: 'Rolemedic',
      Dimensions: [{ Name: 'service', Value: 'apply' }],
      Statistic: 'Sum',
    })
  })

  it('is told by each function under its own name', async () => {
    for (const name of FUNCTIONS) {
      const services = [...(await functionText(name)).whole.matchAll(/powertools\("(\w+)"\)/g)].map(
        ([, service]) => service,
      )
      expect(services).toEqual([name])
    }
  })

  it('is there for every alarm and every graph', async () => {
    const known = [...(await counters()), ...filtered]
    expect(alarmed.filter(metric => !known.includes(metric))).toEqual([])
    expect(shown.filter(metric => !known.includes(metric))).toEqual([])
    expect(shown.length).toBeGreaterThan(30)
  })

  it('has an alarm wherever it is counted, or needs none', async () => {
    const silent = (await counters()).filter(metric => !alarmed.includes(metric))
    expect(unique(silent.map(metric => metric.split(' ')[0] ?? ''))).toEqual(NO_ALARM)
  })

  it('is on the dashboard whenever an alarm listens to it', () => {
    expect(alarmed.filter(metric => !shown.includes(metric))).toEqual([])
  })
})

describe('the alarms', () => {
  it.each([
    ['dead letters', /^dead-letters-(intake|propose|apply|alert|rules|forward)$/, 7],
    ['the age of the oldest message', /^old-message-(intake|propose|apply|alert)$/, 4],
    ['errors', /^errors-(intake|propose|decide|apply|sweep|alert)$/, 6],
    ['throttles', /^throttles-(intake|propose|decide|apply|sweep|alert)$/, 6],
    ['failed applies', /^(apply|revert)-failed$/, 2],
    ['refusals', /^refusals$/, 1],
    ['a sweep that does not run', /^sweep-not-running$/, 1],
    [
      'Slack',
      /^(cards-delayed|alerts-delayed-(propose|alert)|clicks-failed|clicks-late|unverified-requests|foreign-requests)$/,
      7,
    ],
    ['the loop guard', /^own-denial-(intake|alert)$/, 2],
    ['the audit log', /^audit-(broken|unwritten)$/, 2],
  ])('watch %s', (_what, name, count) => {
    // The member of the hub’s Region and of the other have each their own queue.
    const names = resources(deployed, 'AWS::CloudWatch::Alarm').map(({ Properties }) =>
      String(Properties['AlarmName']).replace('rolemedic-', ''),
    )
    expect(names.filter(each => name.test(each))).toHaveLength(count)
  })

  it('take silence of the sweep for a fault, and silence of all others for good news', () => {
    const breaching = resources(deployed, 'AWS::CloudWatch::Alarm').filter(
      ({ Properties }) => Properties['TreatMissingData'] === 'breaching',
    )
    expect(breaching.map(({ Properties }) => Properties['AlarmName'])).toEqual(['rolemedic-sweep-not-running'])
  })

  it('show errors, throttles, ages and dead letters of everything that is watched on the dashboard, too', () => {
    const body = JSON.stringify(resources(deployed, 'AWS::CloudWatch::Dashboard').map(({ Properties }) => Properties))
    const plain = body.replaceAll('\\', '')
    const times = (namespace: string, metric: string) => plain.split(`"${namespace}","${metric}"`).length - 1
    expect(times('AWS/Lambda', 'Errors')).toBe(6)
    expect(times('AWS/Lambda', 'Throttles')).toBe(6)
    expect(times('AWS/SQS', 'ApproximateAgeOfOldestMessage')).toBe(4)
    expect(times('AWS/SQS', 'ApproximateNumberOfMessagesVisible')).toBe(5)
  })
})

describe('trouble with the audit log', () => {
  const filters = named(deployed, 'AWS::Logs::MetricFilter', 'rolemedic-bot').map(([, { Properties }]) => Properties)
  const termsOf = (metric: string) =>
    unique(
      filters
        .filter(({ MetricTransformations }) => JSON.stringify(MetricTransformations).includes(`"${metric}"`))
        .flatMap(({ FilterPattern }) =>
          [...String(FilterPattern).matchAll(/"([^"]*)"/g)].map(([, term]) => term ?? ''),
        ),
    )
  const counts = (metric: string, line: string) => termsOf(metric).some(term => line.includes(term))

  /** The head names a record that is not there. */
  const broken = auditLog(
    { read: async () => null, create: async () => true, async *stored() {} },
    { getNote: async () => ({ version: 1, value: { sequence: 7, hash: 'x' } }), putNote: async () => true },
  )
  const entry = {} as Parameters<typeof broken.append>[0]

  it('is listened for in the log of every function that writes to it', async () => {
    for (const name of FUNCTIONS) {
      const writes = /\baudit\.append\(/.test((await functionText(name)).whole)
      const logs = filters.filter(({ LogGroupName }) => JSON.stringify(LogGroupName).includes(`Logs${name}`))
      expect([name, logs.length]).toEqual([name, writes ? 2 : 0])
    }
  })

  it('is in the log line of a function that tries again', async () => {
    const lines: string[] = []
    const observer: Observer = { log: (...line) => lines.push(JSON.stringify(line)), count: () => {} }
    const propose = async () => {
      await broken.append(entry)
      return { kind: 'not-sighted' as const }
    }
    await expect(take('{"kind":"propose","fingerprint":"0123456789abcdef"}', { propose, observer })).rejects.toThrow()
    expect(lines.filter(line => counts('AuditBroken', line))).toHaveLength(1)
  })

  it('is in the error that apply throws, which Lambda logs with everything in it', async () => {
    const record = { messageId: '1', body: '{}', attributes: { MessageGroupId: 'a' } }
    const thrown = await processPartialResponse(
      { Records: [record] } as never,
      () => broken.append(entry),
      new SqsFifoPartialProcessorAsync(),
    ).catch(error => error)
    // As the Node.js runtime writes it: an error within an error, too.
    const line = JSON.stringify(thrown, (_, value) =>
      value instanceof Error ? { errorType: value.name, errorMessage: value.message, ...value } : value,
    )
    expect(counts('AuditBroken', line)).toBe(true)
    expect(counts('AuditUnwritten', line)).toBe(false)
  })

  it.each([
    'AccessDenied: User: arn:aws:sts::111122223333:assumed-role/rolemedic-apply/rolemedic-apply is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::audit-bucket/audit/000000000007.json"',
    'AccessDenied: User: arn:aws:sts::111122223333:assumed-role/rolemedic-apply/rolemedic-apply is not authorized to perform: kms:GenerateDataKey on resource: arn:aws:kms:eu-west-1:111122223333:key/1',
    'NoSuchBucket: The specified bucket does not exist',
  ])('is heard when AWS refuses the write: %s', line => {
    expect(counts('AuditUnwritten', line)).toBe(true)
  })

  it('is heard in the words that the adapters use when too many write at once', async () => {
    const { whole } = await functionText('apply')
    expect(termsOf('AuditUnwritten').filter(term => whole.includes(term))).toEqual([
      'is being written by many at once',
      'the audit log was appended to by too many others at once',
    ])
  })

  it('is not heard in what goes well', () => {
    for (const metric of ['AuditBroken', 'AuditUnwritten'])
      expect(counts(metric, 'work done apply p-1 applied; recorded in the audit log')).toBe(false)
  })
})
