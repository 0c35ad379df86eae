import { describe, expect, it } from 'vitest'
import {
  type NamedDenial,
  type StatementAnswer,
  statementFor,
  suggestedPolicyText,
} from '../../../core/published-actions/index.ts'
import { publishedActions } from '../../../core/service-actions/index.ts'

const published = publishedActions()
const ACCOUNT = '111122223333'
const PLACE = { region: 'eu-west-1', accountId: ACCOUNT }
const denied = (over: Partial<NamedDenial>): NamedDenial => ({
  ...{ action: 's3:GetObject', principal: `arn:aws:sts::${ACCOUNT}:assumed-role/deploy/run-1`, resource: null },
  ...{ layer: 'identity', isExplicit: false, policyArn: null, ...over },
})
const answered = (over: Partial<NamedDenial>): StatementAnswer => statementFor(denied(over), PLACE, published)

function documentOf(answer: StatementAnswer): unknown {
  return answer.kind === 'none' ? null : JSON.parse(suggestedPolicyText([answer.statement])).Statement
}

describe('a statement for a denied action', () => {
  // The forms: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
  it.each([
    ['spells the action as AWS does', 'S3:listbucket', 'arn:aws:s3:::assets', 's3:ListBucket'],
    ['takes an object for an action on objects', 's3:GetObject', 'arn:aws:s3:::assets/app/1.zip', 's3:GetObject'],
    ['keeps the path of a role', 'iam:PutRolePolicy', `arn:aws:iam::${ACCOUNT}:role/app/task`, 'iam:PutRolePolicy'],
    ['takes a key', 'kms:Decrypt', `arn:aws:kms:eu-west-1:${ACCOUNT}:key/1a2b`, 'kms:Decrypt'],
    [
      'takes an alias where the action does',
      'kms:CreateAlias',
      `arn:aws:kms:eu-west-1:${ACCOUNT}:alias/a`,
      'kms:CreateAlias',
    ],
    ['takes an ARN without an account', 'ec2:RunInstances', 'arn:aws:ec2:eu-west-1::image/ami-1', 'ec2:RunInstances'],
    ['takes a path of API Gateway', 'apigateway:POST', 'arn:aws:apigateway:eu-west-1::/restapis', 'apigateway:POST'],
    ['takes a policy of AWS', 'iam:GetPolicy', 'arn:aws:iam::aws:policy/ReadOnlyAccess', 'iam:GetPolicy'],
    ['takes the partition of China', 'sqs:SendMessage', `arn:aws-cn:sqs:cn-north-1:${ACCOUNT}:q`, 'sqs:SendMessage'],
  ])('%s', (_, action, resource, spelled) => {
    expect(documentOf(answered({ action, resource }))).toEqual([
      { Effect: 'Allow', Action: spelled, Resource: resource },
    ])
  })

  it.each([
    ['AWS names every resource', 'ec2:DescribeVpcs', '*'],
    ['the text names no resource', 'ecr:GetAuthorizationToken', null],
    ['AWS names a resource that policies cannot', 'iam:ListRoles', `arn:aws:iam::${ACCOUNT}:role/`],
  ])('has the resource * for an action that takes none, where %s', (_, action, resource) => {
    const answer = answered({ action, resource })
    expect(documentOf(answer)).toEqual([{ Effect: 'Allow', Action: action, Resource: '*' }])
    expect(answer.why).toBe(`For ${action} only the resource "*" is valid, as it takes none.`)
  })

  it('completes a name with the account and the Region of the deploy, where one form is possible', () => {
    expect(documentOf(answered({ action: 'dynamodb:CreateTable', resource: 'orders' }))).toEqual([
      {
        Effect: 'Allow',
        Action: 'dynamodb:CreateTable',
        Resource: `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/orders`,
      },
    ])
    const without = statementFor(
      denied({ action: 'dynamodb:CreateTable', resource: 'orders' }),
      { ...PLACE, region: null },
      published,
    )
    expect(without.kind).toBe('none')
  })

  it.each([
    ['an object for an action on buckets', 's3:ListBucket', 'arn:aws:s3:::assets/app/1.zip'],
    ['a bucket for an action on objects', 's3:GetObject', 'arn:aws:s3:::assets'],
    ['an alias for an action on keys', 'kms:Decrypt', `arn:aws:kms:eu-west-1:${ACCOUNT}:alias/a`],
    ['a resource of another service', 'sqs:SendMessage', `arn:aws:sns:eu-west-1:${ACCOUNT}:topic`],
    ['a wildcard', 'cloudformation:DescribeStacks', `arn:aws:cloudformation:eu-west-1:${ACCOUNT}:stack/CDKToolkit/*`],
    ['every resource for an action that takes one', 'ecs:RegisterTaskDefinition', '*'],
    ['no resource for an action that takes one', 'ec2:CreateVpc', null],
    ['a masked account', 'sqs:SendMessage', 'arn:aws:sqs:eu-west-1:XXXXXXXXXXXX:queue'],
    ['a masked account of stars', 'sqs:SendMessage', 'arn:aws:sqs:eu-west-1:************:queue'],
    ['a masked name', 'sqs:SendMessage', `arn:aws:sqs:eu-west-1:${ACCOUNT}:[REDACTED]`],
    ['a placeholder', 'sqs:SendMessage', 'arn:aws:sqs:eu-west-1:<account>:queue'],
    ['a cut ARN', 'sqs:SendMessage', `arn:aws:sqs:eu-west-1:${ACCOUNT}:que...`],
    ['an ARN cut at its end', 's3:GetObject', 'arn:aws:s3:::assets/'],
    ['a Region of another partition', 'sqs:SendMessage', `arn:aws:sqs:cn-north-1:${ACCOUNT}:queue`],
    ['a name of IAM, which lacks its path', 'iam:GetRole', 'deploy'],
    ['an action that does not exist', 's3:CreateEverything', 'arn:aws:s3:::assets'],
    ['a service that does not exist', 'nobody:Get', '*'],
    ['an action with a wildcard', 's3:*', 'arn:aws:s3:::assets'],
    ['a policy variable', 's3:ListBucket', 'arn:aws:s3:::$' + '{aws:username}'],
    ['an action that has a diagnosis of its own', 'iam:passrole', `arn:aws:iam::${ACCOUNT}:role/task`],
    ['another one', 'sts:AssumeRole', `arn:aws:iam::${ACCOUNT}:role/task`],
    ['no action', null, '*'],
  ])('is not made of %s', (_, action, resource) => {
    const answer = answered({ action, resource })
    expect(answer.kind).toBe('none')
    expect(answer.why).toMatch(/^[A-Z].+\.$/)
  })

  it('calls stars that hide a part no wildcard', () => {
    // https://github.com/mludvig/aws-ethereum-miner/issues/37
    for (const resource of ['arn:aws:iam::1****22:role/orders', `arn:aws:iam::${ACCOUNT}:role/orders-KV***`])
      expect(answered({ action: 'iam:CreateRole', resource }).why).toContain('is masked or cut')
  })

  it('says how a policy names the log group that AWS checks', () => {
    const { why } = answered({
      action: 'logs:CreateLogGroup',
      resource: `arn:aws:logs:eu-west-1:${ACCOUNT}:log-group:/aws/lambda/f:log-stream:`,
    })
    expect(why).toContain(`arn:aws:logs:eu-west-1:${ACCOUNT}:log-group:/aws/lambda/f:*`)
  })

  const SCP = 'arn:aws:organizations::999988887777:policy/o-1a2b3c/service_control_policy/p-4d5e'
  it.each([
    ['scp', SCP, `the administrators of the organization ${SCP}`],
    ['rcp', null, 'the administrators of the organization'],
    ['boundary', null, 'the owner of the permissions boundary'],
    ['session', null, 'the owner of the session policy'],
    ['vpce', null, 'the owner of the VPC endpoint'],
    ['resource', null, 'the owner of the resource'],
    ['trust', null, 'the owner of the role'],
  ] as const)('is not made where %s decides, which has an owner', (layer, policyArn, owner) => {
    const over = { action: 's3:CreateBucket', resource: 'arn:aws:s3:::assets', layer, policyArn }
    expect(answered(over)).toMatchObject({ kind: 'none', owner })
    expect(answered({ ...over, isExplicit: true })).toMatchObject({ kind: 'none', owner })
  })

  it('is not made against an explicit deny of the identity', () => {
    const over = { action: 's3:CreateBucket', resource: 'arn:aws:s3:::assets', isExplicit: true }
    expect(answered(over)).toMatchObject({ kind: 'none', owner: 'the owner of the policy' })
    const policyArn = 'arn:aws:iam::aws:policy/"} or ${x}'
    expect(answered({ ...over, policyArn })).toMatchObject({ kind: 'none', owner: 'the owner of the policy' })
  })

  it.each([
    ['of the root user', `arn:aws:iam::${ACCOUNT}:root`],
    [
      'of a service-linked role',
      `arn:aws:iam::${ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS`,
    ],
  ])('is not made for a call %s', (_, principal) => {
    expect(answered({ action: 's3:CreateBucket', resource: 'arn:aws:s3:::assets', principal }).kind).toBe('none')
  })

  it('says that another account and a key policy take part, and that nobody named the policy', () => {
    const { why } = answered({
      action: 'kms:Decrypt',
      resource: 'arn:aws:kms:eu-west-1:444455556666:key/1a2b',
      layer: 'unknown',
    })
    expect(why).toBe(
      'The ARN is the one that AWS names. AWS does not say which policy lacks it. The key policy has to let policies of IAM decide. The resource is in account 444455556666, where a policy of the resource has to allow it too.',
    )
  })

  it.each([
    ['iam:PutRolePolicy', `arn:aws:iam::${ACCOUNT}:role/app`, 'may write inline policies of the role'],
    ['iam:CreateAccessKey', `arn:aws:iam::${ACCOUNT}:user/ada`, 'may create an access key of the user'],
    ['kms:ScheduleKeyDeletion', `arn:aws:kms:eu-west-1:${ACCOUNT}:key/1a2b`, 'destroys what nobody can bring back'],
    ['cloudtrail:StopLogging', `arn:aws:cloudtrail:eu-west-1:${ACCOUNT}:trail/org`, 'hides what is done'],
  ])('says what %s is known to lead to', (action, resource, words) => {
    const answer = answered({ action, resource })
    expect(answer.kind === 'suggested' ? answer.risks.join(' ') : '').toContain(words)
  })

  it('says no risk of an ordinary action', () => {
    expect(answered({ action: 's3:CreateBucket', resource: 'arn:aws:s3:::assets' })).toMatchObject({ risks: [] })
  })
})

describe('the statements of one principal', () => {
  it('are one policy with one action and one resource each, and none twice', () => {
    const of = (action: string, resource: string) => {
      const answer = answered({ action, resource })
      return answer.kind === 'suggested' ? [answer.statement] : []
    }
    const [bucket, other] = ['arn:aws:s3:::assets', 'arn:aws:s3:::logs']
    const text = suggestedPolicyText([
      ...of('s3:CreateBucket', bucket),
      ...of('s3:createbucket', bucket),
      ...of('s3:CreateBucket', other),
      ...of('ec2:DescribeVpcs', '*'),
    ])
    expect(JSON.parse(text)).toEqual({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: 's3:CreateBucket', Resource: bucket },
        { Effect: 'Allow', Action: 's3:CreateBucket', Resource: other },
        { Effect: 'Allow', Action: 'ec2:DescribeVpcs', Resource: '*' },
      ],
    })
  })
})
