/** What the functions need from the world. Adapters implement these; the order of effects is written against them. */

import type { AuditEntry, AuditRecord } from '../domain/audit/audit-record.ts'
import type { Fact, Read } from '../domain/base/fact.ts'
import type { Result } from '../domain/base/result.ts'
import type { AwsEvaluation, Denial } from '../domain/denial/denial.ts'
import type { DeployAlert } from '../domain/deploy/deploy-alert.ts'
import type { GuardrailLevel, Identity, Organization, Role } from '../domain/iam/evaluation/access-snapshot.ts'
import type { AccessRequest } from '../domain/iam/evaluation/evaluate.ts'
import type { PolicyDocument } from '../domain/iam/policy/policy-document.ts'
import type { Patch, Target } from '../domain/patch/patch.ts'
import type { GuardrailFinding } from '../domain/patch/verification/verification.ts'
import type { Form } from '../domain/proposal/click.ts'
import type { Person, PostedCard, Proposal, Sighting } from '../domain/proposal/proposal.ts'

/** Milliseconds since the epoch. */
export type Clock = () => number

/** Reads IAM of any account we look at, from snapshots or live. Throttling is retried inside; a refused read is `unreadable`. */
export interface AccessReader {
  /** The entity with all its identity policies and its boundary. */
  identity(entity: { accountId: string; kind: 'role' | 'user'; name: string }): Promise<Read<Identity>>
  /** The role with its trust policy, as `identity` plus trust; with `trust`, its own policies may be left unseen, which is cheaper. */
  role(entity: { accountId: string; name: string }, scope?: 'trust' | 'whole'): Promise<Read<Role>>
  /** ARNs of every role of the account, for near names: asked only when a role is absent. */
  roleArns(accountId: string): Promise<Fact<readonly string[]>>
  /** The ARN of the role inside an instance profile. */
  instanceProfileRole(entity: { accountId: string; name: string }): Promise<Read<string>>
  organization(): Promise<Fact<Organization>>
  /** Root first. */
  serviceControlPolicies(accountId: string): Promise<Fact<readonly GuardrailLevel[]>>
  resourceControlPolicies(accountId: string): Promise<Fact<readonly GuardrailLevel[]>>
}

/** AWS's own words about a denial. Both give null (with a reason) rather than fail. */
export interface AwsExplanations {
  /** `sts:DecodeAuthorizationMessage`. */
  decode(accountId: string, blob: string): Promise<Fact<AwsEvaluation>>
  /** Authorization details; retries "not recorded yet" for up to a minute. */
  authorizationDetails(accountId: string, region: string, authorizationId: string): Promise<Fact<AwsEvaluation>>
}

/** AWS's own checks of a drafted patch, and of the requests that it is to allow. What cannot be asked is a warning among the findings. */
export interface SecondOpinion {
  ask(patch: Patch, requests: readonly AccessRequest[]): Promise<readonly GuardrailFinding[]>
}

/** A write to IAM that was refused, in plain words. `retry` says whether the same call may succeed later. */
export type WriteFailure = { readonly code: string; readonly message: string; readonly retry: boolean }

/** The only port that changes IAM. Used by `apply` alone. */
export interface PolicyWriter {
  /** The document as IAM has it now. */
  read(target: Target): Promise<Read<PolicyDocument>>
  /**
   * Writes the whole document, or deletes the inline policy when `document` is null. Gives AWS's request ids, and as
   * `notes` what else had to be done for it. An exception: it is not known whether the write happened.
   */
  write(
    target: Target,
    document: PolicyDocument | null,
  ): Promise<Result<{ readonly requestIds: readonly string[]; readonly notes?: readonly string[] }, WriteFailure>>
}

/** Each method is one conditional write, or one read. */
export interface ProposalStore {
  /**
   * First sighting creates the item; a repeat counts. An event id seen before changes nothing. `twinOf`: the event id
   * under which the same denial was told by another source; if it is there, this one takes its place and does not count.
   */
  sight(
    denial: Denial,
    fingerprint: string,
    nowMs: number,
    options?: { readonly twinOf?: string },
  ): Promise<{ readonly sighting: Sighting; readonly first: boolean; readonly duplicate: boolean }>
  sighting(fingerprint: string): Promise<Sighting | null>
  /** Names the proposal that stands for a fingerprint, if it still names `previous`. */
  claimSighting(fingerprint: string, previous: string | null, proposalId: string): Promise<boolean>
  /** Creates the item; gives the stored one when the id is taken. */
  create(proposal: Proposal): Promise<Result<Proposal, Proposal>>
  get(id: string): Promise<Proposal | null>
  /** Stores `next` (with version + 1) if the item still has `current.version`; the loser gets what won. */
  replace(current: Proposal, next: Proposal): Promise<Result<Proposal, Proposal>>
  /** Proposals whose `dueAtMs` has passed, oldest first. */
  due(nowMs: number, limit: number): Promise<readonly Proposal[]>
  /** Sightings that no proposal stands for although their settle time has passed. */
  dueSightings(nowMs: number, limit: number): Promise<readonly Sighting[]>
  /** Proposals that have not ended, newest first. */
  open(limit: number): Promise<readonly Proposal[]>
  /** Sightings of an account and Region last seen within the window. */
  sightingsBetween(accountId: string, region: string, fromMs: number, toMs: number): Promise<readonly Sighting[]>
  /** Adds one to a named counter that expires, and gives its value: changes per principal and day, cards per window. */
  increment(counter: string, expiresAtMs: number): Promise<number>
  /** The value of a counter now; 0 when it was never raised. */
  counted(counter: string): Promise<number>
  /** A small item of one's own (deploy alerts, audit head): stored if its version is still `version` (0: absent). */
  putNote(key: string, version: number, value: unknown): Promise<boolean>
  getNote(key: string): Promise<{ readonly version: number; readonly value: unknown } | null>
}

export type Work =
  | { readonly kind: 'propose'; readonly fingerprint: string }
  | { readonly kind: 'apply'; readonly proposalId: string }
  /** `by`: whoever asks without a card; null or absent when the proposal names who asked. */
  | { readonly kind: 'revert'; readonly proposalId: string; readonly by?: Person | null }

/** `group` serialises (FIFO): one target entity at a time. */
export interface WorkQueue {
  send(
    work: Work,
    options?: { readonly delaySeconds?: number; readonly group?: string; readonly deduplicationId?: string },
  ): Promise<void>
}

export interface AuditLog {
  /** Appends, retrying when another writer took the sequence; an entry whose key is already in the chain is not appended twice. */
  append(entry: AuditEntry): Promise<AuditRecord>
  records(): AsyncIterable<AuditRecord>
  /** Newest first. */
  latest(): AsyncIterable<AuditRecord>
}

/** A Slack message: Block Kit JSON and the plain-text fallback. */
export type ChatMessage = { readonly text: string; readonly blocks: readonly object[] }

export interface Chat {
  /**
   * `key` makes a retry find the message that was already posted. `first`: nobody can have posted under this key
   * before, so that no search is needed. `threadTs`: into that thread, not into the channel; with `broadcast`, shown in
   * the channel as well.
   */
  post(
    channel: string,
    message: ChatMessage,
    key: string,
    options?: { readonly first?: boolean; readonly threadTs?: string; readonly broadcast?: boolean },
  ): Promise<PostedCard>
  update(card: PostedCard, message: ChatMessage): Promise<void>
  /** Into the card's thread. */
  reply(card: PostedCard, message: ChatMessage): Promise<void>
  /** Seen only by that person, in the thread where they pressed when `threadTs` is given. */
  whisper(channel: string, userId: string, message: ChatMessage, threadTs?: string): Promise<void>
  openModal(triggerId: string, view: object): Promise<void>
  /** Members of a user group; unreadable fails closed. */
  groupMembers(groupId: string): Promise<Fact<readonly string[]>>
  /** The Slack user behind an e-mail address. */
  userByEmail(email: string): Promise<Fact<string | null>>
}

/** How things look in the chat. Whatever text goes in comes out as text: never as a mention, a link or markup. */
export interface Drawing {
  /** The proposal's card in its true state. */
  card(proposal: Proposal, nowMs: number): Promise<ChatMessage>
  /** What a failed deploy waits for; its console can be opened from it. */
  alert(alert: DeployAlert): ChatMessage | Promise<ChatMessage>
  /**
   * Plain text. `mention`: ids of users and user groups that are notified. `about`: said first where the message is
   * read away from its thread, as on a locked phone.
   */
  text(text: string, mention?: readonly string[], about?: string): ChatMessage
}

/** Views that open over the channel: the details, or the form that asks for a reason. */
export interface FormDrawing {
  form(form: Form, proposal: Proposal): object | Promise<object>
}

/** One SNS message. `detail` is the documented JSON body for programs. */
export type Notice = { readonly subject: string; readonly text: string; readonly detail: object }
export interface Notices {
  publish(notice: Notice): Promise<void>
}

/** Structured log line and metric. Never bodies, only ids and digests. */
export interface Observer {
  log(
    level: 'info' | 'warn' | 'error',
    message: string,
    fields?: { readonly [key: string]: string | number | boolean | null },
  ): void
  count(metric: string, value?: number): void
}
