/** What runs by the clock. */
import { Duration } from 'aws-cdk-lib'
import { CfnRule, Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events'
import { type LambdaFunctionProps, LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { CHAT_NAME } from '../../../functions/domain/config/index.ts'
import { CANARY_SCHEDULE, PREFIX } from '../../names.ts'
import type { DeploySettings } from '../../settings.ts'

type Scheduled = { readonly sweep: LambdaFunction; readonly verify: LambdaFunction }

export function schedules(
  scope: Construct,
  { sweep, verify }: Scheduled,
  { enabled }: Pick<DeploySettings, 'enabled'>,
): void {
  const rule = (id: string, ruleName: string, description: string, at: Schedule, ...target: RuleArguments) =>
    new Rule(scope, id, { ruleName, description, schedule: at, targets: [new LambdaTarget(...target)] })

  /**
   * Every minute. Neither EventBridge nor Lambda repeats a failed sweep, because the next one does its work. By default Lambda
   * would retry twice, and for six hours if its concurrency of one delayed it.
   * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
   */
  const once = { retryAttempts: 0, maxEventAge: Duration.minutes(1) }
  sweep.configureAsyncInvoke(once)
  const SWEEPS = 'rolemedic: expiry, reminders, stuck work, ends of limited grants'
  rule('SweepSchedule', `${PREFIX}-sweep`, SWEEPS, Schedule.rate(Duration.minutes(1)), sweep, once)

  /** Once a day. Lambda repeats a run that fails twice, and one that was throttled for six hours. */
  const CHECKPOINT = `rolemedic: the signed end of the audit log, to the alert topic and ${CHAT_NAME}`
  const morning = Schedule.cron({ hour: '6', minute: '17' })
  rule('CheckpointSchedule', `${PREFIX}-checkpoint`, CHECKPOINT, morning, verify)

  /** What is over is found in the objects of `write`, whatever the table says. */
  const ENDS = 'rolemedic: grants whose end has passed, without the table'
  rule('EndsSchedule', `${PREFIX}-ends`, ENDS, Schedule.rate(Duration.minutes(5)), verify, job('ends'))

  /** Once a day, half a day from the checkpoint. Not while the rules for denials are disabled: none would arrive. */
  const CANARY = 'rolemedic: one harmless denial in each account and Region'
  const evening = Schedule.cron({ hour: '18', minute: '17' })
  const canary = rule('CanarySchedule', CANARY_SCHEDULE, CANARY, evening, verify, job('canary'))
  const { defaultChild } = canary.node
  if (defaultChild instanceof CfnRule) defaultChild.state = enabled ? 'ENABLED' : 'DISABLED'
}

type RuleArguments = [of: LambdaFunction, more?: LambdaFunctionProps]
const job = (name: 'ends' | 'canary') => ({ event: RuleTargetInput.fromObject({ job: name }) })
