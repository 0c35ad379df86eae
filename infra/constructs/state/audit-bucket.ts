/** The bucket of the audit log, and of what `write` keeps: the first version of each object is immutable, and nobody may delete it. */
import { CfnOutput, Duration, Stack } from 'aws-cdk-lib'
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectLockRetention, ObjectOwnership } from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'
import { LEDGER_WRITERS, nameOf, withPath } from '../../names.ts'
import type { DeploySettings } from '../../settings.ts'
import { acknowledge } from '../observability/acknowledge.ts'
import { RETAIN } from './removal-policy.ts'

/** Actions that delete a record, shorten its retention or make it unreadable. */
const ERASING_ACTIONS = [
  's3:DeleteObject',
  's3:DeleteObjectVersion',
  's3:BypassGovernanceRetention',
  's3:PutObjectRetention',
  's3:PutObjectLegalHold',
  's3:DeleteBucket',
  // A lifecycle rule deletes objects even if no policy allows anybody to delete them.
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html
  's3:PutLifecycleConfiguration',
  // Once its retention is over, an object could be read by another key alone, and never again without that.
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateObjectEncryption.html
  's3:UpdateObjectEncryption',
]

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html */
const PUTTING_ACTIONS = ['s3:PutObject', 's3:ReplicateDelete', 's3:ReplicateObject']

/** For other stacks: the bucket may be an existing one. */
export type AuditBucket = { readonly name: string; readonly arn: string }

export function auditBucket(
  scope: Construct,
  { audit, existing, rolePath }: DeploySettings,
  encryptionKey: IKey,
): AuditBucket {
  const stack = Stack.of(scope)
  if (existing.auditBucket !== undefined)
    return { name: existing.auditBucket, arn: `arn:${stack.partition}:s3:::${existing.auditBucket}` }
  const retention = Duration.days(audit.days)
  const bucket = new Bucket(scope, 'AuditBucket', {
    versioned: true,
    objectLockEnabled: true,
    objectLockDefaultRetention:
      audit.mode === 'compliance'
        ? ObjectLockRetention.compliance(retention)
        : ObjectLockRetention.governance(retention),
    encryption: BucketEncryption.KMS,
    encryptionKey,
    bucketKeyEnabled: true,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    removalPolicy: RETAIN,
  })
  const everyone = { effect: Effect.DENY, principals: [new AnyPrincipal()] }
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid: 'NobodyErases',
      ...everyone,
      actions: ERASING_ACTIONS,
      resources: [bucket.bucketArn, bucket.arnForObjects('*')],
    }),
  )
  bucket.addToResourcePolicy(
    new PolicyStatement({
      // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
      sid: 'OnlyWhatIsAbsentIsWritten',
      ...everyone,
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects('*')],
      conditions: { Null: { 's3:if-none-match': 'true' } },
    }),
  )
  for (const [prefix, writer] of Object.entries(LEDGER_WRITERS))
    bucket.addToResourcePolicy(
      new PolicyStatement({
        // Another writer of an object there could claim that a proposal was written, or hide that it was rejected.
        sid: `${prefix.charAt(0).toUpperCase()}${prefix.slice(1)}`,
        ...everyone,
        actions: PUTTING_ACTIONS,
        resources: [bucket.arnForObjects(`${prefix}/*`)],
        conditions: {
          ArnNotEquals: {
            'aws:PrincipalArn': `arn:${stack.partition}:iam::${stack.account}:role/${withPath({ rolePath }, nameOf(writer))}`,
          },
        },
      }),
    )
  // The bucket outlives its stack, and so does its policy.
  bucket.policy?.applyRemovalPolicy(RETAIN)
  new CfnOutput(scope, 'AuditBucketName', { value: bucket.bucketName })
  acknowledge(
    bucket,
    'AwsSolutions-S1',
    'Every write is a record of the hash chain, and reads are data events of CloudTrail; a log bucket would need the same protection again.',
  )
  return { name: stack.exportValue(bucket.bucketName), arn: stack.exportValue(bucket.bucketArn) }
}
