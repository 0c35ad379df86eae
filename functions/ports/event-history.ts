import type { AccountRegion, Fact, Read } from '../../core/base/index.ts'

/**
 * CloudTrail's event history: what AWS recorded, whatever source reported it. A record appears within 15 minutes and is kept for 90 days.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
 */
export interface EventHistory {
  /** The record as CloudTrail has it. `absent`: the history does not have the id, or not yet. */
  byId(place: AccountRegion, eventId: string): Promise<Read<unknown>>
  /** Records in a time window: newest first, bounded. `maxRequests`: at most so many requests of 50 records. */
  search(
    place: AccountRegion,
    by: HistoryAttribute,
    window: { readonly fromMs: number; readonly toMs: number },
    limits?: { readonly maxRequests?: number },
  ): Promise<Fact<Found>>
}

/** One API call, one user or session, or the name or ARN of a resource that the calls name. */
export type HistoryAttribute =
  | { readonly eventName: string }
  | { readonly userName: string }
  | { readonly resourceName: string }

/** `complete`: the window has no further records, so other events did not happen. */
export type Found = { readonly records: readonly unknown[]; readonly complete: boolean }
