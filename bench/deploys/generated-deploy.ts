/** Deploys with any number of roles: the account, the template, and CloudFormation's events when one of the roles is denied. */
import { shuffle } from '../figures.ts'

export const ACCOUNT = '111122223333'
const REGION = 'eu-west-1'
const STACK = 'bench'
const STACK_ID = `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/${STACK}/7b1c9d20-c8dd-11f1-b6a4-0a1b2c3d4e5f`
export const DEPLOYER = 'bench-stack-exec'
const DEPLOYER_ARN = `arn:aws:iam::${ACCOUNT}:role/deploy/${DEPLOYER}`

type Kind = { readonly type: string; readonly operation: string; readonly service: string; readonly name: string }
const KINDS: readonly (Kind & { readonly properties: (role: unknown) => object })[] = [
  kind('AWS::Lambda::Function', 'lambda:CreateFunction', 'lambda.amazonaws.com', 'Lambda', Role => ({ Role })),
  kind('AWS::ECS::TaskDefinition', 'ecs:RegisterTaskDefinition', 'ecs-tasks.amazonaws.com', 'Ecs', TaskRoleArn => ({
    TaskRoleArn,
  })),
  kind('AWS::StepFunctions::StateMachine', 'states:CreateStateMachine', 'states.amazonaws.com', 'Sfn', RoleArn => ({
    RoleArn,
  })),
  kind('AWS::Glue::Job', 'glue:CreateJob', 'glue.amazonaws.com', 'Glue', Role => ({ Role })),
  kind('AWS::CodeBuild::Project', 'codebuild:CreateProject', 'codebuild.amazonaws.com', 'CodeBuild', ServiceRole => ({
    ServiceRole,
  })),
  kind('AWS::Scheduler::Schedule', 'scheduler:CreateSchedule', 'scheduler.amazonaws.com', 'Scheduler', RoleArn => ({
    Target: { Arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:bench`, RoleArn },
  })),
]

function kind(type: string, operation: string, service: string, name: string, properties: (role: unknown) => object) {
  return { type, operation, service, name, properties }
}

/** A role that the deploy passes. Known to the generator, not read from the template. */
export type PassedRole = {
  readonly logicalId: string
  readonly arn: string
  readonly kind: Kind
  /** The role is there, and trusts another service. */
  readonly lacksTrust: boolean
}
export type GeneratedDeploy = {
  readonly template: string
  readonly account: string
  /** The account if a rollback keeps the roles that the template makes. */
  readonly accountWithMade: string
  /** In the order in which CloudFormation creates them. */
  readonly passed: readonly PassedRole[]
}

/** `both`: the pass and the trust may lack. `trust`: all roles may be passed, and the first lacks the trust. */
export type Gaps = 'both' | 'trust'

export function generatedDeploy(roles: number, random: () => number, gaps: Gaps = 'both'): GeneratedDeploy {
  const resources: { [logicalId: string]: object } = {}
  const live: object[] = []
  const kept: object[] = []
  const passed: PassedRole[] = []
  for (let at = 0; at < roles; at += 1) {
    const kinds = gaps === 'trust' ? KINDS.filter(one => one.name !== WITH_SEVERAL_NAMES) : KINDS
    const chosen = kinds[Math.floor(random() * kinds.length)] ?? KINDS[0]
    if (chosen === undefined) throw new Error('no kinds')
    const name = `bench-${at}-${chosen.name.toLowerCase()}`
    const arn = `arn:aws:iam::${ACCOUNT}:role/app/${name}`
    const isFirst = gaps === 'trust' && passed.every(one => !one.lacksTrust)
    const isMade = random() < 0.25 && !isFirst
    const lacksTrust = !isMade && chosen.name !== WITH_SEVERAL_NAMES && (random() < 0.5 || isFirst)
    const detail = role(name, '/app/', lacksTrust ? OTHER_SERVICE : chosen.service, [])
    ;(isMade ? kept : live).push(detail)
    if (isMade) resources[`Role${at}`] = { Type: 'AWS::IAM::Role', Properties: madeRole(name, chosen.service) }
    const text = isMade ? { 'Fn::GetAtt': [`Role${at}`, 'Arn'] } : spelled(arn, name, random)
    const value = random() < 0.2 ? { 'Fn::If': ['IsProd', `arn:aws:iam::${ACCOUNT}:role/app/other`, text] } : text
    const { properties, ...rest } = chosen
    resources[`Resource${at}`] = { Type: rest.type, Properties: properties(value) }
    passed.push({ logicalId: `Resource${at}`, arn, kind: rest, lacksTrust })
  }
  // Nobody creates a resource whose condition is false, so nobody passes its role.
  const left = { Condition: 'IsProd', Type: 'AWS::Lambda::Function', Properties: { Role: spelledOut('other') } }
  const template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Parameters: { Stage: { Type: 'String', Default: 'dev' } },
    Conditions: { IsProd: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] } },
    Resources: { ...resources, LeftOut: left },
  }
  const account = (details: readonly object[]) => {
    const RoleDetailList = [deployer(gaps === 'trust' ? passed : []), ...details]
    return JSON.stringify({ UserDetailList: [], GroupDetailList: [], RoleDetailList, Policies: [] })
  }
  return {
    template: JSON.stringify(template, null, 2),
    account: account(live),
    accountWithMade: account([...live, ...kept]),
    passed: shuffle(passed, random),
  }
}

/** Step Functions assumes roles under any of two names: a card leaves its trust to preflight. */
const WITH_SEVERAL_NAMES = 'Sfn'

/** Assumes none of the roles. */
const OTHER_SERVICE = 'polly.amazonaws.com'

const spelledOut = (name: string) => `arn:aws:iam::${ACCOUNT}:role/app/${name}`

function spelled(arn: string, name: string, random: () => number): unknown {
  const ways: readonly unknown[] = [
    arn,
    { 'Fn::Sub': `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role/app/${name}` },
    { 'Fn::Join': ['', ['arn:aws:iam::', { Ref: 'AWS::AccountId' }, `:role/app/${name}`]] },
  ]
  return ways[Math.floor(random() * ways.length)]
}

const trusted = (service: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
})

const madeRole = (name: string, service: string) => ({
  RoleName: name,
  Path: '/app/',
  AssumeRolePolicyDocument: trusted(service),
})

const deployer = (passed: readonly PassedRole[]) =>
  role(DEPLOYER, '/deploy/', 'cloudformation.amazonaws.com', [
    {
      PolicyName: 'exec',
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'Deploy',
            Effect: 'Allow',
            Action: [...KINDS.map(({ operation }) => operation), 'iam:CreateRole'],
            Resource: '*',
          },
          ...passed.map(({ arn, kind: { service } }) => ({
            Effect: 'Allow',
            Action: 'iam:PassRole',
            Resource: arn,
            Condition: { StringEquals: { 'iam:PassedToService': service } },
          })),
        ],
      },
    },
  ])

function role(name: string, path: string, service: string, policies: readonly object[]): object {
  return {
    Path: path,
    RoleName: name,
    RoleId: `AROA${name.toUpperCase().replace(/[^A-Z0-9]/g, '')}`,
    Arn: `arn:aws:iam::${ACCOUNT}:role${path}${name}`,
    CreateDate: '2026-01-15T09:00:00Z',
    AssumeRolePolicyDocument: trusted(service),
    InstanceProfileList: [],
    RolePolicyList: policies,
    AttachedManagedPolicies: [],
    Tags: [],
  }
}

/** Each attempt has its own token. */
export function failureEvent(attempt: number): object {
  return {
    version: '0',
    id: `8d2e9c30-1f56-4c7e-8b20-${String(attempt).padStart(12, '0')}`,
    'detail-type': 'CloudFormation Stack Status Change',
    source: 'aws.cloudformation',
    account: ACCOUNT,
    time: FAILED_AT,
    region: REGION,
    resources: [STACK_ID],
    detail: {
      'stack-id': STACK_ID,
      'status-details': { status: 'ROLLBACK_COMPLETE', 'status-reason': '' },
      'client-request-token': `try-${attempt}`,
    },
  }
}

const FAILED_AT = '2026-11-24T02:48:02Z'

/** The answers of `describe-stack-events` and `describe-stacks`. */
/** What fails: the pass of the role, or after it that the service assumes the role. */
export type FailedAt = 'pass' | 'trust'

/** The words of each service, and where its call has the role. */
const REFUSALS: { readonly [kind: string]: { readonly text: string; readonly given: (role: string) => object } } = {
  Lambda: { text: 'The role defined for the function cannot be assumed by Lambda.', given: role => ({ role }) },
  Ecs: {
    text: "ECS was unable to assume the role 'ROLE' that was provided for this task.",
    given: taskRoleArn => ({ taskRoleArn }),
  },
  Glue: { text: "Service is unable to assume role ROLE. Please verify role's TrustPolicy", given: role => ({ role }) },
  CodeBuild: {
    text: 'CodeBuild is not authorized to perform: sts:AssumeRole on ROLE',
    given: serviceRole => ({ serviceRole }),
  },
  Scheduler: {
    text: 'The execution role you provide must allow AWS EventBridge Scheduler to assume the role.',
    given: roleArn => ({ target: { roleArn } }),
  },
}
const refusalOf = ({ kind, arn }: PassedRole): string => (REFUSALS[kind.name]?.text ?? '').replace('ROLE', arn)

/** The CloudTrail record of the same denial, or of the call that failed because of the trust. */
export function recordedDenial(failed: PassedRole, attempt: number, at: FailedAt): object {
  const {
    arn,
    kind: { operation },
  } = failed
  const [service = '', name = ''] = operation.split(':')
  const session = `arn:aws:sts::${ACCOUNT}:assumed-role/${DEPLOYER}/AWSCloudFormation`
  const record = {
    eventVersion: '1.11',
    userIdentity: {
      type: 'AssumedRole',
      principalId: 'AROAEXAMPLE:AWSCloudFormation',
      arn: session,
      accountId: ACCOUNT,
      sessionContext: {
        sessionIssuer: { type: 'Role', arn: DEPLOYER_ARN, accountId: ACCOUNT, userName: DEPLOYER },
      },
      invokedBy: 'cloudformation.amazonaws.com',
    },
    eventTime: '2026-11-24T02:47:31Z',
    eventSource: `${service}.amazonaws.com`,
    // Lambda's API operations have a date suffix.
    eventName: service === 'lambda' ? `${name}20150331` : name,
    awsRegion: 'eu-west-1',
    ...(at === 'trust'
      ? {
          errorCode: 'InvalidParameterValueException',
          errorMessage: refusalOf(failed),
          requestParameters: REFUSALS[failed.kind.name]?.given(arn) ?? null,
        }
      : {
          errorCode: 'AccessDenied',
          errorMessage: `User: ${session} is not authorized to perform: iam:PassRole on resource: ${arn} because no identity-based policy allows the iam:PassRole action`,
          requestParameters: null,
        }),
    eventID: `00000000-0000-4000-8000-${String(attempt).padStart(12, '0')}`,
    recipientAccountId: ACCOUNT,
  }
  return { Records: [record] }
}

export function stackAnswers(failed: PassedRole, attempt: number, at: FailedAt): object {
  const {
    logicalId,
    arn,
    kind: { type, name },
  } = failed
  const session = `arn:aws:sts::${ACCOUNT}:assumed-role/${DEPLOYER}/AWSCloudFormation`
  const denied =
    at === 'trust'
      ? refusalOf(failed)
      : `User: ${session} is not authorized to perform: iam:PassRole on resource: ${arn} because no identity-based policy allows the iam:PassRole action`
  const common = { StackId: STACK_ID, StackName: STACK, ClientRequestToken: `try-${attempt}` }
  const ofStack = {
    ...common,
    LogicalResourceId: STACK,
    PhysicalResourceId: STACK_ID,
    ResourceType: 'AWS::CloudFormation::Stack',
  }
  return {
    Stacks: [{ StackId: STACK_ID, StackName: STACK, RoleARN: DEPLOYER_ARN }],
    StackEvents: [
      { ...ofStack, EventId: 'end', Timestamp: '2026-11-24T02:48:02.114Z', ResourceStatus: 'ROLLBACK_COMPLETE' },
      {
        ...common,
        EventId: 'failed',
        LogicalResourceId: logicalId,
        PhysicalResourceId: '',
        ResourceType: type,
        Timestamp: '2026-11-24T02:47:32.640Z',
        ResourceStatus: 'CREATE_FAILED',
        ResourceStatusReason: `Resource handler returned message: "${denied} (Service: ${name}, Status Code: 403, Request ID: 646c47ae-dff8-405c-a5ba-cecdc1bd776a) (SDK Attempt Count: 1)" (RequestToken: 0c9d41be-52a3-7d8a-6d1b-3a1f5d2c9e10, HandlerErrorCode: AccessDenied)`,
      },
      { ...ofStack, EventId: 'begin', Timestamp: '2026-11-24T02:47:20.000Z', ResourceStatus: 'CREATE_IN_PROGRESS' },
    ],
  }
}

export const STACK_NAME = STACK
