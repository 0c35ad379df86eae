/** What `verify` and `decide` have of the writer's side: its queue, and the objects that it keeps. */
import type { ObjectLedger } from '../../ports/writing/object-ledger.ts'
import type { WakingQueue } from '../aws/messaging/writer-queue.ts'
import { environment } from './environment.ts'
import { lazyPort } from './lazy-import.ts'

/** Objects beside the audit log. Each function may create those below its own prefixes alone. */
export function cloudLedger(env: NodeJS.ProcessEnv): ObjectLedger {
  const { AUDIT_BUCKET: bucket } = environment(env, ['AUDIT_BUCKET'])
  const ledger = lazyPort<Omit<ObjectLedger, 'keys'>>(() => load(bucket), { create: true, versions: true, read: true })
  return {
    ...ledger,
    async *keys(prefix, after) {
      yield* (await load(bucket)).keys(prefix, after)
    },
  }
}

async function load(bucket: string): Promise<ObjectLedger> {
  const [{ S3Client }, { s3Ledger }, { DEFAULT_TIMEOUTS }] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('../aws/ledger/s3-ledger.ts'),
    import('../aws/clients/client-timeouts.ts'),
  ])
  return s3Ledger(new S3Client(DEFAULT_TIMEOUTS), bucket)
}

export function cloudWriterQueue(env: NodeJS.ProcessEnv): WakingQueue {
  const { WRITE_QUEUE_URL: url } = environment(env, ['WRITE_QUEUE_URL'])
  return lazyPort<WakingQueue>(
    async () => {
      const { sqsWriterQueue } = await import('../aws/messaging/writer-queue.ts')
      return sqsWriterQueue(url)
    },
    { send: true, wake: true },
  )
}
