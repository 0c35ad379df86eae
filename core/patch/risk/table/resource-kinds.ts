/**
 * The resource types of the catalogue's actions: the format of their ARNs and their names in texts.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
export type KindRow = {
  /** `{region}`, `{account}` and `{name}` are variable. Null: the action has no resource, so only `*` covers it. */
  readonly arn: string | null
  readonly label: string
  /** Resources of the organization: management and delegated accounts can use those of other accounts. */
  readonly shared?: true
  /** Resources of this type on which the action has no effect. */
  readonly harmless?: RegExp
}

const kind = (arn: string | null, label: string, harmless?: RegExp): KindRow =>
  harmless === undefined ? { arn, label } : { arn, label, harmless }
const shared = (arn: string, label: string): KindRow => ({ arn, label, shared: true })

export const RESOURCE_KINDS = {
  none: kind(null, 'resource'),

  // IAM. Service-linked roles and roles of Identity Center cannot be edited, and AWS managed policies belong to AWS.
  role: kind('arn:aws:iam::{account}:role/{name}', 'role', /:role\/(aws-service-role|aws-reserved)\//),
  user: kind('arn:aws:iam::{account}:user/{name}', 'user'),
  group: kind('arn:aws:iam::{account}:group/{name}', 'group'),
  policy: kind('arn:aws:iam::{account}:policy/{name}', 'managed policy', /^arn:[a-z-]+:iam::aws:/),
  'instance-profile': kind('arn:aws:iam::{account}:instance-profile/{name}', 'instance profile'),
  'oidc-provider': kind('arn:aws:iam::{account}:oidc-provider/{name}', 'OIDC provider'),
  'saml-provider': kind('arn:aws:iam::{account}:saml-provider/{name}', 'SAML provider'),
  mfa: kind('arn:aws:iam::{account}:mfa/{name}', 'MFA device'),
  'root-user': shared('arn:aws:iam::{account}:root', 'account root user'),

  // Identity Center and its directories
  'sso-instance': kind('arn:aws:sso:::instance/ssoins-{name}', 'Identity Center instance'),
  'permission-set': kind('arn:aws:sso:::permissionSet/ssoins-{name}/ps-{name}', 'permission set'),
  'sso-account': kind('arn:aws:sso:::account/{name}', 'account assignment'),
  'identity-store': shared('arn:aws:identitystore::{account}:identitystore/d-{name}', 'identity store'),
  'identity-store-group': kind('arn:aws:identitystore:::group/{name}', 'Identity Center group'),
  'identity-store-user': kind('arn:aws:identitystore:::user/{name}', 'Identity Center user'),
  directory: kind('arn:aws:ds:{region}:{account}:directory/{name}', 'directory'),

  // Organizations
  'org-account': shared('arn:aws:organizations::{account}:account/o-{name}/{name}', 'member account'),
  'org-policy': shared('arn:aws:organizations::{account}:policy/o-{name}/{name}/p-{name}', 'organization policy'),
  'org-root': shared('arn:aws:organizations::{account}:root/o-{name}/r-{name}', 'organization root'),
  'org-unit': shared('arn:aws:organizations::{account}:ou/o-{name}/ou-{name}', 'organizational unit'),
  'org-resource-policy': shared(
    'arn:aws:organizations::{account}:resourcepolicy/o-{name}/rp-{name}',
    'delegation policy of the organization',
  ),
  handshake: shared('arn:aws:organizations::{account}:handshake/o-{name}/{name}/h-{name}', 'invitation'),
  'account-in-organization': shared('arn:aws:account::{account}:account/o-{name}/{name}', 'member account'),
  'enabled-control': kind('arn:aws:controltower:{region}:{account}:enabledcontrol/{name}', 'Control Tower control'),

  // Compute
  function: kind('arn:aws:lambda:{region}:{account}:function:{name}', 'Lambda function'),
  'microvm-image': kind('arn:aws:lambda:{region}:{account}:microvm-image:{name}', 'Lambda MicroVM image'),
  instance: kind('arn:aws:ec2:{region}:{account}:instance/i-{name}', 'EC2 instance'),
  'launch-template': kind('arn:aws:ec2:{region}:{account}:launch-template/lt-{name}', 'launch template'),
  'spot-request': kind('arn:aws:ec2:{region}:{account}:spot-instances-request/sir-{name}', 'Spot request'),
  'spot-fleet': kind('arn:aws:ec2:{region}:{account}:spot-fleet-request/sfr-{name}', 'Spot fleet'),
  'ec2-fleet': kind('arn:aws:ec2:{region}:{account}:fleet/fleet-{name}', 'EC2 fleet'),
  'auto-scaling-group': kind(
    'arn:aws:autoscaling:{region}:{account}:autoScalingGroup:{name}:autoScalingGroupName/{name}',
    'Auto Scaling group',
  ),
  'launch-configuration': kind(
    'arn:aws:autoscaling:{region}:{account}:launchConfiguration:{name}:launchConfigurationName/{name}',
    'launch configuration',
  ),
  'managed-instance': kind('arn:aws:ssm:{region}:{account}:managed-instance/mi-{name}', 'managed node'),
  cluster: kind('arn:aws:ecs:{region}:{account}:cluster/{name}', 'ECS cluster'),
  'task-definition': kind('arn:aws:ecs:{region}:{account}:task-definition/{name}:{name}', 'task definition'),
  service: kind('arn:aws:ecs:{region}:{account}:service/{name}/{name}', 'ECS service'),
  task: kind('arn:aws:ecs:{region}:{account}:task/{name}/{name}', 'ECS task'),
  'task-of-session': kind('arn:aws:ecs:{region}:{account}:task/{name}', 'ECS task'),
  'task-set': kind('arn:aws:ecs:{region}:{account}:task-set/{name}/{name}/{name}', 'ECS task set'),
  daemon: kind('arn:aws:ecs:{region}:{account}:daemon/{name}/{name}', 'ECS daemon'),
  'daemon-task-definition': kind(
    'arn:aws:ecs:{region}:{account}:daemon-task-definition/{name}:{name}',
    'daemon task definition',
  ),
  'eks-cluster': kind('arn:aws:eks:{region}:{account}:cluster/{name}', 'EKS cluster'),
  'access-entry': kind(
    'arn:aws:eks:{region}:{account}:access-entry/{name}/{name}/{name}/{name}/{name}',
    'EKS access entry',
  ),
  'pod-identity-association': kind(
    'arn:aws:eks:{region}:{account}:podidentityassociation/{name}/a-{name}',
    'pod identity association',
  ),
  'virtual-cluster': kind('arn:aws:emr-containers:{region}:{account}:/virtualclusters/{name}', 'EMR virtual cluster'),
  'emr-cluster': kind('arn:aws:elasticmapreduce:{region}:{account}:cluster/j-{name}', 'EMR cluster'),
  'emr-application': kind(
    'arn:aws:emr-serverless:{region}:{account}:/applications/{name}',
    'EMR Serverless application',
  ),
  'batch-job-definition': kind('arn:aws:batch:{region}:{account}:job-definition/{name}', 'Batch job definition'),
  'batch-queue': kind('arn:aws:batch:{region}:{account}:job-queue/{name}', 'Batch job queue'),
  'batch-compute': kind('arn:aws:batch:{region}:{account}:compute-environment/{name}', 'Batch compute environment'),
  'glue-job': kind('arn:aws:glue:{region}:{account}:job/{name}', 'Glue job'),
  'glue-trigger': kind('arn:aws:glue:{region}:{account}:trigger/{name}', 'Glue trigger'),
  'glue-session': kind('arn:aws:glue:{region}:{account}:session/{name}', 'Glue session'),
  'glue-endpoint': kind('arn:aws:glue:{region}:{account}:devEndpoint/{name}', 'Glue development endpoint'),
  'athena-workgroup': kind('arn:aws:athena:{region}:{account}:workgroup/{name}', 'Athena workgroup'),
  'data-pipeline': kind('arn:aws:datapipeline:{region}:{account}:pipeline/{name}', 'data pipeline'),
  'analytics-application': kind(
    'arn:aws:kinesisanalytics:{region}:{account}:application/{name}',
    'Managed Flink application',
  ),
  'notebook-instance': kind('arn:aws:sagemaker:{region}:{account}:notebook-instance/{name}', 'notebook instance'),
  'notebook-lifecycle': kind(
    'arn:aws:sagemaker:{region}:{account}:notebook-instance-lifecycle-config/{name}',
    'notebook lifecycle configuration',
  ),
  'training-job': kind('arn:aws:sagemaker:{region}:{account}:training-job/{name}', 'training job'),
  'processing-job': kind('arn:aws:sagemaker:{region}:{account}:processing-job/{name}', 'processing job'),
  'tuning-job': kind('arn:aws:sagemaker:{region}:{account}:hyper-parameter-tuning-job/{name}', 'tuning job'),
  'transform-job': kind('arn:aws:sagemaker:{region}:{account}:transform-job/{name}', 'transform job'),
  model: kind('arn:aws:sagemaker:{region}:{account}:model/{name}', 'SageMaker model'),
  'endpoint-config': kind('arn:aws:sagemaker:{region}:{account}:endpoint-config/{name}', 'endpoint configuration'),
  endpoint: kind('arn:aws:sagemaker:{region}:{account}:endpoint/{name}', 'SageMaker endpoint'),
  'sagemaker-pipeline': kind('arn:aws:sagemaker:{region}:{account}:pipeline/{name}', 'SageMaker pipeline'),
  'sagemaker-domain': kind('arn:aws:sagemaker:{region}:{account}:domain/{name}', 'SageMaker domain'),
  'sagemaker-profile': kind(
    'arn:aws:sagemaker:{region}:{account}:user-profile/d-{name}/{name}',
    'SageMaker user profile',
  ),
  'sagemaker-app': kind('arn:aws:sagemaker:{region}:{account}:app/d-{name}/{name}/{name}/{name}', 'SageMaker app'),
  'sagemaker-space': kind('arn:aws:sagemaker:{region}:{account}:space/d-{name}/{name}', 'SageMaker space'),
  'sagemaker-cluster': kind('arn:aws:sagemaker:{region}:{account}:cluster/{name}', 'HyperPod cluster'),
  'studio-lifecycle': kind(
    'arn:aws:sagemaker:{region}:{account}:studio-lifecycle-config/{name}',
    'Studio lifecycle configuration',
  ),
  'code-interpreter': kind(
    'arn:aws:bedrock-agentcore:{region}:{account}:code-interpreter-custom/{name}',
    'AgentCore code interpreter',
  ),
  'agent-runtime': kind('arn:aws:bedrock-agentcore:{region}:{account}:runtime/{name}', 'AgentCore runtime'),
  'agent-browser': kind('arn:aws:bedrock-agentcore:{region}:{account}:browser-custom/{name}', 'AgentCore browser'),
  'workload-identity': kind(
    'arn:aws:bedrock-agentcore:{region}:{account}:workload-identity-directory/{name}/workload-identity/{name}',
    'workload identity',
  ),
  'apprunner-service': kind('arn:aws:apprunner:{region}:{account}:service/{name}/{name}', 'App Runner service'),
  'beanstalk-environment': kind(
    'arn:aws:elasticbeanstalk:{region}:{account}:environment/{name}/{name}',
    'Elastic Beanstalk environment',
  ),
  'beanstalk-version': kind(
    'arn:aws:elasticbeanstalk:{region}:{account}:applicationversion/{name}/{name}',
    'Elastic Beanstalk application version',
  ),
  'airflow-environment': kind('arn:aws:airflow:{region}:{account}:environment/{name}', 'Airflow environment'),
  'airflow-workflow': kind('arn:aws:airflow-serverless:{region}:{account}:workflow/{name}', 'Airflow workflow'),
  'appstream-builder': kind('arn:aws:appstream:{region}:{account}:image-builder/{name}', 'AppStream image builder'),
  'appstream-fleet': kind('arn:aws:appstream:{region}:{account}:fleet/{name}', 'AppStream fleet'),
  canary: kind('arn:aws:synthetics:{region}:{account}:canary:{name}', 'Synthetics canary'),
  'omics-run': kind('arn:aws:omics:{region}:{account}:run/{name}', 'HealthOmics run'),
  'braket-job': kind('arn:aws:braket:{region}:{account}:job/{name}', 'Braket job'),
  'gamelift-build': kind('arn:aws:gamelift:{region}:{account}:build/{name}', 'GameLift build'),
  'deadline-queue': kind('arn:aws:deadline:{region}:{account}:farm/{name}/queue/{name}', 'Deadline Cloud queue'),
  'image-component': kind('arn:aws:imagebuilder:{region}:{account}:component/{name}/{name}/{name}', 'image component'),
  'image-recipe': kind('arn:aws:imagebuilder:{region}:{account}:image-recipe/{name}/{name}', 'image recipe'),
  'image-infrastructure': kind(
    'arn:aws:imagebuilder:{region}:{account}:infrastructure-configuration/{name}',
    'image infrastructure configuration',
  ),
  image: kind('arn:aws:imagebuilder:{region}:{account}:image/{name}/{name}/{name}', 'image'),
  'greengrass-component': kind('arn:aws:greengrass:{region}:{account}:components:{name}', 'Greengrass component'),
  'role-alias': kind('arn:aws:iot:{region}:{account}:rolealias/{name}', 'IoT role alias'),
  'iot-policy': kind('arn:aws:iot:{region}:{account}:policy/{name}', 'IoT policy'),
  'iot-certificate': kind('arn:aws:iot:{region}:{account}:cert/{name}', 'IoT certificate'),

  // Delivery
  project: kind('arn:aws:codebuild:{region}:{account}:project/{name}', 'CodeBuild project'),
  sandbox: kind('arn:aws:codebuild:{region}:{account}:sandbox/{name}', 'CodeBuild sandbox'),
  pipeline: kind('arn:aws:codepipeline:{region}:{account}:{name}', 'pipeline'),
  'action-type': kind(
    'arn:aws:codepipeline:{region}:{account}:actiontype:Custom/{name}/{name}/{name}',
    'custom action of pipelines',
  ),
  'deployment-group': kind('arn:aws:codedeploy:{region}:{account}:deploymentgroup:{name}/{name}', 'deployment group'),
  'codedeploy-application': kind('arn:aws:codedeploy:{region}:{account}:application:{name}', 'CodeDeploy application'),
  stack: kind('arn:aws:cloudformation:{region}:{account}:stack/{name}/{name}', 'CloudFormation stack'),
  'stack-set': kind('arn:aws:cloudformation:{region}:{account}:stackset/{name}:{name}', 'StackSet'),
  product: kind('arn:aws:catalog:{region}:{account}:product/prod-{name}', 'Service Catalog product'),
  'ecr-repository': kind('arn:aws:ecr:{region}:{account}:repository/{name}', 'image repository'),
  'cdk-assets': kind('arn:aws:s3:::cdk-{name}-assets-{account}-{name}/{name}', 'assets bucket of the CDK'),
  'amplify-app': kind('arn:aws:amplify:{region}:{account}:apps/{name}', 'Amplify app'),
  'amplify-branch': kind('arn:aws:amplify:{region}:{account}:apps/{name}/branches/{name}', 'Amplify branch'),
  'amplify-job': kind('arn:aws:amplify:{region}:{account}:apps/{name}/branches/{name}/jobs/{name}', 'Amplify job'),

  // Automation. AWS's own documents are fixed, except those that run code from their parameters.
  document: kind(
    'arn:aws:ssm:{region}:{account}:document/{name}',
    'document',
    /:document\/(AWS|Amazon)[^/]*$(?<!\/AWS-(Run(ShellScript|PowerShellScript|RemoteScript|Document|AnsiblePlaybook|SaltState)|ApplyAnsiblePlaybooks|ApplyChefRecipes|ApplyDSCMofs|StartSSHSession|StartInteractiveCommand|StartNonInteractiveCommand|StartPortForwardingSessionToRemoteHost))/,
  ),
  'automation-definition': kind(
    'arn:aws:ssm:{region}:{account}:automation-definition/{name}:{name}',
    'automation runbook',
    /:automation-definition\/(AWS|Amazon)/,
  ),
  association: kind('arn:aws:ssm:{region}:{account}:association/{name}', 'State Manager association'),
  'service-setting': kind('arn:aws:ssm:{region}:{account}:servicesetting/{name}', 'Systems Manager setting'),
  'maintenance-window': kind('arn:aws:ssm:{region}:{account}:maintenancewindow/mw-{name}', 'maintenance window'),
  'ssm-session': kind('arn:aws:ssm:{region}:{account}:session/{name}', 'session of another person'),
  'state-machine': kind('arn:aws:states:{region}:{account}:stateMachine:{name}', 'state machine'),
  schedule: kind('arn:aws:scheduler:{region}:{account}:schedule/{name}/{name}', 'schedule'),
  rule: kind('arn:aws:events:{region}:{account}:rule/{name}', 'EventBridge rule'),
  pipe: kind('arn:aws:pipes:{region}:{account}:pipe/{name}', 'pipe'),
  'experiment-template': kind('arn:aws:fis:{region}:{account}:experiment-template/{name}', 'FIS experiment template'),
  experiment: kind('arn:aws:fis:{region}:{account}:experiment/{name}', 'FIS experiment'),
  remediation: kind('arn:aws:config:{region}:{account}:remediation-configuration/{name}', 'Config remediation'),
  'response-plan': kind('arn:aws:ssm-incidents::{account}:response-plan/{name}', 'response plan'),
  'rest-api': kind('arn:aws:apigateway:{region}::/restapis/{name}', 'REST API'),
  integration: kind(
    'arn:aws:apigateway:{region}::/restapis/{name}/resources/{name}/methods/{name}/integration',
    'API integration',
  ),

  // Federation and tokens
  'trust-anchor': kind('arn:aws:rolesanywhere:{region}:{account}:trust-anchor/{name}', 'Roles Anywhere trust anchor'),
  'anywhere-profile': kind('arn:aws:rolesanywhere:{region}:{account}:profile/{name}', 'Roles Anywhere profile'),
  'certificate-authority': kind(
    'arn:aws:acm-pca:{region}:{account}:certificate-authority/{name}',
    'private certificate authority',
  ),
  'identity-pool': kind(
    'arn:aws:cognito-identity:{region}:{account}:identitypool/{name}:{name}',
    'Cognito identity pool',
  ),
  'user-pool': kind('arn:aws:cognito-idp:{region}:{account}:userpool/{name}_{name}', 'Cognito user pool'),

  // Recording and monitoring
  trail: kind('arn:aws:cloudtrail:{region}:{account}:trail/{name}', 'CloudTrail trail'),
  'event-data-store': kind(
    'arn:aws:cloudtrail:{region}:{account}:eventdatastore/{name}',
    'CloudTrail event data store',
  ),
  detector: kind('arn:aws:guardduty:{region}:{account}:detector/{name}', 'GuardDuty detector'),
  'publishing-destination': kind(
    'arn:aws:guardduty:{region}:{account}:detector/{name}/publishingDestination/{name}',
    'GuardDuty destination',
  ),
  'configuration-recorder': kind('arn:aws:config:{region}:{account}:configuration-recorder/{name}', 'Config recorder'),
  'config-rule': kind('arn:aws:config:{region}:{account}:config-rule/{name}', 'Config rule'),
  'organization-config-rule': kind(
    'arn:aws:config:{region}:{account}:organization-config-rule/{name}',
    'Config rule of the organization',
  ),
  'conformance-pack': kind(
    'arn:aws:config:{region}:{account}:conformance-pack/{name}/{name}',
    'Config conformance pack',
  ),
  'security-hub': kind('arn:aws:securityhub:{region}:{account}:hub/{name}', 'Security Hub'),
  'security-hub-v2': kind('arn:aws:securityhub:{region}:{account}:hubv2/{name}', 'Security Hub'),
  'security-hub-product': kind(
    'arn:aws:securityhub:{region}:{account}:product-subscription/{name}/{name}',
    'product of Security Hub',
  ),
  'detective-graph': kind('arn:aws:detective:{region}:{account}:graph:{name}', 'Detective graph'),
  analyzer: kind('arn:aws:access-analyzer:{region}:{account}:analyzer/{name}', 'access analyzer'),
  'archive-rule': kind(
    'arn:aws:access-analyzer:{region}:{account}:analyzer/{name}/archive-rule/{name}',
    'archive rule',
  ),
  'data-lake': kind('arn:aws:securitylake:{region}:{account}:data-lake/{name}', 'security data lake'),
  'flow-log': kind('arn:aws:ec2:{region}:{account}:vpc-flow-log/fl-{name}', 'VPC flow log'),
  'query-log-config': kind(
    'arn:aws:route53resolver:{region}:{account}:resolver-query-log-config/{name}',
    'DNS query log',
  ),
  'dns-query-log': kind('arn:aws:route53:::queryloggingconfig/{name}', 'DNS query log'),
  'web-acl': kind('arn:aws:wafv2:{region}:{account}:{name}/webacl/{name}/{name}', 'web ACL'),
  firewall: kind('arn:aws:network-firewall:{region}:{account}:firewall/{name}', 'network firewall'),
  'log-group': kind('arn:aws:logs:{region}:{account}:log-group:{name}', 'log group'),
  'log-stream': kind('arn:aws:logs:{region}:{account}:log-group:{name}:log-stream:{name}', 'log stream'),
  'log-destination': kind('arn:aws:logs:{region}:{account}:destination:{name}', 'log destination'),
  alarm: kind('arn:aws:cloudwatch:{region}:{account}:alarm:{name}', 'alarm'),

  // Stored data
  key: kind('arn:aws:kms:{region}:{account}:key/{name}', 'KMS key'),
  'hsm-cluster': kind('arn:aws:cloudhsm:{region}:{account}:cluster/{name}', 'CloudHSM cluster'),
  'hsm-backup': kind('arn:aws:cloudhsm:{region}:{account}:backup/{name}', 'CloudHSM backup'),
  'payment-key': kind('arn:aws:payment-cryptography:{region}:{account}:key/{name}', 'payment key'),
  'recovery-point': kind('arn:aws:backup:{region}:{account}:recovery-point:{name}', 'recovery point'),
  'backup-vault': kind('arn:aws:backup:{region}:{account}:backup-vault:{name}', 'backup vault'),
  'backup-plan': kind('arn:aws:backup:{region}:{account}:backup-plan:{name}', 'backup plan'),
  bucket: kind('arn:aws:s3:::{name}', 'bucket'),
  object: kind('arn:aws:s3:::{name}/{name}', 'bucket'),
  'glacier-vault': kind('arn:aws:glacier:{region}:{account}:vaults/{name}', 'archive vault'),
  table: kind('arn:aws:dynamodb:{region}:{account}:table/{name}', 'DynamoDB table'),
  'table-backup': kind('arn:aws:dynamodb:{region}:{account}:table/{name}/backup/{name}', 'backup of a table'),
  database: kind('arn:aws:rds:{region}:{account}:db:{name}', 'database'),
  'database-cluster': kind('arn:aws:rds:{region}:{account}:cluster:{name}', 'database cluster'),
  'database-snapshot': kind('arn:aws:rds:{region}:{account}:snapshot:{name}', 'database snapshot'),
  'database-cluster-snapshot': kind(
    'arn:aws:rds:{region}:{account}:cluster-snapshot:{name}',
    'database cluster snapshot',
  ),
  'database-backup': kind('arn:aws:rds:{region}:{account}:auto-backup:{name}', 'automated database backup'),
  'database-cluster-backup': kind(
    'arn:aws:rds:{region}:{account}:cluster-auto-backup:{name}',
    'automated database cluster backup',
  ),
  'global-database': kind('arn:aws:rds::{account}:global-cluster:{name}', 'global database'),
  'redshift-cluster': kind('arn:aws:redshift:{region}:{account}:cluster:{name}', 'Redshift cluster'),
  'redshift-snapshot': kind('arn:aws:redshift:{region}:{account}:snapshot:{name}/{name}', 'Redshift snapshot'),
  'redshift-namespace': kind('arn:aws:redshift-serverless:{region}:{account}:namespace/{name}', 'Redshift namespace'),
  'replication-group': kind('arn:aws:elasticache:{region}:{account}:replicationgroup:{name}', 'cache'),
  'cache-snapshot': kind('arn:aws:elasticache:{region}:{account}:snapshot:{name}', 'cache snapshot'),
  'memorydb-cluster': kind('arn:aws:memorydb:{region}:{account}:cluster/{name}', 'MemoryDB cluster'),
  'dsql-cluster': kind('arn:aws:dsql:{region}:{account}:cluster/{name}', 'Aurora DSQL cluster'),
  'search-domain': kind('arn:aws:es:{region}:{account}:domain/{name}', 'OpenSearch domain'),
  stream: kind('arn:aws:kinesis:{region}:{account}:stream/{name}', 'Kinesis stream'),
  'kafka-cluster': kind('arn:aws:kafka:{region}:{account}:cluster/{name}/{name}', 'Kafka cluster'),
  queue: kind('arn:aws:sqs:{region}:{account}:{name}', 'queue'),
  volume: kind('arn:aws:ec2:{region}:{account}:volume/vol-{name}', 'disk'),
  'disk-snapshot': kind('arn:aws:ec2:{region}::snapshot/snap-{name}', 'disk snapshot'),
  'machine-image': kind('arn:aws:ec2:{region}::image/ami-{name}', 'machine image'),
  'file-system': kind('arn:aws:elasticfilesystem:{region}:{account}:file-system/fs-{name}', 'file system'),
  'fsx-file-system': kind('arn:aws:fsx:{region}:{account}:file-system/fs-{name}', 'file system'),
  'fsx-backup': kind('arn:aws:fsx:{region}:{account}:backup/backup-{name}', 'file system backup'),
  'hosted-zone': kind('arn:aws:route53:::hostedzone/{name}', 'hosted zone'),
  secret: kind('arn:aws:secretsmanager:{region}:{account}:secret:{name}', 'secret'),
  parameter: kind('arn:aws:ssm:{region}:{account}:parameter/{name}', 'parameter'),
} satisfies { readonly [name: string]: KindRow }

export type ResourceKind = keyof typeof RESOURCE_KINDS

export const kindRow = (kind: ResourceKind): KindRow => RESOURCE_KINDS[kind]
