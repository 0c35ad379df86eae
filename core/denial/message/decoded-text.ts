/**
 * The output of `aws sts decode-authorization-message`: plain, inside the CLI's own JSON, or partial. It contains the action,
 * the role, the caller and every condition key of the request.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
 */
import { evaluationInDecoded, withoutPrincipal } from '../aws-evaluation.ts'
import type { AwsEvaluation } from '../denial.ts'

/** Keywords of such output. */
export const DECODED_WORDS = ['explicitDeny', 'DecodedMessage'] as const

export type Decoded = {
  readonly action: string
  readonly resource: string | null
  readonly principal: string | null
  readonly explicitDeny: boolean
  /** Null when only a part is present. */
  readonly evaluation: AwsEvaluation | null
}

const MAX_CHARS = 24_000
const MAX_BEFORE_CHARS = 200
const ACTION = /"?action"?\s{0,3}:\s{0,3}"([A-Za-z0-9-]{2,60}:[A-Za-z0-9]{2,128})"/
const RESOURCE = /"resource"\s{0,3}:\s{0,3}"(arn:[^"\s]{5,700})"/
const PRINCIPAL = /"principal"\s{0,3}:\s{0,3}\{[^{}]{0,800}?"arn"\s{0,3}:\s{0,3}"(arn:[^"\s]{5,700})"/
const EXPLICIT = /"?explicitDeny"?\s{0,3}:\s{0,3}true/
const ALLOWED = /"?allowed"?\s{0,3}:\s{0,3}true/

/** The whole text is such output: STS's response, or the message inside it. */
export function decodedIn(text: string): Decoded | null {
  const message = messageIn(text.trim())
  return message === null ? null : wholeOf(message)
}

/** JSON with a member that is a JSON string, or that JSON itself. */
function messageIn(text: string): string | null {
  const value = json(text)
  if (typeof value !== 'object' || value === null) return null
  if ('DecodedMessage' in value) return typeof value.DecodedMessage === 'string' ? value.DecodedMessage : null
  return 'context' in value && 'allowed' in value ? text : null
}

function wholeOf(message: string): Decoded | null {
  const evaluation = evaluationInDecoded(message)
  if (!evaluation.ok || evaluation.value.allowed || evaluation.value.action === null) return null
  const { action, resource, explicitDeny } = evaluation.value
  return {
    action,
    resource,
    principal: PRINCIPAL.exec(message)?.[1] ?? null,
    explicitDeny,
    evaluation: withoutPrincipal(evaluation.value),
  }
}

/** In plain text, around the position of a keyword. */
export function decodedAt(text: string, at: number): Decoded | null {
  const from = Math.max(0, at - MAX_BEFORE_CHARS)
  const near = text.slice(from, at + MAX_CHARS)
  const whole = balanced(near, near.lastIndexOf('{', at - from))
  const read = whole === null ? null : wholeOf(whole)
  if (read !== null) return read
  const action = ACTION.exec(near)?.[1]
  if (action === undefined || ALLOWED.test(near.slice(0, MAX_BEFORE_CHARS + 40))) return null
  return {
    action,
    resource: RESOURCE.exec(near)?.[1] ?? null,
    principal: PRINCIPAL.exec(near)?.[1] ?? null,
    explicitDeny: EXPLICIT.test(near),
    evaluation: null,
  }
}

/** The object that starts at `from`, up to its closing brace. */
function balanced(text: string, from: number): string | null {
  if (from === -1) return null
  let depth = 0
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '{') depth += 1
    if (text[at] === '}') depth -= 1
    if (depth === 0) return text.slice(from, at + 1)
  }
  return null
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
