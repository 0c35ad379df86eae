/** The queues between the functions. After five failures, a message goes to the dead-letter queue in the state stack. */
import { Duration, Names } from 'aws-cdk-lib'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { type ConsumedQueue, MAX_RECEIVES, visibilitySeconds } from '../../capacity.ts'
import { PREFIX } from '../../names.ts'
import type { DeadLetters } from './dead-letters.ts'

export type WorkQueues = { readonly [name in ConsumedQueue]: Queue }

export function workQueues(scope: Construct, dead: DeadLetters): WorkQueues {
  return {
    intake: workQueue(scope, 'intake', dead.intake),
    propose: workQueue(scope, 'propose', dead.propose),
    apply: workQueue(scope, 'apply', dead.apply),
    alert: workQueue(scope, 'alert', dead.alert),
    publish: workQueue(scope, 'publish', dead.publish),
  }
}

export const workQueueName = (name: keyof WorkQueues): string => `${PREFIX}-${name}${name === 'apply' ? '.fifo' : ''}`

function workQueue(scope: Construct, name: ConsumedQueue, dead: Queue): Queue {
  return new Queue(scope, `Queue-${name}`, {
    queueName: workQueueName(name),
    ...(name === 'apply' ? { fifo: true } : {}),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(4),
    visibilityTimeout: Duration.seconds(visibilitySeconds(name)),
    deadLetterQueue: { queue: dead, maxReceiveCount: MAX_RECEIVES },
  })
}

export function consumeQueue(
  queue: Queue,
  lambda: LambdaFunction,
  { batch, maxConcurrency }: { readonly batch: number; readonly maxConcurrency: number },
): void {
  // Not `addEventSource`, which grants more than Lambda's poller needs; the function's own permissions cover the poller. The id must be
  // that of `addEventSource`: an update creates before it deletes, and Lambda refuses a second mapping of the same queue.
  // https://github.com/aws/aws-cdk/issues/18706
  lambda.addEventSourceMapping(`SqsEventSource:${Names.nodeUniqueId(queue.node)}`, {
    eventSourceArn: queue.queueArn,
    batchSize: batch,
    reportBatchItemFailures: true,
    maxConcurrency: maxConcurrency,
  })
}
