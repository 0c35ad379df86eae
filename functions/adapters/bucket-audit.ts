/** The audit log with a client of its own, in a module of its own: S3's is the largest, and most starts do without. */
import { S3Client } from '@aws-sdk/client-s3'
import type { CheckedAuditLog } from './audit-append.ts'
import { type AuditBucketOptions, auditBucket } from './audit-bucket.ts'
import { TIMELY } from './patience.ts'

export const bucketAudit = (options: Omit<AuditBucketOptions, 'client'>): CheckedAuditLog =>
  auditBucket({ ...options, client: new S3Client(TIMELY) })
