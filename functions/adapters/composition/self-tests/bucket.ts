/** What functions do in the audit bucket. */
import { S3Client } from '@aws-sdk/client-s3'
import type { Trial } from '../../../ports/self-test/trial.ts'
import type { ObjectLedger } from '../../../ports/writing/object-ledger.ts'
import type { Markers } from '../../aws/audit-log/append-to-chain.ts'
import { s3AuditLog } from '../../aws/audit-log/s3-audit-log.ts'
import { DEFAULT_TIMEOUTS } from '../../aws/clients/client-timeouts.ts'
import { tryPut } from '../../aws/ledger/try-put.ts'
import { environment } from '../environment.ts'

/** `written`: the prefixes below which the function puts objects. */
export function bucketTrials(
  env: NodeJS.ProcessEnv,
  markers: Markers,
  ledger: Pick<ObjectLedger, 'versions'> | null,
  folders: { readonly written: readonly string[]; readonly read: readonly string[] },
): readonly Trial[] {
  const { AUDIT_BUCKET: bucket } = environment(env, ['AUDIT_BUCKET'])
  const prefix = env['AUDIT_PREFIX'] ?? 'audit'
  const client = new S3Client(DEFAULT_TIMEOUTS)
  const log = s3AuditLog({ client, bucket, prefix, markers })
  return [
    ['s3:GetObjectVersion of the audit log', () => log.latest()[Symbol.asyncIterator]().next()],
    ...[prefix, ...folders.written].map(
      (folder): Trial => [`s3:PutObject below ${folder}/`, () => tryPut(client, bucket, folder)],
    ),
    ...folders.read.map(
      (folder): Trial => [
        `s3:ListBucketVersions below ${folder}/`,
        async () => ledger?.versions(`${folder}/doctor/doctor`),
      ],
    ),
  ]
}
