/**
 * The law of several abilities, of all functions and of the human roles of the hub: whatever one of them stores, puts, sends and signs with
 * all its permissions together, then the honest functions run over what is there. IAM opens only what people approved, once; nothing that
 * was rejected is written; and no outcome and no record of `verify` is untrue. `writer-law.test.ts` has the same of `write` alone.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, digestOf } from '../../core/base/canonical-json.ts'
import { deniedRequest } from '../../core/denial/fingerprint.ts'
import type { Statement } from '../../core/iam/policy/policy-document.ts'
import { changeDigest, patchDigest } from '../../core/patch/patch.ts'
import { ATTESTATION, decisionsDigest, type GrantInput } from '../../functions/domain/authority/checks/grant.ts'
import type { WriteAsk } from '../../functions/domain/authority/checks/input.ts'
import {
  OUTCOME,
  type SignedOutcome,
  SPENT,
  type Spent,
  type WriteOutcome,
} from '../../functions/domain/authority/spent.ts'
import { decisionBytes, statementBytes } from '../../functions/domain/authority/statement.ts'
import { type Proposal, STATUSES } from '../../functions/domain/proposal/proposal.ts'
import type { PullOrder } from '../../functions/domain/proposal/pull-request.ts'
import { shownDigestOf } from '../../functions/domain/proposal/seen.ts'
import type { Work } from '../../functions/domain/proposal/work.ts'
import { BRIDGE_CONFIG, CODE, clickOn } from '../fakes/bridge-world.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { CARD, HOUR, MINUTE, NOON, OTHER_DIGEST, VERIFICATION } from '../fakes/sample-proposal.ts'
import { DEPLOYMENT, decisionAbout, signatureOf, signedBy } from '../fakes/signing.ts'
import { IDENTITY_CHANGE, proposalWith, TRUST_CHANGE } from '../fakes/two-sided.ts'
import { type Fault, type World, worldWith } from '../fakes/verify-world.ts'
import { type Abilities, attackers, NOBODY } from './abilities.ts'

/** Fewer runs would not meet enough of each. */
const RUNS = Math.max(Number(process.env['FC_RUNS'] ?? 300), 300)

const ATTACKERS = attackers()

const ANA = { id: 'U0ONCALL1', name: 'Ana' }
const BEN = { id: 'U0ONCALL2', name: 'Ben' }
const CHANGES = [TRUST_CHANGE, IDENTITY_CHANGE]
/** What nobody was shown: inside the grammar of \`write\`, so that signatures alone refuse it. */
const OTHER_CHANGES = CHANGES.slice(1).map(change => {
  const after = {
    ...change.after,
    Statement: change.after.Statement.map(one => ({ ...one, Resource: 'arn:aws:iam::111122223333:role/other' })),
  }
  return { ...change, after, digest: changeDigest({ ...change, after }) }
})

type Action = 'approve' | 'approve-limited' | 'approve-with-pull' | 'reject' | 'revert'
type Step =
  | {
      readonly kind: 'press'
      readonly action: Action
      readonly by: number
    }
  | { readonly kind: 'work' | 'removed' | 'attested' }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'store'; readonly status: Proposal['status']; readonly n: number }
  | { readonly kind: 'send' | 'put' | 'log' | 'order' | 'chat' | 'forged-press'; readonly n: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('press' as const),
      action: fc.constantFrom(
        'approve' as const,
        'approve' as const,
        'approve-limited' as const,
        'approve-with-pull' as const,
        'reject' as const,
        'revert' as const,
      ),
      by: fc.nat(1),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'work' as const }) },
  fc.constantFrom({ kind: 'removed' as const }, { kind: 'attested' as const }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(MINUTE, 11 * MINUTE, 31 * MINUTE, 25 * HOUR) }),
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('store' as const), status: fc.constantFrom(...STATUSES), n: fc.nat(63) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'send' as const,
        'put' as const,
        'log' as const,
        'order' as const,
        'chat' as const,
        'forged-press' as const,
      ),
      n: fc.nat(255),
    }),
  },
)
const sequence = fc.record({
  attacker: fc.nat(ATTACKERS.length - 1),
  needed: fc.constantFrom(1 as const, 2 as const),
  written: fc.constantFrom(null, 'approve' as const, 'approve-with-pull' as const),
  steps: fc.array(step, { minLength: 1, maxLength: 10 }),
})
/** People approved it, and it was written. */
const writtenBy = (action: Action): readonly Step[] => [
  { kind: 'press', action, by: 0 },
  { kind: 'press', action, by: 1 },
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

/** The sentences of the law. Each is broken by a case below. */
const LAW = [
  'something is open that nobody was asked for',
  'too few people approved what was written',
  'it was rejected',
  'it was written twice',
  'an outcome says written',
  'an outcome says taken away',
  'a record says applied',
  'a record says reverted',
  'a press counts that is not from the card',
  'a pull request names somebody who did not approve',
  'a pull request is about something else',
  'a pull request says what nobody was shown',
] as const
type Broken = (typeof LAW)[number] | null

type Judging = {
  readonly forgotten?: string | null
  readonly isTrusted?: boolean
  /** The sentences that are looked at. */
  readonly only?: readonly string[]
}

/**
 * Null: the law holds. `forgotten`: the prefix whose objects are lost before each run. `isTrusted`: the holder of the key of decisions
 * says who approved, and so does the holder of the signing secret of Slack.
 */
async function brokenBy(
  able: Abilities,
  needed: number,
  steps: readonly Step[],
  { forgotten = null, isTrusted = true, only = LAW }: Judging = {},
): Promise<Broken> {
  const proposal = proposalWith(CHANGES, { code: CODE, verification: { ...VERIFICATION, approvers: needed } } as never)
  const world = await worldWith(proposal)
  // `verify` reads IAM itself, whatever the item says of the risk.
  world.analyzed.verification = { ...VERIFICATION, approvers: needed }
  let broken: Broken = null
  const breaks = (why: (typeof LAW)[number]) => {
    if (only.includes(why)) broken ??= why
  }
  const decides = isTrusted && (able.signs.includes('decisions') || able.presses)
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
    if (/^host\.(open|update)Pull$/.test(call) && moment === 'after') judgePulls()
  }
  const live = world.process(watch, BRIDGE_CONFIG)

  function judgeWrites(): void {
    for (const { before, after } of world.iam.writes.slice(seenWrites)) {
      const opened = statementsOf(after).filter(one => !statementsOf(before).includes(one))
      if (opened.length === 0) continue
      if (opened.some(one => !APPROVED.includes(endless(one)))) breaks('something is open that nobody was asked for')
      const now = world.clock.nowMs
      const fresh = [...pressed.values()].filter(atMs => atMs > now - 24 * HOUR).length
      if (!decides && fresh < needed) breaks('too few people approved what was written')
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
    const opened = world.iam.writes.some(one => statementsOf(one.after).length > statementsOf(one.before).length)
    if (kind === 'applied' && !opened) breaks('a record says applied')
    if (kind === 'reverted' && open(world) > 0) breaks('a record says reverted')
  }
  function judgePulls(): void {
    for (const { body } of world.code.pulls) {
      const [, names = ''] = /\*\*Approved in[^\n]*\n\n((?:- .*\n?)*)/.exec(body) ?? []
      const named = [...names.matchAll(/\((U0\w+)\)/g)].map(([, id = '']) => id)
      if (!decides && named.some(id => !pressed.has(id))) breaks('a pull request names somebody who did not approve')
      if (body.includes('role/other')) breaks('a pull request is about something else')
      if (!decides && body.includes(LIE)) breaks('a pull request says what nobody was shown')
      met.set('a pull request', (met.get('a pull request') ?? 0) + 1)
    }
  }
  /** How often the person is among the approvers. */
  const given = (seen: Proposal, id: string): number =>
    'approvals' in seen ? seen.approvals.filter(one => one.by.id === id).length : 0

  const attempt = async (work: () => Promise<unknown>): Promise<void> => void (await work().catch(() => null))
  async function run(): Promise<void> {
    if (forgotten !== null)
      for (const key of world.ledger.stored.keys()) if (key.startsWith(`${forgotten}/`)) world.ledger.stored.delete(key)
    for (let turn = 0; turn < 2; turn += 1) {
      for (const work of [...world.messages])
        if (work.kind === 'verify' || work.kind === 'pressed') await attempt(() => live.verify(work.proposalId))
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
        if (one.action.startsWith('approve') && given(after, by.id) > given(current, by.id))
          pressed.set(by.id, world.clock.nowMs)
        if (one.action === 'reject' && after.status === 'rejected' && current.status !== 'rejected') isRejected = true
        break
      }
      case 'work':
        await run()
        break
      case 'attested':
        // `write` does not get what `verify` asks.
        for (const work of [...world.messages])
          if (work.kind === 'verify' || work.kind === 'pressed') await attempt(() => live.verify(work.proposalId))
        asked.push(...world.asks)
        world.asks.length = 0
        world.messages.length = 0
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
      case 'order':
        if (able.sends.includes('publish'))
          world.messages.push({ kind: 'publish', order: orderOf(current, one.n, able) })
        break
      case 'chat':
        if (able.chats) await misled(current, one.n)
        break
      case 'forged-press':
        if (able.presses)
          await attempt(() =>
            live.decide(pressOn(current, pick(PRESSES, one.n) ?? 'approve', pick([ANA, BEN], one.n >> 3) ?? ANA)),
          )
        break
      default:
    }
  }
  await run()
  await run()
  met.set('written', (met.get('written') ?? 0) + (world.iam.writes.length > 0 ? 1 : 0))
  met.set('taken away', (met.get('taken away') ?? 0) + (world.iam.writes.length > 2 ? 1 : 0))
  return broken

  /** They edit the card, or post one like it, and Ben presses there. */
  async function misled(current: Proposal, n: number): Promise<void> {
    await world.chat.update(CARD, { text: 'Only a small change.', blocks: [] })
    const request = pressOn(current, 'approve', BEN)
    const elsewhere = { ...request, ...COPY }
    const other = { ...request, click: { ...request.click, digest: OTHER_DIGEST } }
    await attempt(() => live.decide(pick([elsewhere, other], n) ?? other))
    const after = (await world.get().catch(() => null)) ?? current
    if (given(after, BEN.id) === given(current, BEN.id)) return
    // Who stores items says where the card is.
    if (able.stores && isTrusted) pressed.set(BEN.id, world.clock.nowMs)
    else breaks('a press counts that is not from the card')
  }

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
    if (again?.ask === 'write') world.asks.push(forgedAsk(again, able, n))
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
    const signs = able.signs.includes('outcomes')
    if (signs && prefix === 'spent') {
      const one = asked.find(({ ask }) => ask === 'write')
      if (one?.ask === 'write') await world.ledger.create(`spent/${DEPLOYMENT}/p-1`, falseSpent(world, one.grant))
      return
    }
    const text = signs && prefix === 'outcomes' ? falseOutcome(world, n) : null
    await world.ledger.create(key, text ?? (copied === undefined ? '{}' : world.ledger.textOf(copied)))
    if (text !== null) {
      judgeOutcome(JSON.parse(text).statement)
      world.messages.push({ kind: 'outcome', proposalId: 'p-1', number: outcomesIn(world).length })
    }
  }
}

const COPY = { conversation: 'C0RANDOM', message: '1795521600.999999' }
const PRESSES = ['approve', 'approve-limited', 'approve-with-pull', 'reject', 'revert'] as const

const LIE = 'Harmless: asked for by the security team.'

/** An order in the names of both, of what they were shown or of something else. */
function orderOf(current: Proposal, n: number, able: Abilities): PullOrder {
  const changes = (n & 1) === 0 ? CHANGES : OTHER_CHANGES
  const real = 'approvals' in current ? current.approvals.flatMap(({ signed }) => signed ?? []) : []
  const about = decisionAbout(current, { by: BEN, atMs: NOON, kind: 'approve', pullRequest: true })
  const summary = (n & 8) === 0 ? current.diagnosis.summary : LIE
  const shown = { request: deniedRequest(current.denial), summary, verification: current.verification ?? VERIFICATION }
  const facts = { patchDigest: patchDigest(changes), shownDigest: shownDigestOf(shown) }
  const forged = signedBy({ ...about, ...facts } as typeof about, able.signs[0] ?? 'outcomes')
  const renamed = real.map(one => ({ ...one, decision: { ...one.decision, by: forged.decision.by } as never }))
  return {
    ...{ proposalId: 'p-1', wanted: 'open', place: CODE, changes, cardUrl: null, reminder: null },
    decisions: pick([real, [forged], [...real, forged], renamed], n >> 1) ?? [],
    shown,
  }
}

/** The same people, other documents, signed with what the attacker has. */
function forgedAsk(ask: Extract<WriteAsk, { ask: 'write' }>, able: Abilities, n: number): WriteAsk {
  const { grant } = ask
  const proposalId = (n & 1) === 0 ? ask.proposalId : 'p-2'
  const digest = digestOf(OTHER_CHANGES.map(changeDigest))
  const decisions = grant.decisions.map(({ decision, signature }) => {
    const other = { ...decision, proposalId, patchDigest: digest }
    const signs = able.signs.includes('decisions')
    return { decision: other, signature: signs ? signatureOf('decisions', decisionBytes(other)) : signature }
  })
  const statement = {
    ...grant.attestation.statement,
    ...{ proposalId, patchDigest: digest, decisions: decisionsDigest(decisions.map(({ decision }) => decision)) },
  }
  const bytes = statementBytes(ATTESTATION, statement)
  const attestation = {
    statement,
    signature: able.signs.includes('attestations') ? signatureOf('attestations', bytes) : grant.attestation.signature,
  }
  const changes = OTHER_CHANGES.map(({ target, before, after }) => ({ target, before, after }))
  return { ...ask, proposalId, grant: { decisions, attestation, changes } }
}

function pressOn(proposal: Proposal, action: Action, by: typeof ANA) {
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
    ...(able.chats && n % 7 === 6 ? { card: COPY } : {}),
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

function falseSpent(world: World, grant: GrantInput): string {
  const { configDigest } = grant.attestation.statement
  const statement: Spent = {
    ...{ schema: 'rolemedic.spent/1', deploymentId: DEPLOYMENT, proposalId: 'p-1', atMs: world.clock.nowMs },
    ...{ grant, configDigest, approvedSets: [], withdraws: [] },
  }
  return JSON.stringify({ statement, signature: signatureOf('outcomes', statementBytes(SPENT, statement)) })
}

const TAKEN_AWAY = { ask: 'take-away', result: 'taken-away' } as const
const AS_WRITTEN = { ask: 'write', result: 'written' } as const

/** As `write` would have signed it. */
function falseOutcome(world: World, n: number): string {
  const last = outcomesIn(world).at(-1)
  const statement: WriteOutcome = {
    ...{ schema: 'rolemedic.outcome/1', deploymentId: DEPLOYMENT, number: (last?.number ?? 0) + 1, previous: null },
    ...((n & 2) === 0 ? TAKEN_AWAY : AS_WRITTEN),
    ...{
      proposalId: 'p-1',
      asked: `sha256:${'a'.repeat(64)}`,
      code: null,
      why: 'It was read back.',
      requestIds: [],
      notes: [],
      left: [],
      ended: [],
      atMs: world.clock.nowMs,
    },
  }
  return JSON.stringify({ statement, signature: signatureOf('outcomes', statementBytes(OUTCOME, statement)) })
}

describe('whatever one function or one person of the hub does with all its permissions', () => {
  it('the honest functions open only what people approved, once, and sign nothing untrue', async () => {
    await fc.assert(
      fc.asyncProperty(sequence, async ({ attacker, needed, written, steps }) => {
        const [name, able] = ATTACKERS[attacker] ?? expect.fail('there is no such attacker')
        const all = [...(written === null ? [] : writtenBy(written)), ...steps]
        expect([name, await brokenBy(able, needed, all)]).toEqual([name, null])
      }),
      { numRuns: RUNS },
    )
    console.info(`sequences: ${JSON.stringify(Object.fromEntries(met))} of ${RUNS}`)
    for (const what of ['written', 'taken away', 'a pull request'])
      expect(met.get(what) ?? 0, what).toBeGreaterThan(RUNS / 100)
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
  const nobody = NOBODY

  type Case = {
    readonly what: string
    readonly why: (typeof LAW)[number]
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
    {
      what: 'both keys and the queue of write are held by somebody else',
      why: 'something is open that nobody was asked for',
      able: { ...nobody, signs: ['decisions', 'attestations'], sends: ['write'] },
      safe: { ...nobody, signs: ['attestations'], sends: ['write'] },
      steps: [press('approve'), WORK, { kind: 'removed' }, { kind: 'send', n: 1 }, WORK],
    },
    {
      what: 'the key and the prefix of outcomes are held by somebody who says written',
      why: 'an outcome says written',
      able: { ...nobody, signs: ['outcomes'], puts: ['outcomes'] },
      safe: { ...nobody, puts: ['outcomes'] },
      steps: [{ kind: 'put', n: 2 }],
    },
    {
      what: 'everything of write is held by somebody else',
      why: 'a record says applied',
      able: { ...nobody, signs: ['outcomes'], puts: ['outcomes', 'spent'] },
      safe: { ...nobody, puts: ['outcomes', 'spent'] },
      steps: [press('approve'), { kind: 'attested' }, { kind: 'put', n: 3 }, { kind: 'put', n: 2 }],
    },
    {
      what: 'the key and the prefix of outcomes are believed without a take-away',
      why: 'a record says reverted',
      able: { ...nobody, signs: ['outcomes'], puts: ['outcomes'] },
      safe: { ...nobody, puts: ['outcomes'] },
      steps: [press('approve'), WORK, { kind: 'put', n: 0 }],
    },
    {
      what: 'somebody who edits cards says where the card is',
      why: 'a press counts that is not from the card',
      able: { ...nobody, chats: true, stores: true },
      safe: { ...nobody, chats: true },
      steps: [
        { kind: 'store', status: 'open', n: 48 },
        { kind: 'chat', n: 0 },
      ],
    },
    {
      what: 'the key of decisions is held by somebody who orders pull requests',
      why: 'a pull request names somebody who did not approve',
      able: { ...nobody, signs: ['decisions'], sends: ['publish'] },
      safe: { ...nobody, signs: ['attestations'], sends: ['publish'] },
      steps: [press('approve'), { kind: 'order', n: 2 }, WORK],
    },
    {
      what: 'the key of decisions is held by somebody who orders other code',
      why: 'a pull request is about something else',
      able: { ...nobody, signs: ['decisions'], sends: ['publish'] },
      safe: { ...nobody, signs: ['attestations'], sends: ['publish'] },
      steps: [press('approve'), { kind: 'order', n: 3 }, WORK],
    },
    {
      what: 'the key of decisions is held by somebody who orders other words',
      why: 'a pull request says what nobody was shown',
      able: { ...nobody, signs: ['decisions'], sends: ['publish'] },
      safe: { ...nobody, signs: ['attestations'], sends: ['publish'] },
      steps: [press('approve'), { kind: 'order', n: 10 }, WORK],
    },
  ]

  it.each(CASES)('$what', async ({ why, able, safe = able, needed = 1, steps, forgotten = null }) => {
    const isTrusted = forgotten !== null
    expect(await brokenBy(safe, needed, steps, { isTrusted })).toBeNull()
    expect(await brokenBy(able, needed, steps, { isTrusted, forgotten, only: [why] })).toBe(why)
  })

  it('and every sentence of the law is one of these', () => {
    expect([...new Set(CASES.map(({ why }) => why))].sort()).toEqual([...LAW].sort())
  })
})
