/** A signed statement of one function: what it says, bounded and strictly parsed, who signed it, and whether that is true. */
import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto'
import * as z from 'zod'
import { digestOf } from '../../../core/base/canonical-json.ts'
import { fail, ok, type Result } from '../../../core/base/result.ts'

/**
 * Who may have signed: `decide` holds the key of decisions, `verify` that of attestations, `write` that of outcomes, `enroll` that of
 * enrollments. `audit` was the key of `apply`, the one function that `verify` and `write` have replaced: what it signed can be read and
 * taken away, and nothing signs with it.
 */
export const KEY_USES = ['decisions', 'attestations', 'outcomes', 'enrollments', 'audit'] as const
export type KeyUse = (typeof KEY_USES)[number]

export type PublicKey = {
  readonly keyId: string
  readonly use: KeyUse
  readonly algorithm: 'ECDSA_SHA_256'
  /** SubjectPublicKeyInfo, DER, base64: what `kms:GetPublicKey` returns. */
  readonly publicKey: string
  /** When another key took its place. Absent: it signs now. */
  readonly retiredAtMs?: number
}

/** Also keys that sign no longer: what they signed can be read and taken away, and after a day causes nothing new. */
export type KeyRing = readonly PublicKey[]

export const BASE64 = /^[A-Za-z0-9+/]{1,400}={0,2}$/
export const KEY_ID = /^[0-9a-f]{32}$/

/**
 * ECDSA on P-256 over SHA-256, as AWS KMS makes it with an `ECC_NIST_P256` key: DER, base64.
 * https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
 */
export const signatureSchema = z.strictObject({
  /** `fingerprintOfKey` of the public key: the key itself tells whether it is the one meant. */
  keyId: z.string().check(z.regex(KEY_ID)),
  value: z.string().check(z.regex(BASE64)),
})

export type Signature = Readonly<z.infer<typeof signatureSchema>>

/** The first 32 hex digits of the SHA-256 of the key's DER form. */
const fingerprintOfKey = (publicKey: string): string => hash('sha256', Buffer.from(publicKey, 'base64')).slice(0, 32)

export function publicKeyOf(use: KeyUse, publicKey: string): PublicKey {
  return { keyId: fingerprintOfKey(publicKey), use, algorithm: 'ECDSA_SHA_256', publicKey }
}

/**
 * What is signed: the digest of the value, as KMS takes no message above 4,096 bytes. `purpose` keeps a signature made for
 * one kind of statement from being used for another.
 */
export const signedBytes = (purpose: string, value: unknown): Buffer => Buffer.from(`${purpose}\n${digestOf(value)}`)

/** A message that was signed just before a rotation is still acted on. */
const RETIRED_FOR_MS = 24 * 60 * 60 * 1000

/** The keys that may still cause something new: those that sign now, and those that were retired less than a day ago. */
export const currentKeys = (keys: KeyRing, nowMs: number): KeyRing =>
  keys.filter(({ retiredAtMs }) => retiredAtMs === undefined || retiredAtMs > nowMs - RETIRED_FOR_MS)

/** The keys of the rings, by their base64: to read one takes longer than to verify with it. */
const READ = new Map<string, KeyObject>()

/** False also for a key that is not in the ring, has another use, or does not have the fingerprint that it is listed under. */
export function isSigned(bytes: Buffer, signature: Signature, keys: KeyRing, use: KeyUse): boolean {
  const listed = keys.find(one => one.keyId === signature.keyId && one.use === use)?.publicKey
  if (listed === undefined || fingerprintOfKey(listed) !== signature.keyId) return false
  try {
    const key = READ.get(listed) ?? createPublicKey({ key: Buffer.from(listed, 'base64'), format: 'der', type: 'spki' })
    if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return false
    READ.set(listed, key)
    return verify('sha256', bytes, key, Buffer.from(signature.value, 'base64'))
  } catch {
    return false
  }
}

export type Signed<T> = { readonly statement: T; readonly signature: Signature }

/** `purpose` keeps a signature for one kind of statement from being used for another. */
export type StatementKind<T> = { readonly purpose: string; readonly use: KeyUse; readonly schema: z.core.$ZodType<T> }

export const signedShape = <T>({ schema }: StatementKind<T>) =>
  z.strictObject({ statement: schema, signature: signatureSchema })

/** The bytes to sign. Throws for what could not be read again. */
export const statementBytes = <T>({ purpose, schema }: StatementKind<T>, statement: T): Buffer =>
  signedBytes(purpose, z.parse(schema, statement))

/** The statement, only if the function that holds the key made it. */
export function verified<T>(kind: StatementKind<T>, signed: Signed<T>, keys: KeyRing): Result<T, string> {
  const isTheirs = isSigned(signedBytes(kind.purpose, signed.statement), signed.signature, keys, kind.use)
  return isTheirs ? ok(signed.statement) : fail(`the statement ${kind.purpose} carries no valid signature`)
}

const text = (most: number) => z.string().check(z.minLength(1), z.maxLength(most))
const texts = (most: number, chars: number) => z.readonly(z.array(text(chars)).check(z.maxLength(most)))

/** What statements are made of. Everything has a bound. */
export const BOUNDED = {
  text,
  texts,
  digest: z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/)),
  /** Milliseconds since 1970. */
  instant: z.int().check(z.gte(0), z.lte(8_640_000_000_000_000)),
  /** Made once for each deployment of the bot. */
  deploymentId: z.string().check(z.regex(/^[0-9a-f-]{8,64}$/)),
  /** A part of a storage key: no slash, no dot first. */
  proposalId: z.string().check(z.regex(/^[A-Za-z0-9][\w.-]{0,63}$/)),
  risk: z.enum(['low', 'elevated', 'high']),
  approversNeeded: z.int().check(z.gte(1), z.lte(10)),
  /** Codes of the findings that people saw, and what else becomes possible with the change. */
  findings: texts(100, 64),
  blastRadius: texts(100, 2000),
}

/** A kind of which each statement names its deployment and its proposal. */
export const statementKind = <const Purpose extends string, Members extends z.core.$ZodLooseShape>(
  purpose: Purpose,
  use: KeyUse,
  members: Members,
) => ({
  purpose,
  use,
  schema: z.strictObject({
    schema: z.literal(purpose),
    deploymentId: BOUNDED.deploymentId,
    proposalId: BOUNDED.proposalId,
    atMs: BOUNDED.instant,
    ...members,
  }),
})

/** The bytes that `decide` signs, of every version. */
export const decisionBytes = (decision: object): Buffer => signedBytes('rolemedic.decision/1', decision)

type Act = { readonly kind: string; readonly by: { readonly userId: string } }
type SignedAct<D> = { readonly decision: D; readonly signature: Signature }

/** The decision itself, only if `decide` made it. The error is a sentence for the audit log and the alarm. */
export function verifyDecision<D extends Act>({ decision, signature }: SignedAct<D>, keys: KeyRing): Result<D, string> {
  return isSigned(decisionBytes(decision), signature, keys, 'decisions')
    ? ok(decision)
    : fail(`the ${decision.kind} by ${decision.by.userId} does not carry a signature of decide`)
}
