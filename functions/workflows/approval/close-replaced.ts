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
import type { ProposalStore } from '../../ports/proposal-store.ts'
import { type RefreshCardDeps, refreshCard } from '../card/refresh-card.ts'

type Deps = RefreshCardDeps & {
  readonly store: Pick<ProposalStore, 'get' | 'replace'>
  readonly audit: Pick<AuditLog, 'append'>
  readonly botVersion: string
}

const MAX_EARLIER = 10
const MAX_ATTEMPTS = 5

export async function closeReplaced(change: Applied | Confirmed, deps: Deps): Promise<void> {
  if (failureOf(change) !== null) return
  let { previous } = change
  for (let read = 0; previous !== null && read < MAX_EARLIER; read += 1) {
    const earlier = await deps.store.get(previous.id)
    if (earlier === null) return
    await close(earlier, change, deps)
    previous = earlier.previous
  }
}

async function close(earlier: Proposal, change: Applied | Confirmed, deps: Deps): Promise<void> {
  const { approvals, applied } = change
  const by = approvals.at(-1)?.by
  let current = earlier
  for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
    if ((current.status !== 'applied' && current.status !== 'confirmed') || by === undefined) return
    if (!withdraws(change.patch, current.applied.changes)) return
    const why = `it did not help, and ${change.id} withdrew it`
    const step = { kind: 'reverted' as const, of: change.id, atMs: applied.atMs, by, why, changes: [] }
    await deps.audit.append(entryFor(current, step, deps.botVersion))
    const stored: Result<Reverted, Proposal> = await deps.store.replace(current, replaced(current, by, deps.clock()))
    if (stored.ok) return refreshCard(current.id, deps)
    current = stored.error
  }
}
