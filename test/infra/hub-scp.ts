/** What docs/deploy.md advises for the hub, judged by the bot's own evaluator. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { evaluate } from '../../functions/domain/actions/evaluate.ts'
import { found, known } from '../../functions/domain/base/fact.ts'
import { type ContextFacts, present } from '../../functions/domain/iam/conditions/context.ts'
import type { Answer } from '../../functions/domain/iam/evaluation/evaluation.ts'
import { parsePolicy } from '../../functions/domain/iam/policy/parse-policy.ts'
import type { PolicyDocument, SourcedPolicy } from '../../functions/domain/iam/policy/policy-document.ts'

const HUB = '111122223333'
const policies = ['code', 'data'].map((name): unknown =>
  JSON.parse(readFileSync(resolve(import.meta.dirname, `../../infra/policies/hub-scp-${name}.json`), 'utf8')),
)
const ANYTHING = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
/** https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html */
const MAX_SCP_CHARS = 5_120

/** As an administrator's own policy: a deny holds wherever it stands. */
function answer(name: string, action: string, resource: string, context: ContextFacts = {}): Answer {
  const arn = `arn:aws:iam::${HUB}:role/${name}`
  const documents = [ANYTHING, ...policies].map(
    (document): SourcedPolicy => ({ type: 'identity', name, arn: null, attachedTo: arn, document: parsed(document) }),
  )
  const role = { kind: 'role' as const, arn, accountId: HUB, name, path: '/', uniqueId: null, tags: {}, unseen: [] }
  const snapshot = {
    caller: found({ ...role, policies: documents, boundary: { kind: 'absent' as const } }),
    targets: [],
    organization: known({ id: 'o-abc1234567', managementAccountId: '999999999999' }),
    scps: known([]),
    rcps: known([]),
    session: known([]),
    vpce: known([]),
  }
  const principalArn = `arn:aws:sts::${HUB}:assumed-role/${name}/somebody`
  return evaluate(
    { action, resource, principalArn, roleArn: arn, context: { 'aws:principalarn': present(arn), ...context } },
    snapshot,
  ).answer
}

function parsed(document: unknown): PolicyDocument {
  const policy = parsePolicy(document)
  if (!policy.ok) throw new Error(policy.error)
  return policy.value
}

const DEPLOYMENT = `cdk-hnb659fds-cfn-exec-role-${HUB}-eu-west-1`
const arn = (service: string, rest: string) => `arn:aws:${service}:eu-west-1:${HUB}:${rest}`
const ROLE = `arn:aws:iam::${HUB}:role/rolemedic-apply`
const EXEC = `arn:aws:iam::${HUB}:role/${DEPLOYMENT}`
const FUNCTION = arn('lambda', 'function:rolemedic-apply')
const MAPPING = arn('lambda', 'event-source-mapping:1234abcd-12ab-34cd-56ef-1234567890ab')
const TABLE = arn('dynamodb', 'table/rolemedic')
const SECRET = arn('secretsmanager', 'secret:rolemedic/slack-signing-secret-AbCdEf')
const QUEUE = arn('sqs', 'rolemedic-apply.fifo')
const TOPIC = arn('sns', 'rolemedic-alerts')
const BUS = arn('events', 'event-bus/rolemedic')
const RULE = arn('events', 'rule/rolemedic-by-message')
const STACK = arn('cloudformation', 'stack/rolemedic-bot/1a2b3c')
const KEY = arn('kms', 'key/1234abcd-12ab-34cd-56ef-1234567890ab')
const BUCKET = 'arn:aws:s3:::REPLACE-WITH-THE-AUDIT-BUCKET'
const SIGNING = { 'kms:resourcealiases': present('alias/rolemedic-decisions') }

/** What an administrator of the hub could otherwise make the bot write with, by what it would get them. */
type Call = [action: string, resource: string, context?: ContextFacts]
const MUST_DENY: Call[] = [
  // The role of `apply`, or one that passes for it.
  ...['PutRolePolicy', 'AttachRolePolicy', 'UpdateAssumeRolePolicy', 'DeleteRolePolicy', 'DetachRolePolicy'].map(
    (call): Call => [`iam:${call}`, ROLE],
  ),
  ...['CreateRole', 'DeleteRole', 'PassRole', 'DeleteRolePermissionsBoundary', 'TagRole'].map(
    (call): Call => [`iam:${call}`, ROLE],
  ),
  ['iam:CreatePolicyVersion', `arn:aws:iam::${HUB}:policy/rolemedic-writer-boundary`],
  ['sts:AssumeRole', ROLE],
  // A deployment, or what deploys.
  ...['CreateRole', 'PutRolePolicy', 'UpdateAssumeRolePolicy', 'PassRole'].map((call): Call => [`iam:${call}`, EXEC]),
  ['sts:AssumeRole', EXEC],
  ...['UpdateStack', 'CreateChangeSet', 'ExecuteChangeSet', 'DeleteStack', 'SetStackPolicy'].map(
    (call): Call => [`cloudformation:${call}`, STACK],
  ),
  // The code that runs, what wakes it, and what it is called with.
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
  ['sqs:SendMessage', QUEUE],
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
  // Its state.
  ...['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'PartiQLUpdate', 'PartiQLInsert', 'DeleteTable'].map(
    (call): Call => [`dynamodb:${call}`, TABLE],
  ),
  ...['PutResourcePolicy', 'UpdateTable', 'UpdateTimeToLive'].map((call): Call => [`dynamodb:${call}`, TABLE]),
  // The secrets: read, put, rotated, given away.
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

describe('the SCPs for the hub', () => {
  it('fit into what Organizations takes', () => {
    for (const policy of policies) expect(JSON.stringify(policy).length).toBeLessThanOrEqual(MAX_SCP_CHARS)
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
  ])('leave %s to deployments', (action, resource, context) => {
    expect(answer(DEPLOYMENT, action, resource, context)).toBe('allowed')
    expect(answer('platform-deploys-rolemedic', action, resource, context)).toBe('allowed')
  })

  it.each<[name: string, ...Call]>([
    ['rolemedic-decide', 'dynamodb:PutItem', TABLE],
    ['rolemedic-decide', 'secretsmanager:GetSecretValue', SECRET],
    ['rolemedic-decide', 'sqs:SendMessage', QUEUE],
    ['rolemedic-sweep-schedule', 'lambda:InvokeFunction', FUNCTION],
    ['rolemedic-apply', 's3:PutObject', `${BUCKET}/audit/000000000001.json`],
    ['rolemedic-forward-eu-west-1', 'events:PutEvents', BUS],
    ['rolemedic-decide', 'kms:Sign', KEY, SIGNING],
    ['rolemedic-apply', 'kms:Sign', KEY, SIGNING],
    ['platform-keeps-rolemedic-secrets', 'secretsmanager:PutSecretValue', SECRET],
  ])('leave to %s: %s', (name, action, resource, context) => {
    expect(answer(name, action, resource, context)).toBe('allowed')
  })

  it.each(['intake', 'propose', 'sweep', 'alert'])('let %s sign nothing', name => {
    expect(answer(`rolemedic-${name}`, 'kms:Sign', KEY, SIGNING)).toBe('denied')
  })

  it('let those who keep the secrets neither read them nor deploy', () => {
    expect(answer('platform-keeps-rolemedic-secrets', 'secretsmanager:GetSecretValue', SECRET)).toBe('denied')
    expect(answer('platform-keeps-rolemedic-secrets', 'lambda:UpdateFunctionCode', FUNCTION)).toBe('denied')
    expect(answer('platform-deploys-rolemedic', 'dynamodb:PutItem', TABLE)).toBe('denied')
  })

  it('leave to people what the runbooks ask of them, and everything that is not the bot', () => {
    expect(answer('Administrator', 'lambda:PutFunctionConcurrency', FUNCTION)).toBe('allowed')
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
