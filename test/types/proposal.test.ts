import { describe, expect, it } from 'vitest'
import type { VerifiedPatch } from '../../core/patch/verification/verification.ts'
import type { DeployTool } from '../../functions/domain/deploy/tools/tool.ts'
import { approvedPatch, grantOf } from '../../functions/domain/proposal/grant.ts'
import type { Applied, Closed, Drafted, Open, Proposal } from '../../functions/domain/proposal/proposal.ts'
import * as transitions from '../../functions/domain/proposal/transitions.ts'

const REFUSAL = { code: 'x', message: 'x', owner: null }

/** Only compiled, never run. */
function whatDoesNotCompile(
  drafted: Drafted,
  open: Open,
  applied: Applied,
  closed: Closed,
  any: Proposal,
  verified: VerifiedPatch,
) {
  // @ts-expect-error nobody approves a draft
  transitions.approved(drafted, {}, 0)
  // @ts-expect-error what nobody approved is not applied
  transitions.applying(open, 0, 0)
  // @ts-expect-error nor confirmed before it was applied
  transitions.confirmed(open, 0)
  // @ts-expect-error what was never written is not reverted
  transitions.reverting(closed, { id: 'U', name: 'u' }, 0)
  // @ts-expect-error what was applied does not expire
  transitions.expired(applied, 0)
  // @ts-expect-error what was applied did not fail
  transitions.failed(applied, REFUSAL, 0)
  // @ts-expect-error a proposal is no grant: only signed approvals make one
  approvedPatch(verified, open.diagnosis, open, { eligible: [], requester: { kind: 'machine' } })
  // @ts-expect-error a draft has no approvals to make one from
  grantOf(drafted, [])
  // @ts-expect-error a draft has no card
  drafted.card
  // @ts-expect-error nor has every status an outcome
  any.applied
  // @ts-expect-error information has nothing to verify against
  closed.followUps
  // @ts-expect-error a change has no refusal
  open.refusal
}

function everyMemberOfADeployTool({ retry: _, ...withoutRetry }: DeployTool) {
  // @ts-expect-error a tool without a way to try again
  const tool: DeployTool = withoutRetry
  return tool
}

describe('the statuses of a proposal', () => {
  it('are types, and each transition goes from one to another', () => {
    // tsc checks the claim itself: it fails on an unused expectation.
    expect([whatDoesNotCompile, everyMemberOfADeployTool]).toHaveLength(2)
  })
})
