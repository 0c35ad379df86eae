/** An account of any size in the format of `aws iam get-account-authorization-details`, written piece by piece. */
import { closeSync, openSync, writeSync } from 'node:fs'
import type { Statement } from '../../core/iam/policy/policy-document.ts'
import { ACCOUNT, detail } from '../engine/generated-account.ts'

const TEAMS = ['orders', 'billing', 'search', 'ingest', 'catalog', 'payments', 'fraud', 'ledger', 'media', 'auth']
/** An account has fewer managed policies than roles. A role has two to five of them. */
const ROLES_PER_POLICY = 20
const BLOCK_CHARS = 4_000_000
/** The indentation of the AWS CLI. */
const INDENT = 4

/** The two roles of the denial, which are last in the list. */
const CALLER = detail('deployer', 'codebuild.amazonaws.com', [{ Effect: 'Allow', Action: 'ecs:*', Resource: '*' }])
const TARGET = detail('orders-task', 'ecs-tasks.amazonaws.com', [
  { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: `arn:aws:sqs:eu-west-1:${ACCOUNT}:orders` },
])

export function writeAccount(path: string, roles: number): void {
  const file = openSync(path, 'w')
  const policies = Math.max(20, Math.ceil(roles / ROLES_PER_POLICY))
  let text = ''
  const put = (more: string) => {
    text += more
    if (text.length < BLOCK_CHARS) return
    writeSync(file, text)
    text = ''
  }
  put('{\n    "UserDetailList": [],\n    "GroupDetailList": [],\n    "RoleDetailList": [')
  for (let at = 0; at < roles; at += 1) put(`${printed(roleAt(at, policies))},`)
  put(`${printed(CALLER)},${printed(TARGET)}\n    ],\n    "Policies": [`)
  for (let at = 0; at < policies; at += 1) put(`${at === 0 ? '' : ','}${printed(policyAt(at))}`)
  put('\n    ]\n}\n')
  writeSync(file, text)
  closeSync(file)
}

/** Inside the list, so two levels deep. */
const printed = (entry: object): string =>
  `\n${JSON.stringify(entry, null, INDENT).replaceAll(/^/gm, ' '.repeat(2 * INDENT))}`

export const nameAt = (at: number): string => `${TEAMS[at % TEAMS.length]}-service-${at}`

function roleAt(at: number, policies: number): object {
  const name = nameAt(at)
  const table = `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/${name}`
  const queue = `arn:aws:sqs:eu-west-1:${ACCOUNT}:${name}`
  return {
    ...detail(name, 'lambda.amazonaws.com', [
      allow('Table', ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'], [table, `${table}/index/*`]),
      allow('Queue', ['sqs:SendMessage'], [queue]),
    ]),
    CreateDate: '2025-03-01T12:00:00+00:00',
    AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [trustAt(at, name)] },
    AttachedManagedPolicies: Array.from({ length: 2 + (at % 4) }, (_, index) => {
      const PolicyName = `shared-${(at * 31 + index * 17) % policies}`
      return { PolicyName, PolicyArn: policyArn(PolicyName) }
    }),
    Tags: [
      { Key: 'team', Value: TEAMS[at % TEAMS.length] },
      { Key: 'cost-centre', Value: String(1_000 + (at % 100)) },
    ],
    RoleLastUsed: { LastUsedDate: '2026-11-20T12:00:00+00:00', Region: 'eu-west-1' },
  }
}

/** Trusts a service, the account or another role. Every fourth trust policy is unique. */
function trustAt(at: number, name: string): Statement {
  const trust = { Effect: 'Allow', Action: 'sts:AssumeRole' } as const
  switch (at % 4) {
    case 0:
      return { ...trust, Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } }
    case 1:
      return { ...trust, Principal: { Service: ['lambda.amazonaws.com', 'edgelambda.amazonaws.com'] } }
    case 2:
      return {
        ...trust,
        Principal: { Service: 'ecs-tasks.amazonaws.com' },
        Condition: {
          StringEquals: { 'aws:SourceAccount': ACCOUNT },
          ArnLike: { 'aws:SourceArn': `arn:aws:ecs:eu-west-1:${ACCOUNT}:*` },
        },
      }
    default:
      return {
        Effect: 'Allow',
        Action: 'sts:AssumeRoleWithWebIdentity',
        Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com` },
        Condition: {
          StringEquals: { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com' },
          StringLike: { 'token.actions.githubusercontent.com:sub': `repo:example/${name}:ref:refs/heads/*` },
        },
      }
  }
}

function policyAt(at: number): object {
  const PolicyName = `shared-${at}`
  const buckets = Array.from({ length: 4 }, (_, index) => `arn:aws:s3:::${PolicyName}-${index}`)
  const Document = {
    Version: '2012-10-17',
    Statement: buckets.map((bucket, index) =>
      allow(`S${index}`, ['s3:GetObject', 's3:ListBucket'], [bucket, `${bucket}/*`]),
    ),
  }
  return {
    PolicyName,
    Arn: policyArn(PolicyName),
    DefaultVersionId: 'v2',
    AttachmentCount: 70,
    PermissionsBoundaryUsageCount: 0,
    PolicyVersionList: ['v2', 'v1'].map(VersionId => ({ Document, VersionId, IsDefaultVersion: VersionId === 'v2' })),
  }
}

const policyArn = (name: string): string => `arn:aws:iam::${ACCOUNT}:policy/${name}`

const allow = (Sid: string, Action: readonly string[], Resource: readonly string[]): Statement => ({
  ...{ Sid, Effect: 'Allow', Action, Resource },
})
