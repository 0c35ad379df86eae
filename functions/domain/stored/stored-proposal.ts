/** The stored form of a proposal. Each status has its own schema, and unknown members are dropped. */

import * as z from 'zod'
import { ANSWERS } from '../../../core/iam/index.ts'
import { type RequesterClaim, signedDecisionSchema, signedRecordSeenSchema } from '../authority/index.ts'
import { recordedCard } from '../messages/index.ts'
import { CHANGE_CAUSES, type Change, type GrantUse, type NoChange, type Proposal, STATUSES } from '../proposal/index.ts'
import { codePlace, pullRequest } from './pull-shapes.ts'
import {
  count,
  denial,
  diagnosisShape,
  instant,
  patch,
  personShape,
  policyChange,
  policyDocumentShape,
  postedCard,
  refusal,
  runShape,
  text,
  verificationShape,
} from './shapes.ts'
import { type Codec, codec } from './versions.ts'

const place = z.object({ logicalId: text, property: text, line: count.nullable(), constructPath: text.nullable() })
const wholeChange = z.object({ patch, verification: verificationShape, followUps: z.array(policyChange) })
const template = z.object({
  place: place.nullable(),
  isMade: z.boolean(),
  needs: z.array(z.object({ denial, isMade: z.boolean(), operation: text, place, summary: text })),
  alone: wholeChange.nullable(),
  unnamed: count,
  refused: z.array(z.object({ role: text, code: text })),
  unread: text.nullable(),
  allowed: z.array(text).exactOptional(),
  apart: z.array(text).exactOptional(),
  of: z.array(text).exactOptional(),
})
const seen = { seenAtMs: instant, isFinal: z.boolean(), corrects: count.exactOptional() }
const whatChanged = z.discriminatedUnion('outcome', [
  z.object({
    ...seen,
    outcome: z.literal('found'),
    write: z.object({
      id: text,
      atMs: instant,
      eventName: text,
      by: text.nullable(),
      target: text,
      subject: text.nullable(),
    }),
    lost: policyDocumentShape.nullable(),
    othersClosed: z.boolean(),
  }),
  z.object({ ...seen, outcome: z.literal('never-allowed'), sinceMs: instant }),
  z.object({ ...seen, outcome: z.literal('not-proved'), why: text }),
])
const restore = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('offered'), change: wholeChange }),
  z.object({ kind: z.literal('not-offered'), why: text }),
])
const requester = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('machine') }),
  z.object({ kind: z.literal('person'), userId: text }),
  z.object({ kind: z.literal('email'), email: text }),
  z.object({
    kind: z.literal('unknown'),
    why: text,
    claimed: text.nullable(),
    alsoClaimed: z.array(text).readonly().exactOptional(),
  }),
])
/** For proposals stored without a claim: a session name proves nothing. */
const NOT_RECORDED: RequesterClaim = {
  kind: 'unknown',
  why: 'an earlier version of rolemedic made this proposal and did not record it',
  claimed: null,
}

const common = {
  id: text,
  version: count,
  fingerprint: text,
  denial,
  diagnosis: diagnosisShape,
  requester: requester.default(NOT_RECORDED),
  run: runShape.exactOptional(),
  repeats: z.object({ count, firstSeenMs: instant, lastSeenMs: instant }),
  previous: z.nullable(
    z.object({
      id: text,
      status: z.enum(STATUSES),
      digest: text.exactOptional(),
      why: text.exactOptional(),
      withdrawn: z.literal(true).exactOptional(),
      renewedUntilMs: instant.exactOptional(),
    }),
  ),
  deploy: z.nullable(
    z.object({
      key: text,
      title: text,
      failed: z
        .array(z.object({ name: text, isSure: z.boolean(), link: text, key: text.exactOptional() }))
        .exactOptional(),
    }),
  ),
  template: template.exactOptional(),
  changed: z
    .object({ times: count, because: z.enum(CHANGE_CAUSES), dropped: z.array(personShape), atMs: instant })
    .exactOptional(),
  reading: text.exactOptional(),
  versions: z.object({ digestByArn: z.record(text, text), readAtMs: instant }).exactOptional(),
  whatChanged: whatChanged.exactOptional(),
  restore: restore.exactOptional(),
  restores: policyDocumentShape.exactOptional(),
  isSolved: z.literal(true).exactOptional(),
  correction: z.object({ kind: z.enum(['corrects', 'corrected']), proposalId: text }).exactOptional(),
  code: codePlace.exactOptional(),
  pull: pullRequest.exactOptional(),
  createdAtMs: instant,
  expiresAtMs: instant,
  updatedAtMs: instant,
}

const change = { patch, verification: verificationShape, followUps: z.array(policyChange) }
const noChange = { patch: z.null(), verification: verificationShape.nullable(), refusal }
const either = {
  patch: patch.nullable(),
  verification: verificationShape.nullable(),
  /** Only proposals with a change have these, and only those without one have a refusal. */
  followUps: z.array(policyChange).default([]),
  refusal: refusal.nullable().default(null),
}

const due = { dueAtMs: instant }
const maybeDue = { dueAtMs: instant.nullable() }
const leased = { leaseUntilMs: instant.nullable() }
const askedOfWriter = z.nullable(z.object({ digest: text, atMs: instant, times: count }))
const attribution = { by: personShape, atMs: instant }
/** Null and absent mean that nobody signed. Unsigned decisions are treated as requests, never as permission. */
const decided = { ...attribution, signed: signedDecisionSchema.nullable().default(null) }
const approvals = z.array(
  z.object({
    ...decided,
    limitHours: z.number().nullable(),
    reason: text.nullable(),
    pullRequest: z.literal(true).exactOptional(),
  }),
)
const decidable = { ...common, ...change, card: postedCard, approvals }
const applied = z.object({
  changes: z.array(policyChange),
  atMs: instant,
  endsAtMs: instant.nullable(),
  answer: z.enum(ANSWERS),
  answeredAtMs: instant.exactOptional(),
  stillRuns: z.literal(true).exactOptional(),
})

const use = z.object({
  lookedAtMs: instant,
  wholeSinceMs: instant.nullable(),
  unseen: text.nullable(),
  lastUsedAtMs: instant.nullable(),
  question: z.nullable(z.object({ atMs: instant, card: postedCard, isSeen: z.boolean() })),
  kept: z.nullable(z.object(decided)),
  goneAtMs: instant.exactOptional(),
})
const granted = {
  applied,
  use: use.exactOptional(),
  record: z.enum(['wanted', 'seen', 'missing']).exactOptional(),
  recordSeen: signedRecordSeenSchema.exactOptional(),
  isEndOffered: z.literal(true).exactOptional(),
  ratification: z
    .object({
      askedAtMs: instant,
      card: postedCard,
      needed: count,
      by: z.array(z.object(decided)),
      declined: z.nullable(z.object({ ...decided, reason: text })),
      asksForGrant: z.literal(true).exactOptional(),
    })
    .exactOptional(),
}

type Either = z.infer<z.ZodObject<typeof either>>

function contentOf({ patch, verification, followUps, refusal }: Either): Change | NoChange | string {
  if (patch === null) return refusal === null ? 'no patch, and no refusal' : { patch, verification, refusal }
  return verification === null ? 'a patch that was not verified' : { patch, verification, followUps }
}

/** For a status with a change or a refusal. */
const withContent = <Rest extends object>() =>
  z.transform(({ patch, verification, followUps, refusal, ...rest }: Rest & Either, context) => {
    const content = contentOf({ patch, verification, followUps, refusal })
    if (typeof content !== 'string') return { ...rest, ...content }
    context.issues.push({ code: 'custom', message: content, input: null })
    return z.NEVER
  })

const drafted = z.object({ ...common, ...either, ...due, status: z.literal('drafted') })
const expired = z.object({
  ...common,
  ...either,
  ...maybeDue,
  status: z.literal('expired'),
  card: postedCard.nullable(),
  approvals,
})
const reverting = z.object({
  ...decidable,
  ...due,
  ...leased,
  ...granted,
  status: z.literal('reverting'),
  revertRequest: z.object(decided),
  asked: askedOfWriter.default(null),
})

/** A version that wrote by itself kept here what it had begun to write. */
const applying = z.object({
  ...decidable,
  ...due,
  ...leased,
  status: z.literal('applying'),
  asked: askedOfWriter.default(null),
  beganEarlier: z.literal(true).exactOptional(),
  writing: z.unknown().optional(),
})

const proposal = z.discriminatedUnion('status', [
  z.pipe(drafted, withContent<Omit<z.infer<typeof drafted>, keyof Either>>()),
  z.object({
    ...decidable,
    ...due,
    status: z.literal('open'),
    remindersSent: count,
    renewal: z.nullable(z.object({ after: text, atMs: instant })),
    successLooks: count.exactOptional(),
  }),
  z.object({
    ...decidable,
    ...due,
    status: z.literal('approved'),
    waitsForRecord: z.literal(true).exactOptional(),
    stopped: z.object({ by: text, sinceMs: instant }).exactOptional(),
  }),
  z.pipe(
    applying,
    z.transform(({ writing, ...rest }: z.infer<typeof applying>) =>
      writing === undefined || writing === null ? rest : { ...rest, beganEarlier: true as const },
    ),
  ),
  z.object({
    ...decidable,
    ...maybeDue,
    ...granted,
    status: z.literal('applied'),
    failure: refusal.nullable(),
  }),
  z.object({ ...decidable, ...maybeDue, ...granted, status: z.literal('confirmed') }),
  reverting,
  z.object({ ...decidable, ...maybeDue, ...granted, status: z.literal('reverted'), reverted: z.object(attribution) }),
  z.object({
    ...decidable,
    ...maybeDue,
    status: z.literal('rejected'),
    rejection: z.object({ ...decided, reason: text, pullRequest: z.literal(true).exactOptional() }),
  }),
  z.pipe(expired, withContent<Omit<z.infer<typeof expired>, keyof Either>>()),
  z.object({ ...decidable, ...maybeDue, status: z.literal('failed'), failure: refusal }),
  z.object({ ...decidable, ...maybeDue, status: z.literal('stale'), failure: refusal }),
  z.object({ ...common, ...noChange, ...maybeDue, status: z.literal('closed'), card: postedCard.nullable() }),
])

function write(proposal: Proposal): unknown {
  return {
    ...proposal,
    ...('card' in proposal ? { card: proposal.card === null ? null : recordedCard(proposal.card) } : {}),
    ...('use' in proposal && proposal.use !== undefined ? { use: writtenUse(proposal.use) } : {}),
    ...('ratification' in proposal && proposal.ratification !== undefined
      ? { ratification: { ...proposal.ratification, card: recordedCard(proposal.ratification.card) } }
      : {}),
  }
}

const writtenUse = ({ question, ...rest }: GrantUse): object => ({
  ...rest,
  question: question === null ? null : { ...question, card: recordedCard(question.card) },
})

export const PROPOSAL: Codec<Proposal> = codec<Proposal>(proposal, write)
