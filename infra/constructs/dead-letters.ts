import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { PREFIX } from '../names.ts'
import { acknowledge } from './acknowledge.ts'
import { mayDeliver } from './denial-rules.ts'

export const DEAD_LETTERS = ['intake', 'propose', 'apply', 'alert', 'rules'] as const
export type DeadLetters = { readonly [name in (typeof DEAD_LETTERS)[number]]: Queue }

/** What failed for good waits here two weeks, in a stack of its own, so that no redeployment of the bot loses it. */
export function deadLetters(scope: Construct): DeadLetters {
  const queues = DEAD_LETTERS.map(name => [name, deadLetterQueue(scope, name)] as const)
  return Object.fromEntries(queues) as DeadLetters
}

function deadLetterQueue(scope: Construct, name: (typeof DEAD_LETTERS)[number]): Queue {
  // A FIFO queue's dead letters go to a FIFO queue.
  const fifo = name === 'apply'
  const queue = new Queue(scope, `DeadLetters-${name}`, {
    queueName: `${PREFIX}-${name}-dead${fifo ? '.fifo' : ''}`,
    ...(fifo ? { fifo } : {}),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
    removalPolicy: RemovalPolicy.RETAIN,
  })
  if (name === 'rules') mayDeliver(queue)
  acknowledge(queue, 'AwsSolutions-SQS3', 'This is a dead-letter queue.')
  return queue
}
