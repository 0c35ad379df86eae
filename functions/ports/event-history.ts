import type { AccountRegion } from '../domain/base/account-region.ts'
import type { Fact, Read } from '../domain/base/fact.ts'

/**
 * CloudTrail's own event history: what AWS recorded, whichever source reported it. A record takes up to 15 minutes to appear and is
 * kept for 90 days. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
 */
export interface EventHistory {
  /** The record as CloudTrail has it. `absent`: the history does not know the id, or not yet. */
  byId(place: AccountRegion, eventId: string): Promise<Read<unknown>>
  /** Records of one API call in a time window, newest first, bounded. */
  byCall(
    place: AccountRegion,
    call: { eventName: string; fromMs: number; toMs: number },
  ): Promise<Fact<readonly unknown[]>>
}
