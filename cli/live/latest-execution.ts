import {
  CodePipelineClient,
  type CodePipelineClientConfig,
  GetPipelineExecutionCommand,
  ListPipelineExecutionsCommand,
} from '@aws-sdk/client-codepipeline'
import type { Execution } from './run-events.ts'

/** The named execution of a pipeline, or the newest. Null: it has none. */
export async function latestExecution(
  settings: CodePipelineClientConfig,
  pipelineName: string,
  id: string | null,
  nowMs: number,
): Promise<Execution | null> {
  const client = new CodePipelineClient(settings)
  if (id === null) {
    const list = await client.send(new ListPipelineExecutionsCommand({ pipelineName, maxResults: 1 }))
    const [newest] = list.pipelineExecutionSummaries ?? []
    if (newest?.pipelineExecutionId === undefined) return null
    const { pipelineExecutionId, status = '', lastUpdateTime } = newest
    return { id: pipelineExecutionId, status, atMs: lastUpdateTime?.getTime() ?? nowMs }
  }
  const { pipelineExecution } = await client.send(
    new GetPipelineExecutionCommand({ pipelineName, pipelineExecutionId: id }),
  )
  // The answer has no time. https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineExecution.html
  return pipelineExecution === undefined ? null : { id, status: pipelineExecution.status ?? '', atMs: nowMs }
}
