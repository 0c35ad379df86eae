import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changeDigest } from '../../core/patch/target.ts'
import { checkLog } from '../../functions/domain/audit/verify-log.ts'
import type { Click } from '../../functions/domain/proposal/click.ts'
import type { Proposal } from '../../functions/domain/proposal/proposal.ts'
import { FAKE_ORIGIN } from '../../simulator/slack-requests.ts'
import { crashPoints } from '../crash-points.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { CARD, DENIAL, inStatus, MINUTE, NOON } from '../fakes/sample-proposal.ts'
import { RING } from '../fakes/signing.ts'
import { IDENTITY_CHANGE, proposalWith, TRUST_CHANGE } from '../fakes/two-sided.ts'
import { type Fault, ONCALL, textOf, type World, worldWith } from '../fakes/verify-world.ts'
import { objectsIn } from './left-by-bot.ts'
import { askedToRevert } from './verify-fixture.ts'

type Process = ReturnType<World['process']>

const CHANGES = [TRUST_CHANGE, IDENTITY_CHANGE]
const APPROVED = {
  status: 'approved' as const,
  approvals: [{ by: ONCALL, atMs: NOON, limitHours: null, reason: null }],
  dueAtMs: NOON + 2 * MINUTE,
}

class Killed extends Error {}

/** `write` says of a call that died what it was for. */
const isKill = (error: unknown): boolean =>
  error instanceof Killed || (error instanceof Error && error.cause instanceof Killed)

/** Kills the process at its nth call, before or after the call; from then on nothing of that process reaches the world. */
function killAt(n: number, when: 'before' | 'after') {
  const calls: string[] = []
  let dead = false
  const fault: Fault = (call, moment) => {
    if (dead) throw new Killed(call)
    if (moment === 'before') calls.push(call)
    if (calls.length < n || moment !== when || calls[n - 1] !== call) return
    dead = true
    throw new Killed(call)
  }
  return { fault, calls, isDead: () => dead }
}

const click = (proposal: Proposal, action: Click['action']) => ({
  kind: 'click' as const,
  origin: FAKE_ORIGIN,
  ...CARD,
  cardOf: proposal.id,
  click: {
    action,
    by: ONCALL,
    proposalId: proposal.id,
    digest: proposal.patch?.digest ?? '',
    reason: action === 'reject' ? 'not wanted' : null,
  },
})

async function press(world: World, live: Process, action: Click['action']): Promise<void> {
  const handled = await live.decide(click(await world.get(), action))
  await handled.notify()
}

type Scenario = {
  readonly name: string
  readonly prepare: () => Promise<World>
  /** The first process, which may be killed anywhere. */
  readonly run: (world: World, live: Process) => Promise<unknown>
  /** What a person would do who saw no effect. */
  readonly again?: (world: World, live: Process) => Promise<unknown>
  /** No call of the run is one of the table. */
  readonly withoutTable?: true
  readonly kinds: readonly string[]
  readonly statuses: readonly string[]
  /** Writes of each target at the end, by key. */
  readonly writes: { readonly [key: string]: number }
  readonly documents: (world: World) => void | Promise<void>
}

const IDENTITY = keyOf(IDENTITY_CHANGE.target)
const TRUST = keyOf(TRUST_CHANGE.target)

const standing = (world: World) => {
  expect(world.iam.documents.get(IDENTITY)).toEqual(IDENTITY_CHANGE.after)
  expect(world.iam.documents.get(TRUST)).toEqual(TRUST_CHANGE.after)
}
const gone = (world: World) => {
  expect(world.iam.documents.has(IDENTITY)).toBe(false)
  expect(world.iam.documents.get(TRUST)).toEqual(TRUST_CHANGE.before)
}

async function appliedWorld(): Promise<World> {
  const world = await worldWith(proposalWith(CHANGES, APPROVED))
  await world.process().apply('p-1')
  world.iam.writes.length = 0
  return world
}

const SCENARIOS: Scenario[] = [
  {
    name: 'decide: approve',
    prepare: () => worldWith(proposalWith(CHANGES)),
    run: (world, live) => press(world, live, 'approve'),
    again: (world, live) => press(world, live, 'approve'),
    kinds: ['approved', 'apply-intended', 'applied', 'confirmed'],
    statuses: ['confirmed'],
    writes: { [IDENTITY]: 1, [TRUST]: 1 },
    documents: standing,
  },
  {
    name: 'decide: reject',
    prepare: () => worldWith(proposalWith(CHANGES)),
    run: (world, live) => press(world, live, 'reject'),
    again: (world, live) => press(world, live, 'reject'),
    kinds: ['rejected'],
    statuses: ['rejected'],
    writes: {},
    documents: gone,
  },
  {
    name: 'apply: both sides',
    prepare: () => worldWith(proposalWith(CHANGES, APPROVED)),
    run: (_world, live) => live.apply('p-1'),
    kinds: ['approved', 'apply-intended', 'applied', 'confirmed'],
    statuses: ['confirmed'],
    writes: { [IDENTITY]: 1, [TRUST]: 1 },
    documents: standing,
  },
  {
    name: 'apply: the world has moved',
    prepare: async () => {
      const world = await worldWith(proposalWith(CHANGES, APPROVED))
      world.iam.documents.set(IDENTITY, { Version: '2012-10-17', Statement: [] })
      return world
    },
    run: (_world, live) => live.apply('p-1'),
    kinds: ['approved', 'stale'],
    statuses: ['stale'],
    writes: {},
    documents: world => expect(world.messages).toEqual([]),
  },
  {
    name: 'apply: IAM refuses the second write',
    prepare: async () => {
      const world = await worldWith(proposalWith(CHANGES, APPROVED))
      world.iam.refusals.set(TRUST, { code: 'LimitExceeded', message: 'too long', retry: false })
      return world
    },
    run: (_world, live) => live.apply('p-1'),
    kinds: ['approved', 'apply-intended', 'apply-failed'],
    statuses: ['failed'],
    // Written once, and reverted once.
    writes: { [IDENTITY]: 2 },
    documents: gone,
  },
  {
    name: 'apply: for an hour',
    prepare: () =>
      worldWith(
        proposalWith(CHANGES, {
          ...APPROVED,
          approvals: [{ by: ONCALL, atMs: NOON, limitHours: 1, reason: null }],
        }),
      ),
    run: (_world, live) => live.apply('p-1'),
    kinds: ['approved', 'apply-intended', 'applied', 'revert-intended', 'reverted'],
    statuses: ['reverted'],
    // Written, and taken out again by the sweep at its end.
    writes: { [IDENTITY]: 2, [TRUST]: 2 },
    documents: gone,
  },
  {
    name: 'decide and revert: both sides',
    prepare: appliedWorld,
    run: async (world, live) => {
      await press(world, live, 'revert')
      await live.revert('p-1')
    },
    again: (world, live) => press(world, live, 'revert'),
    kinds: ['approved', 'apply-intended', 'applied', 'revert-intended', 'reverted'],
    statuses: ['reverted'],
    writes: { [IDENTITY]: 1, [TRUST]: 1 },
    documents: gone,
  },
  {
    name: 'revert: drift',
    prepare: async () => {
      const world = await appliedWorld()
      const now = await world.get()
      const asked = askedToRevert(inStatus(now, 'applied'), ONCALL, NOON)
      await world.store.replace(now, { ...asked, dueAtMs: NOON })
      const [own] = IDENTITY_CHANGE.after.Statement
      if (own !== undefined)
        world.iam.documents.set(IDENTITY, { ...IDENTITY_CHANGE.after, Statement: [{ ...own, Resource: '*' }] })
      return world
    },
    run: (_world, live) => live.revert('p-1'),
    kinds: ['approved', 'apply-intended', 'applied', 'revert-intended', 'revert-failed'],
    statuses: ['applied', 'confirmed'],
    // What nobody has edited is taken away.
    writes: { [TRUST]: 1 },
    documents: world => expect(world.iam.documents.get(TRUST)).toEqual(TRUST_CHANGE.before),
  },
]

/** An earlier grant did not help, and the next change removes it. */
async function withdrawingWorld(): Promise<World> {
  const Resource = 'arn:aws:iam::111122223333:role/other'
  const useless = { Sid: 'Rolemedic99999999', Effect: 'Allow', Action: 'iam:PassRole', Resource } as const
  const granted = { ...IDENTITY_CHANGE, after: { Version: '2012-10-17', Statement: [useless] } } as const
  const instead = { ...IDENTITY_CHANGE, before: granted.after }
  const digested = (change: typeof granted | typeof instead) => [{ ...change, digest: changeDigest(change) }]
  const denial = { ...DENIAL, id: 'earlier' }
  const world = await worldWith(
    proposalWith(digested(granted), { ...APPROVED, id: 'p-0', denial, fingerprint: 'earlier' }),
  )
  await world.process().apply('p-0')
  world.iam.writes.length = 0
  world.clock.nowMs = NOON + 5 * MINUTE
  const previous = { id: 'p-0', status: 'applied', withdrawn: true } as const
  const later = { denial: { ...DENIAL, timeMs: NOON + 3 * MINUTE }, dueAtMs: NOON + 6 * MINUTE }
  await world.add(proposalWith(digested(instead), { ...APPROVED, ...later, previous }))
  return world
}

/** Written 21 minutes ago, and CloudTrail does not know its denial. */
async function unwitnessedWorld(): Promise<World> {
  const world = await appliedWorld()
  world.history.answer = () => ({ kind: 'refuted', why: 'it has no such event' })
  world.clock.nowMs = NOON + 21 * MINUTE
  return world
}
const isMissed = async (world: World) => {
  standing(world)
  expect(await world.get()).toMatchObject({ record: 'missing' })
}

/** Its hour was over six minutes ago. */
async function overdueWorld(): Promise<World> {
  const approvals = [{ by: ONCALL, atMs: NOON, limitHours: 1, reason: null }]
  const world = await worldWith(proposalWith(CHANGES, { ...APPROVED, approvals }))
  await world.process().apply('p-1')
  world.iam.writes.length = 0
  world.clock.nowMs = NOON + 66 * MINUTE
  return world
}

SCENARIOS.push(
  {
    name: 'apply: it withdraws an earlier grant',
    prepare: withdrawingWorld,
    run: (_world, live) => live.apply('p-1'),
    kinds: ['approved', 'apply-intended', 'applied', 'confirmed'],
    statuses: ['applied', 'confirmed'],
    writes: { [IDENTITY]: 1 },
    async documents(world) {
      expect(world.iam.documents.get(IDENTITY)).toEqual(IDENTITY_CHANGE.after)
      expect((await world.get('p-0')).status).toBe('reverted')
    },
  },
  {
    name: 'record: it is there',
    prepare: appliedWorld,
    run: (_world, live) => live.lookForRecord('p-1'),
    kinds: ['approved', 'apply-intended', 'applied', 'confirmed'],
    statuses: ['confirmed'],
    writes: {},
    async documents(world) {
      standing(world)
      expect(await world.get()).toMatchObject({ record: 'seen', recordSeen: { statement: { proposalId: 'p-1' } } })
    },
  },
  {
    name: 'record: it is missing',
    prepare: unwitnessedWorld,
    run: (_world, live) => live.lookForRecord('p-1'),
    kinds: ['approved', 'apply-intended', 'applied', 'confirmed'],
    statuses: ['confirmed'],
    writes: {},
    documents: isMissed,
  },
  {
    name: 'schedule: a record is missing',
    prepare: unwitnessedWorld,
    run: (_world, live) => live.missingRecords(),
    kinds: ['approved', 'apply-intended', 'applied', 'confirmed'],
    statuses: ['confirmed'],
    writes: {},
    documents: isMissed,
  },
  {
    name: 'schedule: the end of a limit, while the table cannot be read',
    prepare: overdueWorld,
    async run(world, live) {
      await live.ends()
      for (const ask of [...world.asks]) {
        await live.write(ask)
        world.asks.splice(world.asks.indexOf(ask), 1)
      }
      gone(world)
    },
    withoutTable: true,
    kinds: ['approved', 'apply-intended', 'applied', 'reverted'],
    statuses: ['reverted'],
    writes: { [IDENTITY]: 1, [TRUST]: 1 },
    documents: gone,
  },
)

/** Kinds that some order of events may leave out or add without harm. */
const OPTIONAL = new Set(['approved', 'confirmed', 'revert-intended'])

async function check(world: World, scenario: Scenario, at: string): Promise<void> {
  const proposal = await world.get()
  expect(scenario.statuses, at).toContain(proposal.status)
  expect(await world.card(), at).toBe(textOf(proposal))

  const entries: string[] = []
  for await (const { entry } of world.log.records()) entries.push(`${entry.proposalId} ${entry.kind}`)
  const kinds = entries.flatMap(one => (one.startsWith('p-1 ') ? [one.slice('p-1 '.length)] : []))
  const expected = scenario.kinds.filter(kind => !OPTIONAL.has(kind))
  expect(
    kinds.filter(kind => !OPTIONAL.has(kind)),
    at,
  ).toEqual(expected)
  expect(new Set(entries).size, `${at}: no record twice`).toBe(entries.length)
  const stored = []
  for await (const one of world.log.stored()) stored.push(one)
  const ledger = { objects: objectsIn(world), nowMs: world.clock.nowMs }
  const log = checkLog({ stored, head: await world.log.head(), findings: [], keys: RING, ledger })
  // The log in memory is not signed.
  expect(
    log.findings.filter(({ kind }) => kind !== 'unsigned'),
    at,
  ).toEqual([])
  expect(log.ledger, at).toMatchObject({ checked: true })

  const writes = Object.fromEntries(
    Object.entries(Object.groupBy(world.iam.writes, write => keyOf(write.target))).map(([key, list]) => [
      key,
      list?.length ?? 0,
    ]),
  )
  expect(writes, at).toEqual(scenario.writes)
  await scenario.documents(world)
}

let points = 0
let possible = 0

describe.each(SCENARIOS)('a kill at any call of $name', scenario => {
  it('comes to the same end by redelivery and sweep', async () => {
    const calm = await scenario.prepare()
    const counting = killAt(Number.POSITIVE_INFINITY, 'before')
    await scenario.run(calm, calm.process(counting.fault))
    if (scenario.withoutTable) expect(counting.calls.filter(call => call.startsWith('store.'))).toEqual([])
    await calm.settle()
    await check(calm, scenario, 'without a kill')
    possible += 2 * counting.calls.length

    for (const { n, when } of crashPoints(counting.calls.length)) {
      const world = await scenario.prepare()
      const killer = killAt(n, when)
      const at = `killed ${when} call ${n}, ${counting.calls[n - 1]}`
      await scenario.run(world, world.process(killer.fault)).catch(error => {
        if (!isKill(error)) throw new Error(`${at}: ${error}`, { cause: error })
      })
      expect(killer.isDead(), at).toBe(true)
      points += 1
      const untouched = (await world.get()).version === (await (await scenario.prepare()).get()).version
      // SQS delivers again what was not finished; a person presses again when nothing happened.
      if (scenario.again === undefined) await redeliver(world, scenario)
      else if (untouched) await scenario.again(world, world.process())
      await world.settle()
      await check(world, scenario, at)
    }
  })
})

describe('while KMS answers nothing', () => {
  const down =
    (call: string): Fault =>
    (called, moment) => {
      if (called === call && moment === 'before') throw new Error('KMS is not reachable')
    }

  it('decides nothing, and the next press decides once', async () => {
    const world = await worldWith(proposalWith(CHANGES))
    await expect(press(world, world.process(down('signer.sign')), 'approve')).rejects.toThrow('KMS is not reachable')
    expect(await world.get()).toMatchObject({ status: 'open', approvals: [] })
    await press(world, world.process(), 'approve')
    await world.settle()
    await check(world, scenario('decide: approve'), 'after KMS was down')
  })

  it.each(['apply: both sides', 'decide and revert: both sides'])('writes nothing, then once: %s', async name => {
    const { prepare, run, again } = scenario(name)
    const world = await prepare()
    const blind = world.process(down('keys.ring'))
    await expect(run(world, blind)).rejects.toThrow('KMS is not reachable')
    expect(world.iam.writes).toEqual([])
    if (again === undefined) await redeliver(world, scenario(name))
    else await again(world, world.process())
    await world.settle()
    await check(world, scenario(name), 'after KMS was down')
  })
})

function scenario(name: string): Scenario {
  const found = SCENARIOS.find(one => one.name === name)
  if (found === undefined) throw new Error(`no ${name}`)
  return found
}

it('comes to the same end however often it is killed on the way', async () => {
  const [approve] = SCENARIOS
  if (approve === undefined) throw new Error('no scenario')
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.boolean()), { maxLength: 6 }),
      async kills => {
        const world = await approve.prepare()
        for (const [n, before] of kills) {
          const live = world.process(killAt(n, before ? 'before' : 'after').fault)
          const alive = async () => {
            if ((await world.get()).status === 'open') await press(world, live, 'approve')
            await world.deliver(live)
            await live.sweep()
          }
          await alive().catch(error => {
            if (!isKill(error)) throw error
          })
          world.clock.nowMs += MINUTE
        }
        if ((await world.get()).status === 'open') await press(world, world.process(), 'approve')
        await world.settle()
        await check(world, approve, JSON.stringify(kills))
      },
    ),
    { numRuns: Number(process.env['FC_RUNS'] ?? 60) },
  )
})

it('was tried at every crash point', () => {
  console.info(`crash points: ${points} of ${possible}`)
  expect(possible).toBeGreaterThan(300)
  // One of the two at each call: before it, or after it.
  expect(points).toBeGreaterThanOrEqual(possible / 2)
})

async function redeliver(world: World, { name }: Scenario): Promise<void> {
  if (name.startsWith('schedule')) {
    await world.process().ends()
    await world.process().missingRecords()
    return
  }
  const kind = name.startsWith('revert') ? 'revert' : name.startsWith('record') ? 'witness' : 'verify'
  world.messages.push({ kind, proposalId: 'p-1' })
}
