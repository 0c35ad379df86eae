/** Somebody who may send to `write`, put objects beside the log, or holds the keys of `verify`, or of `decide` and `verify` together. */
import { describe, expect } from 'vitest'
import { changeDigest, type DocumentChange } from '../../core/patch/target.ts'
import { OUTCOME, SPENT } from '../../functions/domain/authority/spent.ts'
import { statementBytes } from '../../functions/domain/authority/statement.ts'
import { parseWork } from '../../functions/domain/stored/work-message.ts'
import { askIn, makeWrite } from '../../functions/write/write.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { DENIAL, HOUR, inStatus, MINUTE, NOON as WORLD_NOON } from '../fakes/sample-proposal.ts'
import { signatureOf, DEPLOYMENT as WORLD_DEPLOYMENT } from '../fakes/signing.ts'
import { IDENTITY_CHANGE, TRUST_CHANGE } from '../fakes/two-sided.ts'
import { type World, worldWith } from '../fakes/verify-world.ts'
import { approval, approved, pressRevert, trail } from '../verify/verify-fixture.ts'
import {
  ANA,
  BEN,
  CALLER,
  DEPLOYMENT,
  decided,
  NOON,
  ONE_CHANGE,
  passRole,
  policy,
  resumeAsk,
  signDecision,
  TRUST,
  TWO_CHANGES,
  takeAwayAsk,
  writeAsk,
} from '../write/grant-asks.ts'
import { otherForm } from '../write/other-form.ts'
import { BEFORE, BOTH, diedAfter, REVERT, SPENT_KEY } from '../write/two-changes.ts'
import { type WriteWorld, writeWorld } from '../write/write-world.ts'
import { attack } from './attack.ts'

async function reverted(): Promise<WriteWorld> {
  const world = writeWorld()
  await world.write(BOTH)
  await world.write(REVERT)
  expect(world.iam.writes).toHaveLength(4)
  return world
}

/** The process died once IAM had taken the first of two writes and `write` had its mark. */
const halfWritten = (ask = BOTH): Promise<WriteWorld> => diedAfter('written/0', ask)

/** What somebody asks for that `write` must refuse. Gives the codes. */
async function refusedBy(world: WriteWorld, ...asks: readonly Parameters<WriteWorld['write']>[0][]): Promise<string[]> {
  const [before, writes] = [JSON.stringify(world.documents()), world.iam.writes.length]
  const codes: string[] = []
  for (const ask of asks) {
    const { result, code } = await world.write(ask)
    codes.push(`${result} ${code}`)
  }
  expect(JSON.stringify(world.documents())).toBe(before)
  expect(world.iam.writes).toHaveLength(writes)
  return codes
}

describe('somebody who sends to `write` what was signed once', () => {
  attack('N1', async () => {
    expect(await refusedBy(await reverted(), BOTH, resumeAsk())).toEqual(['refused closed', 'refused closed'])
  })

  attack('N2', async () => {
    const [a, b] = [{ by: ANA }, { by: BEN, atMs: NOON - MINUTE }]
    const world = writeWorld()
    await world.write(writeAsk({ changes: TWO_CHANGES, decisions: [a] }))
    const both = [a, b].map((_, n) => (n === 0 ? [a, b] : [b, a]))
    const asks = both.map(decisions => writeAsk({ changes: TWO_CHANGES, decisions }))
    expect(await refusedBy(world, ...asks)).toEqual(['written null', 'written null'])
    expect(world.outcomes()).toHaveLength(1)
    await world.write(REVERT)
    expect(await refusedBy(world, ...asks)).toEqual(['refused closed', 'refused closed'])
  })

  attack('N3', async () => {
    const [first] = BOTH.grant.decisions
    if (first === undefined) throw new Error('no decision')
    const flipped = { ...first, signature: { ...first.signature, value: otherForm(first.signature.value) } }
    const ask = { ...BOTH, grant: { ...BOTH.grant, decisions: [flipped] } }
    expect(await writeWorld().write(ask)).toMatchObject({ result: 'written' })
    expect(await refusedBy(await reverted(), ask)).toEqual(['refused closed'])
  })

  attack('N4', async () => {
    const world = await halfWritten()
    world.ledger.hide(SPENT_KEY)
    expect(await refusedBy(world, BOTH, resumeAsk())).toEqual(['refused spent-foreign', 'refused spent-foreign'])
    const gone = await reverted()
    gone.ledger.hide(SPENT_KEY)
    for (const key of gone.keys().filter(one => one.startsWith('ended/'))) gone.ledger.hide(key)
    expect(await refusedBy(gone, BOTH, resumeAsk())).toEqual(['refused spent-foreign', 'refused spent-foreign'])
    expect(world.documents()[keyOf(CALLER)]).toBeDefined()
    expect(await world.write(REVERT)).toMatchObject({ result: 'taken-away' })
    expect(world.documents()[keyOf(CALLER)]).toBeUndefined()
  })

  attack('N5', async () => {
    const made = writeWorld()
    await made.write(BOTH)
    const statement = JSON.parse(made.ledger.textOf(SPENT_KEY)).statement
    const other = { ...statement, deploymentId: 'aaaaaaaa-2222-4333-8444-555555555555' }
    const texts = [
      JSON.stringify({ statement, signature: signatureOf('attestations', statementBytes(SPENT, statement)) }),
      JSON.stringify({ statement: other, signature: signatureOf('outcomes', statementBytes(SPENT, other)) }),
      '{}',
    ]
    for (const text of texts) {
      const before = writeWorld()
      before.ledger.plant(SPENT_KEY, text)
      expect(await refusedBy(before, BOTH, resumeAsk())).toEqual(['refused spent-foreign', 'refused spent-foreign'])
      const after = await halfWritten()
      after.ledger.plant(SPENT_KEY, text)
      expect(await refusedBy(after, BOTH, resumeAsk())).toEqual(['refused spent-foreign', 'refused spent-foreign'])
    }
  })

  attack('N6', async () => {
    const world = await halfWritten()
    world.iam.documents.delete(keyOf(CALLER))
    expect(await world.write(resumeAsk())).toMatchObject({ result: 'undone', code: 'removed' })
    expect(world.documents()).toEqual(BEFORE)
    expect(world.iam.writes).toHaveLength(1)
  })

  attack('N7', async () => {
    for (const [ask, lateMs, code] of [
      [BOTH, 31 * MINUTE, 'resume-too-late'],
      [BOTH, 24 * HOUR, 'resume-too-late'],
      [writeAsk({ changes: TWO_CHANGES, decisions: [{ endsAtMs: NOON + 10 * MINUTE }] }), 11 * MINUTE, 'limit-over'],
    ] as const) {
      const world = await halfWritten(ask)
      world.clock.nowMs += lateMs
      expect(await world.write(resumeAsk())).toMatchObject({ result: 'undone', code })
      expect(world.documents()).toEqual(BEFORE)
    }
  })

  attack('N8', async () => {
    const world = writeWorld()
    const key = `rejected/${DEPLOYMENT}/p-1`
    world.ledger.plant(key, '{}')
    world.ledger.hide(key)
    expect(await refusedBy(world, BOTH)).toEqual(['refused rejected'])
  })

  attack('N9', async () => {
    const { grant } = BOTH
    const [first] = grant.decisions
    for (const ask of [
      { ...BOTH, schema: 'rolemedic.ask/2' },
      { ...BOTH, ask: 'apply' },
      { ...BOTH, status: 'approved' },
      {
        ...BOTH,
        grant: {
          ...grant,
          attestation: {
            ...grant.attestation,
            statement: { ...grant.attestation.statement, schema: 'rolemedic.attestation/2' },
          },
        },
      },
      {
        ...BOTH,
        grant: {
          ...grant,
          decisions: [{ ...first, decision: { ...first?.decision, schema: 'rolemedic.decision/4' } }],
        },
      },
    ])
      expect(askIn(JSON.stringify(ask))).toBe(null)
    expect(askIn(JSON.stringify(BOTH))).not.toBe(null)
    // Deployed before `verify` and `decide`: it has another configuration, and asks to look again.
    const ahead = writeWorld()
    ahead.own.configDigest = `sha256:${'e'.repeat(64)}`
    expect(await refusedBy(ahead, BOTH)).toEqual(['again other-configuration'])
    expect(ahead.keys()).not.toContain(SPENT_KEY)
    // An answer without a number says nothing; the work of an earlier version is looked at again from the start.
    expect(parseWork(JSON.stringify({ kind: 'outcome', proposalId: 'p-1' })).ok).toBe(false)
    const earlier = parseWork(JSON.stringify({ kind: 'apply', proposalId: 'p-1' }))
    expect(earlier).toEqual({ ok: true, value: { kind: 'verify', proposalId: 'p-1' } })
  })
})

describe('somebody who has the key of `verify`, or of `decide` and `verify`', () => {
  const admin: readonly DocumentChange[] = [
    {
      target: CALLER,
      before: null,
      after: policy({ Sid: 'Rolemedic0a1b2c3d', Effect: 'Allow', Action: '*', Resource: '*' }),
    },
  ]
  const opened = (principal: object): readonly DocumentChange[] => [
    {
      target: TRUST,
      before: TWO_CHANGES[0]?.before ?? null,
      after: policy(...(TWO_CHANGES[0]?.before?.Statement ?? []), {
        ...{ Sid: 'Rolemedic4e5f6071', Effect: 'Allow', Action: 'sts:AssumeRole' },
        Principal: principal as { AWS: string },
      }),
    },
  ]

  attack('V1', async () => {
    const asks = [
      writeAsk({ by: { decisions: 'attestations' } }),
      writeAsk({ by: { decisions: 'outcomes' } }),
      writeAsk({ by: { decisions: 'audit' } }),
      writeAsk({ by: { attestation: 'decisions' } }),
      writeAsk({ by: { attestation: 'outcomes' } }),
    ]
    expect(await refusedBy(writeWorld(ONE_CHANGE), ...asks)).toEqual(asks.map(() => 'refused forged'))
  })

  attack('V2', async () => {
    const { grant } = BOTH
    const evil = writeAsk({ changes: admin })
    const asks = [
      { ...BOTH, grant: { ...grant, changes: admin } },
      { ...BOTH, grant: { ...evil.grant, decisions: grant.decisions } },
      { ...evil, grant: { ...evil.grant, attestation: grant.attestation } },
    ]
    for (const code of await refusedBy(writeWorld(), ...asks))
      expect(code).toMatch(/^refused other-(change|decisions)$/)
  })

  attack('V3', async () => {
    const asks = [
      admin,
      [{ target: CALLER, before: null, after: policy({ ...passRole(), Resource: '*' }) }],
      [{ target: CALLER, before: null, after: policy({ ...passRole(), Action: 'iam:*' }) }],
      [{ target: CALLER, before: null, after: policy({ ...passRole(), Action: 'iam:AttachRolePolicy' }) }],
      opened({ AWS: '*' }),
      opened({ AWS: 'arn:aws:iam::444455556666:role/*' }),
      [{ target: TRUST, before: TWO_CHANGES[0]?.before ?? null, after: policy() }],
    ].map(changes => writeAsk({ changes }))
    const world = writeWorld()
    expect(await refusedBy(world, ...asks)).toEqual(asks.map(() => 'refused outside-grammar'))
  })

  attack('V4', async () => {
    const asks = [
      writeAsk({ attestation: { risk: 'high' } }),
      writeAsk({ attestation: { approversNeeded: 2 } }),
      writeAsk({ attestation: { findings: ['unseen-layers', 'blind'] } }),
      writeAsk({ attestation: { blastRadius: ['deployer can pass admin to everything'] } }),
      writeAsk({ decisions: [{ by: ANA }, { by: BEN, risk: 'high' }], attestation: { risk: 'high' } }),
    ]
    for (const code of await refusedBy(writeWorld(ONE_CHANGE), ...asks))
      expect(code).toMatch(/^refused (risk-grew|not-enough-approvals)$/)
  })

  attack('V5', async () => {
    const asks = [
      writeAsk({ decisions: [{ requester: { kind: 'person', userId: ANA.userId } }] }),
      writeAsk({ decisions: [{ requester: { kind: 'unknown', why: 'a source identity', claimed: ANA.userId } }] }),
      writeAsk({ attestation: { requesters: [ANA.userId] } }),
    ]
    expect(await refusedBy(writeWorld(ONE_CHANGE), ...asks)).toEqual(asks.map(() => 'refused not-enough-approvals'))
  })

  attack('V6', async () => {
    const again = { ...BEN, email: 'ANA@example.com' }
    const two = [{ approversNeeded: 2 }, { approversNeeded: 2, by: again }]
    const asks = [
      writeAsk({ decisions: two, attestation: { approversNeeded: 2 } }),
      // Ana was denied: her other account does not count either.
      writeAsk({ decisions: [{}, { by: again }], attestation: { requesters: [BEN.userId] } }),
    ]
    expect(await refusedBy(writeWorld(ONE_CHANGE), ...asks)).toEqual(asks.map(() => 'refused not-enough-approvals'))
  })

  attack('V10', async () => {
    const young = { ...BEN, memberSinceMs: NOON - HOUR }
    const { memberSinceMs: _, ...unknown } = BEN
    const high = { risk: 'high', approversNeeded: 2 } as const
    const asks = [young, unknown].map(by =>
      writeAsk({ decisions: [high, { ...high, by }], attestation: { risk: 'high', approversNeeded: 2 } }),
    )
    expect(await refusedBy(writeWorld(ONE_CHANGE), ...asks)).toEqual(asks.map(() => 'refused not-enough-approvals'))
  })

  attack('V7', async () => {
    const ahead = writeAsk({ attestation: { atMs: NOON + 30 * MINUTE } })
    const world = writeWorld(ONE_CHANGE)
    expect(await refusedBy(world, ahead)).toEqual(['refused from-the-future'])
    const kept = writeAsk()
    world.clock.nowMs = NOON + 30 * MINUTE
    expect(await refusedBy(world, kept)).toEqual(['again attestation-old'])
    world.clock.nowMs = NOON + 25 * HOUR
    expect(await refusedBy(world, writeAsk({ attestation: { atMs: NOON + 25 * HOUR } }))).toEqual([
      'refused approval-too-old',
    ])
  })

  attack('V8', async () => {
    const world = writeWorld()
    await world.write(BOTH)
    const changes = [
      { target: { ...CALLER, policyName: 'other' }, before: null, after: policy(passRole('22222222', 'other')) },
    ]
    const ask = writeAsk({ changes, decisions: [{ proposalId: 'p-2' }] }, ['p-1'])
    expect(await world.write(ask)).toMatchObject({ result: 'written', ended: [] })
    expect(world.keys().filter(key => key.startsWith('ended/'))).toEqual([])
  })

  attack('V9', async () => {
    const world = writeWorld()
    await world.write(BOTH)
    const approval = signDecision(decided({}, TWO_CHANGES))
    const asks = [
      takeAwayAsk(),
      takeAwayAsk({ reason: { kind: 'revert', decision: approval } }),
      takeAwayAsk({
        reason: { kind: 'revert', decision: signDecision(decided({ kind: 'revert' }, TWO_CHANGES), 'attestations') },
      }),
    ]
    for (const code of await refusedBy(world, ...asks)) expect(code).toMatch(/^refused (not-over|no-revert|forged)$/)
  })
})

describe('somebody who keeps a signed revert', () => {
  attack('N10', async () => {
    const world = await reverted()
    const again = writeAsk({ changes: TWO_CHANGES, decisions: [{ proposalId: 'p-2' }] })
    expect(await world.write(again)).toMatchObject({ result: 'written' })
    expect(await refusedBy(world, { ...REVERT, proposalId: 'p-2' })).toEqual(['refused other-change'])
  })

  attack('N11', async () => {
    const world = await worldWith(approved(undefined, { approvals: [approval(1)] }))
    const live = world.process()
    expect(await live.apply('p-1')).toBe('applied')
    world.ledger.plant(`ended/${WORLD_DEPLOYMENT}/p-1/${'0'.repeat(64)}`, '{"statement":{},"signature":{}}')
    world.history.answer = () => ({ kind: 'refuted', why: 'it has no such event' })
    world.clock.nowMs = WORLD_NOON + 2 * HOUR
    expect(await live.missingRecords()).toEqual(['p-1'])
    expect(world.counted).toContain('SpentForeign')
    expect(await live.ends()).toEqual(['p-1'])
    await live.answer()
    for (const { target, before } of [IDENTITY_CHANGE, TRUST_CHANGE])
      expect(world.iam.documents.get(keyOf(target)) ?? null).toEqual(before)
    expect(await live.ends()).toEqual([])
  })

  attack('N12', async () => {
    const world = writeWorld()
    const { sleep } = world.deps
    const rejecting = {
      ...world.deps,
      async sleep(ms: number) {
        world.ledger.plant(`rejected/${DEPLOYMENT}/p-1`, '{}')
        await sleep(ms)
      },
    }
    expect(await makeWrite(rejecting)(BOTH)).toMatchObject({ result: 'refused', code: 'rejected' })
    expect(world.slept).toEqual([5000])
    expect(world.iam.writes).toEqual([])
  })
})

describe('somebody who sends to `verify` what `write` is to have answered', () => {
  async function standing(): Promise<World> {
    const world = await worldWith(approved())
    expect(await world.process().apply('p-1')).toBe('applied')
    return world
  }
  const outcomeOf = (world: World, number: number) =>
    JSON.parse(world.ledger.textOf(`outcomes/${WORLD_DEPLOYMENT}/${String(number).padStart(12, '0')}`))

  attack('O1', async () => {
    const world = await standing()
    expect(await pressRevert(world)).toBe('reverted')
    const before = await trail(world)
    const live = world.process()
    for (const number of [1, 2, 1]) expect(await live.bringHome('p-1', number)).toBe('nothing-to-do')
    expect((await world.get()).status).toBe('reverted')
    expect(await trail(world)).toEqual(before)
  })

  attack('O2', async () => {
    const world = await standing()
    const { statement } = outcomeOf(world, 1)
    const false2 = { ...statement, number: 2, result: 'taken-away', ask: 'take-away', why: 'Nothing of it is left.' }
    for (const [number, signature] of [
      [2, signatureOf('attestations', statementBytes(OUTCOME, false2))],
      [3, { keyId: '0'.repeat(32), value: 'AAAA' }],
    ] as const) {
      const key = `outcomes/${WORLD_DEPLOYMENT}/${String(number).padStart(12, '0')}`
      world.ledger.plant(key, JSON.stringify({ statement: { ...false2, number }, signature }))
      expect(await world.process().bringHome('p-1', number)).toBe('nothing-to-do')
    }
    expect((await world.get()).status).toBe('applied')
    expect(await trail(world)).toEqual(['apply-intended', 'applied'])
    for (const { target, after } of [IDENTITY_CHANGE, TRUST_CHANGE])
      expect(world.iam.documents.get(keyOf(target))).toEqual(after)
  })

  attack('O3', async () => {
    const world = await standing()
    expect(await pressRevert(world)).toBe('reverted')
    const target = { ...IDENTITY_CHANGE.target, name: 'second', arn: 'arn:aws:iam::111122223333:role/second' }
    const other = { ...IDENTITY_CHANGE, target }
    const changes = [{ ...other, digest: changeDigest(other) }]
    await world.add(approved(changes, { id: 'p-2', denial: { ...DENIAL, id: 'another' } }))
    const live = world.process()
    expect(await live.apply('p-2')).toBe('applied')
    // Number 2 says that p-1 was taken away.
    world.ledger.plant(`outcomes/${WORLD_DEPLOYMENT}/000000000009`, JSON.stringify(outcomeOf(world, 2)))
    for (const number of [2, 9]) expect(await live.bringHome('p-2', number)).toBe('nothing-to-do')
    expect((await world.get('p-2')).status).toBe('applied')
    expect((await trail(world)).filter(kind => kind === 'reverted')).toHaveLength(1)
  })

  attack('O4', async () => {
    for (const status of ['approved', 'failed', 'stale', 'rejected'] as const) {
      const world = await worldWith(approved())
      const live = world.process()
      expect(await live.verify('p-1')).toBe('asked')
      const now = inStatus(await world.get(), 'applying')
      const failure = { code: 'x', message: 'x', owner: null }
      const rejection = { by: { id: 'U0ONCALL1', name: 'Ana' }, atMs: WORLD_NOON, reason: 'no', signed: null }
      await world.store.replace(now, { ...now, status, failure, rejection } as unknown as typeof now)
      await live.answer()
      expect([status, (await world.get()).status]).toEqual([status, 'applied'])
      expect((await trail(world)).at(-1)).toBe('applied')
    }
  })

  attack('O5', async () => {
    const world = await standing()
    const before = await world.get()
    expect(await pressRevert(world)).toBe('reverted')
    const writes = world.iam.writes.length
    // What the log says decides nothing: not even an empty one lets it be written.
    world.objects.texts.clear()
    const now = await world.get()
    await world.store.replace(now, {
      ...approved(),
      version: now.version,
      approvals: before.status === 'applied' ? before.approvals : [],
    } as typeof now)
    const live = world.process()
    await live.apply('p-1').catch(String)
    expect(world.iam.writes).toHaveLength(writes)
    expect((await world.get()).status).not.toBe('applied')
  })
})
