/**
 * How a proposal moves. Every transition is pure, refuses from a status it does not leave, and sets `dueAtMs` so that
 * `sweep` looks again before anything that was begun could be forgotten. `version` is left to the store.
 */

import type { Person } from '../base/person.ts'
import { fail, never, ok, type Refusal, type Result } from '../base/result.ts'
import type { Approval, PostedCard, Proposal, Status } from './proposal.ts'

const MINUTE_MS = 60_000
/** What follows a write (audit, queue, card) is over by then, or has been lost and `sweep` does it again. */
export const REPAIR_MS = 2 * MINUTE_MS
/** An IAM change is seen everywhere by then: a denial that comes sooner says nothing. */
export const PROPAGATION_MS = MINUTE_MS
/** No repeat for this long after the change: it helped. */
export const CONFIRM_MS = 15 * MINUTE_MS

export type Moved = Result<Proposal, Refusal>
type Timing = { readonly reminderMinutes: number }

function move(proposal: Proposal, from: readonly Status[], nowMs: number, changed: Partial<Proposal>): Moved {
  if (from.includes(proposal.status)) return ok({ ...proposal, ...changed, updatedAtMs: nowMs })
  return fail({
    code: 'wrong-status',
    message: `the proposal is ${proposal.status}, not ${from.join(' or ')}`,
    owner: null,
  })
}

/** The reminder after `sent` earlier ones: each waits twice as long as the one before. */
export function reminderAtMs(proposal: Proposal, timing: Timing, sent = proposal.remindersSent): number {
  return proposal.createdAtMs + timing.reminderMinutes * MINUTE_MS * (2 ** (sent + 1) - 1)
}

function nextLookAtOpen(proposal: Proposal, timing: Timing): number {
  const renewalMs = proposal.renewal ? proposal.renewal.atMs + REPAIR_MS : Number.POSITIVE_INFINITY
  return Math.min(reminderAtMs(proposal, timing), proposal.expiresAtMs, renewalMs)
}

/** The card stands. With nothing to approve it is information, and the proposal has ended. */
export function opened(proposal: Proposal, card: PostedCard, timing: Timing, nowMs: number): Moved {
  return proposal.patch === null
    ? move(proposal, ['drafted'], nowMs, { status: 'closed', card, dueAtMs: null })
    : move(proposal, ['drafted'], nowMs, { status: 'open', card, dueAtMs: nextLookAtOpen(proposal, timing) })
}

/** `complete`: enough people have approved. Only `decide()` knows, and calls this. */
export function approved(proposal: Proposal, approval: Approval, complete: boolean, nowMs: number): Moved {
  const dueAtMs = Math.min(nowMs + REPAIR_MS, complete ? Number.POSITIVE_INFINITY : proposal.expiresAtMs)
  return move(proposal, ['open'], nowMs, {
    status: complete ? 'approved' : 'open',
    approvals: [...proposal.approvals, approval],
    dueAtMs,
  })
}

export function rejected(proposal: Proposal, by: Person, reason: string, nowMs: number): Moved {
  return move(proposal, ['open'], nowMs, {
    status: 'rejected',
    rejection: { by, atMs: nowMs, reason },
    dueAtMs: nowMs + REPAIR_MS,
  })
}

export function expired(proposal: Proposal, nowMs: number): Moved {
  if (nowMs < proposal.expiresAtMs)
    return fail({ code: 'not-expired', message: 'the proposal has time left', owner: null })
  return move(proposal, ['drafted', 'open'], nowMs, { status: 'expired', dueAtMs: nowMs + REPAIR_MS })
}

/** One reminder is sent, however many were missed. */
export function reminded(proposal: Proposal, timing: Timing, nowMs: number): Moved {
  let sent = proposal.remindersSent + 1
  while (reminderAtMs(proposal, timing, sent) <= nowMs) sent += 1
  const next = { ...proposal, remindersSent: sent }
  return move(proposal, ['open'], nowMs, { remindersSent: sent, dueAtMs: nextLookAtOpen(next, timing) })
}

/** Claimed by one `apply`, until the lease ends. Again from `applying` only when an earlier lease has passed. */
export function applying(proposal: Proposal, leaseMs: number, nowMs: number): Moved {
  if (proposal.status === 'applying' && leased(proposal, nowMs)) return fail(LEASED)
  const leaseUntilMs = nowMs + leaseMs
  return move(proposal, ['approved', 'applying'], nowMs, { status: 'applying', leaseUntilMs, dueAtMs: leaseUntilMs })
}

export function applied(proposal: Proposal, outcome: NonNullable<Proposal['applied']>, nowMs: number): Moved {
  return move(proposal, ['applying'], nowMs, {
    status: 'applied',
    applied: outcome,
    leaseUntilMs: null,
    failure: null,
    dueAtMs: Math.min(outcome.endsAtMs ?? Number.POSITIVE_INFINITY, nowMs + REPAIR_MS),
  })
}

/** Nothing was written. */
export function failed(proposal: Proposal, failure: Refusal, nowMs: number): Moved {
  return move(proposal, ['approved', 'applying'], nowMs, ended('failed', failure, nowMs))
}

/** What was approved is no longer right: the world moved. Nothing was written. */
export function stale(proposal: Proposal, failure: Refusal, nowMs: number): Moved {
  return move(proposal, ['approved', 'applying'], nowMs, ended('stale', failure, nowMs))
}

/** The bot has changed something that it was drawn from: it is examined again. */
export function renewalAsked(proposal: Proposal, after: string, nowMs: number): Moved {
  const dueAtMs = Math.min(proposal.dueAtMs ?? Number.POSITIVE_INFINITY, nowMs + REPAIR_MS)
  return move(proposal, ['open'], nowMs, { renewal: { after, atMs: nowMs }, dueAtMs })
}

/** Not right any more before it was decided: approvals that it has count nowhere. */
export function outdated(proposal: Proposal, failure: Refusal, nowMs: number): Moved {
  return move(proposal, ['open'], nowMs, { ...ended('stale', failure, nowMs), renewal: null })
}

export function confirmed(proposal: Proposal, nowMs: number): Moved {
  return move(proposal, ['applied'], nowMs, {
    status: 'confirmed',
    dueAtMs: Math.min(proposal.applied?.endsAtMs ?? Number.POSITIVE_INFINITY, nowMs + REPAIR_MS),
  })
}

/**
 * The denial came again: counted on the proposal, so that the card can say so. Not while a change is being written: whoever
 * writes would lose the proposal to this.
 */
export function repeated(proposal: Proposal, repeats: Proposal['repeats'], nowMs: number): Moved {
  return move(proposal, ['open', 'approved', 'applied', 'confirmed', 'closed'], nowMs, { repeats })
}

/** Somebody asked to undo it; `apply` does the undoing. */
export function reverting(proposal: Proposal, by: Person, nowMs: number): Moved {
  return move(proposal, ['applied', 'confirmed'], nowMs, {
    status: 'reverting',
    revertRequest: { by, atMs: nowMs },
    leaseUntilMs: null,
    failure: null,
    dueAtMs: nowMs + REPAIR_MS,
  })
}

/** Claimed by one `revert`, until the lease ends. */
export function revertClaimed(proposal: Proposal, leaseMs: number, nowMs: number): Moved {
  if (leased(proposal, nowMs)) return fail(LEASED)
  const leaseUntilMs = nowMs + leaseMs
  return move(proposal, ['reverting'], nowMs, { leaseUntilMs, dueAtMs: leaseUntilMs })
}

export function reverted(proposal: Proposal, nowMs: number): Moved {
  const by = proposal.revertRequest?.by
  if (by === undefined) return fail({ code: 'no-request', message: 'nobody asked for the revert', owner: null })
  return move(proposal, ['reverting'], nowMs, {
    status: 'reverted',
    reverted: { by, atMs: nowMs },
    leaseUntilMs: null,
    failure: null,
    dueAtMs: nowMs + REPAIR_MS,
  })
}

/** The change is still there, and `failure` says why. Not tried again by itself: a person may press Revert again. */
export function revertFailed(proposal: Proposal, failure: Refusal, nowMs: number): Moved {
  return move(proposal, ['reverting'], nowMs, {
    status: 'applied',
    revertRequest: null,
    leaseUntilMs: null,
    failure,
    dueAtMs: null,
  })
}

/** Everything that the last transition asked for is done; `dueAtMs` is the next thing that time will bring. */
export function settled(proposal: Proposal, timing: Timing): Proposal {
  return { ...proposal, dueAtMs: nextDueAtMs(proposal, timing) }
}

/** Looked at, and work was sent again: another look later. */
export function requeued(proposal: Proposal, nowMs: number): Proposal {
  return { ...proposal, dueAtMs: nowMs + REPAIR_MS, updatedAtMs: nowMs }
}

/** The change was written and seen everywhere, and the same request was denied again. */
export function didNotHelp(proposal: Proposal): boolean {
  const { applied: outcome, repeats, status } = proposal
  if (outcome === null || (status !== 'applied' && status !== 'confirmed')) return false
  return repeats.lastSeenMs > outcome.atMs + PROPAGATION_MS
}

const LEASED: Refusal = { code: 'leased', message: 'another worker has it', owner: null }
const leased = (proposal: Proposal, nowMs: number): boolean =>
  proposal.leaseUntilMs !== null && nowMs < proposal.leaseUntilMs

const ended = (status: 'failed' | 'stale', failure: Refusal, nowMs: number): Partial<Proposal> => ({
  status,
  failure,
  leaseUntilMs: null,
  dueAtMs: nowMs + REPAIR_MS,
})

function nextDueAtMs(proposal: Proposal, timing: Timing): number | null {
  switch (proposal.status) {
    case 'open':
      return nextLookAtOpen(proposal, timing)
    case 'applied':
    case 'confirmed':
      return proposal.applied?.endsAtMs ?? null
    case 'drafted':
    case 'approved':
    case 'applying':
    case 'reverting':
      return proposal.dueAtMs
    case 'reverted':
    case 'rejected':
    case 'expired':
    case 'failed':
    case 'stale':
    case 'closed':
      return null
    default:
      return never(proposal.status)
  }
}
