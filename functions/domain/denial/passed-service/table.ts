import { callsAiopsToCodedeploy } from './table/aiops-to-codedeploy.ts'
import { callsCodepipelineToEmrServerless } from './table/codepipeline-to-emr-serverless.ts'
import { callsEntityresolutionToKafkaconnect } from './table/entityresolution-to-kafkaconnect.ts'
import { callsKendraToQuicksight } from './table/kendra-to-quicksight.ts'
import { callsRdsToStates } from './table/rds-to-states.ts'
import type { CallRow } from './table/rows.ts'
import { callsStoragegatewayToWorkmail } from './table/storagegateway-to-workmail.ts'

/** A new service is a group in one of these files, a new call one line in its group. */
const table = (): readonly CallRow[] => [
  ...callsAiopsToCodedeploy(),
  ...callsCodepipelineToEmrServerless(),
  ...callsEntityresolutionToKafkaconnect(),
  ...callsKendraToQuicksight(),
  ...callsRdsToStates(),
  ...callsStoragegatewayToWorkmail(),
]

let rows: readonly CallRow[] | undefined

/** Every call that is known to pass a role. Made with the first question: a function that never asks carries none of it. */
export function callsThatPassRoles(): readonly CallRow[] {
  rows ??= table()
  return rows
}
