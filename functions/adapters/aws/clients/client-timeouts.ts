/** Timeouts and retries of AWS clients. */

/** A request without an answer times out and is retried long before the function's own timeout. */
export const DEFAULT_TIMEOUTS = {
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
} as const

/** Adaptive: AWS throttles whole accounts, so waiting is better than adding load. */
export const LONG_TIMEOUTS = { ...DEFAULT_TIMEOUTS, retryMode: 'adaptive', maxAttempts: 6 } as const
