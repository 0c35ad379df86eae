/** The template of a stack as CloudFormation deploys it: with transforms processed and with the stack's parameters. */

import {
  type CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
  type Parameter,
  type Stack,
} from '@aws-sdk/client-cloudformation'
import type { Fact } from '../../../../core/base/index.ts'
import type { StackTemplate } from '../../../../iac/needs/index.ts'
import { readOrUnknown } from './read-or-unreadable.ts'

type Client = Pick<CloudFormationClient, 'send'>

export async function readStackTemplate(client: Client, stackId: string): Promise<Fact<StackTemplate>> {
  return readOrUnknown(async () => {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: stackId }))
    const body = (await failedUpdate(client, stack)) ?? (await template(client, { StackName: stackId }))
    const parameters = Object.fromEntries((stack?.Parameters ?? []).flatMap(known))
    return { body, parameters, roleArn: stack?.RoleARN ?? null }
  }, 'the template of the stack')
}

/**
 * The change set of a failed update. After the rollback the stack has its previous template, but the change set still has the
 * one that failed. The CDK and SAM deploy with change sets. Null: there is none.
 */
async function failedUpdate(client: Client, stack: Stack | undefined): Promise<string | null> {
  const { StackStatus = '', ChangeSetId } = stack ?? {}
  if (!StackStatus.startsWith('UPDATE_ROLLBACK') || ChangeSetId === undefined) return null
  try {
    return await template(client, { ChangeSetName: ChangeSetId })
  } catch {
    return null
  }
}

async function template(
  client: Client,
  of: { readonly StackName: string } | { readonly ChangeSetName: string },
): Promise<string> {
  const { TemplateBody = '' } = await client.send(new GetTemplateCommand({ ...of, TemplateStage: 'Processed' }))
  return TemplateBody
}

/** Omits NoEcho parameters, whose returned value is only a mask. */
function known({ ParameterKey, ParameterValue, ResolvedValue }: Parameter) {
  const value = ResolvedValue ?? ParameterValue
  return ParameterKey === undefined || value === undefined || value === '****' ? [] : [[ParameterKey, value] as const]
}
