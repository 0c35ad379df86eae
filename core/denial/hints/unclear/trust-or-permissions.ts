/** Services that do not say whether they may not assume a role, or whether the role may not do what they want with it. */
import { type HintForm, type HintStep, hintStep, NAMED_ROLE, roleInCommand } from '../hint.ts'

const OWNER = 'an administrator of the account'

/** `access`: what the role needs, once the service may assume it. */
const either = (
  { service, meaning, access }: { readonly service: string; readonly meaning: string; readonly access: HintStep },
  { word, form, text, source }: Pick<HintForm, 'word' | 'form'> & HintForm['example'],
): HintForm => ({
  subject: 'service-cannot-assume',
  word,
  form,
  meaning: `${meaning} Who deploys was not denied.`,
  next: names => [
    hintStep(
      `Check that the role exists and that its trust policy allows sts:AssumeRole to ${service}. If the role or its policy was made within the last minute, try again.`,
      `aws iam get-role --role-name ${roleInCommand(names)} --query Role.AssumeRolePolicyDocument`,
      OWNER,
    ),
    access,
  ],
  example: { text, source },
})

export const UNCLEAR_SERVICE_FORMS: readonly HintForm[] = [
  either(
    {
      // https://docs.aws.amazon.com/sns/latest/dg/msg-status-sdk.html
      service: 'sns.amazonaws.com',
      meaning:
        'SNS cannot use the role that logs the status of deliveries: its trust policy does not let SNS in, its permissions are not enough, or it was made a moment ago.',
      access: hintStep(
        'The role needs logs:CreateLogGroup, logs:CreateLogStream, logs:PutLogEvents, logs:PutMetricFilter and logs:PutRetentionPolicy.',
      ),
    },
    {
      word: 'is not a valid role to allow SNS',
      form: new RegExp(`${NAMED_ROLE}\\S{0,400} is not a valid role to allow SNS to write to Cloud[Ww]atch Logs`),
      text: 'Invalid parameter: LambdaSuccessFeedbackRoleArn: arn:aws:iam::111122223333:role/orders is not a valid role to allow SNS to write to Cloudwatch Logs',
      source: 'https://github.com/go-to-k/cdkd/blob/main/tests/unit/deployment/retryable-errors.test.ts',
    },
  ),
  either(
    {
      // https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
      service: 'apigateway.amazonaws.com',
      meaning:
        'API Gateway could not write to CloudWatch Logs with the role of the account settings: its trust policy does not let the service in, its permissions are not enough, or it was made a moment ago.',
      access: hintStep('The role needs the managed policy AmazonAPIGatewayPushToCloudWatchLogs.'),
    },
    {
      word: 'using the ARN specified',
      form: /API Gateway could not successfully write to CloudWatch Logs using the ARN specified/,
      text: 'BadRequestException: API Gateway could not successfully write to CloudWatch Logs using the ARN specified',
      source: 'https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/apigateway/account.go',
    },
  ),
  either(
    {
      // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
      service: 'logs.amazonaws.com',
      meaning:
        'CloudWatch Logs could not send its test message: the stream is not active, the trust policy of the role does not let the service in, or the role may not write to the stream.',
      access: hintStep(
        'The stream has to be ACTIVE, in the Region of the log group. The role needs kinesis:PutRecord or firehose:PutRecord on it, and kms:GenerateDataKey on the key that encrypts it.',
      ),
    },
    {
      word: 'Could not deliver test message',
      form: /Could not deliver test message to specified (?:Kinesis stream|Firehose stream|destination)/i,
      text: 'An error occurred (InvalidParameterException) when calling the PutAccountPolicy operation: Could not deliver test message to specified Firehose stream. Check if the given Firehose stream is in ACTIVE state.',
      source: 'https://github.com/aws/aws-cli/issues/8823',
    },
  ),
  either(
    {
      // https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html
      service: 'bedrock.amazonaws.com',
      meaning:
        'Bedrock cannot log with this role: it is another one than was meant, its trust policy does not let Bedrock in, its permissions on the log group are not enough, or it was made a moment ago.',
      access: hintStep(
        'The role needs logs:CreateLogStream and logs:PutLogEvents on the stream aws/bedrock/modelinvocations of the log group.',
      ),
    },
    {
      word: 'validate permissions for log group',
      form: new RegExp(`Failed to validate permissions for log group: \\S{1,520}, with role: ${NAMED_ROLE}`),
      text: 'ValidationException: Failed to validate permissions for log group: /aws/bedrock, with role: arn:aws:iam::111122223333:role/chat-bedrock-access-role. Verify the IAM role permissions are correct.',
      source: 'https://github.com/alphagov/govuk-infrastructure/pull/2440',
    },
  ),
  either(
    {
      // https://docs.aws.amazon.com/imagebuilder/latest/userguide/image-lifecycle-prerequisites.html
      service: 'imagebuilder.amazonaws.com',
      meaning:
        'Image Builder cannot use the role that it was given: it does not exist, its trust policy does not let the service in, its permissions are not enough, or it was made a moment ago.',
      access: hintStep(
        'The role of a lifecycle policy needs the managed policy EC2ImageBuilderLifecycleExecutionPolicy.',
      ),
    },
    {
      word: 'The provided role does not exist',
      form: /The provided role does not exist or does not have sufficient permissions/,
      text: 'InvalidParameterValueException: The provided role does not exist or does not have sufficient permissions',
      source:
        'https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/imagebuilder/lifecycle_policy.go',
    },
  ),
  either(
    {
      // https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Integrating.Authorizing.IAM.AddRoleToDBCluster.html
      service: 'rds.amazonaws.com',
      meaning:
        'Aurora MySQL has no credentials of a role for this: the cluster does not have the role, its parameter group does not name it, or the trust policy of the role does not let the service in.',
      access: hintStep(
        'Add the role to the cluster, and set its ARN in the parameter group of the cluster: aws_default_s3_role, aurora_load_from_s3_role, aurora_select_into_s3_role or aws_default_lambda_role.',
        "aws rds describe-db-clusters --db-cluster-identifier CLUSTER --query 'DBClusters[].AssociatedRoles'",
      ),
    },
    {
      word: 'Missing Credentials: Cannot instantiate',
      form: /(?:S3|Lambda) API returned error: Missing Credentials: Cannot instantiate (?:S3|Lambda) Client/,
      text: 'ERROR 1871 (HY000): S3 API returned error: Missing Credentials: Cannot instantiate S3 Client',
      source: 'https://github.com/awsdocs/amazon-rds-user-guide/pull/10',
    },
  ),
  {
    // https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-iam-role.html
    subject: 'other',
    word: 'has insufficient EC2 permissions',
    form: /[Ss]ervice role \S{1,300} has insufficient EC2 permissions(?!\. EC2 Message: You are not authorized to perform: [a-z])/,
    meaning:
      'EC2 denied a call to the service role of EMR. The text does not say which, and it may be iam:PassRole: AmazonEMRServicePolicy_v2 allows that only for EMR_EC2_DefaultRole.',
    next: [
      hintStep(
        'Find the record of the denied call, such as RunInstances, CreateFleet or CreateSecurityGroup, and give it to rolemedic diagnose: its message, or the encoded part of it, names the action.',
        'aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=RunInstances > events.json',
      ),
      hintStep(
        'For an instance profile with another role, allow the service role iam:PassRole on that role, for ec2.amazonaws.com alone.',
        null,
        OWNER,
      ),
    ],
    example: {
      text: 'Terminated with errors: Service role EmrServiceRole-X has insufficient EC2 permissions',
      source: 'https://github.com/aws/aws-parallelcluster/issues/3505',
    },
  },
]
