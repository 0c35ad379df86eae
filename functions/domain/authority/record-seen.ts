/** What `verify` signs after a low-risk write: that CloudTrail has the denial. */
import * as z from 'zod'
import { BOUNDED, type Signed, type StatementKind, signedShape } from './statement.ts'

const { text, digest, instant, deploymentId, proposalId } = BOUNDED

const recordSeenSchema = z.strictObject({
  schema: z.literal('rolemedic.record-seen/1'),
  deploymentId,
  proposalId,
  patchDigest: digest,
  /** CloudTrail's id of the event. */
  eventId: text(128),
  atMs: instant,
})
export type RecordSeen = z.infer<typeof recordSeenSchema>
export type SignedRecordSeen = Signed<RecordSeen>

export const RECORD_SEEN: StatementKind<RecordSeen> = {
  purpose: 'rolemedic.record-seen/1',
  use: 'attestations',
  schema: recordSeenSchema,
}
export const signedRecordSeenSchema = signedShape(RECORD_SEEN)
