/** The chain of audit records: how one is linked to the one before, and how a stored chain is checked. */

import { hash } from 'node:crypto'
import * as z from 'zod'
import { canonicalJson, digestOf, fail, isPlainCanonicalJson, ok, type Result } from '../../../core/base/index.ts'
import type { PolicyDocument } from '../../../core/iam/index.ts'
import type { Risk, TargetKind } from '../../../core/patch/index.ts'
import {
  isSigned,
  type KeyRing,
  type Signature,
  type SignedDecision,
  type SignedOutcome,
  signedBytes,
} from '../authority/index.ts'
import type { RecordedCard } from '../messages/index.ts'
import {
  AUDIT_KINDS,
  type AuditEntry,
  type AuditRecord,
  type GrantLife,
  isAuditRecord,
  MAX_TIME_MS,
  type RecordBody,
} from './audit-record.ts'

/** The newest record, as kept outside the log: without it, records cut off the end would not be missed. */
export type ChainHead = { readonly sequence: number; readonly hash: string }

/** A record as storage has it. */
export type StoredRecord = {
  /** File name or object key. */
  readonly place: string
  /** The number in its name; null when the name is not one of ours. */
  readonly sequence: number | null
  /** The first version ever stored under that name. */
  readonly text: string
  /** Why the storage does not give the content; absent: it does. */
  readonly unread?: string
  /** More than 1: somebody stored something under the same name later. */
  readonly versions: number
}

/** `sequence`: higher than the next number where foreign objects occupy the numbers between. */
export const bodyAfter = (
  previous: AuditRecord | null,
  entry: AuditEntry,
  sequence = (previous?.sequence ?? 0) + 1,
): RecordBody => ({ schema: 'rolemedic.audit/1', sequence, previousHash: previous?.hash ?? null, entry })

/** `signature`: over `recordBytes(body)`; null for a record that is not signed. */
export function sealed(body: RecordBody, signature: Signature | null): AuditRecord {
  const whole = signature === null ? body : { ...body, signature }
  return { ...whole, hash: digestOf(whole) }
}

export const linkRecord = (previous: AuditRecord | null, entry: AuditEntry): AuditRecord =>
  sealed(bodyAfter(previous, entry), null)

/** The bytes that `verify` signs, and `apply` did before: a record that is moved or chained to another one does not verify. */
export const recordBytes = (body: RecordBody): Buffer => signedBytes('rolemedic.audit/1', body)

/** Who signed it, by the key. Null: nobody whose key is known. */
export function signerOfRecord({ hash: _, signature, ...body }: AuditRecord, keys: KeyRing): 'verify' | 'apply' | null {
  if (signature === undefined) return null
  const bytes = recordBytes(body)
  if (isSigned(bytes, signature, keys, 'attestations')) return 'verify'
  return isSigned(bytes, signature, keys, 'audit') ? 'apply' : null
}

export const isSignedRecord = (record: AuditRecord, keys: KeyRing): boolean => signerOfRecord(record, keys) !== null

/** The bytes of a record, the same in a folder and in a bucket, so that a copy of either can be checked. */
export const storedForm = (record: AuditRecord) => `${canonicalJson(record)}\n`

/** Whether a record still has the hash that it was given. */
export function isIntact({ hash: given, ...body }: AuditRecord): boolean {
  return digestOf(body) === given
}

/** A stored record, and whether its bytes are those that were written with the hash that it carries. */
export function readStoredRecord(
  stored: string,
): Result<{ readonly record: AuditRecord; readonly isAsWritten: boolean }, string> {
  const value = jsonIn(stored)
  const isForm = isStoredForm(value, stored)
  const record = isForm && isAuditRecord(value) ? ok(value) : recordOf(value, stored)
  if (!record.ok) return record
  const isWritten = isForm || stored === storedForm(record.value)
  return ok({ record: record.value, isAsWritten: isWritten && hasItsHash(record.value, stored) })
}

/** False: it may still be the stored form of `value`, in which a record is read without `__proto__`. */
const isStoredForm = (value: unknown, stored: string): boolean =>
  value !== undefined &&
  stored.endsWith('\n') &&
  isPlainCanonicalJson(stored, stored.length - 1, MAX_DEPTH) &&
  !stored.includes('__proto__')

/** Of bytes in the canonical form, what is left without the member `hash` is the form that was hashed. */
function hasItsHash(record: AuditRecord, stored: string): boolean {
  const member = `"hash":"${record.hash}",`
  const at = stored.lastIndexOf(member)
  const body = `${stored.slice(0, at)}${stored.slice(at + member.length, -1)}`
  return record.hash === `sha256:${hash('sha256', body)}` || isIntact(record)
}

/** Far above any record: policies have quotas of some kilobytes. What is longer is read no further. */
export const MAX_RECORD_BYTES = 1_000_000

const SEQUENCE_DIGITS = 12
export const recordName = (sequence: number) => `${String(sequence).padStart(SEQUENCE_DIGITS, '0')}.json`

/** Null: not a name that we give. */
export function sequenceIn(name: string): number | null {
  const match = /(?:^|\/)(\d{12})\.json$/.exec(name)
  return match?.[1] === undefined ? null : Number(match[1])
}

const text = z.string()
const person = z.looseObject({ id: text, name: text })
const policyShape = z.object({ Statement: z.array(z.object({})) })
/** As it was recorded, whatever grammar was known then: it is shown, and never written. */
const policyDocument = z.custom<PolicyDocument>(value => policyShape.safeParse(value).success, 'not a policy document')
/** A newer version may record other kinds. */
const targetKind = z.custom<TargetKind>(value => typeof value === 'string', 'not the kind of a target')
const target = z.looseObject({ kind: targetKind, accountId: text, name: text, policyName: z.nullable(text), arn: text })

/** A newer version may know others. */
const risk = z.custom<Risk>(value => typeof value === 'string', 'not a risk')

/** As it was recorded: what it says is checked with its signature. */
const asRecorded = <T>() => z.custom<T>(value => typeof value === 'object' && value !== null, 'not an object')

/** Loose: members that are not listed are kept, as the hash covers them too. */
const auditRecord = z.looseObject({
  schema: z.literal('rolemedic.audit/1'),
  sequence: z.int().check(z.gte(1)),
  previousHash: z.nullable(text),
  hash: text,
  signature: z.exactOptional(asRecorded<Signature>()),
  entry: z.looseObject({
    kind: z.enum(AUDIT_KINDS),
    atMs: z.number().check(z.gte(-MAX_TIME_MS), z.lte(MAX_TIME_MS)),
    proposalId: z.nullable(text),
    key: text,
    by: z.nullable(person),
    principal: z.nullable(text),
    resource: z.nullable(text),
    action: z.nullable(text),
    accountId: z.nullable(text),
    eventIds: z.array(text),
    requestIds: z.array(text),
    digest: z.nullable(text),
    changes: z.array(z.looseObject({ target, before: z.nullable(policyDocument), after: z.nullable(policyDocument) })),
    why: text,
    botVersion: text,
    decision: z.exactOptional(asRecorded<SignedDecision>()),
    card: z.exactOptional(asRecorded<RecordedCard>()),
    left: z.exactOptional(z.array(target)),
    life: z.exactOptional(asRecorded<GrantLife>()),
    risk: z.exactOptional(risk),
    outcome: z.exactOptional(asRecorded<SignedOutcome>()),
  }),
})

/** Reads a stored record. The error says what is wrong with it, in words. */
export const parseAuditRecord = (stored: string): Result<AuditRecord, string> => recordOf(jsonIn(stored), stored)

/** Undefined: it is no JSON. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function recordOf(value: unknown, stored: string): Result<AuditRecord, string> {
  if (value === undefined) return fail(stored.trim() === '' ? 'it is empty' : 'it is cut off or is not JSON')
  if (isDeeperThan(MAX_DEPTH, value)) return fail('it is not an audit record: it is nested too deeply')
  const parsed = auditRecord.safeParse(value)
  if (parsed.success) return ok(parsed.data)
  const [issue] = parsed.error.issues
  return fail(`it is not an audit record: ${issue?.path.join('.') || 'record'}: ${issue?.message ?? 'invalid'}`)
}

/** The record that belongs under this number. The error says why what is stored there is none. */
export function recordUnder(sequence: number, stored: string): Result<AuditRecord, string> {
  const read = readStoredRecord(stored)
  if (!read.ok) return read
  const { record, isAsWritten } = read.value
  if (record.sequence !== sequence) return fail(`it holds the record with the sequence ${record.sequence}`)
  return isAsWritten || isIntact(record) ? ok(record) : fail('its content does not have the hash that it carries')
}

/** A policy document in a record is about ten levels deep. */
const MAX_DEPTH = 100

/** What others store may be nested as deep as it is long, and hashing goes through it level by level. */
function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some(member => isDeeperThan(levels - 1, member))
}

const chainHead = z.object({
  sequence: z.int().check(z.gte(1)),
  hash: z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/)),
})

/** Null: not a head. */
export function parseChainHead(stored: string): ChainHead | null {
  try {
    return chainHead.parse(JSON.parse(stored))
  } catch {
    return null
  }
}
