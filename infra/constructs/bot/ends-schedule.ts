import { Duration } from 'aws-cdk-lib'
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { PREFIX } from '../../names.ts'

/** Every five minutes: what is over is found in the objects of `write`, whatever the table says. */
export function endsSchedule(scope: Construct, verify: LambdaFunction): Rule {
  return new Rule(scope, 'EndsSchedule', {
    ruleName: `${PREFIX}-ends`,
    description: 'rolemedic: grants whose end has passed, without the table',
    schedule: Schedule.rate(Duration.minutes(5)),
    targets: [new LambdaTarget(verify, { event: RuleTargetInput.fromObject({ job: 'ends' }) })],
  })
}
