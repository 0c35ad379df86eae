/** What a failed Slack call means: whether and when to retry, and whether Slack may have carried it out. */
import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api'
import { ChatError } from '../../../ports/chat.ts'

export type SlackFaultCode =
  | 'slack-rate-limited'
  | 'slack-unreachable'
  | 'slack-refused'
  /** The token is not valid. An administrator must renew it. */
  | 'slack-token'

export class SlackFault extends ChatError {
  /** The same call may succeed later. */
  readonly retry: boolean
  /** The wait that Slack asks for. Null: it gives none. */
  readonly retryAfterMs: number | null
  /** The answer was lost, so the call may have succeeded. */
  readonly perhapsDone: boolean
  /** Slack's error code, such as `channel_not_found`. */
  readonly reason: string

  constructor(
    code: SlackFaultCode,
    reason: string,
    what: {
      readonly method: string
      readonly retry: boolean
      readonly retryAfterMs?: number
      readonly perhapsDone?: boolean
      /** Further details from Slack. */
      readonly detail?: string | undefined
    },
    options?: ErrorOptions,
  ) {
    const detail = what.detail === undefined ? '' : ` (${what.detail})`
    const isOutage = what.retry || code !== 'slack-refused' || SUSPENDED.has(reason)
    super(code, `Slack's ${what.method} failed: ${reason}${detail}`, { ...options, isOutage })
    this.name = 'SlackFault'
    this.reason = reason
    this.retry = what.retry
    this.retryAfterMs = what.retryAfterMs ?? null
    this.perhapsDone = what.perhapsDone ?? false
  }
}

/**
 * Slack's errors that are temporary.
 * https://docs.slack.dev/reference/methods/chat.postMessage#errors
 */
const PASSING = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
])
/** Errors for the whole workspace, until an administrator acts or a migration ends. */
const SUSPENDED = new Set(['ekm_access_denied', 'org_login_required', 'accesslimited'])
/** Rate limits, of all methods and of posting. */
const RATE = new Set(['ratelimited', 'rate_limited'])
const SLACKS_WORD = /^[a-z][a-z0-9_]*$/
const TOKEN = new Set(['invalid_auth', 'not_authed', 'token_revoked', 'token_expired', 'account_inactive'])

export function slackFault(method: string, error: unknown): SlackFault {
  const options = { cause: error }
  if (error instanceof SlackFault) return error
  if (error instanceof WebAPIRateLimitedError)
    return new SlackFault(
      'slack-rate-limited',
      'too many calls',
      { method, retry: true, retryAfterMs: error.retryAfter * 1000 },
      options,
    )
  if (error instanceof WebAPIPlatformError) {
    const reason = error.data.error
    if (RATE.has(reason)) return new SlackFault('slack-rate-limited', reason, { method, retry: true }, options)
    // The client uses any body that is not JSON as the error: the page of a proxy, or a truncated answer.
    if (!SLACKS_WORD.test(reason)) return unanswered(method, 'an answer that is not of Slack', options)
    if (TOKEN.has(reason)) return new SlackFault('slack-token', reason, { method, retry: false }, options)
    const passing = PASSING.has(reason)
    const detail = error.data.response_metadata?.messages?.join('; ')
    return new SlackFault('slack-refused', reason, { method, retry: passing, perhapsDone: passing, detail }, options)
  }
  if (error instanceof WebAPIHTTPError) {
    const retry = error.statusCode >= 500
    return new SlackFault(
      'slack-unreachable',
      `HTTP ${error.statusCode}`,
      { method, retry, perhapsDone: retry },
      options,
    )
  }
  return unanswered(method, error instanceof Error ? error.message : String(error), options)
}

const unanswered = (method: string, reason: string, options: ErrorOptions): SlackFault =>
  new SlackFault('slack-unreachable', reason, { method, retry: true, perhapsDone: true }, options)
