import { describe, expect, it } from 'vitest'
import type { Target } from '../../core/patch/patch.ts'
import { LEASE_MS } from '../../functions/verify/deps.ts'
import { withTargets } from '../../functions/verify/lease.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { NOON } from '../fakes/sample-proposal.ts'
import { QUIET } from '../fakes/verify-world.ts'

const arn = 'arn:aws:iam::111122223333:role/deployer'
const target: Target = { kind: 'role-trust-policy', accountId: '111122223333', name: 'deployer', policyName: null, arn }

function setUp() {
  const clock = { nowMs: NOON }
  const deps = { store: memoryStore({ clock: () => clock.nowMs }), clock: () => clock.nowMs, observer: QUIET }
  const locked = (holder: string, job: () => Promise<string> = async () => 'done') =>
    withTargets([target], holder, deps, job)
  /** Takes the lock in a process that never ends. */
  const crashWith = (holder: string) =>
    new Promise<void>(resolve => {
      void locked(holder, () => {
        resolve()
        return new Promise(() => {})
      })
    })
  return { clock, locked, crashWith }
}

describe('the lock on a target', () => {
  it('belongs to one proposal at a time, and is free after its work', async () => {
    const { locked } = setUp()
    await locked('p-1', async () => {
      await expect(locked('p-2')).rejects.toMatchObject({ code: 'target-busy' })
      return 'done'
    })
    expect(await locked('p-2')).toBe('done')
  })

  it('opens for the same proposal after a crash, and for others once it expires', async () => {
    const { clock, locked, crashWith } = setUp()
    await crashWith('p-1')
    clock.nowMs = NOON + LEASE_MS - 1
    await expect(locked('p-2')).rejects.toMatchObject({ code: 'target-busy' })
    clock.nowMs = NOON + LEASE_MS
    expect(await locked('p-2')).toBe('done')
    await crashWith('p-3')
    expect(await locked('p-3')).toBe('done')
  })
})
