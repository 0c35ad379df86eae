import { describe, expect, it } from 'vitest'
import { denialsIn } from '../../../core/denial/logs/denials-in-log.ts'

const ROLE = 'arn:aws:iam::111122223333:role/orders-service'
const read = (text: string) =>
  denialsIn(text).map(({ action, principal, resource }) => [action, principal.name, resource])

describe('the sentence of a service that may not assume its role', () => {
  it.each([
    [`Access Denied: Elastic Beanstalk can't assume the role ${ROLE}`, 'elasticbeanstalk.amazonaws.com'],
    [`Access Denied: Elastic Beanstalk can’t assume the role ${ROLE}`, 'elasticbeanstalk.amazonaws.com'],
    [`Firehose cannot assume the role ${ROLE}`, 'firehose.amazonaws.com'],
    [`GraphQL error: Unable to assume role ${ROLE}`, 'appsync.amazonaws.com'],
  ])('is read with any form of the verb: %s', (text, service) => {
    expect(read(text)).toEqual([['sts:AssumeRole', service, ROLE]])
  })

  // https://github.com/awslabs/aws-config-rdklib/pull/36
  it.each([
    'An error occurred (AccessDenied) when calling the AssumeRole operation: AWS Config does not have permission to assume the IAM role.',
    'An error occurred (AccessDenied) when calling the AssumeRole operation: A\nWS Config does not have permission to assume the IAM role.',
    `{'customerErrorMessage': 'AWS Config does not have permission to assume the IAM role.', 'customerErrorCode': 'AccessDenied'}`,
  ])('is not that of AWS Config where a function of a rule was denied: %j', text => {
    expect(read(text)).toEqual([['sts:AssumeRole', null, null]])
  })

  it.each([
    [`Error: Gateway service is not authorized to perform AssumeRole on role ${ROLE}`, 'Gateway service'],
    [`The AWS Glue service is not authorized to perform: sts:AssumeRole on resource: ${ROLE}`, 'glue.amazonaws.com'],
    [`CodeBuild Service is not authorized to perform: sts:AssumeRole on ${ROLE}`, 'codebuild.amazonaws.com'],
    [`This service is not authorized to perform: sts:AssumeRole on resource: ${ROLE}`, 'service'],
  ])('names the service by all its words: %s', (text, service) => {
    expect(read(text)).toEqual([['sts:AssumeRole', service, ROLE]])
  })

  it('is none where STS says behind the words of a tool what it refused', () => {
    // https://github.com/openshift/backplane-cli/blob/main/pkg/awsutil/sts.go
    const refused =
      'unable to assume the given role with the token provided: operation error STS: AssumeRoleWithWebIdentity, https response error StatusCode: 403, RequestID: 1, api error AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity'
    expect(read(refused)).toEqual([['sts:AssumeRoleWithWebIdentity', null, null]])
  })

  it('is of IAM Roles Anywhere, which needs three actions, unless the session is too long', () => {
    const refused = `2026/01/05 10:12:00 AccessDeniedException: Unable to assume role for ${ROLE}`
    expect(read(refused)).toEqual([['sts:AssumeRole', 'rolesanywhere.amazonaws.com', ROLE]])
    const tooLong = 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.'
    expect(read(`${refused}\n${tooLong}`)).toEqual([])
  })

  it('is quoted from its first word on', () => {
    // https://github.com/aws/aws-cli/issues/2060, of the metadata of an instance
    const text = `{\n  "Code" : "AssumeRoleUnauthorizedAccess",\n  "Message" : "EC2 cannot assume the role ${ROLE}."\n}`
    expect(denialsIn(text).map(({ message }) => message)).toEqual([`EC2 cannot assume the role ${ROLE}.`])
  })

  it('is quoted from a whole word on where a table stands before it', () => {
    // https://github.com/aws-amplify/amplify-cli/issues/6825
    const text =
      '> UPDATE_FAILED               UpdateRolesWithIDPFunction                  AWS::Lambda::Function      Mon Mar 08 2021 14:07:30 GMT+0100 (Central European Standard Time) The role defined for the function cannot be assumed by Lambda.'
    expect(denialsIn(text).map(({ message }) => message)).toEqual([
      'UpdateRolesWithIDPFunction AWS::Lambda::Function Mon Mar 08 2021 14:07:30 GMT+0100 (Central European Standard Time) The role defined for the function cannot be assumed by Lambda.',
    ])
  })

  it.each([
    'arn:aws:lambda:us-east-1:111122223333:function:orders',
    'arn:aws:cloudformation:us-east-1:111122223333:stack/orders/1a2b3c4d',
  ])('takes what has the role for no role: %s', arn => {
    const words = 'The role defined for the function cannot be assumed by Lambda.'
    expect(read(`${arn} CREATE_FAILED ${words}`)).toEqual([['sts:AssumeRole', 'lambda.amazonaws.com', null]])
    expect(read(`${ROLE} ${arn} CREATE_FAILED ${words}`)).toEqual([['sts:AssumeRole', 'lambda.amazonaws.com', null]])
    expect(read(`${ROLE} ${words}`)).toEqual([['sts:AssumeRole', 'lambda.amazonaws.com', ROLE]])
  })

  it('takes the service from the call where it names none, and is a service’s without a call too', () => {
    const refused = 'Not authorized to assume the provided role.'
    const called = `An error occurred (AccessDeniedException) when calling the CreateStateMachine operation: ${refused}`
    expect(read(called)).toEqual([['sts:AssumeRole', 'states.amazonaws.com', null]])
    expect(read(refused)).toEqual([['sts:AssumeRole', null, null]])
  })

  it.each<[string, string | null, boolean]>([
    ['The role defined for the function cannot be assumed by Lambda.', 'lambda.amazonaws.com', false],
    [
      'Error in assuming instance role arn:aws:iam::111122223333:role/apprunner-instance',
      'tasks.apprunner.amazonaws.com',
      true,
    ],
    ['Role arn:aws:iam::111122223333:role/cfn is invalid or cannot be assumed', 'cloudformation.amazonaws.com', true],
    [
      'An error occurred (ValidationError) when calling the CreateStack operation: Role arn:aws:iam::111122223333:role/cfn is invalid or cannot be assumed',
      'cloudformation.amazonaws.com',
      true,
    ],
    [
      'AWS CodeDeploy does not have the permissions required to assume the role arn:aws:iam::111122223333:role/cd.',
      'codedeploy.amazonaws.com',
      true,
    ],
    ['Role does not have a trust relationship allowing Cognito to assume the role', 'cognito-idp.amazonaws.com', false],
    [
      'An error occurred (InsufficientDeliveryPolicyException) when calling the PutDeliveryChannel operation: Insufficient delivery policy to s3 bucket: my-bucket, unable to assume role: arn:aws:iam::111122223333:role/config.',
      null,
      true,
    ],
    [
      'Error: creating DataSync Location S3: operation error DataSync: CreateLocationS3, https response error StatusCode: 400, InvalidRequestException: Unable to assume role. Reason: Access denied when calling sts:AssumeRole',
      'datasync.amazonaws.com',
      false,
    ],
    [
      'Error: creating DAX Cluster (x): operation error DAX: CreateCluster, https response error StatusCode: 400, InvalidParameterValueException: No permission to assume role: arn:aws:iam::111122223333:role/dax',
      'dax.amazonaws.com',
      true,
    ],
    [
      "service web failed to launch a task with (error ECS was unable to assume the role 'arn:aws:iam::111122223333:role/task' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.).",
      'ecs-tasks.amazonaws.com',
      true,
    ],
    [
      'An error occurred (InvalidParameterException) when calling the CreateService operation: Unable to assume role and validate the specified targetGroupArn. Please verify that the ECS service role being passed has the proper permissions.',
      'ecs.amazonaws.com',
      false,
    ],
    [
      'InvalidParameterException: Role with arn: arn:aws:iam::111122223333:role/eks, could not be assumed because it does not exist or the trusted entity is not correct',
      'eks.amazonaws.com',
      true,
    ],
    [
      'An error occurred (InvalidParameterException) when calling the CreateNodegroup operation: Following required service principals [ec2.amazonaws.com] were not found in the trust relationships of nodeRole arn:aws:iam::111122223333:role/node',
      'ec2.amazonaws.com',
      true,
    ],
    [
      'Error: creating Kinesis Firehose Delivery Stream (x): operation error Firehose: CreateDeliveryStream, https response error StatusCode: 400, InvalidArgumentException: Firehose is unable to assume role arn:aws:iam::111122223333:role/fh. Please check the role provided.',
      'firehose.amazonaws.com',
      true,
    ],
    [
      'An error occurred (InvalidParameter) when calling the CreateFlowLogs operation: Unable to assume given IAM role',
      'vpc-flow-logs.amazonaws.com',
      false,
    ],
    [
      "An error occurred (InvalidInputException) when calling the CreateCrawler operation: Service is unable to assume role arn:aws:iam::111122223333:role/crawler. Please verify role's TrustPolicy",
      'glue.amazonaws.com',
      true,
    ],
    [
      'An error occurred (InvalidInputException) when calling the CreateJob operation: Role arn:aws:iam::111122223333:role/job should be given assume role permissions for Glue Service.',
      'glue.amazonaws.com',
      true,
    ],
    [
      'An error occurred (InvalidRequestException) when calling the CreateTopicRule operation: iot.amazonaws.com is unable to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/iot',
      'iot.amazonaws.com',
      true,
    ],
    [
      'ValidationException: Please make sure your role exists and has `kendra.amazonaws.com` as trusted entity',
      'kendra.amazonaws.com',
      false,
    ],
    [
      "Error: creating MWAA Environment (prod): ValidationException: Failed to assume role arn:aws:iam::111122223333:role/mwaa-prod-execution-role. This could be due to the role's trust policy. Please ensure your role is assumable by 'airflow-env.amazonaws.com' Service Principal and try again.",
      'airflow-env.amazonaws.com',
      true,
    ],
    [
      'An error occurred (ValidationException) when calling the CreateElasticsearchDomain operation: Amazon Elasticsearch must be allowed to use the passed role',
      'es.amazonaws.com',
      false,
    ],
    [
      "An error occurred (ValidationException) when calling the CreateTrainingJob operation: Could not assume role arn:aws:iam::111122223333:role/sm. Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com' to assume the role.",
      'sagemaker.amazonaws.com',
      true,
    ],
    [
      'The execution role you provide must allow AWS EventBridge Scheduler to assume the role.',
      'scheduler.amazonaws.com',
      false,
    ],
    [
      'Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.',
      'states.amazonaws.com',
      false,
    ],
    [
      'The principal states.amazonaws.com is not authorized to assume the provided role.',
      'states.amazonaws.com',
      false,
    ],
    [
      'An error occurred (InvalidFirehoseDestinationException) when calling the CreateConfigurationSetEventDestination operation: Could not assume IAM role <arn:aws:iam::111122223333:role/ses>.',
      null,
      true,
    ],
    ['The defined assume role is unable to be assumed.', 'ssm.amazonaws.com', false],
    [
      'An error occurred (ValidationException) when calling the CreateActivation operation: Nonexistent role or missing ssm service principal in trust policy: arn:aws:iam::111122223333:role/ssm',
      'ssm.amazonaws.com',
      true,
    ],
    [
      'An error occurred (ValidationException) when calling the RegisterScalableTarget operation: Unable to assume IAM role: arn:aws:iam::111122223333:role/as',
      'application-autoscaling.amazonaws.com',
      true,
    ],
    [
      'operation error CloudWatch Logs: PutSubscriptionFilter, https response error StatusCode: 400, RequestID: x, InvalidParameterException: Make sure you have given CloudWatch Logs permission to assume the provided role',
      'logs.amazonaws.com',
      false,
    ],
    [
      "ClientError: An error occurred (ValidationException) when calling the PutRule operation: Provided role 'arn:aws:iam::111122223333:role/theRole' cannot be assumed by principal 'events.amazonaws.com'.",
      'events.amazonaws.com',
      true,
    ],
    ['API Gateway does not have permission to assume the provided role', 'apigateway.amazonaws.com', false],
    [
      'The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add the required role policy.',
      'apigateway.amazonaws.com',
      false,
    ],
    [
      'An error occurred (BadRequestException) when calling the CreateDataSource operation: Unable to assume role arn:aws:iam::111122223333:role/appsync.',
      null,
      true,
    ],
    [
      "Invalid request provided: AWS Chatbot can't assume the role: arn:aws:iam::111122223333:role/cb",
      'chatbot.amazonaws.com',
      true,
    ],
    [
      "Could not assume runtime role arn:aws:iam::111122223333:role/r because it does not exist or isn't set up with the required trust relationship. (Service: EmrServerless; Status Code: 400)",
      'emr-serverless.amazonaws.com',
      true,
    ],
    [
      'EMR service role arn:aws:iam::111122223333:role/EMR_DefaultRole is invalid',
      'elasticmapreduce.amazonaws.com',
      true,
    ],
    [
      'CodeBuild is not authorized to perform: sts:AssumeRole on arn:aws:iam::111122223333:role/service-role/cb. (Service: AWSCodeBuild; Status Code: 400; Error Code: InvalidInputException; Request ID: x)',
      'codebuild.amazonaws.com',
      true,
    ],
    [
      'An error occurred (AccessDeniedException) when calling the StartExecution operation: not authorized to assume the provided role',
      null,
      false,
    ],
    [
      'InvalidCloudWatchLogsRoleArnException: Access denied. Check the trust relationships for your role.',
      'cloudtrail.amazonaws.com',
      false,
    ],
    [
      "An error occurred (ValidationException) when calling the CreatePipe operation: The provided role cannot be assumed by principal 'pipes.amazonaws.com'.",
      'pipes.amazonaws.com',
      false,
    ],
    [
      'ValidationException: Bedrock is unable to assume the role arn:aws:iam::111122223333:role/kb',
      'bedrock.amazonaws.com',
      true,
    ],
    ['AWS Backup is not able to assume the role arn:aws:iam::111122223333:role/b', 'backup.amazonaws.com', true],
    [
      'An error occurred (InvalidRequestException) when calling the CreateUser operation: Unable to assume role arn:aws:iam::111122223333:role/t',
      'transfer.amazonaws.com',
      true,
    ],
    [
      'User arn:aws:redshift:us-east-1:111122223333:dbuser:c/awsuser is not authorized to assume IAM Role arn:aws:iam::111122223333:role/s3',
      'redshift.amazonaws.com',
      true,
    ],
    ['Amazon S3 was unable to assume the role', 's3.amazonaws.com', false],
    [
      'An error occurred (BadRequestException) when calling the CreateJob operation: Unable to assume role: arn:aws:iam::111122223333:role/MediaConvert_Default_Role',
      null,
      true,
    ],
    [
      'An error occurred (InvalidParameterValue) when calling the CreateDBInstance operation: IAM role ARN value is invalid or does not include the required permissions for: ENHANCED_MONITORING',
      'monitoring.rds.amazonaws.com',
      false,
    ],
    [
      'IAM role ARN value is invalid or does not include the required permissions for Enhanced Monitoring',
      'monitoring.rds.amazonaws.com',
      false,
    ],
    [
      'IAM role ARN value is invalid or does not include the required permissions for: s3Import',
      'rds.amazonaws.com',
      false,
    ],
    [
      'An error occurred (ValidationException) when calling the StartExperiment operation: Unable to assume role arn:aws:iam::111122223333:role/fis. Make sure the role exists and fis.amazonaws.com can assume it.',
      'fis.amazonaws.com',
      true,
    ],
    ['Service role arn:aws:iam::111122223333:role/emr is invalid', null, true],
    ['Terminated with errors: The service role arn:aws:iam::111122223333:role/emr is invalid.', null, true],
    ['The provided SpotFleetRequestConfig.IamFleetRole is invalid', 'spotfleet.amazonaws.com', false],
    ['ValidationException: The provided role cannot be assumed by Timestream', 'timestream.amazonaws.com', false],
    [
      'InvalidRequestException: The role arn:aws:iam::111122223333:role/dlm could not be assumed by DLM',
      'dlm.amazonaws.com',
      true,
    ],
    ['MediaLive is unable to assume the role arn:aws:iam::111122223333:role/ml', 'medialive.amazonaws.com', true],
    [
      'The MSK Connect service cannot assume the role arn:aws:iam::111122223333:role/mc',
      'kafkaconnect.amazonaws.com',
      true,
    ],
    ['Amazon Managed Grafana cannot assume the role arn:aws:iam::111122223333:role/g', 'grafana.amazonaws.com', true],
    [
      'Service Catalog failed to assume the launch role arn:aws:iam::111122223333:role/lr',
      'servicecatalog.amazonaws.com',
      true,
    ],
  ])('is read in the words of each service: %s', (text, service, namesRole) => {
    const [denial, ...others] = denialsIn(text)
    expect(others).toEqual([])
    expect(denial).toMatchObject({ action: 'sts:AssumeRole', principal: { kind: 'service', name: service } })
    expect(denial?.resource?.startsWith('arn:aws:iam::111122223333:role/') ?? false).toBe(namesRole)
    expect(denial?.resource ?? '').not.toMatch(/[<>.:]$/)
  })

  it.each([
    'We were unable to assume the role provided',
    'Unable to assume the role provided',
    'Service is unable to assume the role given.',
    'Unable to assume the provided execution role',
  ])('is of the service of the call where the role is given, on either side of the word: %s', words => {
    const [denial, ...others] = denialsIn(`Build failed: "${words}"`)
    expect(others).toEqual([])
    expect(denial).toMatchObject({ action: 'sts:AssumeRole', principal: { kind: 'service', name: null } })
  })

  it.each([
    'We were unable to assume the role of a leader.',
    'We are unable to assume the roles',
    'The orders role does not have a trust relationship to the other domain.',
    'The role has a trust relationship to ecs-tasks.amazonaws.com.',
    'Cannot assume the role, or the role to assume is missing',
  ])('is none in other words: %s', text => {
    expect(denialsIn(text)).toEqual([])
  })

  it('is of ECS where it validates a load balancer, however the sentence goes on', () => {
    for (const what of ['specified targetGroupArn', 'listeners configured on your load balancer'])
      expect(read(`<p>Unable to assume role and validate the ${what}.</p>`)).toEqual([
        ['sts:AssumeRole', 'ecs.amazonaws.com', null],
      ])
  })

  it('is none of the service that a tool was to call, where STS says behind it who was denied', () => {
    const tool = `Error creating ECS service: Failed to assume role "${ROLE}"`
    const caller = 'arn:aws:iam::111122223333:user/ci'
    const behind = `AccessDenied: User:\n${caller} is not authorized to perform: sts:AssumeRole on resource: ${ROLE}`
    expect(denialsIn(`${tool}: ${behind}`).map(({ principal }) => principal.arn)).toEqual([caller])
    expect(denialsIn(tool).map(({ principal }) => principal.name)).toEqual(['ecs.amazonaws.com'])
  })

  it.each([
    'I was unable to assume the role',
    `java.lang.RuntimeException: Failed to assume role ${ROLE}`,
    `com.amazonaws.SdkClientException: Unable to assume role ${ROLE}`,
    `An error occurred (AccessDenied) when calling the AssumeRole operation: Unable to assume role ${ROLE}`,
    '[ERROR] Failed to assume the provided role',
    'Make sure that you have given the user permission to assume the role.',
    'InvalidParameterException: the service role name is invalid',
    'Access denied. Check the trust relationships.',
    'The user could not assume the role because of MFA',
    `terraform cannot assume the role ${ROLE}`,
    'Unable to assume role in the cluster',
    'The function could not assume the role until I added it to the policy.',
    `IAM Role (${ROLE}) cannot be assumed.`,
    'You must allow the service to assume the role before you create it.',
    `WARN: could not assume role ${ROLE}, using the instance profile\nERROR: upload failed: Access Denied (Aws::S3::Errors::AccessDenied)`,
    'could not assume role deploy\nERROR: upload failed (Aws::S3::Errors::AccessDenied)',
    'Could not assume role deploy. Then it got (Aws::IAM::Errors::InvalidRoleException)',
    'Checked: principal lambda.amazonaws.com is authorized to assume the role orders',
    'IAM role ARN value is invalid or does not include the required permissions for the operation',
  ])('is not what a person or a tool says of itself: %s', text => {
    expect(read(text)).toEqual([])
  })
})

describe('prose about an error', () => {
  it.each([
    'The error "is not authorized to perform: iam:PassRole on resource" is common.',
    "She saw 'is not authorized to perform iam:PassRole' and gave up.",
    'How to fix the "not authorized to perform iam:PassRole" error',
    'Not authorized to perform iam:PassRole errors after an update',
    'If you create a group without the PassRole permission, you receive the error above.',
    'The principal must be authorized to perform iam:PassRole on the role.',
  ])('is silent: %s', text => {
    expect(read(text)).toEqual([])
  })

  it.each([
    'AccessDenied: Not authorized to perform sts:AssumeRole',
    '{"message":"Not authorized to perform sts:AssumeRole","code":"AccessDenied"}',
    'Error: "User is not authorized to perform: sts:AssumeRole"',
    'Not authorized to perform sts:AssumeRole. Error code 403',
  ])('is not mistaken for it: %s', text => {
    expect(read(text)).toEqual([['sts:AssumeRole', null, null]])
  })
})
