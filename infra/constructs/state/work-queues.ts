/** The queues between the functions. After five failures, a message goes to the dead-letter queue in the state stack. */
import { Duration, Names, Stack } from 'aws-cdk-lib'
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { CONSUMED_QUEUES, type ConsumedQueue, MAX_RECEIVES, visibilitySeconds } from '../../capacity.ts'
import type { FunctionName } from '../../functions.ts'
import { nameOf, queueName, SENDERS, withPath } from '../../names.ts'
import type { DeploySettings } from '../../settings.ts'
import type { DeadLetters } from './dead-letters.ts'

export type WorkQueues = { readonly [name in ConsumedQueue]: Queue }

export function workQueues(
  scope: Construct,
  dead: DeadLetters,
  settings: Pick<DeploySettings, 'rolePath'>,
): WorkQueues {
  const queues = Object.fromEntries(
    CONSUMED_QUEUES.map(name => [name, workQueue(scope, name, dead[name])]),
  ) as WorkQueues
  for (const [name, senders] of Object.entries(SENDERS))
    onlyFrom(queues[name as keyof typeof SENDERS], senders, settings)
  return queues
}

/** A deny: also against administrators of the account, and all who are allowed to send to every queue. */
function onlyFrom(queue: Queue, senders: readonly FunctionName[], settings: Pick<DeploySettings, 'rolePath'>): void {
  const { partition, account } = Stack.of(queue)
  queue.addToResourcePolicy(
    new PolicyStatement({
      sid: 'OnlyTheseSend',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: {
        ArnNotEquals: {
          'aws:PrincipalArn': senders.map(
            name => `arn:${partition}:iam::${account}:role/${withPath(settings, nameOf(name))}`,
          ),
        },
      },
    }),
  )
}

function workQueue(scope: Construct, name: ConsumedQueue, dead: Queue): Queue {
  const named = queueName(name)
  return new Queue(scope, `Queue-${name}`, {
    queueName: named,
    ...(named.endsWith('.fifo') ? { fifo: true } : {}),
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
