import { describe, expect, it } from 'vitest'
import type { Patch } from '../../functions/core/patch/patch.ts'
import type { Verification, VerifiedPatch } from '../../functions/core/patch/verification.ts'
import type { ApprovedPatch } from '../../functions/core/proposal/approval.ts'

/** Stand for whatever takes a patch at each stage. They are checked by the compiler; running them does nothing. */
const limit = (patch: VerifiedPatch) => patch
const write = (patch: ApprovedPatch) => patch

function whatDoesNotCompile(
  patch: Patch,
  verification: Verification,
  verified: VerifiedPatch,
  approved: ApprovedPatch,
) {
  limit(verified)
  write(approved)
  // @ts-expect-error a drafted patch is not verified
  limit(patch)
  // @ts-expect-error nor is one with somebody's own verification beside it
  limit({ patch, verification })
  // @ts-expect-error a drafted patch is not approved
  write(patch)
  // @ts-expect-error a verified patch is not approved
  write(verified)
  // @ts-expect-error nor is one with somebody's own approval beside it
  write({ verified, proposalId: 'p', endsAtMs: null })
}

describe('the stages of a patch', () => {
  it('are types that only verify and approvedPatch make', () => {
    // The claim itself is checked by tsc, which fails on an unused expectation.
    expect(whatDoesNotCompile).toBeTypeOf('function')
  })
})
