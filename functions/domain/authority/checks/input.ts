/** What `write` is asked for, as its one schema reads it. */
import * as z from 'zod'
import { MEMBERS, PULL_REQUESTS } from '../decision.ts'
import { BOUNDED, type Signed, signatureSchema, signedShape, statementKind } from '../statement.ts'
import { changesSchema, grantSchema } from './grant.ts'

const { text, digest, instant, deploymentId, proposalId } = BOUNDED

/** Far above what a change of a whole deploy takes; a queue message has at most 1 MiB. */
export const MAX_ASK_CHARS = 1_000_000

/** What taking away reads of a decision of any version. It says more, and its signature is over all of it. */
const anyDecisionSchema = z.looseObject({
  ...{ kind: MEMBERS.kind, patchDigest: digest, endsAtMs: MEMBERS.endsAtMs, atMs: instant },
  proposalId: text(64),
  by: z.looseObject({ userId: text(64), email: z.exactOptional(z.nullable(text(320))) }),
  /** Versions before the third named none. */
  deploymentId: z.exactOptional(deploymentId),
  pullRequest: z.exactOptional(z.nullable(z.enum(PULL_REQUESTS))),
})
export type AnyDecision = z.infer<typeof anyDecisionSchema>
const signedAnyDecisionSchema = z.strictObject({ decision: anyDecisionSchema, signature: signatureSchema })

/**
 * What `verify` signs of a bridge: that the code has what it was built for. Everything that the grant allows is allowed without any grant
 * that ends, as evaluated just now.
 */
export const OBSERVATION = statementKind('rolemedic.observation/1', 'attestations', {
  patchDigest: digest,
  observed: z.literal('covered'),
})
export type Observation = z.infer<typeof OBSERVATION.schema>
export type SignedObservation = Signed<Observation>
export const signedObservationSchema = signedShape(OBSERVATION)

/** A grant of a version that kept no `spent/`: it can only be taken away. */
const earlierSchema = z.strictObject({
  decisions: z.readonly(z.array(signedAnyDecisionSchema).check(z.minLength(1), z.maxLength(10))),
  changes: changesSchema,
  applied: z.strictObject({ body: z.unknown(), signature: signatureSchema }),
})
export type EarlierGrantInput = z.infer<typeof earlierSchema>

const reasonSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('revert'), decision: signedAnyDecisionSchema }),
  z.strictObject({ kind: z.literal('end') }),
  z.strictObject({
    kind: z.literal('covered'),
    observations: z.tuple([signedObservationSchema, signedObservationSchema]),
  }),
])
export type TakeAwayReason = z.infer<typeof reasonSchema>

const about = { schema: z.literal('rolemedic.ask/1'), proposalId }

/** Everything in it is a claim: `write` believes what is signed. */
export const askSchema = z.discriminatedUnion('ask', [
  z.strictObject({
    ...about,
    ask: z.literal('write'),
    grant: grantSchema,
    withdraws: z.readonly(z.array(proposalId).check(z.maxLength(20))),
  }),
  z.strictObject({ ...about, ask: z.literal('resume') }),
  z.strictObject({
    ...about,
    ask: z.literal('take-away'),
    reason: reasonSchema,
    /** Null: the proposal has a `spent/`. */
    earlier: z.nullable(earlierSchema),
    askedAtMs: instant,
  }),
])
export type WriteAsk = z.infer<typeof askSchema>
export type WriteAskOf<K extends WriteAsk['ask']> = Extract<WriteAsk, { readonly ask: K }>
