/** The port `DeployReader` over the deploy tools of each account, with the account's reader role. */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation'
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { CodePipelineClient } from '@aws-sdk/client-codepipeline'
import type { DeployReader, Place } from '../core/deploy.ts'
import { type AccountAccess, PATIENT } from './account-access.ts'
import { readLogTail } from './build-log.ts'
import { readStack } from './cloudformation-events.ts'
import { readFailedActions } from './pipeline-execution.ts'

export function deployReader({
  access,
}: {
  readonly access: (accountId: string) => Pick<AccountAccess, 'iam'>
}): DeployReader {
  const settings = ({ accountId, region }: Place) => ({
    region,
    credentials: access(accountId).iam.config.credentials,
    ...PATIENT,
  })
  return {
    stack: (place, stackId, untilMs) => readStack(new CloudFormationClient(settings(place)), stackId, untilMs),
    failedActions: (place, pipeline, executionId) =>
      readFailedActions(new CodePipelineClient(settings(place)), pipeline, executionId),
    logTail: (place, group, stream) => readLogTail(new CloudWatchLogsClient(settings(place)), group, stream),
  }
}
