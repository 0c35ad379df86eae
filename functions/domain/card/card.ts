/** What a card says: pure data, made from a proposal. How it looks in Slack is the renderer's matter. */

import { never } from '../base/result.ts'
import { code, own, plural, type RichText, richText, strong } from '../base/rich-text.ts'
import type { Config } from '../config/config.ts'
import type { AppliedMode } from '../config/mode.ts'
import type { PolicyChange, Target } from '../patch/patch.ts'
import { outcomeOf, type Previous, type Proposal } from '../proposal/proposal.ts'
import { blastRadius } from './blast-radius.ts'
import { buttons, type CardButton } from './buttons.ts'
import { type Check, checks, managedElsewhere } from './checks.ts'
import { deployNeeds } from './deploy-needs.ts'
import { cut, type DiffLine, difference } from './documents.ts'
import { type Fact, facts } from './facts.ts'
import { headline, type Tone } from './headline.ts'
import { type Advice, advice, why } from './reason.ts'
import { recommendation } from './recommendation.ts'
import { type ApprovalCount, status } from './status.ts'

export type ShownChange = {
  readonly title: RichText
  readonly lines: readonly DiffLine[]
  /** Lines that did not fit: in Details. */
  readonly left: number
}

export type Card = {
  readonly proposalId: string
  readonly tone: Tone
  readonly headline: RichText
  /** What must be read before anything else: managed as code, an earlier grant that did not help. */
  readonly first: readonly RichText[]
  readonly facts: readonly Fact[]
  readonly why: readonly RichText[]
  readonly advice: readonly Advice[]
  readonly changes: readonly ShownChange[]
  readonly blastRadius: RichText | null
  readonly checks: readonly Check[]
  readonly status: readonly RichText[]
  readonly buttons: readonly CardButton[]
}

/** `needed` and `mayApprove` come from where decisions are made, so that a card never says otherwise. */
export type CardContext = ApprovalCount & {
  readonly config: Config
  readonly mode: AppliedMode
  readonly nowMs: number
}

const CARD_DIFF_LINES = 18
const CARD_CHANGES = 4

export function cardOf(proposal: Proposal, context: CardContext): Card {
  const { config, mode, nowMs } = context
  const title = headline(proposal)
  const undecided = proposal.status === 'drafted' || proposal.status === 'open' || proposal.status === 'closed'
  const standing = undecided || STANDS.has(proposal.status)
  return {
    proposalId: proposal.id,
    tone: title.tone,
    headline: title.text,
    first: undecided
      ? [...managedElsewhere(proposal.verification), ...earlier(proposal), ...deployNeeds(proposal)]
      : standing
        ? deployNeeds(proposal)
        : [],
    facts: facts(proposal, config),
    why: why(proposal),
    advice: undecided ? advice(proposal) : [],
    changes: standing ? changes(proposal) : [],
    blastRadius: standing ? blastRadius(changesOf(proposal)) : null,
    checks: undecided && proposal.verification !== null ? checks(proposal.verification) : [],
    status: isRecommended(proposal, mode) ? recommendation(proposal, mode, config) : status(proposal, context, nowMs),
    buttons: buttons(proposal, context, nowMs),
  }
}

const isRecommended = ({ status, patch }: Proposal, { mode }: AppliedMode): boolean =>
  mode !== 'approve' && patch !== null && (status === 'drafted' || status === 'open')

/** The change is written, or is about to be: it stays on the card. */
const STANDS = new Set<Proposal['status']>(['approved', 'applying', 'applied', 'confirmed', 'reverting'])

/** An earlier grant for the same denial may be left unused in IAM: undoing it comes before granting more. */
function earlier({ previous }: Proposal): readonly RichText[] {
  if (previous === null) return []
  switch (previous.status) {
    case 'applied':
    case 'confirmed':
    case 'reverting':
      return [
        richText`${strong('An earlier grant did not help:')} this was approved and applied before (${code(previous.id)}), and is denied again. ${own(previous.withdrawn === true ? 'This change withdraws it.' : 'Revert it first.')}`,
      ]
    case 'rejected':
      return [richText`This was rejected before (${code(previous.id)}) and is still being denied.`]
    case 'expired':
      return [richText`An earlier card for this (${code(previous.id)}) expired undecided.`]
    case 'failed':
      return [
        richText`An earlier change for this (${code(previous.id)}) was approved and not written${because(previous)}`,
      ]
    case 'stale':
      return [
        richText`The card before this one (${code(previous.id)}) went out of date${because(previous)} Approvals that were given there do not count here.`,
      ]
    case 'reverted':
      return [richText`An earlier grant for this (${code(previous.id)}) was reverted.`]
    case 'drafted':
    case 'open':
    case 'approved':
    case 'applying':
    case 'closed':
      return []
    default:
      return never(previous.status)
  }
}

const because = ({ why }: Previous): RichText => (why === undefined ? richText`.` : richText`: ${fullStop(why)}`)

const fullStop = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)

/** As they were written; before that, as they are proposed. */
const changesOf = (proposal: Proposal): readonly PolicyChange[] =>
  outcomeOf(proposal)?.changes ?? proposal.patch?.changes ?? []

function changes(proposal: Proposal): readonly ShownChange[] {
  const required = changesOf(proposal).filter(change => change.required)
  const shown = required.slice(0, CARD_CHANGES).map(changeShown)
  const rest = required.length - shown.length
  const followUps = proposal.patch === null ? [] : proposal.followUps.map(({ target }) => followUp(target))
  const more = rest > 0 ? [{ title: [own(`${plural(rest, 'more change')}: see Details`)], lines: [], left: 0 }] : []
  return [...shown, ...more, ...followUps.slice(0, CARD_CHANGES)]
}

function changeShown(change: PolicyChange): ShownChange {
  const { lines, left } = cut(difference(change.before, change.after), CARD_DIFF_LINES)
  const verb = change.before === null ? 'New' : 'Change'
  return { title: richText`${strong(`${verb}:`)} ${targetName(change.target)}`, lines, left }
}

/** Needed next, and not part of this approval. */
function followUp(target: Target): ShownChange {
  return { title: richText`${strong('Needed next, not part of this:')} ${targetName(target)}`, lines: [], left: 0 }
}

export function targetName({ kind, name, policyName, accountId }: Target): RichText {
  switch (kind) {
    case 'role-inline-policy':
      return richText`inline policy ${code(policyName ?? '')} of role ${code(name)} (${accountId})`
    case 'user-inline-policy':
      return richText`inline policy ${code(policyName ?? '')} of user ${code(name)} (${accountId})`
    case 'managed-policy':
      return richText`managed policy ${code(name)} (${accountId})`
    case 'role-trust-policy':
      return richText`trust policy of role ${code(name)} (${accountId})`
    case 'permission-set-inline-policy':
      return richText`inline policy of permission set ${code(name)}`
    default:
      return never(kind)
  }
}
