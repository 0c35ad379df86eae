import { describe, expect, it } from 'vitest'
import type { Denial } from '../../core/denial/denial.ts'
import type { Witness } from '../../functions/domain/authority/witness.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { HOUR, MINUTE, NOON } from '../fakes/sample-proposal.ts'
import { TRUST_CHANGE } from '../fakes/two-sided.ts'
import { worldWith } from '../fakes/verify-world.ts'
import { approved, pressRevert } from './verify-fixture.ts'

async function written(answer: Witness) {
  const world = await worldWith(approved())
  const process = world.process()
  expect(await process.apply('p-1')).toBe('applied')
  expect(world.history.asked).toBe(0)
  world.history.answer = () => answer
  return { world, handle: () => process.lookForRecord('p-1') }
}
const WAITING: Witness = { kind: 'waiting' }

describe('the record of a low-risk denial', () => {
  it('is asked for once its time has come, by a sweep', async () => {
    const { world } = await written(WAITING)
    expect(await world.get()).toMatchObject({ record: 'wanted', dueAtMs: expect.any(Number) })
    world.clock.nowMs = NOON + 21 * MINUTE
    await world.process().sweep()
    expect(world.messages).toContainEqual({ kind: 'witness', proposalId: 'p-1' })
  })

  it('that is there ends the question', async () => {
    const { world, handle } = await written(WAITING)
    world.history.answer = denial => ({ kind: 'confirmed', denial })
    expect(await handle()).toBe('seen')
    expect(await world.get()).toMatchObject({ status: 'applied', record: 'seen' })
    expect(await handle()).toBe('nothing-to-do')
  })

  it('may come late, and is missing after 20 minutes', async () => {
    const { world, handle } = await written(WAITING)
    world.clock.nowMs = NOON + 19 * MINUTE
    expect(await handle()).toBe('waiting')
    expect(await world.get()).toMatchObject({ record: 'wanted' })
    world.clock.nowMs = NOON + 21 * MINUTE
    expect(await handle()).toBe('missing')
    expect(await world.get()).toMatchObject({ status: 'applied', record: 'missing' })
    expect(world.counted).toContain('WriteUnwitnessed')
    expect(await pressRevert(world)).toBe('reverted')
  })

  it('is missing at once where CloudTrail rules the denial out', async () => {
    const { handle } = await written({ kind: 'refuted', why: 'it has no such event' })
    expect(await handle()).toBe('missing')
  })

  it('is not called missing while the history cannot be read', async () => {
    const { world, handle } = await written({ kind: 'unreadable', why: 'throttled' })
    world.clock.nowMs = NOON + 60 * MINUTE
    await expect(handle()).rejects.toThrow('cannot be read: throttled')
    expect(await world.get()).toMatchObject({ record: 'wanted' })
  })

  it('is not asked for once the grant is reverted', async () => {
    const { world, handle } = await written(WAITING)
    expect(await pressRevert(world)).toBe('reverted')
    expect(await handle()).toBe('nothing-to-do')
  })
})

describe('the record of a low-risk denial, without the table', () => {
  const AT_21_MINUTES = NOON + 21 * MINUTE
  async function later(answer: Witness) {
    const { world } = await written(answer)
    world.clock.nowMs = AT_21_MINUTES
    return { world, process: world.process() }
  }

  it('is found once, and what was signed of it is not asked again, by any process', async () => {
    const { world, process } = await later(WAITING)
    world.history.answer = denial => ({ kind: 'confirmed', denial })
    expect(await process.missingRecords()).toEqual([])
    expect(await world.get()).toMatchObject({ record: 'seen', recordSeen: { statement: { proposalId: 'p-1' } } })
    const { asked } = world.history
    world.history.answer = () => ({ kind: 'refuted', why: 'it is not asked' })
    expect(await world.process().missingRecords()).toEqual([])
    expect(world.history.asked).toBe(asked)
  })

  it('is missed once after 20 minutes, and the card offers Revert first', async () => {
    const { world, process } = await later(WAITING)
    world.clock.nowMs = NOON + 19 * MINUTE
    expect(await process.missingRecords()).toEqual([])
    world.clock.nowMs = AT_21_MINUTES
    expect(await process.missingRecords()).toEqual(['p-1'])
    expect(await world.get()).toMatchObject({ status: 'applied', record: 'missing' })
    expect(await process.missingRecords()).toEqual([])
  })

  it('is missed where the history or the table cannot be read for two hours', async () => {
    const { world, process } = await later({ kind: 'unreadable', why: 'throttled' })
    expect(await process.missingRecords()).toEqual([])
    world.clock.nowMs = NOON + 3 * HOUR
    expect(await process.missingRecords()).toEqual(['p-1'])

    const broken = await later(WAITING)
    const outage = () => {
      throw new Error('no table')
    }
    const blind = broken.world.process(call => (call === 'store.get' ? outage() : undefined))
    expect(await blind.missingRecords()).toEqual([])
    broken.world.clock.nowMs = NOON + 3 * HOUR
    expect(await blind.missingRecords()).toEqual(['p-1'])
  })

  it('is not looked for where the grant is reverted or was undone', async () => {
    const reverted = await later(WAITING)
    await pressRevert(reverted.world)
    expect(await reverted.process.missingRecords()).toEqual([])

    const undone = await worldWith(approved())
    undone.iam.refusals.set(keyOf(TRUST_CHANGE.target), { code: 'AccessDenied', message: 'no', retry: false })
    expect(await undone.process().apply('p-1')).toBe('failed')
    undone.history.answer = () => WAITING
    undone.clock.nowMs = AT_21_MINUTES
    expect(await undone.process().missingRecords()).toEqual([])
  })

  it('is not taken from another denial that the item names for a moment', async () => {
    const { world } = await written(WAITING)
    const { denial } = await world.get()
    const put = async (put: Denial) => {
      const now = await world.get()
      expect(await world.store.replace(now, { ...now, denial: put })).toMatchObject({ ok: true })
    }
    await put({ ...denial, id: 'e-other', resource: 'arn:aws:iam::111122223333:role/other' })
    world.history.answer = asked => (asked.id === 'e-other' ? { kind: 'confirmed', denial: asked } : WAITING)
    expect(await world.process().lookForRecord('p-1')).toBe('missing')
    expect(await world.get()).not.toHaveProperty('recordSeen')
    await put(denial)
    world.clock.nowMs = AT_21_MINUTES
    expect(await world.process().missingRecords()).toEqual(['p-1'])
  })
})
