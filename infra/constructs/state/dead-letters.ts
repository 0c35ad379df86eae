import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { HEARTBEAT_RULE } from '../../../functions/domain/members/index.ts'
import { CONSUMED_QUEUES } from '../../capacity.ts'
import { deadLettersName } from '../../names.ts'
import type { DeploySettings } from '../../settings.ts'
import { DENIAL_RULES, DEPLOY_RULES, mayDeliver } from '../ingest/denial-rules.ts'
import { hubBusName } from '../ingest/hub-bus.ts'
import { acknowledge } from '../observability/acknowledge.ts'
import { RETAIN } from './removal-policy.ts'

const DEAD_LETTERS = [...CONSUMED_QUEUES, 'rules'] as const
export type DeadLetters = { readonly [name in (typeof DEAD_LETTERS)[number]]: Queue }

/** Dead-letter queues with two weeks of retention. They are in the state stack, so that redeploying the bot loses no message. */
export function deadLetters(scope: Construct, settings: DeploySettings): DeadLetters {
  const made = (name: (typeof DEAD_LETTERS)[number]) =>
    deadLetterQueue(scope, `DeadLetters-${name}`, deadLettersName(name), { retain: true })
  const queues = Object.fromEntries(DEAD_LETTERS.map(name => [name, made(name)])) as DeadLetters
  earlierDeadLetters(scope)
  mayDeliver(queues.rules, { rules: [...DENIAL_RULES, ...DEPLOY_RULES, HEARTBEAT_RULE], buses: [hubBusName(settings)] })
  return queues
}

/**
 * Of a function that was there before. The bot of that version imports it until the bot itself is updated, which is after this stack:
 * CloudFormation deletes no export that another stack uses.
 */
function earlierDeadLetters(scope: Construct): void {
  const queue = deadLetterQueue(scope, 'DeadLetters-apply', deadLettersName('apply'), { retain: true })
  Stack.of(scope).exportValue(queue.queueArn)
  Stack.of(scope).exportValue(queue.queueName)
}

export function deadLetterQueue(
  scope: Construct,
  id: string,
  name: string,
  { retain = false }: { readonly retain?: boolean } = {},
): Queue {
  const queue = new Queue(scope, id, {
    queueName: name,
    ...(name.endsWith('.fifo') ? { fifo: true } : {}),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
    removalPolicy: retain ? RETAIN : RemovalPolicy.DESTROY,
  })
  acknowledge(queue, 'AwsSolutions-SQS3', 'This is a dead-letter queue.')
  return queue
}
