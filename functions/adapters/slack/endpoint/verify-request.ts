/**
 * Verifies that a request comes from Slack and is recent. Uses the raw bytes, before any parsing.
 * https://docs.slack.dev/authentication/verifying-requests-from-slack/
 */

import { createHmac, timingSafeEqual } from 'node:crypto'
import { type Brand, fail, ok, type Refusal, type Result, RolemedicError } from '../../../../core/base/index.ts'
import type { Clock } from '../../../ports/clock.ts'

/** The request as an HTTP API delivers it. The body is text, or bytes in base64. */
export type SignedSlackRequest = {
  readonly headers: { readonly [name: string]: string | undefined }
  readonly body: string | undefined
  readonly isBase64Encoded: boolean
}

/** Bytes with a valid signature. Only the verifier creates them, and only these are parsed. */
export type VerifiedBody = Brand<Buffer, 'slack-verified'>
export type SlackVerifier = (request: SignedSlackRequest) => Result<VerifiedBody, Refusal>

const WINDOW_SECONDS = 300
const SIGNATURE = /^v0=([0-9a-f]{64})$/
const TIMESTAMP = /^[1-9]\d{0,11}$/
/** Slack's signing secrets have 32 hex digits. Anything much shorter is a placeholder. */
const SHORTEST_SECRET = 16
const LARGEST_BODY_BYTES = 1_000_000

export const isSigningSecret = (secret: string): boolean => secret.trim() === secret && secret.length >= SHORTEST_SECRET

/** A recent request in Slack's form whose signature is not verified yet. */
export type SlackShaped = {
  readonly timestamp: string
  readonly signature: Buffer
  readonly body: Buffer
}

/** Button presses, forms and commands. */
const FORM = /^application\/x-www-form-urlencoded(\s*;|$)/i
/** Events. */
const JSON_OBJECT = /^application\/json(\s*;|$)/i
const BRACE = 0x7b
/** Base64 uses four characters for three bytes. */
const LARGEST_BODY_CHARS = Math.ceil((LARGEST_BODY_BYTES * 4) / 3) + 4

/** Needs no secret and no copy of the body, so that a flood of other requests is rejected at low cost. */
export function slackShaped(request: SignedSlackRequest, clock: Clock): Result<SlackShaped, Refusal> {
  const timestamp = header(request, 'x-slack-request-timestamp')
  const signature = SIGNATURE.exec(header(request, 'x-slack-signature') ?? '')?.[1]
  if (timestamp === null || !TIMESTAMP.test(timestamp)) return refused('timestamp', 'the timestamp is missing or odd')
  if (signature === undefined) return refused('form', 'the signature is missing or not of version v0')
  const ageSeconds = Math.abs(clock() / 1000 - Number(timestamp))
  if (!(ageSeconds <= WINDOW_SECONDS)) return refused('timestamp', 'the timestamp is too far from now')
  const type = header(request, 'content-type') ?? ''
  if (!FORM.test(type) && !JSON_OBJECT.test(type)) return refused('form', 'the body is neither a form nor JSON')
  const text = request.body ?? ''
  if (text === '') return refused('form', 'there is no body')
  if (text.length > LARGEST_BODY_CHARS) return refused('size', 'the body is too large')
  const body = Buffer.from(text, request.isBase64Encoded ? 'base64' : 'utf8')
  if (body.length > LARGEST_BODY_BYTES) return refused('size', 'the body is too large')
  if (isJsonObject(body) !== JSON_OBJECT.test(type)) return refused('form', 'the body is not what its header says')
  return ok({ timestamp, signature: Buffer.from(signature, 'hex'), body })
}

/** Looks at the signed bytes, because headers are not signed. Slack's forms never begin with a brace. */
export const isJsonObject = (body: Buffer): boolean => body[0] === BRACE

/** `secrets`: all valid secrets, two of them during a rotation. */
export function slackVerifier(options: { readonly secrets: readonly string[]; readonly clock: Clock }): SlackVerifier {
  const secrets = [...options.secrets]
  if (secrets.length === 0) throw new RolemedicError('slack-secret', 'no Slack signing secret is set')
  if (!secrets.every(isSigningSecret))
    throw new RolemedicError('slack-secret', 'a Slack signing secret is too short or has white space around it')

  return request => {
    const shaped = slackShaped(request, options.clock)
    if (!shaped.ok) return shaped
    const { timestamp, signature, body } = shaped.value
    // Compares every secret, so that timing does not reveal which one matches.
    const matches = secrets.map(secret => timingSafeEqual(signature, signatureOf(secret, timestamp, body)))
    return matches.includes(true) ? ok(body as VerifiedBody) : refused('signature', 'the signature does not match')
  }
}

export const slackSignature = (secret: string, timestamp: string, body: Buffer): string =>
  `v0=${signatureOf(secret, timestamp, body).toString('hex')}`

function signatureOf(secret: string, timestamp: string, body: Buffer): Buffer {
  return createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest()
}

/** Gateways change the case of header names. Two headers of one name are invalid. */
function header(request: SignedSlackRequest, name: string): string | null {
  const values = Object.entries(request.headers).filter(([key]) => key.toLowerCase() === name)
  return values.length === 1 ? (values[0]?.[1] ?? null) : null
}

const refused = (part: string, message: string) => fail({ code: `slack-${part}`, message, owner: null })
