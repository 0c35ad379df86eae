/** Everything that survives a process (table, log, IAM, queue, chat, clock), and processes on it that can be killed. */

import { digestOf } from '../../core/base/canonical-json.ts'
import { never } from '../../core/base/errors.ts'
import { type Fact, known } from '../../core/base/fact.ts'
import { asPlainText } from '../../core/base/rich-text.ts'
import type { Denial } from '../../core/denial/denial.ts'
import type { Verification, VerifiedPatch } from '../../core/patch/verification/verification.ts'
import type { Timeline } from '../../core/timeline/index.ts'
import { auditLog } from '../../functions/adapters/aws/audit-log/append-to-chain.ts'
import { SLACK_SITE } from '../../functions/adapters/slack/site.ts'
import { makeDecide } from '../../functions/decide/decide.ts'
import type { WriteAsk } from '../../functions/domain/authority/checks/input.ts'
import type { RequesterClaim } from '../../functions/domain/authority/requester.ts'
import type { KeyUse } from '../../functions/domain/authority/statement.ts'
import type { Witness } from '../../functions/domain/authority/witness.ts'
import type { WriterSession } from '../../functions/domain/authority/writer-session.ts'
import { type BotConfig, botConfigSchema, type Config } from '../../functions/domain/config/config.ts'
import { passkeyRuleOf } from '../../functions/domain/config/passkey-rule.ts'
import { alertText } from '../../functions/domain/deploy/deploy-alert.ts'
import { failureOf, outcomeOf, type Proposal, postedCardOf } from '../../functions/domain/proposal/proposal.ts'
import type { Work } from '../../functions/domain/proposal/work.ts'
import type { Observer } from '../../functions/ports/observer.ts'
import type {
  AnswerRenderer,
  CodeRenderer,
  FormRenderer,
  HomeRenderer,
  Renderer,
} from '../../functions/ports/renderer.ts'
import type { WorkQueue } from '../../functions/ports/work-queue.ts'
import { makePublish } from '../../functions/publish/publish.ts'
import { makeSweep } from '../../functions/sweep/sweep.ts'
import { makeBridge } from '../../functions/verify/bridge.ts'
import { type HomeResult, makeBringHome } from '../../functions/verify/bring-home.ts'
import type { VerifyDeps } from '../../functions/verify/deps.ts'
import { makeEnds } from '../../functions/verify/ends.ts'
import { makeLookForRecord, makeMissingRecords } from '../../functions/verify/look-for-record.ts'
import { openSpent } from '../../functions/verify/read-ledger.ts'
import { makeRevert } from '../../functions/verify/revert.ts'
import { makeVerify } from '../../functions/verify/verify.ts'
import { makePressed } from '../../functions/workflows/approval/carry-out-decision.ts'
import type { OutcomeNotice } from '../../functions/write/deps.ts'
import { makeWrite } from '../../functions/write/write.ts'
import { FAKE_APP, FAKE_WORKSPACE } from '../../simulator/slack-requests.ts'
import { memoryObjects } from './memory-audit-objects.ts'
import { posting } from './memory-bot.ts'
import { memoryChat } from './memory-chat.ts'
import { addLine, memoryCodeHost } from './memory-code-host.ts'
import { analysisOf, keyOf, memoryIam } from './memory-iam.ts'
import { memoryLedger } from './memory-ledger.ts'
import { memoryStore } from './memory-store.ts'
import { ORIGIN } from './passkeys.ts'
import { NOON } from './sample-proposal.ts'
import { DEPLOYMENT, replaceableKeys } from './signing.ts'
import { turnTime } from './turn-time.ts'

export const CONFIG: BotConfig = botConfigSchema.parse({
  mode: 'approve',
  channel: 'C0DEPLOYS',
  approvers: { users: ['U0ONCALL1', 'U0ONCALL2'] },
})
export const ONCALL = { id: 'U0ONCALL1', name: 'Ana' }
export const QUIET: Observer = { log: () => {}, count: () => {} }

/** The text of a card, with everything that a wrong card could get wrong. */
export function textOf(proposal: Proposal): string {
  const outcome = outcomeOf(proposal)
  const written = outcome === null ? '-' : `${outcome.changes.length} ${outcome.answer}`
  return [proposal.status, failureOf(proposal)?.code ?? '-', written].join(' ')
}
export const RENDERER: Renderer & FormRenderer & HomeRenderer & AnswerRenderer & CodeRenderer = {
  code: ({ text }) => ({ text, blocks: [] }),
  form: form => ({ form }),
  home: home => home,
  lines: lines => ({ text: lines.map(({ text }) => text).join('\n'), blocks: [] }),
  lists: ({ sections }) => ({ text: sections.map(({ title }) => title).join('\n'), blocks: [] }),
  card: async proposal => ({ text: textOf(proposal), blocks: [] }),
  evidence: async () => ({ text: 'evidence', blocks: [] }),
  alert: alert => ({ text: alertText(alert), blocks: [] }),
  notice: ({ headline }) => ({ text: asPlainText(headline), blocks: [] }),
  text: text => ({ text, blocks: [] }),
}

export type World = ReturnType<typeof verifyWorld>
/** Called before and after every port call; throws to kill. A promise, before a call that does not iterate: the call waits for it. */
export type Fault = (call: string, moment: 'before' | 'after') => void | Promise<void>

export async function worldWith(proposal: Proposal) {
  const world = verifyWorld()
  for (const { target, before } of proposal.patch?.changes ?? [])
    if (before !== null) world.iam.documents.set(keyOf(target), before)
  await world.add(proposal)
  return world
}

export function verifyWorld() {
  const clock = { nowMs: NOON }
  const turns = turnTime()
  const store = memoryStore({ clock: () => clock.nowMs })
  const objects = memoryObjects()
  const iam = memoryIam()
  const chat = memoryChat()
  const history = memoryHistory()
  const code = memoryCodeHost()
  const messages: Work[] = []
  /** What `write` is asked for. */
  const asks: WriteAsk[] = []
  /** The queue that `write` answers through. */
  const notices: OutcomeNotice[] = []
  const ledger = memoryLedger()
  const signingKeys = replaceableKeys()
  const sessions: WriterSession[] = []
  const slept: number[] = []
  /** The names of all metrics. */
  const counted: string[] = []
  /** The denied principal, the judgement and the cause of a fresh analysis. Null: those of the item, and no later call. */
  const analyzed: {
    requester: RequesterClaim | null
    verification: Verification | null
    summary: string | null
    solved: NonNullable<Timeline['solved']> | null
  } = { requester: null, verification: null, summary: null, solved: null }
  const queue: WorkQueue = {
    async send(work) {
      messages.push(work)
    },
  }

  /** The units of every account, root first. */
  const place: { units: Fact<readonly string[]> } = { units: known([]) }

  /** Each port of one process goes through `fault`. `configUnread`: `given` is the stored configuration, as the deployed one cannot be read. */
  function process(killing: Fault = () => {}, given: Config = CONFIG, configUnread: VerifyDeps['configUnread'] = null) {
    const fault = deadly(killing)
    const config = posting(given)
    const ports = {
      store: watched('store', store, fault),
      objects: watched('objects', objects, fault),
      writer: watched('writer', { read: iam.read, write: iam.write }, fault),
      queue: watched('queue', queue, fault),
      chat: watched('chat', chat, fault),
      ledger: watched('ledger', ledger, fault),
      asks: watched('asks', { send: async (ask: WriteAsk) => void asks.push(ask) }, fault),
      notices: watched('notices', { send: async (notice: OutcomeNotice) => void notices.push(notice) }, fault),
    }
    const { ring, signerOf } = signingKeys.deployed()
    const signed = (use: KeyUse) => ({
      sign: async (bytes: Buffer) => watched('signer', signerOf(use), fault).sign(bytes),
    })
    const analyze: VerifyDeps['analyze'] = async denial => {
      fault('analyze', 'before')
      const [proposal] = await all(denial.id)
      if (proposal === undefined) throw new Error('no proposal')
      const analysis = analysisOf(proposal, iam)
      fault('analyze', 'after')
      const { verification } = analyzed
      const judged =
        verification === null || analysis.verified === null
          ? analysis
          : { ...analysis, verification, verified: { ...analysis.verified, verification } as VerifiedPatch }
      const { solved, summary } = analyzed
      const { diagnosis } = judged
      const seen = summary === null ? diagnosis : { ...diagnosis, summary }
      const timeline = solved === null ? {} : { timeline: { solved } as Timeline }
      return {
        ...judged,
        ...timeline,
        diagnosis: seen,
        requester: analyzed.requester ?? analysis.requester,
      } as typeof analysis
    }
    const deps = {
      store: ports.store,
      chat: ports.chat,
      units: async () => place.units,
      queue: ports.queue,
      documents: ports.writer,
      ledger: ports.ledger,
      deploymentId: DEPLOYMENT,
      configDigest: digestOf(config),
      audit: auditLog(ports.objects, ports.store, turns),
      analyze,
      renderer: RENDERER,
      config,
      clock: () => clock.nowMs,
      observer: { ...QUIET, count: (metric: string) => void counted.push(metric) },
      botVersion: 'test',
      sleep: async (ms: number) => void slept.push(ms),
      witness: watched('history', history, fault).ask,
      history: watched('history', history, fault),
      // As in the cloud, these reject and never throw, because they are called in parallel.
      keys: { ring: async () => watched('keys', { ring: async () => ring }, fault).ring() },
      signer: signed('decisions'),
      workspace: FAKE_WORKSPACE,
      appId: FAKE_APP,
      postCard: async () => {},
      passkeys: passkeyRuleOf(config, ORIGIN),
    }
    const verifying = { ...deps, configUnread, writer: ports.asks, signer: signed('attestations') }
    const verify = makeVerify(verifying)
    const bringHome = makeBringHome({ ...verifying, again: verify })
    const write = makeWrite({
      own: {
        deploymentId: DEPLOYMENT,
        configDigest: digestOf(config),
        approvedSets: config.approvedRoleSets.map(({ pattern }) => pattern),
        passkeys: passkeyRuleOf(config, ORIGIN),
      },
      keys: deps.keys,
      signer: signed('outcomes'),
      ledger: ports.ledger,
      writerFor: (session: WriterSession) => {
        sessions.push(session)
        return ports.writer
      },
      send: ports.notices.send,
      secondReadSeconds: config.secondReadSeconds,
      clock: deps.clock,
      sleep: deps.sleep,
      observer: deps.observer,
    })
    const asked = makeRevert(verifying)
    const open = openSpent(verifying)
    /** What was asked is done, and its answer comes home. */
    async function answered<Result extends string>(id: string, first: Result): Promise<Result | HomeResult> {
      let last: Result | HomeResult = first
      for (let turns = 0; last === 'asked' && turns < 10; turns += 1) last = (await answer()).get(id) ?? last
      return last
    }
    /** By proposal, what came of it: an answer that comes twice says nothing new. */
    async function answer(): Promise<ReadonlyMap<string, HomeResult>> {
      for (let ask = asks[0]; ask !== undefined; ask = asks[0]) {
        await write(ask)
        asks.splice(asks.indexOf(ask), 1)
      }
      const home = new Map<string, HomeResult>()
      for (let notice = notices[0]; notice !== undefined; notice = notices[0]) {
        const { proposalId, number } = notice
        const came = await bringHome(proposalId, number)
        if (came !== 'nothing-to-do' || !home.has(proposalId)) home.set(proposalId, came)
        notices.splice(notices.indexOf(notice), 1)
      }
      return home
    }
    const revert = async (id: string) => answered(id, await asked(id))
    const apply = async (id: string) => answered(id, await verify(id))
    return {
      pressed: makePressed({ ...verifying, verify: apply, revert }),
      /** Verify, write and the way home, one after the other. */
      apply,
      verify,
      write,
      bringHome,
      answer,
      ends: makeEnds({ ...verifying, open }),
      missingRecords: makeMissingRecords({ ...verifying, open }),
      lookForRecord: makeLookForRecord(verifying),
      revert,
      /** They ask, and nothing is done of it. */
      askToRevert: asked,
      askPressed: makePressed({ ...verifying, verify, revert: asked }),
      bridge: async (id: string) => answered(id, await makeBridge({ ...verifying, revert: asked })(id)),
      decide: makeDecide(deps),
      sweep: makeSweep(deps),
      publish: makePublish({
        ...deps,
        site: SLACK_SITE,
        hosts: () => watched('host', code.host, fault),
        edit: addLine,
      }),
    }
  }

  const ids: string[] = []
  async function all(denialId?: string): Promise<Proposal[]> {
    const proposals = await Promise.all(ids.map(id => store.get(id)))
    return proposals.flatMap(one =>
      one !== null && (denialId === undefined || one.denial.id === denialId) ? [one] : [],
    )
  }

  return {
    store,
    objects,
    iam,
    chat,
    history,
    code,
    messages,
    asks,
    notices,
    ledger,
    signingKeys,
    sessions,
    slept,
    counted,
    analyzed,
    clock,
    process,
    place,
    log: auditLog(objects, store, turns),
    async add(proposal: Proposal) {
      await store.create(proposal)
      ids.push(proposal.id)
    },
    async get(id = 'p-1'): Promise<Proposal> {
      const proposal = await store.get(id)
      if (proposal === null) throw new Error(`no ${id}`)
      return proposal
    },
    /** The message stays in the queue until it is handled. */
    async deliver(live: ReturnType<typeof process>) {
      for (let work = messages[0]; work !== undefined; work = messages[0]) {
        await handle(work, live)
        const at = messages.indexOf(work)
        if (at >= 0) messages.splice(at, 1)
      }
      await live.answer()
    },
    /** Redelivers and sweeps until nothing is left to do. */
    async settle(hours = 2) {
      const live = process()
      const endMs = clock.nowMs + hours * 3_600_000
      while (clock.nowMs < endMs) {
        await this.deliver(live)
        await live.sweep()
        clock.nowMs += 61_000
      }
    },
    card: async (id = 'p-1') => {
      const proposal = await store.get(id)
      const posted = proposal === null ? null : postedCardOf(proposal)
      return chat.cards.get(`${posted?.conversation}/${posted?.message}`)
    },
  }

  async function handle(work: Work, live: ReturnType<typeof process>): Promise<unknown> {
    switch (work.kind) {
      case 'propose':
      case 'first-look':
      case 'announce':
      case 'review':
      case 'suggest':
      case 'renew':
      case 'solved':
        return
      case 'pressed':
        return live.pressed(work.proposalId)
      case 'verify':
        return live.apply(work.proposalId)
      case 'outcome':
        return live.bringHome(work.proposalId, work.number)
      case 'witness':
        return live.lookForRecord(work.proposalId)
      case 'revert':
        return live.revert(work.proposalId)
      case 'bridge':
        return live.bridge(work.proposalId)
      case 'publish':
        return live.publish(work.order)
      default:
        return never(work)
    }
  }
}

/** CloudTrail's history of the one denial. Confirms it unless the test changes that. */
function memoryHistory() {
  const history = {
    answer: (denial: Denial): Witness => ({ kind: 'confirmed', denial }),
    asked: 0,
    /** Of later calls and of IAM's writes. */
    records: [] as unknown[],
    search: async () => known({ records: history.records, complete: true }),
    ask: async (denial: Denial): Promise<Witness> => {
      history.asked += 1
      return history.answer(denial)
    },
  }
  return history
}

/** A process that was killed does nothing more: no code of it can catch that. */
function deadly(fault: Fault): Fault {
  let dead: Error | null = null
  return (call, moment) => {
    if (dead !== null) throw dead
    try {
      return fault(call, moment)
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('killed')) dead = error
      throw error
    }
  }
}

const isIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

async function* watchedItems(items: AsyncIterable<unknown>, after: () => void): AsyncIterable<unknown> {
  try {
    yield* items
  } finally {
    // Also where the reader needs no more of them.
    after()
  }
}

const ITERATES: ReadonlySet<string> = new Set(['ledger.keys', 'objects.stored'])

function watched<Port extends object>(name: string, port: Port, fault: Fault): Port {
  return new Proxy(port, {
    get(target, member, receiver) {
      const value: unknown = Reflect.get(target, member, receiver)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        const call = `${name}.${String(member)}`
        let waits: void | Promise<void>
        try {
          waits = fault(call, 'before')
        } catch (error) {
          // As in the cloud, calls reject: some of them are made in parallel.
          if (ITERATES.has(call)) throw error
          return Promise.reject(error)
        }
        if (waits instanceof Promise) return waits.then(() => value.apply(target, args))
        const result: unknown = value.apply(target, args)
        if (isIterable(result)) return watchedItems(result, () => fault(call, 'after'))
        if (!(result instanceof Promise)) return result
        return result.then((settled: unknown) => {
          fault(call, 'after')
          return settled
        })
      }
    },
  })
}
