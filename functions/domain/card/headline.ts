/** The first line of a card and of its notification: the state, then who was denied what. */

import { never } from '../base/result.ts'
import { own, type RichText, richText } from '../base/rich-text.ts'
import { denialTitle } from '../denial/denial-title.ts'
import { type Proposal, refusalOf } from '../proposal/proposal.ts'
import { didNotHelp } from '../proposal/transitions.ts'

/** What the card is about at a glance; the renderer picks a symbol for it. */
export type Tone =
  | 'low'
  | 'elevated'
  | 'high'
  | 'information'
  | 'working'
  | 'done'
  | 'declined'
  | 'over'
  | 'undone'
  | 'trouble'

type Headline = { readonly tone: Tone; readonly text: RichText }
type State = { readonly tone: Tone; readonly state: string }

export const headline = (proposal: Proposal): Headline => titled(stateOf(proposal), proposal)

/** The headline before any decision: for a notice or a list, which are never rendered again. */
export const undecidedHeadline = (proposal: Proposal): Headline => titled(undecided(proposal), proposal)

const titled = ({ tone, state }: State, { denial }: Proposal): Headline => ({
  tone,
  text: richText`${own(`${state}: `)}${denialTitle(denial)}`,
})

const undecided = (proposal: Proposal): State => (proposal.patch === null ? informs(proposal) : asks(proposal))

function stateOf(proposal: Proposal): State {
  switch (proposal.status) {
    case 'drafted':
    case 'open':
    case 'closed':
      return undecided(proposal)
    case 'approved':
      return { tone: 'working', state: 'Approved' }
    case 'applying':
      return { tone: 'working', state: 'Applying' }
    case 'applied':
      if (didNotHelp(proposal)) return { tone: 'trouble', state: 'Did not help' }
      if (proposal.failure !== null) return { tone: 'trouble', state: 'Needs a person' }
      return proposal.applied.answer === 'allowed'
        ? { tone: 'done', state: 'Allowed now' }
        : { tone: 'trouble', state: 'Applied, not seen to work' }
    case 'confirmed':
      return didNotHelp(proposal)
        ? { tone: 'trouble', state: 'Did not help' }
        : { tone: 'done', state: 'Working again' }
    case 'reverting':
      return { tone: 'working', state: 'Being undone' }
    case 'reverted':
      return { tone: 'undone', state: 'Reverted' }
    case 'rejected':
      return { tone: 'declined', state: 'Rejected' }
    case 'expired':
      return { tone: 'over', state: 'Expired' }
    case 'failed':
      return { tone: 'trouble', state: 'Failed' }
    case 'stale':
      return { tone: 'trouble', state: 'Out of date' }
    default:
      return never(proposal)
  }
}

function asks({ verification }: Proposal): State {
  switch (verification?.risk) {
    case 'low':
      return { tone: 'low', state: 'Low risk' }
    case 'elevated':
      return { tone: 'elevated', state: 'Elevated risk' }
    default:
      return { tone: 'high', state: 'High risk' }
  }
}

function informs(proposal: Proposal): State {
  const { diagnosis } = proposal
  const refusal = refusalOf(proposal)
  const tone = 'information'
  if (diagnosis.cause === 'already-allowed') return { tone, state: 'Allowed by now' }
  switch (diagnosis.verdict) {
    case 'not-ours':
      return { tone, state: 'Not ours to change' }
    case 'not-enough-evidence':
      return { tone, state: 'Not enough evidence' }
    case 'likely':
      return { tone, state: 'Likely cause' }
    case 'proved':
      return { tone, state: refusal === null || diagnosis.gaps.length === 0 ? 'Nothing to approve' : 'No safe change' }
    default:
      return never(diagnosis.verdict)
  }
}
