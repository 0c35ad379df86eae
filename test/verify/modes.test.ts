import { describe, expect, it } from 'vitest'
import { known, unknown } from '../../core/base/fact.ts'
import { type Config, configSchema } from '../../functions/domain/config/config.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { HOUR, inStatus, NOON } from '../fakes/sample-proposal.ts'
import { IDENTITY_CHANGE, TRUST_CHANGE } from '../fakes/two-sided.ts'
import { type Fault, ONCALL, type World, worldWith } from '../fakes/verify-world.ts'
import { approval, approved, askedToRevert, reasons } from './verify-fixture.ts'

const OU = 'ou-ab12-11111111'
const config = (given: object): Config =>
  configSchema.parse({ mode: 'approve', approvers: { users: ['U0ONCALL1', 'U0ONCALL2'] }, ...given })
const calm: Fault = () => {}

describe.each(['observe', 'recommend'] as const)('a mode that was lowered to %s after the approval', mode => {
  const lowered = config({ accounts: { '111122223333': { mode } } })

  it('keeps the change from being written, and has the denial looked at again', async () => {
    const world = await worldWith(approved())
    expect(await world.process(calm, lowered).apply('p-1')).toBe('stale')
    expect(world.iam.writes).toEqual([])
    expect(await reasons(world)).toMatchObject({
      stale: expect.stringContaining(`The mode of this account is ${mode}`),
    })
    expect(world.messages).toContainEqual({ kind: 'propose', fingerprint: '0123456789abcdef' })
  })

  it('undoes what a worker had written before it crashed', async () => {
    const world = await worldWith(approved())
    let writes = 0
    const crash: Fault = (call, moment) => {
      if (call === 'writer.write' && moment === 'after') {
        writes += 1
        throw new Error('killed')
      }
    }
    await world.process(crash).apply('p-1').catch(String)
    expect(writes).toBe(1)
    world.clock.nowMs = NOON + 10 * 60_000
    expect(await world.process(calm, lowered).apply('p-1')).toBe('stale')
    for (const { target, before } of [TRUST_CHANGE, IDENTITY_CHANGE])
      expect(world.iam.documents.get(keyOf(target)) ?? null).toEqual(before)
  })

  it('does not keep a person from reverting what stands', async () => {
    const world = await standing()
    const now = inStatus(await world.get(), 'applied')
    await world.store.replace(now, askedToRevert(now, ONCALL, NOON + 1))
    expect(await world.process(calm, lowered).revert('p-1')).toBe('reverted')
    expect(world.iam.documents.has(keyOf(IDENTITY_CHANGE.target))).toBe(false)
  })

  it('does not keep a grant from ending', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE], { approvals: [approval(1)] }))
    await world.process().apply('p-1')
    world.clock.nowMs = NOON + HOUR
    const live = world.process(calm, lowered)
    await live.sweep()
    expect(await live.revert('p-1')).toBe('reverted')
  })
})

describe('an account whose unit decides', () => {
  const byUnit = config({ mode: 'observe', organizationalUnits: { [OU]: { mode: 'approve' } } })

  it('is written to while it is in the unit', async () => {
    const world = await worldWith(approved())
    world.place.units = known(['r-ab12', OU])
    expect(await world.process(calm, byUnit).apply('p-1')).toBe('applied')
  })

  it.each([
    ['was moved out of it', known(['r-ab12'])],
    ['cannot be placed', unknown('access denied')],
  ])('is not written to once it %s', async (_what, units) => {
    const world = await worldWith(approved())
    world.place.units = units
    expect(await world.process(calm, byUnit).apply('p-1')).toBe('stale')
    expect(world.iam.writes).toEqual([])
  })
})

async function standing(): Promise<World> {
  const world = await worldWith(approved())
  await world.process().apply('p-1')
  return world
}
