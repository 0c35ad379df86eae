/** The FIFO queue of `write`. */
import { createHash, randomUUID } from 'node:crypto'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { WriterQueue } from '../../../ports/writing/writer-queue.ts'
import { DEFAULT_TIMEOUTS } from '../clients/client-timeouts.ts'

/** `write` drops it. */
const WAKE = 'wake'

export type WakingQueue = WriterQueue & {
  /** Has `write` started where none runs: `verify` takes as long to look again. */
  wake(): Promise<void>
}

export function sqsWriterQueue(QueueUrl: string, client = new SQSClient(DEFAULT_TIMEOUTS)): WakingQueue {
  return {
    async wake() {
      const id = { MessageGroupId: WAKE, MessageDeduplicationId: randomUUID() }
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody: WAKE, ...id }))
    },
    async send(ask, { group, deduplicationId }) {
      await client.send(
        new SendMessageCommand({
          QueueUrl,
          MessageBody: JSON.stringify(ask),
          MessageGroupId: createHash('sha256').update(group).digest('hex'),
          MessageDeduplicationId: createHash('sha256').update(deduplicationId).digest('hex'),
        }),
      )
    },
  }
}
