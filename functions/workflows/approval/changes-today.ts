/** How often a principal was changed since midnight UTC. The card shows it and `verify` enforces the limit. */
import type { Denial } from '../../../core/denial/index.ts'
import { COUNTERS } from '../../domain/stored/index.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'

const DAY_MS = 86_400_000

export function changesToday(denial: Denial, nowMs: number, store: Pick<ProposalStore, 'counted'>): Promise<number> {
  return store.counted(counterOf(denial, nowMs))
}

/** Counted before the write: a crash in between counts twice, which is on the safe side. */
export function countChange(denial: Denial, nowMs: number, store: Pick<ProposalStore, 'increment'>): Promise<number> {
  return store.increment(counterOf(denial, nowMs), (Math.floor(nowMs / DAY_MS) + 2) * DAY_MS)
}

function counterOf({ principal, claims, resource }: Denial, nowMs: number): string {
  // A web identity has no ARN, so its role represents everybody who signs in through it.
  const who = principal.roleArn ?? principal.arn ?? `${claims?.provider ?? 'unknown'} ${resource ?? ''}`
  return `${COUNTERS.changes}${who}/${Math.floor(nowMs / DAY_MS)}`
}
