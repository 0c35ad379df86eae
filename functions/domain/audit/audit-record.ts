import type { Answer, PolicyDocument } from '../../../core/iam/index.ts'
import type { Risk, Target } from '../../../core/patch/index.ts'
import type { Signature, SignedDecision, SignedOutcome } from '../authority/index.ts'
import type { Person, RecordedCard } from '../messages/index.ts'

export const AUDIT_KINDS = [
  'denial-seen',
  'proposed',
  'refused',
  'approved',
  'rejected',
  'expired',
  'apply-intended',
  'applied',
  'apply-failed',
  'stale',
  'confirmed',
  'did-not-help',
  'revert-intended',
  'reverted',
  'revert-failed',
  'break-glass',
  'forged',
  'pull-request',
] as const
export type AuditKind = (typeof AUDIT_KINDS)[number]

/** What only `verify` records, with its signature. It signs the others that it writes, too. */
const OF_VERIFY: ReadonlySet<AuditKind> = new Set([
  'apply-intended',
  'applied',
  'apply-failed',
  'revert-intended',
  'reverted',
  'revert-failed',
])
export const isOfVerify = ({ kind, life }: Pick<AuditEntry, 'kind' | 'life'>): boolean =>
  OF_VERIFY.has(kind) || life?.kind === 'evaluated'

/**
 * The life of a grant after it was written. `evaluated`: what the denied request was once a permission set had been given to its accounts,
 * or should have been; the answer in `applied` is of before. `used`: a call that it allows has succeeded, last at this time. `offered`: a card
 * asks whether it is still needed. `gone`: nothing of it is in IAM, and rolemedic did not take it away. `kept`: a person said so. `ratified`, `not-ratified`: a person said of a break-glass whether it was right.
 */
export type GrantLife =
  | { readonly kind: 'evaluated'; readonly answer: Answer }
  | { readonly kind: 'used'; readonly lastUsedAtMs: number }
  | { readonly kind: 'offered' | 'gone' }
  | { readonly kind: 'kept' | 'ratified' | 'not-ratified'; readonly decision: SignedDecision }

/** What happened. No secrets, no external ids, no encoded blobs. */
export type AuditEntry = {
  readonly kind: AuditKind
  readonly atMs: number
  readonly proposalId: string | null
  /** Makes an entry unique, so that a redelivery appends nothing: `<proposalId>/<kind>/<n>`. */
  readonly key: string
  readonly by: Person | null
  readonly principal: string | null
  readonly resource: string | null
  readonly action: string | null
  readonly accountId: string | null
  readonly eventIds: readonly string[]
  readonly requestIds: readonly string[]
  readonly digest: string | null
  readonly changes: readonly {
    readonly target: Target
    readonly before: PolicyDocument | null
    readonly after: PolicyDocument | null
  }[]
  /** Why: the diagnosis in one sentence, or the refusal. */
  readonly why: string
  readonly botVersion: string
  /** The person's decision that this follows from, as `decide` signed it. Absent where no person decided, and in older records. */
  readonly decision?: SignedDecision
  /** The message in the chat, once the card is posted. Absent: not posted yet, or an older record. */
  readonly card?: RecordedCard
  /** With `apply-failed`: what could not be undone and is still in IAM. Absent: nothing, or an older record. */
  readonly left?: readonly Target[]
  /** Of the change at the write, as `verify` attested. Absent where nothing was written, and in older records. */
  readonly risk?: Risk
  /** What `write` signed about it. Absent where it wrote nothing, and in older records. */
  readonly outcome?: SignedOutcome
  /** With `confirmed` alone: a reader of an earlier version takes a record of an unknown kind for damage. */
  readonly life?: GrantLife
}

/** One link of the chain: stored at `<prefix>/<12-digit sequence>.json`, created only if absent. */
export type AuditRecord = {
  readonly schema: 'rolemedic.audit/1'
  /** From 1. A number that something else occupies is skipped. */
  readonly sequence: number
  /** SHA-256 of the record before, over its canonical form; null for the first. */
  readonly previousHash: string | null
  readonly entry: AuditEntry
  /** By `verify`, over everything above: also its place in the chain. Absent in records of other functions, and in older ones. */
  readonly signature?: Signature
  /** SHA-256 over the canonical form of everything above. */
  readonly hash: string
}

export type RecordBody = Pick<AuditRecord, 'schema' | 'sequence' | 'previousHash' | 'entry'>

type Members = { readonly [name: string]: unknown }
const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown): boolean => typeof value === 'string'
const isTextOrNull = (value: unknown): boolean => value === null || typeof value === 'string'
const isListOf = (value: unknown, isOne: (one: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(one => isOne(one))
const isRecordedOrAbsent = (value: unknown): boolean =>
  value === undefined || (typeof value === 'object' && value !== null)

/** The last time that a calendar has: https://tc39.es/ecma262/#sec-time-values-and-time-range */
export const MAX_TIME_MS = 8_640_000_000_000_000
const KINDS: ReadonlySet<unknown> = new Set(AUDIT_KINDS)

/** Of what `JSON.parse` reads: as the schema of records says it, in a tenth of the time. Only the schema says what is wrong. */
export function isAuditRecord(value: unknown): value is AuditRecord {
  if (!isObject(value)) return false
  const { schema, sequence, previousHash, hash, signature, entry } = value
  return (
    schema === 'rolemedic.audit/1' &&
    typeof sequence === 'number' &&
    Number.isSafeInteger(sequence) &&
    sequence >= 1 &&
    isTextOrNull(previousHash) &&
    isText(hash) &&
    isRecordedOrAbsent(signature) &&
    isObject(entry) &&
    isEntry(entry)
  )
}

function isEntry(entry: Members): boolean {
  const { kind, atMs, proposalId, key, by, principal, resource, action, accountId, digest, why, botVersion } = entry
  const { eventIds, requestIds, changes, decision, card, left, risk, life, outcome } = entry
  return (
    KINDS.has(kind) &&
    typeof atMs === 'number' &&
    Math.abs(atMs) <= MAX_TIME_MS &&
    [key, why, botVersion].every(isText) &&
    [proposalId, principal, resource, action, accountId, digest].every(isTextOrNull) &&
    (by === null || (isObject(by) && isText(by['id']) && isText(by['name']))) &&
    isListOf(eventIds, isText) &&
    isListOf(requestIds, isText) &&
    isListOf(changes, isChange) &&
    (left === undefined || isListOf(left, isTarget)) &&
    (risk === undefined || isText(risk)) &&
    [decision, card, life, outcome].every(isRecordedOrAbsent)
  )
}

function isChange(change: unknown): boolean {
  if (!isObject(change)) return false
  const { target, before, after } = change
  return isTarget(target) && [before, after].every(isPolicyOrNull)
}

const isPolicyOrNull = (value: unknown): boolean =>
  value === null || (isObject(value) && isListOf(value['Statement'], isObject))

function isTarget(target: unknown): boolean {
  if (!isObject(target)) return false
  const { kind, accountId, name, arn, policyName } = target
  return [kind, accountId, name, arn].every(isText) && isTextOrNull(policyName)
}
