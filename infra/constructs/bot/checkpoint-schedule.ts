import { Rule, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { PREFIX } from '../../names.ts'

/** Once a day. Lambda repeats a run that fails twice, and one that was throttled for six hours. */
export function checkpointSchedule(scope: Construct, verify: LambdaFunction): Rule {
  return new Rule(scope, 'CheckpointSchedule', {
    ruleName: `${PREFIX}-checkpoint`,
    description: 'rolemedic: the signed end of the audit log, to the alert topic and Slack',
    schedule: Schedule.cron({ hour: '6', minute: '17' }),
    targets: [new LambdaTarget(verify)],
  })
}
