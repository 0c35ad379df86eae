import { setTimeout as delay } from 'node:timers/promises'
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'
import { SNSClient } from '@aws-sdk/client-sns'
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { DEFAULT_TIMEOUTS } from '../adapters/aws/clients/client-timeouts.ts'
import { snsNotifier } from '../adapters/aws/messaging/sns-notifier.ts'
import { powertools } from '../adapters/aws/observability/powertools.ts'
import { CHAT_LIMITS, SIDE_RENDERER } from '../adapters/composition/chat/chat.ts'
import { cloud } from '../adapters/composition/cloud.ts'
import { environment } from '../adapters/composition/environment.ts'
import { lazyImport, lazyPort } from '../adapters/composition/lazy-import.ts'
import { cloudKeys } from '../adapters/composition/signing.ts'
import type { PolicyVersions } from '../ports/access-reader.ts'
import type { EventHistory } from '../ports/event-history.ts'
import type { DocumentReader } from '../ports/writing/policy-writer.ts'
import { askTurn } from '../workflows/card/channel-turn.ts'
import { askChain, promptly } from '../workflows/denial/ask-chain.ts'
import type { JudgeSet } from '../workflows/denial/judge-set.ts'
import type { AskWitness } from '../workflows/denial/lookups.ts'
import { analyzeInTurn } from '../workflows/deploy/analyze-in-turn.ts'
import { announceDeploy } from '../workflows/deploy/correlate-deploy.ts'
import { isSelfTest, makeSelfTest, runTrials, type SelfTestJob } from '../workflows/self-test.ts'
import { consume } from './consumer.ts'
import { makeFirstLook } from './first-look.ts'
import { makeLookForSuccess } from './look-for-success.ts'
import { makePropose } from './propose.ts'
import { makeRenew } from './renew-grant.ts'
import { makeReview } from './review-grant.ts'
import { makeSuggest } from './suggest-set.ts'

const NAMES = ['ALERT_TOPIC_ARN', 'READER_ROLE_NAME', 'BOT_ACCOUNT_ID', 'AWS_REGION', 'MEMBER_REGIONS'] as const
const { ALERT_TOPIC_ARN: topicArn, MEMBER_REGIONS: regions } = environment(process.env, NAMES)
const observer = powertools('propose')
const parts = await cloud(process.env, observer, CHAT_LIMITS.propose)
// Imported with the first analysis. A repeat needs none.
const analyze = lazyImport(async () => {
  const { cloudAnalyze, cloudExplanations } = await import('../adapters/composition/denial-analysis.ts')
  return analyzeInTurn(cloudAnalyze(process.env, { ...parts, explain: cloudExplanations, isShared: true }))
})
const history = lazyPort<EventHistory>(
  async () => (await import('../adapters/composition/event-history.ts')).cloudHistory(process.env, parts),
  { byId: true, search: true },
)
const policyVersions = lazyPort<PolicyVersions>(
  async () => (await import('../adapters/composition/account-reader.ts')).cloudVersions(process.env, parts.config),
  { digestsOf: true, versionsOf: true },
)
const witness = lazyImport(async () =>
  (await import('../adapters/composition/denial-analysis.ts')).cloudWitness(process.env, { ...parts, history }),
)
const judge = lazyImport(async () =>
  (await import('../adapters/composition/denial-analysis.ts')).cloudJudge(process.env, parts),
)
const deps = {
  ...parts,
  keys: cloudKeys(process.env),
  renderer: { ...parts.renderer, ...SIDE_RENDERER },
  notifier: snsNotifier({ client: new SNSClient(DEFAULT_TIMEOUTS), topicArn }),
  analyze: async (...asked: Parameters<Awaited<ReturnType<typeof analyze>>>) => (await analyze())(...asked),
  chain: promptly(askChain('card', { ...parts, history }), parts),
  witness: async (...asked: Parameters<AskWitness>) => (await witness())(...asked),
  sleep: delay,
  askTurn: askTurn(parts),
}
const propose = makePropose(deps)
const lookFirst = makeFirstLook(deps)
const documents = lazyPort<DocumentReader>(
  async () => (await import('../adapters/composition/denial-analysis.ts')).cloudDocuments(process.env, parts),
  { read: true },
)
const review = makeReview({ ...deps, documents, history, regions: regions.split(',') })
const suggest = makeSuggest({ ...deps, judge: async (...asked: Parameters<JudgeSet>) => (await judge())(...asked) })
const renew = makeRenew(deps)
const lookForSuccess = makeLookForSuccess({ ...deps, history, policyVersions })
const announce = (deploy: string) => announceDeploy(deploy, deps)

const processor = new BatchProcessor(EventType.SQS)

const selfTest = makeSelfTest('propose', parts, async () => {
  const { proposeTrials } = await import('../adapters/composition/self-tests/propose.ts')
  return { propose: await runTrials(await proposeTrials(process.env, parts)) }
})

/** At once, and those of one account one after another: IAM throttles per account. */
export const handler = (event: SQSEvent | SelfTestJob, context: Context): Promise<SQSBatchResponse | null> =>
  isSelfTest(event)
    ? observer.traced(selfTest).then(() => null)
    : processPartialResponse(
        event,
        ({ body }: SQSRecord) =>
          observer.traced(() =>
            consume(body, { propose, lookFirst, announce, review, suggest, renew, lookForSuccess, observer }),
          ),
        processor,
        { context },
      )
