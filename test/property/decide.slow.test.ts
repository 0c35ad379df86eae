import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { known } from '../../core/base/fact.ts'
import { fail, type Result } from '../../core/base/result.ts'
import { makeDecide } from '../../functions/decide/decide.ts'
import { configSchema } from '../../functions/domain/config/config.ts'
import { DECIDING_ACTIONS, type DecidingAction } from '../../functions/domain/proposal/click.ts'
import {
  type Applying,
  type Approval,
  approvalsOf,
  brokenGlassOf,
  type Proposal,
  type Reverting,
  ratificationOf,
  type Status,
} from '../../functions/domain/proposal/proposal.ts'
import { applied, applying, reverted, revertLeased } from '../../functions/domain/proposal/transitions.ts'
import { makeSweep } from '../../functions/sweep/sweep.ts'
import { refreshCard } from '../../functions/workflows/card/refresh-card.ts'
import { FAKE_ORIGIN } from '../../simulator/slack-requests.ts'
import { type MemoryBot, memoryBot } from '../fakes/memory-bot.ts'
import { CHAT_OUTAGE } from '../fakes/memory-chat.ts'
import type { MemoryStore } from '../fakes/memory-store.ts'
import { DIGEST, HOUR, MINUTE, NOON, OTHER_DIGEST, sampleProposal, VERIFICATION } from '../fakes/sample-proposal.ts'

const RUNS = Number(process.env['FC_RUNS'] ?? 150)
const AT = { conversation: 'C0DEPLOYS', message: '1795521600.000100' }
const CARD = `${AT.conversation}/${AT.message}`

/** Two people who may approve, one who may but was denied, one who may only break the glass alone, and one who may only view. */
const PEOPLE = ['U0ONCALL1', 'U0ONCALL2', 'U0DENIED', 'U0GLASS', 'U0VISITOR'] as const
const CONFIG = configSchema.parse({
  mode: 'approve',
  approvers: { users: ['U0ONCALL1', 'U0ONCALL2', 'U0DENIED'] },
  breakGlass: { group: 'S0GLASS', announceChannel: 'C0SECURITY' },
})

/** `dies`: the process is killed before this many-th effect. Null: it survives. */
type Step = { readonly dies: number | null } & (
  | { readonly kind: 'click'; readonly action: DecidingAction; readonly by: string; readonly digest: string }
  | { readonly kind: 'sweep' }
  | { readonly kind: 'work' }
)
/** What happens at one time, concurrently. Then the clock advances, and things break or are repaired. */
type Moment = {
  readonly steps: readonly Step[]
  readonly jumpMs: number
  readonly down: 'chat' | 'audit' | 'queue' | null
}

const dies = fc.option(fc.nat(12), { freq: 3 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('click' as const),
      action: fc.constantFrom(...DECIDING_ACTIONS),
      by: fc.constantFrom(...PEOPLE),
      digest: fc.oneof({ weight: 6, arbitrary: fc.constant(DIGEST) }, fc.constant(OTHER_DIGEST)),
      dies,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('sweep' as const), dies }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('work' as const), dies }) },
)
const moment: fc.Arbitrary<Moment> = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 4 }),
  jumpMs: fc.constantFrom(0, 1, MINUTE, 2 * MINUTE, 16 * MINUTE, 31 * MINUTE, 9 * HOUR, -10 * MINUTE, -2 * HOUR),
  down: fc.constantFrom(null, null, null, 'chat' as const, 'audit' as const, 'queue' as const),
})

const NEXT: { readonly [status in Status]: readonly Status[] } = {
  drafted: [],
  open: ['open', 'approved', 'rejected', 'expired'],
  approved: ['approved', 'applying'],
  applying: ['applying', 'applied'],
  applied: ['applied', 'confirmed', 'reverting'],
  confirmed: ['confirmed', 'reverting'],
  reverting: ['reverting', 'reverted'],
  reverted: ['reverted'],
  rejected: ['rejected'],
  expired: ['expired'],
  failed: [],
  stale: [],
  closed: [],
}
const DECISIONS: readonly Status[] = ['approved', 'rejected', 'expired']

describe('any sequence of clicks, retries, sweeps, crashes and clock jumps', () => {
  it('leads to one decision at most, on record and carried out, and to a card that shows the true state', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(moment, { minLength: 1, maxLength: 6 }),
        fc.constantFrom(1, 2),
        async (scheduler, moments, approvers) => {
          const world = await worldWith(approvers)
          for (const each of moments) await live(world, scheduler, each)
          await comeToRest(world)
          await checkLaws(world, approvers)
        },
      ),
      { numRuns: RUNS },
    )
  })

  it('meets approvals, rejections, expiries, reverts and conflicts: the property is not empty', async () => {
    const met = new Set<string>()
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(moment, { minLength: 4, maxLength: 8 }), async (scheduler, moments) => {
        const world = await worldWith(1)
        for (const each of moments) await live(world, scheduler, each)
        await comeToRest(world)
        for (const { status } of world.history) met.add(status)
        if (world.conflicts > 0) met.add('conflict')
        if (world.bot.audit.entries.some(({ kind }) => kind === 'break-glass')) met.add('break-glass')
      }),
      { numRuns: 300, seed: 4711 },
    )
    expect([...met].sort()).toEqual([
      'applied',
      'applying',
      'approved',
      'break-glass',
      'confirmed',
      'conflict',
      'expired',
      'open',
      'rejected',
      'reverted',
      'reverting',
    ])
  })
})

type World = {
  readonly bot: MemoryBot
  /** Every stored state, in order. */
  readonly history: Proposal[]
  conflicts: number
  nowMs: number
  /** The number of delivered queue messages. */
  delivered: number
  /** When a search for use was ordered last, whether or not the process survived to send it. */
  lookAskedAtMs: number | null
}

async function worldWith(approvers: number): Promise<World> {
  const bot = memoryBot(CONFIG)
  bot.chat.groups.set('S0GLASS', known(['U0GLASS']))
  bot.chat.emails.set('dora@example.com', known('U0DENIED'))
  const sample = sampleProposal({ verification: { ...VERIFICATION, approvers } })
  const principal = { ...sample.denial.principal, kind: 'sso-role' as const, sessionName: 'dora@example.com' }
  const requester = { kind: 'email' as const, email: 'dora@example.com' }
  const proposal = { ...sample, denial: { ...sample.denial, principal }, requester }
  await bot.store.create(proposal)
  return { bot, history: [proposal], conflicts: 0, nowMs: NOON, delivered: 0, lookAskedAtMs: null }
}

async function live(world: World, scheduler: fc.Scheduler, { steps, jumpMs, down }: Moment): Promise<void> {
  breakOnly(world.bot, down)
  const all = steps.map(each => run(world, each, scheduler).catch(() => undefined))
  await scheduler.waitFor(Promise.all(all))
  jump(world, jumpMs)
}

/** Repairs everything, and advances the clock until nothing is due: past the morning that asks whether a break-glass was right. */
async function comeToRest(world: World): Promise<void> {
  breakOnly(world.bot, null)
  jump(world, Math.max(0, NOON - world.nowMs))
  for (let rounds = 0; rounds < 80; rounds += 1) await sweepAndWork(world, 10 * MINUTE)
  for (let rounds = 0; rounds < 12; rounds += 1) await sweepAndWork(world, HOUR)
}
async function sweepAndWork(world: World, jumpMs: number): Promise<void> {
  await run(world, { kind: 'sweep', dies: null }, null)
  while (world.delivered < world.bot.queue.sent.length) await run(world, { kind: 'work', dies: null }, null)
  jump(world, jumpMs)
}

/** One process. It shares only store, chat, log and queue with the others. */
async function run(world: World, each: Step, scheduler: fc.Scheduler | null): Promise<void> {
  const bot = inProcess(world, each.dies, scheduler)
  switch (each.kind) {
    case 'click': {
      const { action, by, digest } = each
      const click = { action, by: { id: by, name: by }, proposalId: 'p-1', digest, reason: 'because' }
      const handled = await makeDecide(bot)({ kind: 'click', origin: FAKE_ORIGIN, click, ...AT, cardOf: 'p-1' })
      return handled.notify()
    }
    case 'sweep':
      await makeSweep(bot)()
      return
    case 'work': {
      const message = world.bot.queue.sent[world.delivered]
      if (message === undefined) return
      world.delivered += 1
      if (message.work.kind === 'verify') await pretendApply(bot)
      if (message.work.kind === 'revert') await pretendRevert(bot)
    }
  }
}

/** The order of `verify` without IAM: lease, finish, show. What one person approved alone ends, as it always does. */
async function pretendApply(bot: MemoryBot): Promise<void> {
  const atMs = bot.clock()
  await inTwoSteps(
    bot,
    one =>
      one.status === 'approved' || one.status === 'applying' ? applying(one, MINUTE, bot.clock()) : fail('other'),
    leased => {
      const alone = brokenGlassOf(leased)
      const endsAtMs = alone?.limitHours == null ? null : atMs + alone.limitHours * HOUR
      return applied(leased, { changes: [], atMs, endsAtMs, answer: 'allowed' }, null, bot.clock())
    },
  )
}
async function pretendRevert(bot: MemoryBot): Promise<void> {
  await inTwoSteps(
    bot,
    one => (one.status === 'reverting' ? revertLeased(one, MINUTE, bot.clock()) : fail('other')),
    leased => reverted(leased, bot.clock()),
  )
}

async function inTwoSteps<P extends Applying | Reverting>(
  bot: MemoryBot,
  lease: (proposal: Proposal) => Result<P, string>,
  finish: (leased: P) => Proposal,
): Promise<void> {
  const current = await bot.store.get('p-1')
  if (current === null) return
  const leased = lease(current)
  if (!leased.ok) return
  const held = await bot.store.replace(current, leased.value)
  if (!held.ok) return
  if ((await bot.store.replace(held.value, finish(held.value))).ok) await refreshCard('p-1', bot)
}

/** Every effect waits for the scheduler. After its `dies`-th effect a process does nothing. */
function inProcess(world: World, diesAt: number | null, scheduler: fc.Scheduler | null): MemoryBot {
  let effects = 0
  const turn = async (): Promise<void> => {
    await scheduler?.schedule(Promise.resolve())
    if (diesAt !== null && effects >= diesAt) throw new Error('killed')
    effects += 1
  }
  const { bot } = world
  const store: MemoryStore = {
    ...bot.store,
    async get(id) {
      await turn()
      return bot.store.get(id)
    },
    async due(nowMs, limit) {
      await turn()
      return bot.store.due(nowMs, limit)
    },
    async replace(current, next) {
      await turn()
      const result = await bot.store.replace(current, next)
      if (result.ok) world.history.push(result.value)
      else world.conflicts += 1
      return result
    },
  }
  const chat = {
    ...bot.chat,
    async update(...given: Parameters<typeof bot.chat.update>) {
      await turn()
      return bot.chat.update(...given)
    },
    async post(...given: Parameters<typeof bot.chat.post>) {
      await turn()
      return bot.chat.post(...given)
    },
    async postEphemeral(...given: Parameters<typeof bot.chat.postEphemeral>) {
      await turn()
      return bot.chat.postEphemeral(...given)
    },
  }
  const audit = {
    ...bot.audit,
    async append(...given: Parameters<typeof bot.audit.append>) {
      await turn()
      return bot.audit.append(...given)
    },
  }
  const queue = {
    ...bot.queue,
    async send(...given: Parameters<typeof bot.queue.send>) {
      if (given[0].kind === 'review') world.lookAskedAtMs = world.nowMs
      await turn()
      return bot.queue.send(...given)
    },
  }
  return { ...bot, store, chat, audit, queue, clock: () => world.nowMs }
}

function jump(world: World, ms: number): void {
  world.nowMs += ms
  world.bot.setNow(world.nowMs)
}

function breakOnly(bot: MemoryBot, down: Moment['down']): void {
  bot.chat.down = down === 'chat' ? CHAT_OUTAGE : null
  for (const name of ['audit', 'queue'] as const) bot[name].down = down === name ? new Error(`${name} down`) : null
}

async function checkLaws({ bot, history, lookAskedAtMs }: World, approvers: number): Promise<void> {
  const final = await bot.store.get('p-1')
  if (final === null) throw new Error('the proposal is gone')
  const statuses = history.map(({ status }) => status)
  for (const [index, status] of statuses.slice(1).entries()) expect(NEXT[statuses[index] ?? 'closed']).toContain(status)

  // At most one decision, and no proposal stays open forever.
  const entered = statuses.filter((status, index) => DECISIONS.includes(status) && statuses[index - 1] !== status)
  expect(entered).toHaveLength(1)

  // Approved means: by enough people who may approve, and by nobody who was denied.
  const approvals = approvalsOf(final)
  const alone = approvals.some(({ reason }) => reason !== null)
  const endOf = ({ atMs, limitHours }: Approval) =>
    limitHours === null ? Number.POSITIVE_INFINITY : atMs + limitHours * HOUR
  const decidedAtMs = approvals.at(-1)?.atMs ?? 0
  const names = new Set(approvals.filter(one => endOf(one) > decidedAtMs).map(({ by }) => by.id))
  for (const { by, reason } of approvals)
    expect(reason === null ? ['U0ONCALL1', 'U0ONCALL2'] : ['U0GLASS']).toContain(by.id)
  // Nobody approves again while their approval counts, but for a limited time instead of without an end.
  for (const [index, one] of approvals.entries())
    for (const earlier of approvals.slice(0, index))
      if (earlier.by.id === one.by.id && (earlier.limitHours !== null || one.limitHours === null))
        expect(endOf(earlier)).toBeLessThanOrEqual(one.atMs)
  // The denied one is a person: two people for a grant without an end.
  const isEndless = approvals.every(({ limitHours }) => limitHours === null)
  if (entered[0] === 'approved') expect(alone || names.size >= (isEndless ? 2 : approvers)).toBe(true)

  // Each is recorded exactly once, and nothing else is.
  const recorded = bot.audit.entries.filter(({ kind }) => DECISIONS.includes(kind as Status) || kind === 'break-glass')
  expect(recorded.map(({ kind, by }) => `${kind} ${by?.id ?? ''}`).sort()).toEqual(
    [
      ...approvals.map(({ by, reason }) => `${reason === null ? 'approved' : 'break-glass'} ${by.id}`),
      ...(final.status === 'rejected' ? [`rejected ${final.rejection.by.id}`] : []),
      ...(final.status === 'expired' ? ['expired '] : []),
    ].sort(),
  )

  // Carried out exactly when approved, and announced where one person was enough.
  const wasQueued = bot.queue.sent.some(({ work }) => work.kind === 'verify')
  expect(wasQueued).toBe(entered[0] === 'approved')
  expect(statuses.includes('applied')).toBe(entered[0] === 'approved')
  expect(bot.chat.posts.filter(({ channel }) => channel === 'C0SECURITY')).toHaveLength(alone ? 1 : 0)

  // Who broke the glass is asked about once, whether or not the grant still stands.
  expect(ratificationOf(final) !== null).toBe(alone)

  // Nothing remains but the daily search for use of a grant, and the card shows the current state.
  if (final.status === 'applied' || final.status === 'confirmed')
    expect(final.dueAtMs).toBe((lookAskedAtMs ?? Number.NaN) + 24 * HOUR)
  else expect(final.dueAtMs).toBe(null)
  const shown = bot.chat.cards.get(CARD)
  expect(shown).toBe((await bot.renderer.card(final, 0)).text)
}
