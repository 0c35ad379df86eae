import type { Person } from '../base/person.ts'
import type { Refusal } from '../base/result.ts'
import type { Denial } from '../denial/denial.ts'
import type { Diagnosis } from '../diagnosis/diagnosis.ts'
import type { PolicyDocument } from '../iam/policy/policy-document.ts'
import type { Patch, PolicyChange, Target } from '../patch/patch.ts'
import type { Verification } from '../patch/verification/verification.ts'

/**
 * drafted ─► open ─► approved ─► applying ─► applied ─► confirmed
 *              │         │           │          └────► reverting ─► reverted
 *              ├► rejected, expired, stale  └► failed, stale
 *              └► (informational: no patch) closed
 */
export const STATUSES = [
  'drafted',
  'open',
  'approved',
  'applying',
  'applied',
  'confirmed',
  'reverting',
  'reverted',
  'rejected',
  'expired',
  'failed',
  'stale',
  'closed',
] as const
export type Status = (typeof STATUSES)[number]

const ENDED: readonly Status[] = ['confirmed', 'reverted', 'rejected', 'expired', 'failed', 'stale', 'closed']
/** Nobody needs to act on it any more. A confirmed patch may still be reverted. */
export const hasEnded = (status: Status): boolean => ENDED.includes(status)

export type Approval = {
  readonly by: Person
  readonly atMs: number
  /** End of a time-limited grant as this approver chose it; null: without end. The earliest end of all approvals counts. */
  readonly limitHours: number | null
  /** Break-glass only. */
  readonly reason: string | null
}

/** One write as it stands next: from this document to that one. Null: no such policy. */
export type PlannedWrite = {
  readonly target: Target
  readonly before: PolicyDocument | null
  readonly after: PolicyDocument | null
}

/**
 * What is being written or undone right now, in that order: stored before the first write, so that whoever resumes after
 * a crash knows what to look for, and taken away with the outcome.
 */
export type Writing = {
  readonly kind: 'apply' | 'revert'
  readonly writes: readonly PlannedWrite[]
  readonly endsAtMs: number | null
}

/** A message in Slack. `threadTs` is the root of its thread, when it stands in one: cards of a storm stand under a list. */
export type PostedCard = { readonly channel: string; readonly ts: string; readonly threadTs?: string }

/**
 * One denial on its way to a fix: one item in the table. `version` rises by one with every write and every write is
 * conditional on it, so that of two writers one loses and learns what won.
 */
export type Proposal = {
  readonly id: string
  readonly version: number
  readonly fingerprint: string
  readonly status: Status
  readonly denial: Denial
  readonly diagnosis: Diagnosis
  /** Null: nothing to approve; `refusal` says why. */
  readonly patch: Patch | null
  /** Second steps (`required: false`): shown, never applied with this approval. */
  readonly followUps: readonly PolicyChange[]
  readonly verification: Verification | null
  readonly refusal: Refusal | null
  readonly repeats: { readonly count: number; readonly firstSeenMs: number; readonly lastSeenMs: number }
  /** An earlier proposal for the same denial: it was applied and did not help, or has ended otherwise. */
  readonly previous: {
    readonly id: string
    readonly status: Status
    /** Of a grant that may still stand: what its Revert button carries. */
    readonly digest?: string
    /** What went wrong, where it was not written. */
    readonly why?: string
  } | null
  /** The Slack message; null until posted. */
  readonly card: PostedCard | null
  readonly approvals: readonly Approval[]
  readonly rejection: { readonly by: Person; readonly atMs: number; readonly reason: string } | null
  /** The documents as they were written, with the end of a time-limited grant; null until applied. */
  readonly applied: {
    readonly changes: readonly PolicyChange[]
    readonly atMs: number
    readonly endsAtMs: number | null
    /** The denied request, evaluated again over what was read back. */
    readonly answer: 'denied' | 'allowed' | 'unknown'
  } | null
  readonly reverted: { readonly by: Person; readonly atMs: number } | null
  /** Who asked for the revert that is under way. */
  readonly revertRequest: { readonly by: Person; readonly atMs: number } | null
  /** Held by one `apply` at a time; free again after this instant. */
  readonly leaseUntilMs: number | null
  /** Absent or null: no write is under way. */
  readonly writing?: Writing | null
  /** Another change of the bot, `after`, may have made this one wrong: it is to be examined again. Absent or null: it is not. */
  readonly renewal?: { readonly after: string; readonly atMs: number } | null
  /** What went wrong, in plain words, when `failed` or `stale`. */
  readonly failure: Refusal | null
  /** The failed deploy that this denial broke, when known. */
  readonly deploy: { readonly key: string; readonly title: string } | null
  readonly createdAtMs: number
  readonly expiresAtMs: number
  readonly updatedAtMs: number
  readonly remindersSent: number
  /** When `sweep` looks at it next; null: never again. */
  readonly dueAtMs: number | null
}

/** What has been seen of one fingerprint. */
export type Occurrence = {
  readonly fingerprint: string
  readonly denial: Denial
  readonly count: number
  readonly firstSeenMs: number
  readonly lastSeenMs: number
  /** At most ten. */
  readonly eventIds: readonly string[]
  /** The proposal that stands for it; null until `propose` has run. */
  readonly proposalId: string | null
}

/** When it was last denied, not when we heard of it: CloudTrail delivers minutes late. */
export const deniedAtMs = ({ denial, lastSeenMs }: Occurrence): number => denial.timeMs ?? lastSeenMs
