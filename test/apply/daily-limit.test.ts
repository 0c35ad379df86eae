import { describe, expect, it } from 'vitest'
import { beyondDailyLimit } from '../../functions/apply/daily-limit.ts'
import { configSchema } from '../../functions/core/config.ts'
import { ONCALL, worldWith } from '../fakes/apply-world.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { NOON, sampleProposal } from '../fakes/sample-proposal.ts'
import { IDENTITY_CHANGE, proposalWith } from '../fakes/two-sided.ts'

describe('the daily limit', () => {
  it('lets the configured number of changes through, for each principal and day', async () => {
    const store = memoryStore()
    let nowMs = NOON
    const deps = { store, clock: () => nowMs, config: configSchema.parse({ maxChangesPerPrincipalPerDay: 2 }) }
    const proposal = sampleProposal()
    const asked = () => beyondDailyLimit(proposal, deps)
    expect([await asked(), await asked(), await asked()]).toEqual([false, false, true])
    const { denial } = proposal
    const other = {
      ...proposal,
      denial: { ...denial, principal: { ...denial.principal, roleArn: 'arn:aws:iam::111122223333:role/other' } },
    }
    expect(await beyondDailyLimit(other, deps)).toBe(false)
    nowMs += 24 * 3_600_000
    expect(await asked()).toBe(false)
  })

  it('ends a proposal as stale, with nothing written', async () => {
    const approvals = [{ by: ONCALL, atMs: NOON, limitHours: null, reason: null }]
    const proposal = proposalWith([IDENTITY_CHANGE], { status: 'approved', approvals })
    const world = await worldWith(proposal)
    const day = Math.floor(world.clock.nowMs / 86_400_000)
    const { principal } = proposal.denial
    for (let n = 0; n < 10; n += 1)
      await world.store.increment(`changes/${principal.roleArn ?? principal.arn}/${day}`, 0)
    await world.process().apply('p-1')
    expect(world.iam.writes).toEqual([])
    expect(await world.get()).toMatchObject({ status: 'stale', failure: { code: 'changes-per-day' } })
  })
})
