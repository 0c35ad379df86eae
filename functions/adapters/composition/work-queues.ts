/** The queues with a client of their own, in a module of its own: much is answered and swept without new work. */
import { SQSClient } from '@aws-sdk/client-sqs'
import type { WorkQueue } from '../../ports/work-queue.ts'
import { DEFAULT_TIMEOUTS } from '../aws/client-timeouts.ts'
import { type SqsQueueOptions, sqsQueue } from '../aws/messaging/sqs-queue.ts'

export const workQueues = (urls: Omit<SqsQueueOptions, 'client'>): WorkQueue =>
  sqsQueue({ client: new SQSClient(DEFAULT_TIMEOUTS), ...urls })
