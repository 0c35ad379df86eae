import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { askAws } from '../../cli/live/ask-aws.ts'
import { liveEnroll } from '../../cli/live/hub/enroll-function.ts'
import { liveQueues } from '../../cli/live/operator-queues.ts'
import { eventOfBuild, eventOfDeployment, eventOfService } from '../../cli/live/run-events.ts'
import { canaryCalls } from '../../cli/use-cases/canary/canary-calls.ts'
import { readAlarms, readSubscribers, readUndelivered } from '../../cli/use-cases/doctor/hub/alerts.ts'
import { readFunction, readMappings } from '../../cli/use-cases/doctor/hub/functions.ts'
import { readEnabledRegions } from '../../cli/use-cases/doctor/hub/guardrails.ts'
import { readKey } from '../../cli/use-cases/doctor/hub/keys.ts'
import { readRules } from '../../cli/use-cases/doctor/rules.ts'
import { readBuildRoles } from '../../functions/adapters/aws/deploy-tools/build-roles.ts'
import { readAmplifyJob } from '../../functions/adapters/aws/deploy-tools/failed-parts.ts'
import { askJson, type JsonCall } from '../../functions/adapters/aws/deploy-tools/json-call.ts'
import { putEvent } from '../../functions/adapters/aws/deploy-tools/put-event.ts'
import { readDeployment, readService } from '../../functions/adapters/aws/deploy-tools/run-parts.ts'
import { callersOf, signCaller } from '../../functions/adapters/aws/sts/signed-caller.ts'
import { awsCall, wrongAnswer } from './aws-models.ts'

const REGION = 'eu-west-1'
const HUB = '111122223333'
const HERE = { profile: null, region: REGION }
const PLACE = { accountId: HUB, region: REGION }
const CREDENTIALS = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'example' }
const QUEUE = `arn:aws:sqs:${REGION}:${HUB}:rolemedic-intake`

const root = resolve(import.meta.dirname, '../..')
const WRITTEN =
  /(?:json\(\s*'\w+',\s*|target(?:: | = )|'x-amz-target': )'\w+\.(\w+)'|query\(\s*'\w+',\s*'[\d-]+',\s*'(\w+)'/g

/** As far as they are read. */
const ANSWERS: { readonly [operation: string]: object | string } = {
  ListRegions: { Regions: [{ RegionName: REGION, RegionOptStatus: 'ENABLED_BY_DEFAULT' }] },
  GetJob: { job: { steps: [{ stepName: 'BUILD', status: 'FAILED', statusReason: 'no' }] } },
  BatchGetBuilds: {
    builds: [
      {
        ...{ id: 'web:1', arn: `arn:aws:codebuild:${REGION}:${HUB}:build/web:1`, projectName: 'web', endTime: 1.5 },
        ...{ buildStatus: 'FAILED', serviceRole: `arn:aws:iam::${HUB}:role/build` },
        logs: { groupName: 'g', streamName: 's' },
        phases: [{ phaseStatus: 'FAILED', contexts: [{ statusCode: 'x', message: 'no' }] }],
      },
    ],
  },
  GetDeployment: {
    deploymentInfo: {
      ...{ applicationName: 'a', deploymentGroupName: 'g', deploymentId: 'd-1', status: 'Failed', completeTime: 1.5 },
      errorInformation: { code: 'IAM_ROLE_MISSING', message: 'no role' },
    },
  },
  ListDeploymentTargets: { targetIds: ['i-1'] },
  BatchGetDeploymentTargets: {
    deploymentTargets: [
      {
        instanceTarget: {
          lifecycleEvents: [
            { lifecycleEventName: 'Install', status: 'Failed', diagnostics: { message: 'no', logTail: 'x' } },
          ],
        },
      },
    ],
  },
  DescribeServices: {
    services: [
      {
        serviceArn: `arn:aws:ecs:${REGION}:${HUB}:service/c/s`,
        deployments: [{ id: 'ecs-svc/1', rolloutState: 'FAILED', rolloutStateReason: 'no role', updatedAt: 1.5 }],
        events: [{ message: 'cannot start', createdAt: 1.5 }],
      },
    ],
  },
  ListTasks: { taskArns: ['arn'] },
  DescribeTasks: {
    tasks: [
      {
        startedBy: 'ecs-svc/1',
        stoppedReason: 'no',
        stoppedAt: 1.5,
        containers: [{ name: 'web', reason: 'no image' }],
      },
    ],
  },
  ListRules: { Rules: [{ Name: 'rolemedic-heartbeat', State: 'ENABLED', EventPattern: '{}' }] },
  ListTargetsByRule: { Targets: [{ Id: 'rolemedic', Arn: QUEUE }] },
  PutEvents: { FailedEntryCount: 0, Entries: [{ EventId: '1' }] },
  DescribeKey: { KeyMetadata: { KeyId: '1', KeyState: 'Enabled' } },
  GetFunctionConfiguration: { State: 'Active', LastUpdateStatus: 'Successful' },
  GetFunctionConcurrency: { ReservedConcurrentExecutions: 3 },
  ListEventSourceMappings: { EventSourceMappings: [{ EventSourceArn: QUEUE, State: 'Enabled' }] },
  Invoke: { done: 'x' },
  GetQueueUrl: { QueueUrl: `https://sqs.${REGION}.amazonaws.com/${HUB}/rolemedic-intake` },
  GetQueueAttributes: {
    Attributes: { QueueArn: QUEUE, ApproximateNumberOfMessages: '1', ApproximateNumberOfMessagesNotVisible: '0' },
  },
  StartMessageMoveTask: { TaskHandle: 'x' },
  ListSubscriptionsByTopic:
    '<Subscriptions><member><SubscriptionArn>arn:1</SubscriptionArn><Endpoint>a@example.com</Endpoint></member></Subscriptions>',
  DescribeAlarms:
    '<MetricAlarms><member><AlarmName>a</AlarmName><AlarmDescription>why</AlarmDescription><StateValue>ALARM</StateValue></member></MetricAlarms>',
  GetMetricStatistics: '<Datapoints><member><Sum>2.0</Sum></member></Datapoints>',
  GetMetricData:
    '<MetricDataResults><member><Id>r0</Id><Values><member>2.0</member></Values></member></MetricDataResults>',
  GetCallerIdentity: `<UserId>AIDAEXAMPLE</UserId><Arn>arn:aws:iam::${HUB}:user/anna</Arn>`,
}

afterEach(() => {
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
})

it('asks AWS only for what it has, and reads what it answers', async () => {
  const asked = new Set<string>()
  vi.stubGlobal('fetch', async (url: URL, { method = 'GET', headers = {}, body = '' }: RequestInit) => {
    const call = awsCall({
      ...{ method, path: url.pathname + url.search, body: String(body) },
      headers: headers as Record<string, string>,
    })
    if (call === null) throw new Error(`${url.href} is not of AWS`)
    asked.add(`${call.service} ${call.operation}`)
    const { [call.operation]: known = {} } = ANSWERS
    const answer =
      typeof known === 'object'
        ? JSON.stringify(known)
        : `<${call.operation}Response><${call.operation}Result>${known}</${call.operation}Result></${call.operation}Response>`
    expect(wrongAnswer(call, answer), call.operation).toEqual([])
    return new Response(answer)
  })
  vi.stubEnv('AWS_ACCESS_KEY_ID', CREDENTIALS.accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', CREDENTIALS.secretAccessKey)
  const env = {}
  const ask = askAws({ region: REGION, credentials: CREDENTIALS }, { env })
  const tool = (call: JsonCall) => askJson(PLACE, call, CREDENTIALS)

  expect(await readEnabledRegions(ask)).toEqual([REGION])
  expect(await readRules(ask, 'rolemedic')).toMatchObject([{ name: 'rolemedic-heartbeat', targets: [QUEUE] }])
  const queues = await liveQueues(HERE, { env })
  expect(await queues.waiting('rolemedic-intake')).toEqual({ arn: QUEUE, messages: 1 })
  await queues.moveBack(QUEUE)
  expect(await readFunction('intake', ask)).toMatchObject({ state: 'Active', reserved: 3 })
  expect(await readMappings('intake', ask)).toEqual([{ queueArn: QUEUE, state: 'Enabled' }])
  expect(await readKey('alias/rolemedic', ask)).toMatchObject({ state: 'Enabled' })
  const subscribers = await readSubscribers(`arn:aws:sns:${REGION}:${HUB}:rolemedic-alerts`, ask)
  expect(subscribers).toEqual([{ endpoint: 'a@example.com', isConfirmed: true }])
  expect(await readAlarms(ask)).toEqual({ count: 1, ringing: [{ name: 'a', description: 'why' }] })
  const own = { accountId: HUB, credentials: async () => CREDENTIALS }
  const canary = canaryCalls(
    { own, region: REGION, table: 'rolemedic', accessTo: () => own, sleep: async () => {} },
    { env, nowMs: () => 0 },
  )
  expect(await canary.received(0)).toBe(2)
  const undelivered = await readUndelivered([{ rule: 'rolemedic-heartbeat', bus: 'rolemedic' }], ask, 0)
  expect([...undelivered.values()]).toEqual([2])
  expect(await readBuildRoles(PLACE, ['web:1'], CREDENTIALS)).toMatchObject({ value: [{ id: 'web:1' }] })
  const job = { kind: 'amplify-job', app: 'd1', branch: 'feature/a b', job: '1' } as const
  expect(await readAmplifyJob(PLACE, job, CREDENTIALS, { atMs: 0 })).toMatchObject({ value: [{ text: 'no' }] })
  const deployment = await readDeployment({ kind: 'deployment', id: 'd-1' }, tool, 0)
  expect(deployment).toMatchObject({ value: [{ text: 'no role' }, { text: 'no\nx', resource: 'Install' }] })
  const service = { kind: 'ecs-service', cluster: 'c', service: 's', deployment: 'ecs-svc/1' } as const
  expect(await readService(service, tool, 0)).toMatchObject({
    value: [{ text: 'cannot start', atMs: 1500 }, { text: 'no' }, { text: 'no image', resource: 'web' }],
  })
  expect(await liveEnroll({ ...HERE, identity: null }, { env })({ ask: 'list' })).toEqual(ANSWERS['Invoke'])
  expect(eventOfBuild(ANSWERS['BatchGetBuilds'], PLACE, 0)).toMatchObject({ time: '1970-01-01T00:00:01.500Z' })
  expect(eventOfDeployment(ANSWERS['GetDeployment'], PLACE, 0)).toMatchObject({ detail: { deploymentId: 'd-1' } })
  expect(eventOfService(ANSWERS['DescribeServices'], PLACE, 0)).toMatchObject({ detail: { reason: 'no role' } })
  await putEvent({ source: 'a', type: 'b', detail: {} }, { region: REGION, credentials: CREDENTIALS }, {})
  const caller = await signCaller('digest', { region: REGION, credentials: CREDENTIALS }, {})
  const who = await callersOf({ region: REGION, accountId: HUB, administrators: ['user/anna'], people: [] }, {})(
    caller,
    'digest',
  )
  expect(who).toMatchObject({ ok: true, value: { principal: 'AIDAEXAMPLE' } })

  const operations = new Set([...asked].map(one => one.split(' ')[1]))
  expect(written().filter(operation => !operations.has(operation))).toEqual([])
  expect([...asked].toSorted()).toMatchInlineSnapshot(`
    [
      "account ListRegions",
      "amplify GetJob",
      "codebuild BatchGetBuilds",
      "codedeploy BatchGetDeploymentTargets",
      "codedeploy GetDeployment",
      "codedeploy ListDeploymentTargets",
      "ecs DescribeServices",
      "ecs DescribeTasks",
      "ecs ListTasks",
      "events ListRules",
      "events ListTargetsByRule",
      "events PutEvents",
      "kms DescribeKey",
      "lambda GetFunctionConcurrency",
      "lambda GetFunctionConfiguration",
      "lambda Invoke",
      "lambda ListEventSourceMappings",
      "monitoring DescribeAlarms",
      "monitoring GetMetricData",
      "monitoring GetMetricStatistics",
      "sns ListSubscriptionsByTopic",
      "sqs GetQueueAttributes",
      "sqs GetQueueUrl",
      "sqs StartMessageMoveTask",
      "sts GetCallerIdentity",
    ]
  `)
})

/** Operations that the sources name in a request, by a target or in a query. Those that are a path are not found. */
function written(): readonly string[] {
  const sources = globSync('{cli,functions}/**/*.ts', { cwd: root }).map(file => readFileSync(join(root, file), 'utf8'))
  const found = sources.flatMap(source =>
    [...source.matchAll(WRITTEN)].map(([, target, query]) => target ?? query ?? ''),
  )
  expect(found.length).toBeGreaterThan(10)
  return found
}
