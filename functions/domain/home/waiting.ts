/** What one person can do about a proposal, and its item in the Home tab. */
import { joined, own, person, type RichText, richText, time } from '../../../core/base/index.ts'
import { denialTitle } from '../../../core/denial/index.ts'
import { cardStateOf, changeLine, headline } from '../card/index.ts'
import { type ChatUserId, unnamed } from '../messages/index.ts'
import {
  type Applied,
  type ApprovalSummary,
  approvalsOf,
  didNotHelp,
  type Eligibility,
  failureOf,
  ineligible,
  type Open,
  type Proposal,
  SELF_APPROVAL,
} from '../proposal/index.ts'

/** Cards that still need a person: to be decided, or applied with a problem. */
export type Unsettled = Open | Applied

export const isUnsettled = (proposal: Proposal): proposal is Unsettled =>
  proposal.status === 'open' ||
  (proposal.status === 'applied' && (failureOf(proposal) !== null || didNotHelp(proposal)))

export type ApproverStanding =
  /** The person may decide. */
  | { readonly kind: 'theirs' }
  /** The person has approved, and others must approve too. */
  | { readonly kind: 'given' }
  /** It is the person's own request, which they may not approve. */
  | { readonly kind: 'own'; readonly why: string }
  | { readonly kind: 'not-theirs' }

/** Uses the rule of the buttons. `had`: people whose approvals count. */
export function standpoint(
  proposal: Unsettled,
  userId: ChatUserId,
  eligibility: Eligibility,
  had: readonly string[],
  nowMs: number,
): ApproverStanding {
  const { patch } = proposal
  const action = proposal.status === 'open' ? 'approve' : 'revert'
  const press = {
    action,
    by: unnamed(userId),
    proposalId: proposal.id,
    digest: patch.digest,
    reason: null,
  } as const
  const no = ineligible(proposal, press, eligibility, nowMs)
  if (no?.code === SELF_APPROVAL) return { kind: 'own', why: no.message }
  if (no !== null) return { kind: 'not-theirs' }
  return proposal.status === 'open' && had.includes(userId) ? { kind: 'given' } : { kind: 'theirs' }
}

export function waitingItem(
  proposal: Unsettled,
  { needed, had }: Pick<ApprovalSummary, 'needed' | 'had'>,
  why: string | null,
  nowMs: number,
): { readonly title: RichText; readonly detail: RichText } {
  // The title names the deploy instead.
  const denied = proposal.deploy === null ? [] : [richText`${denialTitle(proposal.denial)}.`]
  const change = proposal.status === 'open' ? changeLine(proposal.patch.changes, proposal) : null
  const reason = why === null ? [] : [richText`${own(why)}`]
  const state = proposal.status === 'open' ? undecided(proposal, needed, had, nowMs) : inTrouble(proposal)
  return {
    title: headline(proposal).text,
    detail: joined([...denied, ...(change === null ? [] : [change]), ...state, ...reason], ' '),
  }
}

function undecided(proposal: Open, needed: number, had: readonly string[], nowMs: number): readonly RichText[] {
  const by = approvalsOf(proposal).filter(({ by: { id } }) => had.includes(id))
  const names =
    by.length === 0
      ? []
      : richText`, by ${joined(
          by.map(each => [person(each.by)]),
          ' and ',
        )}`
  return [
    richText`${own(cardStateOf(proposal).state)}, ${had.length} of ${needed} ${own(needed === 1 ? 'approval' : 'approvals')} given${names}.`,
    proposal.expiresAtMs > nowMs
      ? richText`Expires ${time(proposal.expiresAtMs)}.`
      : richText`The time to decide ended ${time(proposal.expiresAtMs)}.`,
  ]
}

function inTrouble(proposal: Applied): readonly RichText[] {
  const { failure, repeats } = proposal
  if (failure !== null) return [richText`A part of the change may still stand: ${failure.message}`]
  return [richText`Denied again ${time(repeats.lastSeenMs)}: revert it, so that no unused access is left behind.`]
}
