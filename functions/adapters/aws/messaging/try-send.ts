/** Sends a message that its receiver drops: SQS has no dry run. */
import { randomUUID } from 'node:crypto'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { TRIAL_MESSAGE } from '../../../domain/stored/index.ts'
import type { Trial } from '../../../ports/self-test/trial.ts'
import { DEFAULT_TIMEOUTS } from '../clients/client-timeouts.ts'

export function sendTrial(QueueUrl: string, client = new SQSClient(DEFAULT_TIMEOUTS)): Trial {
  const inOrder = { MessageGroupId: TRIAL_MESSAGE, MessageDeduplicationId: randomUUID() }
  const ids = QueueUrl.endsWith('.fifo') ? inOrder : {}
  const queue = { send: () => client.send(new SendMessageCommand({ QueueUrl, MessageBody: TRIAL_MESSAGE, ...ids })) }
  return [`sqs:SendMessage to ${QueueUrl.split('/').at(-1)}`, () => queue.send()]
}
