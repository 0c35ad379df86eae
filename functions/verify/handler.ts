import { setTimeout as delay } from 'node:timers/promises'
import { processPartialResponse, SqsFifoPartialProcessorAsync } from '@aws-lambda-powertools/batch'
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { powertools } from '../adapters/aws/observability/powertools.ts'
import { cloud, cloudNotifier } from '../adapters/composition/cloud.ts'
import { environment } from '../adapters/composition/environment.ts'
import { lazyImport, lazyPort } from '../adapters/composition/lazy-import.ts'
import { cloudKeys, cloudSigner } from '../adapters/composition/signing.ts'
import { cloudLedger, cloudWriterQueue } from '../adapters/composition/writing.ts'
import type { Work } from '../domain/proposal/index.ts'
import { parseWork } from '../domain/stored/index.ts'
import type { EventHistory } from '../ports/event-history.ts'
import type { DocumentReader } from '../ports/writing/policy-writer.ts'
import { makePressed } from '../workflows/approval/carry-out-decision.ts'
import { askChain } from '../workflows/denial/ask-chain.ts'
import type { AskWitness } from '../workflows/denial/lookups.ts'
import type { AnalyzeAgain } from '../workflows/deploy/analyze-bundle.ts'
import { makeCanaries } from '../workflows/make-canaries.ts'
import { makeRemindOfStop } from '../workflows/remind-of-stop.ts'
import { isSelfTest, makeSelfTest, runTrials } from '../workflows/self-test.ts'
import { makeBridge } from './bridge.ts'
import { makeBringHome } from './bring-home.ts'
import { makeCheckpoint } from './checkpoint.ts'
import { consume } from './consumer.ts'
import { makeEnds } from './ends.ts'
import { makeLookForRecord, makeMissingRecords } from './look-for-record.ts'
import { openSpent } from './read-ledger.ts'
import { makeRevert } from './revert.ts'
import { makeVerify } from './verify.ts'

const names = environment(process.env, [
  'PROPOSE_QUEUE_URL',
  'READER_ROLE_NAME',
  'BOT_ACCOUNT_ID',
  'AWS_REGION',
  'DEPLOYMENT_ID',
])
const observer = powertools('verify')
const signer = cloudSigner(process.env, 'attestations')
const keys = cloudKeys(process.env)
const parts = await cloud(process.env, observer, {}, { signer, keys })
// Loads with the first approval; a revert does not need it.
const analysis = lazyImport(() => import('../adapters/composition/denial-analysis.ts'))
const analyze = lazyImport(async () => (await analysis()).cloudAnalyze(process.env, { ...parts, isShared: false }))
const history = lazyPort<EventHistory>(
  async () => (await import('../adapters/composition/event-history.ts')).cloudHistory(process.env, parts),
  { byId: true, search: true },
)
const witness = lazyImport(async () => (await analysis()).cloudWitness(process.env, { ...parts, history }))
const denier = lazyImport(async () =>
  (await import('../adapters/composition/canary.ts')).cloudDenier(process.env, parts),
)
const documents = lazyPort<DocumentReader>(async () => (await analysis()).cloudDocuments(process.env, parts), {
  read: true,
})
const writer = cloudWriterQueue(process.env)
const deps = {
  ...parts,
  keys,
  signer,
  documents,
  history,
  ledger: cloudLedger(process.env),
  writer,
  configDigest: parts.running.digest,
  configUnread: parts.running.unread,
  deploymentId: names.DEPLOYMENT_ID,
  sleep: (ms: number) => delay(ms),
  analyze: async (...asked: Parameters<AnalyzeAgain>) => (await analyze())(...asked),
  chain: askChain('write', { ...parts, history }),
  witness: async (...asked: Parameters<AskWitness>) => (await witness())(...asked),
}
const verify = makeVerify(deps)
const revert = makeRevert(deps)
const verbs = {
  pressed: makePressed({ ...deps, verify, revert }),
  verify,
  revert,
  bridge: makeBridge({ ...deps, revert }),
  bringHome: makeBringHome({ ...deps, again: verify }),
  lookForRecord: makeLookForRecord(deps),
  observer,
}
const checkpoint = makeCheckpoint({ ...parts, signer, notifier: cloudNotifier(process.env) })
const canaries = makeCanaries({
  ...parts,
  deny: async place => (await denier())(place),
})
const open = openSpent(deps)
const ends = makeEnds({ ...deps, open })
const missingRecords = makeMissingRecords({ ...deps, open })

const remindOfStop = makeRemindOfStop(parts)
const selfTest = makeSelfTest('verify', parts, async () => {
  const { verifyTrials } = await import('../adapters/composition/self-tests/verify.ts')
  const trials = Object.entries(await verifyTrials(process.env, parts))
  return Object.fromEntries(await Promise.all(trials.map(async ([name, own]) => [name, await runTrials(own)])))
})

/** One that fails does not keep the other from its work. */
async function both(...jobs: readonly [() => Promise<unknown>, () => Promise<unknown>]): Promise<void> {
  const done = await Promise.allSettled(jobs.map(job => job()))
  for (const one of done) if (one.status === 'rejected') throw one.reason
}
const due = () => both(ends, missingRecords)
const daily = () => both(checkpoint, remindOfStop)

const processor = new SqsFifoPartialProcessorAsync()

/** A schedule says what it is for; everything else are messages of the verify queue and of the outcome queue. */
export function handler(
  event: SQSEvent | { readonly job?: string },
  context: Context,
): Promise<SQSBatchResponse | null> {
  if ('Records' in event) return work(event, context)
  if (isSelfTest(event)) return observer.traced(selfTest).then(() => null)
  const job = event.job === 'ends' ? due : event.job === 'canary' ? canaries : daily
  return observer.traced(job).then(() => null)
}

/** Messages of one target come in order; after one fails, the rest of its group comes again behind it. */
async function work(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const woken = event.Records.some(({ body }) => asksWriter(body)) ? writer.wake() : Promise.resolve()
  const [answer] = await Promise.all([
    done(event, context),
    // It only makes the first change of an hour faster.
    woken.catch(error => observer.log('warn', 'writer_not_woken', { error: String(error) })),
  ])
  return answer
}

const ASKING: readonly Work['kind'][] = ['pressed', 'verify', 'revert']

function asksWriter(body: string): boolean {
  const read = parseWork(body)
  return read.ok && ASKING.includes(read.value.kind)
}

const done = (event: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
  processPartialResponse(
    event,
    ({ body }: { readonly body: string }) => observer.traced(() => consume(body, verbs)),
    processor,
    {
      context,
      skipGroupOnError: true,
    },
  )
