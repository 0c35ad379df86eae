import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { dispatch } from '../../cli/dispatch.ts'
import type { PreflightOutput } from '../../cli/outputs/preflight.ts'
import { memoryIo } from './memory-io.ts'

const folder = mkdtempSync(join(tmpdir(), 'preflight-trust-'))
afterAll(() => rmSync(folder, { recursive: true }))

const role = (name: string, account = '111122223333') => `arn:aws:iam::${account}:role/${name}`

function written(name: string, value: unknown): string {
  const path = join(folder, name)
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value))
  return path
}

const statement = (service: string, more: object = {}) => ({
  Effect: 'Allow',
  Principal: { Service: service },
  Action: 'sts:AssumeRole',
  ...more,
})

const detail = (name: string, trust: readonly object[], policies: readonly object[] = [], path = '/') => ({
  ...{ Path: path, RoleName: name, RoleId: `AROA${name.toUpperCase().replaceAll('-', '')}XXXX` },
  ...{ Arn: `arn:aws:iam::111122223333:role${path}${name}`, CreateDate: '2026-01-01T00:00:00Z' },
  AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: trust },
  InstanceProfileList: [],
  RolePolicyList: policies.length === 0 ? [] : [{ PolicyName: 'own', PolicyDocument: { Statement: policies } }],
  ...{ AttachedManagedPolicies: [], Tags: [], RoleLastUsed: {} },
})

const ROOT = { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 'sts:AssumeRole' }
const PASS_ALL = { Effect: 'Allow', Action: 'iam:PassRole', Resource: role('*') }

const preflight = (resources: object, roles: readonly object[], ...args: readonly string[]) =>
  preflightOf({ Resources: resources }, roles, ...args)

async function preflightOf(source: object, roles: readonly object[], ...args: readonly string[]) {
  const template = written('template.json', source)
  const account = written('account.json', {
    ...{ UserDetailList: [], GroupDetailList: [], Policies: [] },
    RoleDetailList: [detail('deployer', [ROOT], [PASS_ALL]), ...roles],
  })
  const io = memoryIo({ nowMs: Date.parse('2026-11-29T03:00:00Z') })
  const common = ['preflight', template, '--as', role('deployer'), '--account', account]
  const code = await dispatch([...common, '--region', 'eu-west-1', '--json', ...args], io)
  return { code, ...(JSON.parse(io.captured.out) as PreflightOutput) }
}

const trustOf = ({ needs }: Pick<PreflightOutput, 'needs'>) =>
  needs
    .filter(({ action }) => action.startsWith('sts:'))
    .map(({ action, by, answer, fix, diagnosis }) =>
      [action.replace('sts:', ''), by, answer, fix, diagnosis?.cause].filter(one => one != null).join(' '),
    )

const fn = (name: string) => ({ Fn: { Type: 'AWS::Lambda::Function', Properties: { Role: role(name) } } })
const madeFn = (trust: readonly object[]) => ({
  Role: {
    Type: 'AWS::IAM::Role',
    Properties: { RoleName: 'orders', AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: trust } },
  },
  Fn: { Type: 'AWS::Lambda::Function', Properties: { Role: { 'Fn::GetAtt': ['Role', 'Arn'] } } },
})
const pipe = (name: string) => ({
  Pipe: { Type: 'AWS::Pipes::Pipe', Properties: { Name: 'orders', RoleArn: role(name) } },
})

describe('the trust that a deploy needs', () => {
  it('is patched with the pass in one change a target, for the account and the resource that the service acts for', async () => {
    const only = { ...PASS_ALL, Resource: role('other') }
    const template = written('one.json', { Resources: pipe('mover') })
    const account = written('one-account.json', {
      ...{ UserDetailList: [], GroupDetailList: [], Policies: [] },
      RoleDetailList: [detail('deployer', [ROOT], [only]), detail('mover', [statement('events.amazonaws.com')])],
    })
    const io = memoryIo({ nowMs: Date.parse('2026-11-29T03:00:00Z') })
    const args = [template, '--as', role('deployer'), '--account', account, '--region', 'eu-west-1', '--json']
    expect(await dispatch(['preflight', ...args], io)).toBe(1)
    const output = JSON.parse(io.captured.out) as PreflightOutput
    expect(output.needs.map(({ action, answer, fix }) => [action, answer, fix])).toEqual([
      ['iam:PassRole', 'denied', 'patch'],
      ['sts:AssumeRole', 'denied', 'patch'],
    ])
    expect(output.patches.map(({ target, required }) => [target.kind, target.name, required])).toEqual([
      ['role-inline-policy', 'deployer', true],
      ['role-trust-policy', 'mover', true],
    ])
    expect(output.patches[1]?.after['Statement']).toEqual([
      statement('events.amazonaws.com'),
      {
        Sid: expect.stringMatching(/^Rolemedic/),
        ...statement('pipes.amazonaws.com', {
          Condition: {
            StringEquals: { 'aws:SourceAccount': '111122223333' },
            ArnLike: { 'aws:SourceArn': 'arn:aws:pipes:eu-west-1:111122223333:pipe/orders' },
          },
        }),
      },
    ])
    expect(output.verification).toMatchObject({ before: 'denied', after: 'allowed', proof: 'proved' })
  })

  it.each([
    ['live, is one document', fn('orders'), [detail('orders', [statement('ecs-tasks.amazonaws.com')])], 2],
    ['in the code, is no patch', madeFn([statement('ecs-tasks.amazonaws.com')]), [], 1],
  ])('of a role that the deployer may not pass either, %s', async (_, resources, roles, targets) => {
    const template = written('both.json', { Resources: resources })
    const account = written('both-account.json', {
      ...{ UserDetailList: [], GroupDetailList: [], Policies: [] },
      RoleDetailList: [detail('deployer', [ROOT], [{ ...PASS_ALL, Resource: role('other') }]), ...roles],
    })
    const io = memoryIo({ nowMs: Date.parse('2026-11-29T03:00:00Z') })
    await dispatch(['preflight', template, '--as', role('deployer'), '--account', account, '--json'], io)
    const { patches } = JSON.parse(io.captured.out) as PreflightOutput
    expect(patches.map(({ required }) => required)).toEqual(Array(targets).fill(true))
    expect(new Set(patches.map(({ target }) => JSON.stringify(target))).size).toBe(targets)
  })

  it('says on the patch where the service is not known to send its account', async () => {
    const { verification, patches } = await preflight(fn('fn'), [detail('fn', [statement('ecs-tasks.amazonaws.com')])])
    expect(patches).toHaveLength(1)
    expect(verification?.guardrails.find(({ id }) => id === 'confused-deputy')).toMatchObject({
      outcome: 'warn',
      detail: expect.stringContaining('lambda.amazonaws.com is trusted without aws:SourceAccount'),
    })
  })

  it('adds one value to the condition that the owner set for the resource', async () => {
    const other = 'arn:aws:pipes:eu-west-1:111122223333:pipe/invoices'
    const under = { Condition: { ArnEquals: { 'aws:SourceArn': [other] } } }
    const { patches, ...output } = await preflight(pipe('mover'), [
      detail('mover', [statement('pipes.amazonaws.com', under)]),
    ])
    expect(output.refused).toEqual([])
    expect(trustOf(output)).toEqual(['AssumeRole pipes.amazonaws.com denied patch trust-condition'])
    const both = [other, 'arn:aws:pipes:eu-west-1:111122223333:pipe/orders']
    expect(patches[0]?.after).toMatchObject({
      Statement: [{ Condition: { ArnEquals: { 'aws:SourceArn': both } } }],
    })
  })

  it.each([
    [
      'an explicit deny',
      [statement('lambda.amazonaws.com'), { ...statement('lambda.amazonaws.com'), Effect: 'Deny' }],
      'explicit-deny',
    ],
    [
      'MFA',
      [statement('lambda.amazonaws.com', { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } })],
      'trust-condition',
    ],
  ])('leaves %s to the owner of the role', async (_, trust, cause) => {
    const { code, patches, ...output } = await preflight(fn('fn'), [detail('fn', trust)])
    const [answer] = trustOf(output)
    expect(answer).toMatch(new RegExp(`^AssumeRole lambda.amazonaws.com (denied owner|unknown) ${cause}$`))
    expect([code, patches]).toEqual([1, []])
  })

  it('leaves a deny of the organization to its owner, also for a role that the source makes', async () => {
    const allow = { Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }] }
    const deny = { Statement: [{ Effect: 'Deny', Principal: '*', Action: 'sts:AssumeRole', Resource: '*' }] }
    const level = {
      id: 'r-root',
      serviceControlPolicies: [
        { name: 'FullAWSAccess', document: { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] } },
      ],
      resourceControlPolicies: [
        { name: 'RCPFullAWSAccess', document: allow },
        { name: 'guard', document: deny },
      ],
    }
    const org = written('org.json', {
      ...{ organizationId: 'o-abc123', managementAccountId: '999999999999' },
      accounts: { '111122223333': { path: [level] } },
    })
    const resources = {
      Fn: { Type: 'AWS::Lambda::Function', Properties: { Role: { 'Fn::GetAtt': ['FnRole', 'Arn'] } } },
      FnRole: {
        Type: 'AWS::IAM::Role',
        Properties: { AssumeRolePolicyDocument: { Statement: [statement('lambda.amazonaws.com')] } },
      },
    }
    expect(trustOf(await preflight(resources, [], '--org', org))).toEqual([
      'AssumeRole lambda.amazonaws.com denied owner explicit-deny',
    ])
  })

  it('is not known where nobody knows whether the source sets the trust of a role that exists', async () => {
    const source = {
      Parameters: { Stage: { Type: 'String' } },
      Conditions: { Own: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] } },
      Resources: {
        ...fn('fn'),
        FnRole: {
          Type: 'AWS::IAM::Role',
          Condition: 'Own',
          Properties: {
            RoleName: 'fn',
            AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [statement('lambda.amazonaws.com')] },
          },
        },
      },
    }
    const live = (service: string) => [detail('fn', [statement(service)])]
    const open = await preflightOf(source, live('ecs-tasks.amazonaws.com'))
    expect([open.code, ...trustOf(open)]).toEqual([
      1,
      expect.stringMatching(/^AssumeRole lambda.amazonaws.com unknown/),
    ])
    const own = await preflightOf(source, live('ecs-tasks.amazonaws.com'), '--parameter', 'Stage=prod')
    expect([own.code, ...trustOf(own)]).toEqual([0, 'AssumeRole lambda.amazonaws.com allowed'])
    expect((await preflightOf(source, live('lambda.amazonaws.com'))).code).toBe(0)
  })

  it('sends no external id that the pool does not set', async () => {
    const pool = (ExternalId: object) => ({
      Pool: {
        Type: 'AWS::Cognito::UserPool',
        Properties: { SmsConfiguration: { SnsCallerArn: role('sms'), ...ExternalId } },
      },
    })
    const under = { Condition: { StringLike: { 'sts:ExternalId': '*' } } }
    const roles = [detail('sms', [statement('cognito-idp.amazonaws.com', under)])]
    const [set] = trustOf(await preflight(pool({ ExternalId: 'orders' }), roles))
    expect(set).toBe('AssumeRole cognito-idp.amazonaws.com allowed')
    const { code, ...output } = await preflight(pool({}), roles)
    expect([code, ...trustOf(output)]).toEqual([
      1,
      expect.stringMatching(/^AssumeRole cognito-idp.amazonaws.com unknown/),
    ])
  })

  it('has no second need for a role of another account', async () => {
    const resources = { Fn: { Type: 'AWS::Lambda::Function', Properties: { Role: role('fn', '444455556666') } } }
    const { needs } = await preflight(resources, [])
    expect(needs.map(({ action, diagnosis }) => [action, diagnosis?.cause])).toEqual([
      ['iam:PassRole', 'cross-account-pass-role'],
    ])
  })

  it('has no second need for a service-linked role', async () => {
    const path = '/aws-service-role/autoscaling.amazonaws.com/'
    const arn = `arn:aws:iam::111122223333:role${path}AWSServiceRoleForAutoScaling`
    const resources = {
      Group: { Type: 'AWS::AutoScaling::AutoScalingGroup', Properties: { ServiceLinkedRoleARN: arn } },
    }
    const { needs } = await preflight(resources, [
      detail('AWSServiceRoleForAutoScaling', [statement('autoscaling.amazonaws.com')], [], path),
    ])
    expect(trustOf({ needs })).toEqual([])
  })

  it('is that of the role in an instance profile', async () => {
    const resources = {
      Web: { Type: 'AWS::EC2::Instance', Properties: { IamInstanceProfile: { Ref: 'Profile' } } },
      Profile: { Type: 'AWS::IAM::InstanceProfile', Properties: { Roles: [role('web').split('/')[1]] } },
    }
    const output = await preflight(resources, [detail('web', [statement('lambda.amazonaws.com')])])
    expect(trustOf(output)).toEqual([
      'AssumeRole ec2.amazonaws.com denied patch trust-gap',
      'AssumeRole ec2.amazonaws.com denied patch trust-gap',
    ])
  })

  it('is two services for a function that CloudFront runs', async () => {
    const resources = {
      ...fn('edge'),
      Version: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Fn' } } },
      Site: {
        Type: 'AWS::CloudFront::Distribution',
        Properties: {
          DistributionConfig: {
            DefaultCacheBehavior: {
              LambdaFunctionAssociations: [{ EventType: 'viewer-request', LambdaFunctionARN: { Ref: 'Version' } }],
            },
          },
        },
      },
    }
    const output = await preflight(resources, [detail('edge', [statement('lambda.amazonaws.com')])])
    expect(trustOf(output)).toEqual([
      'AssumeRole lambda.amazonaws.com allowed',
      'AssumeRole edgelambda.amazonaws.com denied patch trust-gap',
    ])
  })

  it('also tags sessions for a cluster of EKS in Auto Mode', async () => {
    const cluster = (ComputeConfig: object) => ({
      Cluster: { Type: 'AWS::EKS::Cluster', Properties: { RoleArn: role('eks'), ComputeConfig } },
    })
    const roles = [detail('eks', [statement('eks.amazonaws.com')])]
    expect(trustOf(await preflight(cluster({ Enabled: true }), roles))).toEqual([
      'AssumeRole eks.amazonaws.com allowed',
      'TagSession eks.amazonaws.com denied patch trust-gap',
    ])
    expect(trustOf(await preflight(cluster({ Enabled: false }), roles))).toEqual([
      'AssumeRole eks.amazonaws.com allowed',
    ])
    // Only the deploy will know whether the cluster is in Auto Mode.
    const open = await preflight(cluster({ Enabled: { 'Fn::ImportValue': 'auto-mode' } }), roles)
    expect([open.code, trustOf(open)]).toEqual([
      1,
      ['AssumeRole eks.amazonaws.com allowed', 'TagSession eks.amazonaws.com unknown unknown'],
    ])
    const both = detail('eks', [{ ...statement('eks.amazonaws.com'), Action: ['sts:AssumeRole', 'sts:TagSession'] }])
    expect((await preflight(cluster({ Enabled: { 'Fn::ImportValue': 'auto-mode' } }), [both])).code).toBe(0)
  })

  it.each([
    ['set', { enabled: true }, {}, ['TagSession eks.amazonaws.com denied patch trust-gap']],
    ['known after the apply', {}, { enabled: true }, ['TagSession eks.amazonaws.com unknown unknown']],
    ['not set', { enabled: false }, {}, []],
  ])('the same for a plan where Auto Mode is %s', async (_, after, unknown, expected) => {
    const cluster = {
      ...{ address: 'aws_eks_cluster.main', mode: 'managed', type: 'aws_eks_cluster', name: 'main' },
      change: {
        actions: ['create'],
        after: { role_arn: role('eks'), compute_config: [after] },
        after_unknown: { compute_config: [unknown] },
      },
    }
    const plan = { format_version: '1.2', resource_changes: [cluster], configuration: { root_module: {} } }
    const answers = trustOf(await preflightOf(plan, [detail('eks', [statement('eks.amazonaws.com')])]))
    expect(answers).toEqual(['AssumeRole eks.amazonaws.com allowed', ...expected])
  })

  it('is asked of the role of a pipeline for the roles of its actions', async () => {
    const resources = {
      Pipeline: {
        Type: 'AWS::CodePipeline::Pipeline',
        Properties: {
          RoleArn: role('pipeline'),
          Stages: [{ Name: 'Build', Actions: [{ Name: 'Build', RoleArn: role('build') }] }],
        },
      },
    }
    const assume = { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: role('build') }
    const pipeline = detail('pipeline', [statement('codepipeline.amazonaws.com')], [assume])
    const output = await preflight(resources, [pipeline, detail('build', [ROOT])])
    expect(trustOf(output)).toEqual([
      'AssumeRole codepipeline.amazonaws.com allowed',
      `AssumeRole ${role('pipeline')} allowed`,
    ])
    const without = await preflight(resources, [
      detail('pipeline', [statement('codepipeline.amazonaws.com')]),
      detail('build', [ROOT]),
    ])
    expect(trustOf(without)[1]).toBe(`AssumeRole ${role('pipeline')} denied patch identity-gap`)
  })

  it('is none for a web identity, and not known where AWS publishes nothing', async () => {
    const pool = {
      Roles: {
        Type: 'AWS::Cognito::IdentityPoolRoleAttachment',
        Properties: { Roles: { authenticated: role('user') } },
      },
    }
    expect(trustOf(await preflight(pool, [detail('user', [])]))).toEqual([])
    const endpoint = { Endpoint: { Type: 'AWS::Events::Endpoint', Properties: { RoleArn: role('fn') } } }
    const output = await preflight(endpoint, [detail('fn', [statement('events.amazonaws.com')])])
    expect(trustOf(output)).toEqual(['AssumeRole unknown unknown'])
    expect([output.code, output.needs[1]?.by, output.needs[1]?.answer]).toEqual([1, null, 'unknown'])
    const two = await preflight({ ...endpoint, Second: endpoint.Endpoint }, [detail('fn', [])])
    const summaries = two.needs.flatMap(({ by, diagnosis }) => (by === null ? [diagnosis?.summary] : []))
    expect(summaries).toEqual([
      expect.stringContaining('the role of Endpoint.RoleArn'),
      expect.stringContaining('the role of Second.RoleArn'),
    ])
  })

  it('needs the Region for the name of a service that has one', async () => {
    const filter = { Filter: { Type: 'AWS::Logs::SubscriptionFilter', Properties: { RoleArn: role('logs') } } }
    const roles = [detail('logs', [statement('logs.eu-west-1.amazonaws.com')])]
    expect(trustOf(await preflight(filter, roles))).toEqual(['AssumeRole logs.amazonaws.com allowed'])
    expect(trustOf(await preflight(filter, roles, '--region', 'us-east-1'))).toEqual([
      'AssumeRole logs.amazonaws.com denied patch trust-gap',
    ])
  })

  it('does not take a name of the Region that AWS does not publish for proof', async () => {
    const roles = [detail('fn', [statement('lambda.eu-west-1.amazonaws.com')])]
    expect(trustOf(await preflight(fn('fn'), roles))).toEqual(['AssumeRole lambda.amazonaws.com unknown unknown'])
  })

  it.each([
    ['ecs-tasks.amazonaws.com', 'allowed'],
    ['ecs-tasks.amazonaws.com.cn', 'unknown unknown'],
    ['ecs-tasks.cn-north-1.amazonaws.com.cn', 'unknown unknown'],
    ['lambda.amazonaws.com.cn', 'denied patch trust-gap'],
  ])('takes in China no name with a suffix that AWS does not publish for proof: %s', async (name, answer) => {
    const inChina = (value: object) => JSON.parse(JSON.stringify(value).replaceAll('arn:aws:', 'arn:aws-cn:'))
    const task = { Task: { Type: 'AWS::ECS::TaskDefinition', Properties: { TaskRoleArn: role('task') } } }
    const template = written('china.json', inChina({ Resources: task }))
    const account = written(
      'china-account.json',
      inChina({
        ...{ UserDetailList: [], GroupDetailList: [], Policies: [] },
        RoleDetailList: [detail('deployer', [ROOT], [PASS_ALL]), detail('task', [statement(name)])],
      }),
    )
    const io = memoryIo({ nowMs: Date.parse('2026-11-29T03:00:00Z') })
    const as = role('deployer').replace('arn:aws:', 'arn:aws-cn:')
    await dispatch(['preflight', template, '--as', as, '--account', account, '--region', 'cn-north-1', '--json'], io)
    expect(trustOf(JSON.parse(io.captured.out))).toEqual([`AssumeRole ecs-tasks.amazonaws.com ${answer}`])
  })

  it('names the line of the trust policy that the source makes wrong', async () => {
    const template = written(
      'made.yaml',
      `Resources:
  Fn:
    Type: AWS::Lambda::Function
    Properties: { Role: !GetAtt FnRole.Arn }
  FnRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: { Effect: Allow, Principal: { Service: ecs-tasks.amazonaws.com }, Action: "sts:AssumeRole" }
`,
    )
    const account = written('empty.json', {
      ...{ UserDetailList: [], GroupDetailList: [], Policies: [] },
      RoleDetailList: [detail('deployer', [ROOT], [PASS_ALL])],
    })
    const run = async (...args: readonly string[]) => {
      const io = memoryIo({ nowMs: Date.parse('2026-11-29T03:00:00Z') })
      await dispatch(['preflight', template, '--as', role('deployer'), '--account', account, ...args], io)
      return io.captured.out
    }
    const { needs } = JSON.parse(await run('--json')) as PreflightOutput
    expect(needs[1]).toMatchObject({ fix: 'code', trust: { file: template, line: 8, logicalId: 'FnRole' } })
    const text = await run()
    expect(text).toContain(`fix the code: the trust policy of FnRole, ${template}:8`)
    expect(text).toContain('2 needs: 1 allowed, 1 denied, 0 not known.')
    expect(await run('--format', 'markdown')).toContain('Fix the code: the trust policy of `FnRole`')
  })
})
