import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { known } from '../../core/base/fact.ts'
import { configSchema } from '../../functions/domain/config/config.ts'
import { HOUR, MINUTE, NOON } from '../fakes/sample-proposal.ts'
import { IDENTITY_CHANGE } from '../fakes/two-sided.ts'
import { ONCALL, worldWith } from '../fakes/verify-world.ts'
import { approval, approved } from '../verify/verify-fixture.ts'

const RUNS = Number(process.env['FC_RUNS'] ?? 40)
const iso = (ms: number) => new Date(ms).toISOString()
/** In minutes from noon, when the change is written. */
const window = fc.record({ from: fc.integer({ min: -180, max: 180 }), minutes: fc.integer({ min: 1, max: 240 }) })
const windows = fc.array(window, { minLength: 1, maxLength: 3 })
const frozen = (given: readonly { readonly from: number; readonly minutes: number }[]) =>
  configSchema.parse({
    mode: 'approve',
    approvers: { users: ['U0ONCALL1', 'U0ONCALL2'] },
    breakGlass: { group: 'S0GLASS', announceChannel: 'C0GLASS' },
    freezeWindows: given.map(({ from, minutes }) => ({
      name: 'window',
      owner: 'release board',
      from: iso(NOON + from * MINUTE),
      until: iso(NOON + (from + minutes) * MINUTE),
    })),
  })
/** Also in the ten minutes in which `write` takes the attestation. */
const holdsAtNoon = (given: readonly { readonly from: number; readonly minutes: number }[]) =>
  given.some(({ from, minutes }) => from <= 10 && from + minutes > 0)

describe('whatever windows are configured', () => {
  it('nothing is granted in one, what is granted outside ends on time, in one or not', async () => {
    await fc.assert(
      fc.asyncProperty(windows, async given => {
        const world = await worldWith(approved([IDENTITY_CHANGE], { approvals: [approval(1)] }))
        const live = world.process(() => {}, frozen(given))
        const result = await live.apply('p-1')
        expect(result).toBe(holdsAtNoon(given) ? 'stale' : 'applied')
        expect(world.iam.writes.length > 0).toBe(result === 'applied')
        if (result !== 'applied') return
        world.clock.nowMs = NOON + HOUR
        await live.sweep()
        expect(await live.revert('p-1')).toBe('reverted')
      }),
      { numRuns: RUNS },
    )
  })

  it('a break-glass is written, and ends', async () => {
    await fc.assert(
      fc.asyncProperty(windows, async given => {
        const glass = { ...approval(1), reason: 'production is down' }
        const world = await worldWith(approved([IDENTITY_CHANGE], { approvals: [glass] }))
        world.chat.groups.set('S0GLASS', known([ONCALL.id]))
        const live = world.process(() => {}, frozen(given))
        expect(await live.apply('p-1')).toBe('applied')
        world.clock.nowMs = NOON + HOUR
        await live.sweep()
        expect(await live.revert('p-1')).toBe('reverted')
      }),
      { numRuns: RUNS },
    )
  })
})
