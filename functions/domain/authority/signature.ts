import { createHash, createPublicKey, verify } from 'node:crypto'
import * as z from 'zod'
import { digestOf } from '../../../core/base/canonical-json.ts'

/**
 * Who may have signed: `decide` holds the key of decisions, `verify` that of attestations, `write` that of outcomes, `enroll` that of
 * enrollments. `audit` was the key of
 * `apply`, the one function that `verify` and `write` have replaced: what it signed can be read and taken away, and nothing signs with it.
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
function fingerprintOfKey(publicKey: string): string {
  return createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex').slice(0, 32)
}

export function publicKeyOf(use: KeyUse, publicKey: string): PublicKey {
  return { keyId: fingerprintOfKey(publicKey), use, algorithm: 'ECDSA_SHA_256', publicKey }
}

/**
 * What is signed: the digest of the value, as KMS takes no message above 4,096 bytes. `purpose` keeps a signature made for
 * one kind of statement from being used for another.
 */
export function signedBytes(purpose: string, value: unknown): Buffer {
  return Buffer.from(`${purpose}\n${digestOf(value)}`, 'utf8')
}

/** A message that was signed just before a rotation is still acted on. */
const RETIRED_FOR_MS = 24 * 60 * 60 * 1000

/** The keys that may still cause something new: those that sign now, and those that were retired less than a day ago. */
export const currentKeys = (keys: KeyRing, nowMs: number): KeyRing =>
  keys.filter(({ retiredAtMs }) => retiredAtMs === undefined || retiredAtMs > nowMs - RETIRED_FOR_MS)

/** False also for a key that is not in the ring, has another use, or does not have the fingerprint that it is listed under. */
export function isSigned(bytes: Buffer, signature: Signature, keys: KeyRing, use: KeyUse): boolean {
  const key = keys.find(one => one.keyId === signature.keyId && one.use === use)
  if (key === undefined || fingerprintOfKey(key.publicKey) !== key.keyId) return false
  try {
    const publicKey = createPublicKey({ key: Buffer.from(key.publicKey, 'base64'), format: 'der', type: 'spki' })
    if (publicKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return false
    return verify('sha256', bytes, publicKey, Buffer.from(signature.value, 'base64'))
  } catch {
    return false
  }
}
