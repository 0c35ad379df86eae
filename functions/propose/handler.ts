import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'
import { SNSClient } from '@aws-sdk/client-sns'
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { cloud } from '../adapters/cloud.ts'
import { cloudReader } from '../adapters/cloud-reader.ts'
import { environment } from '../adapters/environment.ts'
import { powertools } from '../adapters/observability.ts'
import { snsNotices } from '../adapters/sns.ts'
import { changesToday } from '../core/changes-today.ts'
import { examine } from '../core/examine.ts'
import { makePropose } from './propose.ts'
import { take } from './take.ts'

const { ALERT_TOPIC_ARN: topicArn } = environment(process.env, ['ALERT_TOPIC_ARN'])
const parts = cloud(process.env)
const observer = powertools('propose')
const seen = { ...cloudReader(process.env, parts.config), config: parts.config }
const propose = makePropose({
  ...parts,
  observer,
  notices: snsNotices({ client: new SNSClient(), topicArn }),
  examine: (denial, nowMs) =>
    examine(denial, { ...seen, nowMs, changesToday: about => changesToday(about, nowMs, parts.store) }),
})

const processor = new BatchProcessor(EventType.SQS)

/** One after the other: each reads IAM, which is throttled per account. */
export const handler = (event: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
  processPartialResponse(event, ({ body }: SQSRecord) => take(body, { propose, observer }), processor, {
    context,
    processInParallel: false,
  })
