/** How long clients of AWS wait, and how they try again. */

/** A request that nobody answers is given up and made again, long before the function's own time is up. */
export const DEFAULT_TIMEOUTS = {
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
} as const

/** Adaptive: AWS throttles whole accounts, so that waiting is better than adding to it. */
export const LONG_TIMEOUTS = { ...DEFAULT_TIMEOUTS, retryMode: 'adaptive', maxAttempts: 6 } as const
