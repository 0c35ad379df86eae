/** The causes of a failed deploy, and the state of each. */
import { never } from '../../../core/base/index.ts'
import { type Denial, isSameNeed, needKeyOf } from '../../../core/denial/index.ts'
import { didNotHelp, failureOf, isRollingOut, type Proposal, SOLVED, type Status } from '../proposal/index.ts'
import type { DeployCause } from './deploy.ts'

export type CauseWithProposal = DeployCause & {
  /** Null until `propose` has analyzed the denial. */
  readonly proposal: Proposal | null
  /** The denial, where it joined a card that another one made. Null: the card's own. */
  readonly joined: Denial | null
}

export const denialOfCause = ({ joined, proposal }: CauseWithProposal): Denial | null =>
  joined ?? proposal?.denial ?? null

/** `left-out`: its card offers a change without it. */
export type CauseState = 'pending' | 'open' | 'approved' | 'fixed' | 'no-patch' | 'not-fixed' | 'left-out'

/** Nothing was left to change when it was analyzed. */
const FIXED: readonly string[] = ['already-allowed', 'transient']

export function causeStateOf(proposal: Proposal | null): CauseState {
  if (proposal === null) return 'pending'
  switch (proposal.status) {
    case 'drafted':
    case 'open':
      return proposal.patch === null ? 'no-patch' : 'open'
    case 'approved':
    case 'applying':
      return 'approved'
    case 'applied':
    case 'confirmed':
      if (isRollingOut(proposal)) return 'approved'
      return proposal.applied.answer !== 'denied' && failureOf(proposal) === null && !didNotHelp(proposal)
        ? 'fixed'
        : 'not-fixed'
    case 'closed':
      return FIXED.includes(proposal.diagnosis.cause) ? 'fixed' : 'no-patch'
    case 'reverting':
    case 'reverted':
    case 'rejected':
    case 'expired':
    case 'failed':
      return 'not-fixed'
    case 'stale':
      return proposal.failure.code === SOLVED ? 'fixed' : 'not-fixed'
    default:
      return never(proposal)
  }
}

/** The state of a cause: that of its card, unless the change there does not lift it. */
export function stateOfCause({ proposal, joined }: CauseWithProposal): CauseState {
  const state = causeStateOf(proposal)
  if (proposal === null || joined === null || state === 'not-fixed' || state === 'no-patch') return state
  const { needs = [], allowed = [] } = proposal.template ?? {}
  if (needs.some(({ denial }) => isSameNeed(denial, joined)) || isSameNeed(proposal.denial, joined)) return state
  return allowed.includes(needKeyOf(joined)) ? 'fixed' : 'left-out'
}

/** In these statuses no decision or change is pending, so the next failure starts a new round. */
const OVER: readonly Status[] = ['applied', 'confirmed', 'reverted', 'expired', 'failed', 'stale']

/** True when every cause was settled before this time. */
export function wasOver(causes: readonly CauseWithProposal[], beforeMs: number): boolean {
  return causes.every(
    ({ proposal }) => proposal !== null && OVER.includes(proposal.status) && proposal.updatedAtMs < beforeMs,
  )
}
