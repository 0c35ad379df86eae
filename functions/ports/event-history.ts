import type { AccountRegion, Fact, Read } from '../../core/base/index.ts'

/**
 * CloudTrail's event history: what AWS recorded, whatever source reported it. A record appears within 15 minutes and is kept for 90 days.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
 */
export interface EventHistory {
  /** The record as CloudTrail has it. `absent`: the history does not have the id, or not yet. */
  byId(place: AccountRegion, eventId: string): Promise<Read<unknown>>
  /** Records of one API call, or of one user or session, in a time window: newest first, bounded. */
  search(
    place: AccountRegion,
    by: { readonly eventName: string } | { readonly userName: string },
    window: { readonly fromMs: number; readonly toMs: number },
  ): Promise<Fact<Found>>
}

/** `complete`: the window has no further records, so other events did not happen. */
export type Found = { readonly records: readonly unknown[]; readonly complete: boolean }
