/** The port `DeployReader` over the deploy tools of each account, with the account's reader role. */
import type { AccountRegion } from '../../../../core/base/index.ts'
import type { DeployReader } from '../../../ports/deploy-reader.ts'
import { LONG_TIMEOUTS } from '../clients/client-timeouts.ts'
import type { AccountAccess } from '../iam/account-access.ts'
import { askJson, type JsonCall } from './json-call.ts'

/** Each client loads on first use, because a failed deploy concerns one tool. */
export function deployReader({
  access,
}: {
  readonly access: (accountId: string) => Pick<AccountAccess, 'iam'>
}): DeployReader {
  const settings = ({ accountId, region }: AccountRegion) => ({
    region,
    credentials: access(accountId).iam.config.credentials,
    ...LONG_TIMEOUTS,
  })
  return {
    async stack(place, stackId, untilMs) {
      const { readStack, stackClient } = await import('./cloudformation-events.ts')
      return readStack(stackClient(settings(place)), stackId, untilMs)
    },
    async template(place, stackId) {
      const { stackClient } = await import('./cloudformation-events.ts')
      const { readStackTemplate } = await import('./stack-template.ts')
      return readStackTemplate(stackClient(settings(place)), stackId)
    },
    async failedActions(place, pipeline, executionId) {
      const { pipelineClient, readFailedActions } = await import('./pipeline-execution.ts')
      return readFailedActions(pipelineClient(settings(place)), pipeline, executionId)
    },
    async failedParts(place, run, atMs) {
      if (run.kind === 'deployment' || run.kind === 'ecs-service') {
        const { readDeployment, readService } = await import('./run-parts.ts')
        const ask = (call: JsonCall) => askJson(place, call, settings(place).credentials)
        return run.kind === 'deployment' ? readDeployment(run, ask, atMs) : readService(run, ask, atMs)
      }
      const { readAmplifyJob, readStackSetResults } = await import('./failed-parts.ts')
      if (run.kind === 'amplify-job') return readAmplifyJob(place, run, settings(place).credentials, { atMs })
      const { stackClient } = await import('./cloudformation-events.ts')
      return readStackSetResults(stackClient(settings(place)), run, atMs)
    },
    async buildRoles(place, ids) {
      const { readBuildRoles } = await import('./build-roles.ts')
      return readBuildRoles(place, ids, settings(place).credentials)
    },
    async logTail(place, group, stream) {
      const { logClient, readLogTail } = await import('./build-log.ts')
      return readLogTail(logClient(settings(place)), group, stream)
    },
  }
}
