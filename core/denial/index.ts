/** From records, messages and logs to a `Denial`; which service receives a passed role. */

export { denialsInText, type FoundInText, type TextFindings } from './any-text/denials-in-text.ts'
export { eventWith, recordsInText } from './any-text/records-in-text.ts'
export {
  type DetailsPage,
  detailsPageIn,
  evaluationInDecoded,
  evaluationInDetails,
  withoutPrincipal,
} from './aws-evaluation.ts'
export { denyingPolicies, MAX_POLICY_CHARS, type NamedPolicy, policyInAnswer, withinRoom } from './captured-policies.ts'
export { allowedCall, usesRole } from './cloudtrail/call-from-record.ts'
export { type CloudTrailRecord, readCloudTrailRecord, recordsIn, recordsOf } from './cloudtrail/cloudtrail-record.ts'
export { assumedRole, digest, partitionOfArns, recordFields } from './cloudtrail/denial-facts.ts'
export { deniedPrincipal, principalNamed, UNKNOWN_PRINCIPAL } from './cloudtrail/denied-principal.ts'
export { denialFromDecoded, encodedOnlyIn } from './cloudtrail/encoded-only.ts'
export { EVENT_PATTERNS } from './cloudtrail/event-patterns.ts'
export {
  type IssuedKey,
  type IssuedKeys,
  issuedKeyIn,
  issuesKeys,
  LONGEST_SESSION_MS,
} from './cloudtrail/issued-keys.ts'
export type { KeyChain, MissingKey } from './cloudtrail/key-chain.ts'
export { refusedAssumption } from './cloudtrail/refused-assumption.ts'
export { chainBehind, runBehind, runOfDenial } from './cloudtrail/run-of-record.ts'
export {
  type AwsEvaluation,
  type CapturedPolicy,
  DENIAL_REASONS,
  type DecodedEvaluation,
  type Denial,
  type DenialReason,
  type FederatedClaims,
  isAgentServer,
  isPlanned,
  type ParsedDenial,
  type PassedRole,
  type PassedService,
  PRINCIPAL_KINDS,
  type Principal,
  type RuledOut,
  type ServiceValue,
  TOOLS,
  type Tool,
  type Unread,
} from './denial.ts'
export { isTooOld, OLDEST_DENIAL_MS, settleGraceMs } from './denial-timing.ts'
export { callerName, denialTitle, roleName } from './denial-title.ts'
export {
  callerKeyOf,
  type DeniedRequest,
  deniedRequest,
  fingerprintOf,
  fingerprintOfRequest,
  isHiddenName,
  isSameNeed,
  needKeyOf,
  requestKeyOf,
} from './fingerprint.ts'
export { findHints, hintsBeside } from './hints/find-hints.ts'
export { HINT_SUBJECTS, type Hint, type HintStep, type HintSubject, hintStep } from './hints/hint.ts'
export { denialsIn, type UnreadLines } from './logs/denials-in-log.ts'
export { readMessage } from './message/message-grammar.ts'
export { unclearRefusalIn } from './message/unclear-refusals.ts'
export { denialOfEvaluation, encodedAt } from './other-actions/encoded-denial.ts'
export {
  DENYING_LAYERS,
  type DenyingLayer,
  isUnnamed,
  layerOfReason,
  type OtherDenial,
  type RefusedCall,
  UNNAMED,
} from './other-actions/other-denial.ts'
export { otherDenialOfRecord } from './other-actions/other-denial-of-record.ts'
export { isNamed, MAX_OTHER_DENIALS, otherDenialsIn, withoutExamples } from './other-actions/other-denials.ts'
export { DENIAL_ERROR_CODES, NO_DENIAL, parseRecord } from './parse-denial.ts'
export {
  callsSending,
  documentedNames,
  eventSourceNamed,
  factsReadOn,
  passedService,
  roleOperationNamed,
  rolesShownBy,
  type ShownRoles,
  valuesSentBy,
} from './passed-service/passed-service.ts'
export type {
  CallFacts,
  RoleParameter,
  SentValues,
  ServiceEvidence,
  ServiceFacts,
} from './passed-service/service-facts.ts'
export { callOfResource } from './resource-types/calls-of-types.ts'
export { assumersOf, assumersOfCall, type RoleAssumers, type ServiceAssumer } from './resource-types/role-assumers.ts'
export { cloudFormationRows, type RoleRow, terraformRows, typeOfCloudControl } from './resource-types/role-tables.ts'
export { sentAfter, sentContext } from './resource-types/sent-context.ts'
