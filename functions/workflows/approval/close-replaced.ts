/** Ends the proposals of earlier grants that a change withdraws, so that nobody is offered to revert them. Idempotent. */

import type { Result } from '../../../core/base/index.ts'
import { withdraws } from '../../../core/patch/index.ts'
import { entryFor } from '../../domain/audit/index.ts'
import { type Person, ROLEMEDIC } from '../../domain/messages/index.ts'
import {
  type Applied,
  type Confirmed,
  failureOf,
  keepsGrantUntil,
  type Proposal,
  type Reverted,
  replaced,
} from '../../domain/proposal/index.ts'
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

/**
 * By `verify` alone, whose signature the record needs. `endedBy`: who signed the change, where `write` has ended the earlier one by it, as
 * it keeps itself. Gives the ids of those that ended now: their cards are to be updated.
 */
export async function closeReplaced(
  change: Applied | Confirmed,
  endedBy: (proposalId: string) => Promise<Person | null>,
  deps: Deps,
): Promise<readonly string[]> {
  const closed: string[] = []
  for (const earlier of await replacedBy(change, deps)) {
    const by = await endedBy(earlier.id)
    if (by !== null && (await close(earlier, change, by, deps))) closed.push(earlier.id)
  }
  return closed
}

/** Earlier grants that the change has withdrawn, and whose proposals do not show that yet. */
export async function replacedBy(
  change: Applied | Confirmed,
  { store }: { readonly store: Pick<ProposalStore, 'get'> },
): Promise<readonly Proposal[]> {
  const found: Proposal[] = []
  if (failureOf(change) !== null) return found
  let { previous } = change
  for (let read = 0; previous !== null && read < MAX_EARLIER; read += 1) {
    const earlier = await store.get(previous.id)
    if (earlier === null) return found
    if (isReplaced(earlier, change)) found.push(earlier)
    previous = earlier.previous
  }
  return found
}

const isReplaced = (earlier: Proposal, change: Applied | Confirmed): earlier is Applied | Confirmed =>
  (earlier.status === 'applied' || earlier.status === 'confirmed') && withdraws(change.patch, earlier.applied.changes)

async function close(earlier: Proposal, change: Applied | Confirmed, by: Person, deps: Deps): Promise<boolean> {
  const { applied } = change
  let current = earlier
  for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
    if (!isReplaced(current, change)) return false
    const because = keepsGrantUntil(change) === null ? 'it did not help, and' : 'it is kept without an end:'
    const why = `${because} ${change.id} withdrew it, which ${by.name} approved`
    const step = { kind: 'reverted' as const, of: change.id, atMs: applied.atMs, by: ROLEMEDIC, why, changes: [] }
    await deps.audit.append(entryFor(current, step, deps.botVersion))
    const stored: Result<Reverted, Proposal> = await deps.store.replace(current, replaced(current, by, deps.clock()))
    if (stored.ok) return true
    current = stored.error
  }
  return false
}
