/** What is watched where the bot runs. */
import { Duration } from 'aws-cdk-lib'
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import type { FunctionName } from '../../bundle.ts'
import { nameOf } from '../../names.ts'
import type { Settings } from '../../settings.ts'
import type { State } from '../../stacks/state.ts'
import { deadLettersName } from '../state/dead-letters.ts'
import { type WorkQueues, workQueueName } from '../state/work-queues.ts'
import { alarmOf, type Watch } from './alarm.ts'
import { ownWatches } from './custom-metrics.ts'

export type Watched = {
  readonly settings: Settings
  readonly state: State
  readonly queues: WorkQueues
  readonly functions: { readonly [name in FunctionName]: LambdaFunction }
}

/** Half an hour for a repeat, five minutes for a look: far from where SQS would drop a message. */
const OLDEST_MINUTES = { intake: 10, propose: 30, apply: 10, alert: 15 } as const

export function alarms(scope: Construct, watched: Watched): readonly Alarm[] {
  const { settings, state, queues, functions } = watched
  const watches = [
    ...Object.entries(state.dead).map(([name, queue]) => deadLettersOf(name, queue)),
    ...Object.entries(OLDEST_MINUTES).map(([name, minutes]) => oldest(name as keyof WorkQueues, queues, minutes)),
    ...Object.entries(functions).flatMap(([name, lambda]) => failing(name as FunctionName, lambda)),
    sweepNotRunning(functions.sweep),
    ...ownWatches(),
  ]
  return watches.map(watch => alarmOf(scope, watch, { settings, tells: state.alerts }))
}

export function deadLettersOf(name: string, queue: Queue): Watch {
  return {
    id: `dead-letters-${name}`,
    runbook: 'dead-letters',
    says: `Something failed for good and waits in the queue ${deadLettersName(name)}.`,
    metric: queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1), statistic: 'Maximum' }),
  }
}

function oldest(name: keyof WorkQueues, queues: WorkQueues, minutes: number): Watch {
  return {
    id: `old-message-${name}`,
    runbook: 'old-messages',
    says: `A message has been waiting in the queue ${workQueueName(name)} for more than ${minutes} minutes.`,
    metric: queues[name].metricApproximateAgeOfOldestMessage({ period: Duration.minutes(5), statistic: 'Maximum' }),
    atLeast: minutes * 60,
  }
}

function failing(name: FunctionName, lambda: LambdaFunction): readonly Watch[] {
  const over = { period: Duration.minutes(5), statistic: 'Sum' }
  return [
    {
      id: `errors-${name}`,
      runbook: 'function-errors',
      says: `The function ${nameOf(name)} fails.`,
      metric: lambda.metricErrors(over),
      // One failure of one delivery is repeated and means nothing.
      atLeast: 3,
    },
    {
      id: `throttles-${name}`,
      runbook: 'throttles',
      says: `The function ${nameOf(name)} is held back by its concurrency.`,
      metric: lambda.metricThrottles(over),
      atLeast: 5,
      periods: 3,
    },
  ]
}

function sweepNotRunning(sweep: LambdaFunction): Watch {
  return {
    id: 'sweep-not-running',
    runbook: 'sweep-not-running',
    says: `The function ${nameOf('sweep')} has not run for five minutes: grants that should end stay, and lost work is not taken up.`,
    metric: sweep.metricInvocations({ period: Duration.minutes(5), statistic: 'Sum' }),
    below: 1,
  }
}
