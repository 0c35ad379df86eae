import { setTimeout as delay } from 'node:timers/promises'
import { processPartialResponse, SqsFifoPartialProcessorAsync } from '@aws-lambda-powertools/batch'
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { cloud } from '../adapters/cloud.ts'
import { cloudReader } from '../adapters/cloud-reader.ts'
import { cloudWriter } from '../adapters/cloud-writer.ts'
import { environment } from '../adapters/environment.ts'
import { powertools } from '../adapters/observability.ts'
import { changesToday } from '../core/changes-today.ts'
import { examine } from '../core/examine.ts'
import { makeApply } from './apply.ts'
import { perform } from './perform.ts'
import { makeRevert } from './revert.ts'

environment(process.env, ['PROPOSE_QUEUE_URL'])
const parts = cloud(process.env)
const { config, clock } = parts
// AWS's own words are not asked for again: what they said is kept with the denial.
const { reader, secondOpinion } = cloudReader(process.env, config)
const sleep = (ms: number) => delay(ms)
const deps = { ...parts, observer: powertools('apply'), writer: cloudWriter(process.env, sleep), sleep }
const apply = makeApply({
  ...deps,
  examine: denial =>
    examine(denial, {
      reader,
      secondOpinion,
      config,
      nowMs: clock(),
      changesToday: about => changesToday(about, clock(), parts.store),
    }),
})
const revert = makeRevert(deps)

const processor = new SqsFifoPartialProcessorAsync()

/** Messages of one target come in order; after one fails, the rest of its group comes again behind it. */
export const handler = (event: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
  processPartialResponse(
    event,
    ({ body }: { readonly body: string }) => perform(body, { apply, revert, observer: deps.observer }),
    processor,
    {
      context,
      skipGroupOnError: true,
    },
  )
