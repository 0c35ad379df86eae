import { readFileSync } from 'node:fs'
import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  ListStackSetOperationResultsCommand,
  type StackEvent,
} from '@aws-sdk/client-cloudformation'
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { CodePipelineClient, GetPipelineCommand, ListActionExecutionsCommand } from '@aws-sdk/client-codepipeline'
import { mockClient } from 'aws-sdk-client-mock'
import { afterEach, describe, expect, it } from 'vitest'
import { readLogTail } from '../../functions/adapters/aws/deploy-tools/build-log.ts'
import { readBuildRoles } from '../../functions/adapters/aws/deploy-tools/build-roles.ts'
import { readStack } from '../../functions/adapters/aws/deploy-tools/cloudformation-events.ts'
import { readAmplifyJob, readStackSetResults } from '../../functions/adapters/aws/deploy-tools/failed-parts.ts'
import { readFailedActions } from '../../functions/adapters/aws/deploy-tools/pipeline-execution.ts'

const stacks = mockClient(CloudFormationClient)
const pipelines = mockClient(CodePipelineClient)
const logs = mockClient(CloudWatchLogsClient)
afterEach(() => {
  for (const mock of [stacks, pipelines, logs]) mock.reset()
})

const region = { region: 'eu-west-1' }
const named = (name: string, message = 'no') => Object.assign(new Error(message), { name })
const sample = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../events/deploys/${name}.json`, import.meta.url), 'utf8')) as {
    readonly StackEvents: StackEvent[]
    readonly Stacks: { RoleARN: string }[]
    readonly actionExecutionDetails: object[]
  }
const ORDERS = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/orders/4f2a7c10-c8dd-11f1-9a3e-0a1b2c3d4e5f'
const CHILD = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/orders-Child-1X/9e0b'
const FAILED_AT = Date.UTC(2026, 10, 24, 2, 47, 34)
const at = (second: number) => new Date(Date.UTC(2026, 10, 24, 2, 47, second))

describe('a stack', () => {
  it('gives its role, and why its last operation failed', async () => {
    const { StackEvents, Stacks } = sample('stack-events/orders')
    stacks.on(DescribeStackEventsCommand).resolves({ StackEvents })
    stacks.on(DescribeStacksCommand).resolves({ Stacks: Stacks as never })
    stacks.on(DescribeStackResourcesCommand).resolves({
      StackResources: [
        { ResourceType: 'AWS::IAM::Role', PhysicalResourceId: 'orders-made', LogicalResourceId: 'Role' } as never,
      ],
    })
    const read = await readStack(new CloudFormationClient(region), ORDERS, FAILED_AT)
    expect(read).toMatchObject({
      known: true,
      value: {
        rootId: ORDERS,
        roleArn: 'arn:aws:iam::111122223333:role/deploy/orders-stack-exec',
        startedAtMs: Date.UTC(2026, 10, 24, 2, 47, 12, 300),
        roles: ['orders-made'],
      },
    })
    if (!read.known) return
    expect(read.value.reasons.map(({ resource }) => resource)).toEqual(['WorkerFunction', 'Queue'])
  })

  it('is read page by page until the operation began, and no further', async () => {
    const page = (index: number): StackEvent[] => [
      {
        StackId: ORDERS,
        EventId: `${index}`,
        StackName: 'orders',
        LogicalResourceId: 'orders',
        PhysicalResourceId: ORDERS,
        ResourceType: 'AWS::CloudFormation::Stack',
        Timestamp: at(30 - index),
        ResourceStatus: index === 2 ? 'UPDATE_IN_PROGRESS' : 'UPDATE_ROLLBACK_IN_PROGRESS',
      },
    ]
    for (const index of [0, 1, 2, 3])
      stacks
        .on(DescribeStackEventsCommand, { StackName: ORDERS, NextToken: index === 0 ? undefined : `${index}` })
        .resolves({ StackEvents: page(index), NextToken: `${index + 1}` })
    stacks.on(DescribeStacksCommand).resolves({ Stacks: [] })
    stacks.on(DescribeStackResourcesCommand).rejects(named('AccessDenied'))
    expect(await readStack(new CloudFormationClient(region), ORDERS, FAILED_AT)).toMatchObject({
      known: true,
      value: { startedAtMs: at(28).getTime(), roleArn: null, roles: [] },
    })
    expect(stacks.commandCalls(DescribeStackEventsCommand)).toHaveLength(3)
  })

  it('within a stack is read as well, and belongs to the one that was deployed', async () => {
    const failed = (StackId: string, LogicalResourceId: string, ResourceType: string, id: string, reason: string) => ({
      StackId,
      EventId: LogicalResourceId,
      StackName: 'orders',
      LogicalResourceId,
      PhysicalResourceId: id,
      ResourceType,
      Timestamp: at(20),
      ResourceStatus: 'CREATE_FAILED' as const,
      ResourceStatusReason: reason,
    })
    const nested = failed(
      ORDERS,
      'Child',
      'AWS::CloudFormation::Stack',
      CHILD,
      `Embedded stack ${CHILD} was not created`,
    )
    stacks.on(DescribeStackEventsCommand, { StackName: ORDERS }).resolves({ StackEvents: [nested] })
    stacks
      .on(DescribeStackEventsCommand, { StackName: CHILD })
      .resolves({ StackEvents: [failed(CHILD, 'Worker', 'AWS::Lambda::Function', '', 'denied')] })
    stacks.on(DescribeStacksCommand).resolves({ Stacks: [{ RootId: 'arn:root' } as never] })
    stacks.on(DescribeStackResourcesCommand).resolves({})
    const read = await readStack(new CloudFormationClient(region), ORDERS, FAILED_AT)
    expect(read).toMatchObject({ known: true, value: { rootId: 'arn:root' } })
    if (read.known) expect(read.value.reasons.map(({ resource }) => resource)).toEqual(['Child', 'Worker'])
  })

  it.each(['AccessDenied', 'ValidationError'])('that gives %s is unknown', async name => {
    stacks.on(DescribeStackEventsCommand).rejects(named(name, 'may not'))
    expect(await readStack(new CloudFormationClient(region), ORDERS, FAILED_AT)).toEqual({
      known: false,
      why: 'the events of the stack could not be read: may not',
    })
  })

  it('that cannot be reached is a fault, so that the event comes again', async () => {
    stacks.on(DescribeStackEventsCommand).rejects(named('TimeoutError'))
    await expect(readStack(new CloudFormationClient(region), ORDERS, FAILED_AT)).rejects.toThrow('no')
  })
})

describe('a pipeline', () => {
  it('gives what failed, with the pipeline’s role where the action has none', async () => {
    const { actionExecutionDetails } = sample('action-executions/orders')
    pipelines.on(ListActionExecutionsCommand).resolves({ actionExecutionDetails: actionExecutionDetails as never })
    const roleArn = 'arn:aws:iam::111122223333:role/pipeline'
    pipelines.on(GetPipelineCommand).resolves({ pipeline: { name: 'orders', roleArn, stages: [] } })
    const read = await readFailedActions(new CodePipelineClient(region), 'orders', '0123')
    expect(read).toMatchObject({
      known: true,
      value: [
        {
          stage: 'Deploy',
          action: 'DeployService',
          provider: 'CodeBuild',
          roleArn,
          externalId: 'orders-deploy:5f1c2d3e-8a4b-4c6d-9e0f-1a2b3c4d5e6f',
        },
      ],
    })
    expect(pipelines.commandCalls(ListActionExecutionsCommand)[0]?.args[0].input).toMatchObject({
      pipelineName: 'orders',
      filter: { pipelineExecutionId: '0123' },
    })
  })

  it('that is missing is unknown', async () => {
    pipelines.on(ListActionExecutionsCommand).rejects(named('PipelineNotFoundException', 'gone'))
    expect(await readFailedActions(new CodePipelineClient(region), 'orders', '0123')).toMatchObject({ known: false })
  })
})

describe('the log of a build', () => {
  it('is read from its end, two pages at most', async () => {
    const page = (text: string, nextBackwardToken: string) => ({
      events: [{ message: `${text}\n` }],
      nextBackwardToken,
    })
    logs.on(GetLogEventsCommand).resolves(page('never', 'c'))
    logs.on(GetLogEventsCommand, { nextToken: undefined }).resolves(page('last', 'a'))
    logs.on(GetLogEventsCommand, { nextToken: 'a' }).resolves(page('before', 'b'))
    expect(await readLogTail(new CloudWatchLogsClient(region), 'group', 'stream')).toEqual({
      known: true,
      value: 'before\nlast',
    })
  })

  it('that is missing is unknown', async () => {
    logs.on(GetLogEventsCommand).rejects(named('ResourceNotFoundException', 'gone'))
    expect(await readLogTail(new CloudWatchLogsClient(region), 'group', 'stream')).toEqual({
      known: false,
      why: 'the log of the build could not be read: gone',
    })
  })
})

describe('the roles of builds', () => {
  const place = { accountId: '111122223333', region: 'eu-west-1' }
  const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' }
  const ID = 'orders-deploy:5f1c2d3e-8a4b-4c6d-9e0f-1a2b3c4d5e6f'
  const SAMPLE: unknown = JSON.parse(
    readFileSync(new URL('../../events/deploys/builds/orders-deploy.json', import.meta.url), 'utf8'),
  )
  async function read(status: number, body: unknown, ids = [ID]) {
    const asked: { url: string; init: RequestInit | undefined }[] = []
    const fetch: typeof globalThis.fetch = async (url, init) => {
      asked.push({ url: String(url), init })
      return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status })
    }
    return { read: await readBuildRoles(place, ids, credentials, { fetch }), asked }
  }

  it('are asked for by a signed request, and nothing else is taken from the answer', async () => {
    const { read: roles, asked } = await read(200, SAMPLE)
    expect(roles).toEqual({
      known: true,
      value: [{ id: ID, roleArn: 'arn:aws:iam::111122223333:role/deploy/pipeline-deploy' }],
    })
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatchObject({
      url: 'https://codebuild.eu-west-1.amazonaws.com/',
      init: {
        method: 'POST',
        body: JSON.stringify({ ids: [ID] }),
        headers: {
          'x-amz-target': 'CodeBuild_20161006.BatchGetBuilds',
          'content-type': 'application/x-amz-json-1.1',
          authorization: expect.stringContaining('/eu-west-1/codebuild/aws4_request'),
        },
      },
    })
  })

  it('are ARNs also where CodeBuild gives the name, and missing where it gives none', async () => {
    const builds = [
      { id: 'a', serviceRole: 'service-role/build' },
      { id: 'b' },
      { id: 'c', serviceRole: 'arn:aws:s3:::x' },
    ]
    expect((await read(200, { builds })).read).toEqual({
      known: true,
      value: [{ id: 'a', roleArn: 'arn:aws:iam::111122223333:role/service-role/build' }],
    })
    expect((await read(200, { builds: 'x' })).read).toEqual({ known: true, value: [] })
  })

  it('are unknown where the reader role may not ask; anything else is a fault, and asked again', async () => {
    const refused = { __type: 'com.amazonaws.codebuild#AccessDeniedException', message: 'no right' }
    expect((await read(400, refused)).read).toEqual({
      known: false,
      why: 'the role of the build could not be read: no right',
    })
    // https://github.com/boto/botocore/blob/develop/botocore/parsers.py reads both.
    const inCapitals = { __type: 'AccessDeniedException', Message: 'no right' }
    expect((await read(400, inCapitals)).read).toMatchObject({ why: expect.stringContaining('no right') })
    await expect(read(400, { __type: 'ThrottlingException', message: 'slower' })).rejects.toThrow('slower')
    await expect(read(503, '<html>')).rejects.toThrow('CodeBuild answered 503')
  })
})

describe('the parts of a run', () => {
  const run = { kind: 'stack-set', stackSet: 'baseline:e5f5', operationId: 'op-1' } as const
  const summaries = (
    JSON.parse(
      readFileSync(new URL('../../events/deploys/stack-set-results/baseline.json', import.meta.url), 'utf8'),
    ) as { readonly Summaries: object[] }
  ).Summaries

  it('of a StackSet operation are its failed stacks, also for a delegated administrator', async () => {
    stacks
      .on(ListStackSetOperationResultsCommand, { CallAs: 'SELF' })
      .rejects(named('StackSetNotFoundException'))
      .on(ListStackSetOperationResultsCommand, { CallAs: 'DELEGATED_ADMIN', StackSetName: 'baseline:e5f5' })
      .resolves({ Summaries: summaries as never })
    const read = await readStackSetResults(new CloudFormationClient(region), run, FAILED_AT)
    expect(read).toMatchObject({
      known: true,
      value: [{ resource: '444455556666, eu-west-1', text: expect.stringContaining('cloudtrail:CreateTrail') }],
    })
  })

  it('of a StackSet operation are unknown where the reader role may not ask', async () => {
    stacks.on(ListStackSetOperationResultsCommand).rejects(named('AccessDenied', 'no right'))
    expect(await readStackSetResults(new CloudFormationClient(region), run, FAILED_AT)).toEqual({
      known: false,
      why: 'the results of the StackSet operation could not be read: no right',
    })
    stacks.on(ListStackSetOperationResultsCommand).rejects(named('Throttling', 'slower'))
    await expect(readStackSetResults(new CloudFormationClient(region), run, FAILED_AT)).rejects.toThrow('slower')
  })

  it('of an Amplify job are its failed steps, and a branch with a slash is one part of the address', async () => {
    const asked: string[] = []
    const answer = (status: number, body: object) => async (url: unknown) => {
      asked.push(String(url))
      return new Response(JSON.stringify(body), { status })
    }
    const ask = (status: number, body: object) =>
      readAmplifyJob(
        { accountId: '111122223333', region: 'eu-west-1' },
        { kind: 'amplify-job', app: 'd1', branch: 'feature/x', job: '7' },
        { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
        { atMs: FAILED_AT, fetch: answer(status, body) },
      )
    const steps = [
      { stepName: 'BUILD', status: 'FAILED', statusReason: 'denied' },
      { stepName: 'DEPLOY', status: 'CANCELLED', statusReason: 'stopped' },
    ]
    expect(await ask(200, { job: { steps } })).toEqual({
      known: true,
      value: [{ text: 'denied', resource: 'BUILD', resourceType: null, atMs: FAILED_AT }],
    })
    expect(asked).toEqual(['https://amplify.eu-west-1.amazonaws.com/apps/d1/branches/feature%2Fx/jobs/7'])
    // https://docs.aws.amazon.com/amplify/latest/APIReference/API_GetJob.html#API_GetJob_Errors
    for (const status of [401, 403, 404])
      expect(await ask(status, { message: 'no right' })).toEqual({
        known: false,
        why: 'the job of Amplify could not be read: no right',
      })
    await expect(ask(500, {})).rejects.toThrow('Amplify answered 500')
  })
})
