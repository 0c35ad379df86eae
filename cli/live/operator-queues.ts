/** Dead-letter queues, with the credentials that the AWS CLI would use. */
import * as z from 'zod'
import type { DeadLetterQueues } from '../use-cases/operate/redrive-queues.ts'
import type { UseCaseWorld } from '../use-cases/world.ts'
import { type AskAws, askAws } from './ask-aws.ts'
import { cliAccess, type HubPlace } from './cli-access.ts'

/** Throws UsageError without credentials or a Region. */
export async function liveQueues(place: HubPlace, world: Pick<UseCaseWorld, 'env'>): Promise<DeadLetterQueues> {
  const access = await cliAccess(place, world)
  const ask = askAws(access, world)
  return {
    region: access.region,
    async waiting(queue) {
      const read = await readQueue(queue, ask)
      return read === null ? null : { arn: read.arn, messages: read.messages }
    },
    /** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html */
    async moveBack(SourceArn) {
      await ask.json('sqs', 'AmazonSQS.StartMessageMoveTask', { SourceArn })
    },
  }
}

export type ReadQueue = {
  readonly name: string
  readonly arn: string
  /** About how many, with those that somebody has just received. */
  readonly messages: number
  readonly policy: string | null
}

const number = z.string().regex(/^\d+$/)
const attributes = z.object({
  Attributes: z.object({
    QueueArn: z.string(),
    ApproximateNumberOfMessages: number,
    ApproximateNumberOfMessagesNotVisible: number,
    Policy: z.string().optional(),
  }),
})
const ASKED = Object.keys(attributes.shape.Attributes.shape)
const found = z.object({ QueueUrl: z.string() })

/** Null: there is no such queue. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html */
export async function readQueue(name: string, { json }: AskAws): Promise<ReadQueue | null> {
  try {
    const { QueueUrl } = found.parse(await json('sqs', 'AmazonSQS.GetQueueUrl', { QueueName: name }))
    const read = await json('sqs', 'AmazonSQS.GetQueueAttributes', { QueueUrl, AttributeNames: ASKED })
    const { QueueArn, ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible, Policy } =
      attributes.parse(read).Attributes
    const messages = Number(ApproximateNumberOfMessages) + Number(ApproximateNumberOfMessagesNotVisible)
    return { name, arn: QueueArn, messages, policy: Policy ?? null }
  } catch (error) {
    if (error instanceof Error && /QueueDoesNotExist|NonExistentQueue/.test(error.name)) return null
    throw error
  }
}
