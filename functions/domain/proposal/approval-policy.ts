/** Who may decide what, now: the one place, asked when a card is drawn and when its button is pressed. */

import type { Fact } from '../base/fact.ts'
import type { Person } from '../base/person.ts'
import { type Brand, fail, never, ok, type Refusal, type Result } from '../base/result.ts'
import type { VerifiedPatch } from '../patch/verification/verification.ts'
import type { Click, DecidingAction } from './click.ts'
import type { Approval, Proposal } from './proposal.ts'
import { approved, rejected, reverting } from './transitions.ts'
import { whatHappened } from './what-happened.ts'

/** The person whose request was denied. `nobody`: a machine. `unknown`: a person, and it cannot be seen who. */
export type DeniedHuman =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'person'; readonly userId: string }
  | { readonly kind: 'unknown'; readonly why: string }

/** What configuration and chat say about one person and one proposal. An unknown right is no right. */
export type Rights = {
  readonly approver: Fact<boolean>
  readonly breakGlass: Fact<boolean>
  readonly deniedHuman: DeniedHuman
  /** Ids of those who have approved, and may not any more. */
  readonly lapsed: readonly string[]
  /** Length of a limited grant; null: not offered. */
  readonly limitedGrantHours: number | null
}

export type Decision =
  /** `complete`: enough people have approved, and `next.status` is `approved`. */
  | { readonly kind: 'approved'; readonly next: Proposal; readonly complete: boolean; readonly breakGlass: boolean }
  | { readonly kind: 'rejected'; readonly next: Proposal }
  | { readonly kind: 'reverting'; readonly next: Proposal }
  /** This person has already approved, and counts once. */
  | { readonly kind: 'counted'; readonly missing: number }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/** Why nobody may do this to the proposal as it stands; null: it is open to those with the right. A card draws a button exactly when null. */
export function barred(action: DecidingAction, proposal: Proposal, nowMs: number): Refusal | null {
  if (proposal.patch === null || proposal.refusal !== null)
    return refusal('nothing-to-decide', 'There is no change to decide on this card.')
  switch (action) {
    case 'approve':
    case 'approve-limited':
    case 'break-glass':
    case 'reject':
      if (proposal.status === 'drafted')
        return refusal('not-posted', 'The card is still being posted. Try again in a minute.')
      if (proposal.status !== 'open') return refusal('already-decided', whatHappened(proposal))
      if (nowMs >= proposal.expiresAtMs)
        return refusal('expired', 'The time to decide has run out. If it is still denied, a new card will come.')
      if (proposal.verification === null && action !== 'reject')
        return refusal('not-verified', 'The change has not been verified, so it cannot be approved.')
      return null
    case 'revert':
      return proposal.status === 'applied' || proposal.status === 'confirmed'
        ? null
        : refusal('not-applied', whatHappened(proposal))
    default:
      return never(action)
  }
}

/** The code of a refusal that the form itself can show, as the person still has it open. */
export const REASON_MISSING = 'reason-missing'

/** How many different people must approve: by risk, by certainty, and two when a person was denied and cannot be named. */
export function approvalsNeeded(proposal: Pick<Proposal, 'verification' | 'diagnosis'>, human: DeniedHuman): number {
  const byRisk = proposal.verification?.approvers ?? 2
  const byCertainty = proposal.diagnosis.verdict === 'proved' ? 1 : 2
  return Math.max(1, byRisk, byCertainty, human.kind === 'unknown' ? 2 : 1)
}

/** Why this person may not do this now; null: they may. Asked before a form opens, and by `decide()` itself. */
export function mayNot(proposal: Proposal, click: Click, rights: Rights, nowMs: number): Refusal | null {
  return barred(click.action, proposal, nowMs) ?? oldCard(proposal, click) ?? noRight(click, rights)
}

export function decide(proposal: Proposal, click: Click, rights: Rights, nowMs: number): Decision {
  const no = mayNot(proposal, click, rights, nowMs)
  if (no !== null) return { kind: 'refused', refusal: no }
  switch (click.action) {
    case 'approve':
      return approve(proposal, click, rights, null, nowMs)
    case 'approve-limited':
      return rights.limitedGrantHours === null
        ? refused('not-offered', 'Approval for a limited time is switched off.')
        : approve(proposal, click, rights, rights.limitedGrantHours, nowMs)
    case 'break-glass':
      return approve(proposal, click, rights, null, nowMs)
    case 'reject': {
      const reason = click.reason?.trim() ?? ''
      if (reason === '') return refused(REASON_MISSING, 'Say why: the people who wait for it read this.')
      const moved = rejected(proposal, click.by, reason, nowMs)
      return moved.ok ? { kind: 'rejected', next: moved.value } : { kind: 'refused', refusal: moved.error }
    }
    case 'revert': {
      const moved = reverting(proposal, click.by, nowMs)
      return moved.ok ? { kind: 'reverting', next: moved.value } : { kind: 'refused', refusal: moved.error }
    }
    default:
      return never(click.action)
  }
}

/** Verified again just now, and equal to what enough people approved. Only `approvedPatch()` makes one, and `apply` writes nothing else. */
export type ApprovedPatch = Brand<
  {
    readonly verified: VerifiedPatch
    readonly proposalId: string
    /** The earliest end that anyone chose whose approval counts; null: without end. */
    readonly endsAtMs: number | null
  },
  'approved'
>

export function approvedPatch(verified: VerifiedPatch, proposal: Proposal): Result<ApprovedPatch, Refusal> {
  if (proposal.status !== 'approved' && proposal.status !== 'applying')
    return fail(refusal('not-approved', whatHappened(proposal)))
  if (proposal.patch === null || verified.patch.digest !== proposal.patch.digest)
    return fail(refusal('digest-differs', 'What would be written now is not what was approved.'))
  const needed = Math.max(approvalsNeeded(proposal, { kind: 'nobody' }), verified.verification.approvers)
  const counted = atDecision(proposal.approvals)
  if (!quorate(counted, needed))
    return fail(refusal('not-enough-approvals', `It needs ${needed} approvals and has ${counted.length}.`))
  return ok({ verified, proposalId: proposal.id, endsAtMs: endOf(counted) } as ApprovedPatch)
}

/** Break-glass stands alone: it is for the night when nobody else can be reached, and is announced. */
function quorate(approvals: readonly Approval[], needed: number): boolean {
  return approvals.some(approval => approval.reason !== null) || people(approvals) >= needed
}

const people = (approvals: readonly Approval[]): number => new Set(approvals.map(approval => approval.by.id)).size

/** Nobody approves what they were denied themselves: the rule of the card and of the button. */
export const isOwnRequest = (human: DeniedHuman, userId: string): boolean =>
  human.kind === 'person' && human.userId === userId

/**
 * An earlier approval does not count once it is seen that it was the denied person's own, its giver is an approver no more,
 * or the time that it was given for is over.
 */
function counting({ approvals }: Proposal, { deniedHuman, lapsed }: Rights, nowMs: number): readonly Approval[] {
  return notOver(approvals, nowMs).filter(({ by }) => !isOwnRequest(deniedHuman, by.id) && !lapsed.includes(by.id))
}

const endsAt = ({ atMs, limitHours }: Approval): number =>
  limitHours === null ? Number.POSITIVE_INFINITY : atMs + limitHours * 3_600_000

/** Those whose time is not over: a grant that is over before it begins was asked for by nobody. */
export const notOver = (approvals: readonly Approval[], nowMs: number): readonly Approval[] =>
  approvals.filter(approval => endsAt(approval) > nowMs)

/** Those that were in time when the last one was given. */
const atDecision = (approvals: readonly Approval[]): readonly Approval[] =>
  notOver(approvals, approvals.at(-1)?.atMs ?? 0)

/** Null: all approved for the same time. Else what counts, and whose choice it was. */
export function shortestOf(
  given: readonly Approval[],
): { readonly hours: number; readonly by: readonly Person[] } | null {
  const approvals = atDecision(given)
  const hours = Math.min(...approvals.map(each => each.limitHours ?? Number.POSITIVE_INFINITY))
  const by = approvals.filter(each => each.limitHours === hours).map(each => each.by)
  return by.length === approvals.length || by.length === 0 ? null : { hours, by }
}

function endOf(approvals: readonly Approval[]): number | null {
  const endsAtMs = Math.min(...approvals.map(endsAt))
  return Number.isFinite(endsAtMs) ? endsAtMs : null
}

function approve(proposal: Proposal, click: Click, rights: Rights, limitHours: number | null, nowMs: number): Decision {
  const breakGlass = click.action === 'break-glass'
  const reason = breakGlass ? (click.reason?.trim() ?? '') : null
  if (reason === '') return refused(REASON_MISSING, 'Break-glass needs a reason.')
  const needed = approvalsNeeded(proposal, rights.deniedHuman)
  const counted = counting(proposal, rights, nowMs)
  const missing = needed - people(counted)
  // Pressed again when it is enough by now, it completes what the first press could not.
  if (!breakGlass && missing > 0 && counted.some(({ by }) => by.id === click.by.id)) return { kind: 'counted', missing }
  const approval: Approval = { by: click.by, atMs: nowMs, limitHours, reason }
  const complete = quorate([...counted, approval], needed)
  const moved = approved(proposal, approval, complete, nowMs)
  return moved.ok
    ? { kind: 'approved', next: moved.value, complete, breakGlass }
    : { kind: 'refused', refusal: moved.error }
}

/** Consent is bound to content: a button of an older card does nothing to a newer patch. */
function oldCard(proposal: Proposal, click: Click): Refusal | null {
  return proposal.patch?.digest === click.digest
    ? null
    : refusal('old-card', 'This button belongs to an older version of the change. Use the newest card.')
}

function noRight(click: Click, rights: Rights): Refusal | null {
  const right = click.action === 'break-glass' ? rights.breakGlass : rights.approver
  if (!right.known) return refusal('rights-unreadable', `It cannot be seen whether you may decide this: ${right.why}.`)
  if (!right.value) return refusal('not-an-approver', 'You are not among the approvers of this account.')
  // Taking access away, or refusing it, is no gain for the person who was denied: only approving is.
  const approves = click.action !== 'reject' && click.action !== 'revert'
  if (approves && isOwnRequest(rights.deniedHuman, click.by.id))
    return refusal('self-approval', 'This is your own denied request: somebody else must approve it.')
  return null
}

const refusal = (code: string, message: string): Refusal => ({ code, message, owner: null })
const refused = (code: string, message: string): Decision => ({ kind: 'refused', refusal: refusal(code, message) })
