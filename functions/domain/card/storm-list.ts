/** One line of a storm's list. It says what was denied and never where it stands, which only its own card does. */
import { shortened } from '../base/neutral-text.ts'
import { asPlainText } from '../base/rich-text.ts'
import type { Proposal } from '../proposal/proposal.ts'
import { NO_DIGEST } from './buttons.ts'
import { undecidedHeadline } from './headline.ts'

export type StormListItem = {
  readonly proposalId: string
  readonly digest: string
  readonly tone: string
  readonly text: string
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
  const { tone, text } = undecidedHeadline(proposal)
  return {
    proposalId: proposal.id,
    digest: proposal.patch?.digest ?? NO_DIGEST,
    tone,
    text: shortened(asPlainText(text), LONGEST_CHARS),
  }
}
