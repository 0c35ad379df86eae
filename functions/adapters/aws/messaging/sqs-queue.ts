import { createHash, randomUUID } from 'node:crypto'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { RolemedicError } from '../../../../core/base/index.ts'
import type { Work } from '../../../domain/proposal/index.ts'
import { workMessage } from '../../../domain/stored/index.ts'
import type { WorkQueue } from '../../../ports/work-queue.ts'
import { DEFAULT_TIMEOUTS } from '../clients/client-timeouts.ts'

export type SqsQueueOptions = {
  readonly client?: SQSClient
  /** A standard queue for `propose`, `announce`, `review` and `suggest` work, which may be delayed. */
  readonly proposeUrl: string | null
  /** A FIFO queue: work of `verify`, one group per target. */
  readonly verifyUrl: string | null
  /** A standard queue: `first-look` work, which waits behind nothing else. */
  readonly lookUrl?: string | null
  /** A standard queue: `publish` work. */
  readonly publishUrl?: string | null
}

/** The longest delay of a message in SQS. */
const MAX_DELAY_SECONDS = 900

export function sqsQueue({
  client = new SQSClient(DEFAULT_TIMEOUTS),
  proposeUrl,
  verifyUrl,
  lookUrl = null,
  publishUrl = null,
}: SqsQueueOptions): WorkQueue {
  return {
    async send(work, { delaySeconds = 0, group, deduplicationId } = {}) {
      const MessageBody = workMessage(work)
      if (isProposing(work)) {
        const DelaySeconds = Math.min(delaySeconds, MAX_DELAY_SECONDS)
        await client.send(new SendMessageCommand({ QueueUrl: required(proposeUrl, work), MessageBody, DelaySeconds }))
        return
      }
      if (work.kind === 'publish' || work.kind === 'first-look') {
        const url = work.kind === 'publish' ? publishUrl : lookUrl
        await client.send(new SendMessageCommand({ QueueUrl: required(url, work), MessageBody }))
        return
      }
      if (delaySeconds > 0)
        throw new RolemedicError('queue', `a FIFO queue cannot delay one message, and ${work.kind} goes to one`)
      await client.send(
        new SendMessageCommand({
          QueueUrl: required(verifyUrl, work),
          MessageBody,
          MessageGroupId: queueToken(group ?? work.proposalId),
          // Without an id every message is sent: `verify` leases the proposal, so a duplicate does nothing.
          MessageDeduplicationId: queueToken(deduplicationId ?? randomUUID()),
        }),
      )
    },
  }
}

const PROPOSING: readonly Work['kind'][] = ['propose', 'announce', 'review', 'suggest', 'renew', 'solved']
const isProposing = (
  work: Work,
): work is Extract<Work, { kind: 'propose' | 'announce' | 'review' | 'suggest' | 'renew' | 'solved' }> =>
  PROPOSING.includes(work.kind)

function required(url: string | null, work: Work): string {
  if (url === null) throw new RolemedicError('queue', `this function has no queue for ${work.kind} work`)
  return url
}

/**
 * Group and deduplication ids: at most 128 printable ASCII characters without white space.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
function queueToken(text: string): string {
  return /^[!-~]{1,128}$/.test(text) ? text : createHash('sha256').update(text).digest('hex')
}
