/** CloudFormation, CodePipeline and CloudWatch Logs: what is asked about a failed deploy. */
import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation'
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { CodePipelineClient, GetPipelineCommand, ListActionExecutionsCommand } from '@aws-sdk/client-codepipeline'
import { jsonAnswer, queryAnswer, type Sample, type Wire } from './sample.ts'

const XMLNS = 'http://cloudformation.amazonaws.com/doc/2010-05-15/'
export const STACKS_WIRE: Wire = { kind: 'query', xmlns: XMLNS }
export const PIPELINES_WIRE: Wire = { kind: 'json', version: '1.1', namespace: 'com.amazonaws.codepipeline' }
export const LOGS_WIRE: Wire = { kind: 'json', version: '1.1', namespace: 'com.amazonaws.logs' }

const StackId = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/orders/0f5a1c30-1f3d-11ee-8000-000000000001'
const stackId = `<StackId>${StackId}</StackId><StackName>orders</StackName>`
const made =
  '<LogicalResourceId>TaskRole</LogicalResourceId><PhysicalResourceId>orders-task</PhysicalResourceId>' +
  '<ResourceType>AWS::IAM::Role</ResourceType><ResourceStatus>CREATE_FAILED</ResourceStatus>' +
  '<ResourceStatusReason>not authorized to perform: iam:PassRole</ResourceStatusReason>'
const MADE = ['LogicalResourceId', 'PhysicalResourceId', 'ResourceType', 'ResourceStatus', 'ResourceStatusReason']

function toStacks(
  operation: string,
  send: (client: CloudFormationClient) => Promise<object>,
  result: string,
  reads: readonly string[],
): Sample {
  return {
    call: `client-cloudformation/${operation}`,
    send: settings => send(new CloudFormationClient(settings)),
    answer: queryAnswer(XMLNS, operation, result),
    reads,
  }
}

const STACKS: readonly Sample[] = [
  toStacks(
    'DescribeStackEvents',
    client => client.send(new DescribeStackEventsCommand({ StackName: StackId, NextToken: 'page-2' })),
    `<StackEvents><member>${stackId}<EventId>TaskRole-CREATE_FAILED</EventId>${made}` +
      '<Timestamp>2026-11-24T08:15:42.123Z</Timestamp><ResourceProperties>{}</ResourceProperties>' +
      '<ClientRequestToken>run-7</ClientRequestToken></member></StackEvents><NextToken>page-3</NextToken>',
    ['NextToken', ...['StackId', 'Timestamp', ...MADE].map(name => `StackEvents.0.${name}`)],
  ),
  toStacks(
    'DescribeStacks',
    client => client.send(new DescribeStacksCommand({ StackName: StackId })),
    `<Stacks><member>${stackId}<RoleARN>arn:aws:iam::111122223333:role/exec</RoleARN><RootId>${StackId}</RootId>` +
      '<ParentId>none</ParentId><CreationTime>2026-11-20T09:30:00.000Z</CreationTime><StackStatus>ROLLBACK_COMPLETE</StackStatus>' +
      '<DisableRollback>false</DisableRollback><Capabilities><member>CAPABILITY_IAM</member></Capabilities>' +
      '<Parameters><member><ParameterKey>Size</ParameterKey><ParameterValue>2</ParameterValue></member></Parameters>' +
      '</member></Stacks>',
    ['Stacks.0.RoleARN', 'Stacks.0.RootId'],
  ),
  toStacks(
    'DescribeStackResources',
    client => client.send(new DescribeStackResourcesCommand({ StackName: StackId })),
    `<StackResources><member>${stackId}${made}<Timestamp>2026-11-24T08:15:42.123Z</Timestamp>` +
      '<DriftInformation><StackResourceDriftStatus>NOT_CHECKED</StackResourceDriftStatus></DriftInformation></member></StackResources>',
    ['ResourceType', 'PhysicalResourceId'].map(name => `StackResources.0.${name}`),
  ),
]

const input = {
  actionTypeId: { category: 'Deploy', owner: 'AWS', provider: 'CloudFormation', version: '1' },
  configuration: { RoleArn: 'arn:aws:iam::111122223333:role/exec', StackName: 'orders' },
  resolvedConfiguration: { RoleArn: 'arn:aws:iam::111122223333:role/exec', StackName: 'orders' },
  roleArn: 'arn:aws:iam::111122223333:role/deploys',
  region: 'eu-west-1',
  inputArtifacts: [{ name: 'Built', s3location: { bucket: 'artifacts', key: 'built.zip' } }],
  namespace: 'Deploy',
}
const output = {
  outputArtifacts: [],
  executionResult: {
    externalExecutionId: StackId,
    externalExecutionSummary: 'the stack was rolled back',
    externalExecutionUrl: 'https://example.com',
    errorDetails: { code: 'JobFailed', message: 'not authorized to perform: iam:PassRole' },
  },
  outputVariables: { Version: '7' },
}
const INPUT = ['actionTypeId.provider', 'roleArn', 'configuration.RoleArn', 'resolvedConfiguration.RoleArn']
const RESULT = ['externalExecutionId', 'externalExecutionSummary', 'errorDetails.code', 'errorDetails.message']

const PIPELINES: readonly Sample[] = [
  {
    call: 'client-codepipeline/ListActionExecutions',
    send: settings =>
      new CodePipelineClient(settings).send(
        new ListActionExecutionsCommand({
          pipelineName: 'orders',
          filter: { pipelineExecutionId: '7c1f0a52-0000-4000-8000-000000000001' },
          nextToken: 'page-2',
        }),
      ),
    answer: jsonAnswer('1.1', {
      actionExecutionDetails: [
        {
          pipelineExecutionId: '7c1f0a52-0000-4000-8000-000000000001',
          actionExecutionId: '7c1f0a52-0000-4000-8000-000000000002',
          pipelineVersion: 3,
          stageName: 'Production',
          actionName: 'Deploy',
          startTime: 1_795_500_000.5,
          lastUpdateTime: 1_795_500_061.25,
          status: 'Failed',
          input,
          output,
        },
      ],
      nextToken: 'page-3',
    }),
    reads: [
      'nextToken',
      ...[
        ...['stageName', 'actionName', 'status', 'lastUpdateTime'],
        ...INPUT.map(name => `input.${name}`),
        ...RESULT.map(name => `output.executionResult.${name}`),
      ].map(name => `actionExecutionDetails.0.${name}`),
    ],
  },
  {
    call: 'client-codepipeline/GetPipeline',
    send: settings => new CodePipelineClient(settings).send(new GetPipelineCommand({ name: 'orders' })),
    answer: jsonAnswer('1.1', {
      pipeline: {
        name: 'orders',
        roleArn: 'arn:aws:iam::111122223333:role/pipeline',
        artifactStore: { type: 'S3', location: 'artifacts' },
        stages: [{ name: 'Production', actions: [{ name: 'Deploy', actionTypeId: input.actionTypeId, runOrder: 1 }] }],
        version: 3,
        pipelineType: 'V2',
      },
      metadata: { pipelineArn: 'arn:aws:codepipeline:eu-west-1:111122223333:orders', created: 1_795_500_000 },
    }),
    reads: ['pipeline.roleArn'],
  },
]

const LOGS: readonly Sample[] = [
  {
    call: 'client-cloudwatch-logs/GetLogEvents',
    send: settings =>
      new CloudWatchLogsClient(settings).send(
        new GetLogEventsCommand({
          logGroupName: '/aws/codebuild/orders',
          logStreamName: 'run/7',
          startFromHead: false,
          nextToken: 'b/1',
        }),
      ),
    answer: jsonAnswer('1.1', {
      events: [{ timestamp: 1_795_500_000_123, message: 'AccessDenied: größer\n', ingestionTime: 1_795_500_000_456 }],
      nextForwardToken: 'f/2',
      nextBackwardToken: 'b/2',
    }),
    reads: ['events.0.message', 'nextBackwardToken'],
  },
]

export const DEPLOYS: readonly Sample[] = [...STACKS, ...PIPELINES, ...LOGS]
