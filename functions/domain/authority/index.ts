/** Signed statements, the checks of a writer, who was denied, and which records prove a denial. */

export {
  authorized,
  endOfGrant,
  grantedBy,
  idName,
  MAX_ATTESTATION_AGE_MS,
  MAX_SKEW_MS,
  needsPasskey,
  passkeyCounts,
  peopleAmong,
} from './checks/authority.ts'
export { outsideGrammar } from './checks/grammar.ts'
export { ATTESTATION, type Attestation, decisionsDigest } from './checks/grant.ts'
export {
  type EarlierGrantInput,
  OBSERVATION,
  type Observation,
  type SignedObservation,
  signedObservationSchema,
  type TakeAwayReason,
  type WriteAsk,
} from './checks/input.ts'
export {
  type DecisionKind,
  type DecisionNow,
  MAX_WHY_CHARS,
  type SignedDecisionNow,
  signedDecisionNowSchema,
} from './decision.ts'
export {
  type Decision,
  isOfNow,
  isSignedNow,
  pullRequestOf,
  type SignedDecision,
  signedDecisionSchema,
  type WithPullRequest,
} from './earlier-decision.ts'
export type { ReadTrusts } from './entrances.ts'
export { keyRingSchema } from './key-ring.ts'
export { nowDecisionOf } from './new-decision.ts'
export {
  type Assertion,
  BY_ADMINISTRATOR,
  challengeOf,
  ENROLLMENT,
  type Enrollment,
  isAsserted,
  type Passkey,
  type PasskeyRule,
} from './passkey.ts'
export {
  assertionSchema,
  confirmationOf,
  enrolledKey,
  enrollmentOf,
  PASSKEY_CONFIRMATION,
  type PasskeyConfirmation,
  REVOCATION,
  type Revocation,
  readEnrollRequest,
  requestProblem,
  type SignedEnrollRequest,
  signCountOf,
  wordsOfRequest,
} from './people/enrolling.ts'
export { FIRST_SEEN, type FirstSeen, firstSeenKey, MAX_SEEN, signedFirstSeenSchema } from './people/first-seen.ts'
export type { Workspace, WorkspaceMembership } from './people/workspace.ts'
export {
  alsoClaiming,
  namedBy,
  personOfCaller,
  type RequesterClaim,
  requesterClaim,
  trustsToRead,
} from './requester.ts'
export {
  BACK_MARK,
  credentialName,
  ledgerKey,
  MARK,
  type Mark,
  OUTCOME,
  OUTCOME_MARK,
  outcomeKey,
  type SignedOutcome,
  SPENT,
  type Spent,
} from './spent.ts'
export {
  currentKeys,
  decisionBytes,
  isSigned,
  KEY_USES,
  type KeyRing,
  type KeyUse,
  publicKeyOf,
  type Signature,
  type Signed,
  type StatementKind,
  signatureSchema,
  signedBytes,
  signedShape,
  statementBytes,
  verified,
  verifyDecision,
} from './statement.ts'
export {
  HISTORY_DELAY_MS,
  isSameDenial,
  needsWitness,
  RECORD_SEEN,
  type SignedRecordSeen,
  signedRecordSeenSchema,
  unseenWitness,
  type Witness,
} from './witness.ts'
export { SESSION_TAGS } from './writer-session.ts'
