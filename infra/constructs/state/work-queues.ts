/** The queues between the functions. What fails five times goes to the dead letters of the state stack. */
import { Duration, Names } from 'aws-cdk-lib'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { PREFIX } from '../../names.ts'
import { SIZES } from '../bot/bot-function.ts'
import type { DeadLetters } from './dead-letters.ts'

export type WorkQueues = { readonly [name in 'intake' | 'propose' | 'apply' | 'alert']: Queue }
const MAX_RECEIVES = 5
/**
 * In time-outs of the function. What failed is invisible until then, and in a FIFO queue holds up its whole group. Lambda's
 * advice of six is for functions that are throttled: `atOnce` keeps each within its concurrency, and all together within an
 * account that has the least.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
const LOOKS_AGAIN_AFTER = 2

export function workQueues(scope: Construct, dead: DeadLetters): WorkQueues {
  return {
    intake: workQueue(scope, 'intake', dead.intake),
    propose: workQueue(scope, 'propose', dead.propose),
    apply: workQueue(scope, 'apply', dead.apply),
    alert: workQueue(scope, 'alert', dead.alert),
  }
}

export const workQueueName = (name: keyof WorkQueues): string => `${PREFIX}-${name}${name === 'apply' ? '.fifo' : ''}`

function workQueue(scope: Construct, name: keyof WorkQueues, dead: Queue): Queue {
  return new Queue(scope, `Queue-${name}`, {
    queueName: workQueueName(name),
    ...(name === 'apply' ? { fifo: true } : {}),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(4),
    visibilityTimeout: Duration.seconds(LOOKS_AGAIN_AFTER * SIZES[name].seconds),
    deadLetterQueue: { queue: dead, maxReceiveCount: MAX_RECEIVES },
  })
}

/** `batch`: how many messages one invocation takes; each may fail alone. `atOnce`: how many run at the same time. */
export function workedBy(
  queue: Queue,
  lambda: LambdaFunction,
  { batch, atOnce }: { readonly batch: number; readonly atOnce: number },
): void {
  // Not `addEventSource`: it grants more than Lambda's poller calls. What that needs is among the rights of the function.
  // Under the id that it gives, and no other ever: an update makes what is new before it removes what is gone, and Lambda
  // refuses a second mapping of the same queue. https://github.com/aws/aws-cdk/issues/18706
  lambda.addEventSourceMapping(`SqsEventSource:${Names.nodeUniqueId(queue.node)}`, {
    eventSourceArn: queue.queueArn,
    batchSize: batch,
    reportBatchItemFailures: true,
    maxConcurrency: atOnce,
  })
}
