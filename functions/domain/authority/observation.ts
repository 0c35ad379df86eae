/** What `verify` signs of a bridge: that the code has what it was built for. */
import * as z from 'zod'
import { BOUNDED, type Signed, type StatementKind, signedShape } from './statement.ts'

const { digest, instant, deploymentId, proposalId } = BOUNDED

/** Everything that the grant allows is allowed without any grant that ends, as evaluated just now. */
const observationSchema = z.strictObject({
  schema: z.literal('rolemedic.observation/1'),
  deploymentId,
  proposalId,
  patchDigest: digest,
  observed: z.literal('covered'),
  atMs: instant,
})
export type Observation = z.infer<typeof observationSchema>

export type SignedObservation = Signed<Observation>

export const OBSERVATION: StatementKind<Observation> = {
  purpose: 'rolemedic.observation/1',
  use: 'attestations',
  schema: observationSchema,
}
export const signedObservationSchema = signedShape(OBSERVATION)
