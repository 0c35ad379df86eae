/** The rules that deliver denials and failed deploys, for any bus. */

import { Aws } from 'aws-cdk-lib'
import { CfnRule } from 'aws-cdk-lib/aws-events'
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { EVENT_PATTERNS } from '../../../core/denial/index.ts'
import { DEPLOY_PATTERNS } from '../../../functions/domain/deploy/index.ts'
import { HEARTBEAT_PATTERN, HEARTBEAT_RULE } from '../../../functions/domain/members/index.ts'
import { PREFIX } from '../../names.ts'
import type { DeploySettings } from '../../settings.ts'

/**
 * Denials of sts:AssumeRole are read-only events, which rules in other states do not receive.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
 */
const RULE_STATE = 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'

export type RuleTarget = Pick<CfnRule.TargetProperty, 'arn' | 'roleArn' | 'deadLetterConfig'>

type RuleSettings = Pick<DeploySettings, 'enabled'>

/** One rule per pattern of `rolemedic patterns`. Without `bus`, on the account's default bus. */
export function denialRules(scope: Construct, { enabled }: RuleSettings, target: RuleTarget, bus?: string): void {
  for (const [name, pattern] of Object.entries(EVENT_PATTERNS))
    rule(scope, { name, pattern, state: enabled ? RULE_STATE : 'DISABLED', target, bus })
}

/** Rules for failed deploys, as the services report them. These are not CloudTrail events. */
export function deployRules(scope: Construct, { enabled }: RuleSettings, target: RuleTarget, bus?: string): void {
  for (const [name, pattern] of Object.entries(DEPLOY_PATTERNS))
    rule(scope, { name, pattern, state: enabled ? 'ENABLED' : 'DISABLED', target, bus })
}

/** Never disabled: it shows that the path works before denials use it and while they do not. */
export function heartbeatRule(scope: Construct, target: RuleTarget, bus?: string): CfnRule {
  return rule(scope, { name: HEARTBEAT_RULE, pattern: HEARTBEAT_PATTERN, state: 'ENABLED', target, bus })
}

type RuleProps = {
  readonly name: string
  readonly pattern: object
  readonly state: string
  readonly target: RuleTarget
  readonly bus: string | undefined
}

function rule(scope: Construct, { name, pattern, state, target, bus }: RuleProps): CfnRule {
  return new CfnRule(scope, `${bus === undefined ? 'Rule' : 'HubRule'}-${name}`, {
    name: `${PREFIX}-${name}`,
    description: `rolemedic: ${name}`,
    ...(bus === undefined ? {} : { eventBusName: bus }),
    eventPattern: pattern,
    state,
    targets: [{ id: PREFIX, ...target }],
  })
}

/** The rules that may deliver to a queue, by name, on the account's default bus and on the named buses. */
export type Delivering = { readonly rules: readonly string[]; readonly buses?: readonly string[] }

export const DENIAL_RULES: readonly string[] = Object.keys(EVENT_PATTERNS)
export const DEPLOY_RULES: readonly string[] = Object.keys(DEPLOY_PATTERNS)

/**
 * By name instead of by reference, because the dead-letter queue is in the stack that outlives the rules. Must not contain the
 * account and Region of the synthesis, because one template serves every member.
 */
export function mayDeliver(queue: IQueue, { rules, buses = [] }: Delivering): void {
  const arn = (name: string) => `arn:${Aws.PARTITION}:events:${Aws.REGION}:${Aws.ACCOUNT_ID}:rule/${name}`
  const named = rules.map(rule => `${PREFIX}-${rule}`)
  queue.addToResourcePolicy(
    new PolicyStatement({
      sid: 'RulesDeliver',
      effect: Effect.ALLOW,
      principals: [new ServicePrincipal('events.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: {
        ArnEquals: {
          'aws:SourceArn': ['', ...buses.map(bus => `${bus}/`)].flatMap(bus => named.map(rule => arn(bus + rule))),
        },
      },
    }),
  )
}
