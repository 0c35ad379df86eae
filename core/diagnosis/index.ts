/** One rule per cause, the verdict, the wording. */

export { awsReasonOf } from './aws-reason.ts'
export { answerTo, type OwnAnswer } from './calibration.ts'
export { diagnose } from './diagnose.ts'
export {
  CAUSES,
  type Cause,
  type Diagnosis,
  type Evidence,
  type Gap,
  isConditionCause,
  isOffered,
  VERDICTS,
} from './diagnosis.ts'
export { evaluateNow, evaluateRole, type RoleLife, type TimeFacts } from './diagnosis-context.ts'
export { describeOutcome } from './evidence.ts'
export { isValueList, takesPattern } from './failed-conditions.ts'
export { asHearsay, isHearsay } from './hearsay.ts'
export { passOf, resolveService, servicesToTry, shownService } from './resolve-service.ts'
export { otherConditions } from './rules/service-condition.ts'
export { unseenGuardrails } from './verdict.ts'
export { parseBootstrapRole } from './wording/cdk-bootstrap.ts'
export { isGeneratedName } from './wording/generated-name.ts'
export { likelyServices } from './wording/likely-services.ts'
export { ownedByName, ownedRole, ownedTrust } from './wording/owned-roles.ts'
export { callerLabel, capitalize } from './wording/short-names.ts'
export { vendorOf } from './wording/vendors.ts'
