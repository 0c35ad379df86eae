import { CfnRule, Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { CANARY_SCHEDULE } from '../../names.ts'
import type { DeploySettings } from '../../settings.ts'

/** Once a day, half a day from the checkpoint. Not while the rules for denials are disabled: none would arrive. */
export function canarySchedule(
  scope: Construct,
  verify: LambdaFunction,
  { enabled }: Pick<DeploySettings, 'enabled'>,
): Rule {
  const rule = new Rule(scope, 'CanarySchedule', {
    ruleName: CANARY_SCHEDULE,
    description: 'rolemedic: one harmless denial in each account and Region',
    schedule: Schedule.cron({ hour: '18', minute: '17' }),
    targets: [new LambdaTarget(verify, { event: RuleTargetInput.fromObject({ job: 'canary' }) })],
  })
  const { defaultChild } = rule.node
  if (defaultChild instanceof CfnRule) defaultChild.state = enabled ? 'ENABLED' : 'DISABLED'
  return rule
}
