/** What `write` is asked for, as its one schema reads it. */
import * as z from 'zod'
import { signedAnyDecisionSchema } from '../any-decision.ts'
import { signedObservationSchema } from '../observation.ts'
import { BOUNDED, signatureSchema } from '../statement.ts'
import { changesSchema, grantSchema } from './grant.ts'

const { instant, proposalId } = BOUNDED

/** Far above what a change of a whole deploy takes; a queue message has at most 1 MiB. */
export const MAX_ASK_CHARS = 1_000_000

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
