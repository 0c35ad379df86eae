/**
 * The buttons of a card. A button is rendered exactly if `closedTo()`, which also checks the click, accepts its action, and
 * enough people may approve.
 */

import { never } from '../../../core/base/index.ts'
import type { RequesterClaim } from '../authority/index.ts'
import type { AppliedMode, Config } from '../config/index.ts'
import {
  approvalsNeeded,
  askedFor,
  buttonValue,
  closedTo,
  type GrantingAction,
  hoursOfChoice,
  keepsGrantUntil,
  offeredRestore,
  type Proposal,
  permanentNeeded,
  type Requester,
} from '../proposal/index.ts'
import { confirmText, type GrantInWords } from './sentences/confirm-text.ts'

export type CardAction =
  | 'approve'
  | 'approve-limited'
  | 'approve-alone'
  | 'approve-restore'
  | 'approve-with-pull'
  | 'pull-only'
  | 'reject'
  | 'details'
  | 'revert'
  | 'keep'
  | 'break-glass'
  | 'ratify'
  | 'ratify-and-ask'
  | 'not-ratify'
export type CardButton = {
  readonly action: CardAction
  readonly label: string
  readonly style: 'primary' | 'danger' | null
  /** `<proposal id>:<patch digest>`, with the time where it has one, from `buttonValue()`. Contains no policy. */
  readonly value: string
  /** The confirmation before the click is sent. Null: none. */
  readonly confirm: Confirmation | null
  /** Absent: in the row. */
  readonly place?: 'more'
}
/** `yes`: the label of the button that sends the click. */
export type Confirmation = { readonly title: string; readonly text: string; readonly yes: string }

/** The most options of the menu, and the fewest that are worth one. */
const MENU = { least: 2, most: 5 }

/** The digest of a card without a patch: it has the form of a digest and matches nothing. */
export const NO_DIGEST = `sha256:${'0'.repeat(64)}`

export type ButtonContext = {
  readonly config: Config
  readonly mode: AppliedMode
  /** The number of people who may approve, if that is too few. Absent or null: there are enough, or the number is unknown. */
  readonly tooFew?: number | null
  readonly requester?: Requester
  /** Absent: 1. */
  readonly needed?: number
  /** False: fewer people may approve than a grant without end takes. */
  readonly mayBeEndless?: boolean
}

export function buttons(proposal: Proposal, context: ButtonContext, nowMs: number): readonly CardButton[] {
  const { config, mode, tooFew = null } = context
  const digest = proposal.patch?.digest ?? NO_DIGEST
  const value = buttonValue(proposal.id, digest)
  const open = (action: Exclude<CardAction, 'details'>): boolean => closedTo(action, proposal, mode, nowMs) === null
  const hours = config.limitedGrantHours
  const enough = tooFew === null
  const requester = context.requester ?? proposal.requester
  const isKept = keepsGrantUntil(proposal) !== null
  const limited: CardButton | null =
    hours !== null && open('approve-limited') && enough
      ? {
          action: 'approve-limited',
          label: `Approve for ${hours} h`,
          style: null,
          value: buttonValue(proposal.id, digest, { hours }),
          confirm: sure(proposal, hours, `Approve for ${hours} h`),
        }
      : null
  const endless = context.mayBeEndless === false ? null : permanentNeeded(config.grants.permanent, requester)
  const forever: CardButton | null =
    open('approve') && enough && endless !== null
      ? {
          action: 'approve',
          label: endlessLabel(endless, context, isKept ? 'Keep' : 'Approve'),
          style: null,
          value,
          confirm: sure(proposal, null, endlessLabel(endless, context, isKept ? 'Keep' : 'Approve')),
        }
      : null
  const pulls = pullButtons(proposal, { value, digest, hours: config.bridgeHours, enough }, open)
  // A person may ask again later; a machine's next deploy is denied again when a grant ends.
  const offered = (
    isOfPerson(requester) && limited !== null ? [limited, ...pulls, forever] : [...pulls, forever, limited]
  ).filter(button => button !== null)
  const earlier = revertEarlier(proposal)
  const row: readonly (CardButton | null)[] = [
    earlier,
    ...offered.slice(0, 1).map(button => (earlier === null ? { ...button, style: 'primary' as const } : button)),
    restore(proposal, open('approve-restore'), context, hours, endless, requester),
    open('reject')
      ? { action: 'reject', label: isKept ? 'Let it end…' : 'Reject…', style: 'danger', value, confirm: null }
      : null,
    open('revert') ? { action: 'revert', label: 'Revert', style: 'danger', value, confirm: UNDO } : null,
  ]
  const more: readonly (CardButton | null)[] = [
    ...offered.slice(1),
    alone(proposal, open('approve-alone') && enoughForAlone(proposal, context), context, hours, endless, requester),
    config.breakGlass !== null && open('break-glass')
      ? { action: 'break-glass', label: 'Break glass…', style: null, value, confirm: null }
      : null,
    { action: 'details', label: 'Details', style: null, value, confirm: null },
  ]
  const shown = [...row.filter(button => button !== null), ...menu(more.filter(button => button !== null))]
  return shown.map(button => withForm(button, proposal, mode))
}

/** The form that opens shows the change and its end, so that nothing is confirmed before it. */
function withForm(button: CardButton, proposal: Proposal, mode: AppliedMode): CardButton {
  if (button.action === 'details' || askedFor(proposal, button.action, mode) === null) return button
  return { ...button, label: `${button.label}…`, confirm: null }
}

/** How long a grant stands by this approval; null: without end. */
export function hoursOf(
  action: GrantingAction,
  { requester }: Pick<Proposal, 'requester'>,
  config: Config,
): number | null {
  switch (action) {
    case 'approve':
      return null
    case 'approve-limited':
      return config.limitedGrantHours
    case 'approve-with-pull':
      return config.bridgeHours
    case 'approve-alone':
    case 'approve-restore':
      return hoursOfChoice(requester, config.limitedGrantHours)
    default:
      return never(action)
  }
}

export const endInWords = (hours: number | null): string =>
  hours === null ? 'It stays until somebody reverts it.' : `It ends by itself after ${hours} h.`

/** What does not fit into the menu, or is too little for one, stays in the row. */
function menu(given: readonly CardButton[]): readonly CardButton[] {
  const over = given.length < MENU.least ? given.length : Math.max(0, given.length - MENU.most)
  return given.map((button, at) => (at < over ? button : { ...button, place: 'more' }))
}

/** Names the number of people where it is more than the card says. */
const endlessLabel = (people: number | null, { needed = 1 }: ButtonContext, verb: string): string =>
  people !== null && people > needed ? `${verb}, no end (${people} people)` : `${verb}, no end`

/** If code with a known repository manages the entity: the change in code, beside one that the code lacks. */
function pullButtons(
  proposal: Proposal,
  {
    value,
    digest,
    hours,
    enough,
  }: Pick<CardButton, 'value'> & { readonly digest: string; readonly hours: number; readonly enough: boolean },
  isOpen: (action: 'approve-with-pull' | 'pull-only') => boolean,
): readonly CardButton[] {
  if (proposal.code === undefined) return []
  const bridge: CardButton = {
    action: 'approve-with-pull',
    label: `Approve, with pull request (${hours} h)`,
    style: null,
    value: buttonValue(proposal.id, digest, { hours }),
    confirm: sure(proposal, hours, `Approve for ${hours} h`),
  }
  const only: CardButton = { action: 'pull-only', label: 'Pull request only', style: null, value, confirm: null }
  return [...(isOpen('approve-with-pull') && enough ? [bridge] : []), ...(isOpen('pull-only') ? [only] : [])]
}

/** True also if it is unknown which person. */
const isOfPerson = ({ kind }: { readonly kind: RequesterClaim['kind'] }): boolean => kind !== 'machine'

/** True when enough people may approve the denial alone, which may need fewer approvers than the whole change. */
function enoughForAlone({ template, diagnosis }: Proposal, { tooFew = null, requester }: ButtonContext): boolean {
  const single = template?.alone ?? null
  if (tooFew === null || single === null) return true
  return approvalsNeeded({ verification: single.verification, diagnosis }, requester ?? { kind: 'machine' }) <= tooFew
}

/** On a card for a whole deploy, the button for the denial alone, bound to its own digest. */
function alone(
  proposal: Proposal,
  isOpen: boolean,
  context: ButtonContext,
  limitedHours: number | null,
  endless: number | null,
  requester: { readonly kind: RequesterClaim['kind'] },
): CardButton | null {
  const single = proposal.template?.alone ?? null
  const hours = hoursOfChoice(requester, limitedHours)
  if (!isOpen || single === null || (hours === null && endless === null)) return null
  return {
    action: 'approve-alone',
    label: hours === null ? endlessLabel(endless, context, 'Approve just this') : `Approve just this for ${hours} h`,
    style: null,
    value: buttonValue(proposal.id, single.patch.digest, { hours }),
    confirm: sure(
      { ...single, previous: proposal.previous },
      hours,
      hours === null ? endlessLabel(endless, context, 'Approve') : `Approve for ${hours} h`,
    ),
  }
}

/** The second choice beside the smallest change, bound to its own digest. */
function restore(
  proposal: Proposal,
  isOpen: boolean,
  context: ButtonContext,
  limitedHours: number | null,
  endless: number | null,
  requester: { readonly kind: RequesterClaim['kind'] },
): CardButton | null {
  const { tooFew = null, requester: asks } = context
  const choice = offeredRestore(proposal)
  const hours = hoursOfChoice(requester, limitedHours)
  if (!isOpen || choice === null || (hours === null && endless === null)) return null
  const { change } = choice
  const needed = approvalsNeeded(
    { verification: change.verification, diagnosis: proposal.diagnosis },
    asks ?? { kind: 'machine' },
  )
  if (tooFew !== null && needed > tooFew) return null
  return {
    action: 'approve-restore',
    label:
      hours === null ? endlessLabel(endless, context, 'Restore what was lost') : `Restore what was lost for ${hours} h`,
    style: null,
    value: buttonValue(proposal.id, change.patch.digest, { hours }),
    confirm: sure(
      { ...change, previous: proposal.previous },
      hours,
      hours === null ? endlessLabel(endless, context, 'Restore') : `Restore for ${hours} h`,
    ),
  }
}

/** The request was denied again after the previous grant, so the button reverts that grant first. */
function revertEarlier(proposal: Proposal): CardButton | null {
  const digest = proposal.previous?.digest
  if (!earlierStands(proposal) || digest === undefined || proposal.previous === null) return null
  return {
    action: 'revert',
    label: 'Revert the earlier grant',
    style: 'primary',
    value: buttonValue(proposal.previous.id, digest, { cardOf: proposal.id }),
    confirm: UNDO,
  }
}

function earlierStands({ previous, status }: Proposal): boolean {
  const undecided = status === 'open' || status === 'closed'
  if (!undecided || previous === null || previous.withdrawn === true) return false
  return previous.status === 'applied' || previous.status === 'confirmed'
}

export const UNDO: Confirmation = {
  title: 'Undo this change?',
  text: 'Exactly what was added is taken out again. Calls that need it will be denied from then on.',
  yes: 'Revert',
}

/** Null: the risk is low. `hours` null: without end. */
const sure = (granted: GrantInWords, hours: number | null, yes: string): Confirmation | null =>
  granted.verification?.risk === 'low'
    ? null
    : { title: 'Approve this change?', text: confirmText(granted, endInWords(hours)), yes }
