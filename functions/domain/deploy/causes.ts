/** The causes of a failed deploy, and where each is now. */
import { never } from '../base/result.ts'
import { failureOf, type Proposal, type Status } from '../proposal/proposal.ts'
import { didNotHelp } from '../proposal/transitions.ts'
import type { Cause } from './deploy.ts'

/** `proposal` is null until `propose` has looked at the denial. */
export type StandingCause = Cause & { readonly proposal: Proposal | null }

export type CauseState = 'being-examined' | 'waits' | 'on-its-way' | 'mended' | 'not-ours' | 'not-mended'

export function stateOf(proposal: Proposal | null): CauseState {
  if (proposal === null) return 'being-examined'
  switch (proposal.status) {
    case 'drafted':
    case 'open':
      return proposal.patch === null ? 'not-ours' : 'waits'
    case 'approved':
    case 'applying':
      return 'on-its-way'
    case 'applied':
    case 'confirmed':
      return proposal.applied.answer !== 'denied' && failureOf(proposal) === null && !didNotHelp(proposal)
        ? 'mended'
        : 'not-mended'
    case 'closed':
      return proposal.diagnosis.cause === 'already-allowed' ? 'mended' : 'not-ours'
    case 'reverting':
    case 'reverted':
    case 'rejected':
    case 'expired':
    case 'failed':
    case 'stale':
      return 'not-mended'
    default:
      return never(proposal)
  }
}

/** Nobody works on these any more: the next failure is news. */
const OVER: readonly Status[] = ['applied', 'confirmed', 'reverted', 'expired', 'failed', 'stale']

/** Every cause was dealt with before this instant. */
export function wasOver(causes: readonly StandingCause[], beforeMs: number): boolean {
  return causes.every(
    ({ proposal }) => proposal !== null && OVER.includes(proposal.status) && proposal.updatedAtMs < beforeMs,
  )
}
