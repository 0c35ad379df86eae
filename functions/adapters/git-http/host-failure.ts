/** What both Git hosts share over HTTP: bounded requests, and the meaning of a refusal. */

import * as z from 'zod'
import { MINUTE_MS, neutralText, shortened } from '../../../core/base/index.ts'
import { HostError, type HostProblem } from '../../ports/git/code-host.ts'

export type HostFailure = {
  readonly status: number
  readonly headers: { readonly [name: string]: unknown }
  /** The body of the answer. */
  readonly text: string
}

const MAX_WORDS_CHARS = 160

/** Limits the time and follows no redirect: a moved repository differs from the configured one. */
export function boundedFetch(timeoutMs: number): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, { ...init, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) })
    if (response.status >= 300 && response.status < 400 && response.status !== 304)
      throw new HostError(
        'moved',
        'the repository was renamed or moved: change "repositories" in rolemedic.config.json',
        { status: response.status },
      )
    return response
  }
}

/** Null: the text exceeds the limit. */
export async function textWithin(maxBytes: number, { body }: Response): Promise<string | null> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of body ?? []) {
    bytes += part.byteLength
    if (bytes > maxBytes) return null
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** The error for a branch to which a person has pushed since it was read. */
export const movedOn = (host: string, branch: string, options: ErrorOptions = {}): HostError =>
  new HostError('conflict', `${host} has seen another change meanwhile: the branch ${branch} has moved on`, options)

/** `failure`: null if there was no answer. */
export function hostError(host: string, failure: HostFailure | null, cause: unknown, nowMs: number): HostError {
  if (cause instanceof HostError) return cause
  if (failure === null) return new HostError('unavailable', `${host} does not answer`, { cause })
  const problem = problemOf(failure)
  const words = shortened(neutralText(wordsIn(failure.text), 2 * MAX_WORDS_CHARS), MAX_WORDS_CHARS)
  const { status } = failure
  const options = { cause, status, retryAfterMs: problem === 'rate-limited' ? retryAfterMs(failure, nowMs) : null }
  return new HostError(problem, inWords(problem, host, status, words), options)
}

const jsonAnswer = z.object({ message: z.unknown().optional(), error: z.unknown().optional() })

/** The message of a JSON answer; any other text unchanged. */
function wordsIn(text: string): string {
  try {
    const { message, error } = jsonAnswer.parse(JSON.parse(text))
    const words = message ?? error
    return words === undefined ? text : typeof words === 'string' ? words : JSON.stringify(words)
  } catch {
    return text
  }
}

/** True for GitHub's rate limit, which has a status with several meanings. */
export const isRateLimited = ({ headers, text }: Pick<HostFailure, 'headers' | 'text'>): boolean =>
  headers['retry-after'] !== undefined || headers['x-ratelimit-remaining'] === '0' || /rate limit/i.test(text)

function problemOf(failure: HostFailure): HostProblem {
  const { status, text: words } = failure
  if (status === 429 || (status === 403 && isRateLimited(failure))) return 'rate-limited'
  if (
    /protected branch|branch is protected|protected ref|repository rule violations|pre-receive hook|push into this protected|not allowed to push/i.test(
      words,
    )
  )
    return 'protected'
  if (status === 401) return 'unauthorized'
  if (status === 403) return 'forbidden'
  if (status === 404 || status === 410) return 'missing'
  if (
    status === 409 ||
    /already exists|not a fast.?forward|was modified|has changed since|cannot lock ref/i.test(words)
  )
    return 'conflict'
  return status >= 500 || status === 408 ? 'unavailable' : 'invalid'
}

function inWords(problem: HostProblem, host: string, status: number, words: string): string {
  switch (problem) {
    case 'missing':
      return `${host} has no such repository, or does not show it to rolemedic: check "repositories", and where the app or token has access`
    case 'moved':
      return `${host} has moved the repository`
    case 'unauthorized':
      return `${host} does not accept the key or token of rolemedic: store a valid one`
    case 'forbidden':
      return `${host} refuses it: rolemedic lacks a permission there (contents and pull requests, to write): ${words}`
    case 'protected':
      return `${host} protects the branch against rolemedic: allow it to push branches below rolemedic/: ${words}`
    case 'rate-limited':
      return `${host} limits the rate of requests: it is tried again later`
    case 'unavailable':
      return `${host} fails with ${status}`
    case 'conflict':
      return `${host} has seen another change meanwhile: ${words}`
    case 'invalid':
      return `${host} refuses it with ${status}: ${words}`
  }
}

const DEFAULT_WAIT_MS = MINUTE_MS
const MAX_WAIT_MS = 60 * MINUTE_MS

/** https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api · https://docs.gitlab.com/security/rate_limits/ */
function retryAfterMs({ headers }: HostFailure, nowMs: number): number {
  const seconds = Number(headers['retry-after'] ?? Number.NaN)
  const resetsAtMs = Number(headers['x-ratelimit-reset'] ?? headers['ratelimit-reset'] ?? Number.NaN) * 1000
  const waitMs = Number.isFinite(seconds) ? seconds * 1000 : resetsAtMs - nowMs
  return Number.isFinite(waitMs) ? Math.min(Math.max(waitMs, 1000), MAX_WAIT_MS) : DEFAULT_WAIT_MS
}
