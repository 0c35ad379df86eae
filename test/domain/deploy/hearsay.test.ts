import { describe, expect, it } from 'vitest'
import type { FailedDeploy } from '../../../functions/domain/deploy/deploy.ts'
import { type Actors, mayEnter } from '../../../functions/domain/deploy/deploy-denials.ts'
import { DENIAL, NOON } from '../../fakes/sample-proposal.ts'

const ROLE = 'arn:aws:iam::111122223333:role/deploy/orders-stack-exec'
const STACK: FailedDeploy = {
  kind: 'cloudformation',
  accountId: '111122223333',
  region: 'eu-west-1',
  target: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/orders/1',
  name: 'orders',
  attempt: null,
  status: 'ROLLBACK_IN_PROGRESS',
  failedAtMs: NOON,
  reasons: [],
  log: null,
}
const OWN: Actors = { own: [{ roleArn: ROLE, session: 'AWSCloudFormation' }], caller: false }

const reported = (name: string, sessionName: string | null, resourceType = 'AWS::Lambda::Function') => ({
  denial: {
    ...DENIAL,
    source: 'message' as const,
    principal: { ...DENIAL.principal, roleArn: `arn:aws:iam::111122223333:role/${name}`, name, sessionName },
  },
  reason: { text: '', resource: 'Worker', resourceType, atMs: NOON },
})

describe('a denial in the texts of a stack', () => {
  it('may start a card about the role of the stack, in the session of CloudFormation', () => {
    expect(mayEnter(reported('orders-stack-exec', 'AWSCloudFormation'), STACK, OWN)).toBe(true)
  })

  it('may not leave the session out', () => {
    expect(mayEnter(reported('orders-stack-exec', null), STACK, OWN)).toBe(false)
  })

  it('may not name another role, or another session of that role', () => {
    expect(mayEnter(reported('admin', 'AWSCloudFormation'), STACK, OWN)).toBe(false)
    expect(mayEnter(reported('orders-stack-exec', 'eve'), STACK, OWN)).toBe(false)
    expect(mayEnter(reported('orders-stack-exec', 'eve'), STACK, { ...OWN, caller: true })).toBe(false)
  })

  it.each([
    'AWS::CloudFormation::CustomResource',
    'Custom::Anything',
    'AWS::CloudFormation::Macro',
    'AWS::CloudFormation::Stack',
    'AWS::CloudFormation::StackSet',
    'AWS::CloudFormation::WaitCondition',
    'AWS::CloudFormation::WaitConditionHandle',
    'AWS::CloudFormation::LambdaHook',
    'AWS::ServiceCatalog::CloudFormationProvisionedProduct',
    'AWS::SSM::Association',
    'MongoDB::Atlas::Cluster',
  ])('starts none where a third party writes the reason: %s', type => {
    expect(mayEnter(reported('orders-stack-exec', 'AWSCloudFormation', type), STACK, OWN)).toBe(false)
  })
})
