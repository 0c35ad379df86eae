import { describe, expect, it } from 'vitest'
import { countRepeats } from '../../functions/propose/repeats.ts'
import { DRAWING, ONCALL, QUIET, type World, worldWith } from '../fakes/apply-world.ts'
import { NOON } from '../fakes/sample-proposal.ts'
import { IDENTITY_CHANGE } from '../fakes/two-sided.ts'
import { approved, trail } from './apply-fixture.ts'

const again = async (world: World): Promise<void> => {
  const proposal = await world.get()
  const { denial, fingerprint, repeats } = proposal
  const count = repeats.count + 1
  const occurrence = {
    fingerprint,
    denial,
    count,
    firstSeenMs: NOON,
    lastSeenMs: NOON,
    eventIds: [],
    proposalId: 'p-1',
  }
  const { store, chat, clock } = world
  await countRepeats(proposal, occurrence, {
    store,
    chat,
    drawing: DRAWING,
    clock: () => clock.nowMs,
    observer: QUIET,
  })
}

/** Between the first look at the proposal and what comes of it. */
function afterFirstLook(world: World, happens: (world: World) => Promise<void>): void {
  const { get } = world.store
  let times = 0
  world.store.get = async id => {
    const seen = await get(id)
    if (times++ === 0) await happens(world)
    return seen
  }
}

describe('a worker, while the same denial comes again,', () => {
  it('takes the proposal although a repeat was counted in between', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE]))
    afterFirstLook(world, again)
    expect(await world.process().apply('p-1')).toBe('applied')
    expect((await world.get()).repeats.count).toBe(2)
  })

  it('undoes it although a repeat was counted in between, also when no card asked', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE]))
    await world.process().apply('p-1')
    afterFirstLook(world, again)
    expect(await world.process().revert('p-1', ONCALL)).toBe('reverted')
  })

  it('has an undoing that nobody can store asked for again by its message', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE]))
    await world.process().apply('p-1')
    let inside = false
    const { get } = world.store
    world.store.get = async id => {
      const seen = await get(id)
      if (inside) return seen
      inside = true
      await again(world)
      inside = false
      return seen
    }
    await expect(world.process().revert('p-1', ONCALL)).rejects.toThrow('too many others')
    expect((await world.get()).status).toBe('applied')
  })

  it('keeps the proposal while it writes', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE]))
    const { write } = world.iam
    world.iam.write = async (...change) => {
      await again(world)
      return write(...change)
    }
    expect(await world.process().apply('p-1')).toBe('applied')
    expect(await trail(world)).toEqual(['apply-intended', 'applied'])
  })
})
