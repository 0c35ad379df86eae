import { describe, expect, it } from 'vitest'
import type { Patch } from '../../core/patch/patch.ts'
import { withTimeLimit } from '../../core/patch/time-limit.ts'
import type { Verification, VerifiedPatch } from '../../core/patch/verification/verification.ts'
import type { Authorized } from '../../functions/domain/authority/checks/authority.ts'

const writeAll = (_: Authorized): void => {}

/** Checked by the compiler, and never run. */
function whatDoesNotCompile(patch: Patch, verification: Verification, verified: VerifiedPatch, authorized: Authorized) {
  withTimeLimit(verified, 0)
  writeAll(authorized)
  // @ts-expect-error a drafted patch is not verified
  withTimeLimit(patch, 0)
  // @ts-expect-error nor is one with somebody's own verification beside it
  withTimeLimit({ patch, verification }, 0)
  // @ts-expect-error a drafted patch is not authorized
  writeAll(patch)
  // @ts-expect-error a verified patch is not authorized
  writeAll(verified)
  // @ts-expect-error nor is what has the same members
  writeAll({ proposalId: 'p-1', decisions: [], endsAtMs: null, writes: [] })
}

describe('the stages of a patch', () => {
  it('are types that only verify and the checks of write make', () => {
    // The claim itself is checked by tsc, which fails on an unused expectation.
    expect(whatDoesNotCompile).toBeTypeOf('function')
  })
})
