import { describe, expect, it } from 'vitest'
import { targetLock } from '../../functions/domain/stored/markers.ts'
import { withTargets } from '../../functions/verify/lease.ts'
import { IDENTITY_CHANGE, TRUST_CHANGE } from '../fakes/two-sided.ts'
import { type World, worldWith } from '../fakes/verify-world.ts'
import { approved } from './verify-fixture.ts'

describe('a target that another proposal is changing', () => {
  const targets = [TRUST_CHANGE.target, IDENTITY_CHANGE.target]
  const deps = (world: World) => ({
    store: world.store,
    clock: () => world.clock.nowMs,
    observer: { log() {}, count() {} },
  })
  const lockOf = async (world: World, target: (typeof targets)[number]) =>
    (await world.store.getMarker(targetLock(target)))?.value

  it('is taken in one order by all, so that none holds one of two and waits for the other', async () => {
    const taken: string[][] = []
    for (const order of [targets, targets.toReversed()]) {
      const world = await worldWith(approved())
      const keys: string[] = []
      const { store, ...rest } = deps(world)
      const putMarker: typeof store.putMarker = (marker, version, value) => {
        keys.push(marker.key)
        return store.putMarker(marker, version, value)
      }
      await withTargets(order, 'p-1', { ...rest, store: { ...store, putMarker } }, async () => taken.push([...keys]))
    }
    expect(taken[0]).toHaveLength(2)
    expect(taken[1]).toEqual(taken[0])
  })

  it('is not freed by a worker who has lost it to another in the meantime', async () => {
    const world = await worldWith(approved())
    const { target } = IDENTITY_CHANGE
    let end = () => {}
    const second = { ends: new Promise<void>(resolve => (end = resolve)), done: Promise.resolve() }
    await withTargets([target], 'p-1', deps(world), async () => {
      world.clock.nowMs += 180_001
      const begun = new Promise<void>(begins => {
        second.done = withTargets([target], 'p-2', deps(world), () => {
          begins()
          return second.ends
        })
      })
      await begun
    })
    expect(await lockOf(world, target)).toMatchObject({ holder: 'p-2' })
    end()
    await second.done
    expect(await lockOf(world, target)).toMatchObject({ holder: null })
  })

  it('is waited for, and free again when the other has died and its time is over', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE]))
    await world.add(approved([IDENTITY_CHANGE], { id: 'p-2' }))
    // Dies with everything that it holds: nothing of it reaches the table any more.
    let killed = false
    const dying = world.process(call => {
      if (call === 'writer.write') killed = true
      if (killed) throw new Error('killed')
    })
    await expect(dying.apply('p-1')).rejects.toThrow('killed')
    await expect(world.process().apply('p-2')).rejects.toThrow('in progress')
    expect(world.iam.writes).toEqual([])
    world.clock.nowMs += 4 * 60_000
    // What was begun is finished in its turn, and the other finds it there: it is not written twice.
    expect(await world.process().apply('p-2')).toBe('stale')
    expect((await world.get('p-1')).status).toBe('applied')
    expect(world.iam.writes).toHaveLength(1)
    expect(await lockOf(world, IDENTITY_CHANGE.target)).toMatchObject({ holder: null })
  })

  it('stays locked from the question to the answer of the writer', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE]))
    await world.add(approved([IDENTITY_CHANGE], { id: 'p-2' }))
    const live = world.process()
    expect(await live.verify('p-1')).toBe('asked')
    expect(await lockOf(world, IDENTITY_CHANGE.target)).toMatchObject({ holder: 'p-1' })
    await expect(live.verify('p-2')).rejects.toThrow('in progress')
    await live.answer()
    expect(await lockOf(world, IDENTITY_CHANGE.target)).toMatchObject({ holder: null })
  })
})
