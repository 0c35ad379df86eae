/** What `verify` signs of a bridge: that the code has what it was built for. */
import * as z from 'zod'
import { BOUNDED, type Signed, signedShape, statementKind } from './statement.ts'

/** Everything that the grant allows is allowed without any grant that ends, as evaluated just now. */
export const OBSERVATION = statementKind('rolemedic.observation/1', 'attestations', {
  patchDigest: BOUNDED.digest,
  observed: z.literal('covered'),
})
export type Observation = z.infer<typeof OBSERVATION.schema>
export type SignedObservation = Signed<Observation>
export const signedObservationSchema = signedShape(OBSERVATION)
