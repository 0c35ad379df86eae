/** The whole bot in one process: the functions that Lambda runs, on an embedded table, queues, sample accounts and a fake Slack. */

import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import * as z from 'zod'
import { DAY_MS, digestOf, fail, MINUTE_MS, never, ok } from '../core/base/index.ts'
import type { Denial } from '../core/denial/index.ts'
import { CHAT_SITE, cardRenderer, SIDE_RENDERER } from '../functions/adapters/composition/index.ts'
import { slackChat } from '../functions/adapters/slack/chat/index.ts'
import { slackEndpoint, slackVerifier } from '../functions/adapters/slack/endpoint/index.ts'
import { approvalEndpoint, enrollEndpoint } from '../functions/adapters/web/index.ts'
import { type Alerted, makeAlert } from '../functions/alert/index.ts'
import { approvalPage, approveWithPasskey, makeDecide, makeNotifyFailed } from '../functions/decide/index.ts'
import type { AuditRecord, SignedCheckpoint } from '../functions/domain/audit/index.ts'
import type { KeyRing } from '../functions/domain/authority/index.ts'
import { type BotConfig, passkeyRuleOf } from '../functions/domain/config/index.ts'
import type { Notice } from '../functions/domain/messages/index.ts'
import { type Proposal, type PullOrder, REPAIR_MS, type Work } from '../functions/domain/proposal/index.ts'
import { firstRun } from '../functions/domain/stored/index.ts'
import { type EnrollAnswer, type ListedPasskey, makeEnroll } from '../functions/enroll/index.ts'
import { makeIntake } from '../functions/intake/index.ts'
import {
  type Clock,
  type DeployReader,
  HostError,
  type Notifier,
  type Observer,
  type ProposalStore,
} from '../functions/ports/index.ts'
import {
  makeFirstLook,
  makeLookForSuccess,
  makePropose,
  makeRenew,
  makeReview,
  makeSuggest,
} from '../functions/propose/index.ts'
import { makePublish, type PublishDeps } from '../functions/publish/index.ts'
import { makeSweep, type SweepDeps } from '../functions/sweep/index.ts'
import {
  makeBridge,
  makeBringHome,
  makeCheckpoint,
  makeEnds,
  makeLookForRecord,
  makeMissingRecords,
  makeRevert,
  makeVerify,
  openSpent,
  signEnd,
} from '../functions/verify/index.ts'
import {
  type Analysis,
  type AnalyzeAgain,
  analyzeBundle,
  announceDeploy,
  approvalSummaryOf,
  askChain,
  changesToday,
  channelsOf,
  countedWitness,
  type FaultQuestion,
  judgeSetWith,
  judgeTrustFaults,
  makePressed,
  postCard,
  promptly,
  refreshCard,
} from '../functions/workflows/index.ts'
import { makeWrite } from '../functions/write/index.ts'
import { auditFolder } from './audit-folder.ts'
import { skippingClock } from './clock.ts'
import { localHistory } from './event-history.ts'
import { type FakeSlack, startFakeSlack } from './fake-slack/fake-slack.ts'
import { inFlight, reportingFaults } from './in-flight.ts'
import { keyFiles } from './key-files.ts'
import { ledgerFolder } from './ledger-folder.ts'
import { openLocalStore } from './local-store.ts'
import { inProcessQueue, inProcessWriterQueue } from './queue.ts'
import { openSampleAccounts, type SampleAccounts } from './sample-accounts.ts'
import { SAMPLE_DIRECTORY } from './sample-users.ts'
import { FAKE_APP, FAKE_WORKSPACE, signRequest } from './slack-requests.ts'
import { deploymentIdIn, prepareStateFolder, stateFolderError } from './state-folder.ts'

export type BotOptions = {
  readonly state: string
  readonly accounts: readonly string[]
  readonly org: string | null
  readonly config: BotConfig
  readonly observer: Observer
  /** Multiplies every queue delay. The settle time of a minute is needed only for real IAM. */
  readonly pace: number
  readonly sweepEveryMs: number | null
  /** Where the pages are that ask for a passkey: `http://localhost:<port>`. Absent: nobody opens them. */
  readonly origin?: string
  /** The time of the machine. Absent: the real one. */
  readonly machine?: Clock
  /** The Git hosts and the editor of code. Absent: no repository is reachable. */
  readonly code?: Pick<PublishDeps, 'hosts' | 'edit'>
  /** Called at once for every error, because retries do not help if the state folder is not writable. */
  readonly onFault?: (error: unknown) => void
}

export type Bot = {
  readonly slack: FakeSlack
  readonly accounts: SampleAccounts
  readonly store: ProposalStore
  readonly clock: Clock
  /** Skips time, and does what becomes due. */
  wait(ms: number): Promise<void>
  /** One CloudTrail record, as EventBridge and SQS would deliver it. */
  feed(record: unknown): Promise<void>
  /** The EventBridge event of a failed deploy, a reader that answers the AWS calls about it, and its CloudTrail records. Null: the bot is closing. */
  feedDeploy(event: unknown, reader: DeployReader, recorded: readonly unknown[]): Promise<Alerted | null>
  /** A signed request, as Slack would send it. */
  request(body: string): Promise<{ readonly statusCode: number; readonly body: string }>
  /** As the command does with AWS credentials. */
  confirmPasskey(request: string, principal: string): Promise<EnrollAnswer>
  removePasskey(userId: string, credential: string): Promise<EnrollAnswer>
  passkeys(): Promise<readonly ListedPasskey[]>
  /** A page of the bot's own endpoint, or what it sends. */
  page(request: Parameters<ReturnType<typeof approvalEndpoint>>[0]): ReturnType<ReturnType<typeof approvalEndpoint>>
  analyze(denial: Denial): Promise<Analysis>
  /** The approval summary that the card shows. */
  approvalSummary(proposal: Proposal): ReturnType<typeof approvalSummaryOf>
  audit(): Promise<readonly AuditRecord[]>
  /** The signed end of the audit log, as it is posted once a day while the bot runs. Null: nothing was recorded. */
  checkpoint(): Promise<SignedCheckpoint | null>
  /** The keys that verify this bot's signatures. */
  publicKeys(): Promise<KeyRing>
  notices(): readonly Notice[]
  sweep(): Promise<void>
  /** Resolves when no work is waiting or running, nor a press that was answered before it ended. */
  idle(): Promise<void>
  onChange(listener: () => void): void
  /** True: nothing that is fed from now on is processed. */
  isClosed(): boolean
  /** Resolves when running work has ended, which must not find its store closed. */
  close(): Promise<void>
}

const botVersion = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'))).version

export async function startBot(options: BotOptions): Promise<Bot> {
  const { state, config, observer, pace, origin = 'http://localhost' } = options
  prepareStateFolder(state, Date.now())
  const accounts = openSampleAccounts({
    files: options.accounts,
    folder: join(state, 'accounts'),
    ...(options.org === null ? {} : { org: options.org }),
  })
  const opening = openLocalStore(join(state, 'store'), { observer, settleGraceMs: OCCURRENCE_GRACE_MS })
  const { store, close: closeStore } = await opening.catch(error => {
    throw stateFolderError(error.cause, state) ?? error
  })
  const onFault = options.onFault ?? (() => {})
  // Samples are not a backlog, so the configured number of cards is posted alone after the first message.
  for (const channel of channelsOf(config)) await store.putMarker(firstRun(channel), 0, { fromMs: 0, posted: false })
  const time = skippingClock(join(state, 'clock.json'), options.machine)
  const clock = time.now
  const statePath = join(state, 'slack.json')
  const slack = await startFakeSlack({ statePath, now: clock, directory: SAMPLE_DIRECTORY, onFault }).catch(
    async error => {
      await closeStore()
      throw error
    },
  )
  const keys = keyFiles(join(state, 'keys'))
  const place = { folder: join(state, 'audit'), markers: store, observer }
  const log = auditFolder(place)
  // As deployed: `verify` signs what it records, the others do not.
  const signedLog = auditFolder({ ...place, signing: { signer: keys.signer('attestations'), keys } })
  const deploymentId = deploymentIdIn(state)
  const ledger = ledgerFolder(state)
  const listeners: Array<() => void> = []
  const changed = () => {
    for (const listener of listeners) listener()
  }
  const announced = (one: typeof log): typeof log => ({
    ...one,
    append: entry => one.append(entry).finally(changed),
    appendAll: entries => one.appendAll(entries).finally(changed),
  })
  const [audit, signedAudit] = [announced(log), announced(signedLog)]

  const chat = slackChat({ token: 'xoxb-fake', workspace: FAKE_WORKSPACE, apiUrl: slack.url })
  const { units } = accounts
  const renderer = { ...cardRenderer({ config, chat, units }), ...SIDE_RENDERER }
  const queue = inProcessQueue({ observer, pace })
  const writer = inProcessWriterQueue({ observer, pace })
  const analyzeNow: AnalyzeAgain = (denial, nowMs, beside = {}) =>
    analyzeBundle(denial, beside, {
      reader: accounts.reader,
      config,
      nowMs,
      changesToday: about => changesToday(about, nowMs, store),
    })
  const published: Notice[] = []
  const notifier: Notifier = {
    async publish(notice) {
      published.push(notice)
    },
  }
  const statements: Parameters<typeof makeAlert>[0]['suggest'] = async (...given) =>
    (await import('../core/published-actions/index.ts')).suggestStatement(...given)
  const history = localHistory(join(state, 'event-history.jsonl'))
  const witness = countedWitness({ history, explanations: null, store, clock, observer })
  const records = { store, clock, observer, history }
  const common = {
    store,
    chat,
    units,
    renderer,
    audit,
    queue,
    config,
    clock,
    observer,
    botVersion,
    ownRoleArns: [],
    readerRole: null,
    keys,
    deploymentId,
    configDigest: digestOf(config),
    ledger,
  }

  const sleep = (ms: number) => delay(ms * pace)
  const intake = makeIntake(common)
  const proposing = {
    ...common,
    sleep,
    // As much time as the queue waits.
    config: { ...config, settleSeconds: config.settleSeconds * pace },
    showEveryMs: 10 * MINUTE_MS * (pace || 1),
    analyze: analyzeNow,
    notifier,
    witness,
    chain: promptly(askChain('card', records), records),
  }
  const propose = makePropose(proposing)
  const lookFirst = makeFirstLook(proposing)
  const renew = makeRenew(proposing)
  const lookForSuccess = makeLookForSuccess({ ...proposing, history, policyVersions: accounts.policyVersions })
  const announce = (deploy: string) => announceDeploy(deploy, proposing)
  const judge = (question: FaultQuestion, nowMs: number) =>
    judgeTrustFaults(question, { reader: accounts.reader, config, nowMs })
  const review = makeReview({ ...common, documents: accounts.writer, history, regions: [] })
  const suggest = makeSuggest({ ...common, judge: judgeSetWith(accounts.reader) })
  const verifying = {
    ...common,
    history,
    chain: askChain('write', records),
    audit: signedAudit,
    documents: accounts.writer,
    witness,
    analyze: analyzeNow,
    writer,
    signer: keys.signer('attestations'),
    sleep,
  }
  const verify = makeVerify(verifying)
  const revert = makeRevert(verifying)
  const pressed = makePressed({ ...verifying, verify, revert })
  const bridge = makeBridge({ ...verifying, revert })
  const bringHome = makeBringHome({ ...verifying, again: verify })
  const lookForRecord = makeLookForRecord(verifying)
  const open = openSpent(verifying)
  const ends = makeEnds({ ...verifying, open })
  const missingRecords = makeMissingRecords({ ...verifying, open })
  const write = makeWrite({
    own: {
      deploymentId,
      configDigest: digestOf(config),
      approvedSets: config.approvedRoleSets.map(({ pattern }) => pattern),
      passkeys: passkeyRuleOf(config, origin),
    },
    keys,
    signer: keys.signer('outcomes'),
    ledger,
    writerFor: () => accounts.writer,
    send: notice => queue.send(notice, { group: notice.proposalId }),
    secondReadSeconds: config.secondReadSeconds,
    clock,
    sleep,
    observer,
  })
  const publish = makePublish({
    store,
    config,
    clock,
    observer,
    keys,
    deploymentId,
    site: CHAT_SITE,
    ...(options.code ?? NO_CODE),
  })
  const checkpoints = { ...common, audit: signedAudit, signer: keys.signer('attestations'), notifier }
  const checkpoint = makeCheckpoint(checkpoints)
  const deciding = {
    ...common,
    ...{ signer: keys.signer('decisions'), workspace: FAKE_WORKSPACE, appId: FAKE_APP },
    sleep: (ms: number) => delay(ms),
    passkeys: passkeyRuleOf(config, origin),
  }
  const decide = makeDecide(deciding)
  // The person who runs the bot is its administrator, and any two of them.
  const enroll = makeEnroll({
    ...common,
    ...{ signer: keys.signer('enrollments'), passkeys: deciding.passkeys },
    administrators: async ({ headers: { principal = '' } }) => ok({ name: `${principal} of this machine`, principal }),
  })
  const byAdministrator = (principal: string) => ({ caller: { headers: { principal } } })
  const confirmPasskey = (request: string, principal: string) =>
    enroll.asked({ ask: 'enroll', request, ...byAdministrator(principal) })
  const confirmHere = async (request: string): ReturnType<typeof enroll.confirmed> => {
    await confirmPasskey(request, 'one')
    const answer = await confirmPasskey(request, 'two')
    if ('refused' in answer) return fail(answer.refused)
    return 'effectiveMs' in answer.done ? ok(answer.done) : fail('it was not confirmed')
  }
  const enrolling = enrollEndpoint({ deploymentId, confirm: enroll.confirmed, confirmHere, observer })
  const approving = approvalEndpoint({
    page: nonce => approvalPage(nonce, deciding),
    approve: (nonce, signed) => approveWithPasskey(nonce, signed, deciding),
    observer,
  })
  const sweep = makeSweep({ ...common, postCard: proposal => postCard(proposal, common) })

  const secret = randomBytes(16).toString('hex')
  const verifier = slackVerifier({ secrets: [secret], clock })
  const work = inFlight(onFault)
  /** The endpoint answers Slack within its limit. What is not done by then goes on. */
  const handle: typeof decide = async request => {
    const handled = await work.follow(decide(request))
    return { ...handled, notify: () => work.follow(handled.notify()) }
  }
  const endpoint = slackEndpoint({
    verifier: async () => verifier,
    handle,
    notifyFailed: makeNotifyFailed(common),
    observer,
    clock,
  })

  const verbs = {
    ...{ propose, lookFirst, announce, review, suggest, renew, lookForSuccess },
    ...{ pressed, verify, bringHome, lookForRecord, revert, bridge, publish },
  }
  queue.listen(async work => {
    await reportingFaults(() => performWork(work, verbs), onFault)
    changed()
  })
  writer.listen(async ask => void (await reportingFaults(() => write(ask), onFault)))
  await resumeWork(common)
  slack.onChange(changed)
  accounts.onChange(changed)
  /** What one queue delivers may put work into the other. */
  const drain = async () => {
    for (let idle = false; !idle; ) {
      await queue.drain()
      await writer.drain()
      idle = queue.isIdle() && writer.isIdle()
    }
  }
  const logged = (event: string) => (error: unknown) => observer.log('error', event, { error: String(error) })
  const sweepOnce = async () => void (await work.run(sweep))
  const sweeping =
    options.sweepEveryMs === null
      ? null
      : setInterval(() => void sweepOnce().catch(logged('sweep failed')), options.sweepEveryMs)
  const pinning =
    options.sweepEveryMs === null
      ? null
      : setInterval(() => void work.run(checkpoint).catch(logged('checkpoint failed')), DAY_MS)

  return {
    slack,
    accounts,
    store,
    clock,
    async wait(ms) {
      time.skip(ms)
      await sweepOnce()
      await drain()
      if (ms >= DAY_MS) await work.run(checkpoint)
      await work.run(ends)
      await work.run(missingRecords)
      await drain()
      changed()
    },
    async feed(record) {
      history.add([record])
      await work.run(() => intake(record))
    },
    async feedDeploy(event, reader, recorded) {
      history.add(recorded)
      const alerted = await work.run(() =>
        makeAlert({ ...common, reader, judge, history: async () => history, suggest: statements })(event),
      )
      changed()
      return alerted ?? null
    },
    async request(body) {
      const answer = await work.run(() => endpoint({ ...signRequest(body, secret, clock()), isBase64Encoded: false }))
      changed()
      return answer ?? { statusCode: 503, body: '' }
    },
    confirmPasskey,
    async passkeys() {
      const answer = await enroll.asked({ ask: 'list', ...byAdministrator('one') })
      return 'done' in answer && 'passkeys' in answer.done ? answer.done.passkeys : []
    },
    removePasskey: (userId, credential) =>
      enroll.asked({ ask: 'remove', userId, credential, ...byAdministrator('one') }),
    async page(request) {
      const answer = await work.follow(request.path.startsWith('/enroll') ? enrolling(request) : approving(request))
      changed()
      return answer
    },
    analyze: denial => analyzeNow(denial, clock()),
    approvalSummary: proposal => approvalSummaryOf(proposal, config, chat, clock()),
    async audit() {
      const records: AuditRecord[] = []
      for await (const record of log.records()) records.push(record)
      return records
    },
    checkpoint: () => signEnd(checkpoints),
    publicKeys: () => keys.ring(),
    notices: () => published,
    sweep: sweepOnce,
    async idle() {
      await work.idle()
      await drain()
    },
    onChange: listener => void listeners.push(listener),
    isClosed: work.isClosed,
    async close() {
      if (sweeping !== null) clearInterval(sweeping)
      if (pinning !== null) clearInterval(pinning)
      await work.close()
      await Promise.all([queue.close(), writer.close()])
      await slack.close()
      await closeStore()
    },
  }
}

const NO_CODE: Pick<PublishDeps, 'hosts' | 'edit'> = {
  hosts: () => {
    throw new HostError('missing', 'no Git host runs here')
  },
  edit: async () => ({ outcome: 'draft', snippet: null, reason: 'no code can be read here' }),
}

/** In-process queues are lost at exit, so a denial without a proposal is queued again after this time. */
const OCCURRENCE_GRACE_MS = 5_000

/**
 * Only one process can open this store, so every existing lease belongs to a dead process. Makes all unfinished work due now,
 * and renders every card again.
 */
async function resumeWork({ store, chat, renderer, clock, config, observer }: ResumeDeps): Promise<void> {
  const soon = await store.due(clock() + REPAIR_MS, MAX_RESUMED)
  const found = [...(await store.open(MAX_RESUMED)), ...soon]
  for (const proposal of new Map(found.map(each => [each.id, each])).values()) {
    await store.replace(proposal, { ...proposal, leaseUntilMs: null, dueAtMs: clock() })
    await refreshCard(proposal.id, { store, chat, renderer, clock, config, observer })
  }
}

type ResumeDeps = Pick<SweepDeps, 'store' | 'chat' | 'renderer' | 'clock' | 'config' | 'observer'>
const MAX_RESUMED = 1_000

type Verbs = {
  readonly renew: (proposalId: string) => Promise<unknown>
  readonly lookForSuccess: (proposalId: string) => Promise<unknown>
  readonly suggest: (proposalId: string) => Promise<unknown>
  readonly review: (proposalId: string) => Promise<unknown>
  readonly announce: (deploy: string) => Promise<unknown>
  readonly propose: (fingerprint: string) => Promise<unknown>
  readonly lookFirst: (fingerprint: string) => Promise<unknown>
  readonly pressed: (proposalId: string) => Promise<unknown>
  readonly verify: (proposalId: string) => Promise<unknown>
  readonly bringHome: (proposalId: string, number: number) => Promise<unknown>
  readonly lookForRecord: (proposalId: string) => Promise<unknown>
  readonly revert: (proposalId: string) => Promise<unknown>
  readonly bridge: (proposalId: string) => Promise<unknown>
  readonly publish: (order: PullOrder) => Promise<unknown>
}

async function performWork(work: Work, verbs: Verbs): Promise<void> {
  switch (work.kind) {
    case 'propose':
      await verbs.propose(work.fingerprint)
      return
    case 'first-look':
      await verbs.lookFirst(work.fingerprint)
      return
    case 'announce':
      await verbs.announce(work.deploy)
      return
    case 'review':
      await verbs.review(work.proposalId)
      return
    case 'suggest':
      await verbs.suggest(work.proposalId)
      return
    case 'renew':
      await verbs.renew(work.proposalId)
      return
    case 'solved':
      await verbs.lookForSuccess(work.proposalId)
      return
    case 'pressed':
      await verbs.pressed(work.proposalId)
      return
    case 'verify':
      await verbs.verify(work.proposalId)
      return
    case 'outcome':
      await verbs.bringHome(work.proposalId, work.number)
      return
    case 'witness':
      await verbs.lookForRecord(work.proposalId)
      return
    case 'revert':
      await verbs.revert(work.proposalId)
      return
    case 'bridge':
      await verbs.bridge(work.proposalId)
      return
    case 'publish':
      await verbs.publish(work.order)
      return
    default:
      never(work)
  }
}
