/** The template of a stack as CloudFormation deploys it, with transforms carried out and the parameters of the stack. */
import { type CloudFormationClient, DescribeStacksCommand, GetTemplateCommand } from '@aws-sdk/client-cloudformation'
import type { Fact } from '../../../domain/base/fact.ts'
import type { StackTemplate } from '../../../domain/deploy/deploy.ts'
import { readOrUnknown } from './read-or-unreadable.ts'

export async function readStackTemplate(
  client: Pick<CloudFormationClient, 'send'>,
  stackId: string,
): Promise<Fact<StackTemplate>> {
  return readOrUnknown(async () => {
    const { TemplateBody = '' } = await client.send(
      new GetTemplateCommand({ StackName: stackId, TemplateStage: 'Processed' }),
    )
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stackId }))
    const parameters = (Stacks[0]?.Parameters ?? []).flatMap(({ ParameterKey, ParameterValue, ResolvedValue }) => {
      const value = ResolvedValue ?? ParameterValue
      // What NoEcho hides is not its value.
      return ParameterKey === undefined || value === undefined || value === '****'
        ? []
        : [[ParameterKey, value] as const]
    })
    return { body: TemplateBody, parameters: Object.fromEntries(parameters) }
  }, 'the template of the stack')
}
