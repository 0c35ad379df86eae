import { CloudFormationClient, DescribeStacksCommand, GetTemplateCommand } from '@aws-sdk/client-cloudformation'
import { mockClient } from 'aws-sdk-client-mock'
import { afterEach, describe, expect, it } from 'vitest'
import { readStackTemplate } from '../../functions/adapters/aws/deploy-tools/stack-template.ts'

const stacks = mockClient(CloudFormationClient)
afterEach(() => stacks.reset())

const ID = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/7b1c9d20'
const CHANGE_SET = 'arn:aws:cloudformation:eu-west-1:111122223333:changeSet/cdk-deploy/1f2a'
const read = () => readStackTemplate(new CloudFormationClient({ region: 'eu-west-1' }), ID)
const stack = (status: string, more: object = {}) =>
  stacks.on(DescribeStacksCommand).resolves({ Stacks: [{ StackStatus: status, ...more } as never] })
const templates = (ofStack: string, ofChangeSet: string | Error) => {
  stacks.on(GetTemplateCommand, { StackName: ID, TemplateStage: 'Processed' }).resolves({ TemplateBody: ofStack })
  const asked = stacks.on(GetTemplateCommand, { ChangeSetName: CHANGE_SET, TemplateStage: 'Processed' })
  if (typeof ofChangeSet === 'string') asked.resolves({ TemplateBody: ofChangeSet })
  else asked.rejects(ofChangeSet)
}

describe('the template of a stack', () => {
  it('comes with the parameters that can be read', async () => {
    stack('ROLLBACK_COMPLETE', {
      Parameters: [
        { ParameterKey: 'Stage', ParameterValue: 'prod' },
        { ParameterKey: 'Image', ParameterValue: '/image', ResolvedValue: 'ami-1' },
        { ParameterKey: 'Password', ParameterValue: '****' },
      ],
    })
    templates('{}', 'not asked')
    expect(await read()).toEqual({
      known: true,
      value: { body: '{}', parameters: { Stage: 'prod', Image: 'ami-1' }, roleArn: null },
    })
  })

  it('names the role as which CloudFormation deploys it', async () => {
    stack('ROLLBACK_COMPLETE', { RoleARN: 'arn:aws:iam::111122223333:role/cfn-exec' })
    templates('{}', 'not asked')
    expect(await read()).toMatchObject({ value: { roleArn: 'arn:aws:iam::111122223333:role/cfn-exec' } })
  })

  it('is that of the change set that failed, once the update was rolled back', async () => {
    stack('UPDATE_ROLLBACK_COMPLETE', { ChangeSetId: CHANGE_SET })
    templates('former', 'failed')
    expect(await read()).toMatchObject({ value: { body: 'failed' } })
  })

  it('is that of the stack if the change set is gone, or was of another update', async () => {
    stack('UPDATE_ROLLBACK_COMPLETE', { ChangeSetId: CHANGE_SET })
    templates('former', Object.assign(new Error('gone'), { name: 'ChangeSetNotFoundException' }))
    expect(await read()).toMatchObject({ value: { body: 'former' } })
    stack('UPDATE_COMPLETE', { ChangeSetId: CHANGE_SET })
    expect(await read()).toMatchObject({ value: { body: 'former' } })
  })

  it('is unknown where it may not be read, and the reason is given', async () => {
    stack('ROLLBACK_COMPLETE')
    stacks.on(GetTemplateCommand).rejects(Object.assign(new Error('not allowed'), { name: 'AccessDenied' }))
    expect(await read()).toMatchObject({ known: false, why: expect.stringContaining('not allowed') })
  })
})
