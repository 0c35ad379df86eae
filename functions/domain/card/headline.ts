/** The first line of a card and of its notification: the state, then who was denied what. */

import { never } from '../base/result.ts'
import { own, type RichText, richText } from '../base/rich-text.ts'
import { denialTitle } from '../denial/denial-title.ts'
import type { Proposal } from '../proposal/proposal.ts'
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

export function headline(proposal: Proposal): { readonly tone: Tone; readonly text: RichText } {
  const { tone, state } = stateOf(proposal)
  return { tone, text: richText`${own(`${state}: `)}${denialTitle(proposal.denial)}` }
}

function stateOf(proposal: Proposal): { readonly tone: Tone; readonly state: string } {
  switch (proposal.status) {
    case 'drafted':
    case 'open':
    case 'closed':
      return proposal.patch === null ? informs(proposal) : asks(proposal)
    case 'approved':
      return { tone: 'working', state: 'Approved' }
    case 'applying':
      return { tone: 'working', state: 'Applying' }
    case 'applied':
      if (didNotHelp(proposal)) return { tone: 'trouble', state: 'Did not help' }
      if (proposal.failure !== null) return { tone: 'trouble', state: 'Needs a person' }
      return proposal.applied?.answer === 'allowed'
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
      return never(proposal.status)
  }
}

function asks({ verification }: Proposal): { readonly tone: Tone; readonly state: string } {
  switch (verification?.risk) {
    case 'low':
      return { tone: 'low', state: 'Low risk' }
    case 'elevated':
      return { tone: 'elevated', state: 'Elevated risk' }
    default:
      return { tone: 'high', state: 'High risk' }
  }
}

function informs({ diagnosis, refusal }: Proposal): { readonly tone: Tone; readonly state: string } {
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
