/** What wakes somebody. Each alarm says what to do first: its description links to its section of the runbooks. */
import { Duration } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, type IMetric, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import type { FunctionName } from '../bundle.ts'
import type { Settings } from '../config.ts'
import { METRICS, PREFIX } from '../names.ts'
import type { State } from '../stacks/state.ts'
import type { WorkQueues } from './work-queues.ts'

export type Watched = {
  readonly settings: Settings
  readonly state: State
  readonly queues: WorkQueues
  readonly functions: { readonly [name in FunctionName]: LambdaFunction }
}

type Watch = {
  readonly id: string
  /** The section of `docs/runbooks.md`, as its link is written. */
  readonly runbook: string
  readonly says: string
  readonly metric: IMetric
  readonly atLeast?: number
  readonly below?: number
  /** Of how many periods all have to be so. */
  readonly periods?: number
}

/** Half an hour for a repeat, five minutes for a look: far from where SQS would drop a message. */
const OLDEST_MINUTES = { intake: 10, propose: 30, apply: 10, alert: 15 } as const

export function alarms(scope: Construct, watched: Watched): readonly Alarm[] {
  const action = new SnsAction(watched.state.alerts)
  return watches(watched).map(({ id, runbook, says, metric, atLeast, below, periods = 1 }) => {
    const alarm = new Alarm(scope, `Alarm-${id}`, {
      alarmName: `${PREFIX}-${id}`,
      alarmDescription: `${says} ${watched.settings.runbook}#${runbook}`,
      metric,
      threshold: below ?? atLeast ?? 1,
      comparisonOperator:
        below === undefined
          ? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
          : ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: periods,
      // Silence is good news, except from what should be heard every minute.
      treatMissingData: below === undefined ? TreatMissingData.NOT_BREACHING : TreatMissingData.BREACHING,
    })
    alarm.addAlarmAction(action)
    alarm.addOkAction(action)
    return alarm
  })
}

function watches({ state, queues, functions }: Watched): readonly Watch[] {
  return [
    ...Object.entries(state.dead).map(([name, queue]) => deadLetters(name, queue)),
    ...Object.entries(OLDEST_MINUTES).map(([name, minutes]) => oldest(name, queues[name as keyof WorkQueues], minutes)),
    ...Object.entries(functions).flatMap(([name, lambda]) => failing(name, lambda)),
    {
      id: 'sweep-not-running',
      runbook: 'sweep-not-running',
      says: 'The sweep has not run for five minutes: grants that should end stay, and lost work is not taken up.',
      metric: functions.sweep.metricInvocations({ period: Duration.minutes(5), statistic: 'Sum' }),
      below: 1,
    },
    ...OWN_METRICS.map(({ metric, service, ...watch }) => ({ ...watch, metric: counted(metric, service) })),
  ]
}

const OWN_METRICS: readonly (Omit<Watch, 'metric'> & { readonly metric: string; readonly service: FunctionName })[] = [
  {
    id: 'apply-failed',
    runbook: 'apply-failed',
    says: 'An approved change was not made.',
    metric: 'ApplyFailed',
    service: 'apply',
  },
  {
    id: 'revert-failed',
    runbook: 'revert-failed',
    says: 'A change could not be undone: what it opened is still open.',
    metric: 'RevertFailed',
    service: 'apply',
  },
  {
    id: 'own-denial',
    runbook: 'own-denial',
    says: 'A role of the bot was denied. It never proposes rights for itself.',
    metric: 'OwnDenials',
    service: 'intake',
  },
  {
    id: 'unreadable',
    runbook: 'unreadable',
    says: 'Messages that match a rule cannot be understood.',
    metric: 'Unreadable',
    service: 'intake',
    atLeast: 5,
  },
  {
    id: 'cards-delayed',
    runbook: 'slack-failures',
    says: 'Slack does not take cards: nobody sees new denials there.',
    metric: 'CardsDelayed',
    service: 'propose',
    periods: 2,
  },
  {
    id: 'notices-failed',
    runbook: 'notices-failed',
    says: 'The alert topic does not take notices.',
    metric: 'NoticesFailed',
    service: 'propose',
  },
  {
    id: 'alerts-delayed',
    runbook: 'slack-failures',
    says: 'Slack does not take alerts of failed deploys.',
    metric: 'AlertsDelayed',
    service: 'alert',
    periods: 2,
  },
  {
    id: 'deploy-notices-failed',
    runbook: 'notices-failed',
    says: 'The alert topic does not take notices of failed deploys.',
    metric: 'NoticesFailed',
    service: 'alert',
  },
  {
    id: 'clicks-failed',
    runbook: 'slack-failures',
    says: 'Clicks in Slack are not answered.',
    metric: 'FailedRequests',
    service: 'decide',
  },
  {
    id: 'unverified-requests',
    runbook: 'unverified-requests',
    says: 'Requests without a valid signature of Slack: a rotated secret, or somebody knocking.',
    metric: 'UnverifiedRequests',
    service: 'decide',
    atLeast: 20,
  },
  {
    id: 'sweep-failures',
    runbook: 'sweep-failures',
    says: 'The sweep cannot finish what is due.',
    metric: 'SweepFailures',
    service: 'sweep',
    periods: 3,
  },
]

function deadLetters(name: string, queue: Queue): Watch {
  return {
    id: `dead-letters-${name}`,
    runbook: 'dead-letters',
    says: `Something failed for good and waits in ${queue.node.id}.`,
    metric: queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1), statistic: 'Maximum' }),
  }
}

function oldest(name: string, queue: Queue, minutes: number): Watch {
  return {
    id: `old-message-${name}`,
    runbook: 'old-messages',
    says: `A message waits for ${name} since more than ${minutes} minutes.`,
    metric: queue.metricApproximateAgeOfOldestMessage({ period: Duration.minutes(5), statistic: 'Maximum' }),
    atLeast: minutes * 60,
  }
}

function failing(name: string, lambda: LambdaFunction): readonly Watch[] {
  const over = { period: Duration.minutes(5), statistic: 'Sum' }
  return [
    {
      id: `errors-${name}`,
      runbook: 'function-errors',
      says: `${name} fails.`,
      metric: lambda.metricErrors(over),
      // One failure of one delivery is repeated and means nothing.
      atLeast: 3,
    },
    {
      id: `throttles-${name}`,
      runbook: 'throttles',
      says: `${name} is held back by its concurrency.`,
      metric: lambda.metricThrottles(over),
      atLeast: 5,
      periods: 3,
    },
  ]
}

/** Powertools tells each metric by the function that wrote it. */
export function counted(metricName: string, service: FunctionName): Metric {
  return new Metric({
    namespace: METRICS,
    metricName,
    dimensionsMap: { service },
    period: Duration.minutes(5),
    statistic: 'Sum',
  })
}
