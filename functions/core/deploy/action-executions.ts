/** The failed actions of a pipeline, from what CodePipeline's own calls answer: `list-action-executions` and `get-pipeline`. */
import * as z from 'zod'
import type { FailedAction, FailureReason } from './deploy.ts'

const text = z.string().nullable().catch(null).default(null)
const execution = z.object({
  stageName: z.string(),
  actionName: z.string(),
  status: z.literal('Failed'),
  lastUpdateTime: z.coerce.date(),
  input: z
    .object({
      actionTypeId: z.object({ provider: text }).nullable().catch(null).default(null),
      roleArn: text,
      configuration: z.record(z.string(), z.string()).catch({}).default({}),
      resolvedConfiguration: z.record(z.string(), z.string()).catch({}).default({}),
    })
    .nullable()
    .catch(null)
    .default(null),
  output: z
    .object({
      executionResult: z
        .object({
          externalExecutionId: text,
          externalExecutionSummary: text,
          errorDetails: z.object({ code: text, message: text }).nullable().catch(null).default(null),
        })
        .nullable()
        .catch(null)
        .default(null),
    })
    .nullable()
    .catch(null)
    .default(null),
})

export function failedActionsIn(list: readonly unknown[], pipelineRoleArn: string | null): readonly FailedAction[] {
  return list.flatMap(item => {
    const read = execution.safeParse(item)
    if (!read.success) return []
    const { stageName: stage, actionName: action, input, output, lastUpdateTime } = read.data
    const result = output?.executionResult ?? null
    const configured = { ...input?.configuration, ...input?.resolvedConfiguration }
    const said = [result?.errorDetails?.message ?? null, result?.externalExecutionSummary ?? null]
    const reasons = said.flatMap((words): readonly FailureReason[] =>
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
        reasons,
      },
    ]
  })
}
