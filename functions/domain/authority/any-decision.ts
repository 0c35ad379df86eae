/** Decisions of every version, for what needs less than a write. */
import * as z from 'zod'
import { MEMBERS, PULL_REQUESTS } from './decision.ts'
import { BOUNDED, signatureSchema } from './statement.ts'

const { text, digest, instant, deploymentId } = BOUNDED

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
export const signedAnyDecisionSchema = z.strictObject({ decision: anyDecisionSchema, signature: signatureSchema })
