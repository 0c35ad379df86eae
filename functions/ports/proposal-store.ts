import type { Result } from '../../core/base/index.ts'
import type { Denial } from '../../core/denial/index.ts'
import type { Applied, Confirmed, Occurrence, Proposal, Reverting } from '../domain/proposal/index.ts'
import type { Marker } from '../domain/stored/index.ts'

/** Each method is one conditional write, or one read. */
export interface ProposalStore {
  /**
   * First occurrence creates the item; a repeat counts. An event id seen before changes nothing. `twinOf`: the event id
   * under which the same denial was told by another source; if it is there, this one takes its place and does not count.
   */
  recordOccurrence(
    denial: Denial,
    fingerprint: string,
    nowMs: number,
    options?: { readonly twinOf?: string },
  ): Promise<{ readonly occurrence: Occurrence; readonly first: boolean; readonly duplicate: boolean }>
  occurrence(fingerprint: string): Promise<Occurrence | null>
  /** Names the current proposal of a fingerprint, if it still names `previous`. */
  claimOccurrence(fingerprint: string, previous: string | null, proposalId: string): Promise<boolean>
  /** Creates the item; gives the stored one when the id is taken. */
  create(proposal: Proposal): Promise<Result<Proposal, Proposal>>
  /** Throws `item-unreadable` for an item that does not parse; lists leave it out. Either way it is reported. */
  get(id: string): Promise<Proposal | null>
  /** Stores `next` (with version + 1) if the item still has `current.version`; the loser gets what won. */
  replace<P extends Proposal>(current: Proposal, next: P): Promise<Result<P, Proposal>>
  /** Proposals whose `dueAtMs` has passed, oldest first. */
  due(nowMs: number, limit: number): Promise<readonly Proposal[]>
  /** Occurrences without a proposal although their settle time has passed. */
  dueOccurrences(nowMs: number, limit: number): Promise<readonly Occurrence[]>
  /** Proposals that have not ended, newest first. */
  open(limit: number): Promise<readonly Proposal[]>
  /** Proposals whose change is in IAM, the last applied first. One that an older version wrote is missing until its next write. */
  standing(limit: number): Promise<readonly (Applied | Confirmed | Reverting)[]>
  /** Occurrences of an account and Region last seen within the window. */
  occurrencesBetween(accountId: string, region: string, fromMs: number, toMs: number): Promise<readonly Occurrence[]>
  /** Adds one to a named counter that expires, and gives its value: changes per principal and day, cards per window. */
  increment(counter: string, expiresAtMs: number): Promise<number>
  /** The value of a counter now; 0 when it was never raised. */
  counted(counter: string): Promise<number>
  /** Stored if its version is still `version` (0: absent). */
  putMarker<T>(marker: Marker<T>, version: number, value: T): Promise<boolean>
  getMarker<T>(marker: Marker<T>): Promise<{ readonly version: number; readonly value: T } | null>
}
