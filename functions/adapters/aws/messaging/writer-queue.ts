/** The FIFO queue of `write`. */
import { createHash } from 'node:crypto'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { WriterQueue } from '../../../ports/writing/writer-queue.ts'
import { DEFAULT_TIMEOUTS } from '../clients/client-timeouts.ts'

export function sqsWriterQueue(QueueUrl: string, client = new SQSClient(DEFAULT_TIMEOUTS)): WriterQueue {
  return {
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
