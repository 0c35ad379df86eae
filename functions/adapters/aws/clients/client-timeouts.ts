/** Timeouts and retries of AWS clients. */

const requestHandler = { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true } as const

/** A request without an answer times out and is retried long before the function's own timeout, which for `decide` is 10 s. */
export const DEFAULT_TIMEOUTS = { requestHandler: { ...requestHandler, requestTimeout: 4_000 } } as const

/** Adaptive: AWS throttles whole accounts, so waiting is better than adding load. */
export const LONG_TIMEOUTS = { requestHandler, retryMode: 'adaptive', maxAttempts: 6 } as const
