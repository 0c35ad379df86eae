import { describe, expect, it } from 'vitest'
import type { FailedDeploy, FailureReason } from '../../../functions/domain/deploy/deploy.ts'
import { type Actors, isOwnDenial, mayEnter } from '../../../functions/domain/deploy/deploy-denials.ts'
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

  it('starts none where a hook answers for a resource of AWS', () => {
    const { denial, reason } = reported('orders-stack-exec', 'AWSCloudFormation')
    const ofHook = { ...reason, text: 'Hook failed with message: denied' }
    expect(mayEnter({ denial, reason: ofHook }, STACK, OWN)).toBe(false)
  })
})

const PART = { resource: '444455556666, eu-west-1', resourceType: null }
const NOBODY = { own: [], sessions: [] }
const RELEASE: FailedDeploy = { ...STACK, kind: 'codedeploy' }
const SET: FailedDeploy = { ...STACK, kind: 'stack-set' }
const inAccount = (accountId: string) => `arn:aws:sts::${accountId}:assumed-role/orders-stack-exec/AWSCloudFormation`
const denialOf = (accountId: string, reason: Partial<FailureReason> = {}) => {
  const { denial, reason: written } = reported('orders-stack-exec', 'AWSCloudFormation')
  const principal = { ...denial.principal, arn: inAccount(accountId), accountId }
  return { denial: { ...denial, principal }, reason: { ...written, ...reason } }
}
const part = (type: string, ...more: readonly string[]) =>
  [type, ...more].map(each => `ResourceLogicalId:R, ResourceType:${each}, ResourceStatusReason:denied.`).join(' ')

describe('a denial in the words of AWS', () => {
  const OF_STACK = { resource: null, resourceType: null }
  it.each<[string, FailedDeploy, string, Partial<FailureReason>, boolean]>([
    ['of the resource of a stack', STACK, '111122223333', {}, true],
    ['of the stack itself', STACK, '111122223333', OF_STACK, true],
    [
      'of a transform of AWS, which who deploys may not call',
      STACK,
      '111122223333',
      { ...OF_STACK, text: 'cloudformation:CreateChangeSet on arn:aws:cloudformation:eu-west-1:aws:transform/x' },
      true,
    ],
    ['that repeat a value with another account', STACK, '444455556666', {}, false],
    [
      'that repeat the answer of a macro',
      STACK,
      '111122223333',
      { ...OF_STACK, text: 'Transform 111122223333::Tags failed with: denied' },
      false,
    ],
    ['that repeat the answer of a hook', STACK, '111122223333', { text: 'Hook failed with message: denied' }, false],
    ['of the own account of a part', SET, '444455556666', { text: part('AWS::S3::Bucket'), ...PART }, true],
    ['of a third account for a part', SET, '999988887777', { text: part('AWS::S3::Bucket'), ...PART }, false],
    ['of a custom resource in a part', SET, '444455556666', { text: part('Custom::Tags'), ...PART }, false],
    [
      'of a custom resource beside another one in a part',
      SET,
      '444455556666',
      { text: part('AWS::S3::Bucket', 'Custom::Tags'), ...PART },
      false,
    ],
    ['of CodeDeploy about a deployment', RELEASE, '111122223333', OF_STACK, true],
    ['of a script of CodeDeploy', RELEASE, '111122223333', { resource: 'AfterInstall', resourceType: null }, false],
    ['of a part, without a resource', SET, '444455556666', { text: 'denied', ...PART }, false],
  ])('broke the deploy only if AWS alone writes them of its accounts: %s', (_, deploy, accountId, reason, isOwn) => {
    expect(isOwnDenial(denialOf(accountId, reason), deploy, NOBODY)).toBe(isOwn)
  })
})
