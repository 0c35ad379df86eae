import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'
import { SNSClient } from '@aws-sdk/client-sns'
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { DEFAULT_TIMEOUTS } from '../adapters/aws/client-timeouts.ts'
import { snsNotifier } from '../adapters/aws/messaging/sns-notifier.ts'
import { powertools } from '../adapters/aws/observability/powertools.ts'
import { cloudDeployReader, cloudWithoutAudit } from '../adapters/composition/cloud.ts'
import { environment } from '../adapters/composition/environment.ts'
import { makeAlert } from './alert.ts'
import { consume } from './consumer.ts'

const NAMES = ['ALERT_TOPIC_ARN', 'PROPOSE_QUEUE_URL', 'READER_ROLE_NAME', 'BOT_ROLE_ARNS', 'AWS_REGION'] as const
const names = environment(process.env, NAMES)
const observer = powertools('alert')
const alert = makeAlert({
  ...cloudWithoutAudit(process.env, observer),
  observer,
  reader: cloudDeployReader({ roleName: names.READER_ROLE_NAME, region: names.AWS_REGION }),
  notifier: snsNotifier({ client: new SNSClient(DEFAULT_TIMEOUTS), topicArn: names.ALERT_TOPIC_ARN }),
  ownRoleArns: names.BOT_ROLE_ARNS.split(',').map(arn => arn.trim()),
})

const consumeTraced = (body: string): Promise<void> => observer.traced(() => consume(body, { alert, observer }))
const processor = new BatchProcessor(EventType.SQS)

/** One event from EventBridge, or a batch from a queue. */
export async function handler(event: SQSEvent | object, context: Context): Promise<SQSBatchResponse | undefined> {
  if ('Records' in event)
    return processPartialResponse(event, ({ body }: SQSRecord) => consumeTraced(body), processor, {
      context,
      processInParallel: false,
    })
  await consumeTraced(JSON.stringify(event))
  return undefined
}
