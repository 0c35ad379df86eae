/** Evaluates the policies that docs/deploy.md recommends for the hub with the bot's own evaluator. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { mockClient } from 'aws-sdk-client-mock'
import { describe, expect, it, vi } from 'vitest'
import { liveHub } from '../../cli/live/hub-store.ts'
import { liveQueues } from '../../cli/live/operator-queues.ts'
import { redriveQueues } from '../../cli/use-cases/operate/redrive-queues.ts'
import { stopGranting } from '../../cli/use-cases/operate/stop-granting.ts'
import { evaluate } from '../../core/actions/evaluate.ts'
import { found, known } from '../../core/base/fact.ts'
import { type ContextFacts, present } from '../../core/iam/conditions/context.ts'
import type { Answer } from '../../core/iam/evaluation/evaluation.ts'
import { parsePolicy } from '../../core/iam/policy/parse-policy.ts'
import type { PolicyDocument } from '../../core/iam/policy/policy-document.ts'
import type { SourcedPolicy } from '../../core/iam/policy/sourced-policy.ts'
import { HUB_POLICIES, rollOutFiles } from '../../infra/roll-out.ts'
import { parseSettings } from '../../infra/settings.ts'
import { type ShownStep, shownSteps } from '../package/shown-commands.ts'
import { deploy, ORGANIZATION, resources } from './deployment.ts'

const HUB = '111122223333'
const shipped = (name: string) =>
  readFileSync(resolve(import.meta.dirname, `../../infra/policies/${name}.json`), 'utf8')
type Statement = {
  readonly Sid: string
  readonly Effect: string
  readonly Action: string | readonly string[]
  readonly Resource?: string | readonly string[]
  readonly NotResource?: string | readonly string[]
  readonly Condition?: { readonly [operator: string]: { readonly [key: string]: string | readonly string[] } }
}
type Policy = { readonly Version: string; readonly Statement: readonly Statement[] }
const policyIn = (text: string) => JSON.parse(text) as Policy
const texts = HUB_POLICIES.map(shipped)
const policies = texts.map(policyIn)
const statements = policies.flatMap(({ Statement }) => Statement)
const operators = policyIn(shipped('platform-operates-rolemedic'))
const ANYTHING = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
const roleArn = (name: string) => `arn:aws:iam::${HUB}:role/${name}`

/** Evaluates them as the principal's own policies. A deny applies anywhere. */
function answerTo(
  principal: string,
  documents: readonly unknown[],
  action: string,
  resource: string,
  context: ContextFacts = {},
): Answer {
  const name = principal.slice(principal.lastIndexOf('/') + 1)
  const sourced = documents.map(
    (document): SourcedPolicy => ({
      ...{ type: 'identity', name, arn: null, attachedTo: principal, document: parsed(document) },
    }),
  )
  const path = principal.slice(principal.indexOf('/'), principal.lastIndexOf('/') + 1)
  const role = {
    kind: 'role' as const,
    arn: principal,
    accountId: HUB,
    name,
    path,
    uniqueId: null,
    tags: {},
    unseen: [],
  }
  const snapshot = {
    caller: found({ ...role, policies: sourced, boundary: { kind: 'absent' as const } }),
    targets: [],
    organization: known({ id: 'o-abc1234567', managementAccountId: '999999999999' }),
    scps: known([]),
    rcps: known([]),
    session: known([]),
    vpce: known([]),
  }
  const principalArn = `arn:aws:sts::${HUB}:assumed-role/${name}/somebody`
  return evaluate(
    {
      action,
      resource,
      principalArn,
      roleArn: principal,
      context: { 'aws:principalarn': present(principal), ...context },
    },
    snapshot,
  ).answer
}

/** The answer for a principal that may do everything that the SCPs allow. */
const answer = (name: string, action: string, resource: string, context: ContextFacts = {}): Answer =>
  answerTo(roleArn(name), [ANYTHING, ...policies], action, resource, context)

function parsed(document: unknown): PolicyDocument {
  const policy = parsePolicy(document)
  if (!policy.ok) throw new Error(policy.error)
  return policy.value
}

const DEPLOYMENT = `cdk-hnb659fds-cfn-exec-role-${HUB}-eu-west-1`
const arn = (service: string, rest: string) => `arn:aws:${service}:eu-west-1:${HUB}:${rest}`
const ROLE = `arn:aws:iam::${HUB}:role/rolemedic-write`
const EXEC = `arn:aws:iam::${HUB}:role/${DEPLOYMENT}`
const FUNCTION = arn('lambda', 'function:rolemedic-write')
const MAPPING = arn('lambda', 'event-source-mapping:1234abcd-12ab-34cd-56ef-1234567890ab')
const TABLE = arn('dynamodb', 'table/rolemedic')
const SECRET = arn('secretsmanager', 'secret:rolemedic/slack-signing-secret-AbCdEf')
const QUEUE = arn('sqs', 'rolemedic-write.fifo')
const TOPIC = arn('sns', 'rolemedic-alerts')
const BUS = arn('events', 'event-bus/rolemedic')
const RULE = arn('events', 'rule/rolemedic-by-message')
const STACK = arn('cloudformation', 'stack/rolemedic-bot/1a2b3c')
const KEY = arn('kms', 'key/1234abcd-12ab-34cd-56ef-1234567890ab')
const BUCKET = 'arn:aws:s3:::REPLACE-WITH-THE-AUDIT-BUCKET'
const ASSETS = `arn:aws:s3:::cdk-hnb659fds-assets-${HUB}-eu-west-1`
const SIGNING = { 'kms:resourcealiases': present('alias/rolemedic-decisions') }

/** Calls with which an administrator of the hub could make the bot write, grouped by what they would gain. */
type Call = [action: string, resource: string, context?: ContextFacts]
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
  ['events:PutPermission', BUS],
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
  ...['PutBucketPolicy', 'DeleteBucketPolicy', 'PutBucketVersioning', 'PutBucketObjectLockConfiguration'].map(
    (call): Call => [`s3:${call}`, BUCKET],
  ),
  ...['PutLifecycleConfiguration', 'PutEncryptionConfiguration', 'PutReplicationConfiguration', 'DeleteBucket'].map(
    (call): Call => [`s3:${call}`, BUCKET],
  ),
  // The signing keys.
  ...['Sign', 'PutKeyPolicy', 'CreateGrant', 'ScheduleKeyDeletion', 'DisableKey', 'UpdateAlias', 'DeleteAlias'].map(
    (call): Call => [`kms:${call}`, KEY, SIGNING],
  ),
]

/**
 * Since May 2026 an SCP may have 10,240 characters, and white space counts. Without it, each fits into the quota of before too.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
 */
const MAX_SCP_CHARS = 10_240
const MAX_SCP_CHARS_BEFORE = 5_120

describe('the SCPs for the hub', () => {
  it('fit into what Organizations takes, and leave room for the other policies of an account', () => {
    // Five for each account before May 2026, with FullAWSAccess; ten since.
    expect(texts.length).toBeLessThanOrEqual(4)
    for (const text of texts) {
      expect(text.length).toBeLessThanOrEqual(MAX_SCP_CHARS)
      expect(JSON.stringify(JSON.parse(text)).length).toBeLessThanOrEqual(MAX_SCP_CHARS_BEFORE)
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

const list = (value: string | readonly string[] | undefined): readonly string[] => [value ?? []].flat()
/** The principals that a statement exempts, as it names them. */
const exemptOf = ({ Condition = {} }: Statement): readonly string[] =>
  Object.entries(Condition).flatMap(([operator, keys]) =>
    /Not(Like|Equals)/.test(operator) ? list(keys['aws:PrincipalArn']) : [],
  )
const EXEMPT = [...new Set(statements.flatMap(exemptOf))]
/** ARNs that a pattern matches: a star spans slashes. */
const samplesOf = (pattern: string): readonly string[] =>
  pattern.includes('*') ? ['x', 'x/y', ''].map(some => pattern.replaceAll('*', some)) : [pattern]

/** Ways to act as a role. Each is enough. */
const waysInto = (role: string): readonly Call[] => [
  ['sts:AssumeRole', role],
  ...['UpdateAssumeRolePolicy', 'PassRole', 'CreateRole', 'DeleteRole', 'UpdateRole'].map(
    (call): Call => [`iam:${call}`, role],
  ),
  ...['PutRolePolicy', 'AttachRolePolicy', 'DetachRolePolicy', 'DeleteRolePolicy', 'DeleteRolePermissionsBoundary'].map(
    (call): Call => [`iam:${call}`, role],
  ),
  ['iam:PutRolePermissionsBoundary', role],
]
/** Ways to run code with a role that nobody else can assume: `function`, the stack's own role, and their sources. */
const waysToRunAs = (role: string): readonly Call[] => {
  const [, name = ''] = /role\/(.*)$/.exec(role) ?? []
  if (name.startsWith('rolemedic-')) {
    const runs = arn('lambda', `function:${name}`)
    return [
      ['lambda:UpdateFunctionCode', runs],
      ['lambda:UpdateFunctionConfiguration', runs],
      ['lambda:InvokeFunction', runs],
      ['lambda:CreateEventSourceMapping', MAPPING, { 'lambda:functionarn': present(runs) }],
      ['s3:PutObject', `${ASSETS}/0a1b2c.zip`],
    ]
  }
  if (!name.startsWith('cdk-')) return []
  return [
    ...['stack/rolemedic-bot/1a', 'stack/CDKToolkit/1a', 'stack/orders/1a'].flatMap((stack): Call[] => [
      ['cloudformation:UpdateStack', arn('cloudformation', stack)],
      ['cloudformation:CreateChangeSet', arn('cloudformation', stack)],
      ['cloudformation:ExecuteChangeSet', arn('cloudformation', stack)],
    ]),
    ['s3:PutObject', `${ASSETS}/0a1b2c.json`],
  ]
}
/** Changes with which federated callers could enter any role that trusts them. */
const FEDERATION: readonly Call[] = [
  ['iam:UpdateSAMLProvider', `arn:aws:iam::${HUB}:saml-provider/corp`],
  ['iam:AddClientIDToOpenIDConnectProvider', `arn:aws:iam::${HUB}:oidc-provider/gitlab.corp.test`],
]

/** The principals that somebody can become, in any number of steps, under these SCPs. */
function reach(from: string, under: readonly unknown[]): readonly string[] {
  const held = [from]
  for (const principal of held)
    for (const role of EXEMPT.flatMap(samplesOf)) {
      if (held.includes(role)) continue
      const ways = [...waysInto(role), ...waysToRunAs(role), ...FEDERATION]
      if (ways.some(call => answerTo(principal, [ANYTHING, ...under], ...call) !== 'denied')) held.push(role)
    }
  return held
}

const ADMINISTRATOR = roleArn('Administrator')
const without = (drop: (statement: Statement) => Statement | null): readonly unknown[] =>
  policies.map(policy => ({ ...policy, Statement: policy.Statement.flatMap(each => drop(each) ?? []) }))

describe('a principal that an SCP of the hub exempts', () => {
  it('is one of those that the documents name', () => {
    expect([...EXEMPT].map(each => each.replace(`arn:aws:iam::${HUB}:role/`, '')).toSorted()).toEqual([
      `cdk-hnb659fds-*-role-${HUB}-*`,
      'platform-deploys-rolemedic',
      'platform-keeps-rolemedic-secrets',
      'platform-operates-rolemedic',
      'rolemedic-*',
      'rolemedic-decide',
      'rolemedic-verify',
      'rolemedic-write',
    ])
  })

  it.each(EXEMPT)('%s is itself out of reach of an administrator, in one hop', pattern => {
    for (const role of samplesOf(pattern)) {
      const open = [...waysInto(role), ...waysToRunAs(role)].filter(
        call => answer('Administrator', ...call) !== 'denied',
      )
      expect(open, role).toEqual([])
    }
  })

  it('is out of reach in any number of hops', () => {
    expect(reach(ADMINISTRATOR, policies)).toEqual([ADMINISTRATOR])
  })

  it('lets the keeper of secrets and the operators become nobody else', () => {
    for (const name of ['platform-keeps-rolemedic-secrets', 'platform-operates-rolemedic'])
      expect(reach(roleArn(name), policies)).toEqual([roleArn(name)])
  })

  it.each(EXEMPT.filter(pattern => !/rolemedic-(decide|verify|write)$/.test(pattern)))(
    '%s would be reached if no statement named it, and from it the bot',
    pattern => {
      const [, start = ''] = /role\/([a-z]+-[a-z0-9]+)/.exec(pattern) ?? []
      const names = (resource: string) => resource.includes(`:role/${start}`)
      const open = without(each => ({
        ...each,
        ...(each.Resource === undefined ? {} : { Resource: list(each.Resource).filter(one => !names(one)) }),
      })).map(policy => ({
        ...(policy as Policy),
        Statement: (policy as Policy).Statement.filter(({ Resource }) => Resource === undefined || Resource.length > 0),
      }))
      const reached = reach(ADMINISTRATOR, open)
      expect(reached.some(role => role.includes(`role/${start}`))).toBe(true)
      if (start === 'platform-deploys' || start === 'cdk-hnb659fds')
        expect(reached).toContain(`arn:aws:iam::${HUB}:role/rolemedic-write`)
    },
  )
})

/** Values that satisfy the conditions of a statement except the exemptions. */
function contextOf({ Condition = {} }: Statement): ContextFacts {
  const wanted = Object.entries(Condition).filter(([operator]) => !operator.includes('Not'))
  return Object.fromEntries(
    wanted.flatMap(([, keys]) =>
      Object.entries(keys).map(([key, values]) => [
        key.toLowerCase(),
        present(samplesOf(list(values)[0] ?? '')[0] ?? ''),
      ]),
    ),
  )
}
const callsOf = (statement: Statement): readonly Call[] =>
  list(statement.Action).flatMap(action =>
    (statement.NotResource === undefined ? list(statement.Resource) : [arn('cloudformation', 'stack/orders/1a')]).map(
      (resource): Call => [
        action.replaceAll('*', 'X'),
        resource === '*' ? '*' : resource.replaceAll('*', 'x'),
        contextOf(statement),
      ],
    ),
  )

describe('each statement of the SCPs', () => {
  it.each(statements.map(statement => [statement.Sid, statement] as const))(
    '%s denies to an administrator, and would be missed',
    (sid, statement) => {
      const calls = callsOf(statement)
      expect(calls.length).toBeGreaterThan(0)
      expect(calls.filter(call => answer('Administrator', ...call) !== 'denied')).toEqual([])
      const others = [ANYTHING, ...without(each => (each.Sid === sid ? null : each))]
      expect(calls.some(call => answerTo(ADMINISTRATOR, others, ...call) !== 'denied')).toBe(true)
    },
  )

  it.each(statements.map(statement => [statement.Sid, statement] as const))(
    '%s binds nobody whom it exempts, and denies to all others of the exempt',
    (_sid, statement) => {
      const alone = [ANYTHING, { Version: '2012-10-17', Statement: [statement] }]
      const calls = callsOf(statement)
      const exempt = exemptOf(statement).flatMap(samplesOf)
      for (const role of exempt)
        expect(
          calls.filter(call => answerTo(role, alone, ...call) === 'denied'),
          role,
        ).toEqual([])
      const matched = (role: string) =>
        exemptOf(statement).some(pattern => new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(role))
      for (const role of EXEMPT.flatMap(samplesOf).filter(each => !matched(each)))
        expect(
          calls.filter(call => answerTo(role, alone, ...call) !== 'denied'),
          role,
        ).toEqual([])
    },
  )

  it.each(statements.map(statement => [statement.Sid, statement] as const))(
    '%s binds the root user',
    (_sid, statement) => {
      const root = `arn:aws:iam::${HUB}:root`
      const alone = [ANYTHING, { Version: '2012-10-17', Statement: [statement] }]
      const asRoot = (call: Call): Call => [call[0], call[1], { ...call[2], 'aws:principalarn': present(root) }]
      for (const call of callsOf(statement).map(asRoot)) expect(answerTo(ADMINISTRATOR, alone, ...call)).toBe('denied')
    },
  )
})

const OPERATOR = roleArn('platform-operates-rolemedic')
const operates = (...call: Call) => answerTo(OPERATOR, [operators, ...policies], ...call)
const queues = (stack: string) =>
  resources(deploy({ organization: ORGANIZATION }), 'AWS::SQS::Queue', stack).map(({ Properties }) =>
    arn('sqs', String(Properties['QueueName'])),
  )
const DEAD = queues('rolemedic-state')
const WORK = queues('rolemedic-bot').filter(each => !each.endsWith('-dead'))

const root = resolve(import.meta.dirname, '../..')
const OPERATED = ['docs/runbooks.md', 'docs/deploy.md', 'docs/upgrade.md']
const steps = OPERATED.flatMap(file => shownSteps(root, file))

/** Where the name of a command is not that of its action, or it makes several calls. */
const CALLS: { readonly [command: string]: readonly string[] } = {
  'logs tail': ['logs:FilterLogEvents'],
  's3 cp': ['s3:PutObject'],
  'cloudformation deploy': ['CreateChangeSet', 'DescribeChangeSet', 'ExecuteChangeSet', 'DescribeStacks'].map(
    call => `cloudformation:${call}`,
  ),
}
/** `aws sqs purge-queue` is `sqs:PurgeQueue`. */
const actionsIn = (text: string): readonly string[] =>
  [...text.matchAll(/\baws ([a-z0-9]+) ([a-z]+(?:-[a-z]+)*)/g)].flatMap(
    ([, service = '', command = '']) =>
      CALLS[`${service} ${command}`] ?? [
        `${service}:${command.replaceAll(/(?:^|-)([a-z])/g, (_, first: string) => first.toUpperCase())}`,
      ],
  )
/** For each role of the hub, the actions of its steps. */
const askedOf = (of: readonly ShownStep[]): ReadonlyMap<string, readonly string[]> =>
  new Map(
    [...Map.groupBy(of, ({ role }) => role)].flatMap(([role, own]) =>
      role === null ? [] : [[role, [...new Set(own.flatMap(({ text }) => actionsIn(text)))].toSorted()]],
    ),
  )
const ROLES: { readonly [role: string]: readonly unknown[] } = {
  'platform-operates-rolemedic': [operators],
  'platform-keeps-rolemedic-secrets': [ANYTHING],
  'platform-deploys-rolemedic': ['resources', 'templates', 'terraform'].map(name =>
    policyIn(shipped(`deployer-${name}`)),
  ),
}
/** What the role of a step may not do of it. */
const refusedOf = (of: readonly ShownStep[], own = ROLES): readonly string[] =>
  [...askedOf(of)].flatMap(([role, actions]) =>
    actions.flatMap(action =>
      resourcesFor(action)
        .filter(
          resource =>
            answerTo(roleArn(role), [...(own[role] ?? []), ...policies], action, resource, OURS) !== 'allowed',
        )
        .map(resource => `${role}: ${action} on ${resource}`),
    ),
  )
const ON: { readonly [action: string]: readonly string[] } = {
  'dynamodb:GetItem': [TABLE],
  'events:DescribeEventBus': [BUS],
  // To the others the bot alone sends: what is lost there is asked for again.
  'sqs:SendMessage': WORK.filter(each => !/rolemedic-(verify|write|outcome)/.test(each)),
  'sqs:GetQueueUrl': [...DEAD, ...WORK],
  'sqs:GetQueueAttributes': [...DEAD, ...WORK],
}
const ON_SERVICE: { readonly [service: string]: readonly string[] } = {
  cloudformation: [STACK],
  cloudtrail: ['*'],
  kms: [KEY],
  s3: ['arn:aws:s3:::REPLACE-WITH-THE-CODE-BUCKET/rolemedic/0.1.0/write-0.1.0.zip'],
  secretsmanager: [SECRET],
  events: [RULE, arn('events', 'rule/rolemedic/rolemedic-heartbeat')],
  lambda: [FUNCTION],
  logs: [arn('logs', 'log-group:/aws/lambda/rolemedic-write:*')],
  scheduler: [arn('scheduler', 'schedule/rolemedic/rolemedic-heartbeat')],
  sqs: DEAD,
}
const OURS = { 'lambda:functionarn': present(FUNCTION), 'kms:resourcealiases': present('alias/rolemedic') }
function resourcesFor(action: string): readonly string[] {
  if (/^lambda:(List|GetAccount)/.test(action)) return ['*']
  return action === 'lambda:UpdateEventSourceMapping'
    ? [MAPPING]
    : (ON[action] ?? ON_SERVICE[action.split(':')[0] ?? ''] ?? [])
}

describe('the role of the operators', () => {
  it('fits into the inline policies of a role', () => {
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    expect(JSON.stringify(operators).length).toBeLessThanOrEqual(10_240)
  })

  it('and the others may do what each step of the pages asks of them, on all that it is asked for', () => {
    expect([...askedOf(steps)].map(([role, actions]) => [role, actions.length > 2])).toEqual([
      ['platform-operates-rolemedic', true],
      ['platform-deploys-rolemedic', true],
      ['platform-keeps-rolemedic-secrets', true],
    ])
    expect(askedOf(steps).get('platform-operates-rolemedic')?.length).toBeGreaterThan(15)
    expect(DEAD.length + WORK.length).toBe(18)
    expect([...askedOf(steps).values()].flat().filter(action => resourcesFor(action).length === 0)).toEqual([])
    expect(refusedOf(steps)).toEqual([])
    // What moving messages needs besides its own action.
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
    for (const dead of DEAD)
      for (const call of ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'])
        expect([dead, operates(`sqs:${call}`, dead)]).toEqual([dead, 'allowed'])
  })

  it('may make each call of rolemedic redrive, and the moves that SQS makes for it', async () => {
    const calls: Call[] = []
    const nameIn = (text: string) => text.split(/[/:]/).at(-1) ?? ''
    const called = (action: string, name: string) => calls.push([action, arn('sqs', name)])
    const answers: { readonly [call: string]: (given: { readonly [member: string]: string }) => object } = {
      GetQueueUrl({ QueueName = '' }) {
        called('sqs:GetQueueUrl', QueueName)
        return { QueueUrl: `https://sqs.test/${HUB}/${QueueName}` }
      },
      GetQueueAttributes({ QueueUrl = '' }) {
        const name = nameIn(QueueUrl)
        called('sqs:GetQueueAttributes', name)
        const Attributes = { ApproximateNumberOfMessages: '1', ApproximateNumberOfMessagesNotVisible: '0' }
        return { Attributes: { ...Attributes, QueueArn: arn('sqs', name) } }
      },
      StartMessageMoveTask({ SourceArn = '' }) {
        const name = nameIn(SourceArn)
        for (const call of ['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage']) called(`sqs:${call}`, name)
        called('sqs:SendMessage', name.replace('-dead', ''))
        return {}
      },
    }
    vi.stubGlobal('fetch', async (_url: URL, init: { headers: { [name: string]: string }; body: string }) => {
      const call = init.headers['x-amz-target']?.replace('AmazonSQS.', '') ?? ''
      return Response.json(answers[call]?.(JSON.parse(init.body)) ?? {})
    })
    const env = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example' }
    const before = { ...process.env }
    Object.assign(process.env, env)
    await redriveQueues(null, await liveQueues({ profile: null, region: 'eu-west-1' }, { env }))
    process.env = before
    vi.unstubAllGlobals()
    expect(calls.filter(([action]) => action === 'sqs:StartMessageMoveTask')).toHaveLength(5)
    expect(calls.filter(call => operates(...call) !== 'allowed')).toEqual([])
  })

  it('may stop granting and resume it: with rolemedic stop, and no other item', async () => {
    const dynamo = mockClient(DynamoDBClient)
    const sts = mockClient(STSClient)
      .on(GetCallerIdentityCommand)
      .resolves({ Arn: `${OPERATOR}/ada` })
    const calls: Call[] = []
    const called = (action: string, key: string | undefined) =>
      calls.push([action, TABLE, { 'dynamodb:leadingkeys': present(key ?? '') }])
    dynamo.on(GetItemCommand).callsFake(({ Key }) => {
      called('dynamodb:GetItem', Key.pk.S)
      return {}
    })
    dynamo.on(PutItemCommand).callsFake(({ Item }) => {
      called('dynamodb:PutItem', Item.pk.S)
      return {}
    })
    const before = { ...process.env }
    const env = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example' }
    Object.assign(process.env, env)
    await stopGranting('incident', await liveHub({ profile: null, region: 'eu-west-1' }, { env }), 0)
    process.env = before
    dynamo.restore()
    sts.restore()
    expect(calls.map(([action]) => action)).toEqual(['dynamodb:GetItem', 'dynamodb:PutItem'])
    expect(calls.filter(call => operates(...call) !== 'allowed')).toEqual([])
  })

  it.each(['resources', 'cdk', 'templates', 'terraform'])('is denied nothing of what deploying needs: %s', name => {
    const { Statement } = policyIn(shipped(`deployer-${name}`))
    const calls = Statement.flatMap(callsOf)
    const denied = calls.filter(
      ([action, resource, context]) =>
        answerTo(roleArn('platform-deploys-rolemedic'), [ANYTHING, ...policies], action, resource, context) ===
        'denied',
    )
    expect(denied.map(([action, resource]) => `${action} ${resource}`)).toEqual([])
  })

  it('would be missed with an action too few, and so would a step that names the wrong role', () => {
    const less = operators.Statement.map(one => ({
      ...one,
      Action: [one.Action].flat().filter(each => each !== 'events:EnableRule'),
    }))
    const missed = refusedOf(steps, { ...ROLES, 'platform-operates-rolemedic': [{ ...operators, Statement: less }] })
    expect(missed.every(line => line.startsWith('platform-operates-rolemedic: events:EnableRule on '))).toBe(true)
    expect(missed.length).toBeGreaterThan(0)
    const [restart] = steps.filter(({ text }) => text.includes('put-function-concurrency'))
    const others = ['platform-keeps-rolemedic-secrets'].map(role => ({ ...(restart as ShownStep), role }))
    expect(refusedOf(others)).toEqual([expect.stringContaining('lambda:PutFunctionConcurrency')])
  })

  it('is denied nothing that its own policy allows', () => {
    const calls = operators.Statement.flatMap(callsOf)
    expect(calls.filter(call => operates(...call) !== 'allowed').map(([action, on]) => [action, on])).toEqual([])
  })

  it.each<Call>([
    ['sqs:PurgeQueue', QUEUE],
    ['sqs:ReceiveMessage', QUEUE],
    ['sqs:DeleteMessage', arn('sqs', 'rolemedic-propose')],
    ['sqs:SetQueueAttributes', QUEUE],
    ['sqs:SendMessage', arn('sqs', 'orders')],
    ...['verify.fifo', 'write.fifo', 'outcome'].map(
      (name): Call => ['sqs:SendMessage', arn('sqs', `rolemedic-${name}`)],
    ),
    ['lambda:UpdateEventSourceMapping', MAPPING, { 'lambda:functionarn': present(arn('lambda', 'function:orders')) }],
    ['lambda:CreateEventSourceMapping', MAPPING, { 'lambda:functionarn': present(FUNCTION) }],
    ['lambda:UpdateFunctionCode', FUNCTION],
    ['lambda:InvokeFunction', FUNCTION],
    ['dynamodb:PutItem', TABLE],
    ...['proposal#p-1', 'note#audit#head', 'note#stopped-not'].map(
      (key): Call => ['dynamodb:PutItem', TABLE, { 'dynamodb:leadingkeys': present(key) }],
    ),
    ['dynamodb:UpdateItem', TABLE, { 'dynamodb:leadingkeys': present('note#stopped') }],
    ['secretsmanager:GetSecretValue', SECRET],
    ['secretsmanager:PutSecretValue', SECRET],
    ['kms:Sign', KEY, SIGNING],
    ['s3:PutObject', `${BUCKET}/audit/000000000001.json`],
    ['iam:PassRole', ROLE],
    ['sts:AssumeRole', ROLE],
    ['events:DisableRule', RULE],
    ['sns:Unsubscribe', TOPIC],
    ['cloudwatch:SetAlarmState', arn('cloudwatch', 'alarm:rolemedic-forged-decide')],
  ])('may not: %s on %s', (action, resource, context) => {
    expect(operates(action, resource, context)).not.toBe('allowed')
  })
})

describe('a deploy role that is broken', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/deploy-settings.md'), 'utf8')
  const [, was = '', more = ''] = /sed 's#("[^"]+rolemedic")#&, ("[^"]+")#g' hub-scp-code\.json/.exec(page) ?? []
  const recovery = [shipped('hub-scp-code').replaceAll(was, `${was}, ${more}`), shipped('hub-scp-data')].map(policyIn)
  const as = (name: string, ...call: Call) => answerTo(roleArn(name), [ANYTHING, ...recovery], ...call)
  const BROKEN = roleArn('platform-deploys-rolemedic')

  it('is repaired by the one role that the page exempts for it', () => {
    expect(was).toContain('platform-deploys-rolemedic')
    expect(as('OrganizationAccountAccessRole', 'iam:UpdateAssumeRolePolicy', BROKEN)).toBe('allowed')
    expect(as('OrganizationAccountAccessRole', 'iam:CreateRole', BROKEN)).toBe('allowed')
  })

  it('opens nothing to an administrator meanwhile: the other role is covered as it is exempt', () => {
    for (const role of [BROKEN, roleArn('OrganizationAccountAccessRole')])
      for (const call of waysInto(role)) expect([call, as('Administrator', ...call)]).toEqual([call, 'denied'])
    expect(reach(ADMINISTRATOR, recovery)).toEqual([ADMINISTRATOR])
  })
})
