/**
 * A change that withdraws earlier grants ends their proposals: nobody is offered to revert what is gone. Repeated without
 * harm after a crash.
 */

import { entryFor } from '../../domain/audit/audit-entry.ts'
import type { Result } from '../../domain/base/result.ts'
import { withdraws } from '../../domain/patch/ineffective-grant.ts'
import {
  type Applied,
  type Confirmed,
  failureOf,
  type Proposal,
  type Reverted,
} from '../../domain/proposal/proposal.ts'
import { replaced } from '../../domain/proposal/transitions.ts'
import type { AuditLog } from '../../ports/audit-log.ts'
import type { Clock } from '../../ports/clock.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'

type Deps = {
  readonly store: Pick<ProposalStore, 'get' | 'replace'>
  readonly audit: Pick<AuditLog, 'append'>
  readonly clock: Clock
  readonly botVersion: string
}

const MAX_EARLIER = 10
const MAX_ATTEMPTS = 5

/** Gives the ids of those that ended now: their cards are to be updated. */
export async function closeReplaced(change: Applied | Confirmed, deps: Deps): Promise<readonly string[]> {
  const closed: string[] = []
  if (failureOf(change) !== null) return closed
  let { previous } = change
  for (let read = 0; previous !== null && read < MAX_EARLIER; read += 1) {
    const earlier = await deps.store.get(previous.id)
    if (earlier === null) return closed
    if (await close(earlier, change, deps)) closed.push(earlier.id)
    previous = earlier.previous
  }
  return closed
}

async function close(earlier: Proposal, change: Applied | Confirmed, deps: Deps): Promise<boolean> {
  const { approvals, applied } = change
  const by = approvals.at(-1)?.by
  let current = earlier
  for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
    if ((current.status !== 'applied' && current.status !== 'confirmed') || by === undefined) return false
    if (!withdraws(change.patch, current.applied.changes)) return false
    const why = `it did not help, and ${change.id} withdrew it`
    const step = { kind: 'reverted' as const, of: change.id, atMs: applied.atMs, by, why, changes: [] }
    await deps.audit.append(entryFor(current, step, deps.botVersion))
    const stored: Result<Reverted, Proposal> = await deps.store.replace(current, replaced(current, by, deps.clock()))
    if (stored.ok) return true
    current = stored.error
  }
  return false
}
