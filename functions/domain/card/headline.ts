/**
 * The first line of a card: the deploy that broke, or who was denied what. After a decision: its state, and what was asked for. Its
 * symbol is that of the event, never that of the risk.
 */

import { descriptorOf } from '../../../core/actions/index.ts'
import { never, own, type RichText, richText } from '../../../core/base/index.ts'
import { callerName, type Denial, denialTitle, roleName } from '../../../core/denial/index.ts'
import { capitalize } from '../../../core/diagnosis/index.ts'
import {
  ALLOWED_MEANWHILE,
  type Applied,
  type Confirmed,
  didNotHelp,
  isRollingOut,
  keepsGrantUntil,
  type Proposal,
  refusalOf,
  SOLVED,
} from '../proposal/index.ts'

/** The state of the card at a glance. The renderer selects a symbol for it. */
export type Tone =
  | 'low'
  | 'elevated'
  | 'high'
  | 'denied'
  | 'broken'
  | 'information'
  | 'working'
  | 'done'
  | 'declined'
  | 'over'
  | 'undone'
  | 'trouble'

type Headline = { readonly tone: Tone; readonly text: RichText }
export type CardState = {
  readonly tone: Tone
  readonly state: string
  /** The request is allowed now. Absent: it is not, or not seen to be. */
  readonly isAllowed?: true
}

export function headline(proposal: Proposal): Headline {
  const { tone, state, isAllowed = false } = cardStateOf(proposal)
  return isUndecided(proposal)
    ? { tone: eventTone(proposal), text: undecidedHeadline(proposal) }
    : { tone, text: richText`${own(`${state}: `)}${asked(proposal, isAllowed)}` }
}

function eventTone(proposal: Proposal): Tone {
  if (keepsGrantUntil(proposal) !== null) return 'over'
  if (proposal.deploy !== null) return 'broken'
  return proposal.patch === null ? 'information' : 'denied'
}

export const isUndecided = ({ status }: Proposal): boolean =>
  status === 'drafted' || status === 'open' || status === 'closed'

const undecidedHeadline = (proposal: Proposal): RichText => {
  if (keepsGrantUntil(proposal) !== null) return endingTitle(proposal.denial)
  const name = failedDeploy(proposal)
  return name === null ? denialTitle(proposal.denial) : richText`${own(capitalize(name.before))}${name.rest} failed`
}

/** What ends unless people keep it. */
const endingTitle = (denial: Denial): RichText => richText`Ends soon: ${mayTitle(denial)}`

const inWords = (denial: Denial, verb: string): RichText =>
  richText`${callerName(denial)}${own(` ${verb}${descriptorOf(denial.action).wording.verb} `)}${roleName(denial)}`
const mayTitle = (denial: Denial): RichText => inWords(denial, 'may ')

/** Only what is allowed is said to be so. */
const asked = ({ denial }: Proposal, isAllowed: boolean): RichText =>
  isAllowed ? mayTitle(denial) : richText`let ${inWords(denial, '')}`

/** `the` is rolemedic's own text; the rest of the title contains the name of the deploy. */
function failedDeploy({ deploy }: Proposal): { readonly before: string; readonly rest: string } | null {
  if (deploy === null) return null
  const [first] = deploy.failed ?? []
  const title = first?.name ?? deploy.title.replace(/^probably /, '')
  const all = `${title}${othersOf(deploy.failed ?? [])}`
  return all.startsWith('the ') ? { before: 'the ', rest: all.slice('the '.length) } : { before: '', rest: all }
}

const othersOf = ({ length }: readonly unknown[]): string =>
  length < 2 ? '' : length === 2 ? ' and 1 more deploy' : ' and more deploys'

const undecided = (proposal: Proposal): CardState => (proposal.patch === null ? informs(proposal) : asks(proposal))

const isGone = ({ use }: Applied | Confirmed): boolean => use?.goneAtMs !== undefined
const NOT_KEPT: CardState = { tone: 'over', state: 'Not kept' }
const GONE: CardState = { tone: 'undone', state: 'Taken away outside' }

/** The state in two words, and its tone. */
export function cardStateOf(proposal: Proposal): CardState {
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
      if (isGone(proposal)) return GONE
      if (didNotHelp(proposal)) return { tone: 'trouble', state: 'Did not help' }
      if (proposal.failure !== null) return { tone: 'trouble', state: 'Needs a person' }
      if (isRollingOut(proposal)) return { tone: 'working', state: 'Being rolled out' }
      return proposal.applied.answer === 'allowed'
        ? { tone: 'done', state: 'Allowed now', isAllowed: true }
        : { tone: 'trouble', state: 'Applied, not seen to work' }
    case 'confirmed':
      if (isGone(proposal)) return GONE
      return didNotHelp(proposal)
        ? { tone: 'trouble', state: 'Did not help' }
        : { tone: 'done', state: 'Working again', isAllowed: true }
    case 'reverting':
      return { tone: 'working', state: 'Being undone' }
    case 'reverted':
      return { tone: 'undone', state: 'Reverted' }
    case 'rejected':
      if (keepsGrantUntil(proposal) !== null) return NOT_KEPT
      return proposal.rejection.pullRequest === true
        ? { tone: 'working', state: 'Pull request only' }
        : { tone: 'declined', state: 'Rejected' }
    case 'expired':
      if (keepsGrantUntil(proposal) !== null) return NOT_KEPT
      return { tone: 'over', state: 'Expired' }
    case 'failed':
      return { tone: 'trouble', state: 'Failed' }
    case 'stale':
      if (proposal.failure.code === SOLVED) return { tone: 'over', state: 'Works by now', isAllowed: true }
      return proposal.failure.code === ALLOWED_MEANWHILE
        ? { tone: 'over', state: 'Allowed by now', isAllowed: true }
        : { tone: 'trouble', state: 'Out of date' }
    default:
      return never(proposal)
  }
}

function asks({ verification }: Proposal): CardState {
  switch (verification?.risk) {
    case 'low':
      return { tone: 'low', state: 'Low risk' }
    case 'elevated':
      return { tone: 'elevated', state: 'Elevated risk' }
    default:
      return { tone: 'high', state: 'High risk' }
  }
}

export const LIKELY_CAUSE = 'Likely cause'

function informs(proposal: Proposal): CardState {
  const { diagnosis } = proposal
  const refusal = refusalOf(proposal)
  const tone = 'information'
  if (diagnosis.cause === 'already-allowed') return { tone, state: 'Allowed by now' }
  if (diagnosis.cause === 'transient') return { tone, state: 'Solved itself' }
  switch (diagnosis.verdict) {
    case 'not-ours':
      return { tone, state: 'Nothing to approve' }
    case 'not-enough-evidence':
      return { tone, state: 'Not enough is known' }
    case 'likely':
      return { tone, state: LIKELY_CAUSE }
    case 'proved':
      return { tone, state: refusal === null || diagnosis.gaps.length === 0 ? 'Nothing to approve' : 'No safe change' }
    default:
      return never(diagnosis.verdict)
  }
}
