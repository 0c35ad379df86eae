import { describe, expect, it } from 'vitest'
import { resumeGranting, stopGranting } from '../../cli/use-cases/operate/stop-granting.ts'
import { itemUnreadable } from '../../functions/domain/stored/versions.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { HOUR, inStatus, MINUTE, NOON } from '../fakes/sample-proposal.ts'
import { IDENTITY_CHANGE } from '../fakes/two-sided.ts'
import { type World, worldWith } from '../fakes/verify-world.ts'
import { approval, approved, pressRevert } from './verify-fixture.ts'

const hubOf = ({ store }: World) => ({ region: 'eu-west-1', by: 'assumed-role/platform-operates-rolemedic/ada', store })
const stop = (world: World) => stopGranting('incident', hubOf(world), NOON)
const resume = (world: World) => resumeGranting(hubOf(world))

async function stoppedWith(...given: Parameters<typeof approved>): Promise<World> {
  const world = await worldWith(approved(...given))
  await stop(world)
  return world
}

describe('while granting is stopped', () => {
  it('nothing that was approved is written, or attested, and the item says who stopped it', async () => {
    const world = await stoppedWith()
    expect(await world.process().apply('p-1')).toBe('waiting')
    expect([world.iam.writes, world.asks]).toEqual([[], []])
    expect(await world.get()).toMatchObject({
      status: 'approved',
      stopped: { by: 'assumed-role/platform-operates-rolemedic/ada', sinceMs: NOON },
      dueAtMs: NOON + 5 * MINUTE,
    })
    expect(await world.card()).toBe('approved - -')
  })

  it('a break-glass is not written either', async () => {
    const glass = { ...approval(4), reason: 'production is down' }
    const world = await stoppedWith([IDENTITY_CHANGE], { approvals: [glass] })
    expect(await world.process().apply('p-1')).toBe('waiting')
    expect(world.iam.writes).toEqual([])
  })

  it('nothing is written for hours, and after resume it is, without another press', async () => {
    const world = await stoppedWith()
    await world.process().apply('p-1')
    await world.settle(3)
    expect([world.iam.writes, (await world.get()).status]).toEqual([[], 'approved'])
    expect(world.counted).not.toContain('WorkSentAgain')
    await resume(world)
    await world.settle(0.2)
    expect(inStatus(await world.get(), 'applied', 'confirmed').applied.answer).toBe('allowed')
    expect(world.iam.writes).toHaveLength(2)
  })

  it('what was approved more than a day before resume is not written: a new card has to be approved', async () => {
    const world = await stoppedWith()
    await world.process().apply('p-1')
    world.clock.nowMs = NOON + 25 * HOUR
    await resume(world)
    expect(await world.process().apply('p-1')).toBe('stale')
    expect(world.iam.writes).toEqual([])
    expect(inStatus(await world.get(), 'stale').failure.code).toBe('approval-too-old')
    await world.process().sweep()
    expect(world.messages).toContainEqual({ kind: 'propose', fingerprint: (await world.get()).fingerprint })
  })

  it('a revert is carried out', async () => {
    const world = await worldWith(approved())
    await world.process().apply('p-1')
    await stop(world)
    expect(await pressRevert(world)).toBe('reverted')
    expect(world.iam.documents.has(keyOf(IDENTITY_CHANGE.target))).toBe(false)
  })

  it('a grant whose time is over ends', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE], { approvals: [approval(1)] }))
    await world.process().apply('p-1')
    await stop(world)
    world.clock.nowMs = NOON + HOUR
    await world.settle(1)
    expect((await world.get()).status).toBe('reverted')
    expect(world.iam.documents.has(keyOf(IDENTITY_CHANGE.target))).toBe(false)
  })

  it('what write has begun is ended', async () => {
    const world = await worldWith(approved())
    const killed = (call: string, moment: 'before' | 'after') => {
      if (call === 'writer.write' && moment === 'after') throw new Error('killed')
    }
    await expect(world.process(killed).apply('p-1')).rejects.toThrow('killed')
    await stop(world)
    world.clock.nowMs += 10 * MINUTE
    expect(await world.process().apply('p-1')).toBe('applied')
  })
})

describe('whether granting is stopped', () => {
  it.each([
    ['cannot be read', new Error('throttled')],
    ['is not what this version knows', itemUnreadable('note#stopped', 'version 9')],
  ])('%s: nothing is written, and it is tried again', async (_, error) => {
    const world = await worldWith(approved())
    const { getMarker } = world.store
    world.store.getMarker = marker => (marker.key === 'stopped' ? Promise.reject(error) : getMarker(marker))
    await expect(world.process().apply('p-1')).rejects.toThrow(error.message)
    expect([world.iam.writes, world.asks]).toEqual([[], []])
    world.store.getMarker = getMarker
    await world.settle()
    expect(world.iam.writes).toHaveLength(2)
  })

  it('is said by who stopped first, as long as it stands', async () => {
    const world = await worldWith(approved())
    const first = {
      by: 'assumed-role/platform-operates-rolemedic/ada',
      reason: 'incident',
      since: '2026-11-24T12:00:00.000Z',
    }
    expect(await stop(world)).toMatchObject({ isStopped: true, isChanged: true, stop: first })
    expect(await stopGranting(null, { ...hubOf(world), by: 'user/ben' }, NOON + HOUR)).toMatchObject({
      ...{ isStopped: true, isChanged: false, stop: first },
    })
    expect(await resume(world)).toMatchObject({ isStopped: false, isChanged: true, stop: first })
    expect(await resume(world)).toMatchObject({ isStopped: false, isChanged: false, stop: null })
    expect(await world.process().apply('p-1')).toBe('applied')
  })
})
