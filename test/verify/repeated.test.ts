import { describe, expect, it } from 'vitest'
import { countRepeats } from '../../functions/propose/repeats.ts'
import { CONFIG } from '../fakes/memory-bot.ts'
import { inStatus, NOON } from '../fakes/sample-proposal.ts'
import { IDENTITY_CHANGE } from '../fakes/two-sided.ts'
import { ONCALL, QUIET, RENDERER, type World, worldWith } from '../fakes/verify-world.ts'
import { approved, askedToRevert, trail } from './verify-fixture.ts'

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
    renderer: RENDERER,
    clock: () => clock.nowMs,
    observer: QUIET,
    config: CONFIG,
  })
}

/** After the worker has read the proposal, and before it writes. */
function afterFirstRead(world: World, happens: (world: World) => Promise<void>): void {
  const { get } = world.store
  let times = 0
  world.store.get = async id => {
    const seen = await get(id)
    if (times++ === 0) await happens(world)
    return seen
  }
}

describe('a worker, while the same denial comes again,', () => {
  it('leases the proposal although a repeat was counted in between', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE]))
    afterFirstRead(world, again)
    expect(await world.process().apply('p-1')).toBe('applied')
    expect((await world.get()).repeats.count).toBe(2)
  })

  it('reverts it although a repeat was counted in between', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE]))
    await world.process().apply('p-1')
    const seen = inStatus(await world.get(), 'applied')
    await world.store.replace(seen, askedToRevert(seen, ONCALL, NOON))
    afterFirstRead(world, again)
    expect(await world.process().revert('p-1')).toBe('reverted')
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
