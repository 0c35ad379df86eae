import { describe, expect, it } from 'vitest'
import { changesToday, countChange } from '../../functions/workflows/approval/changes-today.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { NOON, sampleProposal } from '../fakes/sample-proposal.ts'
import { IDENTITY_CHANGE, proposalWith } from '../fakes/two-sided.ts'
import { ONCALL, worldWith } from '../fakes/verify-world.ts'

describe('the daily limit', () => {
  it('counts each principal by itself, from midnight UTC on', async () => {
    const store = memoryStore()
    const { denial } = sampleProposal()
    const other = { ...denial, principal: { ...denial.principal, roleArn: 'arn:aws:iam::111122223333:role/other' } }
    expect(await changesToday(denial, NOON, store)).toBe(0)
    expect([await countChange(denial, NOON, store), await countChange(denial, NOON, store)]).toEqual([1, 2])
    expect(await changesToday(denial, NOON, store)).toBe(2)
    expect(await changesToday(other, NOON, store)).toBe(0)
    expect(await changesToday(denial, NOON + 24 * 3_600_000, store)).toBe(0)
  })

  it.each([
    ['lets the tenth change of a day through', 9, 1, { status: 'applied', failure: null }],
    [
      'ends the eleventh as stale, with nothing written',
      10,
      0,
      { status: 'stale', failure: { code: 'changes-per-day' } },
    ],
  ])('%s', async (_, before, writes, end) => {
    const approvals = [{ by: ONCALL, atMs: NOON, limitHours: null, reason: null }]
    const proposal = proposalWith([IDENTITY_CHANGE], { status: 'approved', approvals })
    const world = await worldWith(proposal)
    const day = Math.floor(world.clock.nowMs / 86_400_000)
    const { principal } = proposal.denial
    for (let n = 0; n < before; n += 1)
      await world.store.increment(`changes/${principal.roleArn ?? principal.arn}/${day}`, (day + 2) * 86_400_000)
    await world.process().apply('p-1')
    expect(world.iam.writes).toHaveLength(writes)
    expect(await world.get()).toMatchObject(end)
  })
})
