/** Whether an entry under a key that is taken says the same: a repeat after a crash does, somebody else's entry does not. */
import { canonicalJson } from '../../../core/base/index.ts'
import type { AuditEntry, AuditKind, GrantLife } from './audit-record.ts'

/** A second attempt finds another state of IAM or of the item: what it writes and why may differ, what it is about may not. */
const DIFFERS_BY_ATTEMPT: ReadonlySet<AuditKind> = new Set([
  'applied',
  'apply-failed',
  'stale',
  'reverted',
  'revert-failed',
  'forged',
  'pull-request',
])

/** What a look saw, not what a person said. */
const SEEN: readonly GrantLife['kind'][] = ['evaluated', 'used', 'offered', 'gone']

export function sameEntry(one: AuditEntry, other: AuditEntry): boolean {
  return canonicalJson(contentOf(one)) === canonicalJson(contentOf(other))
}

function contentOf(entry: AuditEntry): object {
  const { kind, proposalId, by } = entry
  if (DIFFERS_BY_ATTEMPT.has(kind)) return { kind, proposalId, by: by?.id ?? null }
  // A later look may have found a later use, or have seen more or less.
  if (entry.life !== undefined && SEEN.includes(entry.life.kind))
    return { kind, proposalId, by: by?.id ?? null, life: entry.life.kind }
  // The circumstances of an attempt, and what an earlier version does not record; events of the same denial arrive one after another.
  const { atMs: _at, requestIds: _requests, eventIds: _events, botVersion: _version, card: _card, ...content } = entry
  return content
}
