/** Compares what the functions count and log with what alarms and the dashboard use. */
import { describe, expect, it, vi } from 'vitest'
import { powertools } from '../../functions/adapters/aws/observability/powertools.ts'
import { FUNCTIONS } from '../../infra/functions.ts'
import { deploy, ORGANIZATION, resources } from './deployment.ts'
import { functionText } from './function-text.ts'

const deployed = deploy({ organization: ORGANIZATION })
const unique = (values: readonly string[]) => [...new Set(values)].sort()

/** Metrics without an alarm: only the dashboard or the log shows them. */
const NO_ALARM = [
  'AfterGrantDenied',
  'AlreadyAllowed',
  'Applied',
  'Decisions',
  'Denials',
  'DeploysExplained',
  'DeploysFailed',
  'DuplicateDeliveries',
  'NotOurs',
  'Observed',
  'PermissionsWithheld',
  'Proposals',
  'PullsOpened',
  'Reverted',
  'SolvedThemselves',
  'Stale',
  'StrangerHeartbeats',
  'WorkSentAgain',
]

type Dimension = { readonly Name: string; readonly Value: string }

/** `ApplyFailed of verify`. */
const labelled = (metric: unknown, service: unknown) => `${metric} of ${service}`

const alarmed = resources(deployed, 'AWS::CloudWatch::Alarm')
  .map(({ Properties }) => Properties)
  .filter(({ Namespace }) => Namespace === 'Rolemedic')
  .map(({ MetricName, Dimensions }) => labelled(MetricName, (Dimensions as Dimension[] | undefined)?.[0]?.Value))

/** As `["Rolemedic","ApplyFailed","service","verify",{…}]` in the body of the dashboard. */
const shown = resources(deployed, 'AWS::CloudWatch::Dashboard').flatMap(({ Properties }) =>
  [
    ...JSON.stringify(Properties['DashboardBody'])
      .replaceAll('\\', '')
      .matchAll(/\["Rolemedic","(\w+)"(?:,"service","(\w+)")?/g),
  ].map(([, metric, service]) => labelled(metric, service)),
)

async function counters(): Promise<readonly string[]> {
  const all = await Promise.all(
    FUNCTIONS.map(async name => {
      const { whole } = await functionText(name)
      return [...whole.matchAll(/\.count\(([^;]*)\)/g)].flatMap(([call, given = '']) => {
        const metrics = [...given.matchAll(/"([A-Z]\w+)"/g)].map(([, metric]) => metric)
        if (metrics.length === 0) throw new Error(`${name}: what ${call} counts cannot be read`)
        return metrics.map(metric => labelled(metric, name))
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
      powertools('verify').count('ApplyFailed')
    } finally {
      write.mockRestore()
    }
    expect(JSON.parse(lines.join(''))).toMatchObject({
      _aws: {
        CloudWatchMetrics: [{ Namespace: 'Rolemedic', Dimensions: [['service']], Metrics: [{ Name: 'ApplyFailed' }] }],
      },
      service: 'verify',
      ApplyFailed: 1,
    })
    const [alarm] = resources(deployed, 'AWS::CloudWatch::Alarm').filter(
      ({ Properties }) => Properties['MetricName'] === 'ApplyFailed',
    )
    expect(alarm?.Properties).toMatchObject({
      Namespace: 'Rolemedic',
      Dimensions: [{ Name: 'service', Value: 'verify' }],
      Statistic: 'Sum',
    })
  })

  it('is labelled by each function under its own name', async () => {
    for (const name of FUNCTIONS) {
      const services = [...(await functionText(name)).whole.matchAll(/(?:powertools|jsonObserver)\("(\w+)"/g)].map(
        ([, service]) => service,
      )
      expect(services).toEqual([name])
    }
  })

  it('is there for every alarm and every graph', async () => {
    const known = await counters()
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
    ['dead letters', /^dead-letters-(intake|propose|verify|write|outcome|alert|publish|rules|forward)$/, 10],
    ['the age of the oldest message', /^old-message-(intake|propose|verify|write|outcome|alert|publish)$/, 7],
    ['errors', /^errors-(intake|propose|decide|verify|write|sweep|alert|publish)$/, 8],
    ['throttles', /^throttles-(intake|propose|decide|verify|write|sweep|alert|publish)$/, 8],
    ['failed applies', /^(apply|revert)-failed$/, 2],
    ['refusals', /^refusals$/, 1],
    ['a sweep or a look for ends that does not run', /^(sweep|verify)-not-running$/, 2],
    ['what others claim that write has kept', /^(spent-foreign|objects-forged|outcome-foreign)$/, 3],
    ['Slack', /^(cards-delayed|alerts-delayed|clicks-failed|clicks-late|unverified-requests|foreign-requests)$/, 6],
    ['the loop guard', /^own-denial-(intake|alert)$/, 2],
    ['the audit log', /^audit-(broken|unwritten|foreign|conflict)-(propose|decide|verify|sweep)$/, 16],
    ['members that are silent', /^silent-members$/, 1],
    ['the checkpoint of its end', /^checkpoint-missing$/, 1],
  ])('watch %s', (_what, name, count) => {
    // The member of the hub’s Region and of the other have each their own queue.
    const names = resources(deployed, 'AWS::CloudWatch::Alarm').map(({ Properties }) =>
      String(Properties['AlarmName']).replace('rolemedic-', ''),
    )
    expect(names.filter(each => name.test(each))).toHaveLength(count)
  })

  it('allow the daily checkpoint a day and six hours', () => {
    const [alarm] = resources(deployed, 'AWS::CloudWatch::Alarm').filter(
      ({ Properties }) => Properties['AlarmName'] === 'rolemedic-checkpoint-missing',
    )
    expect(alarm?.Properties).toMatchObject({
      MetricName: 'Checkpoints',
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      Period: 3600,
      EvaluationPeriods: 30,
    })
  })

  it('treat silence of the schedules and of the checkpoint as a fault, and silence of all others as normal', () => {
    const breaching = resources(deployed, 'AWS::CloudWatch::Alarm').filter(
      ({ Properties }) => Properties['TreatMissingData'] === 'breaching',
    )
    expect(breaching.map(({ Properties }) => Properties['AlarmName'])).toEqual([
      'rolemedic-sweep-not-running',
      'rolemedic-verify-not-running',
      'rolemedic-checkpoint-missing',
    ])
  })

  it('show errors, throttles, ages and dead letters of everything that is watched on the dashboard, too', () => {
    const body = JSON.stringify(resources(deployed, 'AWS::CloudWatch::Dashboard').map(({ Properties }) => Properties))
    const plain = body.replaceAll('\\', '')
    const times = (namespace: string, metric: string) => plain.split(`"${namespace}","${metric}"`).length - 1
    expect(times('AWS/Lambda', 'Errors')).toBe(9)
    expect(times('AWS/Lambda', 'Throttles')).toBe(9)
    expect(times('AWS/SQS', 'ApproximateAgeOfOldestMessage')).toBe(8)
    expect(times('AWS/SQS', 'ApproximateNumberOfMessagesVisible')).toBe(9)
  })
})

describe('trouble with the audit log', () => {
  it('is counted by every function that writes to it, and by no other', async () => {
    for (const name of FUNCTIONS) {
      const { whole } = await functionText(name)
      const writes = /\baudit\.append\(/.test(whole)
      const metrics = ['AuditBroken', 'AuditConflict', 'AuditForeign', 'AuditUnread', 'AuditUnwritten']
      const heard = metrics.filter(metric => alarmed.includes(`${metric} of ${name}`))
      expect([name, heard]).toEqual([name, writes ? metrics : []])
    }
  })

  it('pages at once when the chain is broken, and when a record is refused twice', () => {
    const thresholds = resources(deployed, 'AWS::CloudWatch::Alarm')
      .filter(({ Properties }) => String(Properties['MetricName']).startsWith('Audit'))
      .map(({ Properties }) => `${Properties['MetricName']} ${Properties['Threshold']} in ${Properties['Period']} s`)
    expect(unique(thresholds)).toEqual([
      'AuditBroken 1 in 300 s',
      'AuditConflict 1 in 300 s',
      'AuditForeign 1 in 300 s',
      'AuditUnread 2 in 300 s',
      'AuditUnwritten 2 in 300 s',
    ])
  })

  it('is not looked for in logs, where another wording would silence it', () => {
    expect(resources(deployed, 'AWS::Logs::MetricFilter')).toEqual([])
  })
})
