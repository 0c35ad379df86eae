/**
 * The law of several abilities, of all functions and of the human roles of the hub: whatever one of them stores, puts, sends and signs with
 * all its permissions together, then the honest functions run over what is there. IAM opens only what people approved, once; nothing that
 * was rejected is written; and no outcome and no record of `verify` is untrue. `writer-law.test.ts` has the same of `write` alone.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../core/base/canonical-json.ts'
import type { Statement } from '../../core/iam/policy/policy-document.ts'
import type { WriteAsk } from '../../functions/domain/authority/checks/input.ts'
import type { KeyUse } from '../../functions/domain/authority/signature.ts'
import { OUTCOME, type SignedOutcome, type WriteOutcome } from '../../functions/domain/authority/spent.ts'
import { statementBytes } from '../../functions/domain/authority/statement.ts'
import { type Proposal, STATUSES } from '../../functions/domain/proposal/proposal.ts'
import type { Work } from '../../functions/domain/proposal/work.ts'
import { FUNCTIONS, type FunctionName } from '../../infra/bundle.ts'
import { tableAccess } from '../../infra/constructs/roles/table-permissions.ts'
import { LEDGER_WRITERS, queueName, SENDERS, SIGNERS } from '../../infra/names.ts'
import { clickOn } from '../fakes/bridge-world.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { HOUR, MINUTE, NOON, VERIFICATION } from '../fakes/sample-proposal.ts'
import { DEPLOYMENT, decisionAbout, signatureOf, signedBy } from '../fakes/signing.ts'
import { IDENTITY_CHANGE, proposalWith, TRUST_CHANGE } from '../fakes/two-sided.ts'
import { type Fault, type World, worldWith } from '../fakes/verify-world.ts'

/** Fewer runs would not meet enough of each. */
const RUNS = Math.max(Number(process.env['FC_RUNS'] ?? 300), 300)

type Queue = keyof typeof SENDERS
/** What one role may do, all of it together. */
type Abilities = {
  readonly signs: readonly KeyUse[]
  readonly puts: readonly string[]
  readonly sends: readonly Queue[]
  /** Proposals in the table. */
  readonly stores: boolean
  /** Objects of the audit log. */
  readonly logs: boolean
  /** Moves old messages back into their queues. */
  readonly redelivers: boolean
}

const QUEUES = Object.keys(SENDERS) as readonly Queue[]
const namesOf = (of: object, role: string): readonly string[] =>
  Object.entries(of).flatMap(([name, holders]) => ([holders].flat().includes(role) ? [name] : []))

/** `test/infra` holds these lists to what is synthesized and released. */
const functionAbilities = (role: FunctionName): Abilities => ({
  signs: namesOf(SIGNERS, role) as readonly KeyUse[],
  puts: namesOf(LEDGER_WRITERS, role),
  sends: namesOf(SENDERS, role) as readonly Queue[],
  stores: tableAccess(role).put.includes('proposal#*'),
  logs: ['propose', 'decide', 'verify', 'sweep'].includes(role),
  redelivers: false,
})

/** The role of on-call people, from its policy. */
function operatorAbilities(): Abilities {
  const file = join(import.meta.dirname, '../../infra/policies/platform-operates-rolemedic.json')
  const { Statement } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly Statement: readonly { readonly Action: string | string[]; readonly Resource: string | string[] }[]
  }
  const may = (action: string) => Statement.filter(({ Action }) => [Action].flat().includes(action))
  const sent = may('sqs:SendMessage').flatMap(({ Resource }) => [Resource].flat())
  return {
    signs: may('kms:Sign').length > 0 ? ['decisions', 'attestations', 'outcomes'] : [],
    puts: may('s3:PutObject').length > 0 ? Object.keys(LEDGER_WRITERS) : [],
    sends: QUEUES.filter(name => sent.some(arn => arn.endsWith(`:${queueName(name)}`))),
    stores: may('dynamodb:PutItem').length > 0,
    logs: may('s3:PutObject').length > 0,
    redelivers: may('sqs:StartMessageMoveTask').length > 0,
  }
}

/** An administrator of a hub without the SCPs: all that no policy of a resource denies to everybody else. */
const ADMINISTRATOR: Abilities = { signs: [], puts: [], sends: [], stores: true, logs: true, redelivers: true }

const BOTS = FUNCTIONS.map(name => [name, functionAbilities(name)] as const)
/** `write` alone writes to IAM: with its role, everything is possible. */
const ATTACKERS: readonly (readonly [string, Abilities])[] = [
  ...BOTS.filter(([name]) => name !== 'write'),
  ['platform-operates-rolemedic', operatorAbilities()],
  ['administrator', ADMINISTRATOR],
]

const ANA = { id: 'U0ONCALL1', name: 'Ana' }
const BEN = { id: 'U0ONCALL2', name: 'Ben' }
const CHANGES = [TRUST_CHANGE, IDENTITY_CHANGE]

type Step =
  | {
      readonly kind: 'press'
      readonly action: 'approve' | 'approve-limited' | 'reject' | 'revert'
      readonly by: number
    }
  | { readonly kind: 'work' | 'removed' }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'store'; readonly status: Proposal['status']; readonly n: number }
  | { readonly kind: 'send' | 'put' | 'log'; readonly n: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('press' as const),
      action: fc.constantFrom(
        'approve' as const,
        'approve' as const,
        'approve-limited' as const,
        'reject' as const,
        'revert' as const,
      ),
      by: fc.nat(1),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'work' as const }) },
  fc.constant({ kind: 'removed' as const }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(MINUTE, 11 * MINUTE, 31 * MINUTE, 25 * HOUR) }),
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('store' as const), status: fc.constantFrom(...STATUSES), n: fc.nat(63) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('send' as const, 'put' as const, 'log' as const), n: fc.nat(255) }),
  },
)
const sequence = fc.record({
  attacker: fc.nat(ATTACKERS.length - 1),
  needed: fc.constantFrom(1 as const, 2 as const),
  isWritten: fc.boolean(),
  steps: fc.array(step, { minLength: 1, maxLength: 10 }),
})
/** People approved it, and it was written. */
const WRITTEN: readonly Step[] = [
  { kind: 'press', action: 'approve', by: 0 },
  { kind: 'press', action: 'approve', by: 1 },
  { kind: 'work' },
]

const pick = <T>(list: readonly T[], n: number): T | undefined => list[n % Math.max(1, list.length)]
const statementsOf = (document: { readonly Statement: readonly Statement[] } | null): readonly string[] =>
  (document?.Statement ?? []).map(canonicalJson)
/** Without the end that an approver chose. */
const endless = (text: string): string => {
  const { Condition, ...rest } = JSON.parse(text) as Statement
  const { DateLessThan: _, ...more } = Condition ?? {}
  return canonicalJson({ ...rest, ...(Object.keys(more).length === 0 ? {} : { Condition: more }) })
}
const APPROVED = CHANGES.flatMap(({ before, after }) =>
  statementsOf(after).filter(one => !statementsOf(before).includes(one)),
)
/** Of the change, as IAM has it now. */
const open = ({ iam }: World): number =>
  CHANGES.flatMap(({ target }) => statementsOf(iam.documents.get(keyOf(target)) ?? null)).filter(one =>
    APPROVED.includes(endless(one)),
  ).length

/** What the sequences have come to, so that none is about nothing. */
const met = new Map<string, number>()

type Broken = string | null

/**
 * Null: the law holds. `forgotten`: the prefix whose objects are lost before each run. `isTrusted`: the holder of the key of decisions
 * says who approved.
 */
async function brokenBy(
  able: Abilities,
  needed: number,
  steps: readonly Step[],
  { forgotten = null, isTrusted = true }: { readonly forgotten?: string | null; readonly isTrusted?: boolean } = {},
): Promise<Broken> {
  const proposal = proposalWith(CHANGES, { verification: { ...VERIFICATION, approvers: needed } } as never)
  const world = await worldWith(proposal)
  // `verify` reads IAM itself, whatever the item says of the risk.
  world.analyzed.verification = { ...VERIFICATION, approvers: needed }
  let broken: Broken = null
  const breaks = (why: string) => {
    broken ??= why
  }
  /** Who pressed, and when. */
  const pressed = new Map<string, number>()
  let isRejected = false
  const asked: WriteAsk[] = []
  const items: Proposal[] = []
  let seenWrites = 0

  /** What was signed is held against IAM when it is signed. */
  const watch: Fault = (call, moment) => {
    if (call === 'writer.write' && moment === 'after') judgeWrites()
    if (call === 'ledger.create' && moment === 'after') {
      const outcome = lastOutcome(world)
      if (outcome !== null) judgeOutcome(outcome)
    }
    if (call === 'objects.create' && moment === 'after') judgeRecord()
  }
  const live = world.process(watch)

  function judgeWrites(): void {
    for (const { before, after } of world.iam.writes.slice(seenWrites)) {
      const opened = statementsOf(after).filter(one => !statementsOf(before).includes(one))
      if (opened.length === 0) continue
      if (opened.some(one => !APPROVED.includes(endless(one)))) breaks('something is open that nobody was asked for')
      const now = world.clock.nowMs
      const fresh = [...pressed.values()].filter(atMs => atMs > now - 24 * HOUR).length
      if (!(isTrusted && able.signs.includes('decisions')) && fresh < needed)
        breaks('too few people approved what was written')
      if (isRejected) breaks('it was rejected')
    }
    seenWrites = world.iam.writes.length
    for (const { target } of CHANGES) {
      const times = world.iam.writes.filter(
        write =>
          keyOf(write.target) === keyOf(target) && statementsOf(write.after).length > statementsOf(write.before).length,
      ).length
      if (times > 1) breaks('it was written twice')
    }
  }
  function judgeOutcome({ result }: WriteOutcome): void {
    if (result === 'written' && open(world) === 0) breaks('an outcome says written')
    if ((result === 'taken-away' || result === 'undone') && open(world) > 0) breaks('an outcome says taken away')
  }
  function judgeRecord(): void {
    const [, text = '{}'] = [...world.objects.texts].at(-1) ?? []
    const kind = (JSON.parse(text) as { readonly entry?: { readonly kind?: string } }).entry?.kind
    const results = outcomesIn(world).map(({ result }) => result)
    if (kind === 'applied' && !results.includes('written')) breaks('a record says applied')
    if (kind === 'reverted' && !results.includes('taken-away')) breaks('a record says reverted')
  }

  const attempt = async (work: () => Promise<unknown>): Promise<void> => void (await work().catch(() => null))
  async function run(): Promise<void> {
    if (forgotten !== null)
      for (const key of world.ledger.stored.keys()) if (key.startsWith(`${forgotten}/`)) world.ledger.stored.delete(key)
    for (let turn = 0; turn < 2; turn += 1) {
      for (const work of [...world.messages])
        if (work.kind === 'verify') await attempt(() => live.verify(work.proposalId))
      asked.push(...world.asks)
      await attempt(() => live.answer())
      await attempt(() => world.deliver(live))
      world.messages.length = 0
      world.asks.length = 0
      world.notices.length = 0
      await attempt(() => live.sweep())
      world.clock.nowMs += MINUTE
    }
  }

  for (const one of steps) {
    const current = await world.get().catch(() => null)
    // The attacker made it unreadable: nothing follows from it any more.
    if (current === null) break
    items.push(current)
    switch (one.kind) {
      case 'press': {
        const by = one.by === 0 ? ANA : BEN
        await attempt(() => live.decide(pressOn(current, one.action, by)))
        const after = (await world.get().catch(() => null)) ?? current
        const gave = (seen: Proposal) =>
          'approvals' in seen ? seen.approvals.filter(a => a.by.id === by.id).length : 0
        if (one.action.startsWith('approve') && gave(after) > gave(current)) pressed.set(by.id, world.clock.nowMs)
        if (one.action === 'reject' && after.status === 'rejected' && current.status !== 'rejected') isRejected = true
        break
      }
      case 'work':
        await run()
        break
      case 'removed':
        world.iam.documents.delete(keyOf(IDENTITY_CHANGE.target))
        world.iam.documents.set(keyOf(TRUST_CHANGE.target), TRUST_CHANGE.before ?? expect.fail('no trust policy'))
        break
      case 'wait':
        world.clock.nowMs += one.ms
        break
      case 'store':
        if (able.stores) await world.store.replace(current, stored(one, current, items, able))
        break
      case 'send':
        send(one.n)
        break
      case 'put':
        await putObject(one.n)
        break
      case 'log': {
        const texts = [...world.objects.texts.values()]
        if (able.logs) await world.objects.create(world.objects.texts.size + 1, pick([...texts, '{}'], one.n) ?? '{}')
        break
      }
      default:
    }
  }
  await run()
  await run()
  met.set('written', (met.get('written') ?? 0) + (world.iam.writes.length > 0 ? 1 : 0))
  met.set('taken away', (met.get('taken away') ?? 0) + (world.iam.writes.length > 2 ? 1 : 0))
  return broken

  function send(n: number): void {
    const proposalId = 'p-1'
    const verifies: readonly Work[] = [
      { kind: 'verify', proposalId },
      { kind: 'revert', proposalId },
      { kind: 'bridge', proposalId },
    ]
    const toVerify = pick(verifies, n)
    const answer = { kind: 'outcome', proposalId, number: (n % 7) + 1 } as const
    if (able.sends.includes('verify') && toVerify !== undefined) world.messages.push(toVerify, answer)
    if (able.sends.includes('outcome')) world.messages.push(answer)
    const again = pick(asked, n)
    if ((able.sends.includes('write') || able.redelivers) && again !== undefined) world.asks.push(again)
    if (able.redelivers) world.messages.push({ kind: 'verify', proposalId }, answer)
    if (!able.sends.includes('write')) return
    const schema = 'rolemedic.ask/1'
    const askedAtMs = world.clock.nowMs
    world.asks.push(
      n % 2 === 0
        ? { schema, ask: 'resume', proposalId }
        : { schema, ask: 'take-away', proposalId, reason: { kind: 'end' }, earlier: null, askedAtMs },
    )
  }

  async function putObject(n: number): Promise<void> {
    const prefix = pick(able.puts, n)
    if (prefix === undefined) return
    const kept = [...world.ledger.stored.keys()].sort()
    const copied = pick(kept, n >> 2)
    const key = prefix === 'outcomes' ? nextOutcome(world) : `${prefix}/${DEPLOYMENT}/p-1${n % 3 === 0 ? '/0' : ''}`
    const text = able.signs.includes('outcomes') && prefix === 'outcomes' ? falseOutcome(world) : null
    await world.ledger.create(key, text ?? (copied === undefined ? '{}' : world.ledger.textOf(copied)))
    if (text !== null) {
      judgeOutcome(JSON.parse(text).statement)
      world.messages.push({ kind: 'outcome', proposalId: 'p-1', number: outcomesIn(world).length })
    }
  }
}

function pressOn(proposal: Proposal, action: 'approve' | 'approve-limited' | 'reject' | 'revert', by: typeof ANA) {
  const request = clickOn(proposal, action, by)
  return { ...request, click: { ...request.click, reason: action === 'reject' ? 'not needed' : null } }
}

const HAS_FAILED: readonly Proposal['status'][] = ['failed', 'stale']
const FAILURE = { code: 'drift', message: 'x', owner: null }

/** An item with parts of earlier ones, and what the attacker signs. */
function stored(
  { status, n }: { readonly status: Proposal['status']; readonly n: number },
  current: Proposal,
  items: readonly Proposal[],
  able: Abilities,
): Proposal {
  const earlier = pick(items, n) ?? current
  const key = able.signs[0]
  const decision = decisionAbout(current, { by: BEN, atMs: NOON, kind: (n & 4) === 0 ? 'approve' : 'revert' })
  const forged = {
    by: BEN,
    atMs: NOON,
    limitHours: null,
    reason: null,
    signed: key === undefined ? null : signedBy(decision, key),
  }
  const given = 'approvals' in earlier ? earlier.approvals : []
  const approvals = [given, [...given, forged], [forged], [...given, ...given]][n % 4] ?? []
  const end = { atMs: NOON, by: ANA }
  return {
    ...{
      revertRequest: { ...end, signed: (n & 8) === 0 ? null : forged.signed },
      rejection: { ...end, reason: 'x', signed: null },
    },
    ...{
      applied: { changes: CHANGES, atMs: NOON, endsAtMs: n % 3 === 0 ? NOON : null, answer: 'allowed' },
    },
    ...{ reverted: end, leaseUntilMs: null, failure: HAS_FAILED.includes(status) ? FAILURE : null },
    ...earlier,
    ...{ status, approvals, version: current.version, dueAtMs: 0 },
    ...(n % 5 === 0 ? { verification: { ...VERIFICATION, approvers: 1 } } : {}),
  } as unknown as Proposal
}

function outcomesIn({ ledger }: World): readonly WriteOutcome[] {
  return [...ledger.stored.keys()]
    .filter(key => key.startsWith('outcomes/'))
    .sort()
    .flatMap(key => {
      const { statement } = JSON.parse(ledger.textOf(key)) as Partial<SignedOutcome>
      return statement?.schema === 'rolemedic.outcome/1' ? [statement] : []
    })
}
function lastOutcome(world: World): WriteOutcome | null {
  const newest = [...world.ledger.stored.keys()].at(-1) ?? ''
  return newest.startsWith('outcomes/') ? (outcomesIn(world).at(-1) ?? null) : null
}
const nextOutcome = (world: World): string =>
  `outcomes/${DEPLOYMENT}/${String(outcomesIn(world).length + 1).padStart(12, '0')}`

/** As `write` would have signed it. */
function falseOutcome(world: World): string {
  const last = outcomesIn(world).at(-1)
  const statement: WriteOutcome = {
    ...{ schema: 'rolemedic.outcome/1', deploymentId: DEPLOYMENT, number: (last?.number ?? 0) + 1, previous: null },
    ...{ proposalId: 'p-1', ask: 'take-away', asked: `sha256:${'a'.repeat(64)}`, result: 'taken-away', code: null },
    ...{ why: 'Nothing of it is left.', requestIds: [], notes: [], left: [], ended: [], atMs: world.clock.nowMs },
  }
  return JSON.stringify({ statement, signature: signatureOf('outcomes', statementBytes(OUTCOME, statement)) })
}

describe('whatever one function or one person of the hub does with all its permissions', () => {
  it('the honest functions open only what people approved, once, and sign nothing untrue', async () => {
    await fc.assert(
      fc.asyncProperty(sequence, async ({ attacker, needed, isWritten, steps }) => {
        const [name, able] = ATTACKERS[attacker] ?? expect.fail('there is no such attacker')
        expect([name, await brokenBy(able, needed, [...(isWritten ? WRITTEN : []), ...steps])]).toEqual([name, null])
      }),
      { numRuns: RUNS },
    )
    console.info(`sequences: ${JSON.stringify(Object.fromEntries(met))} of ${RUNS}`)
    for (const what of ['written', 'taken away']) expect(met.get(what) ?? 0, what).toBeGreaterThan(RUNS / 100)
  })

  it('an approved change is written, and taken away: the law is about something', async () => {
    const world = await worldWith(proposalWith(CHANGES))
    const live = world.process()
    await live.decide(clickOn(await world.get(), 'approve', ANA))
    await world.deliver(live)
    expect(open(world)).toBe(2)
    await live.decide(clickOn(await world.get(), 'revert', ANA))
    await world.deliver(live)
    expect(open(world)).toBe(0)
  })
})

describe('with one thing taken away, a sequence breaks the law:', () => {
  const press = (action: 'approve' | 'reject' | 'revert', by = 0): Step => ({ kind: 'press', action, by })
  const WORK: Step = { kind: 'work' }
  const SENT: Step = { kind: 'send', n: 0 }
  const nobody: Abilities = { signs: [], puts: [], sends: [], stores: false, logs: false, redelivers: false }

  type Case = {
    readonly what: string
    readonly why: string
    readonly able: Abilities
    /** With these, or without what is forgotten, the same steps break nothing. */
    readonly safe?: Abilities
    readonly needed?: number
    readonly steps: readonly Step[]
    readonly forgotten?: string
  }
  const CASES: readonly Case[] = [
    {
      what: 'the key of decisions is held by somebody who stores items',
      why: 'too few people approved what was written',
      able: { ...nobody, signs: ['decisions'], stores: true },
      safe: { ...nobody, signs: ['attestations'], stores: true },
      steps: [{ kind: 'store', status: 'approved', n: 2 }, SENT, WORK],
    },
    {
      what: 'the key and the prefix of outcomes are held by somebody else',
      why: 'an outcome says taken away',
      able: { ...nobody, signs: ['outcomes'], puts: ['outcomes'] },
      safe: { ...nobody, signs: ['outcomes'] },
      steps: [press('approve'), WORK, { kind: 'put', n: 1 }],
    },
    {
      what: 'spent/ is forgotten',
      why: 'it was written twice',
      able: { ...nobody, redelivers: true },
      steps: [press('approve'), WORK, { kind: 'removed' }, SENT, WORK],
      forgotten: 'spent',
    },
    {
      what: 'rejected/ is forgotten',
      why: 'it was rejected',
      able: { ...nobody, signs: ['decisions'], stores: true, sends: ['verify'] },
      needed: 2,
      steps: [press('approve'), press('reject', 1), { kind: 'store', status: 'approved', n: 1 }, SENT, WORK],
      forgotten: 'rejected',
    },
  ]

  it.each(CASES)('$what', async ({ why, able, safe = able, needed = 1, steps, forgotten = null }) => {
    const isTrusted = forgotten !== null
    expect(await brokenBy(safe, needed, steps, { isTrusted })).toBeNull()
    expect(await brokenBy(able, needed, steps, { isTrusted, forgotten })).toBe(why)
  })
})
