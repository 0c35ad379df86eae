/**
 * What a person decided, as `decide` signed it. The table, the queues and the messages only say what is asked; a write to
 * IAM follows from these statements, the audit log, IAM itself and the deployed configuration.
 */

import * as z from 'zod'
import { passkeySchema } from './passkey.ts'
import { BOUNDED, type Signature, signatureSchema } from './statement.ts'

const { text, texts, digest, instant, deploymentId, proposalId, risk, approversNeeded } = BOUNDED

const people = texts(2000, 64)

export const MAX_WHY_CHARS = 1000

export const MEMBERS = {
  kind: z.enum(['approve', 'reject', 'break-glass', 'revert', 'keep', 'ratify', 'not-ratify']),
  /** Over targets, documents before and documents after: what the person saw on the card. */
  patchDigest: digest,
  /** Of the denial that the patch is for. */
  fingerprint: text(64),
  /** Who was denied, as `decide` resolved it. */
  requester: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('machine') }),
    z.strictObject({ kind: z.literal('person'), userId: text(64) }),
    z.strictObject({
      kind: z.literal('unknown'),
      why: text(MAX_WHY_CHARS),
      claimed: z.nullable(text(64)),
      alsoClaimed: z.exactOptional(texts(9, 64)),
    }),
  ]),
  risk,
  approversNeeded,
  /** `approve` for a limited time: when the grant ends. Null: without end. */
  endsAtMs: z.nullable(instant),
  /** `reject`, `break-glass` and `not-ratify`: why, in the person's words. */
  reason: z.nullable(z.string().check(z.maxLength(3000))),
  /** Of the configuration that `decide` counted with. */
  configDigest: digest,
  atMs: instant,
}

/** `with`: the grant is a bridge until a pull request is live. `only`: nothing is written. */
export const PULL_REQUESTS = ['with', 'only'] as const

/**
 * Says also for which deployment it is, and everything that the person saw: `verify` attests to it, and `write` checks both. What earlier
 * versions signed can be taken away; it causes no write.
 */
export const decisionNowSchema = z.strictObject({
  ...MEMBERS,
  schema: z.literal('rolemedic.decision/3'),
  deploymentId,
  proposalId,
  /** `email`: as the chat has verified it. */
  by: z.strictObject({
    chat: text(32),
    userId: text(64),
    teamId: z.nullable(text(64)),
    name: text(200),
    email: z.nullable(text(320)),
    /** Since when in the approver group. Null: in its first reading, or named by the configuration. Absent: not known. */
    memberSinceMs: z.exactOptional(z.nullable(instant)),
  }),
  findings: BOUNDED.findings,
  blastRadius: BOUNDED.blastRadius,
  /** Of the cause and the verification that the card showed. A pull request has these words, and no others; no write depends on them. */
  shownDigest: digest,
  ticket: z.nullable(text(200)),
  /** Null: the person chose none. */
  pullRequest: z.nullable(z.enum(PULL_REQUESTS)),
  /** Who could have approved, who could have approved alone, and who was on call, at that moment. */
  eligible: z.strictObject({ approvers: people, breakGlass: people, onCall: z.exactOptional(people) }),
  /** Null: the person gave none. It signs the decision with null here. */
  passkey: z.nullable(passkeySchema),
})

export type DecisionNow = z.infer<typeof decisionNowSchema>
export type DecisionKind = DecisionNow['kind']
export type SignedDecisionNow = { readonly decision: DecisionNow; readonly signature: Signature }
export const signedDecisionNowSchema = z.strictObject({ decision: decisionNowSchema, signature: signatureSchema })
