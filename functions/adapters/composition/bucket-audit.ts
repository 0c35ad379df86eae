/** The audit log with a client of its own, in a module of its own: S3's is the largest, and most starts do without. */
import { S3Client } from '@aws-sdk/client-s3'
import type { CheckedAuditLog } from '../aws/audit-log/append-to-chain.ts'
import { type AuditBucketOptions, auditBucket } from '../aws/audit-log/s3-audit-log.ts'
import { DEFAULT_TIMEOUTS } from '../aws/client-timeouts.ts'

export const bucketAudit = (options: Omit<AuditBucketOptions, 'client'>): CheckedAuditLog =>
  auditBucket({ ...options, client: new S3Client(DEFAULT_TIMEOUTS) })
