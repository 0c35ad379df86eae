/** Failed deploys and their correlation with denials; one descriptor per deploy tool. */

export { blockedDeploys } from './broken-deploys.ts'
export { type CauseWithProposal, wasOver } from './causes.ts'
export { confidenceOf } from './correlation.ts'
export {
  type BuildRole,
  CONFIDENCES,
  type CorrelationKeys,
  DEPLOY_KINDS,
  type DeployBegun,
  type DeployCause,
  type DeployState,
  type DeployTemplate,
  type FailedAction,
  type FailedDeploy,
  type FailureReason,
  type OwnIdentity,
  type StackCourse,
  type StackOperation,
} from './deploy.ts'
export { alertOf, alertText, type DeployAlert, deployNotice } from './deploy-alert.ts'
export {
  type Actors,
  faultDenial,
  isOwnDenial,
  isPrincipalRole,
  MAX_HARVESTED,
  mayEnter,
  type ReportedDenial,
  reportedDenials,
} from './deploy-denials.ts'
export { type DeployStanding, hasAlert, hasCertainCause, shownCauses, standingOf } from './deploy-outlook.ts'
export {
  deployKey,
  isNewAttempt,
  isOtherFailure,
  isPast,
  joinedCauses,
  pastCausesOf,
  ROUND_MS,
  roundKey,
  TWIN_MS,
  withFailure,
} from './deploy-round.ts'
export {
  decidedBy,
  deniedWords,
  distinctPermissions,
  MAX_PERMISSIONS,
  type MissingPermission,
  mayHaveAdvice,
  missingPermissions,
  permissionAnswer,
  permissionOf,
  permissionSteps,
} from './missing-permission.ts'
export { needsAsked, templateId } from './open-needs.ts'
export { decodedPermission, ownPermissions } from './own-permissions.ts'
export { roleAsWritten, type ServiceReport, serviceReports } from './service-reports.ts'
export { statementAdvice } from './statement-advice.ts'
export { failedActionsIn } from './tools/action-executions.ts'
export { buildRolesIn } from './tools/builds.ts'
export {
  JOB_SCHEMA,
  JOB_SOURCE,
  JOB_TYPE,
  type JobEventDetail,
  jobEventDetail,
  MAX_JOB_LOG_CHARS,
} from './tools/job.ts'
export {
  amplifyReasonsIn,
  deploymentErrorIn,
  deploymentReasonsIn,
  type PartedRun,
  serviceReasonsIn,
  stackSetReasonsIn,
  taskReasonsIn,
} from './tools/parted-run.ts'
export {
  allWordsOfStack,
  courseOf,
  deletedRolesIn,
  failedStacksIn,
  isBeginning,
  operationOf,
  operationUntil,
  reasonsOf,
  roleNamesIn,
  type StackEvent,
  stackEventsIn,
  wholeOperation,
} from './tools/stack-operation.ts'
export {
  type DeployPart,
  type Findings,
  type Inquiry,
  logOf,
  mayHideDenial,
  SERVICE_ROLE_SESSION,
} from './tools/tool.ts'
export {
  ALL_PATTERNS,
  DEPLOY_PATTERNS,
  DEPLOY_TOOLS,
  deployName,
  explanationOf,
  hearsayOf,
  parseDeployEvent,
  reasonsFileOf,
  toolOf,
} from './tools/tools.ts'
export {
  FAULT_ANSWERS,
  FAULT_KINDS,
  type FaultAnswer,
  type FaultStep,
  faultAnswer,
  NEW_ROLE_MS,
  type TrustFault,
} from './trust-fault.ts'
