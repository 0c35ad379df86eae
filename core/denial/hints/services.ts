/** Services and vendors that do not say who was refused which role, but that it is about one. */
import { type HintForm, hintStep, NAMED_ROLE, roleInCommand } from './hint.ts'

const LINKED_ROLE =
  'arn:aws[a-z-]{0,12}:iam::[^:\\s]{0,40}:role\\/aws-service-role\\/(?<service>[a-z0-9][a-z0-9-]{1,39}(?:\\.application-autoscaling)?\\.amazonaws\\.com)\\/AWSServiceRoleFor'

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html */
const missingLinkedRole = ({
  service: speaker,
  ...one
}: Pick<HintForm, 'word' | 'form' | 'unless' | 'example'> & { readonly service?: string }): HintForm => ({
  ...one,
  subject: 'service-linked-role',
  meaning: ({ service = speaker ?? 'the service' }) =>
    `The service-linked role of ${service} is missing in this account, or was made only now: its first use comes before IAM has it everywhere. Who deploys was not denied.`,
  next: ({ service = speaker ?? 'SERVICE' }) => [
    hintStep('Repeat the call after a minute, if it was the first of its kind in the account.'),
    hintStep(
      'Create it once for the account, before what uses it. If it already exists, AWS reports that.',
      `aws iam create-service-linked-role --aws-service-name ${service}`,
      'somebody with iam:CreateServiceLinkedRole',
    ),
  ],
})

export const SERVICE_FORMS: readonly HintForm[] = [
  {
    // https://docs.aws.amazon.com/controltower/latest/userguide/enroll-manually.html
    subject: 'service-cannot-assume',
    word: 'AWS Control Tower is unable to assume',
    form: /AWS Control Tower is unable to assume the (?:(?<role>[\w+=,.@][\w+=,.@-]{0,63})(?<!xxx|XXX)|\S{1,64}) role in (?:the|your|this) account/,
    meaning: ({ role = 'the role' }) =>
      `Control Tower may not assume ${role} in the account that it enrolls: the role is missing there, or does not trust the management account.`,
    next: names => [
      hintStep(
        'See in that account whether the role exists and names the management account as Principal, with sts:AssumeRole; AdministratorAccess has to be attached to it.',
        `aws iam get-role --role-name ${roleInCommand(names)} --query Role.AssumeRolePolicyDocument`,
        'an administrator of that account',
      ),
    ],
    example: {
      text: "AWS Control Tower is unable to assume the AWSControlTowerExecution role in the account.Add the role to your account if it's not present, and try again",
      source: 'https://repost.aws/knowledge-center/aws-control-tower-role-troubleshoot',
    },
  },
  {
    subject: 'external-id',
    word: 'Error assuming AWS_ROLE',
    form: /Error assuming AWS_ROLE(?:\.|:)? Please verify the role and externalId are configured correctly/,
    meaning:
      "Snowflake may not assume the role: its trust policy does not name Snowflake's user with the external id of this integration.",
    next: [
      hintStep(
        'See in Snowflake the user and the external id of the integration: CREATE OR REPLACE gives it another one.',
        'DESC INTEGRATION NAME',
      ),
      hintStep(
        'The trust policy of the role has to let STORAGE_AWS_IAM_USER_ARN in, with sts:ExternalId = STORAGE_AWS_EXTERNAL_ID.',
        'aws iam get-role --role-name ROLE --query Role.AssumeRolePolicyDocument',
        'an administrator of the account',
      ),
    ],
    example: {
      text: 'SQL execution error: Error assuming AWS_ROLE. Please verify the role and externalId are configured correctly in your AWS policy.',
      source: 'https://dk521123.hatenablog.com/entry/2022/11/25/175912',
    },
  },
  {
    subject: 'external-id',
    word: 'AssumeRoleInput.ExternalId',
    form: /minimum field size of 2, AssumeRoleInput\.ExternalId/,
    meaning: 'The tool sends an empty external id, so AWS was not asked.',
    next: [
      hintStep(
        'Leave the external id out, or set it to the value that the trust policy of the role asks for; update the tool if it has no such setting.',
        'aws iam get-role --role-name ROLE --query Role.AssumeRolePolicyDocument',
      ),
    ],
    example: {
      text: 'InvalidParameter: 1 validation error(s) found.\\n- minimum field size of 2, AssumeRoleInput.ExternalId.',
      source: 'https://github.com/fleetdm/fleet/issues/19400',
    },
  },
  {
    subject: 'service-cannot-assume',
    word: 'Not authorized to get credentials of role',
    form: new RegExp(`Not authorized to get credentials of role ${NAMED_ROLE}`),
    meaning:
      'Redshift may not assume this role: its trust policy does not let the service in, or the cluster does not have the role.',
    next: names => [
      hintStep(
        'Allow redshift.amazonaws.com sts:AssumeRole in the trust policy of the role (redshift-serverless.amazonaws.com too, for Serverless).',
        `aws iam get-role --role-name ${roleInCommand(names)} --query Role.AssumeRolePolicyDocument`,
        'an administrator of the account',
      ),
      hintStep(
        'The cluster has to have the role.',
        'aws redshift describe-clusters --cluster-identifier CLUSTER --query Clusters[].IamRoles',
      ),
    ],
    example: {
      text: 'ERROR:  Not authorized to get credentials of role arn:aws:iam::111122223333:role/dms-access-for-endpoint',
      source: 'https://github.com/terraform-aws-modules/terraform-aws-dms/issues/5',
    },
  },
  {
    subject: 'service-cannot-assume',
    word: 'is not configured properly',
    form: new RegExp(`The IAM Role ${NAMED_ROLE}\\S{0,400} is not configured properly`),
    meaning:
      'Database Migration Service cannot use a role of this account: it does not exist under this name, its trust policy does not let the service in, or its managed policy is not attached. Who deploys was not denied.',
    next: names => [
      hintStep(
        'Check that the role exists under exactly this name, and that its trust policy allows sts:AssumeRole to dms.amazonaws.com.',
        `aws iam get-role --role-name ${roleInCommand(names)} --query Role.AssumeRolePolicyDocument`,
        'an administrator of the account',
      ),
      hintStep(
        'Check that its managed policy is attached: AmazonDMSVPCManagementRole to dms-vpc-role. Where the same deploy attaches it, the replication instance has to depend on the attachment; if that was within the last minute, try again.',
        `aws iam list-attached-role-policies --role-name ${roleInCommand(names)}`,
        'an administrator of the account',
      ),
    ],
    example: {
      text: 'Instance The IAM Role arn:aws:iam::111122223333:role/dms-vpc-role is not configured properly. (Service: AWSDatabaseMigrationService; Status Code: 400; Error Code: AccessDeniedFault; Request ID: A)',
      source: 'https://github.com/aws/aws-cdk/issues/7632',
    },
  },
  {
    // https://docs.aws.amazon.com/vm-import/latest/userguide/vmimport-troubleshooting.html
    subject: 'service-cannot-assume',
    word: 'sufficient permissions',
    form: /[Tt]he service role [<"']?(?:(?<role>[\w+=,.@][\w+=,.@-]{0,63})[>"']? )?(?:provided )?does not exist or does not have sufficient permissions/,
    meaning:
      'VM Import/Export cannot use the role that it was given: it does not exist under this name, its trust policy does not let the service in, or its permissions are not enough.',
    next: names => [
      hintStep(
        'Check that the role exists under exactly this name (without --role-name it is vmimport), and that its trust policy allows sts:AssumeRole to vmie.amazonaws.com with sts:ExternalId = vmimport. If it was made within the last minute, try again.',
        `aws iam get-role --role-name ${roleInCommand(names)} --query Role.AssumeRolePolicyDocument`,
        'an administrator of the account',
      ),
      hintStep(
        'The role needs its permissions on the bucket of the image, and on its KMS key if it has one (https://docs.aws.amazon.com/vm-import/latest/userguide/required-permissions.html).',
        `aws iam list-role-policies --role-name ${roleInCommand(names)}`,
        'an administrator of the account',
      ),
      hintStep(
        'AWS says the same where the caller lacks permissions on EC2: then the record of the call in CloudTrail has a denial.',
        'aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventSource,AttributeValue=ec2.amazonaws.com',
      ),
    ],
    example: {
      text: 'An error occurred (InvalidParameter) when calling the ImportImage operation: The service role vmimport-orders provided does not exist or does not have sufficient permissions',
      source: 'https://github.com/aws/aws-cli/issues/8873',
    },
  },
  {
    subject: 'service-cannot-assume',
    word: 'Could not access model data at',
    form: /Could not access model data at .{1,600}?\. Please ensure that the role .{1,300}? exists and that its trust relationship policy allows/,
    meaning:
      'SageMaker could not read the model with the role that it was given. It does not say whether the object, the permissions of the role or its trust policy are the reason.',
    next: [
      hintStep('Check that the object exists, in the Region of the call.', 'aws s3 ls S3_URI'),
      hintStep(
        'The role has to be allowed s3:GetObject on it, and s3:ListBucket on the bucket for a model of many files.',
        'aws iam simulate-principal-policy --policy-source-arn ROLE_ARN --action-names s3:GetObject --resource-arns OBJECT_ARN',
        'the owner of the role',
      ),
      hintStep(
        'The trust policy of the role has to allow sts:AssumeRole to sagemaker.amazonaws.com.',
        'aws iam get-role --role-name ROLE --query Role.AssumeRolePolicyDocument',
        'the owner of the role',
      ),
    ],
    example: {
      text: 'Could not access model data at s3://orders/model/. Please ensure that the role "arn:aws:iam::111122223333:role/orders" exists and that its trust relationship policy allows the action "sts:AssumeRole" for the service principal "sagemaker.amazonaws.com".',
      source: 'https://github.com/philschmid/llm-sagemaker-sample/issues/2',
    },
  },
  {
    subject: 'service-cannot-assume',
    word: 'Service Role associated with this account',
    form: /[Gg]reen[Gg]rass is not authorized to assume the Service Role associated with this account/,
    meaning:
      'AWS IoT Greengrass cannot use the service role of this account and Region: none is associated, it was deleted, or its trust policy does not let Greengrass in. Who deploys was not denied.',
    next: [
      hintStep(
        'See which role is associated, in the Region of the group, and associate one where there is none (aws greengrass associate-service-role-to-account --role-arn ROLE_ARN).',
        'aws greengrass get-service-role-for-account --region REGION',
        'an administrator of the account',
      ),
      hintStep(
        'Its trust policy has to allow sts:AssumeRole to greengrass.amazonaws.com.',
        'aws iam get-role --role-name ROLE --query Role.AssumeRolePolicyDocument',
        'an administrator of the account',
      ),
    ],
    example: {
      text: 'Error: Greengrass is not authorized to assume the Service Role associated with this account',
      source: 'https://docs.aws.amazon.com/greengrass/v1/developerguide/gg-troubleshooting.html',
    },
  },
  {
    // https://docs.aws.amazon.com/autoscaling/ec2/userguide/prepare-for-lifecycle-notifications.html
    subject: 'service-cannot-assume',
    word: 'publish test message to notification target',
    form: new RegExp(
      `Unable to publish test message to notification target(?: arn:\\S{1,300} using IAM role ${NAMED_ROLE})?`,
    ),
    meaning:
      'Auto Scaling could not send the test message of a lifecycle hook: the trust policy of its role does not let it in, the role may not publish to the target, or the target does not take the message. The text does not say which.',
    next: names => [
      hintStep(
        'Check that the trust policy of the role allows sts:AssumeRole to autoscaling.amazonaws.com. If the role was made within the last minute, try again.',
        `aws iam get-role --role-name ${roleInCommand(names)} --query Role.AssumeRolePolicyDocument`,
        'an administrator of the account',
      ),
      hintStep(
        'The role needs sns:Publish on the topic, or sqs:SendMessage and sqs:GetQueueUrl on the queue, and the use of the key that encrypts it; a FIFO queue is not taken.',
      ),
    ],
    example: {
      text: 'ValidationError: Unable to publish test message to notification target',
      source:
        'https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/autoscaling/lifecycle_hook.go',
    },
  },
  {
    subject: 'service-cannot-assume',
    word: 'Firehose to assume the role',
    form: /Access was denied\. Ensure that the trust policy for the provided IAM role allows (?:Amazon |Kinesis |Data ){0,3}Firehose to assume the role, and the access policy allows access/,
    meaning:
      'Firehose was denied on its way to the destination: the trust policy of its role does not let it in, or the role may not write there. The text does not say which.',
    next: [
      hintStep(
        'Check that the trust policy of the role of the stream allows sts:AssumeRole to firehose.amazonaws.com.',
        'aws iam get-role --role-name ROLE --query Role.AssumeRolePolicyDocument',
        'an administrator of the account',
      ),
      hintStep('If it does, find the call that was denied: CloudTrail has it under this role.'),
    ],
    example: {
      text: '"Access was denied. Ensure that the trust policy for the provided IAM role allows Kinesis Data Firehose to assume the role, and the access policy allows access to the S3 bucket."',
      source: 'https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html',
    },
  },
  {
    subject: 'service-cannot-assume',
    word: 'operator role is invalid',
    form: /The operator role is invalid or doesn['’]t have sufficient permissions/,
    meaning:
      'Lambda cannot use the operator role of a capacity provider: its trust policy does not let Lambda in, its permissions are not enough, or it was made a moment ago. Who deploys was not denied.',
    next: [
      hintStep(
        'Check that the trust policy of the role allows sts:AssumeRole to lambda.amazonaws.com. If the role was made within the last minute, try again.',
        'aws iam get-role --role-name ROLE --query Role.AssumeRolePolicyDocument',
        'an administrator of the account',
      ),
      hintStep(
        'The role needs the permissions of AWSLambdaManagedEC2ResourceOperator (https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-operator-role.html).',
        'aws iam list-attached-role-policies --role-name ROLE',
        'an administrator of the account',
      ),
    ],
    example: {
      text: "The operator role is invalid or doesn't have sufficient permissions. Verify the role and permissions and try again.",
      source: 'https://github.com/go-to-k/cdkd/blob/main/src/deployment/retryable-errors.ts',
    },
  },
  {
    subject: 'service-cannot-assume',
    word: 'ServiceAccessDeniedException for',
    form: new RegExp(`ServiceAccessDeniedException for ECSInfrastructureRole\\[${NAMED_ROLE}`),
    meaning:
      'ECS was denied with its infrastructure role: the trust policy of the role does not let ECS in, its permissions are not enough, or it was made a moment ago. Who deploys was not denied.',
    next: names => [
      hintStep(
        'Check that the trust policy of the role allows sts:AssumeRole to ecs.amazonaws.com. If the role was made within the last minute, try again.',
        `aws iam get-role --role-name ${roleInCommand(names)} --query Role.AssumeRolePolicyDocument`,
        'an administrator of the account',
      ),
      hintStep(
        'For managed instances the role needs the permissions of AmazonECSInfrastructureRolePolicyForManagedInstances: compare a policy of your own with its newest version.',
        `aws iam list-attached-role-policies --role-name ${roleInCommand(names)}`,
        'an administrator of the account',
      ),
      hintStep(
        'Find the call that was denied: CloudTrail has it under this role, with its action.',
        'aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventSource,AttributeValue=ec2.amazonaws.com',
      ),
    ],
    example: {
      text: 'CreateCapacityProvider error: Caught ServiceAccessDeniedException for ECSInfrastructureRole[arn:aws:iam::111122223333:role/orders] (Service: Ecs, Status Code: 400)',
      source: 'https://github.com/go-to-k/cdkd/blob/main/src/deployment/retryable-errors.ts',
    },
  },
  {
    subject: 'other',
    word: 'AWS Backup role',
    form: /You are not authorized to perform this operation\. Please consult the permissions associated with your AWS Backup role/,
    // Decoded, it says who was denied what.
    unless: /authorization failure message: ["']?[A-Za-z0-9_-]{40}|"allowed\\?": ?false/,
    meaning:
      'The role of a job of AWS Backup was denied. A restored EC2 instance that has an instance profile needs iam:PassRole on the role of that profile, which the default role of AWS Backup lacks.',
    next: [
      hintStep(
        'Get the whole message of the job, and give it to rolemedic diagnose: its encoded part names what was denied.',
        'aws backup describe-restore-job --restore-job-id ID --query StatusMessage --output text',
      ),
      hintStep(
        'Allow the restore role iam:PassRole on the role of the instance, for ec2.amazonaws.com alone; or restore without an instance profile.',
        null,
        'an administrator of the account',
      ),
    ],
    example: {
      text: 'You are not authorized to perform this operation. Please consult the permissions associated with your AWS Backup role(s), and refer to the AWS Backup documentation for more details.',
      source: 'https://github.com/lgallard/terraform-aws-backup/issues/15',
    },
  },
  {
    // https://repost.aws/knowledge-center/opensearch-fgac-errors
    subject: 'no-credentials',
    word: 'anonymous is not authorized',
    form: /\bUser: anonymous is not authorized to perform: (?:iam:PassRole|sts:AssumeRole)\b/,
    explains: 'principal',
    meaning:
      'The request was not signed: it reached AWS without credentials, so that no policy of a caller was asked. A name and a password of an OpenSearch domain are no credentials of AWS.',
    next: [
      hintStep(
        'Sign the request with credentials of AWS (SigV4), as a client of an SDK or awscurl does it. They need iam:PassRole on the role for the service alone, and es:ESHttpPut on the domain.',
        'aws sts get-caller-identity',
      ),
      hintStep(
        'With fine-grained access control, map the role that signs to manage_snapshots in the domain.',
        null,
        'who administers the domain',
      ),
    ],
    example: {
      text: 'User: anonymous is not authorized to perform: iam:PassRole',
      source: 'https://repost.aws/knowledge-center/opensearch-fgac-errors',
    },
  },
  {
    subject: 'service-linked-role',
    word: 'enable a service-linked role',
    form: /you must enable a service-linked role to give Amazon (?:ES|OpenSearch Service)/,
    meaning: 'The service-linked role of OpenSearch Service (Amazon ES) is missing in this account.',
    next: [
      hintStep(
        'Create it once for the account; in a template, before the domain.',
        'aws iam create-service-linked-role --aws-service-name opensearchservice.amazonaws.com',
        'somebody with iam:CreateServiceLinkedRole',
      ),
    ],
    example: {
      text: 'Before you can proceed, you must enable a service-linked role to give Amazon ES permissions to access your VPC.',
      source: 'https://github.com/widdix/aws-cf-templates/issues/185',
    },
  },
  missingLinkedRole({
    word: 'denied when attempting to assume role',
    form: new RegExp(`[Dd]enied when attempting to assume role ${LINKED_ROLE}`),
    example: {
      text: 'Access denied when attempting to assume role arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling. Validating load balancer configuration failed.',
      source: 'https://github.com/pelias-deprecated/kubernetes/issues/32',
    },
  }),
  missingLinkedRole({
    // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAM.ServiceLinkedRoles.html
    word: 'Missing necessary credentials',
    form: /(?:InvalidParameterValue\b[^.]{0,80}: ?Missing necessary credentials|Missing necessary credentials\. Please check https?:\/\/docs\.aws\.amazon\.com\/AmazonRDS\/\S{1,80}ServiceLinkedRoles)/,
    service: 'rds.amazonaws.com',
    example: {
      text: 'Error creating DB Subnet Group: InvalidParameterValue: Missing necessary credentials. Please check http://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAM.ServiceLinkedRoles.html',
      source: 'https://github.com/terraform-aws-modules/terraform-aws-rds/issues/364',
    },
  }),
  missingLinkedRole({
    word: 'service-linked role',
    form: new RegExp(
      `(?:[Nn]ot authorized|[Uu]nable|[Ff]ailed) to assume (?:the )?service-linked role(?: ["'\`]?${LINKED_ROLE})?`,
    ),
    unless: /aliyun|alibaba/i,
    example: {
      text: 'Amazon EKS Nodegroups was unable to assume the service-linked role',
      source: 'https://github.com/aws-samples/aws-fault-injection-simulator-workshop-v2/pull/188',
    },
  }),
]
