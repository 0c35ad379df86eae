/** Signed decisions, who was denied, and which records prove a denial. */

export {
  type Decision,
  type DecisionKind,
  decisionBytes,
  decisionOf,
  MAX_WHY_CHARS,
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
export { isSameDenial, needsWitness, unseenWitness, type Witness } from './witness.ts'
export type { Workspace, WorkspaceMembership } from './workspace.ts'
export { REQUIRED_SESSION_TAGS, SESSION_TAGS, sessionFor, type WriterSession } from './writer-session.ts'
