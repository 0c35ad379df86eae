/**
 * A person's passkey, and what it signs: the digest of a decision is the challenge of WebAuthn. Keys are stored as SPKI, so that nothing here
 * reads CBOR. https://www.w3.org/TR/webauthn-3/#sctn-verifying-assertion
 */
import { createPublicKey, hash, verify } from 'node:crypto'
import * as z from 'zod'
import { digestOf } from '../../../core/base/canonical-json.ts'
import { BOUNDED, type StatementKind, signedShape } from './statement.ts'

const { text, texts, instant, deploymentId } = BOUNDED
const base64url = (most: number) => z.string().check(z.maxLength(most), z.regex(/^[\w-]+$/))

const enrollment = z.strictObject({
  ...{ schema: z.literal('rolemedic.enrollment/1'), deploymentId, atMs: instant, userId: text(64), rpId: text(253) },
  ...{ credentialId: base64url(1400), publicKey: base64url(1400), algorithm: z.enum(['ES256', 'RS256', 'EdDSA']) },
  /** `isSynced`: it may be copied to other devices. */
  ...{ isSynced: z.boolean(), confirmedBy: texts(10, 300).check(z.minLength(1)) },
})
export type Enrollment = z.infer<typeof enrollment>
/** In `confirmedBy`, in front of a name that AWS gives. */
export const BY_ADMINISTRATOR = 'administrator '
/** What `enroll` signs: whose device this is. */
export const ENROLLMENT: StatementKind<Enrollment> = {
  purpose: 'rolemedic.enrollment/1',
  use: 'enrollments',
  schema: enrollment,
}

/** What `navigator.credentials.get` gives, in base64url. */
export const ASSERTION = { clientData: base64url(4000), authenticatorData: base64url(4000), signature: base64url(2000) }
export type Assertion = Omit<Passkey, 'enrollment'>
export const passkeySchema = z.strictObject({ enrollment: signedShape(ENROLLMENT), ...ASSERTION })
export type Passkey = z.infer<typeof passkeySchema>

/** Which approvals need a passkey, and of whom they count: `people` null is everybody who may approve. `origin`: of the page that asks for it. */
export const PASSKEY_SETTINGS = {
  ...{ needed: z.enum(['off', 'elevated', 'always']), isDeviceBound: z.boolean() },
  people: z.nullable(texts(2000, 64)),
}
export const passkeyRuleSchema = z.strictObject({ ...PASSKEY_SETTINGS, origin: text(300) })
export type PasskeyRule = z.infer<typeof passkeyRuleSchema>

/** In base64url, as the browser gives it back. */
export const challengeOf = (statement: object): string => Buffer.from(digestOf(statement)).toString('base64url')

type AssertingKey = Pick<Enrollment, 'publicKey' | 'algorithm'> & { readonly isSynced?: boolean }

/** Whether this key signed exactly this challenge on exactly this page, with the person present and verified, and is synced as it was. */
export function isAsserted(given: Assertion, by: AssertingKey, challenge: string, origin: string): boolean {
  try {
    const read = (value: string) => Buffer.from(value, 'base64url')
    const [client, data] = [read(given.clientData), read(given.authenticatorData)]
    const json = JSON.parse(client.toString())
    const isMeant = json.type === 'webauthn.get' && json.challenge === challenge && json.origin === origin
    const isHere = data.subarray(0, 32).equals(hash('sha256', new URL(origin).hostname, 'buffer'))
    // A byte of flags, of which the first is presence, the third verification and the fourth whether it may be copied; and four of the counter.
    const flags = data[32] ?? 0
    const isPerson = data.length >= 37 && (flags & 0b101) === 0b101 && by.isSynced !== ((flags & 0b1000) === 0)
    if (!isMeant || json.crossOrigin === true || 'topOrigin' in json || !isHere || !isPerson) return false
    const key = createPublicKey({ key: read(by.publicKey), format: 'der', type: 'spki' })
    const signed = Buffer.concat([data, hash('sha256', client, 'buffer')])
    return verify(by.algorithm === 'EdDSA' ? null : 'sha256', signed, key, read(given.signature))
  } catch {
    return false
  }
}
