/** The alarms of the bot's account. */
import { Duration } from 'aws-cdk-lib'
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import type { ConsumedQueue } from '../../capacity.ts'
import type { FunctionName } from '../../functions.ts'
import { deadLettersName, nameOf, queueName } from '../../names.ts'
import type { DeploySettings } from '../../settings.ts'
import type { State } from '../../stacks/state.ts'
import type { WorkQueues } from '../state/work-queues.ts'
import { type AlarmDefinition, alarmOf } from './alarm.ts'
import { customMetricAlarms } from './custom-metrics.ts'

export type Monitored = {
  readonly settings: DeploySettings
  readonly state: State
  readonly queues: WorkQueues
  readonly functions: { readonly [name in FunctionName]: LambdaFunction }
}

/** Half an hour for a retry, five minutes for a person: far below SQS's retention. */
const OLDEST_MINUTES = {
  intake: 10,
  propose: 30,
  look: 10,
  verify: 10,
  write: 10,
  outcome: 10,
  alert: 15,
  publish: 30,
} as const satisfies { readonly [name in ConsumedQueue]: number }

export function alarms(scope: Construct, monitored: Monitored): readonly Alarm[] {
  const { settings, state, queues, functions } = monitored
  const definitions = [
    ...Object.entries(state.dead).map(([name, queue]) => deadLetterAlarm(name, queue)),
    ...Object.entries(OLDEST_MINUTES).map(([name, minutes]) =>
      oldestMessageAlarm(name as keyof WorkQueues, queues, minutes),
    ),
    ...Object.entries(functions).flatMap(([name, lambda]) => functionAlarms(name as FunctionName, lambda)),
    sweepAlarm(functions.sweep),
    verifyAlarm(functions.verify),
    ...customMetricAlarms(),
  ]
  return definitions.map(definition => alarmOf(scope, definition, { settings, topic: state.alerts }))
}

export function deadLetterAlarm(name: string, queue: Queue): AlarmDefinition {
  return {
    id: `dead-letters-${name}`,
    runbook: 'dead-letters',
    description: `A message failed every retry and waits in the dead-letter queue ${deadLettersName(name)}.`,
    metric: queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1), statistic: 'Maximum' }),
  }
}

function oldestMessageAlarm(name: keyof WorkQueues, queues: WorkQueues, minutes: number): AlarmDefinition {
  return {
    id: `old-message-${name}`,
    runbook: 'old-messages',
    description: `A message has been waiting in the queue ${queueName(name)} for more than ${minutes} minutes.`,
    metric: queues[name].metricApproximateAgeOfOldestMessage({ period: Duration.minutes(5), statistic: 'Maximum' }),
    atLeast: minutes * 60,
  }
}

function functionAlarms(name: FunctionName, lambda: LambdaFunction): readonly AlarmDefinition[] {
  const over = { period: Duration.minutes(5), statistic: 'Sum' }
  return [
    {
      id: `errors-${name}`,
      runbook: 'function-errors',
      description: `The function ${nameOf(name)} fails.`,
      metric: lambda.metricErrors(over),
      // A single failed delivery is retried and needs no person.
      atLeast: 3,
    },
    {
      id: `throttles-${name}`,
      runbook: 'throttles',
      description: `The function ${nameOf(name)} is throttled by its concurrency limit.`,
      metric: lambda.metricThrottles(over),
      atLeast: 5,
      periods: 3,
    },
  ]
}

function sweepAlarm(sweep: LambdaFunction): AlarmDefinition {
  return {
    id: 'sweep-not-running',
    runbook: 'sweep-not-running',
    description: `The function ${nameOf('sweep')} has not run for five minutes: time-limited grants do not end, and lost work is not retried.`,
    metric: sweep.metricInvocations({ period: Duration.minutes(5), statistic: 'Sum' }),
    below: 1,
  }
}

/** Its schedule runs every five minutes. */
function verifyAlarm(verify: LambdaFunction): AlarmDefinition {
  return {
    id: 'verify-not-running',
    runbook: 'verify-not-running',
    description: `The function ${nameOf('verify')} has not run for 15 minutes: approved changes wait, and grants do not end if the sweep cannot ask for it.`,
    metric: verify.metricInvocations({ period: Duration.minutes(15), statistic: 'Sum' }),
    below: 1,
  }
}
