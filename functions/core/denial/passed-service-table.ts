import { CALLS_AIOPS_TO_CODEDEPLOY } from './passed-service-table/aiops-to-codedeploy.ts'
import { CALLS_CODEPIPELINE_TO_EMR_SERVERLESS } from './passed-service-table/codepipeline-to-emr-serverless.ts'
import { CALLS_ENTITYRESOLUTION_TO_KAFKACONNECT } from './passed-service-table/entityresolution-to-kafkaconnect.ts'
import { CALLS_KENDRA_TO_QUICKSIGHT } from './passed-service-table/kendra-to-quicksight.ts'
import { CALLS_RDS_TO_STATES } from './passed-service-table/rds-to-states.ts'
import type { CallRow } from './passed-service-table/rows.ts'
import { CALLS_STORAGEGATEWAY_TO_WORKMAIL } from './passed-service-table/storagegateway-to-workmail.ts'

/** A new service is a group in one of these files, a new call one line in its group. */
const ROWS: readonly CallRow[] = [
  ...CALLS_AIOPS_TO_CODEDEPLOY,
  ...CALLS_CODEPIPELINE_TO_EMR_SERVERLESS,
  ...CALLS_ENTITYRESOLUTION_TO_KAFKACONNECT,
  ...CALLS_KENDRA_TO_QUICKSIGHT,
  ...CALLS_RDS_TO_STATES,
  ...CALLS_STORAGEGATEWAY_TO_WORKMAIL,
]

/** Every call that is known to pass a role. */
export function callsThatPassRoles(): readonly CallRow[] {
  return ROWS
}
