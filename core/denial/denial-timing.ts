import type { Settings } from '../settings/index.ts'
import type { Denial } from './denial.ts'

/** The age beyond which a denial is recorded, but nothing is proposed or applied for it: IAM has probably changed since. */
export const OLDEST_DENIAL_MS = 24 * 3_600_000

/** A denial without a time is never too old: a person has just passed it in. */
export function isTooOld(denial: Denial, nowMs: number): boolean {
  return denial.timeMs !== null && nowMs - denial.timeMs > OLDEST_DENIAL_MS
}

/** The time that the analysis of a denial may take after the settle time. */
const ANALYSIS_MS = 4 * 60_000

/** Milliseconds after which a denial without a proposal counts as lost and `sweep` queues it again. */
export const settleGraceMs = ({ settleSeconds }: Pick<Settings, 'settleSeconds'>): number =>
  settleSeconds * 1_000 + ANALYSIS_MS
