/** What rolemedic granted and still stands, from the audit log alone. */
import { canonicalJson } from '../../../core/base/index.ts'
import { endOfAdded } from '../../../core/patch/index.ts'
import type { Person } from '../messages/index.ts'
import type { PlannedWrite } from '../proposal/index.ts'
import type { AuditEntry, AuditRecord, GrantLife } from './audit-record.ts'

/** `part`: not all of it could be written, and what was written could not be undone. */
export const GRANT_STATES = ['stands', 'did-not-help', 'part', 'reverting', 'revert-failed'] as const
export type GrantState = (typeof GRANT_STATES)[number]

export type StandingGrant = {
  readonly proposalId: string
  readonly state: GrantState
  readonly principal: string | null
  readonly action: string | null
  readonly resource: string | null
  readonly accountId: string | null
  /** The denied call that it was granted for; null: the record names none. */
  readonly eventId: string | null
  readonly sinceMs: number
  /** Null: without end. */
  readonly endsAtMs: number | null
  /** In the order in which they approved. */
  readonly approvedBy: readonly { readonly by: Person; readonly atMs: number }[]
  /** What was written and is still there. */
  readonly changes: readonly PlannedWrite[]
  /** Null: its use was not seen. That alone does not mean that it is unused. */
  readonly lastUsedAtMs: number | null
  /** The latest card that asked whether it is still needed. */
  readonly offeredAtMs: number | null
  /** Who said last that it is. */
  readonly kept: { readonly by: Person; readonly atMs: number } | null
  /** What went wrong; null: nothing did. */
  readonly why: string | null
}

/** In the text of earlier records, which carry no list of what is left. */
export const NOT_UNDONE = 'Not everything could be undone:'

/** What a record says of a grant that somebody else took away. */
export const GONE_WORDS = 'nothing of it is in IAM any more: it was taken away outside of rolemedic'

/** Counts whatever its signature: what may stand must not be left out. */
export const isWrite = ({ kind }: AuditEntry): boolean => kind === 'applied' || kind === 'apply-failed'

/**
 * `records`: those of the chain, in its order. Oldest grants first. One whose time is over at `nowMs` allows nothing any more.
 * `forged`: numbers of the records whose signature is wrong or missing: they end no grant, and nobody approved or kept by them.
 */
export function standingGrants(
  records: Iterable<AuditRecord>,
  nowMs: number,
  forged: ReadonlySet<number> = new Set(),
): readonly StandingGrant[] {
  const grants = new GrantsSoFar()
  for (const record of records) grants.take(record, forged.has(record.sequence))
  return grants.standing(nowMs)
}

type Approval = Pick<AuditEntry, 'by' | 'atMs' | 'digest'>
/** When it ends is read where it still stands. */
type Grant = Omit<StandingGrant, 'endsAtMs'>

/** Takes the records of the chain in its order. */
export class GrantsSoFar {
  readonly #approvals = new Map<string, readonly Approval[]>()
  readonly #grants = new Map<string, Grant>()

  take({ entry }: AuditRecord, isForged: boolean): void {
    const id = entry.proposalId
    if (id === null || (isForged && !isWrite(entry))) return
    if (entry.kind === 'approved' || entry.kind === 'break-glass') {
      const { by, atMs, digest } = entry
      this.#approvals.set(id, [...(this.#approvals.get(id) ?? []), { by, atMs, digest }])
      return
    }
    const grant = this.#grants.get(id) ?? null
    const next = after(grant, entry, this.#approvals.get(id) ?? [])
    if (next === null) this.#grants.delete(id)
    else if (next !== grant) this.#grants.set(id, next)
    // Nothing is written by the approvals of what was taken away.
    if (entry.kind === 'reverted') this.#approvals.delete(id)
  }

  standing(nowMs: number): readonly StandingGrant[] {
    return [...this.#grants.values()]
      .map(grant => ({ ...grant, endsAtMs: endOf(grant.changes) }))
      .filter(({ endsAtMs }) => endsAtMs === null || endsAtMs > nowMs)
      .sort((a, b) => a.sinceMs - b.sinceMs)
  }
}

function after(grant: Grant | null, entry: AuditEntry, approvals: readonly Approval[]): Grant | null {
  switch (entry.kind) {
    case 'applied':
      return granted(entry, approvals, entry.changes, 'stands')
    case 'apply-failed': {
      const left = leftOf(entry)
      return left.length === 0 ? grant : granted(entry, approvals, left, 'part')
    }
    case 'reverted':
      return null
    case 'revert-intended':
      return grant === null ? null : { ...grant, state: 'reverting' }
    case 'revert-failed':
      return grant === null ? null : { ...grant, state: 'revert-failed', why: entry.why }
    case 'did-not-help':
      return grant === null ? null : { ...grant, state: 'did-not-help', why: entry.why }
    case 'confirmed':
      return grant === null || entry.life === undefined ? grant : lived(grant, entry, entry.life)
    default:
      return grant
  }
}

function granted(
  entry: AuditEntry,
  approvals: readonly Approval[],
  changes: readonly PlannedWrite[],
  state: GrantState,
): Grant {
  const { proposalId, principal, action, resource, accountId, eventIds, atMs, digest, why } = entry
  // An approval of an earlier form of the change did not count.
  const approvedBy = approvals
    .filter(one => one.digest === digest)
    .flatMap(({ by, atMs: approvedAtMs }) => (by === null ? [] : [{ by, atMs: approvedAtMs }]))
  return {
    proposalId: proposalId ?? '',
    state,
    principal,
    action,
    resource,
    accountId,
    eventId: eventIds[0] ?? null,
    sinceMs: atMs,
    approvedBy: approvedBy.sort((a, b) => a.atMs - b.atMs),
    changes,
    lastUsedAtMs: null,
    offeredAtMs: null,
    kept: null,
    why: state === 'part' ? why : null,
  }
}

/** What one writer recorded is read by others: a member of another form counts as absent. */
function lived(grant: Grant, { atMs, by, why }: AuditEntry, life: GrantLife): Grant {
  switch (life.kind) {
    case 'evaluated':
      return { ...grant, why: life.answer === 'denied' ? why : null }
    case 'used': {
      const usedAtMs = Number(life.lastUsedAtMs)
      const isLater = usedAtMs >= grant.sinceMs && usedAtMs > (grant.lastUsedAtMs ?? 0)
      // A use that was seen before it happened would hide forever that there is none.
      return isLater && usedAtMs <= atMs ? { ...grant, lastUsedAtMs: usedAtMs } : grant
    }
    case 'offered':
      return { ...grant, offeredAtMs: atMs }
    // Anyone who may append could hide a grant, so it stays listed.
    case 'gone':
      return { ...grant, why: GONE_WORDS }
    case 'kept':
      return by === null ? grant : { ...grant, kept: { by, atMs } }
    case 'ratified':
    case 'not-ratified':
      return grant
    default:
      return grant
  }
}

function endOf(changes: readonly PlannedWrite[]): number | null {
  const ends = changes.map(({ before, after: written }) => endOfAdded(before, written))
  return ends.length === 0 || ends.includes(null) ? null : Math.max(...ends.map(end => end ?? 0))
}

function leftOf({ changes, left, why }: AuditEntry): readonly PlannedWrite[] {
  if (left === undefined) return why.includes(NOT_UNDONE) ? changes : []
  const targets = new Set(left.map(canonicalJson))
  return changes.filter(({ target }) => targets.has(canonicalJson(target)))
}
