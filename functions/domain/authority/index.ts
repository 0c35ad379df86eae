/** Signed statements, the checks of a writer, who was denied, and which records prove a denial. */

export {
  ATTESTATION,
  type Attestation,
  decisionsDigest,
  OBSERVATION,
  type Observation,
  type SignedAttestation,
  type SignedObservation,
  signedObservationSchema,
} from './attestation.ts'
export { endOfGrant } from './checks/authority.ts'
export type { EarlierGrantInput, TakeAwayReason, WriteAsk } from './checks/input.ts'
export { grantedBy } from './checks/take-away.ts'
export {
  type Decision,
  type DecisionKind,
  decisionBytes,
  isOfNow,
  MAX_WHY_CHARS,
  nowDecisionOf,
  pullRequestOf,
  type SignedDecision,
  signedDecisionSchema,
  verifyDecision,
  type WithPullRequest,
} from './decision.ts'
export { type RequesterClaim, requesterClaim } from './requester.ts'
export {
  isSigned,
  KEY_USES,
  type KeyRing,
  type KeyUse,
  keyRingSchema,
  publicKeyOf,
  type Signature,
  signatureSchema,
  signedBytes,
} from './signature.ts'
export {
  endedPrefix,
  MARK,
  OUTCOME,
  outcomeKey,
  rejectedKey,
  type SignedOutcome,
  SPENT,
  type Spent,
  signedMarkSchema,
  signedOutcomeSchema,
  signedSpentSchema,
  spentKey,
  spentPrefix,
} from './spent.ts'
export { type Signed, type StatementKind, statementBytes, verified } from './statement.ts'
export { isSameDenial, needsWitness, unseenWitness, type Witness } from './witness.ts'
export type { Workspace, WorkspaceMembership } from './workspace.ts'
export { REQUIRED_SESSION_TAGS, SESSION_TAGS } from './writer-session.ts'
