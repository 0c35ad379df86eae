/** The failed actions of a pipeline, from CodePipeline's calls `list-action-executions` and `get-pipeline`. */

import * as z from 'zod'
import { orElse, orNull } from '../../../../core/base/index.ts'
import type { FailedAction, FailureReason } from '../deploy.ts'

const text = orNull(z.string())
const execution = z.object({
  stageName: z.string(),
  actionName: z.string(),
  status: text,
  startTime: orNull(z.coerce.date()),
  lastUpdateTime: z.coerce.date(),
  input: orNull(
    z.object({
      actionTypeId: orNull(z.object({ provider: text })),
      roleArn: text,
      configuration: orElse(z.record(z.string(), z.string()), {}),
      resolvedConfiguration: orElse(z.record(z.string(), z.string()), {}),
    }),
  ),
  output: orNull(
    z.object({
      executionResult: orNull(
        z.object({
          externalExecutionId: text,
          externalExecutionSummary: text,
          errorDetails: orNull(z.object({ code: text, message: text })),
        }),
      ),
    }),
  ),
})

/** `list`: in the order of the API, newest first. The last attempt of an action counts. */
export function failedActionsIn(list: readonly unknown[], pipelineRoleArn: string | null): readonly FailedAction[] {
  const tried = new Set<string>()
  return list.flatMap(item => {
    const read = execution.safeParse(item)
    if (!read.success) return []
    const { stageName: stage, actionName: action, status, input, output, startTime, lastUpdateTime } = read.data
    const name = `${stage}/${action}`
    if (tried.has(name)) return []
    tried.add(name)
    if (status !== 'Failed') return []
    const result = output?.executionResult ?? null
    const configured = { ...input?.configuration, ...input?.resolvedConfiguration }
    const messages = [result?.errorDetails?.message ?? null, result?.externalExecutionSummary ?? null]
    const reasons = messages.flatMap((words): readonly FailureReason[] =>
      words === null ? [] : [{ text: words, resource: action, resourceType: null, atMs: lastUpdateTime.getTime() }],
    )
    return [
      {
        stage,
        action,
        provider: input?.actionTypeId?.provider ?? '',
        roleArn: input?.roleArn ?? pipelineRoleArn,
        stackRoleArn: configured['RoleArn'] ?? null,
        externalId: result?.externalExecutionId ?? null,
        startedAtMs: startTime?.getTime() ?? null,
        reasons,
      },
    ]
  })
}
