/** Dead-letter queues, with the credentials that the AWS CLI would use. */

import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  QueueDoesNotExist,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs'
import type { DeadLetterQueues } from '../use-cases/operate/redrive-queues.ts'
import type { UseCaseWorld } from '../use-cases/world.ts'
import { cliAccess, type HubPlace } from './cli-access.ts'

/** Throws UsageError without credentials or a Region. */
export async function liveQueues(place: HubPlace, world: Pick<UseCaseWorld, 'env'>): Promise<DeadLetterQueues> {
  const access = await cliAccess(place, world)
  const sqs = new SQSClient(access)

  async function urlOf(QueueName: string): Promise<string | null> {
    try {
      return (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl ?? null
    } catch (error) {
      if (error instanceof QueueDoesNotExist) return null
      throw error
    }
  }

  return {
    region: access.region,
    async waiting(queue) {
      const QueueUrl = await urlOf(queue)
      if (QueueUrl === null) return null
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...ASKED] }),
      )
      const { QueueArn, ApproximateNumberOfMessages: seen, ApproximateNumberOfMessagesNotVisible: held } = Attributes
      if (QueueArn === undefined || seen === undefined || held === undefined)
        throw new Error('SQS did not say how many messages wait')
      return { arn: QueueArn, messages: Number(seen) + Number(held) }
    },
    /** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html */
    async moveBack(SourceArn) {
      await sqs.send(new StartMessageMoveTaskCommand({ SourceArn }))
    },
  }
}

const ASKED = ['QueueArn', 'ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const
