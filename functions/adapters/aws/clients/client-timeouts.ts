/** Timeouts and retries of AWS clients. */

/** A request without an answer times out and is retried long before the function's own timeout, which for `decide` is 10 s. */
const within = (requestTimeout: number) => ({
  requestHandler: { connectionTimeout: 2_000, requestTimeout, throwOnRequestTimeout: true },
})
export const DEFAULT_TIMEOUTS = within(4_000)

/** Adaptive: AWS throttles whole accounts, so waiting is better than adding load. */
export const LONG_TIMEOUTS = { ...within(10_000), retryMode: 'adaptive', maxAttempts: 6 } as const
