/**
 * Workers that run at once, as Lambda runs them: each call of a port is a step, and the scheduler decides who takes the next one. A search of
 * the chat and the post after it are two steps, as they are two requests to Slack.
 */
import type * as fc from 'fast-check'
import { known } from '../../core/base/fact.ts'
import type { Denial } from '../../core/denial/denial.ts'
import { SLACK_SITE } from '../../functions/adapters/slack/site.ts'
import { makeDecide } from '../../functions/decide/decide.ts'
import type { AuditKind } from '../../functions/domain/audit/audit-record.ts'
import type { BotConfig } from '../../functions/domain/config/config.ts'
import type { ChatMessage } from '../../functions/domain/messages/chat-message.ts'
import type { ChatPlace, PostedCard } from '../../functions/domain/messages/posted-card.ts'
import { isInThread } from '../../functions/domain/messages/posted-card.ts'
import {
  approvalsOf,
  type Proposal,
  postedCardOf,
  questionOf,
  ratificationOf,
} from '../../functions/domain/proposal/proposal.ts'
import { reverted } from '../../functions/domain/proposal/transitions.ts'
import type { Work } from '../../functions/domain/proposal/work.ts'
import { cardPlacement } from '../../functions/domain/stored/markers.ts'
import { makeFirstLook } from '../../functions/propose/first-look.ts'
import { makePropose, type ProposeDeps } from '../../functions/propose/propose.ts'
import { makeRenew } from '../../functions/propose/renew-grant.ts'
import { makeReview } from '../../functions/propose/review-grant.ts'
import { makeSuggest } from '../../functions/propose/suggest-set.ts'
import { makePublish } from '../../functions/publish/publish.ts'
import { makeSweep } from '../../functions/sweep/sweep.ts'
import { makePressed } from '../../functions/workflows/approval/carry-out-decision.ts'
import { postCard } from '../../functions/workflows/card/post-card.ts'
import type { Analysis } from '../../functions/workflows/denial/analyze-denial.ts'
import { announceDeploy } from '../../functions/workflows/deploy/correlate-deploy.ts'
import { CONFIG, type MemoryBot, memoryBot } from '../fakes/memory-bot.ts'
import type { MemoryChat } from '../fakes/memory-chat.ts'
import { addLine, memoryCodeHost } from '../fakes/memory-code-host.ts'
import { memoryHistory } from '../fakes/memory-history.ts'
import { keyOf, memoryIam } from '../fakes/memory-iam.ts'
import { MINUTE, OUTCOME } from '../fakes/sample-proposal.ts'
import { sampleAnalysis } from '../propose/propose-fixture.ts'

class Killed extends Error {}

type Sent = { readonly place: string; readonly key: string | null; readonly card: PostedCard }
type Step = (call: string) => Promise<void>

export type World = ReturnType<typeof worldOf>
export type Process = {
  readonly deps: Pick<ProposeDeps, 'store' | 'sleep'>
  readonly decide: ReturnType<typeof makeDecide>
  readonly sweep: () => Promise<unknown>
  readonly publish: ReturnType<typeof makePublish>
} & {
  readonly [job in 'propose' | 'lookFirst' | 'announce' | 'renew' | 'review' | 'suggest' | 'pressed']: (
    of: string,
  ) => Promise<unknown>
}
export type Job = (live: Process) => Promise<unknown>
/** Spoils a port, as if a claim in the code were none. */
export type Sabotage = (bot: MemoryBot) => void

export function worldOf(
  scheduler: fc.Scheduler,
  { config = CONFIG, sabotage = () => {} }: { readonly config?: BotConfig; readonly sabotage?: Sabotage } = {},
) {
  const bot = memoryBot(config)
  sabotage(bot)
  const sent: Sent[] = []
  const notices: unknown[] = []
  const ids = new Set<string>()
  const iam = memoryIam()
  for (const { target, after } of OUTCOME.changes) iam.documents.set(keyOf(target), after)
  const history = memoryHistory(bot.clock)
  const code = memoryCodeHost()
  const script = { analysis: (_: Denial): Analysis => sampleAnalysis() }
  let isRacing = false

  /** `dies`: at which of its steps the worker ends. Null: at none. */
  function process(dies: number | null = null): Process {
    let left = dies ?? Number.POSITIVE_INFINITY
    const step: Step = async call => {
      if (left <= 0) throw new Killed(call)
      if (!isRacing) return
      await scheduler.schedule(Promise.resolve(), call)
      left -= 1
      if (left <= 0) throw new Killed(call)
      bot.setNow(bot.clock() + 1)
    }
    const stepped = <Port extends object>(name: string, port: Port): Port =>
      new Proxy(port, {
        get(target, member) {
          const method: unknown = Reflect.get(target, member)
          if (typeof method !== 'function' || ITERATES.has(`${name}.${String(member)}`)) return method
          return async (...given: unknown[]) => {
            await step(`${name}.${String(member)}`)
            const answer: unknown = await method.apply(target, given)
            if (left <= 1 && Number.isFinite(left)) {
              left = 0
              throw new Killed('the answer')
            }
            return answer
          }
        },
      })
    const store = stepped('store', bot.store)
    const chat = stepped('chat', twoStepped(bot.chat, sent, step))
    const deps = {
      ...bot,
      ...{ store, chat, audit: stepped('audit', bot.audit), queue: stepped('queue', bot.queue) },
      ledger: stepped('ledger', bot.ledger),
      renderer: { ...bot.renderer, list: () => ({ text: 'list', blocks: [] }) },
      notifier: stepped('notifier', { publish: async (notice: unknown) => void notices.push(notice) }),
      sleep: (ms: number) => step(`sleep ${ms}`),
    }
    const proposing: ProposeDeps = {
      ...deps,
      ...stepped('analysis', { analyze: async (denial: Denial) => ({ ...script.analysis(denial), denial }) }),
      witness: async denial => ({ kind: 'confirmed', denial }),
    }
    return {
      deps,
      propose: makePropose(proposing),
      lookFirst: makeFirstLook(proposing),
      announce: (key: string) => announceDeploy(key, proposing),
      renew: makeRenew(proposing),
      review: makeReview({ ...deps, documents: iam, history, regions: ['eu-west-1'] }),
      suggest: makeSuggest({ ...deps, judge: async () => ({ members: known([]), findings: [] }) as never }),
      decide: makeDecide(deps),
      pressed: makePressed({ ...deps, verify: async () => 'begun', revert }),
      sweep: makeSweep({ ...deps, postCard: one => postCard(one, { ...proposing, renderer: deps.renderer }) }),
      publish: makePublish({
        ...deps,
        hosts: () => stepped('host', code.host),
        edit: addLine,
        site: SLACK_SITE,
      }),
    }
  }

  /** As `verify` does once `write` has answered. */
  async function revert(id: string): Promise<string> {
    const proposal = await bot.store.get(id)
    if (proposal?.status === 'reverting') await bot.store.replace(proposal, reverted(proposal, bot.clock()))
    return 'reverted'
  }

  async function work(one: Work, live: Process): Promise<unknown> {
    switch (one.kind) {
      case 'propose':
        return live.propose(one.fingerprint)
      case 'first-look':
        return live.lookFirst(one.fingerprint)
      case 'announce':
        return live.announce(one.deploy)
      case 'renew':
        return live.renew(one.proposalId)
      case 'review':
        return live.review(one.proposalId)
      case 'suggest':
        return live.suggest(one.proposalId)
      case 'pressed':
        return live.pressed(one.proposalId)
      case 'revert':
        return revert(one.proposalId)
      case 'publish':
        return live.publish(one.order)
      default:
        return 'of verify'
    }
  }

  return {
    ...{ bot, sent, notices, code, iam, history, script, process, ids },
    async add(proposal: Proposal) {
      ids.add(proposal.id)
      await bot.store.create(proposal)
    },
    /** All at once. The first one dies at a step, or none does. What dies is delivered again. */
    async race(jobs: readonly Job[], dies: number | null): Promise<void> {
      isRacing = true
      const failed: Job[] = []
      let running = jobs.length
      const done = jobs.map(async (job, at) => {
        try {
          const outcome = await job(process(at === 0 ? dies : null))
          if (outcome === 'waiting' || outcome === 'again') failed.push(job)
        } catch (error) {
          if (!(error instanceof Killed) && !isAgain(error)) throw error
          failed.push(job)
        } finally {
          running -= 1
        }
      })
      const all = Promise.all(done)
      all.catch(() => {})
      while (running > 0) {
        // Every worker is at its next step before the scheduler takes one.
        await new Promise(setImmediate)
        if (scheduler.count() > 0) await scheduler.waitOne()
      }
      isRacing = false
      await all
      const live = process()
      for (let turn = 0; turn < 6; turn += 1) {
        bot.setNow(bot.clock() + MINUTE + 1_000)
        for (const { work: one } of bot.queue.sent.splice(0)) await work(one, live)
        if (turn === 2) for (const job of failed.splice(0)) await job(live)
        await live.sweep()
      }
    },
    async proposals(): Promise<readonly Proposal[]> {
      const all = await Promise.all([...ids].map(id => bot.store.get(id)))
      return all.flatMap(one => one ?? [])
    },
  }
}

const isAgain = (error: unknown): boolean => error instanceof Error && /another worker/.test(error.message)

const ITERATES: ReadonlySet<string> = new Set(['audit.records', 'audit.latest', 'ledger.keys'])

/** The caller has made the first step. */
function twoStepped(base: MemoryChat, sent: Sent[], step: Step): MemoryChat {
  async function send(at: ChatPlace, message: ChatMessage, key: string | null, first: boolean): Promise<PostedCard> {
    const place = `${at.conversation}/${at.thread ?? ''}`
    if (key !== null && !first) {
      const found = sent.find(one => one.place === place && one.key === key)
      if (found !== undefined) return found.card
      await step('chat.postMessage')
    }
    const card = await base.post(at.conversation, message, `${sent.length}`)
    const placed = at.thread === undefined ? card : { ...card, thread: at.thread }
    sent.push({ place, key, card: placed })
    return placed
  }
  return {
    ...base,
    post: (conversation, message, key, { first = false } = {}) => send({ conversation }, message, key, first),
    reply: (card, message, { key, first } = {}) =>
      send(
        { conversation: card.conversation, thread: card.thread ?? card.message },
        message,
        key ?? null,
        first ?? key === undefined,
      ),
  }
}

/** What must hold once all is quiet, in any order. */
export async function disagreements(world: World): Promise<readonly string[]> {
  const { sent, bot } = world
  const found: string[] = []
  const textOf = ({ conversation, message }: PostedCard) => bot.chat.cards.get(`${conversation}/${message}`) ?? ''
  const names = sent.map(({ place, key, card }) => `${place} ${key ?? textOf(card)}`)
  for (const name of new Set(names)) {
    const times = names.filter(one => one === name).length
    if (times > 1) found.push(`sent ${times} times: ${name}`)
  }
  const proposals = await world.proposals()
  const cards = proposals.flatMap(one => [
    postedCardOf(one),
    questionOf(one)?.card ?? null,
    ratificationOf(one)?.card ?? null,
  ])
  for (const { card, key } of sent) {
    const text = textOf(card)
    const hasButtons = text.startsWith('open') || text.includes('[')
    const isOf = cards.some(one => one?.conversation === card.conversation && one.message === card.message)
    // What announces a break-glass takes a Revert.
    if (hasButtons && !isOf && key?.endsWith('/break-glass') !== true)
      found.push(`buttons that do nothing: ${key}: ${text}`)
    if (text.startsWith('Settling')) found.push(`still settling: ${key}`)
  }
  for (const one of proposals) {
    const card = postedCardOf(one)
    const { listKey = null } = (await bot.store.getMarker(cardPlacement(one.id)))?.value ?? {}
    if (card !== null && isInThread(card) !== (listKey !== null))
      found.push(`${one.id} is in ${listKey ?? 'the channel'}`)
    const ofIt = bot.audit.entries.filter(({ proposalId }) => proposalId === one.id)
    const on = (kind: AuditKind) => ofIt.filter(entry => entry.kind === kind).map(({ by }) => by?.id ?? '')
    const approvers = approvalsOf(one).map(({ by }) => by.id)
    const others = on('approved').filter(id => !approvers.includes(id))
    if (others.length > 0) found.push(`${others.join(', ')} approved ${one.id} on record, and not in the item`)
    for (const kind of ['rejected', 'expired'] as const)
      if (on(kind).length !== (one.status === kind ? 1 : 0))
        found.push(`${one.id} is ${one.status}, and ${on(kind).length} times ${kind} on record`)
    if (one.status === 'drafted') found.push(`${one.id} has no card`)
    if (card !== null && sent.some(each => each.card.message === card.message) && !textOf(card).startsWith(one.status))
      found.push(`${one.id} is ${one.status}, and its card says ${textOf(card)}`)
  }
  return found
}

/** Of the ports of `verify`: not the many steps of one append to the log, nor keys and signers. */
const IN_ORDER = /^(?:store|chat|queue|asks|notices|writer|history)\./

export async function inSteps(
  scheduler: fc.Scheduler,
  begin: (step: (call: string) => Promise<void> | undefined) => readonly Promise<unknown>[],
): Promise<void> {
  let isOver = false
  const step = (call: string) =>
    isOver || !IN_ORDER.test(call) ? undefined : scheduler.schedule(Promise.resolve(), call).then(() => {})
  const done = Promise.allSettled(begin(step)).then(() => {
    isOver = true
  })
  while (!isOver) {
    await new Promise(setImmediate)
    if (scheduler.count() > 0) await scheduler.waitOne()
  }
  await done
}
