/** Identity Center gives a permission set to its accounts for minutes: the request is denied meanwhile, and may stay so. */
import { expect, it } from 'vitest'
import { changeDigest, type PolicyChange } from '../../core/patch/patch.ts'
import { outcomePosted } from '../../functions/domain/stored/markers.ts'
import { NOON } from '../fakes/sample-proposal.ts'
import { IDENTITY_CHANGE } from '../fakes/two-sided.ts'
import { type World, worldWith } from '../fakes/verify-world.ts'
import { approved } from './verify-fixture.ts'

const MINUTE = 60_000
const { target, before, after } = IDENTITY_CHANGE
const OF_SET = {
  target: { ...target, kind: 'permission-set-inline-policy' as const, name: 'Developer', policyName: null },
  ...{ before, after },
}
const SET: PolicyChange = { ...OF_SET, digest: changeDigest(OF_SET), required: true }

async function writtenWorld(changes = [SET]): Promise<World> {
  const world = await worldWith(approved(changes))
  expect(await world.process().apply('p-1')).toBe('applied')
  return world
}
/** The roles of the set have its policy. */
const giveToRoles = (world: World) =>
  void world.iam.documents.set(`role-inline-policy ${target.arn} AwsSSOInlinePolicy`, after)

/** The sweeps of these minutes after the write, and what they ask for. */
async function sweeps(world: World, from: number, to: number): Promise<void> {
  for (let minute = from; minute < to; minute += 1) {
    world.clock.nowMs = NOON + minute * MINUTE
    await world.process().sweep()
    await world.deliver(world.process())
  }
}
const posted = async (world: World, kind: string) => (await world.store.getMarker(outcomePosted('p-1', kind))) !== null

it('is evaluated again until the roles have it, and then counts as working', async () => {
  const world = await writtenWorld()
  expect(await world.get()).toMatchObject({ status: 'applied', applied: { answer: 'denied' }, failure: null })
  expect([await posted(world, 'rolling-out'), await posted(world, 'applied')]).toEqual([true, false])
  await sweeps(world, 1, 6)
  expect(await world.get()).toMatchObject({ applied: { answer: 'denied' }, failure: null })
  giveToRoles(world)
  await sweeps(world, 6, 9)
  expect(await world.get()).toMatchObject({ status: 'applied', applied: { answer: 'allowed' }, failure: null })
  expect(await posted(world, 'applied')).toBe(true)
  await sweeps(world, 9, 17)
  expect(await world.get()).toMatchObject({ status: 'confirmed' })
  expect(world.counted).not.toContain('ApplyFailed')
})

it('needs a person where it is still denied after as long as that takes', async () => {
  const world = await writtenWorld()
  await sweeps(world, 1, 11)
  expect(world.counted).not.toContain('ApplyFailed')
  await sweeps(world, 11, 30)
  expect(await world.get()).toMatchObject({ status: 'applied', failure: { code: 'not-rolled-out' } })
  // Where it has the policy in the account, something else denies the request.
  expect(JSON.stringify(await world.get())).toContain(
    'may not have given it to the account, or something else denies it',
  )
  expect(world.counted.filter(metric => metric === 'ApplyFailed')).toHaveLength(1)
  expect(await posted(world, 'needs-a-person')).toBe(true)
})

it('is not evaluated again where a role itself was changed', async () => {
  const world = await writtenWorld([IDENTITY_CHANGE])
  world.iam.documents.clear()
  await sweeps(world, 1, 17)
  expect(await world.get()).toMatchObject({ applied: { answer: 'allowed' } })
})
