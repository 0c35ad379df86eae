/**
 * Puts a heartbeat on the account's default bus every 15 minutes. From there it takes the path of the denials: rule, forwarder, hub. A
 * scheduled rule cannot do this: its event is AWS's own, and allows no custom input if the target is a bus of another account.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html
 */

import { Aws } from 'aws-cdk-lib'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler'
import { Construct, type IConstruct } from 'constructs'
import { HEARTBEAT_SOURCE, HEARTBEAT_TYPE } from '../../../functions/domain/members/index.ts'
import { HEARTBEAT_ROLE, PREFIX, SCHEDULE_GROUP } from '../../names.ts'
import { onlyEvents } from '../roles/permission.ts'

/** A late heartbeat is useless, because the next one follows. */
const RETRY = { maximumRetryAttempts: 2, maximumEventAgeInSeconds: 600 }

/**
 * `version`: the version of the template, which the hub compares with its own. `path`: what a heartbeat takes after the bus. It is made
 * first, because a rate begins at once, and EventBridge does not try again what lacks a permission.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
 */
export function heartbeatSchedule(scope: Construct, version: string, path: readonly IConstruct[]): void {
  const here = new Construct(scope, 'Heartbeat')
  const group = new CfnScheduleGroup(here, 'Group', { name: SCHEDULE_GROUP })
  const arn = (service: string, rest: string) =>
    `arn:${Aws.PARTITION}:${service}:${Aws.REGION}:${Aws.ACCOUNT_ID}:${rest}`
  const bus = arn('events', 'event-bus/default')
  const role = new Role(here, 'Role', {
    roleName: `${HEARTBEAT_ROLE}-${Aws.REGION}`,
    description: 'rolemedic: puts its heartbeat on the bus',
    // Must be the ARN of the group, not of one schedule.
    // https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: {
        StringEquals: {
          'aws:SourceAccount': Aws.ACCOUNT_ID,
          'aws:SourceArn': arn('scheduler', `schedule-group/${SCHEDULE_GROUP}`),
        },
      },
    }),
  })
  role.addToPolicy(
    new PolicyStatement({
      sid: 'PutHeartbeat',
      actions: ['events:PutEvents'],
      resources: [bus],
      conditions: onlyEvents({ source: HEARTBEAT_SOURCE, type: HEARTBEAT_TYPE }),
    }),
  )
  const schedule = new CfnSchedule(here, 'Schedule', {
    name: `${PREFIX}-heartbeat`,
    description: 'rolemedic: this account and Region is heard',
    groupName: SCHEDULE_GROUP,
    scheduleExpression: 'rate(15 minutes)',
    flexibleTimeWindow: { mode: 'OFF' },
    target: {
      arn: bus,
      roleArn: role.roleArn,
      input: JSON.stringify({ version }),
      eventBridgeParameters: { source: HEARTBEAT_SOURCE, detailType: HEARTBEAT_TYPE },
      retryPolicy: RETRY,
    },
  })
  schedule.node.addDependency(group, role, ...path)
}
