/**
 * Whatever somebody stores in the table, in any status: `verify`, `write`, `revert` and `sweep` write to IAM only what a verified
 * decision covers. Items are valid ones with some members from elsewhere, including signatures of real decisions.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { canonicalJson } from '../../core/base/canonical-json.ts'
import type { Statement } from '../../core/iam/policy/policy-document.ts'
import { changeDigest, type PolicyChange, patchDigest } from '../../core/patch/patch.ts'
import { limitedPatch } from '../../core/patch/time-limit.ts'
import type { SignedDecision } from '../../functions/domain/authority/earlier-decision.ts'
import { type PlannedWrite, type Proposal, STATUSES } from '../../functions/domain/proposal/proposal.ts'
import { PROPOSAL } from '../../functions/domain/stored/stored-proposal.ts'
import { CURRENT_VERSION } from '../../functions/domain/stored/versions.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { HOUR, movedTo, NOON } from '../fakes/sample-proposal.ts'
import { decisionAbout, signedBy } from '../fakes/signing.ts'
import { IDENTITY_CHANGE, proposalWith, TRUST_CHANGE } from '../fakes/two-sided.ts'
import { type World, worldWith } from '../fakes/verify-world.ts'
import { pressRevert } from '../verify/verify-fixture.ts'

/** Fewer runs would not meet enough of each outcome. */
const RUNS = Math.max(Number(process.env['FC_RUNS'] ?? 300), 150)
const ANA = { id: 'U0ONCALL1', name: 'Ana' }
const BEN = { id: 'U0ONCALL2', name: 'Ben' }
const GUS = { id: 'U0GONE', name: 'Gus' }
const ENDS_MS = NOON + 8 * HOUR
const EVIL = { Version: '2012-10-17' as const, Statement: [{ Effect: 'Allow' as const, Action: '*', Resource: '*' }] }

const digested = (changes: readonly Omit<PolicyChange, 'digest'>[]) => {
  const all = changes.map(each => ({ ...each, digest: changeDigest(each) }))
  return { changes: all, digest: patchDigest(all) }
}

/** p-1 needs one person. p-2 needs two, and only Ana has approved it. Gus approved p-3 and is no approver any more. */
const P1 = proposalWith([TRUST_CHANGE, IDENTITY_CHANGE], { status: 'approved', id: 'p-1', approvals: [] })
const otherRole = (change: PolicyChange, name: string): PolicyChange => {
  const arn = `arn:aws:iam::111122223333:role/${name}`
  const own = { ...change, target: { ...change.target, name, arn } }
  return { ...own, digest: changeDigest(own) }
}
const P2 = proposalWith([otherRole(IDENTITY_CHANGE, 'second')], { status: 'approved', id: 'p-2', approvals: [] })
const P3 = proposalWith([otherRole(IDENTITY_CHANGE, 'third')], { status: 'approved', id: 'p-3', approvals: [] })

const given = (about: Proposal, by: typeof ANA, kind: 'approve' | 'reject' | 'revert', more: object = {}) => {
  const facts = { kind, by, atMs: NOON, ...more }
  return signedBy({ ...decisionAbout(about, facts), approversNeeded: about.id === 'p-2' ? 2 : 1 })
}
const limited = (about: Proposal, by: typeof ANA) => given(about, by, 'approve', { limitHours: 8 })

/** What the people of this run have signed, and the state of IAM and log when the attack begins. */
type Setup = { readonly isLimited: boolean; readonly isRevertSigned: boolean; readonly past: Past }
const PASTS = ['nothing', 'written', 'applied', 'reverted'] as const
type Past = (typeof PASTS)[number]

const approvalOf = (signed: SignedDecision, changed: object = {}) => ({
  by: { id: signed.decision.by.userId, name: signed.decision.by.name },
  atMs: signed.decision.atMs,
  limitHours: signed.decision.endsAtMs === null ? null : 8,
  reason: signed.decision.kind === 'break-glass' ? 'night' : null,
  signed,
  ...changed,
})
const approvedBy = ({ isLimited }: Setup) => (isLimited ? limited(P1, ANA) : given(P1, ANA, 'approve'))

const FORGED_KEY = signedBy(decisionAbout(P1, { kind: 'approve', by: BEN, atMs: NOON }), 'audit')
/** Every existing signature, valid or not. */
function signatures(setup: Setup): readonly (SignedDecision | null)[] {
  const own = approvedBy(setup)
  return [
    own,
    given(P2, ANA, 'approve'),
    given(P3, GUS, 'approve'),
    given(P1, ANA, 'reject'),
    ...(setup.isRevertSigned ? [given(P1, ANA, 'revert')] : []),
    given(P2, BEN, 'revert'),
    FORGED_KEY,
    { ...own, decision: { ...own.decision, patchDigest: digested([{ ...IDENTITY_CHANGE, after: EVIL }]).digest } },
    { ...own, decision: { ...own.decision, endsAtMs: null, proposalId: 'p-2' } },
    null,
  ]
}

const writesOf = (changes: readonly Pick<PolicyChange, 'target' | 'before' | 'after'>[]) =>
  changes.map(({ target, before, after }) => ({ target, before, after }))
const limitedChanges = limitedPatch({ ...P1.patch }, ENDS_MS).changes
const ownChanges = ({ isLimited }: Setup): readonly PolicyChange[] => (isLimited ? limitedChanges : P1.patch.changes)
/** In the planned order: trust last. */
const ownPlan = (setup: Setup): readonly PlannedWrite[] => writesOf(ownChanges(setup)).toReversed()

function validItem(status: Proposal['status'], setup: Setup): Proposal {
  const endsAtMs = setup.isLimited ? ENDS_MS : null
  const outcome = { changes: ownChanges(setup), atMs: NOON, endsAtMs, answer: 'allowed' as const }
  const approvals = [approvalOf(approvedBy(setup))]
  const base = { ...P1, approvals, dueAtMs: NOON } as Proposal
  const signed = setup.isRevertSigned ? given(P1, ANA, 'revert') : null
  const more: { readonly [name: string]: object } = {
    applying: { writing: { writes: ownPlan(setup), endsAtMs }, failure: null },
    applied: { applied: outcome },
    confirmed: { applied: outcome },
    reverting: { applied: outcome, revertRequest: { by: ANA, atMs: NOON, signed } },
    reverted: { applied: outcome },
  }
  return { ...movedTo(base, { status, dueAtMs: NOON } as never), ...more[status], approvals } as unknown as Proposal
}

/** Includes the members of the other statuses, so that a status can be set to any other. */
const wholeItem = (status: Proposal['status'], setup: Setup): object => ({
  ...validItem('rejected', setup),
  ...validItem('reverting', setup),
  ...validItem('applying', setup),
  ...validItem(status, setup),
})

type Edit = (item: Proposal, setup: Setup) => object

const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T
const FAILURE = { code: 'drift', message: 'x', owner: null }

/** Each replaces one member by a value from elsewhere, or by one that helps the attacker. */
const EDITS: { readonly [name: string]: (n: number) => Edit } = {
  id: n => () => ({ id: pick(['p-2', 'p-3', 'p-9'], n) }),
  status: n => () => ({ status: pick(STATUSES, n) }),
  approvals: n => (_, setup) => {
    const all = signatures(setup).flatMap(one => (one === null ? [] : [approvalOf(one)]))
    return { approvals: [pick(all, n), pick(all, n >> 4)].slice(0, (n % 3) + 1) }
  },
  unsigned: n => (_, setup) => ({
    approvals: [approvalOf(approvedBy(setup), { signed: null, by: pick([ANA, BEN, GUS], n) })],
  }),
  approver: n => (_, setup) => ({
    approvals: [approvalOf(approvedBy(setup)), approvalOf(approvedBy(setup), { by: pick([BEN, GUS], n) })],
  }),
  end: n => (_, setup) => ({ approvals: [approvalOf(approvedBy(setup), { limitHours: pick([null, 1, 168], n) })] }),
  patch: n => () => ({ patch: pick(PATCHES, n) }),
  writing: n => (_, setup) => ({
    writing: {
      writes: pick<readonly PlannedWrite[]>(
        [
          ownPlan(setup),
          ownPlan(setup).map(write => ({ ...write, after: EVIL })),
          ownPlan(setup).map(write => ({ ...write, before: EVIL })),
          ownPlan(setup).slice(1),
          writesOf(P2.patch.changes),
          [],
        ],
        n,
      ),
      endsAtMs: pick([null, ENDS_MS, NOON - 1], n >> 3),
    },
  }),
  failure: () => () => ({ failure: FAILURE }),
  applied: n => (_, setup) => ({
    applied: {
      changes: pick<readonly PolicyChange[]>(
        [
          ownChanges(setup),
          ownChanges(setup).slice(1),
          ownChanges(setup).map(change => ({ ...change, before: EVIL })),
          ownChanges(setup).map(change => ({ ...change, after: EVIL })),
          P2.patch.changes,
          [],
        ],
        n,
      ),
      atMs: pick([NOON, 0, NOON + 400 * 24 * HOUR], n >> 3),
      endsAtMs: pick([null, ENDS_MS, NOON - 1], n >> 5),
      answer: 'allowed',
    },
  }),
  undoing: n => (_, setup) => ({
    undoing: ownChanges(setup).map(({ target, before, after }) => ({
      target,
      ...pick<object>(
        [
          { before, after: EVIL },
          { before: null, after: EVIL },
          { before: after, after },
          { before: EVIL, after },
          { before: after, after: before },
        ],
        n,
      ),
    })),
  }),
  revertRequest: n => (_, setup) => ({
    revertRequest: {
      by: pick([ANA, BEN, { id: 'rolemedic', name: 'rolemedic' }], n >> 4),
      atMs: NOON,
      signed: pick(signatures(setup), n),
    },
  }),
  denial: n => item => ({ denial: { ...item.denial, resource: `arn:aws:iam::111122223333:role/r${n % 3}` } }),
  verification: n => () => ({ verification: { ...P1.verification, approvers: (n % 2) + 1 } }),
  requester: n => () => ({ requester: pick([{ kind: 'machine' }, { kind: 'person', userId: BEN.id }], n) }),
  lease: n => () => ({ leaseUntilMs: pick([null, 0, NOON + HOUR], n) }),
  times: n => () => ({ createdAtMs: NOON - n * HOUR, expiresAtMs: NOON + ((n % 5) - 2) * HOUR, updatedAtMs: NOON }),
}

const wide = digested([{ ...IDENTITY_CHANGE, after: EVIL }])
const PATCHES: readonly Proposal['patch'][] = [
  wide,
  { changes: [{ ...IDENTITY_CHANGE, after: EVIL }], digest: P1.patch.digest },
  { ...P1.patch, changes: [...P1.patch.changes, { ...wide.changes[0], required: false } as PolicyChange] },
  { ...P1.patch, changes: [...P1.patch.changes].reverse() },
  P2.patch,
  null,
]

/** Replaces a member of the stored form, at any depth, by any JSON. */
type Scramble = { readonly at: number; readonly value: fc.JsonValue }

function scrambled(stored: unknown, { at, value }: Scramble): unknown {
  const places: { readonly parent: Record<string, unknown>; readonly name: string }[] = []
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    for (const name of Object.keys(node)) {
      places.push({ parent: node as Record<string, unknown>, name })
      walk((node as Record<string, unknown>)[name])
    }
  }
  walk(stored)
  const place = places[at % Math.max(1, places.length)]
  if (place !== undefined) place.parent[place.name] = value
  return stored
}

const attacks = fc.record({
  setup: fc.record({ isLimited: fc.boolean(), isRevertSigned: fc.boolean(), past: fc.constantFrom(...PASTS) }),
  status: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('approved' as const, 'applying', 'applied', 'reverting') },
    { weight: 1, arbitrary: fc.constantFrom(...STATUSES) },
  ),
  edits: fc.array(fc.tuple(fc.constantFrom(...Object.keys(EDITS)), fc.nat(255)), { maxLength: 3 }),
  scramble: fc.oneof(
    { weight: 5, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.record({ at: fc.nat(2000), value: fc.jsonValue({ maxDepth: 1 }) }) },
  ),
  waitMs: fc.constantFrom(0, HOUR, 9 * HOUR, 30 * HOUR),
})

/** The honest functions made the past: `written`: they died before the first mark of a write. */
async function worldOf(setup: Setup): Promise<World> {
  const approvals = [approvalOf(approvedBy(setup))]
  const world = await worldWith({ ...P1, approvals } as Proposal)
  if (setup.past === 'written') {
    let isDead = false
    const dies = world.process((call, moment) => {
      isDead ||= call === 'writer.write' && moment === 'after'
      if (isDead) throw new Error('killed')
    })
    await dies.apply('p-1').catch(String)
  } else if (setup.past !== 'nothing') await world.process().apply('p-1')
  if (setup.past === 'reverted') await pressRevert(world, BEN)
  const expected = { nothing: 0, written: 1, applied: 2, reverted: 4 }
  if (world.iam.writes.length !== expected[setup.past]) throw new Error(`the past ${setup.past} did not come about`)
  for (const list of [world.iam.writes, world.messages, world.asks, world.notices]) list.length = 0
  return world
}

const statementsOf = (document: { readonly Statement: readonly Statement[] } | null) =>
  (document?.Statement ?? []).map(canonicalJson)

/** Null: the write follows from what was signed. */
function uncovered({ target, before, after }: PlannedWrite, setup: Setup, nowMs: number): string | null {
  const change = ownChanges(setup).find(one => keyOf(one.target) === keyOf(target))
  if (change === undefined) return 'a target that nobody approved'
  const ours = new Set(statementsOf(change.after).filter(one => !statementsOf(change.before).includes(one)))
  const [old, next] = [statementsOf(before), statementsOf(after)]
  const added = next.filter(one => !old.includes(one))
  const removed = old.filter(one => !next.includes(one))
  if ([...added, ...removed].some(one => !ours.has(one))) return 'a statement that nobody approved'
  if (added.length > 0 && setup.past !== 'nothing' && setup.past !== 'written')
    return 'it was over, and is written again'
  if (added.length > 0 && nowMs > NOON + 24 * HOUR) return 'approved too long ago'
  if (added.length > 0 && setup.past === 'written' && nowMs > NOON + HOUR / 2) return 'begun too long ago'
  const mayUndo = setup.isRevertSigned || setup.past !== 'applied' || (setup.isLimited && nowMs >= ENDS_MS)
  return removed.length > 0 && !mayUndo ? 'an undoing that nobody asked for' : null
}

const seen = new Map<string, number>()
const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1)

it('writes nothing to IAM that a verified decision does not cover, whatever the item says', async () => {
  await fc.assert(
    fc.asyncProperty(attacks, async ({ setup, status, edits, scramble, waitMs }) => {
      const world = await worldOf(setup)
      world.clock.nowMs = NOON + waitMs
      let item = wholeItem(status, setup)
      for (const [name, n] of edits) item = { ...item, ...EDITS[name]?.(n)(item as Proposal, setup) }
      const form: unknown = JSON.parse(JSON.stringify(PROPOSAL.write(item as Proposal)))
      const read = PROPOSAL.read(scramble === null ? form : scrambled(form, scramble), CURRENT_VERSION)
      if (!read.ok) return count('unreadable')
      const { id } = read.value
      const stored = await world.store.get(id)
      if (stored === null) await world.add(read.value)
      else await world.store.replace(stored, read.value)
      const live = world.process()
      const attempt = async (work: () => Promise<unknown>) => work().catch(() => count('threw'))
      await attempt(() => live.apply(id))
      await attempt(() => live.revert(id))
      await attempt(() => live.sweep())
      await attempt(() => world.deliver(live))
      world.messages.length = 0
      await attempt(() => live.revert(id))
      await attempt(() => live.apply(id))
      for (const write of world.iam.writes) {
        const why = uncovered(write, setup, world.clock.nowMs)
        if (why !== null) throw new Error(`${why}: ${JSON.stringify(write)}`)
      }
      const wrote = world.iam.writes.some(({ after }) => JSON.stringify(after ?? '').includes('Rolemedic'))
      if (wrote) count('granted')
      else if (world.iam.writes.length > 0) count('undone')
      let isForged = false
      for await (const { entry } of world.log.records()) isForged ||= entry.kind === 'forged'
      count(isForged ? 'forged' : world.iam.writes.length > 0 ? 'covered' : 'nothing to do')
    }),
    { numRuns: RUNS },
  )
  console.info(`items: ${JSON.stringify(Object.fromEntries(seen))}`)
  // Not vacuous, given enough runs: some items are written, some are reverted, and many are detected.
  for (const what of ['granted', 'undone', 'forged']) expect(seen.get(what) ?? 0, what).toBeGreaterThan(RUNS / 200)
})
