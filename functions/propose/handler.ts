import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'
import { SNSClient } from '@aws-sdk/client-sns'
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { cloud } from '../adapters/cloud.ts'
import { environment } from '../adapters/environment.ts'
import { later } from '../adapters/later.ts'
import { powertools } from '../adapters/observability.ts'
import { TIMELY } from '../adapters/patience.ts'
import { slackAsides } from '../adapters/slack-asides.ts'
import { slackDrawing } from '../adapters/slack-blocks.ts'
import { snsNotices } from '../adapters/sns.ts'
import { makePropose } from './propose.ts'
import { take } from './take.ts'

const NAMES = ['ALERT_TOPIC_ARN', 'READER_ROLE_NAME', 'BOT_ACCOUNT_ID', 'AWS_REGION'] as const
const { ALERT_TOPIC_ARN: topicArn } = environment(process.env, NAMES)
const observer = powertools('propose')
const parts = cloud(process.env, observer)
// Read with the first denial: a repeat, or one that was taken up already, does without.
const examine = later(async () => {
  const { cloudExamine } = await import('../adapters/cloud-examine.ts')
  const { cloudExplanations } = await import('../adapters/cloud-explanations.ts')
  return cloudExamine(process.env, { ...parts, explain: cloudExplanations })
})
const propose = makePropose({
  ...parts,
  drawing: { ...slackDrawing(parts), ...slackAsides },
  notices: snsNotices({ client: new SNSClient(TIMELY), topicArn }),
  examine: async (denial, nowMs) => (await examine())(denial, nowMs),
})

const processor = new BatchProcessor(EventType.SQS)

/** One after the other: each reads IAM, which is throttled per account. */
export const handler = (event: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
  processPartialResponse(
    event,
    ({ body }: SQSRecord) => observer.traced(() => take(body, { propose, observer })),
    processor,
    {
      context,
      processInParallel: false,
    },
  )
