import { describe, expect, it } from 'vitest'
import { known, unknown } from '../../core/base/fact.ts'
import { type Config, configSchema } from '../../functions/domain/config/config.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { HOUR, inStatus, MINUTE, NOON } from '../fakes/sample-proposal.ts'
import { IDENTITY_CHANGE } from '../fakes/two-sided.ts'
import { type Fault, ONCALL, worldWith } from '../fakes/verify-world.ts'
import { approval, approved, askedToRevert, reasons } from './verify-fixture.ts'

const OU = 'ou-ab12-11111111'
const iso = (ms: number) => new Date(ms).toISOString()
const frozen = (fromMs: number, untilMs: number, more: object = {}): Config =>
  configSchema.parse({
    mode: 'approve',
    approvers: { users: ['U0ONCALL1', 'U0ONCALL2'] },
    breakGlass: { group: 'S0GLASS', announceChannel: 'C0GLASS' },
    freezeWindows: [{ name: 'year end', owner: 'release board', from: iso(fromMs), until: iso(untilMs), ...more }],
  })
const NOW = frozen(NOON - HOUR, NOON + 24 * HOUR)
const calm: Fault = () => {}

describe('a freeze that began after the approval', () => {
  it('keeps the change from being written, and names whom to ask', async () => {
    const world = await worldWith(approved())
    expect(await world.process(calm, NOW).apply('p-1')).toBe('stale')
    expect(world.iam.writes).toEqual([])
    expect(await reasons(world)).toMatchObject({
      stale: 'Nothing is granted in this freeze: year end, until 2026-11-25 12:00 UTC. Ask release board.',
    })
    expect(inStatus(await world.get(), 'stale').failure).toMatchObject({ code: 'freeze', owner: 'release board' })
  })

  it.each([
    ['begins while write may still take the attestation', NOON + 9 * MINUTE, 'stale', 0],
    ['begins after that', NOON + 11 * MINUTE, 'applied', 2],
  ])('and %s', async (_, fromMs, result, writes) => {
    const world = await worldWith(approved())
    expect(await world.process(calm, frozen(fromMs, fromMs + HOUR)).apply('p-1')).toBe(result)
    expect(world.iam.writes).toHaveLength(writes)
  })

  it('lets a break-glass through', async () => {
    const glass = { ...approval(4), reason: 'production is down' }
    const world = await worldWith(approved([IDENTITY_CHANGE], { approvals: [glass] }))
    world.chat.groups.set('S0GLASS', known([ONCALL.id]))
    expect(await world.process(calm, NOW).apply('p-1')).toBe('applied')
  })

  it('does not keep a person from reverting what stands', async () => {
    const world = await worldWith(approved())
    await world.process().apply('p-1')
    const now = inStatus(await world.get(), 'applied')
    await world.store.replace(now, askedToRevert(now, ONCALL, NOON + 1))
    expect(await world.process(calm, NOW).revert('p-1')).toBe('reverted')
    expect(world.iam.documents.has(keyOf(IDENTITY_CHANGE.target))).toBe(false)
  })

  it('does not keep a grant from ending', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE], { approvals: [approval(1)] }))
    await world.process().apply('p-1')
    world.clock.nowMs = NOON + HOUR
    const live = world.process(calm, NOW)
    await live.sweep()
    expect(await live.revert('p-1')).toBe('reverted')
  })
})

describe('a freeze of a unit', () => {
  const ofUnit = frozen(NOON - HOUR, NOON + HOUR, { organizationalUnits: [OU] })

  it.each([
    ['holds in its accounts', known(['r-ab12', OU]), 'stale'],
    ['does not hold elsewhere', known(['r-ab12']), 'applied'],
    ['holds where the units cannot be seen', unknown('access denied'), 'stale'],
  ])('%s', async (_, units, result) => {
    const world = await worldWith(approved())
    world.place.units = units
    expect(await world.process(calm, ofUnit).apply('p-1')).toBe(result)
  })
})
