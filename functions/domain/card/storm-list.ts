/** One line of a storm's list: what was denied, and where that stands now. */
import { shortened } from '../base/neutral-text.ts'
import { asPlainText } from '../base/rich-text.ts'
import { denialTitle } from '../denial/denial-title.ts'
import { approvalsOf, type Proposal } from '../proposal/proposal.ts'
import { NO_DIGEST } from './buttons.ts'
import { isUndecided, stateOf } from './headline.ts'

export type StormListItem = {
  readonly proposalId: string
  readonly digest: string
  readonly tone: string
  readonly text: string
  /** Where it stands; absent in items of older versions. */
  readonly state?: string
  /** Of its card; absent: not known. */
  readonly link?: string
  /** Of the denial, which has one entry however often its card is posted again; absent in items of older versions. */
  readonly fingerprint?: string
}

/** The one message of a storm, and what it lists. */
export type StormList = {
  /** Null: being posted. */
  readonly ts: string | null
  readonly makingUntilMs: number
  /** With those that are not listed any more. */
  readonly total: number
  readonly items: readonly StormListItem[]
}

const LONGEST_CHARS = 160

export function stormListItem(proposal: Proposal): StormListItem {
  const { tone, state } = stateOf(proposal)
  return {
    proposalId: proposal.id,
    digest: proposal.patch?.digest ?? NO_DIGEST,
    tone,
    text: shortened(asPlainText(denialTitle(proposal.denial)), LONGEST_CHARS),
    state: proposal.patch !== null && isUndecided(proposal) ? waiting(proposal) : state,
    fingerprint: proposal.fingerprint,
  }
}

function waiting(proposal: Proposal): string {
  const given = approvalsOf(proposal).length
  return given === 0 ? 'Waits for approval' : `Waits for approval, ${given} given`
}
