import { Duration } from 'aws-cdk-lib'
import { Rule, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { PREFIX } from '../names.ts'

/** Every minute. A sweep that failed is not repeated: the next one does its work. */
export function sweepSchedule(scope: Construct, sweep: LambdaFunction): Rule {
  return new Rule(scope, 'SweepSchedule', {
    ruleName: `${PREFIX}-sweep`,
    description: 'rolemedic: expiry, reminders, stuck work, ends of limited grants',
    schedule: Schedule.rate(Duration.minutes(1)),
    targets: [new LambdaTarget(sweep, { retryAttempts: 0, maxEventAge: Duration.minutes(1) })],
  })
}
