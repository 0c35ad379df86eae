/**
 * The deployed functions in virtual time: the real use cases, table adapter, audit chain and Slack adapter, on in-memory AWS
 * and Slack. Each process of a function has its own caches and clients, as in Lambda.
 */

import { digestOf } from '../../core/base/canonical-json.ts'
import { known } from '../../core/base/fact.ts'
import { RolemedicError } from '../../core/base/fault.ts'
import { MINUTE_MS } from '../../core/base/time.ts'
import { settleGraceMs } from '../../core/denial/denial-timing.ts'
import { auditLog } from '../../functions/adapters/aws/audit-log/append-to-chain.ts'
import { proposalsTable } from '../../functions/adapters/aws/dynamodb/proposals-table.ts'
import { cardRenderer } from '../../functions/adapters/composition/renderer.ts'
import { slackChat } from '../../functions/adapters/slack/chat/chat.ts'
import { SLACK_LIMITS } from '../../functions/adapters/slack/chat/limits.ts'
import { slackEndpoint } from '../../functions/adapters/slack/endpoint/endpoint.ts'
import { slackVerifier } from '../../functions/adapters/slack/endpoint/verify-request.ts'
import { slackSideRenderer } from '../../functions/adapters/slack/renderer.ts'
import { makeDecide, makeNotifyFailed } from '../../functions/decide/decide.ts'
import type { WriteAsk } from '../../functions/domain/authority/checks/input.ts'
import type { BotConfig } from '../../functions/domain/config/config.ts'
import { passkeyRuleOf } from '../../functions/domain/config/passkey-rule.ts'
import type { Person } from '../../functions/domain/messages/person.ts'
import type { Proposal } from '../../functions/domain/proposal/proposal.ts'
import { postedCardOf } from '../../functions/domain/proposal/proposal.ts'
import type { Work } from '../../functions/domain/proposal/work.ts'
import { workMessage } from '../../functions/domain/stored/work-message.ts'
import { makeIntake } from '../../functions/intake/intake.ts'
import type { EventHistory } from '../../functions/ports/event-history.ts'
import type { Notifier } from '../../functions/ports/notifier.ts'
import type { Observer } from '../../functions/ports/observer.ts'
import type { ProposalStore } from '../../functions/ports/proposal-store.ts'
import type { Keys, Signer } from '../../functions/ports/signer.ts'
import type { WorkQueue } from '../../functions/ports/work-queue.ts'
import type { ObjectLedger } from '../../functions/ports/writing/object-ledger.ts'
import { consume as consumePropose } from '../../functions/propose/consumer.ts'
import { makeFirstLook } from '../../functions/propose/first-look.ts'
import { makePropose } from '../../functions/propose/propose.ts'
import { makeSweep } from '../../functions/sweep/sweep.ts'
import { makeBridge } from '../../functions/verify/bridge.ts'
import { makeBringHome } from '../../functions/verify/bring-home.ts'
import { consume as consumeVerify } from '../../functions/verify/consumer.ts'
import { makeLookForRecord } from '../../functions/verify/look-for-record.ts'
import { makeRevert } from '../../functions/verify/revert.ts'
import { makeVerify } from '../../functions/verify/verify.ts'
import { makePressed } from '../../functions/workflows/approval/carry-out-decision.ts'
import { changesToday } from '../../functions/workflows/approval/changes-today.ts'
import { askTurn } from '../../functions/workflows/card/channel-turn.ts'
import { postCard } from '../../functions/workflows/card/post-card.ts'
import type { AskWitness } from '../../functions/workflows/denial/lookups.ts'
import { type AnalyzeAgain, analyzeBundle } from '../../functions/workflows/deploy/analyze-bundle.ts'
import { analyzeInTurn, readsSince } from '../../functions/workflows/deploy/analyze-in-turn.ts'
import { consume as consumeWrite, makeWrite } from '../../functions/write/write.ts'
import { CONSUMERS, type ConsumedQueue, MAX_RECEIVES, visibilitySeconds } from '../../infra/capacity.ts'
import { buttonPress, buttonsOf, FAKE_APP, FAKE_WORKSPACE, signRequest } from '../../simulator/slack-requests.ts'
import { memoryLedger } from '../../test/fakes/memory-ledger.ts'
import { DEPLOYMENT, KEYS, signerOf } from '../../test/fakes/signing.ts'
import type { EventQueue } from './event-queue.ts'
import { type EventSource, eventSource } from './event-source.ts'
import { LATENCY } from './services/latency.ts'
import { type RateLimit, rateLimit } from './services/limits.ts'
import { memoryAuditObjects } from './services/memory-audit-objects.ts'
import { memoryDynamoDb } from './services/memory-dynamodb.ts'
import { memoryIam } from './services/memory-iam.ts'
import { memorySlack } from './services/memory-slack.ts'
import type { Arrival } from './workload.ts'

/** Milliseconds of Lambda processor time that the model adds: per intake record, per analysis, per start of a process. */
const COMPUTE = { record: 3, analysis: 60, coldStart: 1_000 }
/** An assumption for the requests to one account, because AWS publishes no rate for IAM. */
const IAM_RATE = { perSecond: 20, burst: 40 }
/**
 * One message per second and channel. `chat.update` is in tier 3.
 * https://docs.slack.dev/apis/web-api/rate-limits
 */
const POST_RATE = { perSecond: 1, burst: 1 }
const UPDATE_RATE = { perSecond: 50 / 60, burst: 50 }

/** What the logger adds to the fields of a line. */
const LOG_LINE_BYTES = 350
/** Signs Slack's requests. */
const SECRET = 'a-secret-that-signs-the-bench-alone'

/** Searches for use of grants and for equal approvals. `docs/cost.md` has separate sums for them. */
const OTHER_WORK = {
  announce: async () => {},
  review: async () => 'quiet' as const,
  suggest: async () => 'none' as const,
  lookForSuccess: async () => 'ended' as const,
  renew: async () => 'not-offered' as const,
}

const CONSUMER_OF = {
  intake: 'intake',
  propose: 'propose',
  look: 'look',
  verify: 'verify',
  write: 'write',
} as const satisfies {
  readonly [name: string]: ConsumedQueue
}
const VERIFYING: readonly Work['kind'][] = ['pressed', 'verify', 'outcome', 'witness', 'revert', 'bridge']

export type Concurrency = { readonly [name in 'intake' | 'propose' | 'look' | 'verify' | 'write']: number }
export const AS_DEPLOYED: Concurrency = {
  intake: CONSUMERS.intake.atOnce,
  propose: CONSUMERS.propose.atOnce,
  look: CONSUMERS.look.atOnce,
  verify: CONSUMERS.verify.atOnce,
  write: CONSUMERS.write.atOnce,
}

export type DeploymentOptions = {
  readonly events: EventQueue
  readonly accounts: readonly string[]
  /** The number of different denials that each account can have. */
  readonly pairs: number
  readonly config: BotConfig
  readonly concurrency: Concurrency
  /** Somebody presses the buttons of cards. */
  readonly isPressed: boolean
}

export type Deployment = ReturnType<typeof deployment>

export function deployment({ events, accounts, pairs, config, concurrency, isPressed }: DeploymentOptions) {
  const clock = events.now
  const faults = new Map<string, number>()
  const use = { signatures: 0, notices: 0, requests: 0, decideMs: 0, logBytes: 0, proposingMs: 0, turnMs: 0 }
  const observer: Observer = {
    log(level, event, fields) {
      use.logBytes += LOG_LINE_BYTES + JSON.stringify(fields ?? {}).length
      if (level === 'error') faults.set(event, (faults.get(event) ?? 0) + 1)
    },
    count() {},
  }
  const table = memoryDynamoDb(events, LATENCY.table)
  const bucket = memoryAuditObjects(events, LATENCY)
  const limits = {
    iam: rateLimit('IAM requests of one account', IAM_RATE),
    posts: rateLimit('Slack messages of one channel', POST_RATE),
    updates: rateLimit('Slack updates of the workspace', UPDATE_RATE),
  } satisfies { readonly [name: string]: RateLimit }
  const slack = memorySlack(events, LATENCY.slack, limits, { keepsBlocks: isPressed })
  const iam = memoryIam(events, { accounts, pairs, roundMs: LATENCY.iam, limit: limits.iam })

  const connections = {
    intake: table.connect(),
    propose: table.connect(),
    verify: table.connect(),
    decide: table.connect(),
    sweep: table.connect(),
  }
  type User = keyof typeof connections
  const store = (user: User): ProposalStore =>
    proposalsTable({
      client: connections[user].client,
      tableName: 'rolemedic',
      observer,
      settleGraceMs: settleGraceMs(config),
    })
  const signer = (of: Signer): Signer => ({
    async sign(bytes) {
      use.signatures += 1
      await events.sleep(LATENCY.kms)
      return of.sign(bytes)
    },
  })
  const keys: Keys = KEYS
  const ledger = slowLedger(memoryLedger(), events)
  const notifier: Notifier = {
    async publish() {
      use.notices += 1
      await events.sleep(LATENCY.sns)
    },
  }
  const queue: WorkQueue = {
    async send(work, { delaySeconds = 0, group } = {}) {
      await events.sleep(LATENCY.sqs)
      const body = workMessage(work)
      if (work.kind === 'first-look') sources.look.send(body)
      else if (VERIFYING.includes(work.kind)) sources.verify.send(body, { group: group ?? 'one' })
      else sources.propose.send(body, { delayMs: delaySeconds * 1000 })
    },
  }
  const units = async () => known([])

  /** What the functions of one process share. */
  function parts(
    user: User,
    { signs = false, timeouts = {} }: { readonly signs?: boolean; readonly timeouts?: object } = {},
  ) {
    const own = store(user)
    const chat = slackChat({
      token: 'xoxb-bench',
      workspace: FAKE_WORKSPACE,
      apiUrl: 'https://slack.bench/api/',
      ...timeouts,
    })
    const signing = signs ? { signing: { signer: signer(signerOf('attestations')), keys } } : {}
    const renderer = { ...cardRenderer({ config, chat, units }), ...slackSideRenderer }
    const audit = auditLog(bucket.objects, own, { observer, ...signing })
    const common = { store: own, chat, units, renderer, audit, queue, config, clock, observer }
    return { ...common, botVersion: 'bench', ownRoleArns: [], readerRole: null, keys }
  }
  /** Nothing succeeded later. */
  const history: Pick<EventHistory, 'search'> = {
    async search(_place, _by, _window, { mayRequest = async () => true } = {}) {
      if (await mayRequest()) await events.sleep(LATENCY.event)
      return known({ records: [], complete: true })
    },
  }
  function analysis(own: ProposalStore): {
    readonly analyze: AnalyzeAgain
    readonly witness: AskWitness
    readonly history: Pick<EventHistory, 'search'>
  } {
    const shared = readsSince(iam.reader(), clock)
    // A process has one processor.
    let computing: Promise<void> = Promise.resolve()
    const analyze: AnalyzeAgain = async (denial, nowMs, beside = {}) => {
      computing = computing.then(() => events.sleep(COMPUTE.analysis))
      await computing
      const options = { reader: shared(nowMs), config, nowMs }
      return analyzeBundle(denial, beside, { ...options, changesToday: about => changesToday(about, nowMs, own) })
    }
    return {
      analyze: analyzeInTurn(analyze),
      witness: async denial => {
        await events.sleep(LATENCY.event)
        return { kind: 'confirmed', denial }
      },
      history,
    }
  }

  /** Runs items one after another, and returns those that fail. */
  const each =
    (handle: (body: string) => Promise<unknown>) =>
    async (bodies: readonly string[]): Promise<readonly string[]> => {
      const failed: string[] = []
      for (const body of bodies)
        await handle(body).catch(error => {
          observer.log('error', 'message_failed', { error: String(error) })
          failed.push(body)
        })
      return failed
    }
  /** Runs items at once, and returns those that fail. */
  const atOnce =
    (handle: (body: string) => Promise<unknown>) =>
    async (bodies: readonly string[]): Promise<readonly string[]> =>
      (await Promise.all(bodies.map(body => each(handle)([body])))).flat()
  const source = (name: keyof Concurrency, handler: () => (body: string) => Promise<unknown>, run = each) =>
    eventSource(events, {
      batch: CONSUMERS[CONSUMER_OF[name]].batch,
      atOnce: concurrency[name],
      visibilityMs: visibilitySeconds(CONSUMER_OF[name]) * 1000,
      maxReceives: MAX_RECEIVES,
      coldStartMs: COMPUTE.coldStart,
      start: () => run(handler()),
    })
  const proposing = () => {
    const own = parts('propose', { timeouts: SLACK_LIMITS.propose })
    const ask = askTurn(own)
    const counted: typeof ask = async (...about) => {
      const turn = await ask(...about)
      use.turnMs += turn.ms
      return turn
    }
    const deps = { ...own, ...analysis(own.store), notifier, sleep: events.sleep, askTurn: counted }
    const [propose, lookFirst] = [makePropose(deps), makeFirstLook(deps)]
    return async (body: string) => {
      const startedMs = events.now()
      await consumePropose(body, { ...OTHER_WORK, propose, lookFirst, observer }).finally(() => {
        use.proposingMs += events.now() - startedMs
      })
    }
  }
  const sources: { readonly [name in keyof Concurrency]: EventSource } = {
    intake: source('intake', () => {
      const intake = makeIntake(parts('intake'))
      return async body => {
        await events.sleep(COMPUTE.record)
        return intake(body)
      }
    }),
    propose: source('propose', proposing, atOnce),
    look: source('look', proposing),
    verify: source('verify', () => {
      const own = parts('verify', { signs: true })
      const deps = {
        ...{ ...own, ...analysis(own.store) },
        documents: iam.writer(),
        ledger,
        deploymentId: DEPLOYMENT,
        configDigest: digestOf(config),
        signer: signer(signerOf('attestations')),
        writer: {
          async send(ask: WriteAsk, { group }: { readonly group: string }) {
            await events.sleep(LATENCY.sqs)
            sources.write.send(JSON.stringify(ask), { group })
          },
        },
        sleep: events.sleep,
      }
      const verify = makeVerify(deps)
      const revert = makeRevert(deps)
      const verbs = {
        ...{
          pressed: makePressed({ ...deps, verify, revert }),
          verify,
          revert,
          bridge: makeBridge({ ...deps, revert }),
        },
        bringHome: makeBringHome({ ...deps, again: verify }),
        lookForRecord: makeLookForRecord(deps),
      }
      return body => consumeVerify(body, { ...verbs, observer })
    }),
    write: source('write', () => {
      const write = makeWrite({
        own: {
          deploymentId: DEPLOYMENT,
          configDigest: digestOf(config),
          approvedSets: [],
          passkeys: passkeyRuleOf(config, 'https://bot.example.com'),
        },
        ...{ keys, signer: signer(signerOf('outcomes')), ledger, writerFor: () => iam.writer() },
        send: notice => queue.send(notice, { group: notice.proposalId }),
        secondReadSeconds: config.secondReadSeconds,
        ...{ clock, sleep: events.sleep, observer },
      })
      return body => consumeWrite(body, { write, observer })
    }),
  }

  const sweeper = parts('sweep', { timeouts: SLACK_LIMITS.sweep })
  const sweep = makeSweep({ ...sweeper, postCard: proposal => postCard(proposal, sweeper) })
  let sweeping = false
  let isEnded = false
  async function sweepOnce(): Promise<void> {
    // Its reserved concurrency is one, so the next sweep starts a minute later.
    if (sweeping || isEnded) return
    sweeping = true
    await sweep().catch(error => observer.log('error', 'sweep_failed', { error: String(error) }))
    sweeping = false
  }

  const deciding = parts('decide', { timeouts: SLACK_LIMITS.decide })
  const verifier = slackVerifier({ secrets: [SECRET], clock })
  const endpoint = slackEndpoint({
    verifier: async () => verifier,
    handle: makeDecide({
      ...deciding,
      signer: signer(signerOf('decisions')),
      sleep: events.sleep,
      deploymentId: DEPLOYMENT,
      ledger,
      passkeys: passkeyRuleOf(config, 'https://bot.example.com'),
      workspace: FAKE_WORKSPACE,
      appId: FAKE_APP,
    }),
    notifyFailed: makeNotifyFailed(deciding),
    observer,
    clock,
  })

  return {
    table: {
      intake: connections.intake.use,
      propose: connections.propose.use,
      verify: connections.verify.use,
      decide: connections.decide.use,
      sweep: connections.sweep.use,
    },
    bucket: bucket.use,
    slack,
    limits,
    sources,
    use,
    faults,
    /** For observation without counting. */
    seen: proposalsTable({ client: table.unseen, tableName: 'rolemedic', observer }),
    deliver(arrivals: readonly Arrival[]) {
      for (const { atMs, body } of arrivals) events.at(atMs + LATENCY.event, () => sources.intake.send(body))
    },
    sweepFrom(startMs: number, endMs: number) {
      for (let atMs = startMs; atMs < endMs; atMs += MINUTE_MS) events.at(atMs, () => void sweepOnce())
    },
    endSweeps() {
      isEnded = true
    },
    async press(proposal: Proposal, by: Person): Promise<void> {
      const message = slack.messages().find(({ ts }) => ts === postedCardOf(proposal)?.message)
      const button = message === undefined ? undefined : buttonsOf(message, 'approve')[0]
      if (message === undefined || button === undefined)
        throw new RolemedicError('bench', `no button on ${proposal.id}`)
      const startedMs = events.now()
      await endpoint({ ...signRequest(buttonPress(by, message, button), SECRET, clock()), isBase64Encoded: false })
      use.requests += 1
      use.decideMs += events.now() - startedMs
    },
  }
}

/** Each call takes as long as S3 would. */
function slowLedger(ledger: ObjectLedger, events: EventQueue): ObjectLedger {
  return {
    async create(key, text) {
      await events.sleep(LATENCY.put)
      return ledger.create(key, text)
    },
    async versions(key) {
      await events.sleep(LATENCY.list)
      return ledger.versions(key)
    },
    async read(key, version) {
      await events.sleep(LATENCY.get)
      return ledger.read(key, version)
    },
    async *keys(prefix, after) {
      await events.sleep(LATENCY.list)
      yield* ledger.keys(prefix, after)
    },
  }
}
