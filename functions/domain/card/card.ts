/** The content of a card as pure data, from a proposal. The renderer decides its look in Slack. */

import {
  code,
  link,
  linkableUrl,
  never,
  own,
  plural,
  type RichText,
  richText,
  strong,
  time,
} from '../../../core/base/index.ts'
import { type Denial, denialTitle, isAgentServer } from '../../../core/denial/index.ts'
import type { PolicyChange, Target } from '../../../core/patch/index.ts'
import { type AppliedMode, type Config, frozenBetween } from '../config/index.ts'
import type { DeployStanding } from '../deploy/index.ts'
import { type ContentChange, outcomeOf, type Previous, type Proposal } from '../proposal/index.ts'
import { buttons, type CardAction, type CardButton } from './buttons.ts'
import { managedElsewhere } from './checks.ts'
import { deployLines, deployNeeds } from './deploy-needs.ts'
import { cut, type DiffLine, difference } from './documents.ts'
import { accountName } from './facts.ts'
import type { NoticeCard } from './grants/notice-card.ts'
import { cardStateOf, headline, isUndecided, type Tone } from './headline.ts'
import { type Advice, cardAdvice } from './reason.ts'
import { recommendation } from './recommendation.ts'
import { causeLine } from './sentences/cause-line.ts'
import { changeLine } from './sentences/change-line.ts'
import { changedLine, lostStatements, whatChangedLines } from './sentences/changed-line.ts'
import { riskLine, undoLine, unseenLine } from './sentences/risk-line.ts'
import { withinTotal, withinWords, wordsOf } from './sentences/word-limit.ts'
import { type ApprovalCount, cardStatus } from './status.ts'

export type ShownChange = {
  readonly title: RichText
  readonly lines: readonly DiffLine[]
  /** The number of lines that did not fit and are only in Details. */
  readonly left: number
}

/** In the reading order on a phone. */
export type Card = {
  readonly proposalId: string
  readonly tone: Tone
  readonly headline: RichText
  /** One sentence each: who was denied what, why, the change, its risk, how it ends. With the headline, at most `MAX_WORDS`. */
  readonly lines: readonly RichText[]
  /** What a person can do if there is nothing to approve. */
  readonly advice: readonly Advice[]
  readonly buttons: readonly CardButton[]
  /** The exact change, if two people must read it. Otherwise it is in the thread and in Details. */
  readonly changes: readonly ShownChange[]
  readonly status: readonly RichText[]
}

/** `needed` and `mayApprove` come from the code that decides, so that a card never contradicts it. */
export type CardContext = ApprovalCount & {
  readonly config: Config
  readonly mode: AppliedMode
  readonly nowMs: number
  /** The failed deploys that wait for it. Absent: one at most. */
  readonly deploys?: readonly DeployStanding[]
}

/** The limit of words before the buttons, by risk. The exact change and commands to copy do not count. */
export const MAX_WORDS = { low: 90, other: 120 } as const

const CARD_DIFF_LINES = 40
const CARD_CHANGES = 4
const SHOWN_STEPS = 2

export function cardOf(proposal: Proposal, context: CardContext): Card {
  const { config, mode, nowMs, deploys = [] } = context
  const { tone, text } = headline(proposal)
  const standing = isUndecided(proposal) || STANDS.has(proposal.status)
  const recommended = isRecommended(proposal, mode)
  const { now, more } = cardStatus(proposal, context, config, nowMs)
  const below = recommended ? recommendation(proposal, mode, config) : more
  const shown = buttons(proposal, context, nowMs)
  const primary = shown.find(({ style }) => style === 'primary')?.action ?? null
  const title = withinWords(text, WORDS.headline)
  const steps = isUndecided(proposal) && proposal.patch === null ? cardAdvice(proposal).slice(0, SHOWN_STEPS) : []
  const conclusions = now.map(line => withinWords(line, WORDS.conclusion))
  const lines = [
    ...conclusions,
    withinWords(deniedLine(proposal, config), WORDS.denied),
    ...(proposal.status === 'open' && !recommended ? freezeLine(mode, nowMs) : []),
    ...(isUndecided(proposal) ? first(proposal) : []).map(line => withinWords(richText`⚠️ ${line}`, WORDS.warning)),
    ...(standing ? sentences(proposal, context, { recommended, primary }) : []),
  ]
  const most = proposal.verification?.risk === 'low' && proposal.patch !== null ? MAX_WORDS.low : MAX_WORDS.other
  const texts = steps.map(step => withinWords(step.text, WORDS.step))
  // The place and time of the denial are in the thread too.
  const spare = { line: conclusions.length, least: LEAST_DENIED }
  const fitting = withinTotal([...lines, ...texts], most - wordsOf(title), spare)
  return {
    proposalId: proposal.id,
    tone,
    headline: title,
    lines: fitting.slice(0, lines.length),
    advice: steps.map(({ command }, index) => ({ text: fitting[lines.length + index] ?? [], command })),
    buttons: shown,
    changes: proposal.status === 'open' && !recommended && context.needed > 1 ? shownChanges(proposal) : [],
    status: [
      ...below,
      ...(standing ? deployNeeds(proposal) : []),
      ...deployLines(deploys, CONSOLE),
      ...unseen(proposal),
    ],
  }
}

/** The limit of words per line, before all lines are made to fit together. */
const WORDS = {
  headline: 16,
  conclusion: 36,
  warning: 18,
  freeze: 24,
  denied: 26,
  why: 24,
  /** For a card without a change. */
  whyAlone: 36,
  change: 28,
  changed: 22,
  risk: 24,
  undo: 28,
  step: 24,
}
/** The length of `Because deployer was denied iam:PassRole on app-task, in shop`. */
const LEAST_DENIED = 9

const isRecommended = ({ status, patch }: Proposal, { mode }: AppliedMode): boolean =>
  mode !== 'approve' && patch !== null && (status === 'drafted' || status === 'open')

/** Which buttons are missing, and whom to ask. */
function freezeLine({ freezes = [] }: AppliedMode, nowMs: number): readonly RichText[] {
  const frozen = frozenBetween(freezes, nowMs, nowMs)
  if (frozen === null) return []
  const end = frozen.endsAtMs === null ? [] : richText` until ${time(frozen.endsAtMs)}`
  return [withinWords(richText`🧊 Frozen${end}: ${frozen.name}. Ask ${frozen.owner}.`, WORDS.freeze)]
}

/** In these statuses the change is written or about to be written, so it stays on the card. */
const STANDS = new Set<Proposal['status']>(['approved', 'applying', 'applied', 'confirmed', 'reverting'])

/** What a person must read first: another approval changed the card, an earlier grant did not help, others manage the entity. */
function first(proposal: Proposal): readonly RichText[] {
  return [...contentChanged(proposal), ...earlier(proposal), ...managedElsewhere(proposal.verification)].slice(0, 2)
}

const CHANGED: { readonly [because in ContentChange['because']]: string } = {
  approval: 'Changed after another approval',
  revert: 'Changed after another change was reverted',
  deploy: 'Changed, as its deploy failed and needs more',
  record: "Changed, as CloudTrail's own record has come",
  choice: 'Narrowed to this denial alone',
  restore: 'Changed to what was lost',
  solved: 'Changed, as the denied call worked later',
}

function contentChanged({ changed }: Proposal): readonly RichText[] {
  return changed === undefined ? [] : [[strong(contentChangeInWords(changed))]]
}

export function contentChangeInWords({ because, dropped }: Pick<ContentChange, 'because' | 'dropped'>): string {
  const count = dropped.length
  const lost =
    count === 0 ? 'read it again' : `${plural(count, 'earlier approval')} no longer ${count === 1 ? 'counts' : 'count'}`
  return `${CHANGED[because]}: ${lost}.`
}

/** Who was denied what, by which call, where and how often, without what the headline says. */
function deniedLine({ denial, deploy, repeats }: Proposal, config: Config): RichText {
  const often =
    repeats.count <= 1
      ? richText`${time(repeats.lastSeenMs)}`
      : richText`${own(plural(repeats.count, 'time'))}, last ${time(repeats.lastSeenMs)}`
  const where = richText`in ${accountName(denial.accountId, config)}, ${denial.region ?? 'Region unknown'}`
  if (deploy === null) return richText`${sessionName(denial)}${callName(denial)} ${where}, ${often}.`
  const [run] = deploy.failed ?? []
  const because = own(run?.isSure === false || deploy.title.startsWith('probably ') ? 'Probably because ' : 'Because ')
  const page =
    run !== undefined && linkableUrl(run.link, CONSOLE) !== null
      ? richText` ${link('Open it in the console', run.link)}.`
      : []
  return richText`${because}${denialTitle(denial)}, ${where}, ${often}.${page}`
}

/** Stored links may have been changed, so only AWS's own console may be opened. */
const CONSOLE = ['aws.amazon.com', 'amazonaws.cn', 'amazonaws-us-gov.com'].flatMap(host => [
  `console.${host}`,
  `*.console.${host}`,
])

function sessionName({ principal: { sessionName: session, name } }: Denial): RichText {
  return session === null || session === name ? [] : richText`Session ${session}: `
}

function callName({ call: { eventName }, via }: Denial): RichText {
  const agent = isAgentServer(via) ? richText`, by an agent,` : []
  return eventName === null ? richText`A call without a name${agent}` : richText`${code(eventName)}${agent}`
}

function sentences(
  proposal: Proposal,
  { config, nowMs }: CardContext,
  { recommended, primary }: { readonly recommended: boolean; readonly primary: CardAction | null },
): readonly RichText[] {
  const { verification, patch } = proposal
  const change = changeLine(changesOf(proposal), proposal)
  const changed = changedLine(proposal)
  const decided = !isUndecided(proposal)
  const why = withinWords(causeLine(proposal), patch === null ? WORDS.whyAlone : WORDS.why)
  return [
    ...(changed === null ? [] : [withinWords(changed, WORDS.changed)]),
    ...(decided ? [] : [patch === null ? richText`${strong(`${cardStateOf(proposal).state}.`)} ${why}` : why]),
    ...(patch === null || change === null ? [] : [richText`${strong('Change:')} ${withinWords(change, WORDS.change)}`]),
    ...(decided || patch === null || verification === null
      ? []
      : [
          withinWords(riskLine(verification), WORDS.risk),
          // Another person makes a recommended change, and reverts it.
          ...(recommended ? [] : [withinWords(undoLine(proposal, config, nowMs, primary), WORDS.undo)]),
        ]),
  ]
}

function unseen(proposal: Proposal): readonly RichText[] {
  if (proposal.status !== 'open' || proposal.verification === null) return []
  const line = unseenLine(proposal.verification)
  return line === null ? [] : [line]
}

/** An earlier grant for the same denial may still be in IAM without use. Reverting it comes before granting more. */
function earlier({ previous }: Proposal): readonly RichText[] {
  if (previous === null) return []
  if (previous.renewedUntilMs !== undefined)
    return [
      richText`${strong('This grant ends')} ${time(previous.renewedUntilMs)}. Keep it without an end, or let it end: then nothing is to do.`,
    ]
  switch (previous.status) {
    case 'applied':
    case 'confirmed':
    case 'reverting':
      return [
        richText`${strong('An earlier grant did not help:')} it was applied, and is denied again. ${own(previous.withdrawn === true ? 'This change withdraws it.' : 'Revert it first.')}`,
      ]
    case 'rejected':
      return [richText`This was rejected, or left to a pull request, before and is still being denied.`]
    case 'expired':
      return [richText`An earlier card for this expired undecided.`]
    case 'failed':
      return [richText`An earlier change for this was approved and not written${because(previous)}`]
    case 'stale':
      return [richText`The card before this one went out of date; approvals given there do not count here.`]
    case 'reverted':
      return [richText`An earlier grant for this was reverted.`]
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

/** The changes as they were written or, before the write, as they are proposed. */
const changesOf = (proposal: Proposal): readonly PolicyChange[] =>
  outcomeOf(proposal)?.changes ?? proposal.patch?.changes ?? []

/** The thread of a card, about what took the permission away. */
export function whatChangedNotice(proposal: Proposal): NoticeCard {
  return {
    id: proposal.id,
    tone: 'information',
    headline: richText`What changed for ${denialTitle(proposal.denial)}`,
    lines: whatChangedLines(proposal),
    code: lostStatements(proposal),
    buttons: [],
  }
}

export function shownChanges(proposal: Proposal): readonly ShownChange[] {
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

/** A change that is needed next and is not part of this approval. */
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
