import { describe, expect, it } from 'vitest'
import { present } from '../../core/iam/conditions/context.ts'
import { HUB_POLICIES, rollOutFiles } from '../../infra/roll-out.ts'
import { parseSettings } from '../../infra/settings.ts'
import {
  ASSETS,
  answer,
  arn,
  BUCKET,
  BUS,
  type Call,
  DEPLOYMENT,
  EXEC,
  FUNCTION,
  HUB,
  KEY,
  MAPPING,
  QUEUE,
  ROLE,
  RULE,
  SECRET,
  SIGNING,
  STACK,
  TABLE,
  TOPIC,
  texts,
} from './hub-policies.ts'

const MUST_DENY: Call[] = [
  // The role of `write`, or one that passes for it.
  ...['PutRolePolicy', 'AttachRolePolicy', 'UpdateAssumeRolePolicy', 'DeleteRolePolicy', 'DetachRolePolicy'].map(
    (call): Call => [`iam:${call}`, ROLE],
  ),
  ...['CreateRole', 'DeleteRole', 'PassRole', 'DeleteRolePermissionsBoundary', 'TagRole'].map(
    (call): Call => [`iam:${call}`, ROLE],
  ),
  ...['CreatePolicyVersion', 'SetDefaultPolicyVersion', 'DeletePolicyVersion'].flatMap((call): Call[] => [
    [`iam:${call}`, `arn:aws:iam::${HUB}:policy/rolemedic-writer-boundary`],
    [`iam:${call}`, `arn:aws:iam::${HUB}:policy/platform-deploys-rolemedic`],
  ]),
  ['sts:AssumeRole', ROLE],
  // A deployment, or its role.
  ...['CreateRole', 'PutRolePolicy', 'UpdateAssumeRolePolicy', 'PassRole'].map((call): Call => [`iam:${call}`, EXEC]),
  ['sts:AssumeRole', EXEC],
  ...['UpdateStack', 'CreateChangeSet', 'ExecuteChangeSet', 'DeleteStack', 'SetStackPolicy'].map(
    (call): Call => [`cloudformation:${call}`, STACK],
  ),
  // Any stack: a stack that the CDK deployed keeps its role, and uses it for anyone who updates the stack.
  ...['UpdateStack', 'CreateChangeSet', 'ExecuteChangeSet', 'DeleteStack', 'RollbackStack'].flatMap((call): Call[] => [
    [`cloudformation:${call}`, arn('cloudformation', 'stack/CDKToolkit/1a2b3c')],
    [`cloudformation:${call}`, arn('cloudformation', 'stack/orders/1a2b3c')],
  ]),
  // The organization's StackSets: those of a delegated administrator are in the management account.
  ...[
    'UpdateStackSet',
    'DeleteStackSet',
    'CreateStackInstances',
    'UpdateStackInstances',
    'DeleteStackInstances',
  ].flatMap((call): Call[] => [
    [`cloudformation:${call}`, 'arn:aws:cloudformation:eu-west-1:999999999999:stackset/rolemedic-roles:1a2b3c'],
    [`cloudformation:${call}`, arn('cloudformation', 'stackset/rolemedic-member:1a2b3c')],
  ]),
  // The sources of code and templates for deployments.
  ...['PutObject', 'DeleteObject', 'DeleteObjectVersion', 'ReplicateObject'].map(
    (call): Call => [`s3:${call}`, `${ASSETS}/0a1b2c.zip`],
  ),
  ...['PutBucketPolicy', 'DeleteBucket', 'PutLifecycleConfiguration', 'PutReplicationConfiguration'].map(
    (call): Call => [`s3:${call}`, ASSETS],
  ),
  ['s3:CreateAccessPoint', `arn:aws:s3:eu-west-1:${HUB}:accesspoint/around`],
  ['lambda:PublishLayerVersion', arn('lambda', 'layer:rolemedic-config')],
  // How people and pipelines enter the exempt roles.
  ['iam:UpdateSAMLProvider', `arn:aws:iam::${HUB}:saml-provider/corp`],
  ['iam:CreateSAMLProvider', `arn:aws:iam::${HUB}:saml-provider/mine`],
  ['iam:AddClientIDToOpenIDConnectProvider', `arn:aws:iam::${HUB}:oidc-provider/token.actions.githubusercontent.com`],
  [
    'iam:UpdateOpenIDConnectProviderThumbprint',
    `arn:aws:iam::${HUB}:oidc-provider/token.actions.githubusercontent.com`,
  ],
  // An account without its organization has no SCPs.
  ['organizations:LeaveOrganization', '*'],
  // The running code, its triggers, and its input.
  ...['UpdateFunctionCode', 'UpdateFunctionConfiguration', 'AddPermission', 'PublishVersion', 'DeleteFunction'].map(
    (call): Call => [`lambda:${call}`, FUNCTION],
  ),
  // Lets another account invoke it, which no SCP of the hub binds. https://docs.aws.amazon.com/lambda/latest/api/API_PutResourcePolicy.html
  ['lambda:PutResourcePolicy', FUNCTION],
  ['lambda:DeleteResourcePolicy', FUNCTION],
  ...[
    'InvokeFunction',
    'InvokeAsync',
    'InvokeFunctionUrl',
    'CreateFunctionUrlConfig',
    'PutRuntimeManagementConfig',
  ].map((call): Call => [`lambda:${call}`, FUNCTION]),
  ['lambda:CreateEventSourceMapping', MAPPING, { 'lambda:functionarn': present(FUNCTION) }],
  ['lambda:UpdateEventSourceMapping', MAPPING, { 'lambda:functionarn': present(FUNCTION) }],
  ['lambda:DeleteEventSourceMapping', MAPPING, { 'lambda:functionarn': present(FUNCTION) }],
  ['lambda:PutFunctionConcurrency', arn('lambda', 'function:rolemedic-sweep')],
  ['lambda:DeleteFunctionConcurrency', FUNCTION],
  ...['SendMessage', 'ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility', 'StartMessageMoveTask'].flatMap(
    (call): Call[] => [
      [`sqs:${call}`, QUEUE],
      [`sqs:${call}`, arn('sqs', 'rolemedic-write-dead.fifo')],
    ],
  ),
  ['sqs:SetQueueAttributes', QUEUE],
  ['sqs:AddPermission', QUEUE],
  ['sqs:PurgeQueue', QUEUE],
  ['events:PutEvents', BUS],
  // They take no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
  ['events:PutPermission', '*'],
  ['events:RemovePermission', '*'],
  // A metric extraction policy of the account keeps the metrics of logs from every alarm.
  // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutAccountPolicy.html
  ['logs:PutAccountPolicy', '*'],
  ...['PutRule', 'PutTargets', 'RemoveTargets', 'DeleteRule', 'DisableRule'].map(
    (call): Call => [`events:${call}`, RULE],
  ),
  ['sns:SetTopicAttributes', TOPIC],
  ['sns:AddPermission', TOPIC],
  // Notifications and their recipients.
  ...['Subscribe', 'Unsubscribe', 'SetSubscriptionAttributes', 'Publish', 'DeleteTopic'].map(
    (call): Call => [`sns:${call}`, TOPIC],
  ),
  ...['DeleteAlarms', 'DisableAlarmActions', 'PutMetricAlarm', 'SetAlarmState', 'PutAlarmMuteRule'].map(
    (call): Call => [`cloudwatch:${call}`, arn('cloudwatch', 'alarm:rolemedic-forged-decide')],
  ),
  // A rule without targets mutes every alarm.
  ['cloudwatch:PutAlarmMuteRule', arn('cloudwatch', 'alarm-mute-rule:quiet')],
  ['cloudwatch:DeleteDashboards', `arn:aws:cloudwatch::${HUB}:dashboard/rolemedic-eu-west-1`],
  ...['UpdateSchedule', 'DeleteSchedule', 'CreateSchedule'].map(
    (call): Call => [`scheduler:${call}`, arn('scheduler', 'schedule/rolemedic/rolemedic-heartbeat')],
  ),
  ['scheduler:DeleteScheduleGroup', arn('scheduler', 'schedule-group/rolemedic')],
  ...['DeleteLogGroup', 'DeleteLogStream', 'PutRetentionPolicy', 'PutLogEvents', 'PutSubscriptionFilter'].flatMap(
    (call): Call[] => [
      [`logs:${call}`, arn('logs', 'log-group:/aws/lambda/rolemedic-write:log-stream:a')],
      [`logs:${call}`, arn('logs', 'log-group:/aws/vendedlogs/rolemedic-slack:*')],
    ],
  ),
  // The state.
  ...['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'PartiQLUpdate', 'PartiQLInsert', 'DeleteTable'].map(
    (call): Call => [`dynamodb:${call}`, TABLE],
  ),
  ...['PutResourcePolicy', 'UpdateTable', 'UpdateTimeToLive'].map((call): Call => [`dynamodb:${call}`, TABLE]),
  // The secrets: reading, writing, rotating, sharing.
  ...[
    'GetSecretValue',
    'PutSecretValue',
    'UpdateSecret',
    'UpdateSecretVersionStage',
    'RotateSecret',
    'DeleteSecret',
  ].map((call): Call => [`secretsmanager:${call}`, SECRET]),
  ['secretsmanager:PutResourcePolicy', SECRET],
  ['secretsmanager:ReplicateSecretToRegions', SECRET],
  // The audit log.
  ['s3:PutObject', `${BUCKET}/audit/000000000001.json`],
  ['s3:DeleteObjectVersion', `${BUCKET}/audit/000000000001.json`],
  ['s3:BypassGovernanceRetention', `${BUCKET}/audit/000000000001.json`],
  ['s3:UpdateObjectEncryption', `${BUCKET}/audit/000000000001.json`],
  ...['PutBucketPolicy', 'DeleteBucketPolicy', 'PutBucketVersioning', 'PutBucketObjectLockConfiguration'].map(
    (call): Call => [`s3:${call}`, BUCKET],
  ),
  ...['PutLifecycleConfiguration', 'PutEncryptionConfiguration', 'PutReplicationConfiguration', 'DeleteBucket'].map(
    (call): Call => [`s3:${call}`, BUCKET],
  ),
  // The host that passkeys belong to.
  ...['PATCH', 'POST', 'PUT', 'DELETE'].flatMap((call): Call[] => [
    [`apigateway:${call}`, 'arn:aws:apigateway:eu-west-1::/apis/REPLACE-WITH-THE-API/routes/a'],
    [`apigateway:${call}`, 'arn:aws:apigateway:eu-west-1::/domainnames/REPLACE-WITH-THE-HOST/apimappings'],
  ]),
  // The signing keys.
  ...['Sign', 'PutKeyPolicy', 'CreateGrant', 'ScheduleKeyDeletion', 'DisableKey', 'UpdateAlias', 'DeleteAlias'].map(
    (call): Call => [`kms:${call}`, KEY, SIGNING],
  ),
]

/**
 * Since May 2026 an SCP may have 10,240 characters, and white space counts.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
 */
const MAX_SCP_CHARS = 10_240

describe('the SCPs for the hub', () => {
  it('fit into what Organizations takes, and leave room for the other policies of an account', () => {
    // Five for each account before May 2026, with FullAWSAccess; ten since.
    expect(texts.length).toBeLessThanOrEqual(4)
    for (const text of texts) {
      // The longest name of a bucket, and a long one of a host.
      expect(text.replaceAll(/REPLACE-WITH-THE-[A-Z-]+/g, 'x'.repeat(63)).length).toBeLessThanOrEqual(MAX_SCP_CHARS)
    }
    const settings = {
      ...{ region: 'us-gov-west-1', rolePath: `/${'p'.repeat(40)}/` },
      slack: { teamId: 'T0OURS', appId: 'A0OURS', apiUrl: 'https://slack-gov.com/api/' },
      organization: { id: 'o-a1b2c3d4e5', hubAccountId: '444455556666' },
    }
    const files = rollOutFiles(parseSettings(settings, 'test'), 'cdk.out')
    for (const name of HUB_POLICIES) expect((files[`${name}.json`] ?? '').length).toBeLessThanOrEqual(MAX_SCP_CHARS)
  })

  it.each(MUST_DENY)('deny %s on %s to an administrator', (action, resource, context) => {
    expect(answer('Administrator', action, resource, context)).toBe('denied')
  })

  it.each<Call>([
    ['iam:PassRole', ROLE],
    ['iam:UpdateAssumeRolePolicy', ROLE],
    ['lambda:UpdateFunctionCode', FUNCTION],
    ['cloudformation:UpdateStack', STACK],
    ['s3:PutBucketPolicy', BUCKET],
    ['sqs:SetQueueAttributes', QUEUE],
    ['apigateway:PATCH', 'arn:aws:apigateway:eu-west-1::/apis/REPLACE-WITH-THE-API'],
    ['kms:PutKeyPolicy', KEY, SIGNING],
    ['iam:SetDefaultPolicyVersion', `arn:aws:iam::${HUB}:policy/rolemedic-writer-boundary`],
    ['cloudformation:UpdateStackSet', 'arn:aws:cloudformation:eu-west-1:999999999999:stackset/rolemedic-roles:1a2b3c'],
    ['s3:PutObject', `${ASSETS}/0a1b2c.zip`],
    ['cloudwatch:PutMetricAlarm', arn('cloudwatch', 'alarm:rolemedic-forged-decide')],
    ['sns:Subscribe', TOPIC],
    ['scheduler:UpdateSchedule', arn('scheduler', 'schedule/rolemedic/rolemedic-heartbeat')],
    ['logs:PutRetentionPolicy', arn('logs', 'log-group:/aws/lambda/rolemedic-write:*')],
    ['lambda:PutFunctionConcurrency', FUNCTION],
    ['lambda:UpdateEventSourceMapping', MAPPING, { 'lambda:functionarn': present(FUNCTION) }],
    ['events:PutPermission', '*'],
  ])('leave %s to deployments', (action, resource, context) => {
    expect(answer(DEPLOYMENT, action, resource, context)).toBe('allowed')
    expect(answer('platform-deploys-rolemedic', action, resource, context)).toBe('allowed')
  })

  it.each<[name: string, ...Call]>([
    ['rolemedic-decide', 'dynamodb:PutItem', TABLE],
    ['rolemedic-decide', 'secretsmanager:GetSecretValue', SECRET],
    ['rolemedic-decide', 'sqs:SendMessage', QUEUE],
    ['rolemedic-sweep-schedule', 'lambda:InvokeFunction', FUNCTION],
    ['rolemedic-write', 'sqs:ReceiveMessage', QUEUE],
    ['rolemedic-verify', 'sns:Publish', TOPIC],
    ['rolemedic-write', 'logs:PutLogEvents', arn('logs', 'log-group:/aws/lambda/rolemedic-write:log-stream:a')],
    ['rolemedic-verify', 's3:PutObject', `${BUCKET}/audit/000000000001.json`],
    ['rolemedic-write', 's3:PutObject', `${BUCKET}/spent/d-1/p-1`],
    ['rolemedic-forward-eu-west-1', 'events:PutEvents', BUS],
    ['rolemedic-decide', 'kms:Sign', KEY, SIGNING],
    ['rolemedic-verify', 'kms:Sign', KEY, SIGNING],
    ['rolemedic-write', 'kms:Sign', KEY, SIGNING],
    ['rolemedic-enroll', 'kms:Sign', KEY, SIGNING],
    ['platform-keeps-rolemedic-secrets', 'secretsmanager:PutSecretValue', SECRET],
  ])('leave to %s: %s', (name, action, resource, context) => {
    expect(answer(name, action, resource, context)).toBe('allowed')
  })

  it.each(['intake', 'propose', 'sweep', 'alert', 'apply'])('let %s sign nothing', name => {
    expect(answer(`rolemedic-${name}`, 'kms:Sign', KEY, SIGNING)).toBe('denied')
  })

  it('let those who keep the secrets neither read them nor deploy', () => {
    expect(answer('platform-keeps-rolemedic-secrets', 'secretsmanager:GetSecretValue', SECRET)).toBe('denied')
    expect(answer('platform-keeps-rolemedic-secrets', 'lambda:UpdateFunctionCode', FUNCTION)).toBe('denied')
    expect(answer('platform-deploys-rolemedic', 'dynamodb:PutItem', TABLE)).toBe('denied')
  })

  it('leave to people what the runbooks ask of them, and everything that is not the bot', () => {
    expect(answer('Administrator', 'lambda:GetFunctionConcurrency', FUNCTION)).toBe('allowed')
    expect(answer('Administrator', 'cloudformation:DescribeChangeSet', STACK)).toBe('allowed')
    expect(
      answer('Administrator', 'logs:FilterLogEvents', arn('logs', 'log-group:/aws/lambda/rolemedic-write:*')),
    ).toBe('allowed')
    expect(answer('Administrator', 'cloudwatch:PutMetricAlarm', arn('cloudwatch', 'alarm:orders'))).toBe('allowed')
    expect(answer('Administrator', 'sns:Unsubscribe', arn('sns', 'orders'))).toBe('allowed')
    expect(answer('Administrator', 'sqs:SendMessage', arn('sqs', 'orders'))).toBe('allowed')
    expect(answer('Administrator', 'logs:DeleteLogGroup', arn('logs', 'log-group:/aws/lambda/orders:*'))).toBe(
      'allowed',
    )
    expect(answer('Administrator', 's3:PutObject', 'arn:aws:s3:::orders/a')).toBe('allowed')
    // StackSets of the organization bring stacks of their own.
    expect(
      answer('stacksets-exec-0a1b', 'cloudformation:UpdateStack', arn('cloudformation', 'stack/StackSet-baseline/1a')),
    ).toBe('allowed')
    expect(
      answer('Administrator', 'cloudformation:UpdateStackSet', arn('cloudformation', 'stackset/baseline:1a')),
    ).toBe('allowed')
    expect(answer('Administrator', 'dynamodb:GetItem', TABLE)).toBe('allowed')
    expect(answer('Administrator', 'apigateway:PATCH', 'arn:aws:apigateway:eu-west-1::/apis/orders')).toBe('allowed')
    expect(answer('Administrator', 'kms:GetPublicKey', KEY, SIGNING)).toBe('allowed')
    expect(answer('Administrator', 'kms:DescribeKey', KEY, SIGNING)).toBe('allowed')
    expect(answer('Administrator', 'events:DescribeRule', RULE)).toBe('allowed')
    expect(answer('Administrator', 'iam:PassRole', `arn:aws:iam::${HUB}:role/orders`)).toBe('allowed')
    expect(answer('Administrator', 'kms:PutKeyPolicy', KEY, { 'kms:resourcealiases': present('alias/orders') })).toBe(
      'allowed',
    )
    const other = { 'lambda:functionarn': present(arn('lambda', 'function:orders')) }
    expect(answer('Administrator', 'lambda:CreateEventSourceMapping', MAPPING, other)).toBe('allowed')
  })
})
