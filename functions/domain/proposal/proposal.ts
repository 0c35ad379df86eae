import { digestOf, type Refusal } from '../../../core/base/index.ts'
import type { Denial } from '../../../core/denial/index.ts'
import type { Diagnosis } from '../../../core/diagnosis/index.ts'
import type { PolicyDocument } from '../../../core/iam/index.ts'
import type { Answer, Patch, PolicyChange, Target, Verification } from '../../../core/patch/index.ts'
import type { Run } from '../../../core/runs/index.ts'
import type { TemplatePlace } from '../../../iac/needs/index.ts'
import type { CodePlace } from '../../../iac/repository/index.ts'
import { isOfNow, type RequesterClaim, type SignedDecision, type SignedRecordSeen } from '../authority/index.ts'
import type { Config } from '../config/index.ts'
import type { Person, PostedCard } from '../messages/index.ts'
import type { PullRequest } from './pull-request.ts'

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

const CARDS: readonly Status[] = ['open', 'expired', 'closed']
/** The order in which due proposals are handled. Denials alone make those after the first, so no number of them delays the end of a grant. */
export function dueRank({ status }: { readonly status: Status }): 0 | 1 | 2 {
  if (status === 'drafted') return 1
  return CARDS.includes(status) ? 2 : 0
}

export type Approval = {
  readonly by: Person
  readonly atMs: number
  /** End of a time-limited grant as this approver chose it; null: without end. The earliest end of all approvals counts. */
  readonly limitHours: number | null
  /** Break-glass only. */
  readonly reason: string | null
  /** The grant is a bridge until a pull request is live. Absent: it is not. */
  readonly pullRequest?: true
  /** What `decide` signed; null: stored before decisions were signed, and counted nowhere. */
  readonly signed: SignedDecision | null
}

/** One write as it stands next: from this document to that one. Null: no such policy. */
export type PlannedWrite = {
  readonly target: Target
  readonly before: PolicyDocument | null
  readonly after: PolicyDocument | null
}

/** What `write` was asked for last and has not answered yet. */
export type AskedOfWriter = {
  /** Of the message. */
  readonly digest: string
  readonly atMs: number
  /** How often it was asked for the same decision, this time included. */
  readonly times: number
}

/** An earlier proposal for the same denial. */
export type Previous = {
  readonly id: string
  readonly status: Status
  /** Of a grant that may still stand: what its Revert button carries. */
  readonly digest?: string
  /** What went wrong, where it was not written. */
  readonly why?: string
  /** The patch of this proposal withdraws it: it had no effect, or ends. */
  readonly withdrawn?: true
  /** It stands and ends then: this proposal gives the same without an end, in its place. Absent: it does not. */
  readonly renewedUntilMs?: number
}

/** Another role that the same deploy will be denied, asked about in the form of a denial. */
export type DeployNeed = {
  readonly denial: Denial
  /** The deploy makes the role: until then nothing of it can be read. */
  readonly isMade: boolean
  readonly operation: string
  readonly place: TemplatePlace
  /** Why it will be denied. */
  readonly summary: string
}

/** The failed deploys that a denial broke. */
export type BrokenDeploy = {
  readonly key: string
  /** All of them, in one line. */
  readonly title: string
  /** The surest first; absent in items of older versions. */
  readonly failed?: readonly FailedRun[]
}
export type FailedRun = {
  /** `the deploy of stack orders` */
  readonly name: string
  /** Its own texts name the denial. */
  readonly isSure: boolean
  /** Its page in the console. */
  readonly link: string
  /** The key of its stored state. Absent in items of older versions. */
  readonly key?: string
}

/** What the template of the failed deploy says beyond the denial. */
export type TemplateFindings = {
  /** Where the denied role stands; null: not in this template. */
  readonly place: TemplatePlace | null
  /** The deploy makes the denied role. */
  readonly isMade: boolean
  /** What the change lifts beside the denial. */
  readonly needs: readonly DeployNeed[]
  /** The change for the denial alone; null where it is the whole. */
  readonly alone: Change | null
  /** Roles whose names only the deploy will know. */
  readonly unnamed: number
  /** Roles that the deploy lacks and nothing is offered for. */
  readonly refused: readonly { readonly role: string; readonly code: string }[]
  /** Why the template was not read; null: it was. */
  readonly unread: string | null
  /** Needs that were allowed already, as `needKeyOf` names them. Absent in items of older versions: none is known to be. */
  readonly allowed?: readonly string[]
  /** Needs that the change was to lift and that somebody left out of it. */
  readonly apart?: readonly string[]
  /** The templates that it is from, as `templateId` names them. Absent in items of older versions. */
  readonly of?: readonly string[]
}

export const CHANGE_CAUSES = ['approval', 'revert', 'deploy', 'record', 'choice', 'restore', 'solved'] as const
/** The content of the card was replaced in place: what was approved before counts for nothing. */
export type ContentChange = {
  /** From 1. */
  readonly times: number
  /**
   * Why, the last time. `approval`, `revert`: of another card; `deploy`: it failed, and its template names more; `record`: CloudTrail's
   * own record came; `choice`: somebody took the denial alone; `restore`: somebody took what was lost; `solved`: the denied call worked later.
   */
  readonly because: (typeof CHANGE_CAUSES)[number]
  /** Who had approved the old content. */
  readonly dropped: readonly Person[]
  readonly atMs: number
}

/** A write of IAM, as CloudTrail's own history has it. The texts come from outside. */
export type SeenWrite = {
  readonly id: string
  readonly atMs: number
  readonly eventName: string
  /** The ARN as AWS recorded it. Null: none. */
  readonly by: string | null
  /** The ARN of the entity or policy that it changed. */
  readonly target: string
  /** The name or ARN of the policy, boundary or group that it names. Null: none. */
  readonly subject: string | null
}

/** What CloudTrail's own history says about when the call was allowed, evaluated before and after each write. */
export type WhatChanged = {
  readonly seenAtMs: number
  /** False: records could still be late when it was seen. */
  readonly isFinal: boolean
  /** How many findings that named another write, or named one, this has withdrawn. Absent: none. */
  readonly corrects?: number
} & (
  | {
      readonly outcome: 'found'
      readonly write: SeenWrite
      /** The statements that had allowed the call. Null: none, as something denies it since, or they are too long to keep. */
      readonly lost: PolicyDocument | null
      /** Other ways to the same permission were closed before. */
      readonly othersClosed: boolean
    }
  | { readonly outcome: 'never-allowed'; readonly sinceMs: number }
  | { readonly outcome: 'not-proved'; readonly why: string }
)

/** The second choice of a card: the statements that were lost, instead of the smallest change. */
export type RestoreChoice =
  | { readonly kind: 'offered'; readonly change: Change }
  /** `why`: for the thread. */
  | { readonly kind: 'not-offered'; readonly why: string }

/**
 * What every proposal has: one denial on its way to a fix, and one item in the table. `version` rises by one with every
 * write and every write is conditional on it, so that of two writers one loses and learns what won.
 */
export type Common = {
  readonly id: string
  readonly version: number
  readonly fingerprint: string
  readonly denial: Denial
  readonly diagnosis: Diagnosis
  /** Who was denied, as far as it was proved when the account was read; decides who may not approve. */
  readonly requester: RequesterClaim
  /** Shown, never believed. Absent: the denial shows no run, or an earlier version made it. */
  readonly run?: Run
  readonly repeats: { readonly count: number; readonly firstSeenMs: number; readonly lastSeenMs: number }
  /** Null: the first proposal for this denial. */
  readonly previous: Previous | null
  /** The failed deploy that this denial broke; null: none is known. */
  readonly deploy: BrokenDeploy | null
  /** Absent: no failed deploy with a template is known. */
  readonly template?: TemplateFindings
  /** Absent: the card has the content that it was posted with. */
  readonly changed?: ContentChange
  /** Digest of what the policies of the caller and the roles were when it was made. Absent: an earlier version made it. */
  readonly reading?: string
  /** Digests of the versions of managed policies behind the caller, by ARN, as the first look read them. Absent: none were read. */
  readonly versions?: { readonly digestByArn: { readonly [policyArn: string]: string }; readonly readAtMs: number }
  /** Absent: the event history was not asked yet. */
  readonly whatChanged?: WhatChanged
  /** Absent: nothing that was lost is known. */
  readonly restore?: RestoreChoice
  /** The lost statements that somebody chose to restore. Absent: the change is the smallest one. */
  readonly restores?: PolicyDocument
  /** The denied call worked later: the change is for the other needs of its deploy alone. */
  readonly isSolved?: true
  /** Absent: no card of a record before or after a correction by CloudTrail is known. */
  readonly correction?: Correction
  /** Where the code of what the patch changes is kept. Absent: no one repository is configured for it. */
  readonly code?: CodePlace
  /** Absent: nobody has chosen one. */
  readonly pull?: PullRequest
  readonly createdAtMs: number
  readonly expiresAtMs: number
  readonly updatedAtMs: number
}

/** Another card of the same call: this record corrects its record, or is corrected by it. */
export type Correction = { readonly kind: 'corrects' | 'corrected'; readonly proposalId: string }

/** A verified change to decide on. */
export type Change = {
  readonly patch: Patch
  readonly verification: Verification
  /** Second steps (`required: false`): shown, never applied with this approval. */
  readonly followUps: readonly PolicyChange[]
}

/** Nothing to approve, and why: the card is information. */
export type NoChange = {
  readonly patch: null
  /** Set when a patch was drafted and a guardrail refused it. */
  readonly verification: Verification | null
  readonly refusal: Refusal
}

/** When `sweep` looks at it next. */
type Due = { readonly dueAtMs: number }
/** Null: never again, as nothing is left to do. */
type MaybeDue = { readonly dueAtMs: number | null }

/** The card is posted, and people can approve or have approved. */
export type Decidable = Common & Change & { readonly card: PostedCard; readonly approvals: readonly Approval[] }

/** Held by one worker at a time; free after this instant, or now when null. */
type Leased = { readonly leaseUntilMs: number | null }

export type Attribution = { readonly by: Person; readonly atMs: number }
/** A person's decision that ends a proposal, or asks for its undoing. `signed` as in `Approval`. */
export type Decided = Attribution & { readonly signed: SignedDecision | null }

/** The documents as they were written, with the end of a time-limited grant. */
export type Outcome = {
  readonly changes: readonly PolicyChange[]
  readonly atMs: number
  /** Null: a grant without end. */
  readonly endsAtMs: number | null
  /** The denied request, evaluated again over what was read back. */
  readonly answer: Answer
  /** When a permission set was given to its accounts, or was to be, and `answer` is of then. Absent: it is of `atMs`. */
  readonly answeredAtMs?: number
  /** At `atMs`, Identity Center was still giving a permission set to its accounts, as `write` signed. Absent: not seen. */
  readonly stillRuns?: true
}

/** A card that asks whether a grant is still needed. */
export type Question = {
  readonly atMs: number
  readonly card: PostedCard
  /** False: its use could not be seen, which the card says. */
  readonly isSeen: boolean
}

/** Of a change in IAM: what CloudTrail showed of its use, and what people were asked about it. */
export type GrantUse = {
  /** CloudTrail was read up to here. */
  readonly lookedAtMs: number
  /** From here on no look has missed anything. Null: the last one did. */
  readonly wholeSinceMs: number | null
  /** Why the last look could miss a use; null: it could not. */
  readonly unseen: string | null
  /** Null: never seen. */
  readonly lastUsedAtMs: number | null
  /** The latest one; null: nobody was asked. */
  readonly question: Question | null
  /** Who said last that it is still needed. */
  readonly kept: Decided | null
  /** When the last look saw that nothing of it is in IAM any more: taken away outside of rolemedic. Absent: it did not. */
  readonly goneAtMs?: number
}

/** What the ordinary approvers say of a break-glass on the morning after it. It changes nothing in IAM. */
export type Ratification = {
  readonly askedAtMs: number
  readonly card: PostedCard
  /** How many people are needed, as for an ordinary approval. */
  readonly needed: number
  /** Each person once. */
  readonly by: readonly Decided[]
  /** One person is enough. Null: nobody. */
  readonly declined: (Decided & { readonly reason: string }) | null
  /** Somebody who ratified it asked for the card of an ordinary grant. Absent: nobody did. */
  readonly asksForGrant?: true
}

/** What was written, and how it lives on. `use` is absent until somebody looked. */
type Granted = {
  readonly applied: Outcome
  readonly use?: GrantUse
  /** CloudTrail's own record of a low-risk denial, which nobody waited for before the write. Absent: it is not looked for. */
  readonly record?: 'wanted' | 'seen' | 'missing'
  /** That it was seen, as `verify` signed it: `record` alone is a claim. */
  readonly recordSeen?: SignedRecordSeen
  /** Of a break-glass alone. Absent: nobody was asked yet. */
  readonly ratification?: Ratification
  /** Before its end, `propose` was asked for a card that keeps it. Absent: it was not. */
  readonly isEndOffered?: true
}

/** Another change of the bot, `after`, may have made this one wrong: it has to be analyzed again. */
export type Renewal = { readonly after: string; readonly atMs: number }

export type Drafted = Common & (Change | NoChange) & Due & { readonly status: 'drafted' }
export type Open = Decidable &
  Due & {
    readonly status: 'open'
    readonly remindersSent: number
    /** Null: nothing has changed underneath it. */
    readonly renewal: Renewal | null
    /** How often it was asked whether the call succeeded later. Absent: that is not asked. */
    readonly successLooks?: number
  }
export type Approved = Decidable &
  Due & {
    readonly status: 'approved'
    /** `verify` looked for CloudTrail's record of the denial, which had not come yet. Absent: it has not looked, or needs none. */
    readonly waitsForRecord?: true
    /** `verify` found that granting is stopped. Absent: it has not looked, or it was not. */
    readonly stopped?: { readonly by: string; readonly sinceMs: number }
  }
export type Applying = Decidable &
  Due &
  Leased & {
    readonly status: 'applying'
    /** Null: nothing is asked for. */
    readonly asked: AskedOfWriter | null
    /** A version that wrote by itself began with it: IAM may hold a part of it. */
    readonly beganEarlier?: true
  }
export type Applied = Decidable &
  MaybeDue &
  Granted & {
    readonly status: 'applied'
    /** Why a person has to look: not all of it could be written, undone or reverted. Null: nobody has to. */
    readonly failure: Refusal | null
  }
export type Confirmed = Decidable & MaybeDue & Granted & { readonly status: 'confirmed' }
export type Reverting = Decidable &
  Due &
  Leased &
  Granted & {
    readonly status: 'reverting'
    /** Unsigned when the end of a time-limited grant began it. */
    readonly revertRequest: Decided
    /** Null: nothing is asked for. */
    readonly asked: AskedOfWriter | null
  }
export type Reverted = Decidable & MaybeDue & Granted & { readonly status: 'reverted'; readonly reverted: Attribution }
export type Rejected = Decidable &
  MaybeDue & {
    readonly status: 'rejected'
    readonly rejection: Decided & { readonly reason: string; readonly pullRequest?: true }
  }
export type Expired = Common &
  (Change | NoChange) &
  MaybeDue & {
    readonly status: 'expired'
    /** Null: it expired before it could be posted. */
    readonly card: PostedCard | null
    readonly approvals: readonly Approval[]
  }
export type Failed = Decidable & MaybeDue & { readonly status: 'failed'; readonly failure: Refusal }
export type Stale = Decidable & MaybeDue & { readonly status: 'stale'; readonly failure: Refusal }
export type Closed = Common &
  NoChange &
  MaybeDue & {
    readonly status: 'closed'
    /** Null: recorded without a card, as the policies allowed the request by then. */
    readonly card: PostedCard | null
  }

/** Each member has the fields of its status and no others; `transitions.ts` leads from one to the next. */
export type Proposal =
  | Drafted
  | Open
  | Approved
  | Applying
  | Applied
  | Confirmed
  | Reverting
  | Reverted
  | Rejected
  | Expired
  | Failed
  | Stale
  | Closed

export type ProposalOf<S extends Status> = Extract<Proposal, { readonly status: S }>

/** The id is the same at the same place in the chain, so a redelivered message finds what it created before. */
export function proposalId(fingerprint: string, previous: Proposal | null): string {
  return `p-${digestOf({ fingerprint, previous: previous?.id ?? null }).slice('sha256:'.length, 'sha256:'.length + 20)}`
}

/** None yet on a draft, and never any on information. */
export const approvalsOf = (proposal: Proposal): readonly Approval[] =>
  'approvals' in proposal ? proposal.approvals : []
/** The first account that it changes. */
export const accountOfChange = ({ patch }: Decidable): string => patch.changes[0]?.target.accountId ?? '-'
/** The Slack message; null: not posted. */
export const postedCardOf = (proposal: Proposal): PostedCard | null => ('card' in proposal ? proposal.card : null)
/** The card that asks whether it is still needed; null: nobody was asked. */
export const questionOf = (proposal: Proposal): Question | null =>
  'use' in proposal ? (proposal.use?.question ?? null) : null
/** Null: nothing of it was ever written. */
export const outcomeOf = (proposal: Proposal): Outcome | null => ('applied' in proposal ? proposal.applied : null)
/** What it gave is in IAM: until it is reverted, or for as long as that takes. */
export type InIam = Applied | Confirmed | Reverting
export const isStanding = (proposal: Proposal): proposal is InIam =>
  proposal.status === 'applied' || proposal.status === 'confirmed' || proposal.status === 'reverting'
/** When the grant ends that this proposal keeps without an end. Null: it keeps none. */
export const keepsGrantUntil = ({ previous }: Pick<Proposal, 'previous'>): number | null =>
  previous?.renewedUntilMs ?? null
/** Null: nobody was asked about it. */
export const ratificationOf = (proposal: Proposal): Ratification | null =>
  'ratification' in proposal ? (proposal.ratification ?? null) : null
/** An ended break-glass of which enough people said that it was right, and one that the access is needed further. */
export function asksForGrant(proposal: Proposal): proposal is Reverted {
  if (proposal.status !== 'reverted' || brokenGlassOf(proposal) === null) return false
  const { asksForGrant: isAsked = false, by = [], needed = 0, declined = null } = ratificationOf(proposal) ?? {}
  return isAsked && declined === null && by.length >= needed
}
/** What an approver gave with an approval, as signed. Of a break-glass: see `reason`. */
export function noteOf({ reason, signed }: Approval): {
  readonly reason: string | null
  readonly ticket: string | null
} {
  const decision = signed?.decision
  return reason === null && decision !== undefined && isOfNow(decision)
    ? { reason: decision.reason, ticket: decision.ticket }
    : { reason: null, ticket: null }
}

/** What one person approved alone, with a reason. Null: nobody did. */
export const brokenGlassOf = (proposal: Proposal): Approval | null =>
  approvalsOf(proposal).find(({ reason }) => reason !== null) ?? null
/** True when the chat is informed before anything else follows. */
export const isAnnounced = (proposal: Proposal, { breakGlass }: Pick<Config, 'breakGlass'>): boolean =>
  breakGlass !== null && proposal.status !== 'reverting' && brokenGlassOf(proposal) !== null
/** What went wrong, in plain words; null: nothing did. */
export const failureOf = (proposal: Proposal): Refusal | null => ('failure' in proposal ? proposal.failure : null)
/** Why there is nothing to approve; null: there is something. */
export const refusalOf = (proposal: Change | NoChange): Refusal | null =>
  proposal.patch === null ? proposal.refusal : null

/** Of a proposal that was recorded and not posted, as its account is observed. `verification` is set where it would have offered a change. */
export const OBSERVED = 'observed'
export const isObserved = (proposal: Proposal): boolean => refusalOf(proposal)?.code === OBSERVED

/** What has been seen of one fingerprint. */
export type Occurrence = {
  readonly fingerprint: string
  readonly denial: Denial
  readonly count: number
  readonly firstSeenMs: number
  readonly lastSeenMs: number
  /** At most ten. */
  readonly eventIds: readonly string[]
  /** Its current proposal; null until `propose` has run. */
  readonly proposalId: string | null
}

/** When it was last denied, not when we heard of it: CloudTrail delivers minutes late. */
export const deniedAtMs = ({ denial, lastSeenMs }: Occurrence): number => denial.timeMs ?? lastSeenMs
