/**
 * What the readers of version 1 need, written from their types: every member is there, as null where a status does not
 * have it, and a message has no member that they do not know.
 */
import * as z from 'zod'

const text = z.string()
const ms = z.number()
const orNull = z.nullable
const anything = z.looseObject({})
const person = z.object({ id: text, name: text })
const by = z.object({ by: person, atMs: ms })
const change = z.object({ target: anything, before: orNull(anything), after: anything, digest: text, required: z.boolean() })

const denial = z.looseObject({
  passes: z.array(
    z.looseObject({
      service: z.looseObject({ candidates: z.array(text), keySent: z.enum(['proven', 'unproven', 'never']) }),
    }),
  ),
})
const diagnosis = z.looseObject({ passedService: orNull(z.looseObject({ service: text, proven: z.boolean() })) })

export const proposal = z.object({
  id: text,
  version: ms,
  fingerprint: text,
  status: text,
  denial,
  diagnosis,
  patch: orNull(z.object({ changes: z.array(change), digest: text })),
  followUps: z.array(change),
  verification: orNull(anything),
  refusal: orNull(z.object({ code: text, message: text, owner: orNull(text) })),
  repeats: z.object({ count: ms, firstSeenMs: ms, lastSeenMs: ms }),
  previous: orNull(z.object({ id: text, status: text })),
  card: orNull(z.object({ channel: text, ts: text })),
  approvals: z.array(z.object({ by: person, atMs: ms, limitHours: orNull(ms), reason: orNull(text) })),
  rejection: orNull(z.object({ by: person, atMs: ms, reason: text })),
  applied: orNull(
    z.object({ changes: z.array(change), atMs: ms, endsAtMs: orNull(ms), answer: z.enum(['denied', 'allowed', 'unknown']) }),
  ),
  reverted: orNull(by),
  revertRequest: orNull(by),
  leaseUntilMs: orNull(ms),
  writing: z.optional(
    orNull(z.object({ kind: z.enum(['apply', 'revert']), writes: z.array(anything), endsAtMs: orNull(ms) })),
  ),
  renewal: z.optional(orNull(z.object({ after: text, atMs: ms }))),
  failure: orNull(z.object({ code: text, message: text, owner: orNull(text) })),
  deploy: orNull(z.object({ key: text, title: text })),
  createdAtMs: ms,
  expiresAtMs: ms,
  updatedAtMs: ms,
  remindersSent: ms,
  dueAtMs: orNull(ms),
})

export const occurrence = z.object({
  sighting: z.object({
    fingerprint: text,
    denial,
    count: ms,
    firstSeenMs: ms,
    lastSeenMs: ms,
    eventIds: z.array(text),
    proposalId: orNull(text),
  }),
  recentEventIds: z.array(text),
})

const id = z.string().min(1).max(200)
export const message = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('propose'), fingerprint: id }),
  z.strictObject({ kind: z.literal('apply'), proposalId: id }),
  z.strictObject({
    kind: z.literal('revert'),
    proposalId: id,
    by: z.optional(orNull(z.strictObject({ id, name: id }))),
  }),
])
