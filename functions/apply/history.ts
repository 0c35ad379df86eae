/** What the audit log, which only grows, has about a proposal: the table may say that it is still to be done. */

import { MINUTE_MS } from '../../core/base/index.ts'
import { type AuditKind, isSignedRecord } from '../domain/audit/index.ts'
import type { KeyRing } from '../domain/authority/index.ts'
import type { Grant } from '../domain/proposal/index.ts'
import type { AuditLog } from '../ports/audit-log.ts'

/** Records of these kinds carry the time at which they were appended; the others repeat a time from the item. */
const STAMPED: readonly AuditKind[] = ['apply-intended', 'applied', 'apply-failed', 'revert-intended', 'reverted']
/** Clocks of two functions may differ by this much. */
const CLOCK_SKEW_MS = 5 * MINUTE_MS

/** The records of this proposal since its first approval: kind and reason, newest first. */
export async function historyOf(
  grant: Grant,
  audit: Pick<AuditLog, 'latest'>,
  keys: KeyRing,
): Promise<ReadonlyMap<AuditKind, string>> {
  const sinceMs = Math.min(...grant.decisions.map(({ atMs }) => atMs)) - CLOCK_SKEW_MS
  const seen = new Map<AuditKind, string>()
  for await (const record of audit.latest()) {
    const { entry } = record
    // Somebody else's record must not end the search early.
    if (STAMPED.includes(entry.kind) && entry.atMs < sinceMs && isSignedRecord(record, keys)) break
    if (entry.proposalId === grant.proposalId && !seen.has(entry.kind)) seen.set(entry.kind, entry.why)
  }
  return seen
}

export type WriteHistory =
  /** Nothing that would forbid a write. */
  | { readonly kind: 'going-on' }
  /** All was written and recorded: only the item does not have it yet. */
  | { readonly kind: 'written' }
  /** It was given up and recorded: only the item does not have it yet. */
  | { readonly kind: 'given-up'; readonly as: 'stale' | 'apply-failed'; readonly why: string }
  /** It ended long ago, and the item was set back. `stands`: it was never undone. */
  | { readonly kind: 'over'; readonly as: AuditKind; readonly stands: boolean }

const AFTER_APPLIED: readonly AuditKind[] = [
  'reverted',
  'revert-intended',
  'revert-failed',
  'confirmed',
  'did-not-help',
]
const UNAPPLIED: readonly AuditKind[] = ['rejected', 'expired']

/** `begun`: the item has planned writes. `givesUp`: it has a failure, too. */
export function writeHistoryOf(
  history: ReadonlyMap<AuditKind, string>,
  { begun, givesUp }: { readonly begun: boolean; readonly givesUp: boolean },
): WriteHistory {
  const later = [...AFTER_APPLIED, ...UNAPPLIED].find(kind => history.has(kind))
  if (later !== undefined)
    return { kind: 'over', as: later, stands: history.has('applied') && !history.has('reverted') }
  if (history.has('applied'))
    return begun && !givesUp ? { kind: 'written' } : { kind: 'over', as: 'applied', stands: true }
  for (const as of ['stale', 'apply-failed'] as const) {
    const why = history.get(as)
    // A rollback after a crash goes on where it was.
    if (why !== undefined && !(begun && givesUp)) return { kind: 'given-up', as, why }
  }
  return { kind: 'going-on' }
}
