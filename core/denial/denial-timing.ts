import type { Settings } from '../settings/index.ts'
import type { Denial } from './denial.ts'

/** IAM has probably changed since: an older denial is recorded, and nothing is proposed or applied for it. */
export const OLDEST_DENIAL_MS = 24 * 3_600_000

/** A person just passed in a denial without a time. */
export function isTooOld(denial: Denial, nowMs: number): boolean {
  return denial.timeMs !== null && nowMs - denial.timeMs > OLDEST_DENIAL_MS
}

/** How long the analysis of a denial may take after the settle time. */
const ANALYSIS_MS = 4 * 60_000

/** A denial without a proposal after this time counts as lost: `sweep` queues it again. */
export const settleGraceMs = ({ settleSeconds }: Pick<Settings, 'settleSeconds'>): number =>
  settleSeconds * 1_000 + ANALYSIS_MS
