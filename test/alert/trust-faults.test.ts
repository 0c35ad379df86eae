import { describe, expect, it } from 'vitest'
import { streamedReader } from '../../functions/adapters/files/index.ts'
import type { JudgeFaults } from '../../functions/alert/judge-faults.ts'
import type { DeployReader } from '../../functions/ports/deploy-reader.ts'
import { judgeTrustFaults } from '../../functions/workflows/deploy/judge-trust-faults.ts'
import { CONFIG } from '../fakes/memory-bot.ts'
import { alertBench, event, type Json, NOW, UNREADABLE } from './alert-fixture.ts'

const IAM = 'arn:aws:iam::111122223333:role'
const ROLE = `${IAM}/app/orders-worker`
const EXEC = `${IAM}/deploy/orders-stack-exec`
const trust = (service: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
})
const SENTENCE = 'The role defined for the function cannot be assumed by Lambda.'

type World = {
  readonly text?: string
  readonly resource?: string
  readonly resourceType?: string
  /** The service that the live role trusts. Null: the role does not exist. */
  readonly trusts: string | null
  /** The trust policy of a role that the template makes under this name. */
  readonly made?: string
  readonly template?: boolean
}

function bench({
  text = SENTENCE,
  resource = 'Worker',
  resourceType = 'AWS::Lambda::Function',
  trusts,
  made,
  template = true,
}: World) {
  const failed = { text, resource, resourceType, atMs: NOW - 60_000 }
  const role = made === undefined ? ROLE : { 'Fn::GetAtt': ['WorkerRole', 'Arn'] }
  const own = made && {
    WorkerRole: {
      Type: 'AWS::IAM::Role',
      Properties: { RoleName: 'orders-worker', Path: '/app/', AssumeRolePolicyDocument: trust(made) },
    },
  }
  const body = JSON.stringify({
    Resources: { ...own, Worker: { Type: 'AWS::Lambda::Function', Properties: { Role: role } } },
  })
  const reader: DeployReader = {
    ...UNREADABLE,
    stack: async (_, id) => ({
      known: true,
      value: { rootId: id, roleArn: EXEC, startedAtMs: NOW - 300_000, reasons: [failed], roles: [] },
    }),
    ...(template ? { template: async () => ({ known: true, value: { body, parameters: {}, roleArn: EXEC } }) } : {}),
  }
  const detail = (arn: string, service: string) => ({
    ...{ Path: arn.replace(/^.*role|[^/]*$/g, ''), RoleName: arn.split('/').at(-1), RoleId: 'AROAXXXXXXXXXXXXXXXX1' },
    ...{ Arn: arn, CreateDate: '2026-11-24T02:46:50Z', AssumeRolePolicyDocument: trust(service) },
    ...{ InstanceProfileList: [], RolePolicyList: [], AttachedManagedPolicies: [], Tags: [] },
  })
  const account = JSON.stringify({
    ...{ UserDetailList: [], GroupDetailList: [], Policies: [] },
    RoleDetailList: [detail(EXEC, 'cloudformation.amazonaws.com'), ...(trusts === null ? [] : [detail(ROLE, trusts)])],
  })
  const judge: JudgeFaults = async (question, nowMs) => {
    const chunks = (async function* () {
      yield Buffer.from(account)
    })()
    const access = await streamedReader({ files: [{ name: 'account.json', chunks }] })
    return judgeTrustFaults(question, { reader: access, config: CONFIG, nowMs })
  }
  return alertBench(reader, undefined, undefined, judge)
}

const STACK = 'deploys/stack-rollback'
const posted = (bot: ReturnType<typeof bench>) => bot.chat.posts.map(({ key }) => key.split('/')[0])

describe('a stack whose function cannot assume its role', () => {
  it('gets a card where the live role lacks the service that the template gives it to', async () => {
    const bot = bench({ trusts: 'ec2.amazonaws.com' })
    expect(await bot.alert(STACK)).toMatchObject({ kind: 'explained', causes: [{ confidence: 'caused by' }] })
    await bot.settle()
    const [proposal, ...others] = await bot.proposals()
    expect(others).toEqual([])
    expect(proposal?.denial).toMatchObject({
      action: 'sts:AssumeRole',
      principal: { kind: 'service', name: 'lambda.amazonaws.com' },
      resource: ROLE,
      source: 'message',
      call: { eventSource: 'lambda.amazonaws.com', eventName: 'CreateFunction20150331' },
      stack: 'orders',
    })
    expect(proposal?.deploy?.title).toBe('the deploy of stack orders')
    expect(proposal?.template?.place).toMatchObject({ logicalId: 'Worker', property: 'Role' })
    expect(bot.alerts()).toHaveLength(1)
  })

  it.each<[string, World, RegExp]>([
    [
      'that it should be tried again, where the role is right and new',
      { trusts: 'lambda.amazonaws.com' },
      /^🔁 Retry the deploy of stack orders: nothing is to be changed\.\nCaused by: lambda\.amazonaws\.com cannot assume orders-worker \(Worker\.Role, line 1\)\. .* It was 40 seconds old then, .* Deploy again\./,
    ],
    [
      'that the code makes it wrong',
      { trusts: null, made: 'ec2.amazonaws.com' },
      /^🚨 The deploy of stack orders failed\.\nCaused by: .*Correct the trust policy in the code \(stack orders, line 1, WorkerRole\)/,
    ],
    ['that the role does not exist', { trusts: null }, /^🚨 .*\nCaused by: .*does not exist/],
    [
      'that nobody knows the role, where there is no template',
      { trusts: 'ec2.amazonaws.com', template: false },
      /^🚨 .*\nCaused by: lambda\.amazonaws\.com cannot assume its role\. /,
    ],
    [
      'that the service-linked role is missing, and the right to create it',
      {
        text: 'Unable to assume the service linked role. Please verify that the ECS service linked role exists.',
        resourceType: 'AWS::ECS::Cluster',
        trusts: 'lambda.amazonaws.com',
      },
      /^🚨 .*\nCaused by: the service-linked role of ecs\.amazonaws\.com\. .*does not exist.* orders-stack-exec lacks iam:CreateServiceLinkedRole for it\. .*aws iam create-service-linked-role --aws-service-name ecs\.amazonaws\.com/,
    ],
  ])('is told without a card %s', async (_, world, alert) => {
    const bot = bench(world)
    expect(await bot.alert(STACK)).toMatchObject({ kind: 'explained', causes: [] })
    await bot.settle()
    expect(await bot.proposals()).toEqual([])
    expect(posted(bot)).toEqual(['deploy'])
    expect([...bot.chat.cards.values()][0]).toMatch(alert)
    const [notice, ...more] = bot.deployNotices()
    expect(more).toEqual([])
    expect(notice?.detail).toMatchObject({ causes: [], roles: [{ certainty: 'certain' }] })
  })

  // CloudFormation shows the code of a service, and no sentence that is known.
  it.each([
    'Resource handler returned message: "Invalid request provided: IAM role not usable" (RequestToken: 1, HandlerErrorCode: InvalidRequest)',
    'The role is not authorized for this trust (Service: AWSLambda; Status Code: 400; Error Code: InvalidParameterValueException)',
  ])('has no card and no title by a cause that is only probable: %s', async text => {
    const bot = bench({ text, trusts: 'ec2.amazonaws.com' })
    expect(await bot.alert(STACK)).toMatchObject({ kind: 'explained', causes: [] })
    await bot.settle()
    expect(await bot.proposals()).toEqual([])
    expect(posted(bot)).toEqual(['deploy'])
    expect([...bot.chat.cards.values()][0]).toMatch(
      /^🚨 The deploy of stack orders failed\.\nProbably because: lambda\.amazonaws\.com cannot assume orders-worker /,
    )
    expect(bot.deployNotices()[0]?.detail).toMatchObject({ roles: [{ certainty: 'probable', answer: 'patch' }] })
  })

  it('has no card by what the stack itself says of its role, which a macro can write too', async () => {
    const SAYS = `Role ${ROLE} is invalid or cannot be assumed`
    const bot = bench({ text: SAYS, resource: '', resourceType: '', trusts: 'ec2.amazonaws.com' })
    const detail = event(STACK)['detail'] as Json
    await bot.alert(STACK, {
      detail: { ...detail, 'status-details': { status: 'DELETE_FAILED', 'status-reason': SAYS } },
    })
    await bot.settle()
    expect(await bot.proposals()).toEqual([])
    expect([...bot.chat.cards.values()][0]).toMatch(
      /^🚨 The deploy of stack orders failed\.\nCaused by: cloudformation\.amazonaws\.com cannot assume orders-worker/,
    )
  })

  it('is told once, however often its events come', async () => {
    const bot = bench({ trusts: 'lambda.amazonaws.com' })
    for (const name of [STACK, STACK, 'deploys/stack-rollback-complete']) await bot.alert(name)
    expect(posted(bot)).toEqual(['deploy'])
    expect(bot.deployNotices()).toHaveLength(1)
  })

  it('is not told by the text of somebody else, such as a custom resource', async () => {
    const bot = bench({ trusts: 'ec2.amazonaws.com', resourceType: 'Custom::Anything' })
    const detail = event(STACK)['detail'] as Json
    expect(await bot.alert(STACK, { detail })).toMatchObject({ kind: 'silent' })
    expect(posted(bot)).toEqual([])
  })
})
