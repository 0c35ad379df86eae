import { describe, expect, it } from 'vitest'
import { changeDigest, type PolicyChange } from '../../core/patch/patch.ts'
import { reverting } from '../../functions/domain/proposal/transitions.ts'
import { attack } from '../attacks/attack.ts'
import {
  BRIDGE_CONFIG,
  CODE,
  CODE_POLICY,
  deploy,
  openWithCode,
  pass,
  press,
  processOf,
} from '../fakes/bridge-world.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { inStatus, MINUTE } from '../fakes/sample-proposal.ts'
import { IDENTITY_CHANGE, proposalWith } from '../fakes/two-sided.ts'
import { ONCALL, worldWith } from '../fakes/verify-world.ts'
import { reasons } from './verify-fixture.ts'

const BRIDGE = keyOf(IDENTITY_CHANGE.target)
const ROLEMEDIC = { id: 'rolemedic', name: 'rolemedic' }

async function standing(action: 'approve-with-pull' | 'approve-limited') {
  const world = await openWithCode()
  const live = processOf(world)
  await press(world, live, action)
  await pass(world, 20, live)
  return { world, live }
}

/** As somebody who can write to the table would ask for it: nobody has signed it. */
async function askUnsigned(world: Awaited<ReturnType<typeof openWithCode>>, by = ROLEMEDIC): Promise<void> {
  const now = inStatus(await world.get(), 'confirmed', 'applied')
  await world.store.replace(now, reverting(now, by, world.clock.nowMs))
}

/** Signed for two roles of a deploy: the item says, unsigned, that only the first was asked for. */
function forTwoRoles(): PolicyChange {
  const [first] = IDENTITY_CHANGE.after.Statement
  if (first === undefined) throw new Error('no statement')
  const Resource = [APP_TASK, 'arn:aws:iam::111122223333:role/app-execution']
  const change = { ...IDENTITY_CHANGE, after: { ...IDENTITY_CHANGE.after, Statement: [{ ...first, Resource }] } }
  return { ...change, digest: changeDigest(change) }
}
const APP_TASK = 'arn:aws:iam::111122223333:role/app-task'

describe('an unsigned end before its time', () => {
  attack('G4', async () => {
    const { world, live } = await standing('approve-with-pull')
    await askUnsigned(world)
    expect(await live.revert('p-1')).toBe('kept')
    expect((await world.get()).status).toBe('applied')
    expect(world.iam.documents.has(BRIDGE)).toBe(true)
  })

  it('of a bridge that the code covers waits for two signed looks, which remove what was added, and nothing else', async () => {
    const { world, live } = await standing('approve-with-pull')
    deploy(world, await world.get())
    const others = [...world.iam.documents.keys()].filter(key => key !== BRIDGE)
    await askUnsigned(world)
    expect(await live.revert('p-1')).toBe('kept')
    expect(world.iam.documents.has(BRIDGE)).toBe(true)
    expect(await live.bridge('p-1')).toBe('covered-once')
    world.clock.nowMs += 10 * MINUTE
    expect(await live.bridge('p-1')).toBe('reverted')
    expect([...world.iam.documents.keys()]).toEqual(others)
  })

  it('of a bridge for two roles does not follow from the code of one, whatever the item leaves out', async () => {
    const world = await worldWith(proposalWith([forTwoRoles()], { code: CODE }))
    const live = processOf(world)
    await press(world, live, 'approve-with-pull')
    await pass(world, 20, live)
    world.iam.documents.set(CODE_POLICY, IDENTITY_CHANGE.after)
    expect(await live.bridge('p-1')).toBe('kept')
    await askUnsigned(world)
    expect(await live.revert('p-1')).toBe('kept')
    expect(world.iam.documents.has(BRIDGE)).toBe(true)
  })

  attack('G5', async () => {
    const named = await standing('approve-with-pull')
    deploy(named.world, await named.world.get())
    await askUnsigned(named.world, ONCALL)
    expect(await named.live.revert('p-1')).toBe('failed')
    expect(named.world.iam.documents.has(BRIDGE)).toBe(true)
    const why = await reasons(named.world)
    expect(why['forged']).toContain('is not signed')
    expect(why['reverted']).toBeUndefined()

    const limited = await standing('approve-limited')
    deploy(limited.world, await limited.world.get())
    await askUnsigned(limited.world)
    expect(await limited.live.revert('p-1')).toBe('failed')
    expect(limited.world.iam.documents.has(BRIDGE)).toBe(true)
  })
})

describe('the question whether a bridge is needed', () => {
  it('is answered twice, ten minutes apart, before anything is removed', async () => {
    const { world, live } = await standing('approve-with-pull')
    deploy(world, await world.get())
    // What the sweep has asked by now does not count here.
    const now = inStatus(await world.get(), 'confirmed')
    if (now.pull !== undefined) await world.store.replace(now, { ...now, pull: { ...now.pull, coveredSinceMs: null } })
    expect(await live.bridge('p-1')).toBe('covered-once')
    world.clock.nowMs += 9 * MINUTE
    expect(await live.bridge('p-1')).toBe('covered-once')
    world.clock.nowMs += MINUTE
    expect(await live.bridge('p-1')).toBe('reverted')
  })

  it('is not asked of a grant without a pull request', async () => {
    const { world, live } = await standing('approve-limited')
    deploy(world, await world.get())
    expect(await live.bridge('p-1')).toBe('nothing-to-do')
    expect(BRIDGE_CONFIG.bridgeHours).toBe(72)
  })
})
