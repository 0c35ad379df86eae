import type { Config } from '../config/config.ts'
import type { Denial } from './denial.ts'

/** IAM has moved on since: an older denial is recorded, and nothing is proposed or applied for it. */
export const OLDEST_DENIAL_MS = 24 * 3_600_000

/** A denial without a time was handed over by a person just now. */
export function isTooOld(denial: Denial, nowMs: number): boolean {
  return denial.timeMs !== null && nowMs - denial.timeMs > OLDEST_DENIAL_MS
}

/** How long the look at a denial may take once it has settled. */
const LOOKING_MS = 4 * 60_000

/** A denial that no proposal stands for after this is taken for lost, and `sweep` asks for a look at it again. */
export const settleGraceMs = ({ settleSeconds }: Pick<Config, 'settleSeconds'>): number =>
  settleSeconds * 1_000 + LOOKING_MS
