/** What `verify` signs before a write: that the approved change is still right. */
import * as z from 'zod'
import { digestOf } from '../../../core/base/canonical-json.ts'
import { BOUNDED, signedShape, statementKind } from './statement.ts'

const { texts, digest, risk, findings, blastRadius, approversNeeded } = BOUNDED

export const ATTESTATION = statementKind('rolemedic.attestation/1', 'attestations', {
  /** `decisionsDigest` of the decisions that it is about. */
  decisions: digest,
  patchDigest: digest,
  /** As analyzed again just now. */
  ...{ risk, findings, blastRadius, approversNeeded },
  /** Ids of everybody who was denied, or whom the session claims to be. */
  requesters: texts(100, 64),
  /** Whether the deployed configuration has break-glass. */
  breakGlass: z.boolean(),
  configDigest: digest,
})
export type Attestation = z.infer<typeof ATTESTATION.schema>
export const signedAttestationSchema = signedShape(ATTESTATION)

/** Over the statements alone: a signature of the same statement may have other bytes. */
export const decisionsDigest = (decisions: readonly object[]): string =>
  digestOf(decisions.map(decision => digestOf(decision)).sort())
