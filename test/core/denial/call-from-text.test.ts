import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { denialsIn } from '../../../core/denial/logs/denials-in-log.ts'
import { parseMessage } from '../../../core/denial/parse-denial.ts'
import { snapshotReader } from '../../../functions/adapters/files/account-snapshot.ts'
import { DEFAULT_CONFIG } from '../../../functions/domain/config/config.ts'
import { analyze } from '../../../functions/workflows/denial/analyze-denial.ts'
import { NOTHING_KNOWN, sent } from '../../fixtures/passed-service.ts'

const ROLE = 'arn:aws:iam::111122223333:role/orders-task'
const SENTENCE = `User: arn:aws:iam::111122223333:user/ci-deployer is not authorized to perform: iam:PassRole on resource: ${ROLE} because no identity-based policy allows the iam:PassRole action`

function denialIn(text: string) {
  const parsed = parseMessage(text)
  if (parsed.kind !== 'denial') throw new Error(parsed.why)
  return parsed.denial
}
const called = (text: string) => {
  const { eventSource, eventName } = denialIn(text).call
  return eventSource === null && eventName === null ? null : `${eventSource} ${eventName}`
}

describe('the call that a text names', () => {
  it.each([
    [
      'Error: creating Lambda Function (orders): operation error Lambda: CreateFunction, https response error StatusCode: 403, RequestID: 1, api error AccessDeniedException: ',
      'lambda.amazonaws.com CreateFunction20150331',
    ],
    ['operation error ECS: RegisterTaskDefinition, https response error: ', 'ecs.amazonaws.com RegisterTaskDefinition'],
    [
      'operation error SFN: CreateStateMachine, api error AccessDeniedException: ',
      'states.amazonaws.com CreateStateMachine',
    ],
    [
      'Error: error creating Lambda Function (1): AccessDeniedException: ',
      'lambda.amazonaws.com CreateFunction20150331',
    ],
    [
      '$ aws ecs register-task-definition --cli-input-json file://task.json\n\nAn error occurred (AccessDeniedException) when calling the RegisterTaskDefinition operation: ',
      'ecs.amazonaws.com RegisterTaskDefinition',
    ],
    [
      'Error: creating EC2 Instance: operation error EC2: RunInstances, https response error StatusCode: 403, RequestID: 1, api error UnauthorizedOperation: You are not authorized to perform this operation. ',
      'ec2.amazonaws.com RunInstances',
    ],
    [
      'Error executing "PutTargets" on "https://events.eu-west-1.amazonaws.com"; AWS HTTP error: ',
      'events.amazonaws.com PutTargets',
    ],
    ['Error: CreateFunctionCommand failed: AccessDeniedException: ', 'lambda.amazonaws.com CreateFunction20150331'],
    [
      'Session start failed: Error: MicroVM RunMicrovm failed: AccessDeniedException: ',
      'lambda.amazonaws.com RunMicrovm',
    ],
    ['UpdateService failed: AccessDeniedException: ', null],
    ['RunMicrovm failed: after it, AccessDeniedException: ', null],
    // One service alone has an operation of this name.
    [
      'An error occurred (AccessDenied) when calling the RegisterTaskDefinition operation: ',
      'ecs.amazonaws.com RegisterTaskDefinition',
    ],
    [
      '$ aws ecs list-clusters\nAn error occurred (AccessDenied) when calling the RegisterTaskDefinition operation: ',
      'ecs.amazonaws.com RegisterTaskDefinition',
    ],
    [
      'Creating CloudFormation stack (3/8)\nCREATE_FAILED: Worker (AWS::Lambda::Function) ',
      'lambda.amazonaws.com CreateFunction20150331',
    ],
    ['UPDATE_FAILED: Worker (AWS::Lambda::Function) ', 'lambda.amazonaws.com null'],
    ['Failed to register task definition in ECS: ', 'ecs.amazonaws.com RegisterTaskDefinition'],
    [
      'Error: adding role orders to IAM Instance Profile (orders): AccessDenied: ',
      'iam.amazonaws.com AddRoleToInstanceProfile',
    ],
    [
      '{"error":"creating instance profile, adding role \\"orders\\" to instance profile \\"orders_1\\", AccessDenied: ',
      'iam.amazonaws.com AddRoleToInstanceProfile',
    ],
    ['"Resource": "arn:aws:states:::ecs:runTask.sync" ', 'ecs.amazonaws.com RunTask'],
    // https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonECSInfrastructureRolePolicyForManagedInstances.html
    [
      'ResourceInitializationError: Unable to launch instance(s) for capacity provider orders. UnauthorizedOperation: You are not authorized to perform this operation. ',
      'ec2.amazonaws.com RunInstances',
    ],
    // https://github.com/aws/karpenter-provider-aws/issues/1488
    [
      'Launching node, creating cloud provider machine, with fleet error(s), UnauthorizedOperation: You are not authorized to perform this operation. ',
      'ec2.amazonaws.com RunInstances',
    ],
    [
      'Deploying with AWS Glue. An error occurred (X) when calling the CreateJob operation: ',
      'glue.amazonaws.com CreateJob',
    ],
  ])('is told by %j', (before, call) => {
    expect(called(before + SENTENCE)).toBe(call)
    expect(called(`${before}${SENTENCE}. Encoded authorization failure message: ${'A1b2'.repeat(80)}`)).toBe(call)
  })

  it('is recognized by operation and service on both sides of the sentence', () => {
    const before = 'An error occurred (AccessDeniedException) when calling the RegisterTaskDefinition operation: '
    expect(called(`${before}${SENTENCE} (Service: AmazonECS; Status Code: 400)`)).toBe(
      'ecs.amazonaws.com RegisterTaskDefinition',
    )
    expect(called(`${before}${SENTENCE}\n  with aws_ecs_task_definition.orders,\n  on main.tf line 1`)).toBe(
      'ecs.amazonaws.com RegisterTaskDefinition',
    )
  })

  it('is one of CloudFormation where its service says so behind the sentence, as CodePipeline shows it', () => {
    const behind =
      ' (Service: AmazonCloudFormation; Status Code: 403; Error Code: AccessDenied; Request ID: A; Proxy: null)'
    expect(called(`${SENTENCE}${behind}`)).toBe('cloudformation.amazonaws.com null')
    expect(called(`${SENTENCE}. Stack failed${behind}`)).toBeNull()
  })

  it('names the service that receives the role', () => {
    const { passes } = denialIn(`operation error ECS: RegisterTaskDefinition, api error AccessDenied: ${SENTENCE}`)
    expect(passes).toEqual([{ arn: ROLE, parameter: null, service: sent('ecs-tasks.amazonaws.com') }])
  })

  it.each([
    ['nothing around', '', ''],
    ['an operation of several services', 'An error occurred (AccessDenied) when calling the CreateJob operation: ', ''],
    ['a call that passes no role', 'operation error ECS: DescribeClusters, api error AccessDenied: ', ''],
    ['an operation of another service', 'operation error Lambda: RegisterTaskDefinition: ', ''],
    ['what the CDK does first', 'orders: creating CloudFormation changeset...\nWorker CREATE_FAILED: ', ''],
    ['the progress of a stack that is named', 'ci: creating CloudFormation stack: orders\nfailed: ', ''],
    ['two calls', 'operation error ECS: RunTask: operation error Lambda: CreateFunction: ', ''],
    [
      'two services that have it',
      'An error occurred (AccessDenied) when calling the CreateJob operation: ',
      ' (Service: AWSGlue, x) (Service: AWSIoT, x)',
    ],
    ['another error before', 'Error: operation error ECS: RunTask, api error Throttling: slow\n\nError: denied: ', ''],
    [
      'the service of another error after',
      'An error occurred (AccessDenied) when calling the CreateJob operation: ',
      '\n\nError: throttled (Service: AWSGlue; Status Code: 400)',
    ],
    // https://github.com/aws-solutions/instance-scheduler-on-aws/issues/274
    ['a service that is null', '', ' (Service: null; Status Code: 0; Error Code: null; Request ID: null; Proxy: null)'],
    ['another error after', '', '\n\nError: operation error ECS: RunTask, api error Throttling: slow'],
    [
      'another command before',
      '$ aws glue list-jobs\nAn error occurred (AccessDenied) when calling the CreateJob operation: ',
      '',
    ],
    ['another denial before', `operation error ECS: RunTask: User: x is not authorized to perform: ecs:RunTask\n`, ''],
  ])('is not guessed from %s', (_, before, after) => {
    expect(called(before + SENTENCE + after)).toBeNull()
    expect(denialIn(before + SENTENCE + after).passes[0]?.service).toEqual(NOTHING_KNOWN)
  })

  it('is named by its service when no more is known', () => {
    const text = `${SENTENCE} (Service: AWSLambda, Status Code: 403, Request ID: 1)`
    expect(called(text)).toBe('lambda.amazonaws.com null')
    expect(denialIn(text).passes[0]?.service).toMatchObject({
      values: [{ service: 'lambda.amazonaws.com', evidence: 'published' }],
    })
    expect(called(`${SENTENCE} (Service: AWSWesleyFrontend; Status Code: 400)`)).toBe('eks.amazonaws.com null')
    const ecs = `${SENTENCE} (Service: Ecs, Status Code: 400, Request ID: 1)`
    expect(denialIn(ecs).passes[0]?.service).toEqual(NOTHING_KNOWN)
    expect(called(`${SENTENCE}\n  with aws_lambda_function.orders, on main.tf line 1`)).toBe(
      'lambda.amazonaws.com CreateFunction20150331',
    )
  })

  it.each([
    ['creating App Runner Service (orders): ', 'apprunner.amazonaws.com CreateService'],
    ['error creating App Runner Service (orders): ', 'apprunner.amazonaws.com CreateService'],
    ['creating Amazon EventBridge Pipes Pipe (orders): ', 'pipes.amazonaws.com CreatePipe'],
    ['creating Kinesis Firehose Delivery Stream (orders): ', 'firehose.amazonaws.com CreateDeliveryStream'],
    ['creating Bedrock Agents Agent (orders): ', 'bedrock.amazonaws.com CreateAgent'],
    ['creating SageMaker AI Notebook Instance (orders): ', 'sagemaker.amazonaws.com CreateNotebookInstance'],
    ['creating AWS Transfer Family Server: ', 'transfer.amazonaws.com CreateServer'],
    ['creating MSK Connect Connector (orders): ', 'kafkaconnect.amazonaws.com CreateConnector'],
    ['creating EC2 Instance: ', 'ec2.amazonaws.com RunInstances'],
    ['creating Batch Job Definition (orders): ', 'batch.amazonaws.com RegisterJobDefinition'],
    ['creating EventBridge Target (orders): ', 'events.amazonaws.com PutTargets'],
    ['creating RDS Cluster (orders): ', 'rds.amazonaws.com CreateDBCluster'],
    ['putting Config Configuration Recorder (orders): ', 'config.amazonaws.com PutConfigurationRecorder'],
    ['setting Cognito Identity Pool Roles (orders): ', 'cognito-identity.amazonaws.com SetIdentityPoolRoles'],
    ['updating Lambda Function (orders) configuration: ', 'lambda.amazonaws.com UpdateFunctionConfiguration20150331v2'],
    ['creating Step Functions State Machine (orders): ', 'states.amazonaws.com CreateStateMachine'],
    ['creating Orders Thing Service (orders): ', null],
    ['creating S3 Bucket (orders): ', null],
  ])("is told by Terraform's words: %s", (words, call) => {
    expect(called(`│ Error: ${words}AccessDeniedException: ${SENTENCE}`)).toBe(call)
  })

  it.each([
    ['Bedrock Agent: CreateAgent', 'bedrock.amazonaws.com CreateAgent'],
    ['Cognito Identity: SetIdentityPoolRoles', 'cognito-identity.amazonaws.com SetIdentityPoolRoles'],
    ['Config Service: PutConfigurationRecorder', 'config.amazonaws.com PutConfigurationRecorder'],
    ['EMR Serverless: StartJobRun', 'emr-serverless.amazonaws.com StartJobRun'],
    ['EMR: RunJobFlow', 'elasticmapreduce.amazonaws.com RunJobFlow'],
    ['OpenSearch: CreateDomain', 'es.amazonaws.com CreateDomain'],
    ['Lex Models V2: CreateBot', 'lex.amazonaws.com CreateBot'],
  ])('is told by the service id of the SDKs: %s', (operation, call) => {
    expect(called(`operation error ${operation}, https response error StatusCode: 403, ${SENTENCE}`)).toBe(call)
  })

  it('is the type of the same event, before or after the sentence, and of no other event', () => {
    const event = (role: string, type: string) =>
      `{"ResourceStatus":"CREATE_FAILED","ResourceStatusReason":"${SENTENCE.replace('orders-task', role)}","ResourceType":"${type}"}`
    const json = `[${event('a', 'AWS::Glue::Job')},\n${event('b', 'AWS::DMS::Endpoint')},\n${event('c', 'AWS::SQS::Queue')}]`
    const yaml = `- LogicalResourceId: A\n  ResourceStatusReason: '${SENTENCE}'\n  ResourceType: AWS::Glue::Job\n- LogicalResourceId: B\n  ResourceType: AWS::DMS::Endpoint`
    expect(denialsIn(json).map(({ call }) => call.eventName)).toEqual(['CreateJob', 'CreateEndpoint', null])
    expect(called(yaml)).toBe('glue.amazonaws.com CreateJob')
    expect(called(`CREATE_COMPLETE  AWS::DMS::Endpoint\nCREATE_FAILED  ${SENTENCE}  AWS::Batch::JobDefinition`)).toBe(
      'batch.amazonaws.com RegisterJobDefinition',
    )
    expect(
      called(`CREATE_FAILED | AWS::DMS::Endpoint | Orders\n${SENTENCE} (Service: AWSGlue; Status Code: 400)`),
    ).toBe('glue.amazonaws.com null')
  })

  it('shows the values of a service that sends several, for a text that names only the service', async () => {
    const words = async (text: string) => {
      const { diagnosis } = await analyze(denialIn(text), {
        reader: snapshotReader({ files: [] }),
        config: DEFAULT_CONFIG,
        nowMs: Date.parse('2026-11-24T22:00:00Z'),
        asked: true,
        given: [],
      })
      return diagnosis.nextSteps.map(step => `${step.text} ${step.command}`).join('\n')
    }
    const ecs = await words(`${SENTENCE} (Service: Ecs, Status Code: 400, Request ID: 1)`)
    expect(ecs).toContain('for this call most likely ecs-tasks.amazonaws.com or ecs.amazonaws.com')
    expect(await words(SENTENCE)).toContain(
      'for this call most likely ecs-tasks.amazonaws.com, lambda.amazonaws.com or ec2',
    )
    const glue = await words(`${SENTENCE} (Service: AWSGlue; Status Code: 400; Error Code: AccessDeniedException)`)
    expect(glue).toContain('{"StringEquals":{"iam:PassedToService":"glue.amazonaws.com"}}')
  })

  it('is left open for a role being assumed', () => {
    const text = `operation error ECS: RunTask, api error AccessDenied: ${SENTENCE.replaceAll('iam:PassRole', 'sts:AssumeRole')}`
    expect(called(text)).toBeNull()
  })

  it('changes neither action nor principal, role, reason or id, whatever surrounds it', () => {
    const plain = denialIn(SENTENCE)
    const words = fc.constantFrom(
      'operation error ECS: RegisterTaskDefinition, ',
      'operation error Lambda: CreateFunction, ',
      'An error occurred (AccessDenied) when calling the RunTask operation: ',
      'Error: creating Lambda Function (orders): ',
      '$ aws ecs run-task\n',
      '(Service: AmazonECS; Status Code: 400) ',
      'with aws_lambda_function.orders, ',
      'on resource: arn:aws:iam::111122223333:role/other ',
      '\n',
    )
    fc.assert(
      fc.property(fc.array(words, { maxLength: 5 }), fc.array(words, { maxLength: 3 }), (before, after) => {
        const denial = denialIn(`${before.join('')}${SENTENCE}\n${after.join('')}`)
        const { action, principal, resource, reason, accountId } = denial
        expect({ action, principal, resource, reason, accountId }).toEqual({
          action: plain.action,
          principal: plain.principal,
          resource: plain.resource,
          reason: plain.reason,
          accountId: plain.accountId,
        })
        expect(denial.passes.map(({ arn }) => arn)).toEqual([ROLE])
      }),
      { numRuns: Number(process.env['FC_RUNS'] ?? 200) },
    )
  })
})
