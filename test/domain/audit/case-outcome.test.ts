import { describe, expect, it } from 'vitest'
import type { AuditEntry, AuditKind, AuditRecord } from '../../../functions/domain/audit/audit-record.ts'
import { caseState, isLeft } from '../../../functions/domain/audit/case-outcome.ts'
import { sameEntry } from '../../../functions/domain/audit/same-entry.ts'

type Given = readonly [AuditKind, Partial<AuditEntry>?]
const ANA = { id: 'U0ONCALL1', name: 'Ana' }
const BEN = { id: 'U0ONCALL2', name: 'Ben' }

const entry = ([kind, more = {}]: Given, at = 1): AuditEntry => ({
  kind,
  atMs: at * 1000,
  proposalId: 'p-1',
  key: `p-1/${kind}/${at}`,
  by: null,
  principal: null,
  resource: null,
  action: 'iam:PassRole',
  accountId: null,
  eventIds: [],
  requestIds: [],
  digest: 'sha256:a',
  changes: [],
  why: kind,
  botVersion: 'test',
  ...more,
})
const records = (given: readonly Given[]): readonly AuditRecord[] =>
  given.map((one, index) => ({
    schema: 'rolemedic.audit/1',
    sequence: index + 1,
    previousHash: null,
    hash: '',
    entry: entry(one, index + 1),
  }))
const stateOf = (given: readonly Given[], forged: readonly number[] = []) =>
  caseState(records(given), ({ sequence }) => forged.includes(sequence))
const outcomeOf = (...given: readonly Given[]) => stateOf(given).outcome

const APPROVED: Given = ['approved', { by: ANA }]
const needing = (approversNeeded: unknown) =>
  ({ decision: { decision: { approversNeeded } } }) as unknown as Pick<AuditEntry, 'decision'>
const WRITTEN: readonly Given[] = [['proposed'], APPROVED, ['applied']]
const LEFT = { left: [{}] } as never

describe('how a case stands', () => {
  it.each<[readonly Given[], string]>([
    [[['denial-seen']], 'seen'],
    [[['refused']], 'no-change'],
    [[['proposed']], 'waiting'],
    [[['proposed'], ['refused']], 'waiting'],
    [[['refused'], ['proposed']], 'no-change'],
    [[['proposed'], APPROVED], 'waiting'],
    [[['proposed'], ['approved', { by: ANA, ...needing(1) }]], 'approved'],
    [[['proposed'], ['break-glass', { by: ANA }]], 'approved'],
    [[['proposed'], APPROVED, ['apply-intended']], 'applying'],
    [WRITTEN, 'applied'],
    [[...WRITTEN, ['confirmed']], 'confirmed'],
    [[...WRITTEN, ['confirmed', { life: { kind: 'kept' } } as never]], 'applied'],
    [[...WRITTEN, ['did-not-help']], 'did-not-help'],
    [[...WRITTEN, ['confirmed'], ['did-not-help']], 'did-not-help'],
    [[...WRITTEN, ['reverted'], ['did-not-help']], 'reverted'],
    [[...WRITTEN, ['revert-intended']], 'reverting'],
    [[...WRITTEN, ['revert-intended'], ['revert-failed']], 'revert-failed'],
    [[...WRITTEN, ['reverted']], 'reverted'],
    [[['proposed'], ['apply-failed']], 'failed'],
    [[['proposed'], ['apply-failed', LEFT]], 'part'],
    [[['proposed'], ['rejected']], 'rejected'],
    [[['proposed'], ['expired']], 'expired'],
    [[['proposed'], ['stale']], 'stale'],
    [[['proposed'], ['forged']], 'forged'],
    [[['rejected'], APPROVED], 'rejected'],
  ])('after %j is %s', (given, outcome) => {
    expect(outcomeOf(...given)).toBe(outcome)
  })

  it.each<[string, readonly Given[]]>([
    ['applied', WRITTEN],
    ['confirmed', [...WRITTEN, ['confirmed']]],
    ['did-not-help', [...WRITTEN, ['did-not-help']]],
    ['part', [['proposed'], ['apply-failed', LEFT]]],
    ['reverting', [...WRITTEN, ['revert-intended']]],
    ['reverted', [...WRITTEN, ['reverted']]],
    ['revert-failed', [...WRITTEN, ['revert-failed']]],
  ])('stays %s once IAM was written, whatever is recorded beside it', (outcome, given) => {
    for (const later of ['rejected', 'expired', 'stale', 'forged', 'apply-intended', 'apply-failed'] as const)
      expect([later, outcomeOf(...given, [later])]).toEqual([later, outcome])
  })

  it('is moved by no decision whose signature is wrong, and by every write', () => {
    expect(stateOf([['proposed'], ['rejected']], [2]).outcome).toBe('waiting')
    expect(stateOf([['proposed'], ['applied']], [2]).outcome).toBe('applied')
    expect(stateOf([['proposed'], ['apply-failed', LEFT]], [2]).outcome).toBe('part')
  })
})

describe('the approvals of a case', () => {
  it('are complete with the one that makes them enough', () => {
    const two = needing(2)
    const first: Given = ['approved', { by: ANA, ...two }]
    expect(stateOf([first]).approvals).toMatchObject({ needed: 2, completedAtMs: null })
    expect(stateOf([first, ['approved', { by: ANA, ...two }]]).approvals).toMatchObject({
      given: [{ by: ANA, atMs: 1000, isBreakGlass: false }],
      completedAtMs: null,
    })
    expect(stateOf([first, ['approved', { by: BEN, ...two }]]).approvals).toMatchObject({ completedAtMs: 2000 })
    expect(stateOf([first, ['break-glass', { by: BEN }]]).approvals).toMatchObject({ completedAtMs: 2000 })
  })

  it('need as many as the most that any of them was signed with', () => {
    const given: readonly Given[] = [
      ['approved', { by: ANA, ...needing(2) }],
      ['approved', { by: BEN, ...needing(1) }],
    ]
    expect(stateOf(given).approvals).toMatchObject({ needed: 2, completedAtMs: 2000 })
  })

  it.each([0, -1, 1.5, '1', null, undefined])('do not take %j for a number of people', needed => {
    expect(stateOf([['approved', { by: ANA, ...needing(needed) }]]).approvals.needed).toBeNull()
  })

  it('of older records are those that were given when it was written', () => {
    expect(stateOf([['proposed'], APPROVED, ['apply-intended']]).approvals).toEqual({
      given: [{ by: ANA, atMs: 2000, isBreakGlass: false, reason: null, ticket: null }],
      needed: 1,
      completedAtMs: 2000,
    })
    expect(stateOf([['proposed'], ['applied']]).approvals).toEqual({ given: [], needed: null, completedAtMs: null })
    const one: Given = ['approved', { by: ANA, ...needing(2) }]
    expect(stateOf([one, ['applied']]).approvals).toMatchObject({ needed: 2, completedAtMs: null })
  })

  it('of another form of the change, or by nobody, do not count', () => {
    expect(stateOf([APPROVED, ['applied', { digest: 'sha256:b' }]]).approvals.given).toEqual([])
    expect(stateOf([['approved', { by: null }], ['applied']]).approvals.given).toEqual([])
  })
})

it('a part is left in IAM where the record lists one, or an older one says so', () => {
  expect(isLeft(entry(['apply-failed', { left: [] } as never]))).toBe(false)
  expect(isLeft(entry(['apply-failed', LEFT]))).toBe(true)
  expect(isLeft(entry(['apply-failed', { why: 'Not everything could be undone: x' }]))).toBe(true)
  expect(isLeft(entry(['apply-failed', { why: 'x', left: [] } as never]))).toBe(false)
})

describe('two entries under one key', () => {
  const one = (kind: AuditKind, more: Partial<AuditEntry> = {}) => entry([kind, { by: ANA, ...more }])
  it.each(['applied', 'apply-failed', 'stale', 'reverted', 'revert-failed', 'forged', 'pull-request'] as const)(
    'of kind %s are the same although another attempt found something else',
    kind => {
      expect(sameEntry(one(kind), one(kind, { why: 'another reason', atMs: 9 }))).toBe(true)
      expect(sameEntry(one(kind), one(kind, { by: BEN }))).toBe(false)
      expect(sameEntry(one(kind), one(kind, { proposalId: 'p-2' }))).toBe(false)
    },
  )

  it.each(['approved', 'proposed', 'rejected', 'confirmed'] as const)('of kind %s differ by what they say', kind => {
    expect(sameEntry(one(kind), one(kind, { atMs: 9, requestIds: ['r'], eventIds: ['e'], botVersion: '2' }))).toBe(true)
    expect(sameEntry(one(kind), one(kind, { why: 'another reason' }))).toBe(false)
  })

  it('are the same use, although it was later, and the same question, although a later look saw less', () => {
    const used = (lastUsedAtMs: number) => one('confirmed', { life: { kind: 'used', lastUsedAtMs } } as never)
    const offered = (why: string) => one('confirmed', { why, life: { kind: 'offered' } } as never)
    expect(sameEntry(used(1), used(2))).toBe(true)
    expect(sameEntry(used(1), offered('x'))).toBe(false)
    expect(sameEntry(offered('x'), offered('y'))).toBe(true)
    expect(sameEntry(offered('x'), one('confirmed', { why: 'x' }))).toBe(false)
  })
})

describe('who ratified what one person approved alone', () => {
  const signedBy = (userId: string, email: string | null) =>
    ({ decision: { by: { userId, email }, approversNeeded: 2 } }) as never
  const glass: Given = ['break-glass', { by: ANA, decision: signedBy(ANA.id, null) }]
  const ratified = (id: string, email: string | null): Given => [
    'confirmed',
    { by: { id, name: id }, life: { kind: 'ratified', decision: signedBy(id, email) } as never },
  ]
  const ratifiedOf = (...answers: readonly Given[]) => stateOf([...WRITTEN, glass, ...answers]).breakGlass

  it.each<[string, readonly Given[]]>([
    ['whose address Slack did not give once', [ratified('U0BEN', null), ratified('U0BEN', 'ben@example.com')]],
    ['with two accounts of one address', [ratified('U0BEN', 'ben@example.com'), ratified('U0BEN2', 'Ben@example.com')]],
    [
      'of whom a third answer says so',
      [ratified('U0BEN', null), ratified('U0BEN2', 'ben@example.com'), ratified('U0BEN', 'ben@example.com')],
    ],
  ])('is one person %s', (_, answers) => {
    expect(ratifiedOf(...answers)).toMatchObject({ ratification: 'waiting', ratifiedBy: [{ by: { id: 'U0BEN' } }] })
  })

  it('is two people', () => {
    const both = [ratified('U0BEN', null), ratified('U0CAT', 'cat@example.com')]
    expect(ratifiedOf(...both)).toMatchObject({ ratification: 'ratified', needed: 2 })
  })
})
