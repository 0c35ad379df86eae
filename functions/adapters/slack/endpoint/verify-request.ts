/**
 * Checks that a request is from Slack and recent. Works on the raw bytes, before anything is parsed.
 * https://docs.slack.dev/authentication/verifying-requests-from-slack/
 */

import { createHmac, timingSafeEqual } from 'node:crypto'
import { type Brand, fail, ok, type Refusal, type Result, RolemedicError } from '../../../../core/base/index.ts'
import type { Clock } from '../../../ports/clock.ts'

/** What an HTTP API hands over. The body is bytes in base64, or text. */
export type SignedSlackRequest = {
  readonly headers: { readonly [name: string]: string | undefined }
  readonly body: string | undefined
  readonly isBase64Encoded: boolean
}

/** Bytes that carried a valid signature. Only the verifier makes them, and only these are parsed. */
export type VerifiedBody = Brand<Buffer, 'slack-verified'>
export type SlackVerifier = (request: SignedSlackRequest) => Result<VerifiedBody, Refusal>

const WINDOW_SECONDS = 300
const SIGNATURE = /^v0=([0-9a-f]{64})$/
const TIMESTAMP = /^[1-9]\d{0,11}$/
/** Slack's signing secrets have 32 hex digits; anything much shorter is a placeholder. */
const SHORTEST_SECRET = 16
const LARGEST_BODY_BYTES = 1_000_000

export const isSigningSecret = (secret: string): boolean => secret.trim() === secret && secret.length >= SHORTEST_SECRET

/** A request in the form that Slack sends, and recent. Only its signature is not checked yet. */
export type SlackShaped = {
  readonly timestamp: string
  readonly signature: Buffer
  readonly body: Buffer
}

/** Presses, forms and commands. */
const FORM = /^application\/x-www-form-urlencoded(\s*;|$)/i
/** Events. */
const JSON_OBJECT = /^application\/json(\s*;|$)/i
const BRACE = 0x7b
/** Base64 takes four characters for three bytes. */
const LARGEST_BODY_CHARS = Math.ceil((LARGEST_BODY_BYTES * 4) / 3) + 4

/** Costs no secret and no copy of the body: a flood of anything else is turned away here. */
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

/** By the signed bytes, as a header is not signed: no form of Slack begins with a brace. */
export const isJsonObject = (body: Buffer): boolean => body[0] === BRACE

/** `secrets`: all that are valid now, two while one is being rotated. */
export function slackVerifier(options: { readonly secrets: readonly string[]; readonly clock: Clock }): SlackVerifier {
  const secrets = [...options.secrets]
  if (secrets.length === 0) throw new RolemedicError('slack-secret', 'no Slack signing secret is set')
  if (!secrets.every(isSigningSecret))
    throw new RolemedicError('slack-secret', 'a Slack signing secret is too short or has white space around it')

  return request => {
    const shaped = slackShaped(request, options.clock)
    if (!shaped.ok) return shaped
    const { timestamp, signature, body } = shaped.value
    // Every secret is tried, so that the time taken does not tell which one matched.
    const matches = secrets.map(secret => timingSafeEqual(signature, signatureOf(secret, timestamp, body)))
    return matches.includes(true) ? ok(body as VerifiedBody) : refused('signature', 'the signature does not match')
  }
}

function signatureOf(secret: string, timestamp: string, body: Buffer): Buffer {
  return createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest()
}

/** Header names differ in case between gateways. A duplicate name is invalid. */
function header(request: SignedSlackRequest, name: string): string | null {
  const values = Object.entries(request.headers).filter(([key]) => key.toLowerCase() === name)
  return values.length === 1 ? (values[0]?.[1] ?? null) : null
}

const refused = (part: string, message: string) => fail({ code: `slack-${part}`, message, owner: null })
