/**
 * What CloudFormation calls in the name of who deploys, by the type of resource: the permissions of the handlers in the registry's
 * schemas, for the properties that our templates set. https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
 */
export type NeededCalls = { readonly actions: string; readonly on: readonly string[] }

const HUB = '111122223333'
const arn = (service: string, rest: string): string => `arn:aws:${service}:*:${HUB}:${rest}`
const ANY = ['*']

const API: NeededCalls = {
  actions: 'apigateway:DELETE GET PATCH POST PUT',
  on: ['apis', 'apis/*', 'domainnames*', 'tags/*'].map(path => `arn:aws:apigateway:*::/${path}`),
}
const BUS = [arn('events', 'event-bus/rolemedic*'), arn('events', 'rule/rolemedic*')]
const ROLES = [`arn:aws:iam::${HUB}:role/rolemedic-*`]
/** Mappings have tags, and names that nobody chooses. */
const FUNCTIONS = [arn('lambda', 'function:rolemedic-*'), arn('lambda', 'event-source-mapping:*')]
const WATCHED = [arn('cloudwatch', 'alarm:rolemedic-*'), `arn:aws:cloudwatch::${HUB}:dashboard/rolemedic*`]
const KEYS = [arn('kms', 'key/*'), arn('kms', 'alias/rolemedic*')]
const BUCKETS = ['arn:aws:s3:::rolemedic-state-*']
const TOPICS = [arn('sns', 'rolemedic*')]
const QUEUES = [arn('sqs', 'rolemedic-*')]
const SECRETS = [arn('secretsmanager', 'secret:rolemedic/*')]
const ROLE: NeededCalls = {
  actions:
    'iam:AttachRolePolicy CreateRole DeleteRole DeleteRolePermissionsBoundary DeleteRolePolicy DetachRolePolicy GetRole GetRolePolicy ListAttachedRolePolicies ListRolePolicies PassRole PutRolePermissionsBoundary PutRolePolicy TagRole UntagRole UpdateAssumeRolePolicy UpdateRole',
  on: ROLES,
}
const QUEUE: NeededCalls = {
  actions:
    'sqs:CreateQueue DeleteQueue GetQueueAttributes GetQueueUrl ListQueueTags SetQueueAttributes TagQueue UntagQueue',
  on: QUEUES,
}
const TOPIC: NeededCalls = {
  actions:
    'sns:CreateTopic DeleteTopic GetSubscriptionAttributes GetTopicAttributes ListSubscriptionsByTopic ListTagsForResource SetTopicAttributes Subscribe TagResource Unsubscribe UntagResource',
  on: TOPICS,
}
const SCHEDULE: NeededCalls = {
  actions:
    'scheduler:CreateSchedule CreateScheduleGroup DeleteSchedule DeleteScheduleGroup GetSchedule GetScheduleGroup ListTagsForResource TagResource UntagResource UpdateSchedule',
  on: [arn('scheduler', 'schedule*/rolemedic*')],
}
// Left out is what the SCPs keep for others, of things that the stack retains: DeleteSecret, UpdateSecret, and DeleteTable.
const SECRET: NeededCalls = {
  actions:
    'secretsmanager:CreateSecret DeleteResourcePolicy DescribeSecret GetResourcePolicy PutResourcePolicy TagResource UntagResource ValidateResourcePolicy',
  on: SECRETS,
}
const EVENTS: NeededCalls = {
  actions:
    'events:CreateEventBus DeleteEventBus DeleteRule DescribeEventBus DescribeRule EnableRule ListTagsForResource ListTargetsByRule PutRule PutTargets RemoveTargets TagResource UntagResource UpdateEventBus',
  on: BUS,
}
/** They take no resource. */
const BUS_POLICY: NeededCalls = { actions: 'events:PutPermission RemovePermission', on: ANY }
const KEY: NeededCalls = {
  actions:
    'kms:CancelKeyDeletion CreateAlias DeleteAlias DescribeKey DisableKey DisableKeyRotation EnableKey EnableKeyRotation GetKeyPolicy GetKeyRotationStatus ListResourceTags PutKeyPolicy ScheduleKeyDeletion TagResource UntagResource UpdateAlias UpdateKeyDescription',
  on: KEYS,
}
const FUNCTION: NeededCalls = {
  actions:
    'lambda:AddPermission CreateFunction DeleteFunction DeleteFunctionConcurrency DeleteFunctionEventInvokeConfig Get* ListTags PutFunctionConcurrency PutFunctionEventInvokeConfig RemovePermission TagResource UntagResource UpdateFunctionCode UpdateFunctionConfiguration UpdateFunctionEventInvokeConfig',
  on: FUNCTIONS,
}
const BUCKET: NeededCalls = {
  actions:
    's3:CreateBucket DeleteBucketPolicy GetBucket* GetEncryptionConfiguration PutBucketObjectLockConfiguration PutBucketOwnershipControls PutBucketPolicy PutBucketPublicAccessBlock PutBucketTagging PutBucketVersioning PutEncryptionConfiguration TagResource UntagResource',
  on: BUCKETS,
}
const EVERYWHERE: NeededCalls = {
  actions:
    'cloudwatch:DescribeAlarms kms:CreateKey ListAliases lambda:GetAccountSettings ListEventSourceMappings logs:DescribeLogGroups',
  on: ANY,
}

export const NEEDED_CALLS: { readonly [type: string]: readonly NeededCalls[] } = {
  'AWS::ApiGatewayV2::Api': [API],
  'AWS::ApiGatewayV2::ApiMapping': [API],
  'AWS::ApiGatewayV2::DomainName': [API],
  'AWS::ApiGatewayV2::Integration': [API],
  'AWS::ApiGatewayV2::Route': [API],
  // A stage that writes access logs. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html
  'AWS::ApiGatewayV2::Stage': [
    API,
    {
      actions:
        'logs:CreateLogDelivery DeleteLogDelivery DescribeResourcePolicies GetLogDelivery ListLogDeliveries PutResourcePolicy UpdateLogDelivery',
      on: ANY,
    },
  ],
  'AWS::CloudFormation::WaitConditionHandle': [],
  'AWS::CloudWatch::Alarm': [
    EVERYWHERE,
    {
      actions: 'cloudwatch:DeleteAlarms ListTagsForResource PutMetricAlarm TagResource UntagResource',
      on: WATCHED,
    },
  ],
  'AWS::CloudWatch::Dashboard': [
    { actions: 'cloudwatch:DeleteDashboards GetDashboard PutDashboard TagResource UntagResource', on: WATCHED },
  ],
  'AWS::DynamoDB::Table': [
    {
      actions:
        'dynamodb:CreateTable Describe* GetResourcePolicy ListTagsOfResource TagResource UntagResource UpdateContinuousBackups UpdateTable UpdateTimeToLive',
      on: [arn('dynamodb', 'table/rolemedic')],
    },
  ],
  'AWS::Events::EventBus': [EVENTS],
  'AWS::Events::EventBusPolicy': [EVENTS, BUS_POLICY],
  'AWS::Events::Rule': [EVENTS],
  'AWS::IAM::ManagedPolicy': [
    {
      actions:
        'iam:CreatePolicy CreatePolicyVersion DeletePolicy DeletePolicyVersion GetPolicy GetPolicyVersion ListEntitiesForPolicy ListPolicyVersions TagPolicy UntagPolicy',
      on: [`arn:aws:iam::${HUB}:policy/rolemedic-*`],
    },
  ],
  'AWS::IAM::Policy': [ROLE],
  'AWS::IAM::Role': [ROLE],
  'AWS::KMS::Alias': [KEY],
  'AWS::KMS::Key': [KEY, EVERYWHERE],
  'AWS::Lambda::EventInvokeConfig': [FUNCTION],
  'AWS::Lambda::EventSourceMapping': [
    EVERYWHERE,
    FUNCTION,
    {
      actions:
        'lambda:CreateEventSourceMapping DeleteEventSourceMapping GetEventSourceMapping UpdateEventSourceMapping',
      on: ANY,
    },
  ],
  'AWS::Lambda::Function': [FUNCTION],
  'AWS::Lambda::LayerVersion': [
    {
      actions: 'lambda:DeleteLayerVersion GetLayerVersion PublishLayerVersion',
      on: [arn('lambda', 'layer:rolemedic-*'), arn('lambda', 'layer:rolemedic-*:*')],
    },
  ],
  'AWS::Lambda::Permission': [FUNCTION],
  'AWS::Logs::LogGroup': [
    EVERYWHERE,
    {
      actions:
        'logs:CreateLogGroup DeleteLogGroup DeleteRetentionPolicy ListTagsForResource PutRetentionPolicy TagResource UntagResource',
      on: [arn('logs', 'log-group:/aws/*/rolemedic*')],
    },
  ],
  'AWS::S3::Bucket': [BUCKET],
  'AWS::S3::BucketPolicy': [BUCKET],
  'AWS::SNS::Subscription': [TOPIC],
  'AWS::SNS::Topic': [TOPIC],
  'AWS::SNS::TopicPolicy': [TOPIC],
  'AWS::SQS::Queue': [QUEUE],
  'AWS::SQS::QueuePolicy': [QUEUE],
  'AWS::Scheduler::Schedule': [SCHEDULE],
  'AWS::Scheduler::ScheduleGroup': [SCHEDULE],
  'AWS::SecretsManager::ResourcePolicy': [SECRET],
  'AWS::SecretsManager::Secret': [SECRET],
}

const CODE = 'arn:aws:s3:::REPLACE-WITH-THE-CODE-BUCKET'
const BOOTSTRAP_VERSION = arn('ssm', 'parameter/cdk-bootstrap/hnb659fds/version')
const STACKS = [arn('cloudformation', 'stack/rolemedic-*')]
const TEMPLATES: NeededCalls = {
  actions: 'cloudformation:GetTemplateSummary ListStacks ValidateTemplate',
  on: ANY,
}

/** Beside what the stacks are made of: what each way of deploying calls itself. */
export const DEPLOY_PATHS: { readonly [path: string]: readonly NeededCalls[] } = {
  // The bootstrap's own roles do the rest. https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
  cdk: [
    { actions: 'sts:AssumeRole', on: [`arn:aws:iam::${HUB}:role/cdk-hnb659fds-*-role-${HUB}-*`] },
    { actions: 'ssm:GetParameter', on: [BOOTSTRAP_VERSION] },
  ],
  // Lambda reads the code of a function, and CloudFormation the version of the bootstrap, with the permissions of who deploys it.
  'cdk-execution': [
    { actions: 's3:GetObject', on: [`arn:aws:s3:::cdk-hnb659fds-assets-${HUB}-*`] },
    { actions: 'ssm:GetParameters', on: [BOOTSTRAP_VERSION] },
  ],
  templates: [
    TEMPLATES,
    {
      actions:
        'cloudformation:CreateChangeSet DeleteChangeSet DeleteStack DescribeChangeSet DescribeStackEvents DescribeStackResourceDrifts DescribeStackResources DescribeStacks DetectStackDrift DetectStackResourceDrift ExecuteChangeSet GetTemplate UpdateTerminationProtection',
      on: STACKS,
    },
    { actions: 'cloudformation:DescribeStackDriftDetectionStatus', on: ANY },
    { actions: 's3:GetObject PutObject', on: [`${CODE}/*`] },
    { actions: 's3:ListBucket', on: [CODE] },
  ],
  terraform: [
    TEMPLATES,
    {
      actions:
        'cloudformation:CreateStack DeleteStack DescribeStackEvents DescribeStackResources DescribeStacks GetTemplate SetStackPolicy UpdateStack UpdateTerminationProtection',
      on: STACKS,
    },
    // In a bucket with versions, the provider deletes each version of an object.
    // https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/s3/object.go
    {
      actions:
        's3:DeleteObject DeleteObjectVersion GetObject GetObjectAttributes GetObjectTagging PutObject PutObjectTagging',
      on: [`${CODE}/*`],
    },
    { actions: 's3:GetBucketLocation ListBucket ListBucketVersions', on: [CODE] },
  ],
  // In the management account, or that of a delegated administrator.
  stacksets: [
    {
      actions:
        'cloudformation:ActivateOrganizationsAccess CreateStackInstances CreateStackSet DeleteStackInstances DeleteStackSet DescribeStackInstance DescribeStackSet DescribeStackSetOperation ListStackInstances ListStackSetOperationResults ListStackSetOperations ListStackSets TagResource UntagResource UpdateStackInstances UpdateStackSet organizations:DescribeOrganization DescribeOrganizationalUnit EnableAWSServiceAccess ListAWSServiceAccessForOrganization ListAccounts ListAccountsForParent ListChildren ListOrganizationalUnitsForParent ListParents ListRoots DescribeResourcePolicy PutResourcePolicy',
      on: ANY,
    },
  ],
}
