import { describe, expect, it } from 'vitest'
import { deploy, EVERY_OPINION, ORGANIZATION, resources } from './deployment.ts'
import { inAccount } from './resolved.ts'
import { allowed, type Given } from './statements.ts'

const deployed = deploy({ organization: ORGANIZATION }, EVERY_OPINION)
const everything = allowed(deployed)
const unique = (values: readonly string[]) => [...new Set(values)].sort()
const whoMay = (matches: (action: string) => boolean) =>
  unique(everything.filter(({ actions }) => actions.some(matches)).map(({ role }) => role))
const actionsOf = (role: string) =>
  unique(everything.filter(each => each.role === role).flatMap(({ actions }) => actions)).filter(
    action => !/^(xray|logs):/.test(action),
  )

const TABLE = ['dynamodb:GetItem', 'dynamodb:PutItem']
const COUNTERS = ['dynamodb:UpdateItem']
const AUDIT = ['s3:GetObjectVersion', 's3:ListBucketVersions', 's3:PutObject']
const KEY = ['kms:Decrypt', 'kms:GenerateDataKey']
const SIGNS = ['kms:GetPublicKey', 'kms:Sign']
const SECRET = ['secretsmanager:GetSecretValue']
const UNITS = ['organizations:DescribeAccount', 'organizations:ListParents']
const MEMBERSHIP = ['organizations:DescribeAccount']
const GUARDRAILS = [
  'organizations:DescribeAccount',
  'organizations:DescribeOrganization',
  'organizations:DescribePolicy',
  'organizations:ListParents',
  'organizations:ListPoliciesForTarget',
]
const EXAMINE = [
  'access-analyzer:CheckAccessNotGranted',
  'access-analyzer:CheckNoNewAccess',
  'access-analyzer:ValidatePolicy',
  ...GUARDRAILS,
  'sts:AssumeRole',
]

describe('what each function may do', () => {
  it.each([
    ['intake', [...TABLE, ...COUNTERS, ...MEMBERSHIP, 'sqs:SendMessage', 'sts:AssumeRole']],
    [
      'propose',
      [
        ...TABLE,
        ...COUNTERS,
        ...EXAMINE,
        ...AUDIT,
        ...KEY,
        ...SECRET,
        'kms:GetPublicKey',
        'sns:Publish',
        'sqs:SendMessage',
      ],
    ],
    [
      'decide',
      [
        ...[...TABLE, 'dynamodb:Query', ...AUDIT, ...KEY, ...SIGNS, ...SECRET, ...UNITS, 'sqs:SendMessage'],
        'events:PutEvents',
      ],
    ],
    [
      'verify',
      [
        ...[...TABLE, ...COUNTERS, 'dynamodb:Query', ...EXAMINE, ...AUDIT, ...KEY, ...SIGNS, ...SECRET],
        ...['sns:Publish', 'sqs:SendMessage'],
      ],
    ],
    // No table, no Slack, no topic, no secret.
    [
      'write',
      [...AUDIT, ...KEY, ...SIGNS, 'sqs:SendMessage', 'sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'],
    ],
    ['alert', [...TABLE, ...COUNTERS, 'dynamodb:Query', ...GUARDRAILS, 'sqs:SendMessage', 'sts:AssumeRole']],
    // No table, no queue, no topic, nothing of IAM.
    ['enroll', [...AUDIT, ...KEY, ...SIGNS, ...SECRET]],
    // Nothing of IAM, of other accounts, of the audit log.
    ['publish', [...TABLE, ...SECRET, 'kms:GetPublicKey']],
    [
      'sweep',
      [
        ...TABLE,
        ...COUNTERS,
        'dynamodb:Query',
        ...AUDIT,
        ...KEY,
        ...SECRET,
        ...UNITS,
        'kms:GetPublicKey',
        'sns:Publish',
        'sqs:SendMessage',
      ],
    ],
  ])('%s has exactly its permissions', (name, actions) => {
    const queue = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage']
    const polls = ['intake', 'propose', 'verify', 'write', 'alert', 'publish'].includes(name) ? queue : []
    expect(actionsOf(`rolemedic-${name}`)).toEqual(unique([...actions, ...polls]))
  })

  it('is asked of Access Analyzer and the simulator only where the configuration says so', () => {
    const asks = (accessAnalyzer: boolean, policySimulator: boolean) => {
      const opinions = allowed(deploy({}, { secondOpinion: { accessAnalyzer, policySimulator } }))
      return unique(opinions.flatMap(({ actions }) => actions.filter(each => /^access-analyzer|Simulate/.test(each))))
    }
    const analyzer = ['CheckAccessNotGranted', 'CheckNoNewAccess', 'ValidatePolicy'].map(
      name => `access-analyzer:${name}`,
    )
    expect(asks(false, false)).toEqual([])
    expect(asks(true, false)).toEqual(analyzer)
    expect(asks(false, true)).toEqual(['iam:SimulatePrincipalPolicy'])
  })

  it('names every action, never a group of them', () => {
    expect(everything.flatMap(({ actions }) => actions).filter(action => /[*?]/.test(action))).toEqual([])
  })

  it('reaches every resource only where there is none to name', () => {
    const wide = everything.filter(({ resources }) => resources.includes('*'))
    const services = unique(wide.flatMap(({ actions }) => actions.map(action => action.split(':')[0] ?? '')))
    expect(services).toEqual([
      'access-analyzer',
      'cloudtrail',
      'codedeploy',
      'iam',
      'organizations',
      'sso',
      'sts',
      'xray',
    ])
    const iam = unique(wide.flatMap(({ actions }) => actions).filter(action => /^(iam|sso|sts):/.test(action)))
    expect(iam).toEqual([
      'iam:GetRequestAuthorizationDetails',
      'iam:GetRequestAuthorizationPolicy',
      'iam:ListPolicies',
      'iam:ListRoles',
      'sso:ListInstances',
      'sts:DecodeAuthorizationMessage',
    ])
  })
})

describe('who can write IAM', () => {
  const reads = /^iam:(Get|List|Simulate)/
  const writes = (action: string) => action.startsWith('iam:') && !reads.test(action)

  it('is the writer role alone, and its boundary says no more', () => {
    expect(whoMay(writes)).toEqual(['boundary rolemedic-writer-boundary', 'rolemedic-writer'])
  })

  it('is reached by write alone', () => {
    const toWriter = ({ actions, resources: to }: Given) =>
      actions.includes('sts:AssumeRole') && JSON.stringify(to).includes('rolemedic-writer')
    expect(unique(everything.filter(toWriter).map(({ role }) => role))).toEqual(['rolemedic-write'])
  })

  it('needs the organization and the external id', () => {
    const member = inAccount(deployed.templates['rolemedic-roles'], '444455556666')
    // The account answers for the principal, the condition for the function: write, and nothing else there.
    expect(member.trust('rolemedic-writer')).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Action: 'sts:AssumeRole',
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::111122223333:root' },
          Condition: {
            ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/rolemedic-write' },
            StringEquals: { 'aws:PrincipalOrgID': 'o-abc1234567', 'sts:ExternalId': 'rolemedic-writer' },
            Null: {
              'sts:SourceIdentity': 'false',
              'aws:RequestTag/rolemedic:proposal': 'false',
              'aws:RequestTag/rolemedic:digest': 'false',
            },
          },
        },
        {
          Action: 'sts:SetSourceIdentity',
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::111122223333:root' },
          Condition: {
            ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/rolemedic-write' },
            StringEquals: { 'aws:PrincipalOrgID': 'o-abc1234567' },
            Null: { 'sts:SourceIdentity': 'false' },
          },
        },
        {
          Action: 'sts:TagSession',
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::111122223333:root' },
          Condition: {
            ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/rolemedic-write' },
            StringEquals: { 'aws:PrincipalOrgID': 'o-abc1234567' },
            'ForAllValues:StringEquals': {
              'aws:TagKeys': ['rolemedic:proposal', 'rolemedic:digest', 'rolemedic:approvers'],
            },
            Null: { 'aws:RequestTag/rolemedic:proposal': 'false', 'aws:RequestTag/rolemedic:digest': 'false' },
          },
        },
      ],
    })
  })

  it('is not in the reader role: it reads, and no data', () => {
    const others = actionsOf('rolemedic-reader').filter(action => !reads.test(action))
    expect(others).toEqual([
      'amplify:GetJob',
      'cloudformation:DescribeStackEvents',
      'cloudformation:DescribeStackResources',
      'cloudformation:DescribeStacks',
      'cloudformation:GetTemplate',
      'cloudformation:ListStackSetOperationResults',
      'cloudtrail:LookupEvents',
      'codebuild:BatchGetBuilds',
      'codedeploy:BatchGetDeploymentTargets',
      'codedeploy:GetDeployment',
      'codedeploy:ListDeploymentTargets',
      'codepipeline:GetPipeline',
      'codepipeline:ListActionExecutions',
      'ecs:DescribeServices',
      'ecs:DescribeTasks',
      'ecs:ListTasks',
      'sts:DecodeAuthorizationMessage',
    ])
    const logs = everything.filter(
      ({ role, actions }) => role === 'rolemedic-reader' && actions.includes('logs:GetLogEvents'),
    )
    expect(unique(logs.map(({ resources: of }) => JSON.stringify(of)))).toEqual([
      expect.stringContaining(':log-group:/aws/codebuild/*:'),
    ])
  })

  it('never a role of the bot itself', () => {
    const bot = allowed(deployed, 'rolemedic-bot').flatMap(({ actions }) => actions)
    expect(bot.filter(action => action.startsWith('iam:'))).toEqual([])
  })
})

describe('the roles that a function assumes', () => {
  it('are of accounts of the organization, or of the own account without one', () => {
    const assumed = (settings: object) =>
      resources(deploy({ ...settings }, EVERY_OPINION), 'AWS::IAM::Policy', 'rolemedic-bot').flatMap(({ Properties }) =>
        (
          Properties['PolicyDocument'] as { readonly Statement: readonly Readonly<Record<string, unknown>>[] }
        ).Statement.filter(({ Action }) => [Action].flat().includes('sts:AssumeRole')),
      )
    const inOrganization = assumed({ organization: ORGANIZATION })
    expect(inOrganization).toHaveLength(5)
    for (const { Condition } of inOrganization)
      expect(Condition).toEqual({ StringEquals: { 'aws:ResourceOrgID': 'o-abc1234567' } })
    const alone = assumed({})
    expect(alone).toHaveLength(5)
    for (const { Condition, Resource } of alone) {
      expect(Condition).toBe(undefined)
      expect(JSON.stringify(Resource)).not.toContain('*')
    }
  })
})

describe('who may assume the other roles', () => {
  const template = (role: string) => (role.includes('forward') ? 'rolemedic-member' : 'rolemedic-roles')
  const trust = (role: string) =>
    (
      inAccount(deployed.templates[template(role)], '444455556666').trust(role) as {
        readonly Statement: readonly object[]
      }
    ).Statement

  it('of a member: the four functions that read, while the hub is in the organization', () => {
    expect(trust('rolemedic-reader')).toEqual(
      ['intake', 'propose', 'verify', 'alert'].map(name => ({
        Action: 'sts:AssumeRole',
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111122223333:root' },
        Condition: {
          ArnEquals: { 'aws:PrincipalArn': `arn:aws:iam::111122223333:role/rolemedic-${name}` },
          StringEquals: { 'aws:PrincipalOrgID': 'o-abc1234567' },
        },
      })),
    )
  })

  it('that forward: EventBridge, for rules of the account alone', () => {
    expect(trust('rolemedic-forward-eu-west-1')).toEqual([
      {
        Action: 'sts:AssumeRole',
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': '444455556666' } },
      },
    ])
  })

  it('of the functions: Lambda', () => {
    const trusts = resources(deployed, 'AWS::IAM::Role', 'rolemedic-bot')
      .filter(({ Properties }) => !JSON.stringify(Properties['RoleName']).includes('heartbeat'))
      .map(({ Properties }) => Properties['AssumeRolePolicyDocument'])
    const Principal = { Service: 'lambda.amazonaws.com' }
    const lambda = { Version: '2012-10-17', Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal }] }
    expect(trusts).toEqual(Array.from({ length: 9 }, () => lambda))
  })
})

describe('who reads secrets', () => {
  const reading = (name: string) =>
    unique(
      everything
        .filter(({ actions }) => actions.includes('secretsmanager:GetSecretValue'))
        .filter(({ resources: of }) => JSON.stringify(of).includes(name))
        .map(({ role }) => role),
    )

  it('the token: functions that call Slack; the signing secret: the one that Slack calls; the keys of Git hosts: publish alone', () => {
    expect(reading('BotToken')).toEqual([
      'rolemedic-decide',
      'rolemedic-enroll',
      'rolemedic-propose',
      'rolemedic-sweep',
      'rolemedic-verify',
    ])
    expect(reading('SigningSecret')).toEqual(['rolemedic-decide'])
    expect(reading('GitHosts')).toEqual(['rolemedic-publish'])
  })

  it('nobody writes them, and no template holds a value', () => {
    expect(whoMay(action => /^secretsmanager:(?!GetSecretValue$)/.test(action))).toEqual([])
    for (const { Properties } of resources(deployed, 'AWS::SecretsManager::Secret'))
      expect(Object.keys(Properties).sort()).toEqual(['Description', 'Name', 'Tags'].filter(key => key in Properties))
  })
})
