/** Drafting, verification, risk, guardrails, export as code. */

export { diffDocuments } from './document-diff.ts'
export { OWN_POLICY } from './drafting/caller-policy.ts'
export { draft } from './drafting/draft.ts'
export { exactRole, isServiceName } from './drafting/exact-names.ts'
export { type HandOver, handOver } from './drafting/hand-over.ts'
export { approvedRoleSet } from './drafting/pass-role-statements.ts'
export { toCdk } from './export/cdk.ts'
export { shell, toAwsCli } from './export/cli.ts'
export { toCloudFormation } from './export/cloudformation.ts'
export {
  CODE_FORMATS,
  type CodeFormat,
  changeAs,
  changesAs,
  commentAs,
  commentedAs,
  fenceOf,
  handOverAs,
} from './export/code.ts'
export { hasDynamicReference, NOT_IN_TEMPLATES } from './export/dynamic-reference.ts'
export { remarksOn, withHandOver } from './export/hand-over-step.ts'
export { changeComment, toolStep } from './export/names.ts'
export { toTerraform } from './export/terraform.ts'
export { inBrief } from './guardrails/brief.ts'
export { type GuardrailInput, REACH_GUARDRAILS } from './guardrails/guardrail.ts'
export { checkGuardrails, type NamedFinding } from './guardrails/guardrails.ts'
export { administratorEquivalent } from './guardrails/reach/administrator-equivalent.ts'
export { blind } from './guardrails/reach/blind.ts'
export { destroy } from './guardrails/reach/destroy.ts'
export { strongerThanCaller } from './guardrails/reach/stronger-than-caller.ts'
export { unreadSurroundings } from './guardrails/reach/unread-surroundings.ts'
export { approversPath } from './guardrails/subject/approvers-path.ts'
export { ownRoles } from './guardrails/subject/own-roles.ts'
export { protectedEntity } from './guardrails/subject/protected.ts'
export { reservedEntity } from './guardrails/subject/reserved-entity.ts'
export {
  type EarlierGrant,
  type Withdrawal,
  withdraws,
  withoutIneffectiveGrants,
} from './ineffective-grant.ts'
export { withoutLimitedGrants } from './limited-grants.ts'
export {
  changeDigest,
  changesTrust,
  type DocumentChange,
  type Patch,
  type PolicyChange,
  patchDigest,
  TARGET_KINDS,
  type Target,
  type TargetKind,
  trustLast,
} from './patch.ts'
export { revertChange } from './revert-patch.ts'
export { type Opened, openedBy } from './risk/could-become.ts'
export { NOTHING_READ, type Surroundings } from './risk/surroundings.ts'
export { catalog, type Harm, harms } from './risk/table/catalog.ts'
export type { Category, EscalationPath } from './risk/table/escalation-path.ts'
export { HARM_CLASSES, type HarmClass } from './risk/table/harms.ts'
export { RESOURCE_KINDS } from './risk/table/resource-kinds.ts'
export { restorable } from './take-away.ts'
export { endOfAdded, limitedPatch } from './time-limit.ts'
export { parseTokenSubject, presenters, type TokenSubject } from './token-subject.ts'
export { applyToSnapshot } from './verification/apply-to-snapshot.ts'
export { addChange, type ChangesByTarget, chained } from './verification/chained.ts'
export { type ConditionTest, testsOf } from './verification/condition-tests.ts'
export { deniedRequestsFor } from './verification/denied-requests.ts'
export { areAllUsed, type DenialWithAccess } from './verification/used-parts.ts'
export {
  type Answer,
  type GuardrailFinding,
  PROOF_OUTCOMES,
  RISKS,
  type Risk,
  type Verification,
  type VerifiedPatch,
} from './verification/verification.ts'
export { highestRisk, openingOf, verify } from './verification/verify.ts'
