import type { Result } from '../../core/base/index.ts'
import type { Denial } from '../../core/denial/index.ts'
import type { InIam, Occurrence, Open, Proposal } from '../domain/proposal/index.ts'
import type { Marker } from '../domain/stored/index.ts'

/** Each method is one conditional write or one read. */
export interface ProposalStore {
  /**
   * Creates the item for the first denial and counts a repeat. A known event id changes nothing. `twinOf`: the event id under
   * which another source, or a record that CloudTrail corrected, reported the same denial; this one then replaces it and does not count.
   */
  recordOccurrence(
    denial: Denial,
    fingerprint: string,
    nowMs: number,
    options?: { readonly twinOf?: string },
  ): Promise<{ readonly occurrence: Occurrence; readonly first: boolean; readonly duplicate: boolean }>
  occurrence(fingerprint: string): Promise<Occurrence | null>
  /** Sets the current proposal of a fingerprint, if it is still `previous`. */
  claimOccurrence(fingerprint: string, previous: string | null, proposalId: string): Promise<boolean>
  /** Creates the item. Returns the stored one if the id is taken. */
  create(proposal: Proposal): Promise<Result<Proposal, Proposal>>
  /** Throws `item-unreadable` for an item that does not parse. Lists omit such items. Both report it. */
  get(id: string): Promise<Proposal | null>
  /** Stores `next` (with version + 1) if the item still has `current.version`. Otherwise returns the item that won. */
  replace<P extends Proposal>(current: Proposal, next: P): Promise<Result<P, Proposal>>
  /** Proposals whose `dueAtMs` has passed, by `dueRank`, and of one rank the oldest first. */
  due(nowMs: number, limit: number): Promise<readonly Proposal[]>
  /** Occurrences that still have no proposal after their settle time. */
  dueOccurrences(nowMs: number, limit: number): Promise<readonly Occurrence[]>
  /** Proposals that have not ended, newest first. */
  open(limit: number): Promise<readonly Proposal[]>
  /** Those made since then, oldest first. */
  openSince(fromMs: number, limit: number): Promise<readonly Proposal[]>
  /** Proposals to decide whose change is in this account, by when they expire. Misses what an older version wrote, until its next write. */
  openIn(accountId: string, limit: number): Promise<readonly Open[]>
  /** Proposals whose change is in IAM without an end, last applied first. Those with an end, too, if an older version wrote them last. */
  standing(limit: number): Promise<readonly InIam[]>
  /** Proposals whose change is in IAM with an end, the next end first. Misses what an older version wrote, until its next write. */
  limited(limit: number): Promise<readonly InIam[]>
  /** Occurrences of an account and Region that were last seen in the window. */
  occurrencesBetween(accountId: string, region: string, fromMs: number, toMs: number): Promise<readonly Occurrence[]>
  /** Adds one to a named counter that expires, and returns its value. Used for changes per principal and day, and cards per window. */
  increment(counter: string, expiresAtMs: number): Promise<number>
  /** The current value of a counter; 0 if it was never incremented. */
  counted(counter: string): Promise<number>
  /** Stores the value if the marker's version is still `version` (0: absent). */
  putMarker<T>(marker: Marker<T>, version: number, value: T): Promise<boolean>
  getMarker<T>(marker: Marker<T>): Promise<{ readonly version: number; readonly value: T } | null>
}
