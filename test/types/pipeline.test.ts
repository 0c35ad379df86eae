import { describe, expect, it } from 'vitest'
import type { Patch } from '../../core/patch/patch.ts'
import { withTimeLimit } from '../../core/patch/time-limit.ts'
import type { Verification, VerifiedPatch } from '../../core/patch/verification/verification.ts'
import { writesOf } from '../../functions/apply/apply.ts'
import type { ApprovedPatch } from '../../functions/domain/proposal/grant.ts'

/** Only compiled, never run. */
function whatDoesNotCompile(
  patch: Patch,
  verification: Verification,
  verified: VerifiedPatch,
  approved: ApprovedPatch,
) {
  withTimeLimit(verified, 0)
  writesOf(approved)
  // @ts-expect-error a drafted patch is not verified
  withTimeLimit(patch, 0)
  // @ts-expect-error nor is one with somebody's own verification beside it
  withTimeLimit({ patch, verification }, 0)
  // @ts-expect-error a drafted patch is not approved
  writesOf(patch)
  // @ts-expect-error a verified patch is not approved
  writesOf(verified)
  // @ts-expect-error nor is one with somebody's own approval beside it
  writesOf({ verified, proposalId: 'p', endsAtMs: null })
}

describe('the stages of a patch', () => {
  it('are types that only verify and approvedPatch make', () => {
    // tsc checks the claim itself: it fails on an unused expectation.
    expect(whatDoesNotCompile).toBeTypeOf('function')
  })
})
