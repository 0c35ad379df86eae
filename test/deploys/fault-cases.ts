/**
 * Failed stacks and builds in the words of the service that could not use its role, labelled by hand. The sentences are public:
 * `source` is where each was written down. A small grammar gives each the state of its role that decides the answer.
 */

export const ACCOUNT_ID = '111122223333'
export const REGION = 'eu-west-1'
export const FAILED_AT = '2026-11-29T09:00:00Z'
const IAM = `arn:aws:iam::${ACCOUNT_ID}:role`
const NAME = 'orders-run'
export const ROLE = `${IAM}/${NAME}`
/** As CloudFormation names a role that the template leaves unnamed. */
const GENERATED = `${IAM}/orders-WorkerRole-1A2B3C4D5E6F`
/** Assumes no role of these. */
const OTHER = 'polly.amazonaws.com'

type Properties = { readonly [key: string]: unknown }
const GIVEN = 'the role goes here'

type Sentence = {
  /** `ROLE` is the ARN of the role. */
  readonly text: string
  readonly source: string
  readonly type: string
  readonly properties: Properties
  readonly terraform: readonly [type: string, attributes: Properties]
  readonly service: string
  /** The resource that reports it, where that is not the one with the role. */
  readonly reportedBy?: string
}

const posted = (path: string): string => `https://github.com/${path}`
const target = { Id: 'one', Arn: `arn:aws:sqs:${REGION}:${ACCOUNT_ID}:orders`, RoleArn: GIVEN }

export const SENTENCES: readonly Sentence[] = [
  {
    text: 'The role defined for the function cannot be assumed by Lambda.',
    source: posted('aws-samples/aws-ct-vpc-flowlogs/issues/1'),
    type: 'AWS::Lambda::Function',
    properties: { Role: GIVEN },
    terraform: ['aws_lambda_function', { role: GIVEN }],
    service: 'lambda.amazonaws.com',
  },
  {
    text: 'The execution role you provide must allow AWS EventBridge Scheduler to assume the role.',
    source: posted('aws/aws-sdk-js-v3/issues/6494'),
    type: 'AWS::Scheduler::Schedule',
    properties: { Target: { Arn: target.Arn, RoleArn: GIVEN } },
    terraform: ['aws_scheduler_schedule', { target: [{ role_arn: GIVEN }] }],
    service: 'scheduler.amazonaws.com',
  },
  {
    text: 'Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.',
    source: posted('lumigo-io/lumigo-CLI/issues/83'),
    type: 'AWS::StepFunctions::StateMachine',
    properties: { RoleArn: GIVEN },
    terraform: ['aws_sfn_state_machine', { role_arn: GIVEN }],
    service: 'states.amazonaws.com',
  },
  {
    text: "Could not assume role ROLE. Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com' to assume the role.",
    source: posted('awslabs/predictive-maintenance-using-machine-learning/issues/3'),
    type: 'AWS::SageMaker::Model',
    properties: { ExecutionRoleArn: GIVEN },
    terraform: ['aws_sagemaker_model', { execution_role_arn: GIVEN }],
    service: 'sagemaker.amazonaws.com',
  },
  {
    text: "Provided role 'ROLE' cannot be assumed by principal 'events.amazonaws.com'.",
    source: posted('Miserlou/Zappa/issues/381'),
    type: 'AWS::Events::Rule',
    properties: { Targets: [target] },
    terraform: ['aws_cloudwatch_event_target', { role_arn: GIVEN }],
    service: 'events.amazonaws.com',
  },
  {
    text: 'VALIDATION_ERROR: EMR service role ROLE is invalid',
    source: posted('josephmachado/beginner_de_project/issues/28'),
    type: 'AWS::EMR::Cluster',
    properties: { ServiceRole: GIVEN },
    terraform: ['aws_emr_cluster', { service_role: GIVEN }],
    service: 'elasticmapreduce.amazonaws.com',
  },
  {
    text: 'Role with arn: ROLE, could not be assumed because it does not exist or the trusted entity is not correct',
    source: posted('terraform-aws-modules/terraform-aws-eks/issues/2406'),
    type: 'AWS::EKS::Cluster',
    properties: { RoleArn: GIVEN },
    terraform: ['aws_eks_cluster', { role_arn: GIVEN }],
    service: 'eks.amazonaws.com',
  },
  {
    text: "service orders failed to launch a task with (error ECS was unable to assume the role 'ROLE' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.).",
    source: posted('aws-samples/aws-modern-application-workshop/issues/149'),
    type: 'AWS::ECS::TaskDefinition',
    properties: { TaskRoleArn: GIVEN },
    terraform: ['aws_ecs_task_definition', { task_role_arn: GIVEN }],
    service: 'ecs-tasks.amazonaws.com',
    reportedBy: 'AWS::ECS::Service',
  },
  {
    text: 'Access denied. Check the trust relationships for your role.',
    source: posted('awslabs/dynamodb-continuous-backup/issues/2'),
    type: 'AWS::CloudTrail::Trail',
    properties: { CloudWatchLogsRoleArn: GIVEN },
    terraform: ['aws_cloudtrail', { cloud_watch_logs_role_arn: GIVEN }],
    service: 'cloudtrail.amazonaws.com',
  },
  {
    text: 'The principal states.amazonaws.com is not authorized to assume the provided role.',
    source: posted('Motiva-AI/stepwise/pull/22'),
    type: 'AWS::StepFunctions::StateMachine',
    properties: { RoleArn: GIVEN },
    terraform: ['aws_sfn_state_machine', { role_arn: GIVEN }],
    service: 'states.amazonaws.com',
  },
  {
    text: 'SageMaker was unable to assume the role ROLE',
    source: posted('aws/sagemaker-python-sdk/issues/43'),
    type: 'AWS::SageMaker::Model',
    properties: { ExecutionRoleArn: GIVEN },
    terraform: ['aws_sagemaker_model', { execution_role_arn: GIVEN }],
    service: 'sagemaker.amazonaws.com',
  },
  {
    // No sentence that is known: a code, and that it is about a role.
    text: 'Invalid service role (Service: AWSCodeBuild; Status Code: 400; Error Code: InvalidInputException)',
    source: posted('amazon-archives/deploy-manage-microservices-on-ecs-and-fargate/issues/2'),
    type: 'AWS::CodeBuild::Project',
    properties: { ServiceRole: GIVEN },
    terraform: ['aws_codebuild_project', { service_role: GIVEN }],
    service: 'codebuild.amazonaws.com',
  },
]

export type FaultExpected = 'patch' | 'retry' | 'code' | 'missing' | 'owner' | 'silent'

export type FaultCase = {
  readonly name: string
  readonly source: string
  readonly service: string
  /** What the tool reports. */
  readonly reason: { readonly text: string; readonly resource: string | null; readonly resourceType: string | null }
  readonly deploy: { readonly kind: 'template' | 'plan'; readonly text: string }
  readonly account: string
  readonly org: string | null
  readonly expected: FaultExpected
}

const statement = (service: string, more: object = {}): object => ({
  Effect: 'Allow',
  Principal: { Service: service },
  Action: 'sts:AssumeRole',
  ...more,
})
const document = (...statements: readonly object[]) => ({ Version: '2012-10-17', Statement: statements })
const trusting = (service: string) => document(statement(service))

type World = {
  /** Null: the role is not there. */
  readonly live: { readonly trust: object; readonly createdAt: string } | null
  /** How the source makes the role. Null: it only names it. */
  readonly made: { readonly trust: object; readonly name: string | null } | null
  readonly rcp?: object
}

const OLD = '2026-01-01T00:00:00Z'
/** Forty seconds before the failure. */
const NEW = '2026-11-29T08:59:20Z'

const WORLDS: readonly {
  readonly about: string
  readonly expected: FaultExpected
  readonly of: (service: string) => World
}[] = [
  {
    about: 'the live role trusts another service',
    expected: 'patch',
    of: () => ({ live: { trust: trusting(OTHER), createdAt: OLD }, made: null }),
  },
  {
    about: 'the live role trusts the service and is new',
    expected: 'retry',
    of: service => ({ live: { trust: trusting(service), createdAt: NEW }, made: null }),
  },
  {
    about: 'the source makes the role with the wrong trust, and the rollback deleted it',
    expected: 'code',
    of: () => ({ live: null, made: { trust: trusting(OTHER), name: NAME } }),
  },
  {
    about: 'nobody makes the role, and it does not exist',
    expected: 'missing',
    of: () => ({ live: null, made: null }),
  },
  {
    about: 'a resource control policy denies',
    expected: 'owner',
    of: service => ({
      live: { trust: trusting(service), createdAt: OLD },
      made: null,
      rcp: document({ Effect: 'Deny', Principal: '*', Action: 'sts:AssumeRole', Resource: '*' }),
    }),
  },
]

const FURTHER: readonly (typeof WORLDS)[number][] = [
  {
    about: 'the source makes the role with the right trust, and the rollback deleted it',
    expected: 'retry',
    of: service => ({ live: null, made: { trust: trusting(service), name: NAME } }),
  },
  {
    about: 'the source makes the role without a name and with the wrong trust',
    expected: 'code',
    of: () => ({ live: null, made: { trust: trusting(OTHER), name: null } }),
  },
  {
    about: 'the trust policy itself denies the service',
    expected: 'owner',
    of: service => ({
      live: { trust: document(statement(service), statement(service, { Effect: 'Deny' })), createdAt: OLD },
      made: null,
    }),
  },
]

const filled = (value: unknown, role: unknown): unknown =>
  value === GIVEN
    ? role
    : Array.isArray(value)
      ? value.map(one => filled(one, role))
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filled(one, role)]))
        : value

function templateOf({ type, properties, reportedBy }: Sentence, { made }: World): string {
  const role = made === null ? ROLE : { 'Fn::GetAtt': ['WorkerRole', 'Arn'] }
  const own = made === null ? {} : { RoleName: made.name ?? undefined, AssumeRolePolicyDocument: made.trust }
  return JSON.stringify(
    {
      Resources: {
        ...(made === null ? {} : { WorkerRole: { Type: 'AWS::IAM::Role', Properties: own } }),
        Worker: { Type: type, Properties: filled(properties, role) },
        ...(reportedBy === undefined ? {} : { Reporter: { Type: reportedBy, Properties: {} } }),
      },
    },
    null,
    2,
  )
}

function planOf({ terraform: [type, attributes] }: Sentence, { made }: World): string {
  const change = (address: string, ofType: string, after: unknown) => ({
    ...{ address, mode: 'managed', type: ofType, name: address.split('.')[1] },
    change: { actions: ['create'], before: null, after, after_unknown: {} },
  })
  const role = { name: NAME, path: '/', arn: ROLE, assume_role_policy: JSON.stringify(made?.trust) }
  return JSON.stringify({
    format_version: '1.2',
    terraform_version: '1.9.0',
    resource_changes: [
      ...(made === null ? [] : [change('aws_iam_role.worker', 'aws_iam_role', role)]),
      change(`${type}.worker`, type, filled(attributes, ROLE)),
    ],
    configuration: { root_module: {} },
  })
}

function accountOf({ live }: World): string {
  const role = (name: string, trust: object, createdAt: string) => ({
    ...{ RoleName: name, Arn: `${IAM}/${name}`, RoleId: `AROA${name.length}XXXXXXXXXXXXX`, Path: '/' },
    ...{ CreateDate: createdAt, AssumeRolePolicyDocument: trust, RolePolicyList: [], AttachedManagedPolicies: [] },
    ...{ InstanceProfileList: [], Tags: [] },
  })
  return JSON.stringify({
    ...{ UserDetailList: [], GroupDetailList: [], Policies: [] },
    RoleDetailList: [
      role('deployer', trusting('cloudformation.amazonaws.com'), OLD),
      ...(live === null ? [] : [role(NAME, live.trust, live.createdAt)]),
    ],
  })
}

const allowAll = { name: 'FullAWSAccess', document: document({ Effect: 'Allow', Action: '*', Resource: '*' }) }

/** RCPs allow by their own default policy, with a principal. */
const rcpAllowAll = {
  name: 'RCPFullAWSAccess',
  document: document({ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }),
}

function orgOf({ rcp }: World): string | null {
  if (rcp === undefined) return null
  const level = (id: string, more: readonly object[]) => ({
    ...{ id, serviceControlPolicies: [allowAll], resourceControlPolicies: [rcpAllowAll, ...more] },
  })
  const path = [level('r-root', []), level(ACCOUNT_ID, [{ name: 'NoServices', document: rcp }])]
  return JSON.stringify({
    ...{ organizationId: 'o-abc123', managementAccountId: '999999999999' },
    accounts: { [ACCOUNT_ID]: { path } },
  })
}

function caseOf(one: Sentence, world: (typeof WORLDS)[number], isBuild: boolean): FaultCase {
  const state = world.of(one.service)
  const role = state.made?.name === null ? GENERATED : ROLE
  const words = one.text.replaceAll('ROLE', role)
  const [type] = one.terraform
  const build = `│ Error: creating resource (orders): operation error, https response error StatusCode: 400, RequestID: 1, InvalidParameterValueException: ${words}\n│\n│   with ${type}.worker,\n│   on main.tf line 12, in resource "${type}" "worker":\n`
  const stack = `Resource handler returned message: "${words} (Service: Orders, Status Code: 400, Request ID: 646c47ae-dff8-405c-a5ba-cecdc1bd776a)" (RequestToken: 0c9d41be-52a3-7d8a-6d1b-3a1f5d2c9e10, HandlerErrorCode: InvalidRequest)`
  const reporter = one.reportedBy ?? one.type
  return {
    name: `${isBuild ? 'a build' : 'a stack'}: ${one.text.slice(0, 60)}: ${world.about}`,
    source: one.source,
    service: one.service,
    reason: isBuild
      ? { text: build, resource: null, resourceType: null }
      : {
          text: stack,
          resource: one.reportedBy === undefined ? 'Worker' : 'Reporter',
          resourceType: reporter,
        },
    deploy: isBuild ? { kind: 'plan', text: planOf(one, state) } : { kind: 'template', text: templateOf(one, state) },
    account: accountOf(state),
    org: orgOf(state),
    // A mere code is no sentence of a service: where the trust is right, it says nothing about the role.
    expected: one.text.startsWith('Invalid service role') && world.expected === 'retry' ? 'silent' : world.expected,
  }
}

const isCode = ({ text }: Sentence) => text.startsWith('Invalid service role')
const madeWithoutName = FURTHER[1]

export const FAULT_CASES: readonly FaultCase[] = [
  ...SENTENCES.flatMap((one, at) => WORLDS.map((world, of) => caseOf(one, world, !isCode(one) && (at + of) % 3 === 2))),
  ...SENTENCES.slice(0, 6).flatMap(one => FURTHER.map(world => caseOf(one, world, false))),
  ...SENTENCES.slice(0, 6).flatMap(one =>
    FURTHER.filter(world => world !== madeWithoutName).map(world => caseOf(one, world, true)),
  ),
]
