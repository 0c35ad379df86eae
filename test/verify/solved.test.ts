/** The denied call succeeds while `write` may still take what it was asked for. */
import { expect, it } from 'vitest'
import type { TemplateFindings } from '../../functions/domain/proposal/proposal.ts'
import { MINUTE } from '../fakes/sample-proposal.ts'
import { type World, worldWith } from '../fakes/verify-world.ts'
import { DENIAL, DENIED_AT, FP, success } from '../propose/look-fixture.ts'
import { approved } from './verify-fixture.ts'

const PLACE = { logicalId: 'Task', property: 'Role', line: 3, constructPath: null }
const TEMPLATE = {
  ...{ place: null, isMade: false, alone: null, unnamed: 0, refused: [], unread: null },
  needs: [
    { denial: { ...DENIAL, id: 'beside' }, isMade: false, operation: 'PassRole', place: PLACE, summary: 'beside' },
  ],
} as unknown as TemplateFindings

/** `write` was asked, and nothing of it is begun. */
async function asked(): Promise<World> {
  const repeats = { count: 1, firstSeenMs: DENIED_AT, lastSeenMs: DENIED_AT }
  const world = await worldWith(approved(undefined, { denial: DENIAL, fingerprint: FP, repeats, template: TEMPLATE }))
  expect(await world.process().verify('p-1')).toBe('asked')
  world.history.records = [success(8_000)]
  const later = { atMs: DENIED_AT + 8_000, eventId: 'success-8000', afterMs: 8_000 }
  world.analyzed.solved = { ...later, by: 'time', write: null }
  return world
}

it('leaves the card as it is while write may still do what it was asked, and raises no alarm when it did', async () => {
  const world = await asked()
  const live = world.process()
  world.clock.nowMs += 2 * MINUTE
  expect(await live.verify('p-1')).toBe('asked')
  expect(await world.get()).toMatchObject({ status: 'applying', leaseUntilMs: null })
  expect(world.asks).toHaveLength(1)
  expect((await live.answer()).get('p-1')).toBe('applied')
  expect(world.counted).not.toContain('Forged')
})

it('asks people about the rest once write can take it no more', async () => {
  const world = await asked()
  const live = world.process()
  world.clock.nowMs += 12 * MINUTE
  expect(await live.verify('p-1')).toBe('reopened')
  await live.answer()
  expect(world.iam.writes).toEqual([])
  expect(await world.get()).toMatchObject({ status: 'open', isSolved: true })
})
