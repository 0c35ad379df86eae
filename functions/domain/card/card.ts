/** The content of a card as pure data, from a proposal. The renderer decides its look in Slack. */

import {
  asPlainText,
  code,
  joined,
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
import {
  type ContentChange,
  freezeRefusal,
  keepsGrantUntil,
  modeRefusal,
  outcomeOf,
  type Previous,
  type Proposal,
} from '../proposal/index.ts'
import { buttons, type CardButton } from './buttons.ts'
import { managedElsewhere, managedInBrief } from './checks.ts'
import { deployLines, deployNeeds } from './deploy-needs.ts'
import { cut, type DiffLine, difference } from './documents.ts'
import { accountAlias, accountName, runOf } from './facts.ts'
import type { NoticeCard } from './grants/notice-card.ts'
import { cardStateOf, headline, isUndecided, LIKELY_CAUSE, type Tone } from './headline.ts'
import { type Advice, cardAdvice } from './reason.ts'
import { recommendation } from './recommendation.ts'
import { causeLine } from './sentences/cause-line.ts'
import { changeLine } from './sentences/change-line.ts'
import { changedLine, lostStatements, whatChangedLines } from './sentences/changed-line.ts'
import { gainInBrief, hasWarning, riskLine, riskName, undoLine, unseenLine } from './sentences/risk-line.ts'
import { withinTotal, wordsOf } from './sentences/word-limit.ts'
import { type ApprovalCount, approvalsInBrief, approversInBrief, cardStatus } from './status.ts'

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
  /** One sentence each. With the headline and the advice, at most `MAX_WORDS`. */
  readonly lines: readonly RichText[]
  /** What a person can do if there is nothing to approve. */
  readonly advice: readonly Advice[]
  readonly buttons: readonly CardButton[]
  /** The exact change, if two people must read it. Otherwise it is in the thread and in Details. */
  readonly changes: readonly ShownChange[]
  readonly status: readonly RichText[]
  /** The beginning of its notification, for a lock screen: risk, what, account, by whom. */
  readonly notification: RichText
}

/** `needed` and `mayApprove` come from the code that decides, so that a card never contradicts it. */
export type CardContext = ApprovalCount & {
  readonly config: Config
  readonly mode: AppliedMode
  readonly nowMs: number
  /** The failed deploys that wait for it. Absent: one at most. */
  readonly deploys?: readonly DeployStanding[]
}

/** The limit of words before the buttons. The exact change and commands to copy do not count. */
export const MAX_WORDS = 45

const CARD_DIFF_LINES = 40
const CARD_CHANGES = 4
const SHOWN_STEPS = 2

/** A sentence of the card. `rank`: those of the highest rank go below the buttons first. Absent: it stays above. */
type Line = {
  readonly text: RichText
  readonly rank?: number
  /** What is added below the buttons while the text is above them. Absent or empty: nothing. */
  readonly more?: RichText
  /** Below the buttons, instead of the text. Absent: the text. */
  readonly whole?: RichText
}

export function cardOf(proposal: Proposal, context: CardContext): Card {
  const { config, mode, nowMs, deploys = [] } = context
  const { tone, text: title } = headline(proposal)
  const isAsked = isUndecided(proposal)
  const standing = isAsked || STANDS.has(proposal.status)
  const recommended = isRecommended(proposal, mode)
  const status = cardStatus(proposal, context, config, nowMs)
  const shown = buttons(proposal, context, nowMs)
  const primary = shown.find(({ style }) => style === 'primary')?.action ?? null
  const offers = isAsked && proposal.patch !== null
  const steps = isAsked && proposal.patch === null ? cardAdvice(proposal).slice(0, SHOWN_STEPS) : []
  const lines: readonly Line[] = [
    ...status.now.map(text => ({ text })),
    ...becauseOf(proposal).map(text => ({ text, rank: offers ? SAID_BY_CHANGE : 0 })),
    ...(proposal.status === 'open' && !recommended ? freezeLine(mode, nowMs) : []).map(text => ({ text })),
    ...(isAsked ? first(proposal, nowMs) : []).map((line, at) => ({
      ...line,
      rank: at === 0 ? FIRST_WARNING : LATER_WARNING,
    })),
    ...(isAsked ? [{ text: summary(proposal, config) }] : []),
    ...(isAsked ? [] : correction(proposal)).map(text => ({ text: warning(text), rank: BELOW })),
    ...(standing ? lostSince(proposal) : []).map(text => ({ text, rank: isAsked ? LESS : BELOW })),
    ...(offers ? gain(proposal) : []),
    ...(standing ? changeOf(proposal) : []).map(text => ({ text, rank: offers ? 0 : BELOW })),
    ...(recommended ? [] : status.asks).map(text => ({ text })),
  ]
  const { above, below } = placed(lines, steps, MAX_WORDS - wordsOf(title))
  return {
    proposalId: proposal.id,
    tone,
    headline: title,
    lines: above.lines,
    advice: above.steps,
    buttons: shown,
    changes: proposal.status === 'open' && !recommended && context.needed > 1 ? shownChanges(proposal) : [],
    status: [
      ...below,
      ...(recommended ? recommendation(proposal, mode, config) : status.more),
      ...(offers && !recommended ? [undoLine(proposal, config, nowMs, primary)] : []),
      // What is to be kept allows it.
      ...(offers && keepsGrantUntil(proposal) === null ? [causeLine(proposal)] : []),
      deniedLine(proposal, config),
      ...unseen(proposal),
      ...deployLines(deploys, CONSOLE),
      ...(standing ? deployNeeds(proposal) : []),
    ],
    notification: notification(proposal, context),
  }
}

/**
 * Ranks: above the buttons if it fits, in the order in which others make room; never above them. Without a rank: event, risk, change and
 * who may approve, which nobody is to press before they have read them.
 */
const GAIN = 1
const SAID_BY_CHANGE = 2
const FIRST_WARNING = 3
const LESS = 4
const LATER_WARNING = 5
const FIRST_STEP = 6
const BELOW = 9

/** Moves whole sentences below the buttons until the rest fits. */
function placed(lines: readonly Line[], steps: readonly Advice[], most: number) {
  const ranked = [
    ...lines.map((line, at) => ({ at, words: wordsOf(line.text), rank: line.rank ?? 0 })),
    ...steps.map(({ text }, at) => ({ at: lines.length + at, words: wordsOf(text), rank: FIRST_STEP + at })),
  ]
  const moved = new Set(ranked.filter(({ rank }) => rank >= BELOW).map(({ at }) => at))
  const left = () => ranked.filter(({ at }) => !moved.has(at))
  const next = () => left().toSorted((a, b) => b.rank - a.rank)[0]
  for (let one = next(); one !== undefined && one.rank > 0 && sum(left()) > most; one = next()) moved.add(one.at)
  const isMoved = (at: number) => moved.has(at)
  return {
    above: {
      // No sentence of ours is as long: only outside text is.
      lines: withinTotal(
        lines.filter((_, at) => !isMoved(at)).map(({ text }) => text),
        LONGEST_SENTENCES,
      ),
      steps: steps.filter((_, at) => !isMoved(lines.length + at)),
    },
    below: [
      ...lines
        .map(({ text, more = [], whole = text }, at) => (isMoved(at) ? whole : more))
        .filter(({ length }) => length > 0),
      ...steps
        .filter((_, at) => isMoved(lines.length + at))
        .map(({ text, command }) => (command === null ? richText`→ ${text}` : richText`→ ${text} ${code(command)}`)),
    ],
  }
}

const sum = (lines: readonly { readonly words: number }[]): number => lines.reduce((all, { words }) => all + words, 0)
const LONGEST_SENTENCES = 90

/** Risk and account; or why there is nothing to approve. */
function summary(proposal: Proposal, config: Config): RichText {
  const { denial, verification, patch } = proposal
  const where = denial.accountId === null ? [] : richText` in ${accountAlias(denial.accountId, config)}`
  if (patch === null) {
    const { state } = cardStateOf(proposal)
    return richText`${strong(state)}${where}. ${causeLine(proposal, state === LIKELY_CAUSE ? 'likely' : null)}`
  }
  if (verification === null) return richText`${strong('Risk unknown')}${where}.`
  const { risk } = verification
  return richText`${RISK_SYMBOLS[risk]} ${strong(riskName(risk))}${where}.`
}

/** What it could become. Of a low risk only if there is something to say. */
function gain({ verification }: Proposal): readonly Line[] {
  if (verification === null) return []
  const isWarned = hasWarning(verification)
  if (verification.risk === 'low' && !isWarned) return []
  const { brief, more } = gainInBrief(verification)
  return [
    {
      text: brief,
      rank: isWarned && verification.risk !== 'low' ? GAIN : LESS,
      more: more.length === 0 ? [] : richText`${strong('Risk:')}${more}`,
      whole: riskLine(verification),
    },
  ]
}

const RISK_SYMBOLS = { low: own('🟢'), elevated: own('🟡'), high: own('🔴') }

function lostSince(proposal: Proposal): readonly RichText[] {
  const line = changedLine(proposal)
  return line === null ? [] : [line]
}

function changeOf(proposal: Proposal): readonly RichText[] {
  const change = proposal.patch === null ? null : changeLine(changesOf(proposal), proposal)
  return change === null ? [] : [richText`${strong('Change:')} ${change}`]
}

/** For a lock screen: risk, what, account, by whom. */
function notification(proposal: Proposal, context: CardContext): RichText {
  const { config, mode, nowMs } = context
  const { denial, verification, patch } = proposal
  const where = denial.accountId === null ? [] : richText` in ${accountAlias(denial.accountId, config)}`
  const title = headline(proposal).text
  if (!isUndecided(proposal))
    return joined([richText`${title}${where}.`, approversInBrief(proposal)].filter(isSaid), ' ')
  const denied = proposal.deploy === null ? [] : richText`, ${denialTitle(denial)}`
  if (patch === null) return richText`${own(cardStateOf(proposal).state)}: ${title}${denied}${where}.`
  const risk = verification === null ? 'Risk unknown' : riskName(verification.risk)
  const isAsked = proposal.status === 'open' && modeRefusal(mode) === null && freezeRefusal(mode, nowMs) === null
  const asks = isAsked ? approvalsInBrief(proposal, context, nowMs) : []
  return joined([richText`${own(risk)}: ${title}${denied}${where}.`, asks].filter(isSaid), ' ')
}

const isSaid = ({ length }: RichText): boolean => length > 0

const isRecommended = ({ status, patch }: Proposal, { mode }: AppliedMode): boolean =>
  mode !== 'approve' && patch !== null && (status === 'drafted' || status === 'open')

/** Which buttons are missing, and whom to ask. */
function freezeLine({ freezes = [] }: AppliedMode, nowMs: number): readonly RichText[] {
  const frozen = frozenBetween(freezes, nowMs, nowMs)
  if (frozen === null) return []
  const end = frozen.endsAtMs === null ? [] : richText` until ${time(frozen.endsAtMs)}`
  return [richText`🧊 Frozen${end}: ${frozen.name}. Ask ${frozen.owner}.`]
}

/** In these statuses the change is written or about to be written, so it stays on the card. */
const STANDS = new Set<Proposal['status']>(['approved', 'applying', 'applied', 'confirmed', 'reverting'])

/** What a person must read first: another approval changed the card, an earlier grant did not help, others manage the entity. */
function first(proposal: Proposal, nowMs: number): readonly Pick<Line, 'text' | 'more' | 'whole'>[] {
  const wholes = managedElsewhere(proposal.verification)
  const managed = managedInBrief(proposal.verification).map((brief, at) => {
    const whole = wholes[at] ?? brief
    return { text: warning(brief), more: isSame(brief, whole) ? [] : warning(whole), whole: warning(whole) }
  })
  const before = [...correction(proposal), ...contentChanged(proposal), ...earlier(proposal, nowMs)].map(text => ({
    text: warning(text),
  }))
  return [...before, ...managed].slice(0, 2)
}

const isSame = (a: RichText, b: RichText): boolean => asPlainText(a) === asPlainText(b)
const warning = (line: RichText): RichText => richText`⚠️ ${line}`

const CHANGED: { readonly [because in ContentChange['because']]: string } = {
  approval: 'Changed after another approval',
  revert: 'Changed after another change was reverted',
  deploy: 'Changed, as its deploy failed and needs more',
  record: "Changed, as CloudTrail's own record has come",
  choice: 'Narrowed to this denial alone',
  restore: 'Changed to what was lost',
  solved: 'Changed, as the denied call worked later',
}

/** Which of two records this card is of. */
function correction({ correction: seen }: Proposal): readonly RichText[] {
  if (seen === undefined) return []
  const other = code(seen.proposalId)
  return seen.kind === 'corrects'
    ? [richText`${strong('This corrects an earlier record of CloudTrail')}, which proposal ${other} is of.`]
    : [
        richText`${strong('CloudTrail has corrected the record of this card')}: proposal ${other} is of what it says now.`,
      ]
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

/** What broke the deploy of the headline. */
function becauseOf(proposal: Proposal): readonly RichText[] {
  const { denial, deploy } = proposal
  if (deploy === null || !isUndecided(proposal)) return []
  const [run] = deploy.failed ?? []
  const because = own(run?.isSure === false || deploy.title.startsWith('probably ') ? 'Probably because ' : 'Because ')
  return [richText`${because}${denialTitle(denial)}.`]
}

/** By which call, where and how often it was denied, without what the headline says. */
function deniedLine(proposal: Proposal, config: Config): RichText {
  const { denial, deploy, repeats } = proposal
  const often =
    repeats.count <= 1
      ? richText`${time(repeats.lastSeenMs)}`
      : richText`${own(plural(repeats.count, 'time'))}, last ${time(repeats.lastSeenMs)}`
  const where = richText`in ${accountName(denial.accountId, config)}, ${denial.region ?? 'Region unknown'}`
  const [run] = deploy?.failed ?? []
  const page =
    run !== undefined && linkableUrl(run.link, CONSOLE) !== null
      ? richText` ${link('Open it in the console', run.link)}.`
      : []
  const broke = deploy === null || isUndecided(proposal) ? [] : richText` It broke ${deploy.title}.`
  return richText`${strong('Denied:')} ${caller(proposal)}${callName(denial)} ${where}, ${often}.${broke}${page}`
}

/** Stored links may have been changed, so only AWS's own console may be opened. */
const CONSOLE = ['aws.amazon.com', 'amazonaws.cn', 'amazonaws-us-gov.com', 'amazonaws-eusc.eu'].flatMap(host => [
  `console.${host}`,
  `*.console.${host}`,
])

/** A session name is shown only where nothing better is known of it. */
function caller(proposal: Proposal): RichText {
  const [run] = runOf(proposal)
  if (run !== undefined) return richText`${run}, `
  const { sessionName: session, name } = proposal.denial.principal
  return session === null || session === name ? [] : richText`session ${session}, `
}

function callName({ call: { eventName }, via }: Denial): RichText {
  const agent = isAgentServer(via) ? richText`, by an agent,` : []
  return eventName === null ? richText`A call without a name${agent}` : richText`${code(eventName)}${agent}`
}

function unseen(proposal: Proposal): readonly RichText[] {
  if (proposal.status !== 'open' || proposal.verification === null) return []
  const line = unseenLine(proposal.verification)
  return line === null ? [] : [line]
}

/** An earlier grant for the same denial may still be in IAM without use. Reverting it comes before granting more. */
function earlier({ previous }: Proposal, nowMs: number): readonly RichText[] {
  if (previous === null) return []
  if (previous.renewedUntilMs !== undefined) {
    const ends = strong(`This grant ${previous.renewedUntilMs <= nowMs ? 'ended' : 'ends'}`)
    return [richText`${ends} ${time(previous.renewedUntilMs)}.`]
  }
  switch (previous.status) {
    case 'applied':
    case 'confirmed':
    case 'reverting':
      return [
        richText`${strong('An earlier grant did not help.')} ${own(previous.withdrawn === true ? 'This change withdraws it.' : 'Revert it first.')}`,
      ]
    case 'rejected':
      return [richText`This was rejected, or left to a pull request, before and is still being denied.`]
    case 'expired':
      return [richText`An earlier card for this expired undecided.`]
    case 'failed':
      return [richText`An earlier change for this was approved and not written${because(previous)}`]
    case 'stale':
      return [richText`The earlier card went out of date; its approvals do not count here.`]
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
    headline: richText`What changed before ${denialTitle(proposal.denial)}`,
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
