import { describe, expect, it } from 'vitest'
import type { Witness } from '../../functions/domain/authority/witness.ts'
import { DENIAL, MINUTE, NOON, sampleProposal, VERIFICATION } from '../fakes/sample-proposal.ts'
import { worldWith } from '../fakes/verify-world.ts'

const HIGH = { verification: { ...VERIFICATION, risk: 'high' as const } }
const approvedWith = (changed: object = {}) => sampleProposal({ status: 'approved', ...HIGH, ...changed })
const worldSaying = async (witness: Witness, changed: object = {}) => {
  const world = await worldWith(approvedWith(changed))
  world.history.answer = () => witness
  return world
}
const WAITING: Witness = { kind: 'waiting' }
const REFUTED: Witness = { kind: 'refuted', why: 'CloudTrail has no record of this denial' }
const kinds = async (world: Awaited<ReturnType<typeof worldSaying>>) => {
  const all: string[] = []
  for await (const { entry } of world.log.records()) all.push(entry.kind)
  return all
}

describe('a change that opens much', () => {
  it('is written once CloudTrail confirms its denial', async () => {
    const world = await worldWith(approvedWith())
    expect(await world.process().apply('p-1')).toBe('applied')
    expect(world.history.asked).toBe(1)
  })

  it('waits, approved, while the record may still come, and says so; then it is written', async () => {
    const world = await worldSaying(WAITING)
    expect(await world.process().apply('p-1')).toBe('waiting')
    expect(await world.get()).toMatchObject({ status: 'approved', waitsForRecord: true, dueAtMs: NOON + 2 * MINUTE })
    expect([world.iam.writes, await world.card()]).toEqual([[], 'approved - -'])
    world.history.answer = denial => ({ kind: 'confirmed', denial })
    await world.settle()
    expect(await world.get()).toMatchObject({ status: 'applied' })
    expect(world.iam.writes).toHaveLength(1)
  })

  it('is refused when CloudTrail never saw its denial: nothing is written, and it is on record', async () => {
    const world = await worldSaying(REFUTED)
    expect(await world.process().apply('p-1')).toBe('failed')
    expect(await world.get()).toMatchObject({
      status: 'failed',
      failure: {
        code: 'unwitnessed',
        message: 'CloudTrail has no record of this denial, so the change was not written',
      },
    })
    expect(world.iam.writes).toEqual([])
    expect(await kinds(world)).toEqual(['apply-failed'])
    expect(await world.card()).toBe('failed unwitnessed -')
    expect(world.counted).toContain('Unwitnessed')
    // No second card is made from the same denial.
    expect(world.messages).toEqual([])
  })

  it('is not written, and raises no alarm, where CloudTrail may not be asked for it any more', async () => {
    const world = await worldSaying({ kind: 'spent', why: 'CloudTrail was asked as often as it may be' })
    expect(await world.process().apply('p-1')).not.toBe('applied')
    expect(await world.get()).toMatchObject({
      status: 'stale',
      failure: {
        code: 'not-confirmed',
        message: 'CloudTrail was asked as often as it may be, so the change was not written',
      },
    })
    expect(world.iam.writes).toEqual([])
  })

  it('is tried again while the history cannot be read', async () => {
    const world = await worldSaying({ kind: 'unreadable', why: 'refused' })
    await expect(world.process().apply('p-1')).rejects.toThrow('event history cannot be read: refused')
    expect([world.iam.writes, (await world.get()).status]).toEqual([[], 'applying'])
    world.history.answer = denial => ({ kind: 'confirmed', denial })
    await world.settle()
    expect(world.iam.writes).toHaveLength(1)
  })
})

describe('a change with writes in place, after a crash', () => {
  const begun = async (witness: Witness) => {
    const world = await worldWith(approvedWith())
    const fault = (call: string, moment: 'before' | 'after') => {
      if (call === 'writer.write' && moment === 'after') throw new Error('killed')
    }
    await expect(world.process(fault).apply('p-1')).rejects.toThrow('killed')
    expect(world.iam.writes).toHaveLength(1)
    world.history.answer = () => witness
    world.clock.nowMs += 10 * MINUTE
    return world
  }

  it('was confirmed before it was begun: it is finished, and not asked about again', async () => {
    for (const witness of [REFUTED, WAITING]) {
      const world = await begun(witness)
      expect(await world.process().apply('p-1')).toBe('applied')
      expect(world.history.asked).toBe(1)
      expect(world.iam.writes).toHaveLength(1)
    }
  })

  it('is undone where it was not written whole within half an hour', async () => {
    const world = await begun(WAITING)
    world.clock.nowMs += 30 * MINUTE
    world.iam.documents.clear()
    expect(await world.process().apply('p-1')).toBe('stale')
    expect(world.iam.writes).toHaveLength(1)
  })
})

describe('a change of low risk', () => {
  const low = { verification: VERIFICATION }

  it('is written without asking, when CloudTrail itself delivered the denial', async () => {
    const world = await worldSaying(REFUTED, low)
    expect(await world.process().apply('p-1')).toBe('applied')
    expect(world.history.asked).toBe(0)
  })

  it('is not written when only a text reports the denial, and CloudTrail does not confirm it', async () => {
    const denial = { ...DENIAL, source: 'message' as const }
    for (const witness of [WAITING, REFUTED]) {
      const world = await worldSaying(witness, { ...low, denial })
      await world.process().apply('p-1')
      expect([world.history.asked, world.iam.writes]).toEqual([1, []])
    }
  })
})
