import { setTimeout as delay } from 'node:timers/promises'
import { processPartialResponse, SqsFifoPartialProcessorAsync } from '@aws-lambda-powertools/batch'
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { powertools } from '../adapters/aws/observability/powertools.ts'
import { cloud, cloudNotifier } from '../adapters/composition/cloud.ts'
import { environment } from '../adapters/composition/environment.ts'
import { lazyImport } from '../adapters/composition/lazy-import.ts'
import { cloudWriter } from '../adapters/composition/policy-writing.ts'
import { cloudKeys, cloudSigner } from '../adapters/composition/signing.ts'
import type { AskWitness } from '../workflows/denial/witness-denial.ts'
import type { AnalyzeAgain } from '../workflows/deploy/analyze-bundle.ts'
import { makeApply } from './apply.ts'
import { makeBridge } from './bridge.ts'
import { makeCheckpoint } from './checkpoint.ts'
import { consume } from './consumer.ts'
import { makeRevert } from './revert.ts'

environment(process.env, ['PROPOSE_QUEUE_URL', 'READER_ROLE_NAME', 'BOT_ACCOUNT_ID', 'AWS_REGION'])
const observer = powertools('apply')
const signer = cloudSigner(process.env, 'audit')
const keys = cloudKeys(process.env)
const parts = cloud(process.env, observer, {}, { signer, keys })
// Loads with the first approval; a revert does not need it.
const analyze = lazyImport(async () =>
  (await import('../adapters/composition/denial-analysis.ts')).cloudAnalyze(process.env, parts),
)
const witness = lazyImport(async () =>
  (await import('../adapters/composition/denial-analysis.ts')).cloudWitness(process.env, parts),
)
const sleep = (ms: number) => delay(ms)
const deps = { ...parts, keys, writerFor: cloudWriter(process.env, sleep), sleep }
const analyzing = {
  ...deps,
  analyze: async (...asked: Parameters<AnalyzeAgain>) => (await analyze())(...asked),
  witness: async (...asked: Parameters<AskWitness>) => (await witness())(...asked),
}
const apply = makeApply(analyzing)
const revert = makeRevert(analyzing)
const bridge = makeBridge({ ...analyzing, revert })
const checkpoint = makeCheckpoint({ ...parts, signer, notifier: cloudNotifier(process.env) })

const processor = new SqsFifoPartialProcessorAsync()

/** Anything but messages of the queue is the daily schedule. */
export const handler = (event: SQSEvent | object, context: Context): Promise<SQSBatchResponse | null> =>
  'Records' in event ? work(event, context) : observer.traced(checkpoint).then(() => null)

/** Messages of one target come in order; after one fails, the rest of its group comes again behind it. */
const work = (event: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
  processPartialResponse(
    event,
    ({ body }: { readonly body: string }) => observer.traced(() => consume(body, { apply, revert, bridge, observer })),
    processor,
    {
      context,
      skipGroupOnError: true,
    },
  )
