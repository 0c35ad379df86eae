import { describe, expect, it } from 'vitest'
import type { Witness } from '../../functions/domain/authority/witness.ts'
import { MINUTE, NOON } from '../fakes/sample-proposal.ts'
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
