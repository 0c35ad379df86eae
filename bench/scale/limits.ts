/** Rates that a service allows. Each remembers what it held back, so that the first limit can be named. */

export type RateLimit = {
  readonly name: string
  /** 0: allowed, and counted. Else how many milliseconds until it will be: this one does not count. */
  take(key: string, nowMs: number): number
  /** How many were not allowed at once, and how long they were told to wait. */
  refused(): number
  waitedMs(): number
}

type Rate = { readonly perSecond: number; readonly burst: number }

/** A token bucket for each key: full at first, refilled evenly. */
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
      // The sum of many small parts may miss a whole by a little.
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
