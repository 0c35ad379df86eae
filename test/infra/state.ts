import { describe, expect, it } from 'vitest'
import { TABLE_SCHEMA } from '../../functions/adapters/aws/dynamodb/proposals-table.ts'
import { occurrenceItem, proposalItem } from '../../functions/adapters/aws/dynamodb/table-items.ts'
import type { Status } from '../../functions/domain/proposal/proposal.ts'
import { firstOccurrence } from '../../functions/domain/stored/stored-occurrence.ts'
import { sampleProposal } from '../fakes/sample-proposal.ts'
import { deploy, ORGANIZATION, resources } from './deployment.ts'
import { allowed } from './statements.ts'

const one = deploy()
const organization = deploy({ organization: ORGANIZATION, audit: { mode: 'compliance', days: 30 } })
describe('the audit log', () => {
  it('is a versioned bucket with Object Lock, encrypted, private, retained when the stack goes', () => {
    const [bucket] = resources(one, 'AWS::S3::Bucket')
    expect(bucket).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        ObjectLockEnabled: true,
        ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 365 } } },
        VersioningConfiguration: { Status: 'Enabled' },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } }],
        },
      },
    })
  })

  it('has its retention as the settings say', () => {
    const [bucket] = resources(organization, 'AWS::S3::Bucket')
    expect(bucket?.Properties['ObjectLockConfiguration']).toMatchObject({
      Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 30 } },
    })
  })

  const denied = (action: string) =>
    policyOf(one, 'AWS::S3::BucketPolicy').filter(
      ({ Effect, Action, Principal }) =>
        Effect === 'Deny' && [Action].flat().includes(action) && JSON.stringify(Principal) === '{"AWS":"*"}',
    )

  it.each([
    's3:DeleteObject',
    's3:DeleteObjectVersion',
    's3:BypassGovernanceRetention',
    's3:PutObjectRetention',
    's3:PutObjectLegalHold',
    's3:DeleteBucket',
    's3:PutLifecycleConfiguration',
    's3:UpdateObjectEncryption',
  ])('lets nobody use %s', action => {
    expect(denied(action).map(({ Condition }) => Condition)).toEqual([undefined])
  })

  it('stays under that policy when the stack goes', () => {
    const [policy] = resources(one, 'AWS::S3::BucketPolicy')
    expect(policy).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' })
  })

  it('takes only records that are not there yet, over TLS', () => {
    const everywhere = denied('s3:PutObject').filter(({ Sid }) => Sid === 'OnlyWhatIsAbsentIsWritten')
    expect(everywhere.map(({ Condition }) => Condition)).toEqual([{ Null: { 's3:if-none-match': 'true' } }])
    expect(denied('s3:*').map(({ Condition }) => Condition)).toContainEqual({
      Bool: { 'aws:SecureTransport': 'false' },
    })
  })

  it('gives no role a right to erase or to unlock', () => {
    const s3 = allowed(organization).flatMap(({ actions }) => actions.filter(action => action.startsWith('s3:')))
    expect([...new Set(s3)].sort()).toEqual(['s3:GetObjectVersion', 's3:ListBucketVersions', 's3:PutObject'])
  })
})

describe('the table', () => {
  it('has the keys that the functions use, recovery, protection, and an end for what expires', () => {
    const [table] = resources(one, 'AWS::DynamoDB::Table')
    const { KeySchema, GlobalSecondaryIndexes, AttributeDefinitions, BillingMode } = TABLE_SCHEMA
    expect(table).toMatchObject({
      DeletionPolicy: 'Retain',
      Properties: {
        KeySchema,
        BillingMode,
        GlobalSecondaryIndexes,
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      },
    })
    expect(table?.Properties['AttributeDefinitions']).toEqual(expect.arrayContaining(AttributeDefinitions))
  })

  it('expires counters and occurrences, and never a proposal', () => {
    const expires = (status: Status) => 'expiresAt' in proposalItem(sampleProposal({ status, dueAtMs: null }), 'w')
    const all: readonly Status[] = ['drafted', 'open', 'approved', 'applying', 'applied', 'reverting', 'confirmed']
    const ended: readonly Status[] = ['rejected', 'expired', 'failed', 'reverted', 'stale', 'closed']
    expect([...all, ...ended].filter(expires)).toEqual([])
    const seen = firstOccurrence(sampleProposal({}).denial, '0a1b2c3d4e5f6071', 0)
    expect(occurrenceItem(seen, { version: 1, writeId: 'w', graceMs: 0 })).toMatchObject({ expiresAt: 90 * 86_400 })
  })
})

describe('what outlives the bot', () => {
  const typesWith = (...policies: readonly string[]) =>
    Object.values(one.templates['rolemedic-state']?.Resources ?? {})
      .filter(({ DeletionPolicy = '' }) => policies.includes(DeletionPolicy))
      .map(({ Type }) => Type)

  it('is in a stack that cannot be deleted by accident', () => {
    expect(one.protectedStacks).toEqual(['rolemedic-state'])
  })

  it('stays even when that stack goes', () => {
    const retained = typesWith('Retain', 'RetainExceptOnCreate')
    const queues = Array.from({ length: 10 }, () => 'AWS::SQS::Queue')
    const secrets = Array.from({ length: 3 }, () => 'AWS::SecretsManager::Secret')
    const bucket = ['AWS::S3::Bucket', 'AWS::S3::BucketPolicy']
    // One encrypts, four sign, and one did.
    const keys = Array.from({ length: 6 }, () => 'AWS::KMS::Key')
    expect(retained.sort()).toEqual(
      ['AWS::DynamoDB::Table', 'AWS::ApiGatewayV2::Api', ...keys, ...bucket, ...secrets, ...queues].sort(),
    )
  })

  it('is removed when a first deployment fails, except the table, which is protected', () => {
    expect(typesWith('Retain')).toEqual(['AWS::DynamoDB::Table'])
  })
})

type Statement = { Sid?: string; Effect: string; Action: string | string[]; Principal: unknown; Condition?: unknown }
function policyOf(deployed: typeof one, type: string): readonly Statement[] {
  return resources(deployed, type).flatMap(
    ({ Properties }) => (Properties['PolicyDocument'] as { readonly Statement: readonly Statement[] }).Statement,
  )
}
