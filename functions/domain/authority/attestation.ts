/** What `verify` signs before a write: that the approved change is still right. */
import * as z from 'zod'
import { digestOf } from '../../../core/base/canonical-json.ts'
import { BOUNDED, type Signed, type StatementKind, signedShape } from './statement.ts'

const { texts, digest, instant, deploymentId, proposalId, risk, approversNeeded } = BOUNDED

const attestationSchema = z.strictObject({
  schema: z.literal('rolemedic.attestation/1'),
  deploymentId,
  proposalId,
  /** `decisionsDigest` of the decisions that it is about. */
  decisions: digest,
  patchDigest: digest,
  /** As analyzed again just now. */
  risk,
  findings: BOUNDED.findings,
  blastRadius: BOUNDED.blastRadius,
  approversNeeded,
  /** Ids of everybody who was denied, or whom the session claims to be. */
  requesters: texts(100, 64),
  /** Whether the deployed configuration has break-glass. */
  breakGlass: z.boolean(),
  configDigest: digest,
  atMs: instant,
})
export type Attestation = z.infer<typeof attestationSchema>
export type SignedAttestation = Signed<Attestation>

export const ATTESTATION: StatementKind<Attestation> = {
  purpose: 'rolemedic.attestation/1',
  use: 'attestations',
  schema: attestationSchema,
}
export const signedAttestationSchema = signedShape(ATTESTATION)

/** Over the statements alone: a signature of the same statement may have other bytes. */
export const decisionsDigest = (decisions: readonly object[]): string =>
  digestOf(decisions.map(decision => digestOf(decision)).sort())
