/**
 * The law of deliveries: nobody attacks, and everything else goes wrong. People press on three cards of one role, messages come late, twice,
 * and in any order between entities, IAM and processes fail, hours pass, others edit, another configuration is deployed, signing keys are
 * replaced. Once all is quiet, the items, IAM, the objects of `write` and the log say the same. `roles-law.slow.test.ts` has attackers.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { digestOf } from '../../core/base/canonical-json.ts'
import type { PolicyDocument, Statement } from '../../core/iam/policy/policy-document.ts'
import { changeDigest, type PolicyChange } from '../../core/patch/patch.ts'
import { checkLog } from '../../functions/domain/audit/verify-log.ts'
import { ledgerKey, outcomeKey } from '../../functions/domain/authority/spent.ts'
import type { Config } from '../../functions/domain/config/config.ts'
import { failureOf, type Proposal, postedCardOf } from '../../functions/domain/proposal/proposal.ts'
import { clickOn } from '../fakes/bridge-world.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { CARD, DENIAL, HOUR, MINUTE, VERIFICATION } from '../fakes/sample-proposal.ts'
import { DEPLOYMENT } from '../fakes/signing.ts'
import { IDENTITY_CHANGE, proposalWith, TRUST_CHANGE } from '../fakes/two-sided.ts'
import { CONFIG, type Fault, type World, worldWith } from '../fakes/verify-world.ts'
import { objectsIn } from '../verify/left-by-bot.ts'

const RUNS = Number(process.env['FC_RUNS'] ?? 40)

const PEOPLE = [
  { id: 'U0ONCALL1', name: 'Ana' },
  { id: 'U0ONCALL2', name: 'Ben' },
] as const
const ACTIONS = [
  ...(['approve', 'approve', 'approve', 'approve-limited', 'approve-limited'] as const),
  ...(['reject', 'revert', 'revert'] as const),
] as const

const passing = (Sid: string, role: string): Statement => ({
  ...(IDENTITY_CHANGE.after.Statement[0] ?? expect.fail()),
  Sid,
  Resource: `arn:aws:iam::111122223333:role/${role}`,
})
function adding(before: PolicyDocument | null, one: Statement): PolicyChange {
  const after = { Version: '2012-10-17', Statement: [...(before?.Statement ?? []), one] }
  const change = { target: IDENTITY_CHANGE.target, before, after }
  return { ...change, digest: changeDigest(change), required: true }
}
/** All of them change one policy: p-2 was drafted beside p-1, and p-3 after it. */
const CHANGES = new Map<string, PolicyChange[]>([
  ['p-1', [TRUST_CHANGE, IDENTITY_CHANGE]],
  ['p-2', [adding(null, passing('Rolemedic22222222', 'second'))]],
  ['p-3', [adding(IDENTITY_CHANGE.after, passing('Rolemedic33333333', 'third'))]],
])
const IDS = [...CHANGES.keys()]

const WAITS = [MINUTE, MINUTE, 4 * MINUTE, 4 * MINUTE, 11 * MINUTE, 31 * MINUTE, 5 * HOUR, 25 * HOUR]

type Delivery = { readonly n: number; readonly again: boolean; readonly dies: number }
type Failing = { readonly call: 'read' | 'write'; readonly how: 'throws' | 'busy' | 'refuses' | 'lost' }
type Step =
  | { readonly kind: 'press'; readonly id: number; readonly action: number; readonly by: number }
  | ({ readonly kind: 'message' | 'ask' | 'notice' } & Delivery)
  | ({ readonly kind: 'fails' } & Failing)
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'edit' | 'deploy' | 'replace'; readonly n: number }
  | { readonly kind: 'together'; readonly late: number }
  | { readonly kind: 'all'; readonly again: boolean }
  | { readonly kind: 'sweep' | 'ends' }

/** `again`: it stays in its queue. `dies`: the call at which the process dies; 0, mostly: it does not. */
const delivery = fc.record({
  n: fc.nat(5),
  again: fc.boolean(),
  dies: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 60 })),
})
const failing = fc.record({
  call: fc.constantFrom('read' as const, 'write' as const),
  how: fc.constantFrom('throws' as const, 'busy' as const, 'refuses' as const, 'lost' as const),
})
const of = <Kind extends Step['kind'], Facts>(kind: Kind, weight: number, facts: fc.Arbitrary<Facts>) => ({
  weight,
  arbitrary: facts.map(given => ({ kind, ...given })),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  of('press', 7, fc.record({ id: fc.nat(2), action: fc.nat(ACTIONS.length - 1), by: fc.nat(1) })),
  of('message', 4, delivery),
  of('ask', 4, delivery),
  of('notice', 3, delivery),
  of('all', 5, fc.record({ again: fc.boolean() })),
  of('together', 3, fc.record({ late: fc.nat(200) })),
  of('wait', 2, fc.record({ ms: fc.constantFrom(...WAITS) })),
  of('fails', 1, failing),
  of('edit', 1, fc.record({ n: fc.nat(2) })),
  of('deploy', 1, fc.record({ n: fc.nat(2) })),
  of('replace', 1, fc.record({ n: fc.nat(2) })),
  of('sweep', 2, fc.constant({})),
  of('ends', 1, fc.constant({})),
)

/** Whose keys are replaced. */
const SIGNING = ['decisions', 'attestations', 'outcomes'] as const

/** What is deployed meanwhile: other hours, and a mode in which nothing is approved. */
const CONFIGS: readonly Config[] = [CONFIG, { ...CONFIG, limitedGrantHours: 2 }, { ...CONFIG, mode: 'recommend' }]

type Process = ReturnType<World['process']>

const quietly = (job: Promise<unknown>): Promise<boolean> =>
  job.then(
    () => true,
    () => false,
  )

/** True: it is done, or of another function. */
async function handled(live: Process, work: World['messages'][number]): Promise<boolean> {
  switch (work.kind) {
    case 'pressed':
      return quietly(live.askPressed(work.proposalId))
    case 'verify':
      return quietly(live.verify(work.proposalId))
    case 'revert':
      return quietly(live.askToRevert(work.proposalId))
    default:
      return true
  }
}

function taken<T>(queue: T[], one: T): void {
  const at = queue.indexOf(one)
  if (at >= 0) queue.splice(at, 1)
}

async function deliverAll(world: Watched, live: Process, again = false): Promise<void> {
  const { messages, asks, notices } = world
  for (const work of [...messages]) if ((await handled(live, work)) && !again) taken(messages, work)
  for (const ask of [...asks]) if ((await quietly(live.write(ask))) && !again) taken(asks, ask)
  for (const one of [...notices]) if ((await isHome(world, live, one)) && !again) taken(notices, one)
}

/** Nothing fails any more, but for the locks of others. */
async function settle(world: Watched, config: Config): Promise<void> {
  const live = world.process(() => {}, config)
  for (let minutes = 0; minutes < 60; minutes += 1) {
    await deliverAll(world, live)
    await quietly(live.sweep())
    if (minutes % 5 === 0) await quietly(live.ends())
    world.clock.nowMs += MINUTE
  }
}

const THEIRS = { Sid: 'Theirs', Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' } as const

/** Somebody else: adds a statement of theirs, takes it out, or takes out what rolemedic added. */
function edit({ iam, takenOut }: Watched, n: number): void {
  for (const key of [TRUST_CHANGE, IDENTITY_CHANGE].map(({ target }) => keyOf(target))) {
    const now = iam.documents.get(key)
    if (now === undefined) continue
    const others = now.Statement.filter(({ Sid }) => (n === 2 ? !Sid?.startsWith('Rolemedic') : Sid !== 'Theirs'))
    const next = n === 0 ? [...others, THEIRS] : others
    for (const sid of sidsOf(now)) if (n === 2 && sid.startsWith('Rolemedic')) takenOut(`${key} ${sid}`)
    if (next.length > 0) iam.documents.set(key, { ...now, Statement: next })
    else iam.documents.delete(key)
  }
}

async function worldOf(needed: number): Promise<World> {
  const verification = { ...VERIFICATION, approvers: needed } as Proposal['verification']
  const proposals = IDS.map((id, at) =>
    proposalWith(CHANGES.get(id) ?? [], {
      ...{ id, fingerprint: `f-${id}`, denial: { ...DENIAL, id: `d-${id}` }, verification },
      card: { ...CARD, message: `1795521600.00010${at}` },
    } as never),
  )
  const [first, ...others] = proposals
  const world = await worldWith(first ?? expect.fail())
  for (const one of others) await world.add(one)
  world.analyzed.verification = verification
  return world
}

const sidsOf = (document: PolicyDocument | null | undefined): readonly string[] =>
  document?.Statement.flatMap(({ Sid }) => Sid ?? []) ?? []
const added = (before: PolicyDocument | null | undefined, after: PolicyDocument | null): readonly string[] =>
  sidsOf(after).filter(sid => !sidsOf(before).includes(sid))

/** A statement in a document of IAM, and the proposal that adds it. */
const OWNERS = new Map(
  [...CHANGES].flatMap(([id, changes]) =>
    changes.flatMap(({ target, before, after }) => added(before, after).map(sid => [`${keyOf(target)} ${sid}`, id])),
  ) as [string, string][],
)

type Watched = ReturnType<typeof watched>

/** What is wrong on the way, and cannot be seen at the end. */
function watched(world: World) {
  const { iam, ledger, asks } = world
  const broken: string[] = []
  /** What IAM took in this step; what the same process went on from; and of that, what somebody took out. */
  const [written, known, out] = [new Set<string>(), new Set<string>(), new Set<string>()]
  const goesOn = () => {
    for (const one of written) known.add(one)
    written.clear()
  }
  const { read, write } = iam
  iam.read = target => {
    goesOn()
    return read(target)
  }
  iam.write = async (target, document) => {
    goesOn()
    const before = iam.documents.get(keyOf(target))
    const answer = await write(target, document)
    for (const one of added(before, document).map(sid => `${keyOf(target)} ${sid}`)) {
      const id = OWNERS.get(one) ?? ''
      if (ledger.stored.has(ledgerKey('written', DEPLOYMENT, id, 'back')))
        broken.push(`${id} went on after it went back`)
      if (out.has(one)) broken.push(`${id} was written again after somebody took it out`)
      written.add(one)
    }
    return answer
  }
  /** By proposal, the digest of what `write` was asked for last. */
  const lastAsked = new Map<string, string>()
  const { push } = asks
  asks.push = (...given) => {
    for (const ask of given) lastAsked.set(ask.proposalId, digestOf(ask))
    return push.apply(asks, given)
  }
  const begins = () => written.clear()
  const takenOut = (one: string) => void (known.has(one) && out.add(one))
  return { ...world, broken, lastAsked, begins, takenOut }
}

const REFUSALS: readonly string[] = ['again', 'refused', 'not-taken-away']

/** The answer comes home. What refuses an earlier question ends nothing. */
async function isHome(world: Watched, live: Process, { proposalId, number }: World['notices'][number]) {
  const { status } = await world.get(proposalId)
  const isDone = await quietly(live.bringHome(proposalId, number))
  const { statement } = JSON.parse(world.ledger.textOf(outcomeKey(DEPLOYMENT, number)))
  const isEarlier = REFUSALS.includes(statement.result) && statement.asked !== world.lastAsked.get(proposalId)
  const { status: now } = await world.get(proposalId)
  if (isEarlier && now !== status) world.broken.push(`${proposalId} became ${now} by the answer to an earlier question`)
  return isDone
}

/** The next call of this kind fails once. */
function failable({ iam }: World): (next: Failing | null) => void {
  let waiting: Failing | null = null
  const { read, write } = iam
  const take = (call: Failing['call']) => {
    if (waiting?.call !== call) return null
    const { how } = waiting
    waiting = null
    return how
  }
  const fault = () => Object.assign(new Error('socket hang up'), { name: 'TimeoutError' })
  iam.read = async target => {
    const how = take('read')
    if (how === null) return read(target)
    if (how === 'refuses') return { kind: 'unreadable', why: 'AccessDenied' }
    throw fault()
  }
  iam.write = async (target, document) => {
    const how = take('write')
    if (how === 'throws') throw fault()
    if (how === 'busy') return { ok: false, error: { code: 'Throttling', message: 'Rate exceeded', retry: true } }
    if (how === 'refuses') return { ok: false, error: { code: 'AccessDenied', message: 'no', retry: false } }
    const answer = await write(target, document)
    if (how === 'lost') throw fault()
    return answer
  }
  return next => {
    waiting = next
  }
}

function processThatDies(world: World, atCall: number, config: Config): Process {
  let calls = 0
  const killing: Fault = (call, moment) => {
    if (moment === 'before' && ++calls >= atCall) throw new Error(`killed at ${call}`)
  }
  return world.process(atCall === 0 ? () => {} : killing, config)
}

const pick = <T>(list: readonly T[], n: number): T | undefined => list[n % Math.max(1, list.length)]

async function run(needed: number, steps: readonly Step[], sabotage: Sabotage = () => {}): Promise<Watched> {
  const world = watched(await worldOf(needed))
  const { messages, asks, notices, clock } = world
  sabotage(world)
  const fail = failable(world)
  let config: Config = CONFIG
  for (const one of steps) {
    const live = processThatDies(world, 'dies' in one ? one.dies : 0, config)
    world.begins()
    switch (one.kind) {
      case 'press': {
        // No two decisions are of one moment.
        clock.nowMs += 1
        const proposal = await world.get(IDS[one.id])
        const action = ACTIONS[one.action] ?? 'approve'
        const { click, ...request } = clickOn(proposal, action, PEOPLE[one.by])
        const reason = action === 'reject' ? 'not wanted' : null
        await (await live.decide({ ...request, ...postedCardOf(proposal), click: { ...click, reason } })).notify()
        break
      }
      case 'message': {
        const work = pick(messages, one.n)
        if (work !== undefined && (await handled(live, work)) && !one.again) taken(messages, work)
        break
      }
      case 'ask': {
        // The groups of their entities: in each, one after the other.
        const groups = [asks.filter(ask => ask.proposalId === 'p-1'), asks.filter(ask => ask.proposalId !== 'p-1')]
        const ask = pick(
          groups.flatMap(([head]) => head ?? []),
          one.n,
        )
        if (ask !== undefined && (await quietly(live.write(ask))) && !one.again) taken(asks, ask)
        break
      }
      // Two entities, at one time.
      case 'together': {
        const groups = [asks.filter(ask => ask.proposalId === 'p-1'), asks.filter(ask => ask.proposalId !== 'p-1')]
        await Promise.all(
          groups.map(async ([head], at) => {
            for (let ticks = 0; ticks < one.late && at === 1; ticks += 1) await null
            if (head !== undefined && (await quietly(live.write(head)))) taken(asks, head)
          }),
        )
        break
      }
      case 'notice': {
        const notice = pick(notices, one.n)
        if (notice !== undefined && (await isHome(world, live, notice)) && !one.again) taken(notices, notice)
        break
      }
      case 'all':
        await deliverAll(world, live, one.again)
        break
      case 'wait':
        clock.nowMs += one.ms
        break
      case 'fails':
        fail(one)
        break
      case 'deploy':
        config = CONFIGS[one.n] ?? CONFIG
        break
      case 'replace':
        world.signingKeys.replace(SIGNING[one.n] ?? 'outcomes', clock.nowMs)
        break
      case 'edit':
        edit(world, one.n)
        break
      case 'sweep':
        await quietly(live.sweep())
        break
      case 'ends':
        await quietly(live.ends())
        break
    }
  }
  fail(null)
  await settle(world, config)
  return world
}

/** Of each statement that the proposal adds, whether IAM has it. */
function standing(world: World, id: string): readonly boolean[] {
  return (CHANGES.get(id) ?? []).flatMap(({ target, before, after }) => {
    const now = sidsOf(world.iam.documents.get(keyOf(target)))
    return added(before, after).map(sid => now.includes(sid))
  })
}

/** Both people approve `id`, and it may be written. */
const approving = (id: number, action: number, isWritten: boolean): readonly Step[] => [
  ...[0, 1].map(by => ({ kind: 'press', id, action, by }) as const),
  ...(isWritten ? [{ kind: 'all', again: action === 0 } as const] : []),
]
const begun = fc.tuple(fc.nat(1), fc.constantFrom(0, 4), fc.boolean()).map(given => approving(...given))

const MESSAGE: Step = { kind: 'message', n: 0, again: false, dies: 0 }
const ASK: Step = { kind: 'ask', n: 0, again: false, dies: 0 }
const NOTICE: Step = { kind: 'notice', n: 0, again: false, dies: 0 }
const swept = (ms: number): readonly Step[] => [{ kind: 'wait', ms }, { kind: 'sweep' }, { ...MESSAGE, n: 5 }, MESSAGE]
const meanwhile = fc.array(
  fc.oneof(
    fc.constantFrom<readonly Step[]>([ASK], [NOTICE], [{ kind: 'edit', n: 2 }], [{ kind: 'ends' }]),
    fc.constantFrom(...WAITS).map(swept),
  ),
  { maxLength: 2 },
)
/** `write` dies somewhere and comes again. */
const dying = fc.integer({ min: 10, max: 35 }).map((dies): Step => ({ ...ASK, again: true, dies }))
const failed = failing.map((one): Step => ({ kind: 'fails', ...one }))
/** How `write` stumbles: on its way back, before somebody takes out what it wrote, or with an answer that comes after the next question. */
const stumbles = fc.oneof(
  fc.tuple(failed, dying),
  dying.map((one): readonly Step[] => [one, { kind: 'edit', n: 2 }]),
  failed.map((one): readonly Step[] => [one, ASK, ...swept(4 * MINUTE), NOTICE]),
)
const stumbling = fc
  .record({ id: fc.nat(1), action: fc.constantFrom(0, 4), stumbles, meanwhile })
  .map((given): readonly Step[] => [
    ...approving(given.id, given.action, false),
    ...[MESSAGE, MESSAGE],
    ...given.stumbles,
    ...given.meanwhile.flat(),
    ...[ASK, NOTICE],
  ])

/** How the sequences end, so that none is about nothing. */
const met = new Map<string, number>()

async function disagreements(world: Watched, isTakenOut: boolean): Promise<readonly string[]> {
  const found = [...world.broken]
  for (const id of IDS) {
    const proposal = await world.get(id)
    const { status } = proposal
    met.set(status, (met.get(status) ?? 0) + 1)
    const stands = standing(world, id)
    const ended = ledgerKey('ended', DEPLOYMENT, id, '')
    const isEnded = [...world.ledger.stored.keys()].some(key => key.startsWith(ended))
    const isApplied = status === 'applied' || status === 'confirmed'
    if (isEnded && stands.includes(true)) found.push(`${id} has ended and stands`)
    if (isApplied && !isTakenOut && failureOf(proposal) === null && stands.includes(false))
      found.push(`${id} is ${status} and does not stand`)
    if (!isApplied && stands.includes(true)) found.push(`${id} is ${status} and stands`)
    if (['approved', 'applying', 'reverting'].includes(status)) found.push(`${id} is still ${status}`)
  }
  const stored = []
  for await (const one of world.log.stored()) stored.push(one)
  const ledger = { objects: objectsIn(world), nowMs: world.clock.nowMs }
  const { findings } = checkLog({
    stored,
    head: await world.log.head(),
    findings: [],
    keys: world.signingKeys.deployed().ring,
    ledger,
  })
  // The log in memory is not signed.
  return [...found, ...findings.filter(({ kind }) => kind !== 'unsigned').map(one => `${one.kind}: ${one.detail}`)]
}

const more = fc.array(step, { minLength: 5, maxLength: 50 })
const sequences = fc.tuple(
  fc.constantFrom(1, 2),
  fc.tuple(fc.oneof(begun, stumbling), more).map(parts => parts.flat()),
)

async function agrees(needed: number, given: readonly Step[], sabotage?: Sabotage): Promise<void> {
  const isTakenOut = given.some(one => one.kind === 'edit' && one.n === 2)
  expect(await disagreements(await run(needed, given, sabotage), isTakenOut)).toEqual([])
}

it('leaves the items, IAM, the objects and the log in agreement, whatever comes late, twice or never', async () => {
  await fc.assert(
    fc.asyncProperty(sequences, ([needed, given]) => agrees(needed, given)),
    { numRuns: RUNS },
  )
  for (const status of ['applied', 'reverted', 'rejected', 'stale']) expect([...met.keys()]).toContain(status)
}, 600_000)

/** One thing of `write` or of the way home is not there. */
type Sabotage = (world: World) => void

const WITHOUT: { readonly [what: string]: Sabotage } = {
  'the mark that it only goes back'({ ledger }) {
    const { keys } = ledger
    ledger.keys = async function* (prefix, after) {
      for await (const key of keys(prefix, after)) if (!key.endsWith('/back')) yield key
    }
  },
  'the marks of what IAM accepted'({ ledger }) {
    const { create } = ledger
    ledger.create = async (key, text) => (/^written\/.*\/\d+$/.test(key) ? 'created' : create(key, text))
  },
  'a look at which question a refusal answers'({ store, ledger }) {
    const { get } = store
    store.get = async id => {
      const proposal = await get(id)
      const outcomes = [...ledger.stored.keys()].filter(key => key.startsWith('outcomes/')).sort()
      const last = outcomes.map(key => JSON.parse(ledger.textOf(key)).statement).findLast(one => one.proposalId === id)
      const isAsked = last !== undefined && (proposal?.status === 'applying' || proposal?.status === 'reverting')
      if (!isAsked || proposal.asked === null) return proposal
      return { ...proposal, asked: { ...proposal.asked, digest: last.asked } }
    }
  },
}

it.each(Object.keys(WITHOUT))(
  'is broken without %s',
  async what => {
    const property = fc.asyncProperty(sequences, ([needed, given]) => agrees(needed, given, WITHOUT[what]))
    const { failed } = await fc.check(property, { numRuns: 400, seed: 1, endOnFailure: true })
    expect(failed).toBe(true)
  },
  600_000,
)
