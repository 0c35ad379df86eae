import type { Denial } from './denial.ts'

/** IAM has moved on since: an older denial is recorded, and nothing is proposed or applied for it. */
export const OLDEST_DENIAL_MS = 24 * 3_600_000

/** A denial without a time was handed over by a person just now. */
export function isTooOld(denial: Denial, nowMs: number): boolean {
  return denial.timeMs !== null && nowMs - denial.timeMs > OLDEST_DENIAL_MS
}
