/** Who may decide what, now: used when a card is rendered and when its button is pressed. */

import {
  type Fact,
  fail,
  HOUR_MS,
  never,
  ok,
  plural,
  type Refusal,
  type Result,
  type RichText,
  utc,
} from '../../../core/base/index.ts'
import { isTooOld } from '../../../core/denial/index.ts'
import type { PolicyDocument } from '../../../core/iam/index.ts'
import type { Risk } from '../../../core/patch/index.ts'
import { isOfNow, peopleAmong, type RequesterClaim, type WorkspaceMembership } from '../authority/index.ts'
import {
  type AppliedMode,
  type Asked,
  askedAt,
  CHAT,
  frozenBetween,
  isTicket,
  modeInWords,
  type PermanentGrants,
} from '../config/index.ts'
import type { ChatUserId, Person } from '../messages/index.ts'
import { type Click, type DecidingAction, isGranting } from './click.ts'
import { type MemberSince, tooYoung, youthInWords, youthOf } from './member-age.ts'
import type {
  Applied,
  Approval,
  Approved,
  Change,
  Confirmed,
  Decided,
  GrantUse,
  Open,
  Proposal,
  Ratification,
  Rejected,
  Reverting,
} from './proposal.ts'
import { brokenGlassOf, keepsGrantUntil, ratificationOf } from './proposal.ts'
import {
  approved,
  approvedBy,
  keptBy,
  leftToCode,
  narrowed,
  notRatified,
  type Ratifiable,
  ratifiedBy,
  rejected,
  restored,
  reverting,
} from './transitions.ts'
import { whatHappened } from './what-happened.ts'

/** Whose request was denied. `machine`: nobody's. `unknown`: a person's, and it cannot be seen whose. */
export type Requester =
  | { readonly kind: 'machine' }
  | { readonly kind: 'person'; readonly userId: ChatUserId }
  /** `claimed`, `alsoClaimed`: the users whom the session claims to be, who may not approve either; null: it claims nobody. */
  | {
      readonly kind: 'unknown'
      readonly why: string
      readonly claimed: ChatUserId | null
      readonly alsoClaimed?: readonly ChatUserId[]
    }

/** What configuration and chat say about one person and one proposal. What is unknown counts as no. */
export type Eligibility = {
  readonly membership: Fact<WorkspaceMembership>
  readonly approver: Fact<boolean>
  readonly breakGlass: Fact<boolean>
  readonly requester: Requester
  /** Ids of those who have approved, and may not any more. */
  readonly lapsed: readonly string[]
  /** Length of a limited grant; null: not offered. */
  readonly limitedGrantHours: number | null
  /** Whether a grant may have no end. */
  readonly permanent: PermanentGrants
  /** Length of a grant that a pull request replaces. */
  readonly bridgeHours: number
  /** Of the accounts that the change reaches, by the configuration. */
  readonly mode: AppliedMode
  /** Since when in the group that makes them an approver. */
  readonly memberSinceMs?: MemberSince
  /** As the chat has verified it. Absent: it was not asked for, or is not known. */
  readonly address?: string
}

/** A decision that moves the proposal. */
export type AcceptedDecision =
  /** `next` is `approved` once enough people have approved. */
  | { readonly kind: 'approved'; readonly next: Open | Approved; readonly breakGlass: boolean }
  | { readonly kind: 'rejected'; readonly next: Rejected }
  | { readonly kind: 'reverting'; readonly next: Reverting }
  | { readonly kind: 'kept'; readonly next: (Applied | Confirmed) & { readonly use: GrantUse } }
  | { readonly kind: 'ratified' | 'not-ratified'; readonly next: Ratifiable & { readonly ratification: Ratification } }

export type DecisionOutcome =
  | AcceptedDecision
  /** This person has already approved, and counts once. */
  | { readonly kind: 'counted'; readonly missing: number }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/** Why the proposal as it stands allows this to nobody; null: to those who are eligible. A card draws a button exactly when null. */
export function closedTo(action: DecidingAction, proposal: Proposal, mode: AppliedMode, nowMs: number): Refusal | null {
  const opening = openingOf(action, proposal, nowMs)
  if (!opening.ok) return opening.error
  // What stands can be reverted or kept in every mode.
  const byMode = isAboutGrant(action) || isAboutGlass(action) ? null : modeRefusal(mode, action)
  if (byMode !== null) return byMode
  // Break-glass is for what cannot wait for the end of a freeze.
  const byFreeze = isGranting(action) ? freezeRefusal(mode, nowMs) : null
  if (byFreeze !== null) return byFreeze
  if (keepsGrantUntil(proposal) !== null && !isAboutGrant(action) && !KEEPING.includes(action)) return ONLY_KEPT
  if (asksForPull(action) && proposal.code === undefined) return NO_REPOSITORY
  if (action === 'approve-restore' && offeredRestore(proposal) === null) return NOTHING_LOST
  return action === 'approve-alone' && (proposal.template?.alone ?? null) === null ? NOTHING_APART : null
}

/** For how long a choice stands that has one button; null: without end. A person may ask again; a machine's next deploy is denied again. */
export const hoursOfChoice = (
  { kind }: { readonly kind: RequesterClaim['kind'] },
  limitedGrantHours: number | null,
): number | null => (kind === 'machine' ? null : limitedGrantHours)

/** The change that this action takes instead of the one on the card. Null: that one. */
export function choiceOf(
  action: DecidingAction,
  proposal: Pick<Proposal, 'template' | 'whatChanged' | 'restore'>,
): Change | null {
  if (action === 'approve-alone') return proposal.template?.alone ?? null
  return action === 'approve-restore' ? (offeredRestore(proposal)?.change ?? null) : null
}

/** The change that gives back what was lost, with the statements. Null: the card does not offer it. */
export function offeredRestore({
  whatChanged,
  restore,
}: Pick<Proposal, 'whatChanged' | 'restore'>): { readonly change: Change; readonly lost: PolicyDocument } | null {
  if (restore?.kind !== 'offered' || whatChanged?.outcome !== 'found' || whatChanged.lost === null) return null
  return { change: restore.change, lost: whatChanged.lost }
}

/** Of a refusal because of the mode: `verify` gives it too. */
const MODE_TOO_LOW = 'mode-too-low'

/** Why nothing may be approved in this mode; null: it may. */
export function modeRefusal(applied: AppliedMode, action: DecidingAction = 'approve'): Refusal | null {
  const { mode, setting, unread, isDeployed } = applied
  if (mode === 'approve') return null
  // It writes nothing to IAM.
  if (action === 'pull-only' && mode === 'recommend') return null
  if (isDeployed === true) return refusal(MODE_TOO_LOW, `Nothing is approved here, as ${modeInWords(applied)}.`)
  const seen = unread === null ? '' : `, as it cannot be seen in which organizational unit the account is: ${unread}`
  return refusal(
    MODE_TOO_LOW,
    `The mode of this account is ${mode} (${setting} in rolemedic.config.json${seen}), so nothing is approved here.`,
  )
}

/** Why nothing may be granted now, or until then; null: nothing is frozen. */
export function freezeRefusal({ freezes = [] }: AppliedMode, nowMs: number, untilMs = nowMs): Refusal | null {
  const frozen = frozenBetween(freezes, nowMs, untilMs)
  if (frozen === null) return null
  const { name, owner, endsAtMs } = frozen
  const end = endsAtMs === null ? '' : `, until ${utc(endsAtMs)}`
  return { code: 'freeze', message: `Nothing is granted in this freeze: ${name}${end}. Ask ${owner}.`, owner }
}

const asksForPull = (action: DecidingAction): boolean => action === 'approve-with-pull' || action === 'pull-only'

const NO_REPOSITORY = refusal(
  'no-repository',
  'No one repository is configured for the code of this change: see "repositories" in rolemedic.config.json.',
)
const NOTHING_LOST = refusal('nothing-lost', 'This card does not offer to restore anything.')
const NOTHING_APART = refusal('nothing-apart', 'This card holds one denial only: approve that.')
/** On the card that asks whether a grant is to stay after its end. */
const KEEPING: readonly DecidingAction[] = ['approve', 'reject', 'ratify', 'ratify-and-ask', 'not-ratify']
const ONLY_KEPT = refusal('not-offered', 'This card keeps a grant without an end, or lets it end.')
const STILL_STANDS = refusal('still-stands', 'The grant is not taken away yet: ask for another one once it is.')
const TOO_OLD_TO_GRANT = refusal(
  'denial-too-old',
  'The denial is too old by now to grant for it: ratify it without, and the next denial gets its card.',
)
const NOTHING_TO_DECIDE = refusal('nothing-to-decide', 'There is no change to decide on this card.')

function decidable(proposal: Proposal, nowMs: number): Result<Open, Refusal> {
  if (proposal.patch === null) return fail(NOTHING_TO_DECIDE)
  if (proposal.status === 'drafted')
    return fail(refusal('not-posted', 'The card is still being posted. Try again in a minute.'))
  if (proposal.status !== 'open') return fail(refusal('already-decided', whatHappened(proposal)))
  if (nowMs >= proposal.expiresAtMs)
    return fail(refusal('expired', 'The time to decide has run out. If it is denied again, a new card will come.'))
  return ok(proposal)
}

function revertible(proposal: Proposal): Result<Applied | Confirmed, Refusal> {
  if (proposal.patch === null) return fail(NOTHING_TO_DECIDE)
  return proposal.status === 'applied' || proposal.status === 'confirmed'
    ? ok(proposal)
    : fail(refusal('not-applied', whatHappened(proposal)))
}

const isAboutGrant = (action: DecidingAction): boolean => action === 'revert' || action === 'keep'
const isAboutGlass = (action: DecidingAction): action is 'ratify' | 'ratify-and-ask' | 'not-ratify' =>
  action === 'ratify' || action === 'ratify-and-ask' || action === 'not-ratify'
/** Of something that was granted: whatever the mode is now, it opens nothing. */
export const isAfterwards = (action: DecidingAction): boolean => isAboutGrant(action) || isAboutGlass(action)

function openingOf(action: DecidingAction, proposal: Proposal, nowMs: number): Result<Proposal, Refusal> {
  switch (action) {
    case 'revert':
      return revertible(proposal)
    case 'keep':
      return questioned(proposal)
    case 'ratify':
    case 'not-ratify':
      return ratifiable(proposal)
    case 'ratify-and-ask': {
      const asked = ratifiable(proposal)
      if (!asked.ok) return asked
      if (asked.value.status !== 'reverted') return fail(STILL_STANDS)
      return isTooOld(proposal.denial, nowMs) ? fail(TOO_OLD_TO_GRANT) : asked
    }
    default:
      return decidable(proposal, nowMs)
  }
}

type Questioned = (Applied | Confirmed) & { readonly use: GrantUse }

/** A grant stands, and a card asks whether it is still needed. */
function questioned(proposal: Proposal): Result<Questioned, Refusal> {
  const standing = revertible(proposal)
  if (!standing.ok) return standing
  const { use } = standing.value
  if (use === undefined || use.question === null) return fail(refusal('not-asked', 'Nobody asks about this grant.'))
  if (use.kept !== null && use.kept.atMs >= use.question.atMs)
    return fail(refusal('already-kept', `${use.kept.by.name} (${use.kept.by.id}) has kept it already.`))
  return ok({ ...standing.value, use })
}

type Unratified = Ratifiable & { readonly ratification: Ratification }

/** The morning after a break-glass, as long as it is not answered. */
function ratifiable(proposal: Proposal): Result<Unratified, Refusal> {
  if (proposal.patch === null) return fail(NOTHING_TO_DECIDE)
  const { status } = proposal
  const ratification = ratificationOf(proposal)
  if (ratification === null || (status !== 'applied' && status !== 'confirmed' && status !== 'reverted'))
    return fail(refusal('not-asked', 'Nobody asks whether this break-glass was right.'))
  const { declined, needed, by } = ratification
  if (declined !== null)
    return fail(refusal('already-answered', `${declined.by.name} (${declined.by.id}) has not ratified it.`))
  if (by.length >= needed) return fail(refusal('already-answered', 'It is ratified already.'))
  return ok({ ...proposal, ratification })
}

/** The code of a refusal that the form itself can show, as the person still has it open. */
export const REASON_MISSING = 'reason-missing'

/** How many different people must approve: by risk, by certainty, and two when a person was denied who cannot be named. */
export function approvalsNeeded(
  { verification, diagnosis }: Pick<Proposal, 'verification' | 'diagnosis'>,
  requester: Requester,
): number {
  const byRisk = verification?.approvers ?? 2
  const byCertainty = diagnosis.verdict === 'proved' ? 1 : 2
  return Math.max(1, byRisk, byCertainty, requester.kind === 'unknown' ? 2 : 1)
}

/** How many people a grant without end takes at least; null: it is not offered. Who cannot be named counts as a person. */
export function permanentNeeded(
  permanent: PermanentGrants,
  { kind }: { readonly kind: RequesterClaim['kind'] },
): number | null {
  const rule = kind === 'machine' ? permanent.machines : permanent.people
  switch (rule) {
    case 'never':
      return null
    case 'two-approvers':
      return 2
    case 'always':
      return 1
    default:
      return never(rule)
  }
}

/** As many as for any grant, and those that a grant without end takes. */
export function approvalsNeededUntil(
  endsAtMs: number | null,
  proposal: Pick<Proposal, 'verification' | 'diagnosis'>,
  requester: Requester,
  permanent: PermanentGrants,
): number {
  const least = endsAtMs === null ? (permanentNeeded(permanent, requester) ?? 2) : 1
  return Math.max(approvalsNeeded(proposal, requester), least)
}

/** An approval that was given while more were needed, as before CloudTrail confirmed the denial, still asks for as many: `verify` counts so too. */
export function approvalsNeededWith(
  proposal: Pick<Proposal, 'verification' | 'diagnosis'>,
  requester: Requester,
  given: readonly Approval[],
): number {
  const asked = given.map(({ signed }) => signed?.decision.approversNeeded ?? 1)
  return Math.max(approvalsNeeded(proposal, requester), ...asked)
}

/** Why this person may not do this now; null: they may. Asked before a form opens, and by `decide()` itself. */
export function ineligible(seen: Proposal, pressed: Click, eligibility: Eligibility, nowMs: number): Refusal | null {
  const { proposal, click } = apart(seen, pressed, eligibility, nowMs)
  return (
    closedTo(click.action, proposal, eligibility.mode, nowMs) ??
    outdatedButton(proposal, click) ??
    outdatedTime(click, eligibility) ??
    ineligiblePerson(click, eligibility) ??
    ownGlass(proposal, click, eligibility)
  )
}

/**
 * Who takes the denial alone, or what was lost, decides on a card that holds nothing else: the change, its checks and its approvals are
 * those of the choice from then on.
 */
function apart(
  proposal: Proposal,
  click: Click,
  { requester, limitedGrantHours }: Eligibility,
  nowMs: number,
): { readonly proposal: Proposal; readonly click: Click } {
  const chosen = click.action === 'approve-alone' || click.action === 'approve-restore'
  if (!chosen || proposal.status !== 'open') return { proposal, click }
  const action = hoursOfChoice(requester, limitedGrantHours) === null ? 'approve' : 'approve-limited'
  const alone = proposal.template?.alone ?? null
  const lost = offeredRestore(proposal)
  if (click.action === 'approve-alone' && alone !== null)
    return { proposal: narrowed(proposal, alone, nowMs), click: { ...click, action } }
  if (click.action === 'approve-restore' && lost !== null)
    return { proposal: restored(proposal, lost.change, lost.lost, nowMs), click: { ...click, action } }
  return { proposal, click }
}

export function decide(seen: Proposal, pressed: Click, eligibility: Eligibility, nowMs: number): DecisionOutcome {
  const { proposal, click } = apart(seen, pressed, eligibility, nowMs)
  const no = ineligible(proposal, click, eligibility, nowMs)
  if (no !== null) return { kind: 'refused', refusal: no }
  if (click.action === 'revert') {
    const standing = revertible(proposal)
    return standing.ok
      ? { kind: 'reverting', next: reverting(standing.value, click.by, nowMs) }
      : { kind: 'refused', refusal: standing.error }
  }
  if (click.action === 'keep') {
    const asked = questioned(proposal)
    return asked.ok
      ? { kind: 'kept', next: keptBy(asked.value, asked.value.use, click.by, nowMs) }
      : { kind: 'refused', refusal: asked.error }
  }
  if (isAboutGlass(click.action)) {
    const asked = ratifiable(proposal)
    return asked.ok ? ratify(asked.value, click, eligibility, nowMs) : { kind: 'refused', refusal: asked.error }
  }
  const open = decidable(proposal, nowMs)
  return open.ok ? decideOpen(open.value, click, eligibility, nowMs) : { kind: 'refused', refusal: open.error }
}

function ratify(proposal: Unratified, click: Click, eligibility: Eligibility, nowMs: number): DecisionOutcome {
  const { requester, memberSinceMs } = eligibility
  const { ratification } = proposal
  const youth = tooYoung(memberSinceMs, nowMs, riskOf(proposal))
  if (youth !== null) return refused('new-member', `Your answer does not count: ${youthInWords(youth)}.`)
  if (click.action === 'not-ratify') {
    const reason = click.reason?.trim() ?? ''
    if (reason === '') return refused(REASON_MISSING, 'Say why not: it is recorded.')
    return { kind: 'not-ratified', next: notRatified(proposal, ratification, click.by, reason, nowMs) }
  }
  const needed = Math.max(ratification.needed, approvalsNeeded(proposal, requester))
  if (ratification.by.some(given => isBySame(given, click, eligibility)))
    return { kind: 'counted', missing: needed - ratification.by.length }
  const before = click.action === 'ratify-and-ask' ? { ...ratification, asksForGrant: true as const } : ratification
  return { kind: 'ratified', next: ratifiedBy(proposal, before, click.by, needed, nowMs) }
}

function decideOpen(proposal: Open, click: Click, eligibility: Eligibility, nowMs: number): DecisionOutcome {
  switch (click.action) {
    case 'approve':
      return permanentNeeded(eligibility.permanent, eligibility.requester) === null
        ? refused('not-offered', NO_END_OFF)
        : approve(proposal, click, eligibility, null, nowMs)
    case 'approve-alone':
      return { kind: 'refused', refusal: NOTHING_APART }
    case 'approve-restore':
      return { kind: 'refused', refusal: NOTHING_LOST }
    case 'approve-limited':
      return eligibility.limitedGrantHours === null
        ? refused('not-offered', 'Approval for a limited time is switched off.')
        : approve(proposal, click, eligibility, eligibility.limitedGrantHours, nowMs)
    case 'break-glass':
      return approve(proposal, click, eligibility, breakGlassHours(eligibility), nowMs)
    case 'approve-with-pull':
      return approve(proposal, click, eligibility, eligibility.bridgeHours, nowMs)
    case 'pull-only':
      return { kind: 'rejected', next: leftToCode(proposal, click.by, nowMs) }
    case 'reject': {
      const reason = click.reason?.trim() ?? ''
      if (reason === '') return refused(REASON_MISSING, 'Say why: the people who wait for it read this.')
      return { kind: 'rejected', next: rejected(proposal, click.by, reason, nowMs) }
    }
    case 'revert':
    case 'keep':
    case 'ratify':
    case 'ratify-and-ask':
    case 'not-ratify':
      return refused('not-applied', whatHappened(proposal))
    default:
      return never(click.action)
  }
}

/** What a card says about deciding. */
export type ApprovalSummary = {
  readonly needed: number
  /** Why more are needed than the risk asks for; null: they are not. */
  readonly because: string | null
  readonly mayApprove: RichText
  /** Ids of those whose approvals count. Not in it: who is an approver no more, whose time is over, and the requester. */
  readonly had: readonly ChatUserId[]
  /** An approver who may not approve this one, as it is their own request or the session claims so; null: none. */
  readonly leftOut: ChatUserId | null
  /** How many people may approve, those who have done so among them; null: it cannot be seen, or it is enough. */
  readonly tooFew: number | null
  /** As many people as a grant without end takes may approve, or it cannot be seen. Absent: they may. */
  readonly mayBeEndless?: boolean
  /** The settings that name who may approve, as paths in `rolemedic.config.json`. */
  readonly settings: readonly string[]
  /** Groups of these settings that have no members. */
  readonly emptyGroups: readonly string[]
  readonly requester: Requester
}

type Shortage = Pick<ApprovalSummary, 'needed' | 'tooFew'> &
  Partial<Pick<ApprovalSummary, 'settings' | 'emptyGroups' | 'leftOut'>>

/** Where approvals can never be enough, with the setting to change; null: they can, or it cannot be seen. */
export function tooFewInWords({
  needed,
  tooFew,
  settings = ['approvers'],
  emptyGroups = [],
  leftOut = null,
}: Shortage): string | null {
  if (tooFew === null) return null
  const who =
    tooFew === 0
      ? leftOut === null
        ? 'Nobody may approve this'
        : 'The only approver is the person who was denied'
      : `Only ${tooFew} of the ${plural(needed, 'person', 'people')} needed may approve`
  const empty = emptyGroups.map(group => ` Group ${group} has no members.`).join('')
  const where = settings.map(setting => `"${setting}"`).join(' and ')
  const both = settings.length > 1 ? ', the same people in both' : ''
  return `${who}: add approvers to ${where} in rolemedic.config.json${both}.${empty}`
}

/** Break-glass needs no second approver: it is for the night when nobody else can be reached, and is announced. */
export function isQuorate(approvals: readonly Approval[], needed: number, address: string | null = null): boolean {
  return approvals.some(approval => approval.reason !== null) || peopleIn(approvals, address) >= needed
}

/** As `write` counts them. `address`: the verified one of the person who presses now, whose approval is not signed yet. */
export const peopleIn = (approvals: readonly Approval[], address: string | null = null): number =>
  peopleAmong(
    approvals.map(({ by, signed }) =>
      signed !== null && isOfNow(signed.decision)
        ? signed.decision
        : {
            by: { ...by, chat: CHAT, userId: by.id, teamId: null, email: signed === null ? address : null },
            passkey: null,
          },
    ),
  ).length

/** Nobody approves what they were denied themselves: the rule of the card and of the button. */
export const isOwnRequest = (requester: Requester, userId: ChatUserId): boolean =>
  whoseRequest(requester).includes(userId)

/** Who was denied, or may have been: the session claims it. */
export function whoseRequest(requester: Requester): readonly ChatUserId[] {
  switch (requester.kind) {
    case 'machine':
      return []
    case 'person':
      return [requester.userId]
    case 'unknown':
      return [...(requester.claimed === null ? [] : [requester.claimed]), ...(requester.alsoClaimed ?? [])]
    default:
      return never(requester)
  }
}

/**
 * An earlier approval does not count once it is seen that it was the requester's own, its giver is an approver no more, or
 * the time that it was given for is over; nor that of a new member.
 */
function counting(
  { approvals, verification }: Pick<Open, 'approvals' | 'verification'>,
  { requester, lapsed }: Eligibility,
  nowMs: number,
): readonly Approval[] {
  return notOver(approvals, nowMs).filter(
    one =>
      !isOwnRequest(requester, one.by.id) &&
      !lapsed.includes(one.by.id) &&
      youthOf(one, riskOf({ verification })) === null,
  )
}

/** Of what was not judged: the highest. */
export const riskOf = ({ verification }: Pick<Proposal, 'verification'>): Risk => verification?.risk ?? 'high'

/** Infinite: without end. */
export const endsAt = ({ atMs, limitHours }: Approval): number =>
  limitHours === null ? Number.POSITIVE_INFINITY : atMs + limitHours * HOUR_MS

/** Those whose time is not over: nobody asked for a grant that is over before it begins. */
export const notOver = (approvals: readonly Approval[], nowMs: number): readonly Approval[] =>
  withoutReplaced(approvals).filter(approval => endsAt(approval) > nowMs)

/** Who approved without an end, and for a limited time since, waits for no second person any more. */
export const withoutReplaced = (approvals: readonly Approval[]): readonly Approval[] =>
  approvals.filter(
    ({ by, atMs, limitHours }) =>
      limitHours !== null ||
      !approvals.some(later => later.by.id === by.id && later.limitHours !== null && later.atMs >= atMs),
  )

/** Those that were in time when the last one was given, in whatever order they are stored. */
export const inTimeAtDecision = (approvals: readonly Approval[]): readonly Approval[] =>
  notOver(approvals, Math.max(0, ...approvals.map(({ atMs }) => atMs)))

/** Null: all approved for the same time. Else what counts, and whose choice it was. */
export function shortestOf(
  given: readonly Approval[],
): { readonly hours: number; readonly by: readonly Person[] } | null {
  const approvals = inTimeAtDecision(given)
  const hours = Math.min(...approvals.map(each => each.limitHours ?? Number.POSITIVE_INFINITY))
  const by = approvals.filter(each => each.limitHours === hours).map(each => each.by)
  return by.length === approvals.length || by.length === 0 ? null : { hours, by }
}

/** The earliest end; null: none has one. */
export function endOf(approvals: readonly Approval[]): number | null {
  const endsAtMs = Math.min(...approvals.map(endsAt))
  return Number.isFinite(endsAtMs) ? endsAtMs : null
}

/** What one person alone approves never stands longer. */
export const MAX_BREAK_GLASS_HOURS = 4

/** Also where nothing else is granted for a limited time. */
export const breakGlassHours = ({ limitedGrantHours }: Pick<Eligibility, 'limitedGrantHours'>): number =>
  Math.min(limitedGrantHours ?? MAX_BREAK_GLASS_HOURS, MAX_BREAK_GLASS_HOURS)

function approve(
  proposal: Open,
  click: Click,
  eligibility: Eligibility,
  limitHours: number | null,
  nowMs: number,
): DecisionOutcome {
  const breakGlass = click.action === 'break-glass'
  const reason = breakGlass ? (click.reason?.trim() ?? '') : null
  if (reason === '') return refused(REASON_MISSING, 'Break-glass needs a reason.')
  const unanswered = missingNote(click, askedFor(proposal, click.action, eligibility.mode))
  if (unanswered !== null) return { kind: 'refused', refusal: unanswered }
  const withPull = click.action === 'approve-with-pull' ? { pullRequest: true as const } : {}
  const approval: Approval = { by: click.by, atMs: nowMs, limitHours, reason, ...withPull, signed: null }
  const youth = tooYoung(eligibility.memberSinceMs, nowMs, riskOf(proposal))
  // On record and on the card once; nobody alone breaks the glass with it.
  if (youth !== null && (breakGlass || proposal.approvals.some(({ by }) => by.id === click.by.id)))
    return refused('new-member', `Your approval does not count: ${youthInWords(youth)}.`)
  const given = youth === null ? [...proposal.approvals, approval] : proposal.approvals
  const counted = counting({ ...proposal, approvals: given }, eligibility, nowMs)
  const { requester, permanent } = eligibility
  const isEndless = counted.every(one => one.limitHours === null)
  const least = isEndless ? (permanentNeeded(permanent, requester) ?? 2) : 1
  const needed = Math.max(approvalsNeededWith(proposal, requester, counted), least)
  const { address = null } = eligibility
  const missing = isQuorate(counted, needed, address) ? 0 : needed - peopleIn(counted, address)
  // Pressed again when it is enough by now, it completes what the first press could not.
  if (missing > 0 && counting(proposal, eligibility, nowMs).some(given => isBySame(given, click, eligibility)))
    return { kind: 'counted', missing }
  return { kind: 'approved', next: (missing === 0 ? approved : approvedBy)(proposal, approval, nowMs), breakGlass }
}

/** What this approval is asked for. Null: nothing, so that no form opens first. */
export function askedFor(
  proposal: Pick<Proposal, 'template' | 'verification' | 'whatChanged' | 'restore'>,
  action: DecidingAction,
  { asks }: AppliedMode,
): Asked | null {
  if (!isGranting(action)) return null
  return askedAt(asks, riskOf(choiceOf(action, proposal) ?? proposal))
}

/** Of a refusal because the form's ticket is missing, or is none. */
export const TICKET_WRONG = 'ticket-wrong'

function missingNote({ reason, ticket = '' }: Click, asked: Asked | null): Refusal | null {
  if (asked === null) return null
  if (asked.reason === 'required' && (reason?.trim() ?? '') === '')
    return refusal(REASON_MISSING, 'Say why: it is recorded with your approval.')
  if (asked.ticket === null || (ticket === '' && !asked.ticket.required)) return null
  return isTicket(ticket, asked.ticket)
    ? null
    : refusal(TICKET_WRONG, `Name the ticket of this change. Its form is ${asked.ticket.pattern}.`)
}

export const NO_END_OFF = 'A grant without end is switched off here (grants.permanent in rolemedic.config.json).'

/** Of a refusal because the card shows, or will show, another change. */
export const OLD_CONTENT = 'old-card'

/** Consent is bound to content: a button of an older card does nothing to a newer patch. */
function outdatedButton(proposal: Proposal, click: Click): Refusal | null {
  return proposal.patch?.digest === click.digest
    ? null
    : refusal(OLD_CONTENT, 'The change on this card was replaced after you saw it. Read the card again, then press.')
}

/** A press grants for no other time than the one that it named, also where the configuration has changed since. */
function outdatedTime({ action, hours }: Click, eligibility: Eligibility): Refusal | null {
  return hours === undefined || hours === hoursGranted(action, eligibility)
    ? null
    : refusal(OLD_CONTENT, 'Approvals are for another time now than when you saw this card. Read it again, then press.')
}

function hoursGranted(action: DecidingAction, eligibility: Eligibility): number | null {
  switch (action) {
    case 'approve-limited':
      return eligibility.limitedGrantHours
    case 'approve-with-pull':
      return eligibility.bridgeHours
    case 'break-glass':
      return breakGlassHours(eligibility)
    default:
      return null
  }
}

/** The code of the refusal of one's own request. */
export const SELF_APPROVAL = 'self-approval'
const YOUR_OWN = 'This is your own denied request: somebody else must approve it.'
const CLAIMS_YOU = 'The session of the denied request claims to be you: somebody else must approve it.'

function ineligiblePerson(click: Click, eligibility: Eligibility): Refusal | null {
  const { membership } = eligibility
  if (!membership.known)
    return refusal('account-unreadable', `Your account in the chat could not be read: ${membership.why}. Press again.`)
  if (membership.value.kind === 'not-a-member')
    return refusal('not-a-member', `You cannot decide this: ${membership.value.why}.`)
  const may = click.action === 'break-glass' ? eligibility.breakGlass : eligibility.approver
  if (!may.known) return refusal('permissions-unreadable', `It cannot be seen whether you may decide this: ${may.why}.`)
  if (!may.value) return refusal('not-an-approver', 'You are not among the approvers of this account.')
  // Taking access away, or refusing it, is no gain for the requester: approving is, and keeping.
  const approves = click.action !== 'reject' && click.action !== 'revert'
  if (approves && isOwnRequest(eligibility.requester, click.by.id))
    return refusal(SELF_APPROVAL, eligibility.requester.kind === 'unknown' ? CLAIMS_YOU : YOUR_OWN)
  return null
}

/** Two accounts with one verified e-mail address are one person. */
function isBySame({ by, signed }: Decided, click: Click, { address }: Eligibility): boolean {
  if (by.id === click.by.id) return true
  const own = signed !== null && 'email' in signed.decision.by ? signed.decision.by.email : null
  return own !== null && own.toLowerCase() === address?.toLowerCase()
}

/** Nobody says of their own break-glass that it was right. */
function ownGlass(proposal: Proposal, click: Click, eligibility: Eligibility): Refusal | null {
  const broken = isAboutGlass(click.action) ? brokenGlassOf(proposal) : null
  return broken !== null && isBySame(broken, click, eligibility)
    ? refusal(SELF_APPROVAL, 'You broke the glass yourself: somebody else must say whether it was right.')
    : null
}

function refusal(code: string, message: string): Refusal {
  return { code, message, owner: null }
}

const refused = (code: string, message: string): DecisionOutcome => ({
  kind: 'refused',
  refusal: refusal(code, message),
})
