/**
 * Forwards denials and failed deploys to the hub's bus. EventBridge retries for 24 hours, but stops at once without permission.
 * Both cases end in a dead-letter queue of this Region, which has an alarm.
 */

import { Aws } from 'aws-cdk-lib'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import { HEARTBEAT_RULE } from '../../../functions/domain/members/index.ts'
import { FORWARD_DEAD, FORWARDER_ROLE, HUB_BUS } from '../../names.ts'
import type { DeploySettings } from '../../settings.ts'
import { alarmOf } from '../observability/alarm.ts'
import { deadLetterAlarm } from '../observability/alarms.ts'
import { deadLetterQueue } from '../state/dead-letters.ts'
import { DENIAL_RULES, DEPLOY_RULES, denialRules, deployRules, heartbeatRule, mayDeliver } from './denial-rules.ts'
import { heartbeatSchedule } from './heartbeat-schedule.ts'
import { type Forwards, onlyIf } from './member-place.ts'

export type ForwardingProps = { readonly settings: DeploySettings; readonly version: string }

export function forwarding(
  scope: Construct,
  { settings, version }: ForwardingProps,
  { hubAccount, condition }: Forwards,
): void {
  const { region, existing } = settings
  const here = new Construct(scope, 'Forwarding')
  const bus = existing.busArn ?? `arn:${Aws.PARTITION}:events:${region}:${hubAccount}:event-bus/${HUB_BUS}`
  const role = new Role(here, 'Role', {
    roleName: `${FORWARDER_ROLE}-${Aws.REGION}`,
    description: 'rolemedic: forwards denials to the bot',
    assumedBy: new ServicePrincipal('events.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  })
  role.addToPolicy(new PolicyStatement({ sid: 'Forward', actions: ['events:PutEvents'], resources: [bus] }))
  const dead = deadLetterQueue(here, 'DeadLetters-forward', FORWARD_DEAD)
  mayDeliver(dead, { rules: [...DENIAL_RULES, ...DEPLOY_RULES, HEARTBEAT_RULE] })
  const target = { arn: bus, roleArn: role.roleArn, deadLetterConfig: { arn: dead.queueArn } }
  denialRules(here, settings, target)
  deployRules(here, settings, target)
  heartbeatSchedule(here, version, [role, dead, heartbeatRule(here, target)])
  alarmOf(
    here,
    {
      ...deadLetterAlarm('forward', dead),
      runbook: 'what-could-not-be-forwarded',
      description: `Events could not be forwarded and wait in the dead-letter queue ${FORWARD_DEAD}: the bot does not see the denials of this account and Region.`,
    },
    // The hub notifies people: if forwarding fails, heartbeats are missing too, and the hub has the alarm silent-members.
    { settings, topic: null },
  )
  onlyIf(condition, here)
}
