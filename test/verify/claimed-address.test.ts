/** Who approves what was denied to their own address, where the chat does not say whose it is. */
import { describe, expect, it } from 'vitest'
import { unknown } from '../../core/base/fact.ts'
import type { DecisionNow } from '../../functions/domain/authority/decision.ts'
import type { RequesterClaim } from '../../functions/domain/authority/requester.ts'
import { NOON } from '../fakes/sample-proposal.ts'
import { decisionAbout, signedBy } from '../fakes/signing.ts'
import { ONCALL, worldWith } from '../fakes/verify-world.ts'
import { approved } from './verify-fixture.ts'

const ADDRESS = 'ben@example.com'
const BEN = { id: 'U0ONCALL2', name: 'Ben' }
const WHY = 'users.lookupByEmail: ratelimited'

/** Both saw that it cannot be known who was denied, and that it takes two. */
async function approvedByBoth(email: string | null, claim: RequesterClaim) {
  const unsigned = approved(undefined, { approvals: [] })
  const approvals = [ONCALL, BEN].map((by, index) => {
    const one = { by, atMs: NOON + index, limitHours: null, reason: null }
    const about = decisionAbout(unsigned, { ...one, kind: 'approve' }) as DecisionNow
    const requester = { kind: 'unknown', why: WHY, claimed: null } as const
    const own = { ...about.by, email: by === BEN ? email : null }
    return { ...one, signed: signedBy({ ...about, by: own, requester, approversNeeded: 2 }) }
  })
  const world = await worldWith({ ...unsigned, approvals })
  world.analyzed.requester = claim
  world.chat.emails.set(ADDRESS, unknown(WHY))
  return world
}

describe('an approver whose verified address the denied session has', () => {
  it.each<[string, RequesterClaim]>([
    ['proves', { kind: 'email', email: ADDRESS }],
    ['claims', { kind: 'unknown', why: 'a session name proves nothing', claimed: ADDRESS }],
    ['claims too', { kind: 'unknown', why: 'two names', claimed: 'U0ELSE', alsoClaimed: [ADDRESS] }],
  ])('does not count where it %s that, also while the chat names nobody', async (_what, claim) => {
    const world = await approvedByBoth('Ben@Example.com', claim)
    expect(await world.process().apply('p-1')).toBe('stale')
    expect(world.iam.writes).toEqual([])
  })

  it('counts where it is the address of somebody else', async () => {
    const world = await approvedByBoth('bea@example.com', { kind: 'email', email: ADDRESS })
    expect(await world.process().apply('p-1')).toBe('applied')
  })
})
