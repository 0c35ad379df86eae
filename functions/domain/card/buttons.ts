/**
 * The buttons of a card. A button is rendered exactly if `closedTo()`, which also checks the click, accepts its action, and
 * enough people may approve.
 */

import type { AppliedMode, Config } from '../config/index.ts'
import { approvalsNeeded, buttonValue, closedTo, type Proposal, type Requester } from '../proposal/index.ts'

export type CardAction =
  | 'approve'
  | 'approve-limited'
  | 'approve-alone'
  | 'approve-with-pull'
  | 'pull-only'
  | 'reject'
  | 'details'
  | 'revert'
  | 'keep'
  | 'break-glass'
export type CardButton = {
  readonly action: CardAction
  readonly label: string
  readonly style: 'primary' | 'danger' | null
  /** `<proposal id>:<patch digest>`, from `buttonValue()`. Contains no policy. */
  readonly value: string
  /** The confirmation dialog before the click is sent. Null: none. */
  readonly confirm: { readonly title: string; readonly text: string } | null
}

/** The digest of a card without a patch: it has the form of a digest and matches nothing. */
export const NO_DIGEST = `sha256:${'0'.repeat(64)}`

export type ButtonContext = {
  readonly config: Config
  readonly mode: AppliedMode
  /** The number of people who may approve, if that is too few. Absent or null: there are enough, or the number is unknown. */
  readonly tooFew?: number | null
  readonly requester?: Requester
}

export function buttons(proposal: Proposal, context: ButtonContext, nowMs: number): readonly CardButton[] {
  const { config, mode, tooFew = null } = context
  const value = buttonValue(proposal.id, proposal.patch?.digest ?? NO_DIGEST)
  const open = (action: Exclude<CardAction, 'details'>): boolean => closedTo(action, proposal, mode, nowMs) === null
  const confirm = proposal.verification?.risk === 'low' ? null : sure(proposal)
  const hours = config.limitedGrantHours
  const enough = tooFew === null
  const pulls = pullButtons(proposal, { value, confirm, hours: config.bridgeHours, enough }, open)
  // A person may ask again later, so the grant with an end is offered first.
  const limitedFirst = hours !== null && isOfPerson(proposal)
  const style = (isFirst: boolean) => (isFirst && pulls.length === 0 && !earlierStands(proposal) ? 'primary' : null)
  const forever: CardButton | null =
    open('approve') && enough
      ? { action: 'approve', label: 'Approve', style: style(!limitedFirst), value, confirm }
      : null
  const limited: CardButton | null =
    hours !== null && open('approve-limited') && enough
      ? {
          action: 'approve-limited',
          label: `Approve for ${hours} h`,
          style: style(limitedFirst),
          value,
          confirm,
        }
      : null
  const all: readonly (CardButton | null)[] = [
    revertEarlier(proposal),
    ...pulls,
    ...(limitedFirst ? [limited, forever] : [forever, limited]),
    alone(proposal, open('approve-alone') && enoughForAlone(proposal, context)),
    open('reject') ? { action: 'reject', label: 'Reject…', style: 'danger', value, confirm: null } : null,
    config.breakGlass !== null && open('break-glass')
      ? { action: 'break-glass', label: 'Break glass…', style: null, value, confirm: null }
      : null,
    open('revert') ? { action: 'revert', label: 'Revert', style: 'danger', value, confirm: UNDO } : null,
    { action: 'details', label: 'Details', style: null, value, confirm: null },
  ]
  return all.filter(button => button !== null)
}

/** If code with a known repository manages the entity, the change in code is offered before one that the code lacks. */
function pullButtons(
  proposal: Proposal,
  {
    value,
    confirm,
    hours,
    enough,
  }: Pick<CardButton, 'value' | 'confirm'> & { readonly hours: number; readonly enough: boolean },
  isOpen: (action: 'approve-with-pull' | 'pull-only') => boolean,
): readonly CardButton[] {
  if (proposal.code === undefined) return []
  const style = earlierStands(proposal) ? null : 'primary'
  const isBridged = isOpen('approve-with-pull') && enough
  return [
    ...(isBridged
      ? [
          {
            action: 'approve-with-pull',
            label: `Approve, with pull request (${hours} h)`,
            style,
            value,
            confirm,
          } as const,
        ]
      : []),
    ...(isOpen('pull-only')
      ? [
          {
            action: 'pull-only',
            label: 'Pull request only',
            style: isBridged ? null : style,
            value,
            confirm: null,
          } as const,
        ]
      : []),
  ]
}

/** True also if it is unknown which person. */
const isOfPerson = ({ requester }: Proposal): boolean => requester.kind !== 'machine'

/** True when enough people may approve the denial alone, which may need fewer approvers than the whole change. */
function enoughForAlone({ template, diagnosis }: Proposal, { tooFew = null, requester }: ButtonContext): boolean {
  const single = template?.alone ?? null
  if (tooFew === null || single === null) return true
  return approvalsNeeded({ verification: single.verification, diagnosis }, requester ?? { kind: 'machine' }) <= tooFew
}

/** On a card for a whole deploy, the button for the denial alone, bound to its own digest. */
function alone(proposal: Proposal, isOpen: boolean): CardButton | null {
  const single = proposal.template?.alone ?? null
  if (!isOpen || single === null) return null
  const value = buttonValue(proposal.id, single.patch.digest)
  const confirm = single.verification.risk === 'low' ? null : sure({ verification: single.verification })
  return { action: 'approve-alone', label: 'Approve just this', style: null, value, confirm }
}

/** The request was denied again after the previous grant, so the button reverts that grant first. */
function revertEarlier(proposal: Proposal): CardButton | null {
  const digest = proposal.previous?.digest
  if (!earlierStands(proposal) || digest === undefined || proposal.previous === null) return null
  return {
    action: 'revert',
    label: 'Revert the earlier grant',
    style: 'primary',
    value: buttonValue(proposal.previous.id, digest, proposal.id),
    confirm: UNDO,
  }
}

function earlierStands({ previous, status }: Proposal): boolean {
  const undecided = status === 'open' || status === 'closed'
  if (!undecided || previous === null || previous.withdrawn === true) return false
  return previous.status === 'applied' || previous.status === 'confirmed'
}

export const UNDO = {
  title: 'Undo this change?',
  text: 'Exactly what was added is taken out again. Calls that need it will be denied from then on.',
}

function sure({ verification }: Pick<Proposal, 'verification'>): CardButton['confirm'] {
  const risk = verification === null ? 'unknown' : verification.risk
  return { title: 'Approve this change?', text: `Its risk is ${risk}. Read what it opens before you approve.` }
}
