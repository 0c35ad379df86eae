import { describe, expect, it } from 'vitest'
import { digestOf } from '../../core/base/canonical-json.ts'
import { RolemedicError } from '../../core/base/fault.ts'
import type { Statement } from '../../core/iam/policy/policy-document.ts'
import type { DocumentChange } from '../../core/patch/target.ts'
import type { Observation } from '../../functions/domain/authority/checks/input.ts'
import type { Decision } from '../../functions/domain/authority/earlier-decision.ts'
import { decisionBytes, signedBytes } from '../../functions/domain/authority/statement.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { RING, signatureOf } from '../fakes/signing.ts'
import {
  ANA,
  BEN,
  CALLER,
  DEPLOYMENT,
  decided,
  digestOfChanges,
  HOUR,
  letIn,
  MINUTE,
  NOON,
  observed,
  passRole,
  policy,
  resumeAsk,
  revertOf,
  signDecision,
  TRUST,
  TWO_CHANGES,
  takeAwayAsk,
  writeAsk,
} from './grant-asks.ts'
import { BEFORE, BOTH, LIMITED, REVERT, SPENT_KEY } from './two-changes.ts'
import { writeWorld } from './write-world.ts'

const BRIDGE = writeAsk({ changes: TWO_CHANGES, decisions: [{ endsAtMs: NOON + HOUR, pullRequest: 'with' }] })

const to = (...values: readonly string[]) => ({ StringEquals: { 'iam:PassedToService': values } })

async function written(ask = BOTH) {
  const world = writeWorld()
  expect(await world.write(ask)).toMatchObject({ result: 'written' })
  return world
}

describe('a revert', () => {
  it('removes what was added, trust first, and closes the proposal for good', async () => {
    const world = await written()
    expect(await world.write(REVERT)).toMatchObject({ result: 'taken-away', code: null, left: [], number: 2 })
    expect(world.documents()).toEqual(BEFORE)
    expect(world.iam.writes.slice(2).map(({ target }) => target.kind)).toEqual([
      'role-trust-policy',
      'role-inline-policy',
    ])
    for (const ask of [BOTH, resumeAsk()])
      expect(await world.write(ask)).toMatchObject({ result: 'refused', code: 'closed' })
    expect(await world.write(REVERT)).toMatchObject({ result: 'taken-away', code: 'ended' })
    expect(world.iam.writes).toHaveLength(4)
  })

  it('is written in the name of the person who asked', async () => {
    const world = await written()
    await world.write(REVERT)
    expect(world.sessions[1]).toMatchObject({
      sourceIdentity: 'ben@example.com',
      tags: { 'rolemedic:approvers': 'U0ANA' },
    })
  })

  it('keeps what others have added since', async () => {
    const world = await written()
    const theirs = passRole('ffffffff', 'other')
    world.iam.documents.set(keyOf(CALLER), policy(theirs, passRole()))
    expect(await world.write(REVERT)).toMatchObject({ result: 'taken-away' })
    expect(world.documents()[keyOf(CALLER)]).toEqual(policy(theirs))
  })

  it('has nothing left of a role that was deleted, with all its policies', async () => {
    const world = await written()
    world.iam.documents.clear()
    expect(await world.write(REVERT)).toMatchObject({ result: 'taken-away', left: [] })
    expect(world.documents()).toEqual({})
    expect(world.iam.writes).toHaveLength(2)
    expect(await world.write(REVERT)).toMatchObject({ result: 'taken-away', code: 'ended' })
  })

  it('has nothing left of a managed policy that was deleted, and is not told so by a version that is gone', async () => {
    const { policyName: _, ...at } = CALLER
    const target = {
      ...at,
      kind: 'managed-policy',
      policyName: null,
      arn: CALLER.arn.replace('role/', 'policy/'),
    } as const
    const theirs = passRole('ffffffff', 'other')
    const changes = [{ target, before: policy(theirs), after: policy(theirs, passRole()) }]
    const world = writeWorld(changes)
    expect(await world.write(writeAsk({ changes }))).toMatchObject({ result: 'written' })
    const { read } = world.iam
    world.iam.read = () => Promise.reject(new Error('v2 does not exist'))
    const revert = takeAwayAsk({ reason: revertOf(changes) })
    await expect(world.write(revert)).rejects.toThrow('v2 does not exist')
    world.iam.read = read
    world.iam.documents.clear()
    expect(await world.write(revert)).toMatchObject({ result: 'taken-away', left: [] })
    expect(world.iam.writes).toHaveLength(1)
  })

  it('says what is left after drift, and takes the rest away; and may be asked again, twice', async () => {
    const world = await written()
    const edited = { ...passRole(), Resource: 'arn:aws:iam::111122223333:role/other' }
    world.iam.documents.set(keyOf(CALLER), policy(edited))
    for (const askedAtMs of [NOON, NOON + MINUTE]) {
      expect(await world.write({ ...REVERT, askedAtMs })).toMatchObject({
        result: 'not-taken-away',
        left: [{ arn: CALLER.arn, policyName: 'rolemedic', why: 'statement Rolemedic0a1b2c3d was edited' }],
      })
      expect(world.documents()).toEqual({ ...BEFORE, [keyOf(CALLER)]: policy(edited) })
    }
    world.iam.documents.set(keyOf(CALLER), policy(passRole()))
    expect(await world.write(REVERT)).toMatchObject({ result: 'taken-away' })
    expect(world.documents()).toEqual(BEFORE)
  })

  it('of what was only partly written takes that part away', async () => {
    for (let at = 1; ; at += 1) {
      const world = writeWorld()
      if ((await world.killed(BOTH, at, 'after')) !== 'dead') break
      const isSpent = world.keys().includes(SPENT_KEY)
      const outcome = await world.write(REVERT)
      expect(outcome).toMatchObject(isSpent ? { result: 'taken-away' } : { result: 'refused', code: 'not-spent' })
      expect(world.documents()).toEqual(BEFORE)
    }
  })

  it('works a month later, under another configuration, with every key rotated', async () => {
    const world = await written()
    const now = NOON + 31 * 24 * HOUR
    world.clock.nowMs = now
    world.own.configDigest = `sha256:${'e'.repeat(64)}`
    world.own.approvedSets = ['arn:aws:iam::111122223333:role/x*']
    world.ring.keys = RING.map(key => ({ ...key, retiredAtMs: NOON + HOUR }))
    const reason = revertOf(TWO_CHANGES, { atMs: now - HOUR })
    expect(await world.write(takeAwayAsk({ reason }))).toMatchObject({ result: 'taken-away' })
    expect(world.documents()).toEqual(BEFORE)
  })

  it('works where somebody hides spent/ or puts another version there', async () => {
    for (const tamper of ['hide', 'plant'] as const) {
      const world = await written()
      if (tamper === 'hide') world.ledger.hide(SPENT_KEY)
      else world.ledger.plant(SPENT_KEY, '{}')
      expect(await world.write(REVERT)).toMatchObject({ result: 'taken-away' })
      expect(world.documents()).toEqual(BEFORE)
    }
  })

  it('is not kept back by an ended/ that write did not sign', async () => {
    const world = await written()
    world.ledger.plant(`ended/${DEPLOYMENT}/p-1/x`, '{}')
    expect(await world.write(REVERT)).toMatchObject({ result: 'taken-away', code: null })
    expect(world.documents()).toEqual(BEFORE)
  })

  it('is not kept back by an ended/ that nobody can read, which is no forgery', async () => {
    const world = await written()
    const key = `ended/${DEPLOYMENT}/p-1/x`
    world.ledger.plant(key, '{}')
    const { read } = world.ledger
    world.ledger.read = async (at, version) => {
      if (at === key) throw new RolemedicError('ledger-unreadable', `${at}: AccessDenied`)
      return read(at, version)
    }
    expect(await world.write(REVERT)).toMatchObject({ result: 'taken-away', code: null })
    expect(world.documents()).toEqual(BEFORE)
    expect(world.counted).toEqual([])
    expect(world.logged).toContainEqual(['warn', 'object_unread', { why: `${key}: AccessDenied` }])
  })

  it.each([
    ['what nobody can read', new RolemedicError('ledger-unreadable', 'spent: KMS.DisabledException')],
    ['a fault', new Error('SlowDown')],
  ])(
    'takes %s in place of spent/ for no forgery: nothing is changed, and the message comes again',
    async (_, error) => {
      const world = await written()
      const { read } = world.ledger
      world.ledger.read = async (at, version) => {
        if (at.startsWith('spent/')) throw error
        return read(at, version)
      }
      await expect(world.write(REVERT)).rejects.toThrow(error.message)
      await expect(world.write(BOTH)).rejects.toThrow(error.message)
      expect([world.counted, world.iam.writes.length, world.outcomes().length]).toEqual([[], 2, 1])
      world.ledger.read = read
      expect(await world.write(REVERT)).toMatchObject({ result: 'taken-away' })
    },
  )

  it('waits for IAM to show what was written seconds ago', async () => {
    const world = await written()
    const { sleep } = world.deps
    const document = world.iam.documents.get(keyOf(CALLER))
    world.iam.documents.delete(keyOf(CALLER))
    Object.assign(world.deps, {
      sleep: async (ms: number) => {
        await sleep(ms)
        if (world.clock.nowMs > NOON + 20_000 && document !== undefined) {
          if (!world.iam.writes.some(({ after }) => after === null)) world.iam.documents.set(keyOf(CALLER), document)
        }
      },
    })
    expect(await world.write(REVERT)).toMatchObject({ result: 'taken-away' })
    expect(world.documents()).toEqual(BEFORE)
  })

  it.each([
    [
      'nobody signed it',
      takeAwayAsk({
        reason: { kind: 'revert', decision: signDecision(decided({ kind: 'revert' }, TWO_CHANGES), 'attestations') },
      }),
      'forged',
    ],
    ['it is an approval', takeAwayAsk({ reason: revertOf(TWO_CHANGES, { kind: 'approve' }) }), 'no-revert'],
    [
      'it is of another proposal',
      takeAwayAsk({ reason: revertOf(TWO_CHANGES, { proposalId: 'p-2' }) }),
      'other-change',
    ],
    ['it is of another change', takeAwayAsk({ reason: revertOf(TWO_CHANGES.slice(1)) }), 'other-change'],
    [
      'it is of another deployment',
      takeAwayAsk({ reason: revertOf(TWO_CHANGES, { deploymentId: 'aaaaaaaa' }) }),
      'other-deployment',
    ],
    [
      'it is of yesterday',
      takeAwayAsk({ reason: revertOf(TWO_CHANGES, { atMs: NOON - 24 * HOUR }) }),
      'revert-too-old',
    ],
    ['it is of tomorrow', takeAwayAsk({ reason: revertOf(TWO_CHANGES, { atMs: NOON + HOUR }) }), 'revert-too-old'],
    ['the grant has no end', takeAwayAsk(), 'not-over'],
    ['the proposal was never written', takeAwayAsk({ proposalId: 'p-9', reason: revertOf(TWO_CHANGES) }), 'not-spent'],
  ])('is refused where %s', async (_, ask, code) => {
    const world = await written()
    expect(await world.write(ask)).toMatchObject({ result: 'refused', code })
    expect(world.iam.writes).toHaveLength(2)
    expect(world.keys()).not.toContain(`written/${DEPLOYMENT}/p-1/back`)
  })
})

describe('the age of a revert', () => {
  it.each([
    ['a day', -24 * HOUR, 'refused'],
    ['a moment less than a day', -24 * HOUR + 1, 'taken-away'],
    ['a minute ahead of the clock', MINUTE, 'taken-away'],
    ['more than a minute ahead of it', MINUTE + 1, 'refused'],
  ])('of %s', async (_, sinceMs, result) => {
    const world = await written()
    world.clock.nowMs = NOON + HOUR
    const reason = revertOf(TWO_CHANGES, { atMs: world.clock.nowMs + sinceMs })
    expect(await world.write(takeAwayAsk({ reason }))).toMatchObject({ result })
  })
})

describe('the end of a grant', () => {
  it('is taken away at the signed time, and not before', async () => {
    const world = await written(LIMITED)
    world.clock.nowMs = NOON + HOUR - 1
    expect(await world.write(takeAwayAsk())).toMatchObject({ result: 'refused', code: 'not-over' })
    world.clock.nowMs = NOON + HOUR
    expect(await world.write(takeAwayAsk())).toMatchObject({ result: 'taken-away' })
    expect(world.documents()).toEqual(BEFORE)
    expect(world.sessions.at(-1)?.sourceIdentity).toBe('ana@example.com')
  })
})

describe('a bridge', () => {
  const late = NOON + 30 * MINUTE
  const covered = (first: number, second: number, facts: Partial<Observation> = {}) =>
    takeAwayAsk({
      reason: { kind: 'covered', observations: [observed(TWO_CHANGES, first), observed(TWO_CHANGES, second, facts)] },
    })

  it('ends early where verify saw twice, ten minutes apart, that the code grants the same', async () => {
    const world = await written(BRIDGE)
    world.clock.nowMs = late
    expect(await world.write(covered(late - 11 * MINUTE, late - MINUTE))).toMatchObject({ result: 'taken-away' })
    expect(world.documents()).toEqual(BEFORE)
  })

  it('ends where the second look is of this moment, or a little later by the clock of verify', async () => {
    for (const aheadMs of [0, MINUTE / 2, MINUTE]) {
      const world = await written(BRIDGE)
      world.clock.nowMs = late
      const seen = covered(late - 11 * MINUTE, late + aheadMs)
      expect(await world.write(seen)).toMatchObject({ result: 'taken-away' })
    }
  })

  it('stays where nobody signed what was seen', async () => {
    const world = await written(BRIDGE)
    world.clock.nowMs = late
    const [first, second] = [observed(TWO_CHANGES, late - 11 * MINUTE), observed(TWO_CHANGES, late - MINUTE)]
    const forged = { ...second, signature: first.signature }
    const ask = takeAwayAsk({ reason: { kind: 'covered', observations: [first, forged] } })
    expect(await world.write(ask)).toMatchObject({ result: 'refused', code: 'forged' })
  })

  it.each([
    [
      'one is of another deployment',
      BRIDGE,
      covered(late - 11 * MINUTE, late - MINUTE, { deploymentId: 'aaaaaaaa' }),
      'other-change',
    ],
    [
      'the grant has no end',
      writeAsk({ changes: TWO_CHANGES, decisions: [{ pullRequest: 'with' }] }),
      covered(late - 11 * MINUTE, late - MINUTE),
      'no-bridge',
    ],
    ['the two are not ten minutes apart', BRIDGE, covered(late - 10 * MINUTE, late - MINUTE), 'not-covered'],
    ['the second is old', BRIDGE, covered(late - 25 * MINUTE, late - 10 * MINUTE), 'not-covered'],
    ['the second is of later', BRIDGE, covered(late, late + 10 * MINUTE), 'not-covered'],
    [
      'one is of another change',
      BRIDGE,
      covered(late - 11 * MINUTE, late - MINUTE, { patchDigest: digestOfChanges([]) }),
      'other-change',
    ],
    ['nobody chose a pull request', LIMITED, covered(late - 11 * MINUTE, late - MINUTE), 'no-bridge'],
  ])('stays where %s', async (_, grant, ask, code) => {
    const world = await written(grant)
    world.clock.nowMs = late
    expect(await world.write(ask)).toMatchObject({ result: 'refused', code })
    expect(world.iam.writes).toHaveLength(2)
  })
})

describe('a withdrawal inside another change', () => {
  const second: readonly DocumentChange[] = [
    { target: CALLER, before: policy(passRole()), after: policy(passRole('22222222', 'other')) },
    { target: TRUST, before: TWO_CHANGES[0]?.after ?? null, after: TWO_CHANGES[0]?.before ?? policy() },
  ]
  const P2 = writeAsk({ changes: second, decisions: [{ proposalId: 'p-2' }] }, ['p-1'])

  it('ends the earlier grant, which is then closed', async () => {
    const world = await written()
    expect(await world.write(P2)).toMatchObject({ result: 'written', ended: ['p-1'] })
    expect(await world.write(BOTH)).toMatchObject({ result: 'refused', code: 'closed' })
    expect(await world.write(REVERT)).toMatchObject({ result: 'taken-away', code: 'ended' })
    expect(world.documents()[keyOf(CALLER)]).toEqual(policy(passRole('22222222', 'other')))
  })

  it('is not said where a part of the earlier grant stands', async () => {
    const world = await written()
    const one = second.slice(0, 1)
    const ask = writeAsk({ changes: one, decisions: [{ proposalId: 'p-2' }] }, ['p-1'])
    expect(await world.write(ask)).toMatchObject({ result: 'written', ended: [] })
    expect(world.keys().some(key => key.startsWith(`ended/${DEPLOYMENT}/p-1/`))).toBe(false)
    expect(await world.write(REVERT)).toMatchObject({ result: 'taken-away', code: null })
    expect(world.documents()).toEqual({ ...BEFORE, [keyOf(CALLER)]: policy(passRole('22222222', 'other')) })
  })

  it('is not said where one of two statements stands', async () => {
    const [one, other] = [passRole(), passRole('33333333', 'second')]
    const first = [{ target: CALLER, before: null, after: policy(one, other) }]
    const next = [{ target: CALLER, before: policy(one, other), after: policy(other, passRole('22222222', 'other')) }]
    const world = writeWorld(first)
    expect(await world.write(writeAsk({ changes: first }))).toMatchObject({ result: 'written' })
    const ask = writeAsk({ changes: next, decisions: [{ proposalId: 'p-2' }] }, ['p-1'])
    expect(await world.write(ask)).toMatchObject({ result: 'written', ended: [] })
  })

  it('is said where the earlier change also took something away, which needs no end', async () => {
    const old = passRole('33333333', 'second')
    const first = [
      { target: TRUST, before: policy(letIn()), after: policy() },
      { target: CALLER, before: policy(old), after: policy(old, passRole()) },
    ]
    const next = [{ target: CALLER, before: policy(old, passRole()), after: policy(old) }]
    const world = writeWorld(first)
    expect(await world.write(writeAsk({ changes: first }))).toMatchObject({ result: 'written' })
    const ask = writeAsk({ changes: next, decisions: [{ proposalId: 'p-2' }] }, ['p-1'])
    expect(await world.write(ask)).toMatchObject({ result: 'written', ended: ['p-1'] })
  })

  it('is not said of a change that added nothing', async () => {
    const old = passRole('33333333', 'second')
    const first = [{ target: CALLER, before: policy(old, passRole()), after: policy(old) }]
    const next = [{ target: CALLER, before: policy(old), after: policy(old, passRole('22222222', 'other')) }]
    const world = writeWorld(first)
    expect(await world.write(writeAsk({ changes: first }))).toMatchObject({ result: 'written' })
    const ask = writeAsk({ changes: next, decisions: [{ proposalId: 'p-2' }] }, ['p-1'])
    expect(await world.write(ask)).toMatchObject({ result: 'written', ended: [] })
  })

  it('is not said where a value that was added to a statement of others is one of a longer list', async () => {
    const theirs = (...values: readonly string[]) =>
      policy({ ...passRole(), Sid: 'Theirs', Condition: { StringEquals: { 'iam:PassedToService': values } } })
    const first = [{ target: CALLER, before: theirs('a'), after: theirs('a', 'b') }]
    const world = writeWorld(first)
    expect(await world.write(writeAsk({ changes: first }))).toMatchObject({ result: 'written' })
    const next = [{ target: CALLER, before: theirs('a', 'b'), after: theirs('a', 'b', 'c') }]
    const ask = writeAsk({ changes: next, decisions: [{ proposalId: 'p-2' }] }, ['p-1'])
    expect(await world.write(ask)).toMatchObject({ result: 'written', ended: [] })
  })

  it.each([
    ['gives way to another', (one: Statement) => [{ ...one, Condition: to('a', 'c') }]],
    ['goes, and a statement comes', (one: Statement) => [{ ...one, Condition: to('a') }, passRole('22222222')]],
  ])('is said where a value that was added to a statement of others %s', async (_, becomes) => {
    // Without a Sid, as many policies of others.
    const { Sid: __, ...theirs } = passRole('33333333', 'second')
    const { Sid: ___, ...beside } = passRole('44444444', 'third')
    const [one, two] = [
      { ...theirs, Condition: to('a') },
      { ...theirs, Condition: to('a', 'b') },
    ]
    const first = [{ target: CALLER, before: policy(beside, one), after: policy(beside, two) }]
    const next = [{ target: CALLER, before: policy(beside, two), after: policy(beside, ...becomes(theirs)) }]
    const world = writeWorld(first)
    expect(await world.write(writeAsk({ changes: first }))).toMatchObject({ result: 'written' })
    const ask = writeAsk({ changes: next, decisions: [{ proposalId: 'p-2' }] }, ['p-1'])
    expect(await world.write(ask)).toMatchObject({ result: 'written', ended: ['p-1'] })
  })

  it('is not said of a grant without a spent/ of its own, whatever verify claims', async () => {
    const world = writeWorld(second)
    expect(await world.write(P2)).toMatchObject({ result: 'written', ended: [] })
  })

  it('is not said where the write does not stand', async () => {
    const world = await written()
    world.iam.refusals.set(keyOf(TRUST), { code: 'LimitExceeded', message: 'full', retry: false })
    expect(await world.write(P2)).toMatchObject({ result: 'undone', ended: [] })
    expect(world.documents()[keyOf(CALLER)]).toEqual(policy(passRole()))
    expect(world.keys().some(key => key.startsWith('ended/'))).toBe(false)
  })

  it('is not restored by a revert of the later change', async () => {
    const world = await written()
    await world.write(P2)
    const reason = revertOf(second, { proposalId: 'p-2' })
    expect(await world.write(takeAwayAsk({ proposalId: 'p-2', reason }))).toMatchObject({ result: 'taken-away' })
    expect(world.documents()).toEqual(BEFORE)
  })
})

describe('a grant of an earlier version', () => {
  const CHANGES = TWO_CHANGES
  const {
    deploymentId: _,
    findings: __,
    blastRadius: ___,
    shownDigest,
    ticket,
    pullRequest,
    eligible,
    passkey,
    ...facts
  } = decided({}, CHANGES)
  const earlier = (more: object = {}): Decision =>
    ({
      ...facts,
      schema: 'rolemedic.decision/1',
      by: { userId: 'U0ANA', teamId: null, name: 'Ana' },
      ...more,
    }) as Decision
  const signed = (decision: Decision) => ({ decision, signature: signatureOf('decisions', decisionBytes(decision)) })
  const applied = (entry: object = {}, use: 'audit' | 'outcomes' = 'audit') => {
    const body = {
      schema: 'rolemedic.audit/1',
      sequence: 7,
      entry: { kind: 'applied', proposalId: 'p-1', digest: digestOfChanges(CHANGES), ...entry },
    }
    return { body, signature: signatureOf(use, signedBytes('rolemedic.audit/1', body)) }
  }
  const ask = (record: ReturnType<typeof applied>, decisions: readonly Decision[] = [earlier()]) =>
    takeAwayAsk({
      reason: revertOf(CHANGES, { by: BEN }),
      earlier: { decisions: decisions.map(signed), changes: CHANGES, applied: record },
    })
  const standing = () => {
    const world = writeWorld(CHANGES)
    for (const { target, after } of CHANGES) world.iam.documents.set(keyOf(target), after)
    return world
  }

  it('is taken away, in the name of the person who asked', async () => {
    const world = standing()
    expect(await world.write(ask(applied()))).toMatchObject({ result: 'taken-away', code: null })
    expect(world.documents()).toEqual(BEFORE)
    expect(world.sessions[0]?.sourceIdentity).toBe('ben@example.com')
    expect(await world.write(BOTH)).toMatchObject({ result: 'refused', code: 'closed' })
  })

  it('ends at its signed end', async () => {
    const world = standing()
    const limited = earlier({ endsAtMs: NOON })
    for (const { target, after } of CHANGES) world.iam.documents.set(keyOf(target), after)
    const given = { ...ask(applied(), [limited]), reason: { kind: 'end' as const } }
    world.iam.documents.set(
      keyOf(CALLER),
      policy({
        ...passRole(),
        Condition: { ...passRole().Condition, DateLessThan: { 'aws:CurrentTime': '2026-03-02T12:00:00Z' } },
      }),
    )
    world.iam.documents.set(
      keyOf(TRUST),
      policy(...(CHANGES[0]?.before?.Statement ?? []), {
        ...letIn(),
        Condition: { DateLessThan: { 'aws:CurrentTime': '2026-03-02T12:00:00Z' } },
      }),
    )
    expect(await world.write(given)).toMatchObject({ result: 'taken-away' })
    expect(world.documents()).toEqual(BEFORE)
    expect(world.sessions[0]?.sourceIdentity).toBe('U0ANA')
  })

  it('stays where nobody signed the decision', async () => {
    const world = standing()
    const given = ask(applied())
    const other = signed(earlier({ name: 'x' })).signature
    const earlierGrant = { ...given.earlier, decisions: [{ decision: earlier(), signature: other }] }
    const forged = { ...given, earlier: earlierGrant } as typeof given
    expect(await world.write(forged)).toMatchObject({ result: 'refused', code: 'forged' })
    expect(world.iam.writes).toEqual([])
  })

  it.each([
    ['no record of the write', ask(applied({ kind: 'decided' })), 'not-recorded'],
    ['a record of another proposal', ask(applied({ proposalId: 'p-2' })), 'not-recorded'],
    ['a record of another change', ask(applied({ digest: digestOf('x') })), 'not-recorded'],
    ['a record that another key signed', ask(applied({}, 'outcomes')), 'not-recorded'],
    ['a decision of this version', ask(applied(), [decided({ by: ANA }, CHANGES)]), 'not-earlier'],
    ['a decision that rejects', ask(applied(), [earlier({ kind: 'reject' })]), 'not-approved'],
    ['a decision about another change', ask(applied(), [earlier({ patchDigest: digestOf('x') })]), 'other-change'],
  ])('stays where there is %s', async (_, given, code) => {
    const world = standing()
    expect(await world.write(given)).toMatchObject({ result: 'refused', code })
    expect(world.iam.writes).toEqual([])
  })
})
