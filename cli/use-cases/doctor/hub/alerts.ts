/** Whether alarms reach somebody, which of them ring, and what EventBridge could not deliver. */
import { DAY_MS } from '../../../../core/base/index.ts'
import { PREFIX } from '../../../../infra/names.ts'
import { type AskAws, nextTokenIn, pagesOf, textsIn } from '../../../live/ask-aws.ts'
import { docsPage } from '../../../version.ts'
import { type Check, failedCheck, okCheck } from '../check.ts'

export type Subscriber = { readonly endpoint: string; readonly isConfirmed: boolean }

/** Null: there is no such topic. https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html */
export async function readSubscribers(
  topicArn: string,
  { query }: Pick<AskAws, 'query'>,
): Promise<readonly Subscriber[] | null> {
  const ask = (from: object) => query('sns', '2010-03-31', 'ListSubscriptionsByTopic', { TopicArn: topicArn, ...from })
  const subscribers: Subscriber[] = []
  try {
    for await (const xml of pagesOf(ask, nextTokenIn)) {
      const arns = textsIn(xml, 'SubscriptionArn')
      subscribers.push(
        ...textsIn(xml, 'Endpoint').map((endpoint, at) => ({
          endpoint,
          isConfirmed: arns[at]?.startsWith('arn:') === true,
        })),
      )
    }
    return subscribers
  } catch (error) {
    if (error instanceof Error && /^NotFound/.test(error.name)) return null
    throw error
  }
}

export function subscriptionChecks(
  topicArn: string,
  subscribers: readonly Subscriber[] | null,
  wanted: readonly string[],
): readonly Check[] {
  if (subscribers === null) return [failedCheck('alerts', `${topicArn} is missing: deploy rolemedic-state`)]
  const missing = wanted.filter(address => !subscribers.some(({ endpoint }) => endpoint === address))
  const waiting = subscribers.filter(({ isConfirmed }) => !isConfirmed).map(({ endpoint }) => endpoint)
  const wrong = [
    ...missing.map(address => `${address} of alertEmails is not subscribed: deploy rolemedic-state`),
    ...waiting.map(address => `${address} has not confirmed: follow the link in its mail, or subscribe it again`),
    ...(subscribers.length === 0 && missing.length === 0
      ? [`nobody is subscribed to ${topicArn}, so alarms reach nobody: aws sns subscribe --topic-arn ${topicArn} …`]
      : []),
  ]
  return wrong.length > 0
    ? wrong.map(detail => failedCheck('alerts', detail))
    : [okCheck('alerts', `${subscribers.length} confirmed at ${topicArn}`)]
}

export type RingingAlarm = { readonly name: string; readonly description: string }

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html */
export async function readAlarms({
  query,
}: Pick<AskAws, 'query'>): Promise<{ readonly count: number; readonly ringing: readonly RingingAlarm[] }> {
  const ringing: RingingAlarm[] = []
  let count = 0
  const ask = (from: object) =>
    query('monitoring', '2010-08-01', 'DescribeAlarms', { AlarmNamePrefix: `${PREFIX}-`, MaxRecords: '100', ...from })
  for await (const xml of pagesOf(ask, nextTokenIn)) {
    const [names = [], states = [], descriptions = []] = ['AlarmName', 'StateValue', 'AlarmDescription'].map(one =>
      textsIn(xml, one),
    )
    // An alarm of others may have no description.
    const areAll = names.length === descriptions.length
    const alarms = names.map((name, at) => ({ name, description: areAll ? (descriptions[at] ?? '') : '' }))
    ringing.push(...alarms.filter((_, at) => states[at] === 'ALARM'))
    count += alarms.length
  }
  return { count, ringing }
}

export function alarmChecks({ count, ringing }: Awaited<ReturnType<typeof readAlarms>>): readonly Check[] {
  if (count === 0)
    return [failedCheck('alarm', 'there are no alarms, so nobody hears of a fault: deploy rolemedic-bot')]
  return ringing.length > 0
    ? ringing.map(({ name, description }) => failedCheck('alarm', `${name} is in ALARM: ${description}`))
    : [okCheck('alarm', `${count} alarms, none in ALARM`)]
}

/** `bus`: null for the account's own. */
export type RuleOnBus = { readonly rule: string; readonly bus: string | null }

const MAX_QUERIES = 500

/** How often a rule's target could not be reached within a day. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html */
export async function readUndelivered(
  rules: readonly RuleOnBus[],
  { query }: AskAws,
  nowMs: number,
): Promise<ReadonlyMap<RuleOnBus, number>> {
  if (rules.length === 0) return new Map()
  const asked = Object.fromEntries(
    rules.slice(0, MAX_QUERIES).flatMap(({ rule, bus }, at) => {
      const member = `MetricDataQueries.member.${at + 1}`
      const metric = `${member}.MetricStat.Metric`
      const dimensions = [['RuleName', rule], ...(bus === null ? [] : [['EventBusName', bus]])]
      return [
        [`${member}.Id`, `r${at}`],
        [`${member}.MetricStat.Period`, String(DAY_MS / 1000)],
        [`${member}.MetricStat.Stat`, 'Sum'],
        [`${metric}.Namespace`, 'AWS/Events'],
        [`${metric}.MetricName`, 'FailedInvocations'],
        ...dimensions.flatMap(([name = '', value = ''], which) => [
          [`${metric}.Dimensions.member.${which + 1}.Name`, name],
          [`${metric}.Dimensions.member.${which + 1}.Value`, value],
        ]),
      ]
    }),
  ) as { readonly [name: string]: string }
  const xml = await query('monitoring', '2010-08-01', 'GetMetricData', {
    ...asked,
    StartTime: new Date(nowMs - DAY_MS).toISOString(),
    EndTime: new Date(nowMs).toISOString(),
  })
  const sums = new Map<RuleOnBus, number>()
  const values = xml.split('<Values').slice(1)
  textsIn(xml, 'Id').forEach((id, at) => {
    const rule = rules[Number(id.slice(1))]
    const [own = ''] = values[at]?.split('</Values>') ?? []
    const sum = own.startsWith('/>') ? 0 : textsIn(own, 'member').reduce((all, value) => all + Number(value), 0)
    if (rule !== undefined && sum > 0) sums.set(rule, sum)
  })
  return sums
}

export function deliveryCheck(where: string, undelivered: ReadonlyMap<RuleOnBus, number>): Check {
  const lost = [...undelivered].map(
    ([{ rule, bus }, times]) => `${rule}${bus === null ? '' : ` on ${bus}`} ${times} times`,
  )
  return lost.length > 0
    ? failedCheck(
        'delivery',
        `${where}: within a day EventBridge could not deliver ${lost.join(', ')}: ${docsPage('runbooks.md#what-could-not-be-forwarded')}`,
      )
    : okCheck('delivery', `${where}: EventBridge delivered all of the last day`)
}
