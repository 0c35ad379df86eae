/** Generated accounts and denials of any size, in the formats of IAM and CloudTrail. */
import type { Statement } from '../../functions/domain/iam/policy/policy-document.ts'

export const ACCOUNT = '111122223333'
export const NOW_MS = Date.parse('2026-11-24T22:00:00Z')

export type Shape = {
  /** Roles besides the two of the denial. */
  readonly roles: number
  /** Statements in the policies of the denied role session, including its own two. */
  readonly statements: number
  /** The subject of the added statements: other actions, or the same action on other roles. */
  readonly about: 'other-actions' | 'other-roles'
}

export const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/app/${name}`
export const uniqueId = (name: string) => `AROA${name.toUpperCase().replace(/[^A-Z0-9]/g, '')}`

/** In the format of `aws iam get-account-authorization-details`. */
export function generatedAccount({ roles, statements, about }: Shape): string {
  const others = Array.from({ length: roles }, (_, at) =>
    detail(`service-${at}`, 'lambda.amazonaws.com', [
      {
        Effect: 'Allow',
        Action: ['dynamodb:GetItem', 'dynamodb:PutItem'],
        Resource: `arn:aws:dynamodb:*:*:table/t${at}`,
      },
      { Effect: 'Allow', Action: 'iam:PassRole', Resource: role(`service-${at}-job`) },
    ]),
  )
  const more = Array.from({ length: Math.max(0, statements - 2) }, (_, at) => added(about, at))
  const managed = inPolicies(more)
  const caller = {
    ...detail('deployer', 'codebuild.amazonaws.com', [
      { Effect: 'Allow', Action: ['ecs:*', 'ecr:*'], Resource: '*' },
      { Effect: 'Allow', Action: 'iam:PassRole', Resource: role('batch-job') },
    ]),
    AttachedManagedPolicies: managed.map(({ Arn, PolicyName }) => ({ PolicyArn: Arn, PolicyName })),
  }
  const target = detail('orders-task', 'ecs-tasks.amazonaws.com', [
    { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: `arn:aws:sqs:eu-west-1:${ACCOUNT}:orders` },
  ])
  return JSON.stringify({
    UserDetailList: [],
    GroupDetailList: [],
    RoleDetailList: [...others, caller, target],
    Policies: managed,
  })
}

/** An inline policy holds 10,240 characters, and a role carries up to 20 managed policies. */
function inPolicies(statements: readonly Statement[]) {
  const perPolicy = 25
  return Array.from({ length: Math.ceil(statements.length / perPolicy) }, (_, at) => {
    const Statement = statements.slice(at * perPolicy, (at + 1) * perPolicy)
    const Document = { Version: '2012-10-17', Statement }
    return {
      PolicyName: `more-${at}`,
      Arn: `arn:aws:iam::${ACCOUNT}:policy/more-${at}`,
      DefaultVersionId: 'v1',
      AttachmentCount: 1,
      PolicyVersionList: [{ VersionId: 'v1', IsDefaultVersion: true, Document }],
    }
  })
}

function added(about: Shape['about'], at: number): Statement {
  return about === 'other-actions'
    ? { Effect: 'Allow', Action: [`s3:GetObject`, `s3:PutObject`], Resource: `arn:aws:s3:::bucket-${at}/*` }
    : { Effect: 'Allow', Action: 'iam:PassRole', Resource: role(`team-${at}-job`) }
}

type Principal = { readonly Service: string } | { readonly AWS: string | readonly string[] }

export function detail(name: string, trusted: string | Principal, Statement: readonly Statement[]): object {
  const Principal = typeof trusted === 'string' ? { Service: trusted } : trusted
  const trust = { Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }
  return {
    Path: '/app/',
    RoleName: name,
    RoleId: uniqueId(name),
    Arn: role(name),
    AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [trust] },
    RolePolicyList: [{ PolicyName: 'own', PolicyDocument: { Version: '2012-10-17', Statement } }],
    AttachedManagedPolicies: [],
    InstanceProfileList: [],
    Tags: [],
  }
}

/**
 * Roles that trust services, each other and their whole account, each with permissions of its own, around the
 * denial of `deployer` for `orders-task`, which has the given permissions.
 */
export function surroundingRoles(roles: number, permissions: readonly Statement[]): string {
  const numbers = Array.from({ length: roles }, (_, at) => at)
  return JSON.stringify({
    UserDetailList: [],
    GroupDetailList: [],
    RoleDetailList: [
      ...numbers.map(at => {
        const table = `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/t${at}`
        return detail(`service-${at}`, trustedBy(at), [
          { Effect: 'Allow', Action: ['dynamodb:GetItem', 'dynamodb:PutItem'], Resource: table },
          { Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: '*' },
        ])
      }),
      detail('deployer', 'codebuild.amazonaws.com', [{ Effect: 'Allow', Action: 'ecs:*', Resource: '*' }]),
      detail('orders-task', 'ecs-tasks.amazonaws.com', permissions),
    ],
    Policies: [],
  })
}

function trustedBy(at: number): Principal {
  switch (at % 5) {
    case 0:
      return { AWS: `arn:aws:iam::${ACCOUNT}:root` }
    case 1:
      return { Service: 'lambda.amazonaws.com' }
    case 2:
      return { Service: 'ecs-tasks.amazonaws.com' }
    case 3:
      return { AWS: role(`service-${at - 1}`) }
    default:
      return { Service: 'ec2.amazonaws.com' }
  }
}

/** Pairs of a caller and the role it passes: `deployer-3` lacks the permission to pass `task-3`. */
export function pairedAccount(pairs: number): string {
  const numbers = Array.from({ length: pairs }, (_, at) => at)
  return JSON.stringify({
    UserDetailList: [],
    GroupDetailList: [],
    RoleDetailList: numbers.flatMap(at => [
      detail(`deployer-${at}`, 'codebuild.amazonaws.com', [{ Effect: 'Allow', Action: 'ecs:*', Resource: '*' }]),
      detail(`task-${at}`, 'ecs-tasks.amazonaws.com', [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' }]),
    ]),
    Policies: [],
  })
}

/** The CloudTrail record of a denied RegisterTaskDefinition. */
export function deniedRegistration(options: {
  readonly id: string
  readonly caller?: string
  readonly target?: string
  readonly time?: string
}) {
  const { id, caller = 'deployer', target: name = 'orders-task', time = '2026-11-24T21:55:00Z' } = options
  const target = role(name)
  const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/${caller}/pipeline`
  return {
    eventVersion: '1.11',
    eventTime: time,
    eventID: id,
    eventType: 'AwsApiCall',
    eventSource: 'ecs.amazonaws.com',
    eventName: 'RegisterTaskDefinition',
    awsRegion: 'eu-west-1',
    sourceIPAddress: '198.51.100.7',
    userAgent: 'aws-cli/2.31.0',
    errorCode: 'AccessDeniedException',
    errorMessage: `User: ${arn} is not authorized to perform: iam:PassRole on resource: ${target} because no identity-based policy allows the iam:PassRole action`,
    requestParameters: { family: 'orders', taskRoleArn: target },
    responseElements: null,
    readOnly: false,
    managementEvent: true,
    recipientAccountId: ACCOUNT,
    userIdentity: {
      type: 'AssumedRole',
      principalId: `${uniqueId(caller)}:pipeline`,
      arn,
      accountId: ACCOUNT,
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          principalId: uniqueId(caller),
          arn: role(caller),
          accountId: ACCOUNT,
          userName: caller,
        },
        attributes: { creationDate: '2026-11-24T21:50:00Z', mfaAuthenticated: 'false' },
      },
    },
  }
}
