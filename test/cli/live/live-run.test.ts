/** Answers in the form of the services' API references, over a fake of the account. */
import { describe, expect, it } from 'vitest'
import { type LiveTools, type NamedRun, readLiveRun } from '../../../cli/live/live-run.ts'
import { known, unknown } from '../../../core/base/fact.ts'
import { readDeployment, readService } from '../../../functions/adapters/aws/deploy-tools/run-parts.ts'
import type { DeployReader } from '../../../functions/ports/deploy-reader.ts'

const ACCOUNT = '111122223333'
const NOW = Date.UTC(2026, 10, 24, 12)
/** Seconds, as the JSON protocol has times. */
const FAILED_S = NOW / 1_000 - 60
const PLACE = { accountId: ACCOUNT, region: 'eu-west-1' }
const DENIED = (action: string) =>
  `User: arn:aws:sts::${ACCOUNT}:assumed-role/deployer/x is not authorized to perform: ${action} on resource: arn:aws:s3:::files because no identity-based policy allows the ${action} action`

const UNREAD: DeployReader = {
  stack: async () => unknown('not asked'),
  template: async () => unknown('not asked'),
  failedActions: async () => unknown('not asked'),
  failedParts: async () => unknown('not asked'),
  buildRoles: async () => known([]),
  logTail: async () => unknown('not asked'),
}

/** `answers`: by operation. An error is thrown. */
function account(
  answers: { readonly [operation: string]: unknown },
  more: Partial<Pick<LiveTools, 'execution'>> & { readonly reader?: Partial<DeployReader> } = {},
) {
  const asked: [string, string, object][] = []
  const ask: LiveTools['ask'] = async ({ service, target, body }) => {
    const operation = target.split('.')[1] ?? target
    asked.push([service, operation, body])
    const answer = answers[operation]
    if (answer instanceof Error) throw answer
    if (answer === undefined) throw new Error(`${operation} was not expected`)
    return answer
  }
  const failedParts: DeployReader['failedParts'] = async (_, run, atMs) => {
    if (run.kind === 'deployment') return readDeployment(run, ask, atMs)
    return run.kind === 'ecs-service' ? readService(run, ask, atMs) : unknown('not asked')
  }
  const tools: LiveTools = {
    ...{ place: PLACE, ask, execution: more.execution ?? (async () => null) },
    reader: { ...UNREAD, failedParts, ...more.reader },
  }
  return { asked, read: (run: NamedRun) => readLiveRun(run, tools, NOW) }
}

describe('a build', () => {
  const RUN: NamedRun = { kind: 'build', id: 'orders-deploy:5f1c2d3e' }
  const build = (buildStatus: string, more: object = {}) => ({
    builds: [
      {
        id: 'orders-deploy:5f1c2d3e',
        arn: `arn:aws:codebuild:eu-west-1:${ACCOUNT}:build/orders-deploy:5f1c2d3e`,
        projectName: 'orders-deploy',
        buildStatus,
        endTime: FAILED_S,
        phases: [
          { phaseType: 'SUBMITTED', phaseStatus: 'SUCCEEDED' },
          {
            phaseType: 'BUILD',
            phaseStatus: 'FAILED',
            contexts: [{ statusCode: 'COMMAND_EXECUTION_ERROR', message: 'Error while executing command: aws s3 mb' }],
          },
        ],
        logs: { groupName: '/aws/codebuild/orders-deploy', streamName: '5f1c2d3e' },
        ...more,
      },
    ],
    buildsNotFound: [],
  })

  it('is told by its phases and the end of its log', async () => {
    const logs: string[][] = []
    const logTail: DeployReader['logTail'] = async (_, ...named) => {
      logs.push(named)
      return known(`An error occurred: ${DENIED('s3:CreateBucket')}`)
    }
    const roleArn = `arn:aws:iam::${ACCOUNT}:role/build`
    const buildRoles: DeployReader['buildRoles'] = async (_, ids) => known(ids.map(id => ({ id, roleArn })))
    const { asked, read } = account({ BatchGetBuilds: build('FAILED') }, { reader: { logTail, buildRoles } })
    const [run, ...others] = await read(RUN)
    expect(run?.own).toEqual([{ roleArn, session: 'AWSCodeBuild-5f1c2d3e' }])
    expect(others).toEqual([])
    expect(asked).toEqual([['codebuild', 'BatchGetBuilds', { ids: ['orders-deploy:5f1c2d3e'] }]])
    expect(logs).toEqual([['/aws/codebuild/orders-deploy', '5f1c2d3e']])
    expect(run).toMatchObject({
      tool: 'codebuild',
      name: 'orders-deploy',
      ...PLACE,
      status: 'FAILED',
      atMs: FAILED_S * 1_000,
    })
    expect(run?.reasons.map(({ text }) => text)).toEqual([
      'COMMAND_EXECUTION_ERROR: Error while executing command: aws s3 mb',
      `An error occurred: ${DENIED('s3:CreateBucket')}`,
    ])
  })

  it('says what it could not read, where the log may not be read', async () => {
    const reader = { logTail: async () => unknown('the log of the build could not be read: AccessDenied') }
    const [run] = await account({ BatchGetBuilds: build('FAILED') }, { reader }).read(RUN)
    expect(run?.notes).toEqual(['the log of the build could not be read: AccessDenied'])
    expect(run?.reasons).toHaveLength(1)
  })

  it.each(['SUCCEEDED', 'IN_PROGRESS', 'STOPPED'])('that is %s did not fail', async status => {
    expect(await account({ BatchGetBuilds: build(status) }).read(RUN)).toEqual([])
  })

  it('that nobody knows, or that may not be read, is an error of one line', async () => {
    const gone = account({ BatchGetBuilds: { builds: [], buildsNotFound: ['x'] } })
    await expect(gone.read(RUN)).rejects.toThrow('there is no build orders-deploy:5f1c2d3e in eu-west-1')
    const refused = account({ BatchGetBuilds: new Error('User is not authorized') })
    await expect(refused.read(RUN)).rejects.toThrow('build orders-deploy:5f1c2d3e: User is not authorized')
  })
})

describe('a pipeline', () => {
  const RUN = { kind: 'pipeline', name: 'orders', execution: null } as const
  const executionOf = (status: string) => async () => ({ id: 'e-1', status, atMs: NOW })

  it('is told by its failed actions', async () => {
    const failedActions: DeployReader['failedActions'] = async (_, pipeline, executionId) => {
      expect([pipeline, executionId]).toEqual(['orders', 'e-1'])
      const reasons = [{ text: DENIED('s3:PutBucketPolicy'), resource: 'Stack', resourceType: null, atMs: NOW }]
      const role = {
        roleArn: `arn:aws:iam::${ACCOUNT}:role/deployer`,
        stackRoleArn: null,
        externalId: null,
        startedAtMs: null,
      }
      return known([{ stage: 'Deploy', action: 'Stack', provider: 'S3', ...role, reasons }])
    }
    const { read } = account({}, { execution: executionOf('Failed'), reader: { failedActions } })
    const [run] = await read(RUN)
    expect(run).toMatchObject({ tool: 'codepipeline', name: 'orders', by: `arn:aws:iam::${ACCOUNT}:role/deployer` })
    expect(run?.reasons.map(({ text }) => text)).toEqual([DENIED('s3:PutBucketPolicy')])
  })

  it('asks for the named execution, and did not fail where that one did not', async () => {
    const asked: unknown[] = []
    const execution: LiveTools['execution'] = async (...given) => {
      asked.push(given)
      return { id: 'e-9', status: 'Succeeded', atMs: NOW }
    }
    expect(await account({}, { execution }).read({ ...RUN, execution: 'e-9' })).toEqual([])
    expect(asked).toEqual([['orders', 'e-9']])
  })

  it('without an execution, or that may not be read, is an error', async () => {
    await expect(account({}).read(RUN)).rejects.toThrow('there is no pipeline orders in eu-west-1')
    const refused = account({}, { execution: async () => Promise.reject(new Error('AccessDenied')) })
    await expect(refused.read(RUN)).rejects.toThrow('pipeline orders: AccessDenied')
  })
})

describe('a deployment by CodeDeploy', () => {
  const RUN: NamedRun = { kind: 'deployment', id: 'd-ABC123' }
  const deployment = (status: string) => ({
    deploymentInfo: {
      applicationName: 'shop',
      deploymentGroupName: 'live',
      deploymentId: 'd-ABC123',
      status,
      completeTime: FAILED_S,
      errorInformation: {
        code: 'HEALTH_CONSTRAINTS',
        message: 'The overall deployment failed because too many individual instances failed deployment.',
      },
    },
  })
  const TARGETS = {
    deploymentTargets: [
      {
        deploymentTargetType: 'InstanceTarget',
        instanceTarget: {
          status: 'Failed',
          lifecycleEvents: [
            {
              lifecycleEventName: 'BeforeInstall',
              status: 'Succeeded',
              diagnostics: { message: 'Succeeded', logTail: '' },
            },
            {
              lifecycleEventName: 'AfterInstall',
              status: 'Failed',
              diagnostics: {
                errorCode: 'ScriptFailed',
                message: 'Script at specified location failed',
                logTail: DENIED('s3:GetObject'),
              },
            },
          ],
        },
      },
    ],
  }

  it('is told by its error and by the steps that failed on its targets', async () => {
    const { asked, read } = account({
      ...{ GetDeployment: deployment('Failed'), ListDeploymentTargets: { targetIds: ['i-1'] } },
      BatchGetDeploymentTargets: TARGETS,
    })
    const [run] = await read(RUN)
    expect(asked.map(([service, operation]) => `${service}:${operation}`)).toEqual([
      'codedeploy:GetDeployment',
      'codedeploy:GetDeployment',
      'codedeploy:ListDeploymentTargets',
      'codedeploy:BatchGetDeploymentTargets',
    ])
    expect(run).toMatchObject({ tool: 'codedeploy', name: 'shop/live' })
    expect(run?.reasons.map(({ text, resource }) => [resource, text])).toEqual([
      [null, 'The overall deployment failed because too many individual instances failed deployment.'],
      ['AfterInstall', `Script at specified location failed\n${DENIED('s3:GetObject')}`],
    ])
  })

  it('is told by its error alone where its targets may not be read', async () => {
    const answers = { GetDeployment: deployment('Failed'), ListDeploymentTargets: new Error('AccessDenied') }
    expect((await account(answers).read(RUN))[0]?.reasons).toHaveLength(1)
  })

  it.each(['Succeeded', 'InProgress', 'Stopped'])('that is %s did not fail', async status => {
    expect(await account({ GetDeployment: deployment(status) }).read(RUN)).toEqual([])
  })
})

describe('an ECS service', () => {
  const RUN: NamedRun = { kind: 'service', cluster: 'live', service: 'web' }
  const SECRET = `ResourceInitializationError: unable to pull secrets: AccessDeniedException: ${DENIED('secretsmanager:GetSecretValue')}`
  const service = (rolloutState: string, messages: readonly string[] = []) => ({
    services: [
      {
        serviceArn: `arn:aws:ecs:eu-west-1:${ACCOUNT}:service/live/web`,
        deployments: [
          {
            id: 'ecs-svc/42',
            status: 'PRIMARY',
            rolloutState,
            rolloutStateReason: 'ECS deployment circuit breaker: tasks failed to start.',
            updatedAt: FAILED_S,
          },
        ],
        events: messages.map(message => ({ message, createdAt: FAILED_S })),
      },
    ],
    failures: [],
  })
  const TASKS = {
    ListTasks: { taskArns: ['t-1', 't-2'] },
    DescribeTasks: {
      tasks: ['t-1', 't-2'].map(taskArn => ({
        ...{ taskArn, stoppedReason: SECRET, stoppedAt: FAILED_S },
        containers: [{ name: 'app', reason: 'OutOfMemoryError: container killed' }],
      })),
    },
  }

  it('is told by its deployment and by why its tasks stopped, each sentence once', async () => {
    const { asked, read } = account({ DescribeServices: service('FAILED'), ...TASKS })
    const [run] = await read(RUN)
    expect(asked).toEqual([
      ['ecs', 'DescribeServices', { cluster: 'live', services: ['web'] }],
      ['ecs', 'DescribeServices', { cluster: 'live', services: ['web'] }],
      ['ecs', 'ListTasks', { cluster: 'live', serviceName: 'web', desiredStatus: 'STOPPED' }],
      ['ecs', 'DescribeTasks', { cluster: 'live', tasks: ['t-1', 't-2'] }],
    ])
    expect(run).toMatchObject({ tool: 'ecs', name: 'live/web', status: 'SERVICE_DEPLOYMENT_FAILED' })
    expect(run?.reasons.map(({ text, resource }) => [resource, text])).toEqual([
      [null, 'ECS deployment circuit breaker: tasks failed to start.'],
      [null, SECRET],
      ['app', 'OutOfMemoryError: container killed'],
    ])
  })

  it('that was rolled back is told by its events, and not by what came before it was steady', async () => {
    const messages = [
      '(service web) (deployment ecs-svc/43) deployment failed: tasks failed to start.',
      '(service web) was unable to place a task.',
      '(service web) has reached a steady state.',
      '(service web) an old story.',
    ]
    const none = { taskArns: [] }
    const [run] = await account({ DescribeServices: service('COMPLETED', messages), ListTasks: none }).read(RUN)
    expect(run?.reasons.map(({ text }) => text)).toEqual([messages[0], messages[0], messages[1]])
  })

  it('that succeeded after the failure did not fail, and the deployment that it was rolled back to is no success', async () => {
    const failed = '(service web) (deployment ecs-svc/43) deployment failed: tasks failed to start.'
    const completed = (id: number) => `(service web) (deployment ecs-svc/${id}) deployment completed.`
    const none = { ListTasks: { taskArns: [] } }
    const back = '(service web) rolling back to deployment ecs-svc/42.'
    const read = async (...messages: readonly string[]) =>
      (await account({ DescribeServices: service('COMPLETED', messages), ...none }).read(RUN)).length
    expect(await read(completed(44), completed(42), back, failed)).toBe(0)
    expect(await read(completed(42), back, failed)).toBe(1)
    expect(await read(failed, completed(42))).toBe(1)
  })

  it('whose deployment is complete, or goes on, did not fail', async () => {
    for (const state of ['COMPLETED', 'IN_PROGRESS'])
      expect(await account({ DescribeServices: service(state) }).read(RUN)).toEqual([])
  })

  it('that is not there is an error', async () => {
    await expect(
      account({ DescribeServices: { services: [], failures: [{ reason: 'MISSING' }] } }).read(RUN),
    ).rejects.toThrow('there is no service live/web in eu-west-1')
  })
})

describe('an answer of another form', () => {
  it('is a run that is not there, and never an exception of a parser', async () => {
    for (const answer of [null, 3, [], { builds: 'x' }, { deploymentInfo: null }, { services: [{ serviceArn: 3 }] }])
      for (const run of [
        { kind: 'build', id: 'b:1' },
        { kind: 'deployment', id: 'd-1' },
        { kind: 'service', cluster: 'c', service: 's' },
      ] as const) {
        const answers = { BatchGetBuilds: answer, GetDeployment: answer, DescribeServices: answer }
        await expect(account(answers).read(run)).rejects.toThrow('there is no')
      }
  })
})
