import { describe, expect, it } from 'vitest'
import { fail, ok } from '../../core/base/result.ts'
import { type Marker, targetLock } from '../../functions/domain/stored/markers.ts'
import { updateMarker, updateProposal } from '../../functions/workflows/optimistic-update.ts'
import { sampleProposal } from '../fakes/sample-proposal.ts'

const lock: Marker<{ holder: string | null; untilMs: number }> = targetLock({
  kind: 'role-trust-policy',
  accountId: '111122223333',
  name: 'deployer',
  policyName: null,
  arn: 'arn:aws:iam::111122223333:role/deployer',
})

/** Loses `losses` conditional writes, then wins. */
function store(losses: number) {
  const tries = { count: 0 }
  const wins = () => {
    tries.count += 1
    return tries.count > losses
  }
  return {
    tries,
    getMarker: async () => null,
    putMarker: async () => wins(),
    replace: async <P>(current: unknown, next: P) => (wins() ? ok(next) : fail(current as never)),
  }
}

describe('an optimistic update', () => {
  const again = async () => ok(sampleProposal())

  it.each([
    [0, 1, { ok: true, value: { contended: false } }],
    [1, 2, { ok: true, value: { contended: true } }],
    [19, 20, { ok: true, value: { contended: true } }],
    [20, 20, { ok: false, error: 'contention' }],
  ])('of a proposal that loses %i writes tries %i times', async (losses, tries, result) => {
    const table = store(losses)
    expect(await updateProposal(sampleProposal(), again, table)).toMatchObject(result)
    expect(table.tries.count).toBe(tries)
  })

  it('of a proposal ends where the change is not allowed', async () => {
    const table = store(0)
    expect(await updateProposal(sampleProposal(), () => fail('closed'), table)).toEqual({ ok: false, error: 'closed' })
    expect(table.tries.count).toBe(0)
  })

  it('of a marker ends after twenty lost writes', async () => {
    const next = { holder: 'p-1', untilMs: 1 }
    expect(await updateMarker(lock, () => next, store(19))).toEqual(next)
    await expect(updateMarker(lock, () => next, store(20))).rejects.toMatchObject({ code: 'contention' })
  })
})
