import type { Config } from '../config/config.ts'

/** How long the look at a denial may take once it has settled. */
const LOOKING_MS = 4 * 60_000

/** A denial that no proposal stands for after this is taken for lost, and `sweep` asks for a look at it again. */
export const settleGraceMs = ({ settleSeconds }: Pick<Config, 'settleSeconds'>): number =>
  settleSeconds * 1_000 + LOOKING_MS
