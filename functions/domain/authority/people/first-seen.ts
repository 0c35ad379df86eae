/**
 * When somebody was first seen in a group of the chat, as `decide` saw and signed it: an object beside the audit log, created once. A writer of
 * the table makes nobody a member of longer standing.
 */
import * as z from 'zod'
import { BOUNDED, type StatementKind, signedShape } from '../statement.ts'

const { text, texts, instant, deploymentId } = BOUNDED

/** As many people as a first reading names. The others are seen when they press. */
export const MAX_SEEN = 2000

const firstSeenSchema = z.strictObject({
  schema: z.literal('rolemedic.first-seen/1'),
  deploymentId,
  /** The key of the object: one that is moved says nothing. */
  key: text(300),
  /** One person, or everybody in the first reading of the group. */
  users: texts(MAX_SEEN, 64),
  atMs: instant,
})
export type FirstSeen = z.infer<typeof firstSeenSchema>
export const FIRST_SEEN: StatementKind<FirstSeen> = {
  purpose: 'rolemedic.first-seen/1',
  use: 'decisions',
  schema: firstSeenSchema,
}
export const signedFirstSeenSchema = signedShape(FIRST_SEEN)

/** Ids of the chat have no lower case letter, so nobody is named like the first reading. */
export const firstSeenKey = (deployment: string, group: string, user: string | null): string =>
  `members/${deployment}/${group}/${user ?? 'first'}`
