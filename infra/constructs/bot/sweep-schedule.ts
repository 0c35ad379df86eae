import { Duration } from 'aws-cdk-lib'
import { Rule, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { PREFIX } from '../../names.ts'

/**
 * Every minute. Neither EventBridge nor Lambda repeats a failed sweep, because the next one does its work. By default Lambda
 * would retry twice, and for six hours if its concurrency of one delayed it.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
export function sweepSchedule(scope: Construct, sweep: LambdaFunction): Rule {
  sweep.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) })
  return new Rule(scope, 'SweepSchedule', {
    ruleName: `${PREFIX}-sweep`,
    description: 'rolemedic: expiry, reminders, stuck work, ends of limited grants',
    schedule: Schedule.rate(Duration.minutes(1)),
    targets: [new LambdaTarget(sweep, { retryAttempts: 0, maxEventAge: Duration.minutes(1) })],
  })
}
