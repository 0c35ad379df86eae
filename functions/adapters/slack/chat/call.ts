/** One call of Slack's Web API, with bounded retries within a time budget. */
import { setTimeout as delay } from 'node:timers/promises'
import { type Logger, LogLevel, type WebAPICallResult, WebClient } from '@slack/web-api'
import { type SlackFault, slackFault } from './fault.ts'

export type Call = (method: string, args: object, options?: { readonly again?: Again }) => Promise<WebAPICallResult>
/** Runs before a retry of a call that may have succeeded: an answer ends the retries. */
export type Again = (fault: SlackFault) => Promise<WebAPICallResult | null>

export type CallOptions = {
  /** Read at every call, so that a rotated token takes effect. */
  readonly token: () => Promise<string>
  readonly apiUrl?: string | undefined
  /** For one attempt. */
  readonly timeoutMs: number
  /** For all attempts of one call and the waits between them. */
  readonly budgetMs: number
  readonly tries: number
  /** After an unanswered call. Doubles each time, with jitter. */
  readonly firstWaitMs: number
}

/** Slack asks for whole seconds. A shorter wait counts as a try, so that no answer makes the call repeat at once without end. */
const SHORTEST_WAIT_MS = 1_000

export function slackCall({ token, apiUrl, timeoutMs, budgetMs, tries, firstWaitMs }: CallOptions): Call {
  const client = new WebClient(undefined, {
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: timeoutMs,
    logger: SILENT,
    allowAbsoluteUrls: false,
  })

  return async (method, args, { again } = {}) => {
    const endMs = performance.now() + budgetMs
    let lost: SlackFault | null = null
    let left = tries
    for (;;) {
      try {
        if (lost !== null && again !== undefined) {
          const done = await again(lost)
          if (done !== null) return done
        }
        return await client.apiCall(method, { ...args, token: await token() })
      } catch (error) {
        const fault = slackFault(method, error)
        const askedMs = fault.retryAfterMs
        const waitMs = askedMs ?? firstWaitMs * 2 ** (tries - left) * (0.75 + Math.random() / 2)
        // In a storm, many share the rate of one channel: a call that waits as Slack asks gets its turn, within the budget.
        if (askedMs === null || askedMs < SHORTEST_WAIT_MS || tries === 1) left -= 1
        if (!fault.retry || left <= 0 || performance.now() + waitMs > endMs) throw fault
        if (fault.perhapsDone) lost = fault
        await delay(waitMs)
      }
    }
  }
}

/** The client would log request bodies at its lower levels; the error reports what failed. */
const SILENT: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => LogLevel.ERROR,
  setName: () => {},
}
