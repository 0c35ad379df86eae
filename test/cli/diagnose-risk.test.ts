import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dispatch } from '../../cli/dispatch.ts'
import { memoryIo } from './memory-io.ts'

const root = resolve(import.meta.dirname, '../..')
const EVENT = join(root, 'events/ecs-register-task-definition.json')
const ACCOUNT = JSON.parse(readFileSync(join(root, 'events/accounts/orders-dev.json'), 'utf8'))
const ID = '111122223333'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolemedic-risk-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const allow = (Action: string | string[], Resource: string) => ({ Effect: 'Allow', Action, Resource })
const policy = (...Statement: object[]) => [
  { PolicyName: 'permissions', PolicyDocument: { Version: '2012-10-17', Statement } },
]
const administrator = (RoleName: string, Service: string) => ({
  RoleName,
  Arn: `arn:aws:iam::${ID}:role/${RoleName}`,
  RoleId: `AROA${RoleName.toUpperCase().replaceAll('-', '').slice(0, 12)}`,
  Path: '/',
  CreateDate: '2026-01-01T00:00:00Z',
  AssumeRolePolicyDocument: {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }],
  },
  InstanceProfileList: [],
  AttachedManagedPolicies: [],
  Tags: [],
  RolePolicyList: policy(allow('*', '*')),
})

/** The denied role of the event with these permissions. */
async function verified(statements: readonly object[], more: readonly object[]) {
  const file = join(folder, 'account.json')
  const roles = ACCOUNT.RoleDetailList.map((role: { RoleName: string }) =>
    role.RoleName === 'orders-task'
      ? { ...role, AttachedManagedPolicies: [], RolePolicyList: policy(...statements) }
      : role,
  )
  writeFileSync(file, JSON.stringify({ ...ACCOUNT, RoleDetailList: [...roles, ...more] }))
  const io = memoryIo()
  await dispatch(['diagnose', EVENT, '--account', file, '--json'], io)
  const { verification } = JSON.parse(io.captured.out)
  return [verification.risk, verification.approvers]
}

const LOW = ['low', 1]
const TWO = ['elevated', 2]
const exec = administrator(`cdk-hnb659fds-cfn-exec-role-${ID}-eu-west-1`, 'cloudformation.amazonaws.com')
const admin = (service: string) => administrator('ops', `${service}.amazonaws.com`)

describe('the risk and the approvers of rolemedic diagnose --json', () => {
  it.each<[string, readonly object[], readonly object[], readonly (string | number)[]]>([
    ['writes logs', [allow(['logs:CreateLogStream', 'logs:PutLogEvents'], '*')], [exec], LOW],
    ['reads one bucket', [allow('s3:GetObject', 'arn:aws:s3:::orders/*')], [exec], LOW],
    [
      'works on one queue',
      [allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage'], `arn:aws:sqs:eu-west-1:${ID}:orders`)],
      [exec],
      LOW,
    ],
    [
      'works on one table',
      [allow(['dynamodb:PutItem', 'dynamodb:DeleteItem'], `arn:aws:dynamodb:eu-west-1:${ID}:table/orders`)],
      [exec],
      LOW,
    ],
    ['writes one bucket', [allow(['s3:PutObject', 's3:DeleteObject'], 'arn:aws:s3:::orders/*')], [exec], LOW],
    [
      'writes the assets of the CDK',
      [allow('s3:PutObject', `arn:aws:s3:::cdk-hnb659fds-assets-${ID}-eu-west-1/*`)],
      [exec],
      TWO,
    ],
    [
      'pushes images that an administrator may run',
      [allow('ecr:PutImage', `arn:aws:ecr:eu-west-1:${ID}:repository/orders`)],
      [admin('ecs-tasks')],
      TWO,
    ],
    [
      'pushes images that no administrator runs',
      [allow('ecr:PutImage', `arn:aws:ecr:eu-west-1:${ID}:repository/orders`)],
      [exec],
      LOW,
    ],
    [
      'runs code in a code interpreter',
      [
        allow(
          'bedrock-agentcore:InvokeCodeInterpreter',
          `arn:aws:bedrock-agentcore:eu-west-1:${ID}:code-interpreter-custom/x`,
        ),
      ],
      [admin('bedrock-agentcore')],
      TWO,
    ],
    ['creates trust anchors', [allow('rolesanywhere:CreateTrustAnchor', '*')], [], TWO],
    [
      'signs people in to an identity pool',
      [allow('cognito-identity:GetOpenIdTokenForDeveloperIdentity', '*')],
      [],
      TWO,
    ],
    ['stops a trail', [allow('cloudtrail:StopLogging', `arn:aws:cloudtrail:eu-west-1:${ID}:trail/audit`)], [], TWO],
    ['looks at trails', [allow(['cloudtrail:LookupEvents', 'cloudtrail:GetTrailStatus'], '*')], [], LOW],
    ['deletes a detector', [allow('guardduty:DeleteDetector', '*')], [], TWO],
    [
      'schedules the deletion of one key',
      [allow('kms:ScheduleKeyDeletion', `arn:aws:kms:eu-west-1:${ID}:key/1234`)],
      [],
      TWO,
    ],
    ['decrypts with one key', [allow('kms:Decrypt', `arn:aws:kms:eu-west-1:${ID}:key/1234`)], [], LOW],
    ['deletes every bucket', [allow('s3:DeleteBucket', '*')], [], TWO],
    ['deletes one bucket', [allow('s3:DeleteBucket', 'arn:aws:s3:::orders-temporary')], [], LOW],
    ['closes accounts', [allow('organizations:CloseAccount', '*')], [], TWO],
  ])('of a role that %s', async (_, statements, more, wanted) => {
    expect(await verified(statements, more)).toEqual(wanted)
  })
})
