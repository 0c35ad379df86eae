/** Generated accounts and denials of any size, in the formats of IAM and CloudTrail. */
import type { Statement } from '../../core/iam/policy/policy-document.ts'

export const ACCOUNT = '111122223333'
export const NOW_MS = Date.parse('2026-11-24T22:00:00Z')

export type Shape = {
  /** The number of roles besides the two of the denial. */
  readonly roles: number
  /** The number of statements in the policies of the denied role session, including its own two. */
  readonly statements: number
  /** What the added statements concern: other actions, or the same action on other roles. */
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

/** Splits by the limits of IAM: 10,240 characters of inline policies, and up to 20 managed policies per role. */
function inPolicies(statements: readonly Statement[]) {
  const perPolicy = 25
  return Array.from({ length: Math.ceil(statements.length / perPolicy) }, (_, at) => {
    return managedPolicy(`more-${at}`, statements.slice(at * perPolicy, (at + 1) * perPolicy))
  })
}

export function managedPolicy(name: string, Statement: readonly Statement[]) {
  const Document = { Version: '2012-10-17', Statement }
  return {
    PolicyName: name,
    Arn: `arn:aws:iam::${ACCOUNT}:policy/${name}`,
    DefaultVersionId: 'v1',
    AttachmentCount: 1,
    PolicyVersionList: [{ VersionId: 'v1', IsDefaultVersion: true, Document }],
  }
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
 * Roles that trust services, each other and their whole account, each with its own permissions, around the denial of `deployer`
 * for `orders-task`, which has the given permissions.
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

/** Pairs of a caller and the role that it passes: `deployer-3` may not pass `task-3`. */
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

type Denied = { readonly id: string; readonly caller?: string; readonly time?: string }

/** The CloudTrail record of a denied RegisterTaskDefinition. */
export function deniedRegistration({ target = 'orders-task', ...denied }: Denied & { readonly target?: string }) {
  const requestParameters = { family: 'orders', taskRoleArn: role(target) }
  return deniedPass(
    denied,
    { eventSource: 'ecs.amazonaws.com', eventName: 'RegisterTaskDefinition', requestParameters },
    target,
  )
}

/** The CloudTrail record of a denied PutTargets, which passes a role with each target. */
export function deniedTargets({ targets, ...denied }: Denied & { readonly targets: readonly string[] }) {
  const each = targets.map((name, at) => ({
    id: `${at}`,
    arn: `arn:aws:sqs:eu-west-1:${ACCOUNT}:q${at}`,
    roleArn: role(name),
  }))
  const requestParameters = { rule: 'nightly', targets: each }
  return deniedPass(
    denied,
    { eventSource: 'events.amazonaws.com', eventName: 'PutTargets', requestParameters },
    targets[0] ?? '',
  )
}

/** The CloudTrail record of a denied AssumeRole. */
export function deniedAssumption({ target = 'orders-task', ...denied }: Denied & { readonly target?: string }) {
  const requestParameters = { roleArn: role(target), roleSessionName: 'run' }
  const errorMessage = `User: ${sessionOf(denied)} is not authorized to perform: sts:AssumeRole on resource: ${role(target)} because no identity-based policy allows the sts:AssumeRole action`
  return deniedBy(denied, {
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    requestParameters,
    errorMessage,
  })
}

const sessionOf = ({ caller = 'deployer' }: Denied) => `arn:aws:sts::${ACCOUNT}:assumed-role/${caller}/pipeline`

function deniedPass<Call extends object>(denied: Denied, call: Call, target: string) {
  const errorMessage = `User: ${sessionOf(denied)} is not authorized to perform: iam:PassRole on resource: ${role(target)} because no identity-based policy allows the iam:PassRole action`
  return deniedBy(denied, { ...call, errorMessage })
}

function deniedBy<Call extends object>(denied: Denied, call: Call) {
  const { id, caller = 'deployer', time = '2026-11-24T21:55:00Z' } = denied
  return {
    eventVersion: '1.11',
    eventTime: time,
    eventID: id,
    eventType: 'AwsApiCall',
    awsRegion: 'eu-west-1',
    sourceIPAddress: '198.51.100.7',
    userAgent: 'aws-cli/2.31.0',
    errorCode: 'AccessDeniedException',
    ...call,
    responseElements: null,
    readOnly: false,
    managementEvent: true,
    recipientAccountId: ACCOUNT,
    userIdentity: {
      type: 'AssumedRole',
      principalId: `${uniqueId(caller)}:pipeline`,
      arn: sessionOf(denied),
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
