/** How a passkey becomes somebody's: a request that the new key signs itself, confirmations of others, and the record of `enroll`. */
import { createPublicKey, hash } from 'node:crypto'
import * as z from 'zod'
import { digestOf, fail, ok, type Result } from '../../../../core/base/index.ts'
import { ASSERTION, type Assertion, challengeOf, type Enrollment, isAsserted } from '../passkey.ts'
import { ledgerKey } from '../spent.ts'
import { BOUNDED, type StatementKind } from '../statement.ts'

const { text, digest, instant, deploymentId } = BOUNDED
const base64url = (most: number) => z.string().check(z.maxLength(most), z.regex(/^[\w-]+$/))

const enrollRequest = z.strictObject({
  schema: z.literal('rolemedic.enroll-request/1'),
  deploymentId,
  rpId: text(253),
  userId: z.string().check(z.regex(/^[A-Z0-9]{2,64}$/)),
  credentialId: base64url(1400),
  publicKey: base64url(1400),
  algorithm: z.enum(['ES256', 'RS256', 'EdDSA']),
  atMs: instant,
})
export type EnrollRequest = z.infer<typeof enrollRequest>

/** What the page makes: the request, and the signature of the new key over it. */
export const assertionSchema = z.strictObject(ASSERTION)
const signedRequestSchema = z.strictObject({ request: enrollRequest, assertion: assertionSchema })
export type SignedEnrollRequest = z.infer<typeof signedRequestSchema>

/** As people hand it on: base64url of its JSON. */
export const MAX_REQUEST_CHARS = 12_000
export function readEnrollRequest(code: string): Result<SignedEnrollRequest, string> {
  if (code.length > MAX_REQUEST_CHARS || !/^[\w-]+$/.test(code))
    return fail('this is no request of the page: copy it whole')
  const read = signedRequestSchema.safeParse(jsonOf(Buffer.from(code, 'base64url').toString('utf8')))
  return read.success ? ok(read.data) : fail('this is no request of the page: copy it whole')
}

/** Where `enroll` keeps what it signs of one request: a browser gives the id of the credential, and nothing else of it. */
export const enrolledKey = (deploymentId: string, userId: string, credentialId: string, part: string): string =>
  ledgerKey('enrolled', deploymentId, userId, hash('sha256', credentialId).slice(0, 32), part)

const REQUEST_FOR_MS = 24 * 60 * 60_000
const MAX_SKEW_MS = 60_000

type Here = { readonly deploymentId: string; readonly origin: string; readonly nowMs: number }

/** Why it is no request for this deployment; null: its key signed it on its page, with the person verified. */
export function requestProblem(
  { request, assertion }: SignedEnrollRequest,
  { deploymentId: own, origin, nowMs }: Here,
): string | null {
  if (request.deploymentId !== own || request.rpId !== new URL(origin).hostname)
    return 'it was made for another deployment of rolemedic'
  if (request.atMs > nowMs + MAX_SKEW_MS)
    return 'it is from the future: set the clock of the device, and make another one'
  if (request.atMs < nowMs - REQUEST_FOR_MS) return 'it was made more than a day ago: make another one'
  if (Buffer.from(request.credentialId, 'base64url').toString('base64url') !== request.credentialId)
    return 'the id of its credential is not in its one spelling'
  if (algorithmOf(request.publicKey) !== request.algorithm) return 'its key is none that is taken'
  return isAsserted(assertion, request, challengeOf(request), origin) ? null : 'its key has not signed it'
}

/** Null: none that is taken, or not in its one spelling. */
function algorithmOf(publicKey: string): Enrollment['algorithm'] | null {
  try {
    const bytes = Buffer.from(publicKey, 'base64url')
    const key = createPublicKey({ key: bytes, format: 'der', type: 'spki' })
    const isExact =
      bytes.toString('base64url') === publicKey && key.export({ format: 'der', type: 'spki' }).equals(bytes)
    const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
    if (!isExact) return null
    if (type === 'ec') return bytes.length === 91 && bytes.subarray(0, P256.length).equals(P256) ? 'ES256' : null
    if (type === 'rsa' && (details?.modulusLength ?? 0) >= 2048 && details?.publicExponent === 65_537n) return 'RS256'
    return type === 'ed25519' && !isSmall(bytes.subarray(-32)) ? 'EdDSA' : null
  } catch {
    return null
  }
}

/** Before an uncompressed point: OpenSSL writes other forms of the same point as it read them. https://www.rfc-editor.org/rfc/rfc5480#section-2.2 */
const P256 = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d03010703420004', 'hex')

/** The points of Ed25519 whose order divides 8, in every spelling: nobody needs a private key to sign for them. The last bit is a sign. */
const SMALL_POINTS: readonly string[] = [
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  ...['ec', 'ed', 'ee'].map(first => `${first}${'ff'.repeat(30)}7f`),
]
function isSmall(point: Buffer): boolean {
  const unsigned = Buffer.from(point)
  unsigned[31] = (unsigned[31] ?? 0) & 0x7f
  return SMALL_POINTS.includes(unsigned.toString('hex'))
}

/** What another person's passkey signs to confirm it. */
export const confirmationOf = (request: EnrollRequest) => ({
  schema: 'rolemedic.confirm-passkey/1',
  request: digestOf(request),
})

/** What people read to each other: nobody finds another key with the same. */
export const wordsOfRequest = (request: EnrollRequest): string =>
  (
    digestOf(request)
      .slice('sha256:'.length, 'sha256:'.length + 24)
      .match(/.{4}/g) ?? []
  ).join('-')

/** Bytes of the authenticator: https://www.w3.org/TR/webauthn-3/#sctn-authenticator-data */
const bytesOf = ({ authenticatorData }: Pick<Assertion, 'authenticatorData'>) =>
  Buffer.from(authenticatorData, 'base64url')
/** Backup eligibility. */
const isSynced = (assertion: Assertion): boolean => ((bytesOf(assertion)[32] ?? 0) & 0b1000) !== 0
export const signCountOf = (assertion: Assertion): number => {
  const bytes = bytesOf(assertion)
  return bytes.length < 37 ? 0 : bytes.readUInt32BE(33)
}

export function enrollmentOf(
  { request, assertion }: SignedEnrollRequest,
  confirmedBy: readonly string[],
  atMs: number,
): Enrollment {
  const { schema: _, ...facts } = request
  return {
    ...facts,
    schema: 'rolemedic.enrollment/1',
    isSynced: isSynced(assertion),
    confirmedBy: [...confirmedBy],
    atMs,
  }
}

/** What `enroll` keeps of each who confirmed a request. */
const confirmation = z.strictObject({
  ...{ schema: z.literal('rolemedic.confirmation/1'), deploymentId, key: text(300), request: digest },
  /** `publicKey`: of the passkey that confirmed it. Null: an administrator did, with AWS credentials. */
  ...{ by: text(300), publicKey: z.nullable(base64url(1400)), atMs: instant },
})
export type PasskeyConfirmation = z.infer<typeof confirmation>
export const PASSKEY_CONFIRMATION: StatementKind<PasskeyConfirmation> = {
  ...{ purpose: 'rolemedic.confirmation/1', use: 'enrollments', schema: confirmation },
}

const revocation = z.strictObject({
  ...{ schema: z.literal('rolemedic.revocation/1'), deploymentId, key: text(300), userId: text(64) },
  ...{ credentialId: base64url(1400), by: text(300), atMs: instant },
})
export type Revocation = z.infer<typeof revocation>
export const REVOCATION: StatementKind<Revocation> = {
  ...{ purpose: 'rolemedic.revocation/1', use: 'enrollments', schema: revocation },
}

function jsonOf(json: string): unknown {
  try {
    return JSON.parse(json) as unknown
  } catch {
    return null
  }
}
