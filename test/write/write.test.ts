import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { decisionsDigest } from '../../functions/domain/authority/checks/grant.ts'
import { OUTCOME, SPENT } from '../../functions/domain/authority/spent.ts'
import { statementBytes, verified } from '../../functions/domain/authority/statement.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { RING, signatureOf } from '../fakes/signing.ts'
import {
  ANA,
  BEN,
  CALLER,
  DEPLOYMENT,
  granted,
  HOUR,
  letIn,
  MINUTE,
  NOON,
  ONE_CHANGE,
  passRole,
  policy,
  TRUST,
  TWO_CHANGES,
  writeAsk,
} from './grant-asks.ts'
import { otherForm } from './other-form.ts'
import { AFTER, BEFORE, BOTH, REVERT, SPENT_KEY } from './two-changes.ts'
import { writeWorld } from './write-world.ts'

describe('a write', () => {
  it('writes what was approved, reads it back and signs the outcome', async () => {
    const world = writeWorld()
    const outcome = await world.write(BOTH)
    expect(outcome).toMatchObject({ result: 'written', code: null, number: 1, previous: null, left: [], ended: [] })
    expect(world.documents()).toEqual(AFTER)
    expect(world.iam.writes.map(({ target }) => target.kind)).toEqual(['role-inline-policy', 'role-trust-policy'])
    expect(outcome.requestIds).toEqual(['request-1', 'request-2'])
    expect(world.sent).toEqual([{ kind: 'outcome', proposalId: 'p-1', number: 1 }])
    expect(world.keys()).toEqual([
      `outcomes/${DEPLOYMENT}/000000000001`,
      SPENT_KEY,
      `written/${DEPLOYMENT}/p-1/0`,
      `written/${DEPLOYMENT}/p-1/1`,
      `written/${DEPLOYMENT}/p-1/outcome-1`,
    ])
  })

  it('signs what it keeps with the key of outcomes alone', async () => {
    const world = writeWorld()
    await world.write(BOTH)
    for (const [kind, key] of [
      [SPENT, SPENT_KEY],
      [OUTCOME, `outcomes/${DEPLOYMENT}/000000000001`],
    ] as const) {
      const signed = JSON.parse(world.ledger.textOf(key))
      expect(verified<unknown>(kind, signed, RING).ok).toBe(true)
      expect(
        verified<unknown>(
          kind,
          signed,
          RING.filter(({ use }) => use !== 'outcomes'),
        ).ok,
      ).toBe(false)
    }
  })

  it('keeps the whole input and what it was held against', async () => {
    const world = writeWorld()
    await world.write(BOTH)
    expect(JSON.parse(world.ledger.textOf(SPENT_KEY)).statement).toEqual({
      schema: 'rolemedic.spent/1',
      deploymentId: DEPLOYMENT,
      proposalId: 'p-1',
      grant: JSON.parse(JSON.stringify(BOTH.grant)),
      configDigest: world.own.configDigest,
      approvedSets: [],
      withdraws: [],
      atMs: NOON + 5000,
    })
  })

  it('reads a document that others may write twice, some time apart, and once more just before the write', async () => {
    const world = writeWorld()
    const read: string[] = []
    const { read: given } = world.iam
    world.iam.read = async target => {
      read.push(`${target.kind} ${world.clock.nowMs - NOON}`)
      return given(target)
    }
    await world.write(BOTH)
    expect(read.slice(0, 5)).toEqual([
      'role-inline-policy 0',
      'role-trust-policy 0',
      'role-trust-policy 5000',
      'role-inline-policy 5000',
      'role-trust-policy 5000',
    ])
  })

  it('writes in the name of the last approver, with everybody who approved', async () => {
    const world = writeWorld()
    await world.write(writeAsk({ decisions: [{ by: BEN, atMs: NOON - HOUR }, { by: ANA }] }))
    expect(world.sessions).toEqual([
      {
        sourceIdentity: 'ana@example.com',
        tags: {
          'rolemedic:proposal': 'p-1',
          'rolemedic:digest': granted().attestation.statement.patchDigest,
          'rolemedic:approvers': 'U0BEN U0ANA',
        },
      },
    ])
  })

  it('spends nothing where verify is to look again', async () => {
    const world = writeWorld()
    const late = writeAsk({ decisions: [{ atMs: NOON - HOUR }], attestation: { atMs: NOON - 11 * MINUTE } })
    expect(await world.write(late)).toMatchObject({ result: 'again', code: 'attestation-old' })
    expect(world.keys()).toEqual([`outcomes/${DEPLOYMENT}/000000000001`])
    expect(await world.write(BOTH)).toMatchObject({ result: 'written', number: 2 })
  })

  it.each([
    ['the caller', CALLER, policy(passRole('ffffffff'))],
    ['the trust', TRUST, policy(letIn('ffffffff'))],
  ])('is refused where the policy of %s is not as it was approved', async (_, target, document) => {
    const world = writeWorld()
    world.iam.documents.set(keyOf(target), document)
    expect(await world.write(BOTH)).toMatchObject({ result: 'refused', code: 'drift' })
    expect(world.iam.writes).toEqual([])
    expect(world.keys()).not.toContain(SPENT_KEY)
  })

  it('is refused where the second reading shows a change that the first did not', async () => {
    const world = writeWorld()
    const { sleep } = world.deps
    Object.assign(world.deps, {
      sleep: async (ms: number) => {
        await sleep(ms)
        world.iam.documents.set(keyOf(TRUST), policy(letIn('ffffffff')))
      },
    })
    expect(await world.write(BOTH)).toMatchObject({ result: 'refused', code: 'drift' })
    expect(world.iam.writes).toEqual([])
  })

  it('is refused where a target cannot be read', async () => {
    const world = writeWorld()
    world.iam.unreadable.set(keyOf(TRUST), 'the role lacks iam:GetRole')
    expect(await world.write(BOTH)).toMatchObject({
      result: 'refused',
      code: 'target-unreadable',
      why: 'the role lacks iam:GetRole',
    })
    expect(world.keys()).not.toContain(SPENT_KEY)
  })

  it('of a forged decision is refused, and nothing is read', async () => {
    const world = writeWorld()
    expect(await world.write(writeAsk({ by: { decisions: 'attestations' } }))).toMatchObject({
      result: 'refused',
      code: 'forged',
    })
    expect(world.sessions).toEqual([])
  })

  it('of a proposal under the name of another is refused', async () => {
    const world = writeWorld()
    expect(await world.write({ ...BOTH, proposalId: 'p-2' })).toMatchObject({ result: 'refused', code: 'other-change' })
  })

  it.each([
    ['stands', (world: ReturnType<typeof writeWorld>) => world.ledger.plant(`rejected/${DEPLOYMENT}/p-1`, '{}')],
    [
      'is hidden by a delete marker',
      (world: ReturnType<typeof writeWorld>) => {
        world.ledger.plant(`rejected/${DEPLOYMENT}/p-1`, '{}')
        world.ledger.hide(`rejected/${DEPLOYMENT}/p-1`)
      },
    ],
  ])('is refused where a rejection %s', async (_, reject) => {
    const world = writeWorld()
    reject(world)
    expect(await world.write(BOTH)).toMatchObject({ result: 'refused', code: 'rejected' })
    expect(world.keys()).not.toContain(SPENT_KEY)
  })
})

describe('a write that IAM does not take', () => {
  it('is undone at once', async () => {
    const world = writeWorld()
    world.iam.refusals.set(keyOf(TRUST), {
      code: 'MalformedPolicyDocument',
      message: 'IAM does not accept it',
      retry: false,
    })
    expect(await world.write(BOTH)).toMatchObject({
      result: 'undone',
      code: 'MalformedPolicyDocument',
      why: 'IAM does not accept it',
      left: [],
    })
    expect(world.documents()).toEqual(BEFORE)
  })

  it('is tried again where AWS asks for it', async () => {
    const world = writeWorld()
    const { write } = world.iam
    let throttled = 2
    world.iam.write = async (target, document) => {
      throttled -= 1
      if (throttled >= 0) return { ok: false, error: { code: 'Throttling', message: 'AWS is throttling', retry: true } }
      return write(target, document)
    }
    expect(await world.write(BOTH)).toMatchObject({ result: 'written' })
    expect(world.slept).toEqual([5000, 1000, 2000])
  })

  it('is undone where nobody knows whether it happened, also if a read does not show it yet', async () => {
    const world = writeWorld()
    const { write } = world.iam
    let failed = false
    world.iam.write = async (target, document) => {
      const answer = await write(target, document)
      if (failed) return answer
      failed = true
      throw new Error('socket hang up')
    }
    expect(await world.write(BOTH)).toMatchObject({ result: 'undone', code: 'unknown-write' })
    expect(world.documents()).toEqual(BEFORE)
  })

  it('lists what could not be undone', async () => {
    const world = writeWorld()
    world.iam.afterWrite = target => {
      if (target.kind === 'role-inline-policy')
        world.iam.documents.set(keyOf(CALLER), policy(passRole(), passRole('ffffffff', 'other')))
    }
    expect(await world.write(BOTH)).toMatchObject({
      result: 'left',
      code: 'read-back',
      left: [
        {
          arn: CALLER.arn,
          policyName: 'rolemedic',
          why: 'the policy of deployer was changed by someone else meanwhile',
        },
      ],
    })
    expect(world.documents()[keyOf(TRUST)]).toEqual(TWO_CHANGES[0]?.before)
  })

  it('signs what is left also where IAM gives no reason', async () => {
    const world = writeWorld()
    const silent = { code: 'ServiceFailure', message: '', retry: false }
    world.iam.afterWrite = () => {
      for (const target of [CALLER, TRUST]) world.iam.refusals.set(keyOf(target), silent)
    }
    const left = [{ arn: CALLER.arn, policyName: 'rolemedic', why: 'no reason was given' }]
    expect(await world.write(BOTH)).toMatchObject({ result: 'left', why: 'no reason was given', left })
  })

  it('signs of the ids of AWS only what looks like one', async () => {
    const world = writeWorld()
    const { write } = world.iam
    const odd = ['', 'x'.repeat(65), 'two words', 'line\nbreak', '<b>', '\u202eid']
    world.iam.write = async (target, document) => {
      const answer = await write(target, document)
      return answer.ok ? { ok: true, value: { requestIds: [...answer.value.requestIds, ...odd] } } : answer
    }
    const uuid = '7a62c49f-347e-4fc4-9331-6e8e1f5d2c3b'
    odd.push(uuid)
    expect(await world.write(BOTH)).toMatchObject({
      result: 'written',
      requestIds: ['request-1', uuid, 'request-2', uuid],
    })
  })

  it('takes a change by others between two of its writes as drift', async () => {
    const world = writeWorld()
    world.iam.afterWrite = () => {
      world.iam.documents.set(keyOf(TRUST), policy(letIn('ffffffff')))
      world.iam.afterWrite = null
    }
    expect(await world.write(BOTH)).toMatchObject({ result: 'undone', code: 'drift' })
    expect(world.documents()).toEqual({ [keyOf(TRUST)]: policy(letIn('ffffffff')) })
  })
})

describe('a proposal is written once', () => {
  const A = { by: ANA }
  const B = { by: BEN, atMs: NOON - MINUTE }

  it.each([
    ['the same ask', BOTH],
    ['one decision more', writeAsk({ changes: TWO_CHANGES, decisions: [A, B] })],
    ['the decisions in another order', writeAsk({ changes: TWO_CHANGES, decisions: [B, A] })],
    ['another decision', writeAsk({ changes: TWO_CHANGES, decisions: [B] })],
  ])('and %s after it writes nothing and is answered as before', async (_, ask) => {
    const world = writeWorld()
    await world.write(BOTH)
    const { iam } = world
    expect(await world.write(ask)).toMatchObject({ result: 'written', number: 1 })
    expect(iam.writes).toHaveLength(2)
    expect(world.outcomes()).toHaveLength(1)
  })

  it('and not again after it was reverted', async () => {
    const world = writeWorld()
    await world.write(BOTH)
    await world.write(REVERT)
    const before = world.documents()
    for (const ask of [BOTH, writeAsk({ changes: TWO_CHANGES, decisions: [A, B] })])
      expect(await world.write(ask)).toMatchObject({ result: 'refused', code: 'closed' })
    expect(world.documents()).toEqual(before)
  })

  it('and not again with the signature (r, n − s), which is as valid', async () => {
    const world = writeWorld()
    await world.write(BOTH)
    await world.write(REVERT)
    const [first] = BOTH.grant.decisions
    if (first === undefined) throw new Error('no decision')
    const flipped = { ...first, signature: { ...first.signature, value: otherForm(first.signature.value) } }
    expect(flipped.signature.value).not.toBe(first.signature.value)
    expect(decisionsDigest([flipped.decision])).toBe(BOTH.grant.attestation.statement.decisions)
    // As valid: in a world where nothing is spent, it is written.
    const ask = { ...BOTH, grant: { ...BOTH.grant, decisions: [flipped] } }
    expect(await writeWorld().write(ask)).toMatchObject({ result: 'written' })
    expect(await world.write(ask)).toMatchObject({ result: 'refused', code: 'closed' })
    expect(world.iam.writes).toHaveLength(4)
  })

  it.each([
    [
      'a foreign object',
      (world: ReturnType<typeof writeWorld>) => world.ledger.plant(SPENT_KEY, '{"statement":{},"signature":{}}'),
    ],
    ['an object that is no JSON', (world: ReturnType<typeof writeWorld>) => world.ledger.plant(SPENT_KEY, 'PK')],
    ['a delete marker', (world: ReturnType<typeof writeWorld>) => world.ledger.hide(SPENT_KEY)],
    [
      'a statement of its own under the key of another deployment',
      (world: ReturnType<typeof writeWorld>) => world.ledger.plant(SPENT_KEY, foreignSpent(world)),
    ],
  ])('and never where spent/ has %s', async (_, plant) => {
    const world = writeWorld()
    plant(world)
    expect(await world.write(BOTH)).toMatchObject({ result: 'refused', code: 'spent-foreign' })
    expect(world.iam.writes).toEqual([])
    expect(world.counted).toContain('Forged')
  })

  it('and never where somebody hides spent/ after it, or puts another version there', async () => {
    for (const tamper of ['hide', 'plant'] as const) {
      const world = writeWorld()
      await world.write(BOTH)
      if (tamper === 'hide') world.ledger.hide(SPENT_KEY)
      else world.ledger.plant(SPENT_KEY, world.ledger.textOf(SPENT_KEY))
      for (const target of [TRUST, CALLER]) world.iam.documents.delete(keyOf(target))
      expect(await world.write(BOTH)).toMatchObject({ result: 'refused', code: 'spent-foreign' })
      expect(world.iam.writes).toHaveLength(2)
      expect(world.counted).toContain('Forged')
    }
  })

  it('also where the answer to its PUT was lost', async () => {
    const world = writeWorld()
    const { create } = world.ledger
    world.ledger.create = async (key, text) => {
      const answer = await create(key, text)
      return key === SPENT_KEY ? 'taken' : answer
    }
    expect(await world.write(BOTH)).toMatchObject({ result: 'written' })
  })

  it('and not beside another worker that was first', async () => {
    const world = writeWorld()
    const { create } = world.ledger
    world.ledger.create = async (key, text) => {
      if (key === SPENT_KEY) await create(key, spentBy(world, NOON))
      return create(key, text)
    }
    await expect(world.write(BOTH)).rejects.toThrow('written by another worker')
    expect(world.iam.writes).toEqual([])
  })
})

function spentBy({ own }: ReturnType<typeof writeWorld>, atMs: number, deploymentId = DEPLOYMENT): string {
  const { configDigest } = own
  const facts = {
    deploymentId,
    proposalId: 'p-1',
    grant: BOTH.grant,
    configDigest,
    approvedSets: [],
    withdraws: [],
    atMs,
  }
  const statement = { schema: 'rolemedic.spent/1' as const, ...facts }
  return JSON.stringify({ statement, signature: signatureOf('outcomes', statementBytes(SPENT, statement)) })
}
const foreignSpent = (world: ReturnType<typeof writeWorld>) => spentBy(world, NOON, 'aaaaaaaa-0000')

describe('the log', () => {
  const about = { kind: 'write', proposalId: 'p-1', number: 1 }

  it('says how it ended before verify is told, and warns where a person must act', async () => {
    const written = writeWorld()
    await written.write(BOTH)
    expect(written.logged).toEqual([['info', 'work_done', { ...about, outcome: 'written', code: null }]])

    const left = writeWorld()
    left.iam.afterWrite = target => {
      left.iam.refusals.set(keyOf(target), { code: 'AccessDenied', message: 'no', retry: false })
      left.iam.refusals.set(keyOf(TRUST), { code: 'AccessDenied', message: 'no', retry: false })
    }
    const dead = () => Promise.reject(new Error('no queue'))
    Object.assign(left.deps, { send: dead })
    await expect(left.write(BOTH)).rejects.toThrow('no queue')
    expect(left.logged).toEqual([['warn', 'work_done', { ...about, outcome: 'left', code: 'AccessDenied' }]])

    const refused = writeWorld()
    await refused.write(writeAsk({ by: { decisions: 'attestations' } }))
    expect(refused.logged).toEqual([['warn', 'work_done', { ...about, outcome: 'refused', code: 'forged' }]])

    const kept = writeWorld()
    await kept.write(BOTH)
    kept.iam.refusals.set(keyOf(CALLER), { code: 'AccessDenied', message: 'no', retry: false })
    await kept.write(REVERT)
    expect(kept.logged.at(-1)).toEqual([
      'warn',
      'work_done',
      { kind: 'take-away', proposalId: 'p-1', number: 2, outcome: 'not-taken-away', code: 'left' },
    ])
  })
})

describe('the chain of outcomes', () => {
  it('has each outcome once, with the digest of the one before', async () => {
    const world = writeWorld()
    for (const id of ['p-1', 'p-2', 'p-3']) await world.write({ ...BOTH, proposalId: id })
    const numbers = world.outcomes().map(({ number, previous }) => [number, previous !== null])
    expect(numbers).toEqual([
      [1, false],
      [2, true],
      [3, true],
    ])
  })

  it('goes on behind a foreign object, which is reported', async () => {
    const world = writeWorld()
    await world.write(BOTH)
    world.ledger.plant(`outcomes/${DEPLOYMENT}/000000000002`, '{}')
    world.ledger.plant(`outcomes/${DEPLOYMENT}/000000000009`, '{}')
    expect(await world.write({ ...BOTH, proposalId: 'p-2' })).toMatchObject({ number: 3 })
    expect(world.counted).toContain('Forged')
  })

  it('is not forked by objects further on that mislead a search', async () => {
    const world = writeWorld()
    for (let n = 2; n <= 6; n += 1) await world.write({ ...BOTH, proposalId: `p-${n}` })
    for (const at of [8, 12, 14, 16]) world.ledger.plant(`outcomes/${DEPLOYMENT}/${String(at).padStart(12, '0')}`, '{}')
    expect(await world.write({ ...BOTH, proposalId: 'p-7' })).toMatchObject({ number: 6 })
  })

  it('gives two writers at once a number each', async () => {
    const world = writeWorld()
    const both = await Promise.all(['p-2', 'p-3'].map(proposalId => world.write({ ...BOTH, proposalId })))
    expect(both.map(({ number }) => number).sort()).toEqual([1, 2])
  })

  it('reads as nothing what another key signed', async () => {
    const world = writeWorld()
    await world.write(ONE())
    const stranger = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    expect(stranger.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1')
    world.ring.keys = RING.filter(({ use }) => use !== 'outcomes')
    expect(await world.write(ONE())).toMatchObject({ result: 'refused', code: 'spent-foreign' })
  })
})

const ONE = () => writeAsk({ changes: ONE_CHANGE })
