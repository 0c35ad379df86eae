import { Stack } from 'aws-cdk-lib'
import { Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events'
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { SELF_TEST_EVENT, SELF_TEST_JOB, WOKEN_TO_TRY } from '../../../functions/domain/messages/index.ts'
import type { FunctionName } from '../../functions.ts'
import { PREFIX } from '../../names.ts'

/**
 * Has the functions try what their work needs. They get a constant, whatever the event says, and do nothing unless the table says that
 * somebody has asked. A rule has at most five targets: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
 */
export function selfTestRule(scope: Construct, functions: { readonly [name in FunctionName]: LambdaFunction }): Rule {
  return new Rule(scope, 'SelfTestRule', {
    ruleName: `${PREFIX}-doctor`,
    description: 'rolemedic: whether each function may do what its work needs, when somebody asks',
    eventPattern: {
      source: [SELF_TEST_EVENT.source],
      detailType: [SELF_TEST_EVENT.type],
      account: [Stack.of(scope).account],
    },
    targets: WOKEN_TO_TRY.map(
      name => new LambdaTarget(functions[name], { event: RuleTargetInput.fromObject({ job: SELF_TEST_JOB }) }),
    ),
  })
}
