import type { AccountRegion, Fact, Read } from '../../core/base/index.ts'

/**
 * CloudTrail's event history: what AWS recorded, whatever source reported it. A record appears within 15 minutes and is kept for 90 days.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
 */
export interface EventHistory {
  /** The record as CloudTrail has it. `absent`: the history does not have the id, or not yet. */
  byId(place: AccountRegion, eventId: string, limits?: Pick<LookupLimits, 'mayRequest'>): Promise<Read<unknown>>
  /** Records in a time window: newest first, bounded. */
  search(
    place: AccountRegion,
    by: HistoryAttribute,
    window: { readonly fromMs: number; readonly toMs: number },
    limits?: LookupLimits,
  ): Promise<Fact<Found>>
}

export type LookupLimits = {
  /** At most so many requests of 50 records. */
  readonly maxRequests?: number
  /** Asked before each request that is sent. False: it is not sent. An answer that is already known needs none. */
  readonly mayRequest?: () => Promise<boolean>
}

/** Why nothing was read: `mayRequest` allowed no request. */
export const NO_REQUEST_LEFT = 'no request to the event history is left for this denial'

/** One API call, one user or session, or the name or ARN of a resource that the calls name. */
export type HistoryAttribute =
  | { readonly eventName: string }
  | { readonly userName: string }
  | { readonly resourceName: string }

export type Found = {
  readonly records: readonly unknown[]
  /** The window has no further records, so other events did not happen. */
  readonly complete: boolean
  /** Records that cannot be read are missing among them. Absent: none is. */
  readonly isTorn?: true
}
