/** Decisions of the versions that named no deployment: they can be shown and taken away, and cause no write. */

import * as z from 'zod'
import { type DecisionNow, decisionNowSchema, MEMBERS, PULL_REQUESTS, type SignedDecisionNow } from './decision.ts'
import { BOUNDED, type Signature, signatureSchema } from './statement.ts'

const EARLIER = {
  ...MEMBERS,
  proposalId: BOUNDED.text(64),
  by: z.strictObject({
    userId: BOUNDED.text(64),
    teamId: z.nullable(BOUNDED.text(64)),
    name: BOUNDED.text(200),
  }),
}

/** Version 2 was signed only where a pull request was chosen, so that the version before read all others. */
const earlierSchema = z.discriminatedUnion('schema', [
  z.strictObject({ schema: z.literal('rolemedic.decision/1'), ...EARLIER }),
  z.strictObject({ schema: z.literal('rolemedic.decision/2'), ...EARLIER, pullRequest: z.enum(PULL_REQUESTS) }),
])
type DecisionFacts = Omit<Extract<z.infer<typeof earlierSchema>, { schema: 'rolemedic.decision/1' }>, 'schema'>

export type EarlierDecision = DecisionFacts & {
  readonly schema: 'rolemedic.decision/1' | 'rolemedic.decision/2'
  /** In version 2 alone. */
  readonly pullRequest?: WithPullRequest
}
export type Decision = EarlierDecision | DecisionNow

export type SignedDecision = { readonly decision: Decision; readonly signature: Signature }
export const signedDecisionSchema: z.ZodType<SignedDecision> = z.strictObject({
  decision: z.union([decisionNowSchema, earlierSchema]),
  signature: signatureSchema,
})

/** Null is none. */
export type WithPullRequest = (typeof PULL_REQUESTS)[number]

/** Of this version: only these can cause a write. */
export const isSignedNow = (signed: SignedDecision): signed is SignedDecisionNow => isOfNow(signed.decision)

export const isOfNow = (decision: Decision): decision is DecisionNow => decision.schema === 'rolemedic.decision/3'

/** Null: the person chose none. */
export const pullRequestOf = ({ pullRequest }: Decision): WithPullRequest | null => pullRequest ?? null
