/** Rate limits of services. Each counts what it delayed, so that the first limit that is reached can be named. */

export type RateLimit = {
  readonly name: string
  /** 0: allowed and counted. Otherwise the milliseconds until it is allowed; this call does not count. */
  take(key: string, nowMs: number): number
  /** How many calls were not allowed at once, and their total wait. */
  refused(): number
  waitedMs(): number
}

type Rate = { readonly perSecond: number; readonly burst: number }

/** A token bucket per key: full at first, refilled at a constant rate. */
export function rateLimit(name: string, { perSecond, burst }: Rate): RateLimit {
  const buckets = new Map<string, { tokens: number; atMs: number }>()
  let refused = 0
  let waitedMs = 0
  return {
    name,
    take(key, nowMs) {
      const bucket = buckets.get(key) ?? { tokens: burst, atMs: nowMs }
      buckets.set(key, bucket)
      bucket.tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * perSecond)
      bucket.atMs = nowMs
      // Sums of many small parts may be slightly below a whole number.
      if (bucket.tokens > 1 - 1e-9) {
        bucket.tokens -= 1
        return 0
      }
      const waitMs = ((1 - bucket.tokens) / perSecond) * 1000
      refused += 1
      waitedMs += waitMs
      return waitMs
    },
    refused: () => refused,
    waitedMs: () => waitedMs,
  }
}
