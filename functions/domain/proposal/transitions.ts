/**
 * How a proposal moves: each transition is a pure function from one member to another, so that a wrong one does not
 * compile. Each sets `dueAtMs` so that `sweep` looks again before anything that was begun could be forgotten. `version` is
 * left to the store.
 */

import {
  DAY_MS,
  fail,
  HOUR_MS,
  MINUTE_MS,
  neutralText,
  never,
  ok,
  type Refusal,
  type Result,
} from '../../../core/base/index.ts'
import { type Denial, needKeyOf } from '../../../core/denial/index.ts'
import type { PolicyDocument } from '../../../core/iam/index.ts'
import type { Run } from '../../../core/runs/index.ts'
import type { CodePlace } from '../../../iac/repository/index.ts'
import { alsoClaiming, type RequesterClaim } from '../authority/index.ts'
import type { Person, PostedCard } from '../messages/index.ts'
import {
  type Applied,
  type Applying,
  type Approval,
  type Approved,
  brokenGlassOf,
  type Change,
  type Closed,
  type Common,
  type Confirmed,
  type ContentChange,
  type Decidable,
  type Drafted,
  type Expired,
  type Failed,
  type GrantUse,
  type InIam,
  type NoChange,
  type Open,
  type Outcome,
  type Proposal,
  type Question,
  type Ratification,
  type Rejected,
  type RestoreChoice,
  type Reverted,
  type Reverting,
  type Stale,
  type TemplateFindings,
  type WhatChanged,
} from './proposal.ts'
import type { PullRequest } from './pull-request.ts'

/** What follows a write (audit, queue, card) is done by then, or was lost and `sweep` does it again. */
export const REPAIR_MS = 2 * MINUTE_MS
/** A message waits for less time in the queue of a storm. It differs from a lease by being longer than `REPAIR_MS`. */
const LOST_MS = 5 * MINUTE_MS
/** Everything that is approved while granting is stopped is looked at this often. */
const STOPPED_LOOK_MS = 5 * MINUTE_MS
const MAX_NAME_CHARS = 200
/** `write` has answered by then, or is asked again. */
const ANSWER_MS = MINUTE_MS
/** It was asked the same before: its message comes twice, five minutes apart, and more of them only make the queue of their entity longer. */
const ASKED_AGAIN_MS = 10 * MINUTE_MS
/** An IAM change is seen everywhere by then: a denial that comes sooner says nothing. */
export const PROPAGATION_MS = MINUTE_MS
/** No repeat for this long after the change: it helped. */
export const CONFIRM_MS = 15 * MINUTE_MS

/** When the use of a grant is looked for: CloudTrail's history shows a call after up to 15 minutes. */
const FIRST_LOOK_MS = HOUR_MS
const LOOK_EVERY_MS = DAY_MS

/** CloudTrail's history shows a record after at most 15 minutes. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html */
export const RECORD_WITHIN_MS = 20 * MINUTE_MS

type Timing = {
  readonly reminderMinutes: number
  readonly unusedGrantDays: number | null
  /** Null or absent: nobody is asked about a break-glass. */
  readonly breakGlass?: { readonly askAtHourUtc: number } | null
}

/** The fields of every member, at this time. */
function commonOf(proposal: Proposal, nowMs: number): Common {
  const {
    id,
    version,
    fingerprint,
    denial,
    diagnosis,
    requester,
    repeats,
    previous,
    deploy,
    createdAtMs,
    expiresAtMs,
  } = proposal
  const { run, template, changed, reading, whatChanged, restore, restores, isSolved, correction, code, pull } = proposal
  return {
    id,
    version,
    fingerprint,
    denial,
    diagnosis,
    requester,
    repeats,
    previous,
    deploy,
    ...(template === undefined ? {} : { template }),
    ...(changed === undefined ? {} : { changed }),
    ...(reading === undefined ? {} : { reading }),
    ...(run === undefined ? {} : { run }),
    ...(whatChanged === undefined ? {} : { whatChanged }),
    ...(restore === undefined ? {} : { restore }),
    ...(restores === undefined ? {} : { restores }),
    ...(isSolved === undefined ? {} : { isSolved }),
    ...(correction === undefined ? {} : { correction }),
    ...(code === undefined ? {} : { code }),
    ...(pull === undefined ? {} : { pull }),
    createdAtMs,
    expiresAtMs,
    updatedAtMs: nowMs,
  }
}

function decidableOf(proposal: Exclude<Proposal, Drafted | Expired | Closed>, nowMs: number): Decidable {
  const { patch, verification, followUps, card, approvals } = proposal
  return { ...commonOf(proposal, nowMs), patch, verification, followUps, card, approvals }
}

/** What was written, and what is known of its use. */
function grantedOf({
  applied: outcome,
  use,
  record,
  recordSeen,
  ratification,
  isEndOffered,
}: InIam): Pick<Confirmed, 'applied' | 'use' | 'record' | 'recordSeen' | 'ratification' | 'isEndOffered'> {
  return {
    applied: outcome,
    ...(use === undefined ? {} : { use }),
    ...(record === undefined ? {} : { record }),
    ...(ratification === undefined ? {} : { ratification }),
    ...(recordSeen === undefined ? {} : { recordSeen }),
    ...(isEndOffered === undefined ? {} : { isEndOffered }),
  }
}

/** The reminder after `sent` earlier ones: each waits twice as long as the one before. */
export function reminderAtMs(proposal: Pick<Open, 'createdAtMs'>, timing: Timing, sent: number): number {
  return proposal.createdAtMs + timing.reminderMinutes * MINUTE_MS * (2 ** (sent + 1) - 1)
}

function nextLookAtOpen(
  proposal: Pick<Open, 'createdAtMs' | 'expiresAtMs' | 'remindersSent' | 'renewal' | 'successLooks'>,
  timing: Timing,
): number {
  const { expiresAtMs, remindersSent, renewal } = proposal
  const renewalMs = renewal === null ? Number.POSITIVE_INFINITY : renewal.atMs + REPAIR_MS
  return Math.min(reminderAtMs(proposal, timing, remindersSent), expiresAtMs, renewalMs, successLookAtMs(proposal))
}

/** After the card: CloudTrail's history shows a call after up to 15 minutes, and what the first look read is older than these in the last. */
const SUCCESS_LOOKS_MS = [2, 6, 18].map(minutes => minutes * MINUTE_MS)
/** What succeeds later than this after the card closes no card. */
export const LAST_SUCCESS_LOOK_MS = Math.max(...SUCCESS_LOOKS_MS)

/** When it is asked next whether the call succeeded later. Infinite: it is not asked any more. */
export function successLookAtMs({ createdAtMs, successLooks }: Pick<Open, 'createdAtMs' | 'successLooks'>): number {
  const afterMs = successLooks === undefined ? undefined : SUCCESS_LOOKS_MS[successLooks]
  return afterMs === undefined ? Number.POSITIVE_INFINITY : createdAtMs + afterMs
}

/** Nothing else is due: every repair is asked for with the time of its write. */
export const isDueForLookAlone = (proposal: Open): boolean =>
  proposal.dueAtMs === successLookAtMs(proposal) && proposal.dueAtMs !== proposal.updatedAtMs + REPAIR_MS

/** `propose` was asked to look. What else is due stays due. */
export function successLookAsked(proposal: Open, timing: Timing, nowMs: number): Open {
  let next = proposal
  while (successLookAtMs(next) <= nowMs) next = { ...next, successLooks: (next.successLooks ?? 0) + 1 }
  return { ...next, dueAtMs: isDueForLookAlone(proposal) ? nextLookAtOpen(next, timing) : nowMs }
}

/** The card stands. With nothing to approve it is information, and the proposal has ended. */
export function opened(proposal: Drafted, card: PostedCard, timing: Timing, nowMs: number): Open | Closed {
  const common = commonOf(proposal, nowMs)
  if (proposal.patch === null) {
    const { patch, verification, refusal } = proposal
    return { ...common, patch, verification, refusal, status: 'closed', card, dueAtMs: null }
  }
  const { patch, verification, followUps } = proposal
  const begun = { remindersSent: 0, renewal: null, successLooks: 0 }
  const dueAtMs = nextLookAtOpen({ ...common, ...begun }, timing)
  return { ...common, patch, verification, followUps, status: 'open', card, approvals: [], ...begun, dueAtMs }
}

/** One more approval, and more are needed. */
export function approvedBy(proposal: Open, approval: Approval, nowMs: number): Open {
  const dueAtMs = Math.min(nowMs + REPAIR_MS, proposal.expiresAtMs)
  return { ...proposal, approvals: [...proposal.approvals, approval], dueAtMs, updatedAtMs: nowMs }
}

/** Somebody takes the change for the denial alone. Approvals of the whole do not count for it. */
export function narrowed(proposal: Open, alone: Change, nowMs: number): Open {
  const { template, ...rest } = proposal
  const left =
    template === undefined
      ? {}
      : {
          template: {
            ...template,
            needs: [],
            alone: null,
            apart: template.needs.map(({ denial }) => needKeyOf(denial)),
          },
        }
  return { ...rest, ...alone, ...left, approvals: [], changed: contentChange(proposal, 'choice', nowMs) }
}

/** Somebody takes what was lost instead of the smallest change. Approvals of that one do not count for it. */
export function restored(proposal: Open, change: Change, lost: PolicyDocument, nowMs: number): Open {
  const { restore: _, ...rest } = proposal
  return { ...rest, ...change, restores: lost, approvals: [], changed: contentChange(proposal, 'restore', nowMs) }
}

/**
 * Who began the denied session, seen after the card was shown: whom it names may not approve, and as many people are asked as before,
 * as some may have read that number already. `sweep` shows it, if nobody does.
 */
export function runSeen(proposal: Open, run: Run, found: RequesterClaim, nowMs: number): Open {
  const dueAtMs = Math.min(proposal.dueAtMs, nowMs + REPAIR_MS)
  return { ...proposal, run, requester: alsoClaiming(proposal.requester, found), dueAtMs, updatedAtMs: nowMs }
}

/** What the event history shows. The card says so by then, or `sweep` shows it. */
export function changeSeen(
  proposal: Open,
  whatChanged: WhatChanged,
  restore: RestoreChoice | null,
  nowMs: number,
): Open {
  const { restore: _, ...rest } = proposal
  const choice = restore === null || proposal.restores !== undefined ? {} : { restore }
  const dueAtMs = Math.min(proposal.dueAtMs, nowMs + REPAIR_MS)
  const corrects = (rest.whatChanged?.corrects ?? 0) + (takesBack(rest.whatChanged, whatChanged) ? 1 : 0)
  const found = corrects === 0 ? whatChanged : { ...whatChanged, corrects }
  return { ...rest, whatChanged: found, ...choice, dueAtMs, updatedAtMs: nowMs }
}

/** A write was named, and it is not named any more. */
const takesBack = (before: WhatChanged | undefined, now: WhatChanged): boolean =>
  before?.outcome === 'found' && (now.outcome !== 'found' || now.write.id !== before.write.id)

/** Counts up, so that approvals of the new content have records of their own in the audit log. */
function contentChange({ changed, approvals }: Open, because: ContentChange['because'], nowMs: number): ContentChange {
  return { times: (changed?.times ?? 0) + 1, because, dropped: approvals.map(({ by }) => by), atMs: nowMs }
}

/** What a new analysis says: it replaces everything that the card was made from. */
export type NewContent = Pick<Common, 'denial' | 'diagnosis' | 'requester'> & {
  readonly content: Change | NoChange
  readonly template: TemplateFindings | null
  readonly code: CodePlace | null
  readonly isSolved?: true
}

/**
 * Analyzed again, and another change is right now: the card stays, with the new content and as much time as a new card. No
 * approval of the old content counts for the new one.
 */
export function contentReplaced(
  proposal: Open,
  { denial, diagnosis, requester, content, template, code, isSolved }: NewContent,
  because: ContentChange['because'],
  timing: { readonly approvalExpiryHours: number },
  nowMs: number,
): Open | Closed {
  const { template: _, code: __, restore: ___, restores: ____, isSolved: _____, ...before } = commonOf(proposal, nowMs)
  const common = {
    ...before,
    denial,
    diagnosis,
    requester: proved(proposal, denial, requester),
    ...(template === null ? {} : { template }),
    ...(code === null ? {} : { code }),
    ...(isSolved === undefined ? {} : { isSolved }),
    changed: contentChange(proposal, because, nowMs),
    expiresAtMs: nowMs + timing.approvalExpiryHours * HOUR_MS,
  }
  const { card, remindersSent, successLooks } = proposal
  const looks = successLooks === undefined ? {} : { successLooks }
  // Due soon: card and thread show the new content by then, or `sweep` shows it.
  const dueAtMs = nowMs + REPAIR_MS
  if (content.patch === null) return { ...common, ...content, status: 'closed', card, dueAtMs }
  return { ...common, ...content, status: 'open', card, approvals: [], remindersSent, renewal: null, ...looks, dueAtMs }
}

/** A later reading that asks nobody for the records behind a session does not make its person unknown. `verify` asks again. */
function proved({ denial: { principal }, requester, run }: Open, now: Denial, found: RequesterClaim): RequesterClaim {
  const isSame = principal.sessionKey !== undefined && principal.sessionKey === now.principal.sessionKey
  const isByRecords = run !== undefined && run.chain.length > 0 && requester.kind !== 'machine'
  return found.kind === 'unknown' && isSame && isByRecords ? requester : found
}

/** Not written: something else is right now, and people decide about that. No approval of the old content counts for it. */
export function reopened(
  proposal: Applying,
  content: NewContent,
  because: ContentChange['because'],
  timing: { readonly approvalExpiryHours: number },
  nowMs: number,
): Open | Closed {
  // The looks at the event history go on where they would be by now.
  const successLooks = SUCCESS_LOOKS_MS.filter(afterMs => proposal.createdAtMs + afterMs <= nowMs).length
  const again = { status: 'open', remindersSent: 0, renewal: null, successLooks, dueAtMs: nowMs } as const
  return contentReplaced({ ...decidableOf(proposal, nowMs), ...again }, content, because, timing, nowMs)
}

/** Enough people have approved. Only `decide()` knows, and calls this. */
export function approved(proposal: Open, last: Approval, nowMs: number): Approved {
  const approvals = [...proposal.approvals, last]
  const asked = approvals.some(({ pullRequest }) => pullRequest === true) ? { pull: pullAsked(nowMs) } : {}
  return { ...decidableOf(proposal, nowMs), ...asked, status: 'approved', approvals, dueAtMs: nowMs + REPAIR_MS }
}

export function rejected(proposal: Open, by: Person, reason: string, nowMs: number): Rejected {
  const rejection = { by, atMs: nowMs, reason, signed: null }
  return { ...decidableOf(proposal, nowMs), status: 'rejected', rejection, dueAtMs: nowMs + REPAIR_MS }
}

/** Nothing is written to IAM: the change goes into the code alone. */
export function leftToCode(proposal: Open, by: Person, nowMs: number): Rejected {
  const rejection = { by, atMs: nowMs, reason: 'Pull request only', signed: null, pullRequest: true } as const
  return { ...decidableOf(proposal, nowMs), pull: pullAsked(nowMs), status: 'rejected', rejection, dueAtMs: nowMs }
}

/** `sweep` orders it. */
function pullAsked(nowMs: number): PullRequest {
  const nothing = { number: null, url: null, why: null, snippet: null, coveredSinceMs: null }
  return { state: 'asked', ...nothing, reminders: 0, pollAtMs: nowMs, aloneAtMs: null }
}

/** The caller has seen that its time is up. */
export function expired(proposal: Drafted | Open, nowMs: number): Expired {
  const ended = { status: 'expired', dueAtMs: nowMs + REPAIR_MS } as const
  const common = commonOf(proposal, nowMs)
  if (proposal.status === 'open') return { ...decidableOf(proposal, nowMs), ...ended }
  const unposted = { card: null, approvals: [] }
  if (proposal.patch !== null) {
    const { patch, verification, followUps } = proposal
    return { ...common, patch, verification, followUps, ...unposted, ...ended }
  }
  const { patch, verification, refusal } = proposal
  return { ...common, patch, verification, refusal, ...unposted, ...ended }
}

/** One reminder is sent, however many were missed. It stays due: something else may have to be done by now. */
export function reminded(proposal: Open, timing: Timing, nowMs: number): Open {
  let sent = proposal.remindersSent + 1
  while (reminderAtMs(proposal, timing, sent) <= nowMs) sent += 1
  return { ...proposal, remindersSent: sent, updatedAtMs: nowMs }
}

/** Leased by one `verify`. Again from `applying` only when an earlier lease has passed. */
export function applying(
  proposal: Approved | Applying,
  leaseMs: number,
  nowMs: number,
): Result<Applying, typeof LEASED> {
  if (proposal.status === 'applying' && isLeased(proposal, nowMs)) return fail(LEASED)
  const leaseUntilMs = nowMs + leaseMs
  const asked = proposal.status === 'applying' ? proposal.asked : null
  const earlier =
    proposal.status === 'applying' && proposal.beganEarlier === true ? { beganEarlier: true as const } : {}
  const begun = { status: 'applying', leaseUntilMs, asked, ...earlier, dueAtMs: leaseUntilMs } as const
  return ok({ ...decidableOf(proposal, nowMs), ...begun })
}

/** `write` is asked, and answers through its own queue: nobody holds the proposal meanwhile, and `sweep` asks again. */
export function askedOfWriter<P extends Applying | Reverting>(proposal: P, digest: string, nowMs: number): P {
  const asked = { digest, atMs: nowMs, times: (proposal.asked?.times ?? 0) + 1 }
  const answerMs = proposal.asked?.digest === digest ? ASKED_AGAIN_MS : ANSWER_MS
  return { ...proposal, asked, leaseUntilMs: null, dueAtMs: nowMs + answerMs, updatedAtMs: nowMs }
}

/** Nothing is written yet. CloudTrail's own record of the denial may still come: it is looked for again. */
export function waitingForRecord(proposal: Applying, nowMs: number): Approved {
  const dueAtMs = nowMs + REPAIR_MS
  return { ...decidableOf(proposal, nowMs), status: 'approved', waitsForRecord: true, dueAtMs }
}

/** Nothing is written while granting is stopped. It is looked at again, and is written once granting goes on. */
export function waitingForResume(
  proposal: Applying,
  { by, sinceMs }: NonNullable<Approved['stopped']>,
  nowMs: number,
): Approved {
  const stopped = { by: neutralText(by, MAX_NAME_CHARS), sinceMs }
  return { ...decidableOf(proposal, nowMs), status: 'approved', stopped, dueAtMs: nowMs + STOPPED_LOOK_MS }
}

/** CloudTrail's own record has come, and asks for the same change: what only a text said before is known now. */
export function confirmedByRecord(
  proposal: Open,
  known: Pick<Open, 'denial' | 'diagnosis' | 'requester' | 'verification' | 'followUps'>,
  nowMs: number,
): Open {
  const { denial, diagnosis, requester, verification, followUps } = known
  // The card says so by then, or `sweep` shows it.
  const dueAtMs = Math.min(proposal.dueAtMs, nowMs + REPAIR_MS)
  const whose = proved(proposal, denial, requester)
  return { ...proposal, denial, diagnosis, requester: whose, verification, followUps, dueAtMs, updatedAtMs: nowMs }
}

/** `failure`: part of it is still in IAM and could not be undone. */
export function applied(
  proposal: Applying,
  outcome: Outcome,
  failure: Refusal | null,
  nowMs: number,
  beside: Pick<Applied, 'record'> = {},
): Applied {
  const soon = proposal.pull === undefined ? nowMs + REPAIR_MS : nowMs
  const dueAtMs = Math.min(outcome.endsAtMs ?? Number.POSITIVE_INFINITY, soon)
  return { ...decidableOf(proposal, nowMs), status: 'applied', applied: outcome, failure, ...beside, dueAtMs }
}

/** Nothing was written. */
export function failed(proposal: Applying, failure: Refusal, nowMs: number): Failed {
  return { ...decidableOf(proposal, nowMs), status: 'failed', failure, dueAtMs: nowMs + REPAIR_MS }
}

/** Not right any more, as the world moved, and nothing was written. Approvals of an open one count nowhere. */
export function stale(proposal: Open | Applying, failure: Refusal, nowMs: number): Stale {
  const common = polledNow(decidableOf(proposal, nowMs), nowMs)
  return { ...common, status: 'stale', failure, dueAtMs: nowMs + REPAIR_MS }
}

/** The bot has changed something that it was drafted from: it is analyzed again. */
export function renewalAsked(proposal: Open, after: string, nowMs: number): Open {
  const dueAtMs = Math.min(proposal.dueAtMs, nowMs + REPAIR_MS)
  return { ...proposal, renewal: { after, atMs: nowMs }, dueAtMs, updatedAtMs: nowMs }
}

export function confirmed(proposal: Applied, nowMs: number): Confirmed {
  const dueAtMs = Math.min(proposal.applied.endsAtMs ?? Number.POSITIVE_INFINITY, nowMs + REPAIR_MS)
  return { ...decidableOf(proposal, nowMs), ...grantedOf(proposal), status: 'confirmed', dueAtMs }
}

export type Repeatable = Open | Approved | Applied | Confirmed | Closed

/** Not while a change is being written: the worker would lose the proposal to a repeat. */
export const isRepeatable = (proposal: Proposal): proposal is Repeatable =>
  ['open', 'approved', 'applied', 'confirmed', 'closed'].includes(proposal.status)

/** The denial came again: counted on the proposal, so that the card can say so. */
export const repeated = <P extends Repeatable>(proposal: P, repeats: Proposal['repeats'], nowMs: number): P => ({
  ...proposal,
  repeats,
  updatedAtMs: nowMs,
})

/** Somebody asked to undo it; `write` does the undoing. */
export function reverting(proposal: Applied | Confirmed, by: Person, nowMs: number): Reverting {
  const revertRequest = { by, atMs: nowMs, signed: null }
  const begun = { status: 'reverting', revertRequest, asked: null, leaseUntilMs: null } as const
  return { ...decidableOf(proposal, nowMs), ...grantedOf(proposal), ...begun, dueAtMs: nowMs + REPAIR_MS }
}

/** Leased by one `revert`. */
export function revertLeased(proposal: Reverting, leaseMs: number, nowMs: number): Result<Reverting, typeof LEASED> {
  if (isLeased(proposal, nowMs)) return fail(LEASED)
  const leaseUntilMs = nowMs + leaseMs
  return ok({ ...proposal, leaseUntilMs, dueAtMs: leaseUntilMs, updatedAtMs: nowMs })
}

export function reverted(proposal: Reverting, nowMs: number): Reverted {
  const done = { by: proposal.revertRequest.by, atMs: nowMs }
  const ended = { status: 'reverted', reverted: done, dueAtMs: nowMs + REPAIR_MS } as const
  return { ...polledNow(decidableOf(proposal, nowMs), nowMs), ...grantedOf(proposal), ...ended }
}

/** `sweep` has asked for a look at its use. If that is lost, it asks again. */
export function lookAsked<P extends Applied | Confirmed>(proposal: P, nowMs: number): P {
  const dueAtMs = Math.min(proposal.applied.endsAtMs ?? Number.POSITIVE_INFINITY, nowMs + LOOK_EVERY_MS)
  return { ...proposal, dueAtMs }
}

/** CloudTrail was asked whether the grant is used. What people were asked and said stays as it is by now. */
export function looked<P extends Applied | Confirmed>(proposal: P, seen: GrantUse, timing: Timing, nowMs: number): P {
  const { question = seen.question, kept = seen.kept } = proposal.use ?? {}
  return settled({ ...proposal, use: { ...seen, question, kept }, updatedAtMs: nowMs }, timing)
}

/** A card asks whether it is still needed. */
export function asked<P extends Applied | Confirmed>(proposal: P, use: GrantUse, question: Question): P {
  return { ...proposal, use: { ...(proposal.use ?? use), question }, updatedAtMs: question.atMs }
}

/** Somebody says that it is still needed: recorded by the decider, or by `sweep` after a crash. */
export function keptBy<P extends Applied | Confirmed>(proposal: P, use: GrantUse, by: Person, nowMs: number): P {
  const kept = { by, atMs: nowMs, signed: null }
  return { ...proposal, use: { ...use, kept }, dueAtMs: nowMs + REPAIR_MS, updatedAtMs: nowMs }
}

export const isLookDue = (proposal: Applied | Confirmed, timing: Timing, nowMs: number): boolean => {
  const lookMs = nextLookMs(proposal, timing)
  return lookMs !== null && lookMs <= nowMs
}

/** Its pull request may have to be closed. */
function polledNow<P extends Common>(proposal: P, nowMs: number): P {
  const { pull } = proposal
  return pull === undefined ? proposal : { ...proposal, pull: { ...pull, pollAtMs: nowMs, aloneAtMs: null } }
}

/** The request is not allowed without the bridge any more: it stays. */
export function bridgeKept(proposal: Reverting, nowMs: number): Applied {
  const stands = { status: 'applied', failure: null, dueAtMs: nowMs + REPAIR_MS } as const
  return { ...decidableOf(proposal, nowMs), ...grantedOf(proposal), ...stands }
}

/** The state of the pull request, or whether the bridge is still needed. */
export function pullSeen<P extends Proposal>(proposal: P, pull: PullRequest, timing: Timing): P {
  const next = { ...proposal, pull: { ...pull, aloneAtMs: null } }
  // It was due for its pull request alone: all else waits as it did.
  return isDueForPullAlone(proposal) ? settled(next, timing) : next
}

export const isDueForPullAlone = ({ pull, dueAtMs }: Proposal): boolean =>
  pull !== undefined && pull.aloneAtMs !== null && pull.aloneAtMs === dueAtMs

/** Another change has withdrawn it. */
export const replaced = (proposal: Applied | Confirmed, by: Person, nowMs: number): Reverted =>
  reverted(reverting(proposal, by, nowMs), nowMs)

/**
 * The change still stands, and `failure` says why. A person may press Revert again; by itself, only one whose time is over is
 * reverted again, a day later.
 */
export function revertFailed(proposal: Reverting, failure: Refusal, nowMs: number): Applied {
  const { endsAtMs } = proposal.applied
  const dueAtMs = nowMs + (endsAtMs !== null && endsAtMs <= nowMs ? LOOK_EVERY_MS : REPAIR_MS)
  return { ...decidableOf(proposal, nowMs), ...grantedOf(proposal), status: 'applied', failure, dueAtMs }
}

/** Everything that the last transition asked for is done; `dueAtMs` is the next thing that time will bring. */
export function settled<P extends Proposal>(proposal: P, timing: Timing): P {
  const dueAtMs = nextDueAtMs(proposal, timing)
  const { pull } = proposal
  const pollAtMs = pull?.pollAtMs ?? null
  if (pull === undefined || pollAtMs === null || (dueAtMs !== null && dueAtMs <= pollAtMs))
    return { ...proposal, dueAtMs }
  return { ...proposal, dueAtMs: pollAtMs, pull: { ...pull, aloneAtMs: pollAtMs } }
}

/** Handled, and work was sent again: another look later. */
export function requeued<P extends Proposal>(proposal: P, nowMs: number, dueAtMs = nowMs + REPAIR_MS): P {
  return { ...proposal, dueAtMs, updatedAtMs: nowMs }
}

/** The card comes again by the queue after `ms`. `sweep` posts it if that message is lost. */
export const waitingForTurn = (proposal: Drafted, ms: number, nowMs: number): Drafted =>
  requeued(proposal, nowMs, nowMs + ms + LOST_MS)

/** From when another worker may post the card: a lease is over, or its turn is near. */
export const postableAtMs = ({ dueAtMs, updatedAtMs }: Drafted): number =>
  dueAtMs > updatedAtMs + REPAIR_MS ? dueAtMs - LOST_MS : dueAtMs

/** After a fault: free now, so that the next delivery does not wait for the lease to pass. */
export function released<P extends Applying | Reverting>(proposal: P, nowMs: number): P {
  return { ...proposal, leaseUntilMs: null, dueAtMs: nowMs + REPAIR_MS }
}

/** The change was written and seen everywhere, and the same request was denied again. */
export function didNotHelp(proposal: Proposal): boolean {
  if (proposal.status !== 'applied' && proposal.status !== 'confirmed') return false
  return proposal.repeats.lastSeenMs > seenEverywhereMs(proposal.applied) + PROPAGATION_MS
}

/** Identity Center gives a permission set to its accounts for minutes, and may fail: the request is evaluated again until then. */
const ROLL_OUT_MS = 12 * MINUTE_MS

export const isRollingOut = (proposal: Proposal): boolean =>
  proposal.status === 'applied' && proposal.failure === null && seenEverywhereMs(proposal.applied) === NOT_YET

const NOT_YET = Number.POSITIVE_INFINITY

/** From when on the change counts as written where it was denied. Until then a denial says nothing of it. Infinite: not yet. */
export function seenEverywhereMs({ atMs, answer, changes, answeredAtMs }: Outcome): number {
  const isOfSet = changes.some(({ target }) => target.kind === 'permission-set-inline-policy')
  return answeredAtMs ?? (answer === 'denied' && isOfSet ? NOT_YET : atMs)
}

/** Null: it is still rolled out. Denied for longer than that takes, it needs a person. */
export function evaluatedAgain(proposal: Applied, answer: Outcome['answer'], nowMs: number): Applied | null {
  const { applied: outcome } = proposal
  if (answer !== 'allowed' && nowMs < outcome.atMs + ROLL_OUT_MS) return null
  const failure = answer === 'denied' ? NOT_ROLLED_OUT : null
  return { ...proposal, applied: { ...outcome, answer, answeredAtMs: nowMs }, failure, updatedAtMs: nowMs }
}

const NOT_ROLLED_OUT: Refusal = {
  code: 'not-rolled-out',
  message:
    'the permission set has the change, and the request is still denied: Identity Center may not have given it to the account, or something else denies it. Provision the set there, or revert it.',
  owner: 'administrators of Identity Center',
}

/** Why an open card ends: another change made it unnecessary. */
export const ALLOWED_MEANWHILE = 'allowed-meanwhile'

/** Why an open card ends: the call succeeded later. */
export const SOLVED = 'solved'

const LEASED = 'leased'

export const isLeased = ({ leaseUntilMs }: Applying | Reverting, nowMs: number): boolean =>
  leaseUntilMs !== null && nowMs < leaseUntilMs

function nextLookAtGrant(proposal: Applied | Confirmed, timing: Timing): number | null {
  const { endsAtMs, atMs } = proposal.applied
  const recordMs = proposal.record === 'wanted' ? atMs + RECORD_WITHIN_MS : null
  const askMs = ratificationDueMs(proposal, timing)
  const offerMs = endOfferMs(proposal)
  const times = [endsAtMs, offerMs, nextLookMs(proposal, timing), recordMs, askMs].flatMap(time => time ?? [])
  return times.length === 0 ? null : Math.min(...times)
}

/**
 * The morning after a break-glass, and not before it ended: what people say about it changes nothing. Null: it is none, or they
 * were asked already.
 */
export function ratificationDueMs(
  proposal: Proposal,
  { breakGlass = null }: Pick<Timing, 'breakGlass'>,
): number | null {
  const glass = brokenGlassOf(proposal)
  if (breakGlass === null || glass === null || !isWritten(proposal) || proposal.ratification !== undefined) return null
  const today = Math.floor(glass.atMs / DAY_MS) * DAY_MS + breakGlass.askAtHourUtc * HOUR_MS
  const morningMs = today > glass.atMs ? today : today + DAY_MS
  return Math.max(morningMs, proposal.applied.endsAtMs ?? 0)
}

/** How long before its end people are asked whether a grant is to stay: an hour, and of a short one a quarter of its time. */
const OFFER_BEFORE_MS = HOUR_MS

/** When people are asked whether the grant is to stay. Null: never, or they were. */
export function endOfferMs(proposal: Applied | Confirmed): number | null {
  const { atMs, endsAtMs } = proposal.applied
  if (endsAtMs === null || proposal.isEndOffered === true || !mayOutliveItsEnd(proposal)) return null
  return endsAtMs - Math.min(OFFER_BEFORE_MS, (endsAtMs - atMs) / 4)
}

/** Not what one person approved alone, a bridge, the change for a whole deploy, nor what did not help. */
export function mayOutliveItsEnd(proposal: Applied | Confirmed): boolean {
  const { applied: outcome, pull, template } = proposal
  const isOfOne = pull === undefined && (template === undefined || template.needs.length === 0)
  return isOfOne && outcome.answer === 'allowed' && brokenGlassOf(proposal) === null && !didNotHelp(proposal)
}

/** `propose` was asked for the card. */
export const endOffered = <P extends Applied | Confirmed>(proposal: P, nowMs: number): P => ({
  ...proposal,
  isEndOffered: true,
  dueAtMs: nowMs,
  updatedAtMs: nowMs,
})

/** Somebody can be asked about it: what was approved alone was written. */
export type Ratifiable = Applied | Confirmed | Reverted
const isWritten = (proposal: Proposal): proposal is Ratifiable =>
  proposal.status === 'applied' || proposal.status === 'confirmed' || proposal.status === 'reverted'

/** The question is posted. */
export function ratificationAsked<P extends Ratifiable>(
  proposal: P,
  card: PostedCard,
  needed: number,
  nowMs: number,
): P {
  return { ...proposal, ratification: { askedAtMs: nowMs, card, needed, by: [], declined: null }, updatedAtMs: nowMs }
}

export function ratifiedBy<P extends Ratifiable>(
  proposal: P,
  before: Ratification,
  by: Person,
  needed: number,
  nowMs: number,
): P {
  const ratification = {
    ...before,
    needed: Math.max(before.needed, needed),
    by: [...before.by, { by, atMs: nowMs, signed: null }],
  }
  return { ...proposal, ratification, dueAtMs: nowMs + REPAIR_MS, updatedAtMs: nowMs }
}

export function notRatified<P extends Ratifiable>(
  proposal: P,
  before: Ratification,
  by: Person,
  reason: string,
  nowMs: number,
): P {
  const ratification = { ...before, declined: { by, atMs: nowMs, reason, signed: null } }
  return { ...proposal, ratification, dueAtMs: nowMs + REPAIR_MS, updatedAtMs: nowMs }
}

/** Null: never, as it ends before anybody could call it unused. */
function nextLookMs({ applied: { atMs, endsAtMs }, use }: Applied | Confirmed, timing: Timing): number | null {
  const { unusedGrantDays: days } = timing
  if (days === null || (endsAtMs !== null && endsAtMs <= atMs + days * DAY_MS)) return null
  return use === undefined ? atMs + FIRST_LOOK_MS : use.lookedAtMs + LOOK_EVERY_MS
}

function nextDueAtMs(proposal: Proposal, timing: Timing): number | null {
  switch (proposal.status) {
    case 'open':
      return nextLookAtOpen(proposal, timing)
    case 'applied':
    case 'confirmed':
      return nextLookAtGrant(proposal, timing)
    case 'drafted':
    case 'approved':
    case 'applying':
    case 'reverting':
      return proposal.dueAtMs
    case 'reverted':
      return ratificationDueMs(proposal, timing)
    case 'rejected':
    case 'expired':
    case 'failed':
    case 'stale':
    case 'closed':
      return null
    default:
      return never(proposal)
  }
}

/** The signed outcome of `write` says that it stands, whatever the item said. */
export function foundWritten(proposal: Exclude<Proposal, Drafted | Expired | Closed>, nowMs: number): Applying {
  return {
    ...decidableOf(proposal, nowMs),
    status: 'applying',
    asked: null,
    leaseUntilMs: null,
    dueAtMs: nowMs + ANSWER_MS,
  }
}
