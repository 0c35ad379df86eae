/**
 * Deploys whose trust is right, wrong or not known, labelled by hand. Each row names who assumes the role of one property, from the
 * guide of its service, and not from the data of rolemedic. A small grammar makes a template and a plan of each row and fault.
 */

export const ACCOUNT_ID = '111122223333'
const OTHER_ACCOUNT = '444455556666'
const REGION = 'eu-west-1'
export const DEPLOYER = `arn:aws:iam::${ACCOUNT_ID}:role/deployer`
const LIVE = 'live-role'
const LIVE_ARN = `arn:aws:iam::${ACCOUNT_ID}:role/${LIVE}`
/** Assumes no role of these. */
const WRONG = 'polly.amazonaws.com'

const ROLE = 'the role goes here'
type Properties = { readonly [key: string]: unknown }

type Label = {
  readonly type: string
  readonly properties: Properties
  readonly terraform: readonly [type: string, attributes: Properties]
  readonly services: readonly string[]
  readonly actions?: readonly string[]
  /** True if the guide says that the service sends `aws:SourceAccount`. */
  readonly sendsAccount?: true
  readonly source: string
}

const docs = (path: string): string => `https://docs.aws.amazon.com/${path}`
const target = { Id: 'one', Arn: `arn:aws:states:${REGION}:${ACCOUNT_ID}:stateMachine:orders`, RoleArn: ROLE }

export const LABELLED: readonly Label[] = [
  {
    type: 'AWS::GuardDuty::MalwareProtectionPlan',
    properties: { Role: ROLE },
    terraform: ['aws_guardduty_malware_protection_plan', { role: ROLE }],
    services: ['malware-protection-plan.guardduty.amazonaws.com'],
    source: docs('guardduty/latest/ug/malware-protection-s3-iam-policy-prerequisite.html'),
  },
  {
    type: 'AWS::Lambda::Function',
    properties: { Role: ROLE },
    terraform: ['aws_lambda_function', { role: ROLE }],
    services: ['lambda.amazonaws.com'],
    source: docs('lambda/latest/dg/lambda-intro-execution-role.html'),
  },
  {
    type: 'AWS::ECS::TaskDefinition',
    properties: { ExecutionRoleArn: ROLE },
    terraform: ['aws_ecs_task_definition', { execution_role_arn: ROLE }],
    services: ['ecs-tasks.amazonaws.com'],
    sendsAccount: true,
    source: docs('AmazonECS/latest/developerguide/task_execution_IAM_role.html'),
  },
  {
    type: 'AWS::StepFunctions::StateMachine',
    properties: { RoleArn: ROLE },
    terraform: ['aws_sfn_state_machine', { role_arn: ROLE }],
    services: ['states.amazonaws.com'],
    sendsAccount: true,
    source: docs('step-functions/latest/dg/procedure-create-iam-role.html'),
  },
  {
    type: 'AWS::Events::Rule',
    properties: { Targets: [target] },
    terraform: ['aws_cloudwatch_event_target', { role_arn: ROLE }],
    services: ['events.amazonaws.com'],
    source: docs('eventbridge/latest/userguide/eb-use-resource-based.html'),
  },
  {
    type: 'AWS::Pipes::Pipe',
    properties: { RoleArn: ROLE },
    terraform: ['aws_pipes_pipe', { role_arn: ROLE }],
    services: ['pipes.amazonaws.com'],
    sendsAccount: true,
    source: docs('eventbridge/latest/userguide/eb-pipes-permissions.html'),
  },
  {
    type: 'AWS::Scheduler::Schedule',
    properties: { Target: { Arn: target.Arn, RoleArn: ROLE } },
    terraform: ['aws_scheduler_schedule', { target: [{ role_arn: ROLE }] }],
    services: ['scheduler.amazonaws.com'],
    sendsAccount: true,
    source: docs('scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html'),
  },
  {
    type: 'AWS::CodeBuild::Project',
    properties: { ServiceRole: ROLE },
    terraform: ['aws_codebuild_project', { service_role: ROLE }],
    services: ['codebuild.amazonaws.com'],
    source: docs('codebuild/latest/userguide/setting-up-service-role.html'),
  },
  {
    type: 'AWS::CodeDeploy::DeploymentGroup',
    properties: { ServiceRoleArn: ROLE },
    terraform: ['aws_codedeploy_deployment_group', { service_role_arn: ROLE }],
    services: ['codedeploy.amazonaws.com'],
    sendsAccount: true,
    source: docs('codedeploy/latest/userguide/getting-started-create-service-role.html'),
  },
  {
    type: 'AWS::CodePipeline::Pipeline',
    properties: { RoleArn: ROLE },
    terraform: ['aws_codepipeline', { role_arn: ROLE }],
    services: ['codepipeline.amazonaws.com'],
    source: docs('codepipeline/latest/userguide/how-to-custom-role.html'),
  },
  {
    type: 'AWS::KinesisFirehose::DeliveryStream',
    properties: { S3DestinationConfiguration: { RoleARN: ROLE } },
    terraform: ['aws_kinesis_firehose_delivery_stream', { extended_s3_configuration: [{ role_arn: ROLE }] }],
    services: ['firehose.amazonaws.com'],
    source: docs('firehose/latest/dev/controlling-access.html'),
  },
  {
    type: 'AWS::RDS::DBInstance',
    properties: { MonitoringRoleArn: ROLE },
    terraform: ['aws_db_instance', { monitoring_role_arn: ROLE }],
    services: ['monitoring.rds.amazonaws.com'],
    sendsAccount: true,
    source: docs('AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html'),
  },
  {
    type: 'AWS::EKS::Cluster',
    properties: { RoleArn: ROLE },
    terraform: ['aws_eks_cluster', { role_arn: ROLE }],
    services: ['eks.amazonaws.com'],
    source: docs('eks/latest/userguide/cluster-iam-role.html'),
  },
  {
    type: 'AWS::EKS::Nodegroup',
    properties: { NodeRole: ROLE },
    terraform: ['aws_eks_node_group', { node_role_arn: ROLE }],
    services: ['ec2.amazonaws.com'],
    source: docs('eks/latest/userguide/create-node-role.html'),
  },
  {
    type: 'AWS::EKS::FargateProfile',
    properties: { PodExecutionRoleArn: ROLE },
    terraform: ['aws_eks_fargate_profile', { pod_execution_role_arn: ROLE }],
    services: ['eks-fargate-pods.amazonaws.com'],
    source: docs('eks/latest/userguide/pod-execution-role.html'),
  },
  {
    type: 'AWS::EKS::PodIdentityAssociation',
    properties: { RoleArn: ROLE },
    terraform: ['aws_eks_pod_identity_association', { role_arn: ROLE }],
    services: ['pods.eks.amazonaws.com'],
    actions: ['sts:AssumeRole', 'sts:TagSession'],
    source: docs('eks/latest/userguide/pod-id-role.html'),
  },
  {
    type: 'AWS::Batch::ComputeEnvironment',
    properties: { ServiceRole: ROLE },
    terraform: ['aws_batch_compute_environment', { service_role: ROLE }],
    services: ['batch.amazonaws.com'],
    sendsAccount: true,
    source: docs('batch/latest/userguide/service_IAM_role.html'),
  },
  {
    type: 'AWS::Glue::Job',
    properties: { Role: ROLE },
    terraform: ['aws_glue_job', { role_arn: ROLE }],
    services: ['glue.amazonaws.com'],
    source: docs('glue/latest/dg/create-an-iam-role.html'),
  },
  {
    type: 'AWS::Glue::Crawler',
    properties: { Role: ROLE },
    terraform: ['aws_glue_crawler', { role: ROLE }],
    services: ['glue.amazonaws.com'],
    source: docs('glue/latest/dg/create-an-iam-role.html'),
  },
  {
    type: 'AWS::SageMaker::Model',
    properties: { ExecutionRoleArn: ROLE },
    terraform: ['aws_sagemaker_model', { execution_role_arn: ROLE }],
    services: ['sagemaker.amazonaws.com'],
    source: docs('sagemaker/latest/dg/sagemaker-roles.html'),
  },
  {
    type: 'AWS::SageMaker::NotebookInstance',
    properties: { RoleArn: ROLE },
    terraform: ['aws_sagemaker_notebook_instance', { role_arn: ROLE }],
    services: ['sagemaker.amazonaws.com'],
    source: docs('sagemaker/latest/dg/sagemaker-roles.html'),
  },
  {
    type: 'AWS::ApiGateway::Account',
    properties: { CloudWatchRoleArn: ROLE },
    terraform: ['aws_api_gateway_account', { cloudwatch_role_arn: ROLE }],
    services: ['apigateway.amazonaws.com'],
    source: docs('apigateway/latest/developerguide/set-up-logging.html'),
  },
  {
    type: 'AWS::AppSync::DataSource',
    properties: { ServiceRoleArn: ROLE },
    terraform: ['aws_appsync_datasource', { service_role_arn: ROLE }],
    services: ['appsync.amazonaws.com'],
    source: docs('appsync/latest/devguide/attaching-a-data-source.html'),
  },
  {
    type: 'AWS::IoT::TopicRule',
    properties: { TopicRulePayload: { Actions: [{ S3: { BucketName: 'b', Key: 'k', RoleArn: ROLE } }] } },
    terraform: ['aws_iot_topic_rule', { s3: [{ role_arn: ROLE }] }],
    services: ['iot.amazonaws.com'],
    source: docs('iot/latest/developerguide/iot-create-role.html'),
  },
  {
    type: 'AWS::IoT::RoleAlias',
    properties: { RoleArn: ROLE },
    terraform: ['aws_iot_role_alias', { role_arn: ROLE }],
    services: ['credentials.iot.amazonaws.com'],
    source: docs('iot/latest/developerguide/authorizing-direct-aws.html'),
  },
  {
    type: 'AWS::MWAA::Environment',
    properties: { ExecutionRoleArn: ROLE },
    terraform: ['aws_mwaa_environment', { execution_role_arn: ROLE }],
    services: ['airflow.amazonaws.com', 'airflow-env.amazonaws.com'],
    sendsAccount: true,
    source: docs('mwaa/latest/userguide/mwaa-create-role.html'),
  },
  {
    type: 'AWS::Config::ConfigurationRecorder',
    properties: { RoleARN: ROLE },
    terraform: ['aws_config_configuration_recorder', { role_arn: ROLE }],
    services: ['config.amazonaws.com'],
    sendsAccount: true,
    source: docs('config/latest/developerguide/iamrole-permissions.html'),
  },
  {
    type: 'AWS::CloudTrail::Trail',
    properties: { CloudWatchLogsRoleArn: ROLE },
    terraform: ['aws_cloudtrail', { cloud_watch_logs_role_arn: ROLE }],
    services: ['cloudtrail.amazonaws.com'],
    source: docs('awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html'),
  },
  {
    type: 'AWS::Backup::BackupSelection',
    properties: { BackupSelection: { IamRoleArn: ROLE } },
    terraform: ['aws_backup_selection', { iam_role_arn: ROLE }],
    services: ['backup.amazonaws.com'],
    source: docs('aws-backup/latest/devguide/iam-service-roles.html'),
  },
  {
    type: 'AWS::DLM::LifecyclePolicy',
    properties: { ExecutionRoleArn: ROLE },
    terraform: ['aws_dlm_lifecycle_policy', { execution_role_arn: ROLE }],
    services: ['dlm.amazonaws.com'],
    sendsAccount: true,
    source: docs('ebs/latest/userguide/service-role.html'),
  },
  {
    type: 'AWS::Transfer::User',
    properties: { Role: ROLE },
    terraform: ['aws_transfer_user', { role: ROLE }],
    services: ['transfer.amazonaws.com'],
    sendsAccount: true,
    source: docs('transfer/latest/userguide/requirements-roles.html'),
  },
  {
    type: 'AWS::EC2::FlowLog',
    properties: { DeliverLogsPermissionArn: ROLE },
    terraform: ['aws_flow_log', { iam_role_arn: ROLE }],
    services: ['vpc-flow-logs.amazonaws.com'],
    sendsAccount: true,
    source: docs('vpc/latest/userguide/flow-logs-iam-role.html'),
  },
  {
    type: 'AWS::Redshift::Cluster',
    properties: { IamRoles: [ROLE] },
    terraform: ['aws_redshift_cluster', { iam_roles: [ROLE] }],
    services: ['redshift.amazonaws.com'],
    source: docs('redshift/latest/mgmt/authorizing-redshift-service.html'),
  },
  {
    type: 'AWS::AppRunner::Service',
    properties: { InstanceConfiguration: { InstanceRoleArn: ROLE } },
    terraform: ['aws_apprunner_service', { instance_configuration: [{ instance_role_arn: ROLE }] }],
    services: ['tasks.apprunner.amazonaws.com'],
    source: docs('apprunner/latest/dg/security_iam_service-with-iam.html'),
  },
  {
    type: 'AWS::Logs::SubscriptionFilter',
    properties: { RoleArn: ROLE },
    terraform: ['aws_cloudwatch_log_subscription_filter', { role_arn: ROLE }],
    services: ['logs.amazonaws.com'],
    source: docs('AmazonCloudWatch/latest/logs/SubscriptionFilters.html'),
  },
  {
    type: 'AWS::S3::Bucket',
    properties: { ReplicationConfiguration: { Role: ROLE } },
    terraform: ['aws_s3_bucket_replication_configuration', { role: ROLE }],
    services: ['s3.amazonaws.com'],
    source: docs('AmazonS3/latest/userguide/setting-repl-config-perm-overview.html'),
  },
]

type Statement = { readonly [key: string]: unknown }
export type Expected = 'allowed' | 'denied' | 'unknown'

export type TrustCase = {
  readonly name: string
  readonly label: Label
  readonly source: string
  readonly live: readonly Statement[] | null
  readonly answer: Expected
  readonly fix: 'patch' | 'code' | null
}

const documentOf = (statements: readonly Statement[]) => ({ Version: '2012-10-17', Statement: statements })
const trustFor = (
  { actions = ['sts:AssumeRole'] }: Label,
  services: readonly string[],
  more: Statement = {},
): Statement => ({
  Effect: 'Allow',
  Principal: { Service: services },
  Action: actions,
  ...more,
})
const inAccount = (id: string) => ({ Condition: { StringEquals: { 'aws:SourceAccount': id } } })

/** Made: by the source, with a name of the deploy's own; set: by the source, for the role that is there. */
type Kind = {
  readonly name: string
  readonly role: 'made' | 'set' | 'live'
  readonly trust: (label: Label) => readonly Statement[]
  readonly live?: (label: Label) => readonly Statement[]
  readonly answer: (label: Label) => Expected
  readonly fix: TrustCase['fix']
}

const right = (label: Label) => [trustFor(label, label.services)]
const wrong = (label: Label) => [trustFor(label, [WRONG])]
const denial = (label: Label): Statement => ({ Effect: 'Deny', Principal: { Service: label.services }, Action: '*' })
const bySender =
  (known: Expected) =>
  ({ sendsAccount }: Label): Expected =>
    sendsAccount === true ? known : 'unknown'

const KINDS: readonly Kind[] = [
  { name: 'made right', role: 'made', trust: right, answer: () => 'allowed', fix: null },
  { name: 'made for another service', role: 'made', trust: wrong, answer: () => 'denied', fix: 'code' },
  { name: 'made for nobody', role: 'made', trust: () => [], answer: () => 'denied', fix: 'code' },
  {
    name: 'made with a Deny',
    role: 'made',
    trust: label => [...right(label), denial(label)],
    answer: () => 'denied',
    fix: 'code',
  },
  {
    name: 'made for this account',
    role: 'made',
    trust: label => [trustFor(label, label.services, inAccount(ACCOUNT_ID))],
    answer: bySender('allowed'),
    fix: null,
  },
  {
    name: 'made for another account',
    role: 'made',
    trust: label => [trustFor(label, label.services, inAccount(OTHER_ACCOUNT))],
    answer: bySender('denied'),
    fix: 'code',
  },
  { name: 'live right', role: 'live', trust: () => [], live: right, answer: () => 'allowed', fix: null },
  {
    name: 'live for another service',
    role: 'live',
    trust: () => [],
    live: wrong,
    answer: () => 'denied',
    fix: 'patch',
  },
  { name: 'live wrong, set right', role: 'set', trust: right, live: wrong, answer: () => 'allowed', fix: null },
  { name: 'live right, set wrong', role: 'set', trust: wrong, live: right, answer: () => 'denied', fix: 'code' },
  {
    name: 'under a condition that nobody documents',
    role: 'made',
    trust: label => [
      trustFor(label, label.services, { Condition: { StringEquals: { 'aws:SourceOrgID': 'o-abc123' } } }),
    ],
    answer: () => 'unknown',
    fix: null,
  },
]

export const TRUST_CASES: readonly TrustCase[] = LABELLED.flatMap(label =>
  KINDS.flatMap(kind => {
    const answer = kind.answer(label)
    const common = {
      label,
      live: kind.live?.(label) ?? null,
      answer,
      fix: answer === 'denied' ? kind.fix : null,
    }
    return [
      { ...common, name: `${label.type}, ${kind.name}`, source: templateOf(label, kind) },
      { ...common, name: `${label.terraform[0]}, ${kind.name}`, source: planOf(label, kind) },
    ]
  }),
)

function templateOf(label: Label, kind: Kind): string {
  const role = {
    Type: 'AWS::IAM::Role',
    Properties: {
      ...(kind.role === 'set' ? { RoleName: LIVE } : {}),
      AssumeRolePolicyDocument: documentOf(kind.trust(label)),
    },
  }
  const worth = kind.role === 'live' ? LIVE_ARN : { 'Fn::GetAtt': ['Role', 'Arn'] }
  const user = { Type: label.type, Properties: filled(label.properties, worth) }
  return JSON.stringify({ Resources: { User: user, ...(kind.role === 'live' ? {} : { Role: role }) } })
}

/** The value of every place that holds the role; places without one are left out where `others` is false. */
function filled(value: unknown, worth: unknown, others = true): unknown {
  if (value === ROLE) return worth
  if (Array.isArray(value)) return value.map(one => filled(one, worth, others))
  if (typeof value !== 'object' || value === null) return others ? value : undefined
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filled(one, worth, others)]))
}

function planOf(label: Label, kind: Kind): string {
  const [type, attributes] = label.terraform
  const isUnknown = kind.role === 'made'
  const made = (after: object, unknown: object) => ({
    address: 'aws_iam_role.made',
    mode: 'managed',
    type: 'aws_iam_role',
    name: 'made',
    change: { actions: ['create'], after, after_unknown: unknown },
  })
  const trust = { assume_role_policy: JSON.stringify(documentOf(kind.trust(label))) }
  const role =
    kind.role === 'live'
      ? []
      : [kind.role === 'set' ? made({ name: LIVE, ...trust }, { arn: true }) : made(trust, { name: true, arn: true })]
  const user = {
    address: `${type}.user`,
    mode: 'managed',
    type,
    name: 'user',
    change: {
      actions: ['create'],
      after: isUnknown ? filled(attributes, undefined) : filled(attributes, LIVE_ARN),
      after_unknown: isUnknown ? filled(attributes, true, false) : {},
    },
  }
  const expressions = isUnknown
    ? filled(attributes, { references: ['aws_iam_role.made.arn', 'aws_iam_role.made'] })
    : {}
  const configured = [
    { address: 'aws_iam_role.made', mode: 'managed', type: 'aws_iam_role', name: 'made', expressions: {} },
    { address: `${type}.user`, mode: 'managed', type, name: 'user', expressions },
  ]
  return JSON.stringify({
    format_version: '1.2',
    resource_changes: [...role, user],
    configuration: { root_module: { resources: configured } },
  })
}

const roleDetail = (name: string, trust: readonly Statement[], policies: readonly Statement[]) => ({
  Path: '/',
  RoleName: name,
  RoleId: `AROA${name.toUpperCase().replaceAll('-', '')}XXXXXXXX`,
  Arn: `arn:aws:iam::${ACCOUNT_ID}:role/${name}`,
  CreateDate: '2026-01-01T00:00:00Z',
  AssumeRolePolicyDocument: documentOf(trust),
  InstanceProfileList: [],
  RolePolicyList: policies.length === 0 ? [] : [{ PolicyName: 'own', PolicyDocument: documentOf(policies) }],
  AttachedManagedPolicies: [],
  Tags: [],
  RoleLastUsed: {},
})

/** The account of a case, as `get-account-authorization-details` prints it. */
export const accountOf = ({ live }: Pick<TrustCase, 'live'>): string =>
  JSON.stringify({
    UserDetailList: [],
    GroupDetailList: [],
    RoleDetailList: [
      roleDetail(
        'deployer',
        [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT_ID}:root` }, Action: 'sts:AssumeRole' }],
        [{ Effect: 'Allow', Action: 'iam:PassRole', Resource: '*' }],
      ),
      ...(live === null ? [] : [roleDetail(LIVE, live, [])]),
    ],
    Policies: [],
  })
