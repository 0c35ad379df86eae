import {
  CodePipelineClient,
  type CodePipelineClientConfig,
  GetPipelineCommand,
  GetPipelineExecutionCommand,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
} from '@aws-sdk/client-codepipeline'
import type { Fact } from '../../../../core/base/index.ts'
import { type FailedAction, failedActionsIn } from '../../../domain/deploy/index.ts'
import { readOrUnknown } from './read-or-unreadable.ts'

type Client = Pick<CodePipelineClient, 'send'>

export const pipelineClient = (settings: CodePipelineClientConfig) => new CodePipelineClient(settings)

/** Of 100 actions each, more than a pipeline has. */
const MAX_PAGES = 5

/** The failed actions of one execution, newest first. */
export function readFailedActions(
  client: Client,
  pipelineName: string,
  pipelineExecutionId: string,
): Promise<Fact<readonly FailedAction[]>> {
  return readOrUnknown(async () => {
    const found: unknown[] = []
    let nextToken: string | undefined
    for (let pages = 0; pages < MAX_PAGES; pages += 1) {
      const page = await client.send(
        new ListActionExecutionsCommand({ pipelineName, filter: { pipelineExecutionId }, nextToken }),
      )
      found.push(...(page.actionExecutionDetails ?? []))
      nextToken = page.nextToken
      if (nextToken === undefined) break
    }
    return failedActionsIn(found, await roleOf(client, pipelineName))
  }, 'the actions of the pipeline')
}

/** The role of an action without a role of its own is that of the pipeline. */
async function roleOf(client: Client, name: string): Promise<string | null> {
  const read = await readOrUnknown(() => client.send(new GetPipelineCommand({ name })), 'the pipeline')
  return read.known ? (read.value.pipeline?.roleArn ?? null) : null
}

export type PipelineRun = { readonly id: string; readonly status: string; readonly atMs: number }

/** The named execution, or the newest. Null: the pipeline has none. */
export function latestExecution(
  settings: CodePipelineClientConfig,
  pipelineName: string,
  id: string | null,
  client: Client = pipelineClient(settings),
): Promise<Fact<PipelineRun | null>> {
  return readOrUnknown(async () => {
    if (id === null) {
      const list = await client.send(new ListPipelineExecutionsCommand({ pipelineName, maxResults: 1 }))
      const [newest] = list.pipelineExecutionSummaries ?? []
      return newest?.pipelineExecutionId === undefined
        ? null
        : {
            id: newest.pipelineExecutionId,
            status: newest.status ?? '',
            atMs: newest.lastUpdateTime?.getTime() ?? Date.now(),
          }
    }
    const { pipelineExecution } = await client.send(
      new GetPipelineExecutionCommand({ pipelineName, pipelineExecutionId: id }),
    )
    // The answer has no time. https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineExecution.html
    return pipelineExecution === undefined ? null : { id, status: pipelineExecution.status ?? '', atMs: Date.now() }
  }, 'the executions of the pipeline')
}
