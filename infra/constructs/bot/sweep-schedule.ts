import { Duration } from 'aws-cdk-lib'
import { Rule, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { PREFIX } from '../../names.ts'

/**
 * Every minute. A sweep that failed is not repeated, neither by EventBridge nor by Lambda: the next one does its work. Lambda
 * would otherwise try twice more, and for six hours what its concurrency of one held back.
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
