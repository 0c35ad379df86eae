/**
 * The law of interleavings: AWS runs many copies of each function at once, delivers a message twice, and ends a process anywhere. Whatever
 * the order of their steps, each denial has one card, each message is sent once, no button does nothing, and each card says what is stored.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fingerprintOf } from '../../core/denial/fingerprint.ts'
import { checkLog } from '../../functions/domain/audit/verify-log.ts'
import { type BotConfig, botConfigSchema } from '../../functions/domain/config/config.ts'
import type { DeployState } from '../../functions/domain/deploy/deploy.ts'
import type { DecidingAction } from '../../functions/domain/proposal/click.ts'
import { type Proposal, postedCardOf, proposalId } from '../../functions/domain/proposal/proposal.ts'
import type { PullOrder } from '../../functions/domain/proposal/pull-request.ts'
import { shownOf } from '../../functions/domain/proposal/seen.ts'
import { firstRun, observedDay } from '../../functions/domain/stored/markers.ts'
import { changeDeploy, listDeploy } from '../../functions/workflows/deploy/deploy-store.ts'
import { FAKE_ORIGIN } from '../../simulator/slack-requests.ts'
import { CODE, clickOn } from '../fakes/bridge-world.ts'
import { CONFIG } from '../fakes/memory-bot.ts'
import { REPOSITORY } from '../fakes/memory-code-host.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { DENIAL, HOUR, MINUTE, NOON, OUTCOME, sampleProposal } from '../fakes/sample-proposal.ts'
import { decisionAbout, RING, signedBy } from '../fakes/signing.ts'
import { IDENTITY_CHANGE, proposalWith } from '../fakes/two-sided.ts'
import { type World as VerifyWorld, worldWith } from '../fakes/verify-world.ts'
import { sampleAnalysis } from '../propose/propose-fixture.ts'
import { objectsIn } from '../verify/left-by-bot.ts'
import { disagreements, inSteps, type Job, type Sabotage, type World, worldOf } from './interleavings.ts'

type VerifyProcess = ReturnType<VerifyWorld['process']>

const RUNS = Number(process.env['FC_RUNS'] ?? 25)

type Scenario = {
  readonly config?: BotConfig
  /** What is there, and who then works at once. The first one may die. */
  readonly prepare: (world: World) => Promise<readonly Job[]>
  readonly check?: (world: World) => Promise<readonly string[]>
}

const FP = fingerprintOf(DENIAL)
const ANNA = { id: 'U0ONCALL1', name: 'anna' }
const BEN = { id: 'U0ONCALL2', name: 'ben' }
const config = (changed: object): BotConfig => botConfigSchema.parse({ ...CONFIG, ...changed })

const roleOf = (n: number) => `arn:aws:iam::111122223333:role/app-${n}`
const fingerprint = (n: number) => String(n).repeat(16)

async function denied(world: World, n: number): Promise<void> {
  const { bot, ids } = world
  const one = { ...DENIAL, id: `event-${n}`, timeMs: bot.clock() - 1_000, resource: roleOf(n) }
  await bot.store.recordOccurrence(one, fingerprint(n), bot.clock())
  ids.add(proposalId(fingerprint(n), null))
}

const known = (world: World, channel = 'C0DEPLOYS') =>
  world.bot.store.putMarker(firstRun(channel), 0, { fromMs: 0, posted: true })

/** With its card in the chat. */
async function posted(world: World, proposal: Proposal): Promise<void> {
  const { bot } = world
  const card = postedCardOf(proposal)
  const { text } = await bot.renderer.card(proposal, bot.clock())
  if (card !== null) bot.chat.cards.set(`${card.conversation}/${card.message}`, text)
  if (card !== null) world.sent.push({ place: `${card.conversation}/`, key: proposal.id, card })
  await world.add(proposal)
}

const pressing =
  (action: DecidingAction, by = ANNA): Job =>
  async ({ deps, decide, pressed }) => {
    const proposal = await deps.store.get('p-1')
    if (proposal === null) throw new Error('no p-1')
    const reason = action === 'reject' ? 'not wanted' : null
    const click = { action, by, proposalId: 'p-1', digest: proposal.patch?.digest ?? '', reason }
    const card = postedCardOf(proposal)
    if (card === null) throw new Error('no card')
    const handled = await decide({ kind: 'click', origin: FAKE_ORIGIN, ...card, cardOf: 'p-1', click })
    await handled.notify()
    await pressed('p-1')
  }

const DEPLOY: DeployState = {
  key: '0123456789abcdef',
  round: 1,
  deploy: {
    ...{ kind: 'codepipeline', accountId: '111122223333', region: 'eu-west-1', target: 'orders', name: 'orders' },
    ...{ attempt: 'e-1', status: 'FAILED', failedAtMs: NOON, reasons: [], log: null },
  },
  correlation: {
    ...{ requests: [], roles: [], sessions: [DENIAL.principal.sessionName ?? ''], via: null, ownRoles: [] },
    ...{ fromMs: NOON - 30 * MINUTE, untilMs: NOON + 30 * MINUTE, explained: false },
  },
  attempts: [{ id: 'e-1', atMs: NOON }],
  ...{ causes: [], noticedAtMs: null, noticingUntilMs: 0, alert: null, postingUntilMs: 0 },
}

const ORDER: PullOrder = {
  proposalId: 'p-1',
  wanted: 'open',
  place: CODE,
  changes: sampleProposal().patch.changes,
  decisions: [
    signedBy(
      decisionAbout(sampleProposal(), { kind: 'approve', by: ANNA, atMs: NOON, limitHours: 72, pullRequest: true }),
    ),
  ],
  shown: shownOf(sampleProposal()),
  cardUrl: null,
  reminder: 1,
}
const onePull = async ({ code }: World): Promise<readonly string[]> => {
  const comments = code.pulls.flatMap(pull => pull.comments)
  return [
    ...(code.pulls.length === 1 ? [] : [`${code.pulls.length} pull requests`]),
    ...(comments.length === new Set(comments).size ? [] : [`commented: ${comments.join(', ')}`]),
  ]
}
const GRANTED = {
  status: 'confirmed',
  fingerprint: FP,
  approvals: [{ by: ANNA, atMs: NOON, limitHours: 8, reason: null }],
  applied: { ...OUTCOME, endsAtMs: NOON + 8 * HOUR },
  dueAtMs: NOON + 8 * HOUR,
} as const

/** The second one begins when the first one has just been in time. */
async function twoLooks(world: World): Promise<readonly Job[]> {
  await known(world)
  await denied(world, 1)
  const { bot, script } = world
  let looks = 0
  script.analysis = () => {
    looks += 1
    return sampleAnalysis()
  }
  const second: Job = async live => {
    for (let waits = 0; waits < 60 && looks === 0; waits += 1) await live.deps.sleep(0)
    bot.setNow(Math.max(bot.clock(), NOON + MINUTE))
    return live.propose(fingerprint(1))
  }
  return [live => live.lookFirst(fingerprint(1)), second]
}

const SCENARIOS: { readonly [what: string]: Scenario } = {
  'one denial, delivered three times': {
    async prepare(world) {
      await known(world)
      await denied(world, 1)
      return [1, 1, 1].map(n => live => live.propose(fingerprint(n)))
    },
  },
  'two denials in a new channel': {
    async prepare(world) {
      await world.bot.store.putMarker(firstRun('C0DEPLOYS'), 0, { fromMs: 0, posted: false })
      await denied(world, 1)
      await denied(world, 2)
      return [1, 2].map(n => live => live.propose(fingerprint(n)))
    },
  },
  'a storm': {
    config: config({ digestAfterCards: 1 }),
    async prepare(world) {
      await known(world)
      for (const n of [1, 2, 3]) await denied(world, n)
      return [1, 2, 3].map(n => live => live.propose(fingerprint(n)))
    },
  },
  'the first look and the second': {
    config: config({ settleSeconds: 60 }),
    prepare: world => twoLooks(world),
  },
  'the first look and the second, as a storm begins': {
    config: config({ settleSeconds: 60, digestAfterCards: 1 }),
    prepare: world => twoLooks(world),
  },
  'a slow analysis': {
    async prepare(world) {
      await known(world)
      await denied(world, 1)
      const { bot } = world
      world.script.analysis = () => {
        bot.setNow(bot.clock() + 3 * MINUTE)
        return sampleAnalysis()
      }
      const sweep: Job = async live => {
        for (let waits = 0; waits < 30 && (await live.deps.store.due(bot.clock(), 1)).length === 0; waits += 1)
          await live.deps.sleep(0)
        return live.sweep()
      }
      return [live => live.propose(fingerprint(1)), sweep]
    },
  },
  'two first looks': {
    config: config({ settleSeconds: 60 }),
    async prepare(world) {
      await known(world)
      await denied(world, 1)
      return [1, 1].map(n => live => live.lookFirst(fingerprint(n)))
    },
  },
  'two people who approve': {
    async prepare(world) {
      const proposal = sampleProposal({
        verification: { ...sampleProposal().verification, approvers: 2, risk: 'high' },
      })
      await posted(world, proposal)
      return [pressing('approve'), pressing('approve', BEN)]
    },
    async check({ bot }) {
      const proposal = await bot.store.get('p-1')
      return proposal?.status === 'approved' ? [] : [`it is ${proposal?.status}`]
    },
  },
  'who approves and who rejects': {
    async prepare(world) {
      await posted(world, sampleProposal())
      return [pressing('approve'), pressing('reject', BEN)]
    },
  },
  'a press as its time ends': {
    async prepare(world) {
      await posted(world, sampleProposal({ expiresAtMs: NOON + MINUTE, dueAtMs: NOON + MINUTE }))
      world.bot.setNow(NOON + MINUTE - 12)
      return [pressing('approve'), live => live.sweep(), pressing('reject', BEN)]
    },
  },
  'a press while the denial comes again': {
    async prepare(world) {
      await known(world)
      await world.bot.store.recordOccurrence({ ...DENIAL, timeMs: NOON }, FP, NOON)
      await world.bot.store.recordOccurrence({ ...DENIAL, id: 'event-9', timeMs: NOON + 1 }, FP, NOON + 1)
      await world.bot.store.claimOccurrence(FP, null, 'p-1')
      await posted(world, sampleProposal({ fingerprint: FP }))
      return [pressing('approve'), live => live.propose(FP)]
    },
  },
  'three workers that show an outcome': {
    async prepare(world) {
      await posted(world, sampleProposal({ status: 'failed', dueAtMs: NOON }))
      return [live => live.pressed('p-1'), live => live.pressed('p-1'), live => live.sweep()]
    },
    check: async ({ sent }) =>
      sent.some(({ key }) => key === 'p-1/result/failed') ? [] : ['nobody posts the outcome'],
  },
  'three workers that show new content': {
    async prepare(world) {
      const changed = { times: 1, because: 'approval', dropped: [ANNA], atMs: NOON } as const
      await posted(world, sampleProposal({ changed, dueAtMs: NOON }))
      return [live => live.pressed('p-1'), live => live.pressed('p-1'), live => live.sweep()]
    },
    check: async ({ sent }) =>
      ['evidence-1', 'changed-1'].flatMap(kind =>
        sent.some(({ key }) => key === `p-1/result/${kind}`) ? [] : [`nobody posts ${kind}`],
      ),
  },
  'a question about a break-glass and a revert': {
    config: config({ breakGlass: { group: 'S0GLASS', announceChannel: 'C0SECURITY' } }),
    async prepare(world) {
      const approvals = [{ by: ANNA, atMs: NOON, limitHours: null, reason: 'production is down' }]
      await posted(world, sampleProposal({ status: 'applied', approvals, dueAtMs: NOON }))
      world.bot.setNow(NOON + 24 * HOUR)
      return [live => live.sweep(), live => live.sweep(), pressing('revert', BEN)]
    },
  },
  'a denial that a card holds, delivered twice': {
    async prepare(world) {
      await known(world)
      const { bot } = world
      await bot.store.recordOccurrence({ ...DENIAL, timeMs: NOON }, FP, NOON)
      await bot.store.claimOccurrence(FP, null, 'p-1')
      const place = { logicalId: 'Batch', property: 'Role', line: 3, constructPath: null }
      const denial = { ...DENIAL, id: 'event-1', resource: roleOf(1) }
      const needs = [{ denial, isMade: false, operation: 'RunTask', place, summary: 'Batch.Role' }]
      const template = { place: null, isMade: false, alone: null, unnamed: 0, refused: [], unread: null, needs }
      await posted(world, sampleProposal({ fingerprint: FP, template }))
      const failed: DeployState = { ...DEPLOY, causes: [{ fingerprint: FP, confidence: 'caused by' }] }
      await changeDeploy(failed.key, bot.store, () => failed)
      await listDeploy(failed, bot.store)
      await denied(world, 1)
      return [1, 1].map(n => live => live.propose(fingerprint(n)))
    },
    check: async ({ sent }) =>
      sent.some(({ key }) => key?.includes('/joined-') === true) ? [] : ['nobody says that it joined'],
  },
  'the third of three equal approvals, twice': {
    async prepare(world) {
      for (const name of ['orders-api', 'orders-web', 'orders-worker']) {
        const denial = { ...DENIAL, resource: `arn:aws:iam::111122223333:role/${name}` }
        await posted(
          world,
          sampleProposal({ status: 'confirmed', id: `p-${name}`, denial, applied: OUTCOME, dueAtMs: null }),
        )
      }
      for (const name of ['orders-api', 'orders-web']) await world.process().suggest(`p-${name}`)
      return [1, 2].map(() => live => live.suggest('p-orders-worker'))
    },
    check: async ({ sent }) =>
      sent.some(({ key }) => key?.startsWith('set-suggestion/') === true) ? [] : ['nobody suggests the set'],
  },
  'two sweeps': {
    config: config({ mode: 'observe' }),
    async prepare(world) {
      const { bot } = world
      bot.setNow(NOON + 12 * HOUR + 5 * MINUTE)
      await known(world)
      await bot.store.putMarker(observedDay('C0DEPLOYS', 20_781), 0, {
        ...{ denials: 1, distinct: 1, changes: 1, informations: 0, causes: {}, principals: {}, roles: {} },
        ...{ settings: {}, cards: [], unread: null },
      })
      await posted(world, sampleProposal({ dueAtMs: NOON }))
      await world.add(sampleProposal({ id: 'p-2', status: 'drafted', dueAtMs: NOON, expiresAtMs: NOON + 24 * HOUR }))
      return [live => live.sweep(), live => live.sweep()]
    },
  },
  'two sweeps without a mode': {
    config: botConfigSchema.parse({ channel: 'C0DEPLOYS', approvers: { users: ['U0ONCALL1', 'U0ONCALL2'] } }),
    async prepare(world) {
      await known(world)
      return [live => live.sweep(), live => live.sweep()]
    },
  },
  'two questions about a grant': {
    config: config({ unusedGrantDays: 14 }),
    async prepare(world) {
      await posted(world, sampleProposal({ status: 'confirmed', applied: OUTCOME, dueAtMs: null }))
      world.bot.setNow(NOON + 20 * 24 * HOUR)
      return [live => live.review('p-1'), live => live.review('p-1'), pressing('revert')]
    },
  },
  'two cards that keep a grant': {
    async prepare(world) {
      await known(world)
      const { bot, ids } = world
      await bot.store.recordOccurrence({ ...DENIAL, timeMs: NOON }, FP, NOON)
      await bot.store.claimOccurrence(FP, null, 'p-1')
      const grant = sampleProposal(GRANTED)
      await posted(world, grant)
      ids.add(proposalId(FP, grant))
      const [change] = OUTCOME.changes
      if (change === undefined) throw new Error('no change')
      const withdrawn = [{ proposalId: 'p-1', target: change.target, live: change.after, without: null }]
      world.script.analysis = () => sampleAnalysis({ withdrawn })
      bot.setNow(NOON + 7 * HOUR)
      return [live => live.renew('p-1'), live => live.renew('p-1'), pressing('revert')]
    },
  },
  'a failed deploy and its denial': {
    async prepare(world) {
      await known(world)
      const { bot } = world
      await denied(world, 1)
      await changeDeploy(DEPLOY.key, bot.store, () => DEPLOY)
      await listDeploy(DEPLOY, bot.store)
      return [
        live => live.propose(fingerprint(1)),
        live => live.announce(DEPLOY.key),
        live => live.announce(DEPLOY.key),
      ]
    },
    async check({ sent, notices }) {
      const alerts = sent.filter(({ key }) => key?.startsWith('deploy/') === true)
      // The denial and the deploy.
      return alerts.length === 1 && notices.length <= 2 ? [] : [`${alerts.length} alerts, ${notices.length} notices`]
    },
  },
  'three workers that announce a failed deploy': {
    async prepare(world) {
      const { bot } = world
      await bot.store.recordOccurrence({ ...DENIAL, timeMs: NOON }, FP, NOON)
      await bot.store.claimOccurrence(FP, null, 'p-1')
      await posted(world, sampleProposal({ fingerprint: FP }))
      const failed: DeployState = { ...DEPLOY, causes: [{ fingerprint: FP, confidence: 'caused by' }] }
      await changeDeploy(failed.key, bot.store, () => failed)
      await listDeploy(failed, bot.store)
      return [1, 1, 1].map(() => live => live.announce(DEPLOY.key))
    },
    check: async ({ notices }) => (notices.length === 1 ? [] : [`${notices.length} notices`]),
  },
  'one order of a pull request, twice': {
    config: config({ repositories: [REPOSITORY] }),
    prepare: async () => [live => live.publish(ORDER), live => live.publish(ORDER)],
    check: onePull,
  },
  'a pull request that is opened and closed': {
    config: config({ repositories: [REPOSITORY] }),
    prepare: async () => [live => live.publish(ORDER), live => live.publish({ ...ORDER, wanted: 'closed' })],
    async check({ code }) {
      return code.pulls.every(({ state }) => state === 'closed') ? [] : ['a pull request stays open']
    },
  },
}

async function found(
  { config: given, prepare, check }: Scenario,
  scheduler: fc.Scheduler,
  dies: number | null,
  sabotage?: Sabotage,
) {
  const world = worldOf(scheduler, {
    ...(given === undefined ? {} : { config: given }),
    ...(sabotage === undefined ? {} : { sabotage }),
  })
  await world.race(await prepare(world), dies)
  return [...(await disagreements(world)), ...((await check?.(world)) ?? [])]
}

const death = fc.option(fc.integer({ min: 1, max: 40 }), { nil: null, freq: 1 })

it.each(Object.keys(SCENARIOS))(
  '%s',
  async what => {
    const scenario = SCENARIOS[what] ?? expect.fail()
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), death, async (scheduler, dies) => {
        expect(await found(scenario, scheduler, dies)).toEqual([])
      }),
      { numRuns: RUNS },
    )
  },
  600_000,
)

const AT_VERIFY: {
  readonly [what: string]: readonly ((live: VerifyProcess, world: VerifyWorld) => Promise<unknown>)[]
} = {
  'two deliveries of an approved change': [live => live.apply('p-1'), live => live.apply('p-1')],
  'a delivery, a press to revert and a sweep': [
    live => live.apply('p-1'),
    async (live, world) => (await live.decide(clickOn(await world.get(), 'revert'))).notify(),
    live => live.sweep(),
    live => live.ends(),
  ],
  'two deliveries of a revert': [live => live.revert('p-1'), live => live.revert('p-1'), live => live.sweep()],
}

/** `write` takes one message of an entity at a time: what is asked is answered by the first to come. */
async function atVerify(what: string, scheduler: fc.Scheduler, sabotage: (world: VerifyWorld) => void = () => {}) {
  const jobs = AT_VERIFY[what] ?? expect.fail()
  const isOfRevert = what.endsWith('a revert')
  const world = await worldWith(proposalWith([IDENTITY_CHANGE], isOfRevert ? {} : APPROVED))
  if (isOfRevert) {
    await (await world.process().decide(clickOn(await world.get(), 'approve'))).notify()
    await world.deliver(world.process())
    await (await world.process().decide(clickOn(await world.get(), 'revert'))).notify()
    world.messages.splice(0)
  }
  sabotage(world)
  await inSteps(scheduler, step =>
    jobs.map(job =>
      job(
        world.process((call, moment) => (moment === 'before' ? step(call) : undefined)),
        world,
      ),
    ),
  )
  await world.settle()
  return verifyDisagreements(world)
}

it.each(Object.keys(AT_VERIFY))(
  '%s leave items, IAM, objects and log in agreement',
  async what => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async scheduler => {
        expect(await atVerify(what, scheduler)).toEqual([])
      }),
      { numRuns: RUNS },
    )
  },
  600_000,
)

const APPROVED = {
  status: 'approved',
  approvals: [{ by: ANNA, atMs: NOON, limitHours: 8, reason: null }],
} as const

async function verifyDisagreements(world: VerifyWorld): Promise<readonly string[]> {
  const { status } = await world.get()
  const stands = world.iam.documents.has(keyOf(IDENTITY_CHANGE.target))
  const found =
    stands === ['applied', 'confirmed'].includes(status) ? [] : [`it is ${status}, and IAM has it: ${stands}`]
  const stored = []
  for await (const one of world.log.stored()) stored.push(one)
  const ledger = { objects: objectsIn(world), nowMs: world.clock.nowMs }
  const { findings } = checkLog({ stored, head: await world.log.head(), findings: [], keys: RING, ledger })
  const keys = world.chat.posts.map(({ channel, key }) => `${channel} ${key}`)
  return [
    ...found,
    ...findings.filter(({ kind }) => kind !== 'unsigned').map(one => `${one.kind}: ${one.detail}`),
    ...(new Set(keys).size === keys.length ? [] : ['a message is there twice']),
  ]
}

/** A conditional write of these items always succeeds: what is claimed by it is not. */
const unclaimed =
  (isOf: (key: string) => boolean): Sabotage =>
  ({ store }) => {
    const { putMarker, getMarker } = store
    store.putMarker = async (marker, version, value) =>
      putMarker(marker, isOf(marker.key) ? ((await getMarker(marker))?.version ?? 0) : version, value)
  }

/** In which scenario it shows that one claim is none. */
const WITHOUT: { readonly [what: string]: readonly [keyof typeof SCENARIOS, Sabotage] } = {
  'the lease of the first message': ['two denials in a new channel', unclaimed(key => key.startsWith('first-run/'))],
  'the lease of a storm list': ['a storm', unclaimed(key => key.startsWith('digest/'))],
  'the claim of the first look': ['two first looks', unclaimed(key => key.startsWith('first-look/'))],
  'the lease of an outcome': ['three workers that show an outcome', unclaimed(key => key.includes('/result/failed'))],
  'the lease of evidence': ['three workers that show new content', unclaimed(key => key.includes('/result/evidence'))],
  'the lease of a question': ['two questions about a grant', unclaimed(key => key.includes('/grant-question-'))],
  'the lease of a suggestion': ['the third of three equal approvals, twice', unclaimed(key => key.startsWith('set-'))],
  'the lease of a digest': ['two sweeps', unclaimed(key => key.startsWith('observed-posted/'))],
  'the lease of an alert': ['three workers that announce a failed deploy', unclaimed(key => key.startsWith('deploy/'))],
  'the lease of a pull request': [
    'a pull request that is opened and closed',
    unclaimed(key => key.startsWith('pull/')),
  ],
  'the version of a proposal': [
    'two people who approve',
    ({ store }) => {
      const { replace, get } = store
      store.replace = async (current, next) =>
        replace({ ...current, version: (await get(current.id))?.version ?? current.version }, next)
    },
  ],
}

it.each(Object.keys(WITHOUT))(
  'is broken without %s',
  async what => {
    const [where, sabotage] = WITHOUT[what] ?? expect.fail()
    const scenario = SCENARIOS[where] ?? expect.fail()
    const property = fc.asyncProperty(fc.scheduler(), async scheduler => {
      expect(await found(scenario, scheduler, null, sabotage)).toEqual([])
    })
    const { errorInstance } = await fc.check(property, { numRuns: 400, seed: 1, endOnFailure: true })
    expect(['AssertionError', 'RolemedicError']).toContain(errorInstance instanceof Error && errorInstance.name)
  },
  600_000,
)
