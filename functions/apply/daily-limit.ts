import type { Proposal } from '../core/proposal.ts'
import type { ApplyDeps } from './deps.ts'

const DAY_MS = 86_400_000

/**
 * Counts this change to the principal, and says whether it is one too many today (UTC). Counted before it is written: a
 * crash in between counts twice, which only brings the limit nearer.
 */
export async function beyondDailyLimit(
  { denial }: Proposal,
  { store, clock, config }: Pick<ApplyDeps, 'store' | 'clock' | 'config'>,
): Promise<boolean> {
  const { principal, claims, resource } = denial
  // A web identity has no ARN: its role stands for all who come in by it.
  const who = principal.roleArn ?? principal.arn ?? `${claims?.provider ?? 'unknown'} ${resource ?? ''}`
  const day = Math.floor(clock() / DAY_MS)
  const changes = await store.increment(`changes/${who}/${day}`, (day + 2) * DAY_MS)
  return changes > config.maxChangesPerPrincipalPerDay
}
