import {
  CodePipelineClient,
  type CodePipelineClientConfig,
  GetPipelineCommand,
  ListActionExecutionsCommand,
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
