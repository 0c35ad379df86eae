import type { Result } from '../domain/base/result.ts'
import type { Denial } from '../domain/denial/denial.ts'
import type { Occurrence, Proposal } from '../domain/proposal/proposal.ts'

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
  /** Names the proposal that stands for a fingerprint, if it still names `previous`. */
  claimOccurrence(fingerprint: string, previous: string | null, proposalId: string): Promise<boolean>
  /** Creates the item; gives the stored one when the id is taken. */
  create(proposal: Proposal): Promise<Result<Proposal, Proposal>>
  get(id: string): Promise<Proposal | null>
  /** Stores `next` (with version + 1) if the item still has `current.version`; the loser gets what won. */
  replace(current: Proposal, next: Proposal): Promise<Result<Proposal, Proposal>>
  /** Proposals whose `dueAtMs` has passed, oldest first. */
  due(nowMs: number, limit: number): Promise<readonly Proposal[]>
  /** Sightings that no proposal stands for although their settle time has passed. */
  dueOccurrences(nowMs: number, limit: number): Promise<readonly Occurrence[]>
  /** Proposals that have not ended, newest first. */
  open(limit: number): Promise<readonly Proposal[]>
  /** Sightings of an account and Region last seen within the window. */
  occurrencesBetween(accountId: string, region: string, fromMs: number, toMs: number): Promise<readonly Occurrence[]>
  /** Adds one to a named counter that expires, and gives its value: changes per principal and day, cards per window. */
  increment(counter: string, expiresAtMs: number): Promise<number>
  /** The value of a counter now; 0 when it was never raised. */
  counted(counter: string): Promise<number>
  /** A small item of one's own (deploy alerts, audit head): stored if its version is still `version` (0: absent). */
  putNote(key: string, version: number, value: unknown): Promise<boolean>
  getNote(key: string): Promise<{ readonly version: number; readonly value: unknown } | null>
}
