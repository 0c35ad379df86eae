import { describe, expect, it } from 'vitest'
import { failedActionsIn } from '../../functions/domain/deploy/tools/action-executions.ts'
import type { DeployReader } from '../../functions/ports/deploy-reader.ts'
import { refreshCard } from '../../functions/workflows/card/refresh-card.ts'
import { deploysSince } from '../../functions/workflows/deploy/deploy-store.ts'
import { inStatus, movedTo } from '../fakes/sample-proposal.ts'
import { type AlertBench, alertBench, event, FILES, type Json, MINUTE, NOW, UNREADABLE } from './alert-fixture.ts'

const STACK = 'deploys/stack-rollback'
const TWIN = 'cloudformation-create-function'
const CARD = 'card open, broke the deploy of stack orders'

/** One card, one alert under it, one SNS message, in whatever order the events came. */
async function expectJoined(bot: AlertBench, count: number): Promise<void> {
  const [proposal, ...others] = await bot.proposals()
  expect(others).toEqual([])
  expect(proposal).toMatchObject({ deploy: { title: 'the deploy of stack orders' }, repeats: { count } })
  const { card } = inStatus(proposal, 'open')
  expect(bot.chat.cards.get(`${card.conversation}/${card.message}`)).toBe(CARD)
  expect(bot.alerts()).toHaveLength(1)
  expect(bot.alerts()[0]).toMatch(
    /^🚨 The deploy of stack orders failed\.\nCaused by: orders-stack-exec was denied iam:PassRole on orders-worker(?: \(WorkerFunction\.Role, line 6\))?\. The fix waits for approval/,
  )
  expect(bot.deployNotices()).toHaveLength(1)
}

describe('a stack that a denial broke', () => {
  it('is explained when its events report the denial and CloudTrail never does', async () => {
    const bot = alertBench()
    expect(await bot.alert(STACK)).toMatchObject({ kind: 'explained', causes: [{ confidence: 'caused by' }] })
    await bot.settle()
    await expectJoined(bot, 1)
  })

  it('and its denial make one card when the denial comes first', async () => {
    const bot = alertBench()
    await bot.record(TWIN)
    await bot.settle()
    expect((await bot.proposals())[0]?.deploy).toBe(null)
    await bot.alert(STACK)
    await expectJoined(bot, 1)
  })

  it.each(['applying', 'reverting'] as const)('leaves a proposal as it is while it is %s', async status => {
    const bot = alertBench()
    await bot.record(TWIN)
    await bot.settle()
    const [proposal] = await bot.proposals()
    if (proposal === undefined) throw new Error('no proposal')
    const written = await bot.store.replace(proposal, movedTo(proposal, { status }))
    await bot.alert(STACK)
    expect(await bot.store.get(proposal.id)).toEqual(written.ok ? written.value : null)
    expect(bot.deployNotices()).toHaveLength(1)
  })

  it('and its denial make one card when the denial comes between the failure and the look at it', async () => {
    const bot = alertBench()
    await bot.alert(STACK)
    await bot.record(TWIN)
    await bot.settle()
    await expectJoined(bot, 1)
    const [proposal] = await bot.proposals()
    expect(proposal?.denial.source).toBe('cloudtrail')
  })

  it('and its denial make one card when CloudTrail tells long after the card stands', async () => {
    const bot = alertBench()
    await bot.alert(STACK)
    await bot.settle()
    bot.clock.nowMs += 8 * MINUTE
    await bot.record(TWIN)
    await bot.settle()
    await expectJoined(bot, 1)
  })

  it('counts a denial once whose record comes while the deploy is read, and has the record', async () => {
    const bot: AlertBench = alertBench({
      ...FILES,
      async template(...asked) {
        await bot.record('cloudformation-create-function')
        return FILES.template(...asked)
      },
    })
    await bot.alert('deploys/stack-rollback')
    await bot.settle()
    const seen = (await bot.proposals()).map(({ repeats, denial }) => [repeats.count, denial.source])
    expect(seen).toEqual([[1, 'cloudtrail']])
  })

  it('is told once by all its events, and by each of them twice', async () => {
    const bot = alertBench()
    for (const name of ['deploys/stack-resource-failed', STACK, STACK, 'deploys/stack-rollback-complete']) {
      await bot.alert(name)
      await bot.alert(name)
      await bot.settle()
    }
    await bot.record(TWIN)
    await bot.record(TWIN)
    await bot.settle()
    await expectJoined(bot, 1)
  })

  it('is explained by its resource’s event alone, where the stack may not be read and CloudTrail tells', async () => {
    const bot = alertBench(UNREADABLE)
    expect(await bot.alert('deploys/stack-resource-failed')).toMatchObject({ kind: 'silent' })
    await bot.record(TWIN)
    await bot.settle()
    await expectJoined(bot, 1)
  })

  it('has a line in the thread of a card that is probably its cause, where nothing may be read', async () => {
    const bot = alertBench(UNREADABLE)
    await bot.alert(STACK)
    await bot.record(TWIN)
    await bot.settle()
    expect((await bot.proposals())[0]?.deploy).toBe(null)
    expect(bot.alerts()[0]).toContain('Probably because: orders-stack-exec was denied')
    expect(bot.deployNotices()).toHaveLength(1)
  })

  it('is explained by a denial whose tags name it, and never by one of another stack', async () => {
    const tagged = (stack: string) => ({ requestParameters: { tags: { 'aws:cloudformation:stack-name': stack } } })
    for (const other of ['payments', 'orders-api', 'orders-api-production']) {
      const bot = alertBench(UNREADABLE)
      await bot.record(TWIN, tagged(other))
      await bot.settle()
      await bot.alert(STACK)
      await bot.settle()
      expect(bot.alerts().join()).toMatch(/^🚨 The deploy of stack orders failed\.\nWhy is not known: /)
      expect(bot.deployNotices()).toEqual([])
    }
    for (const own of ['orders', 'orders-Child-1ABCDEFGH2JKL', 'orders-child-sggfrhxhum7w']) {
      const same = alertBench(UNREADABLE)
      await same.record(TWIN, tagged(own))
      await same.settle()
      await same.alert(STACK)
      await same.settle()
      expect((await same.proposals())[0]?.deploy).toBe(null)
      expect(same.alerts()[0]).toContain('Probably because: ')
    }
  })

  it('is not blamed on somebody else’s denial at that time where its own words say why', async () => {
    const deny = (who: string, role: string) =>
      `User: arn:aws:iam::111122223333:user/${who} is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/app/${role}`
    const failed = { resource: 'Worker', resourceType: 'AWS::Lambda::Function', atMs: NOW - MINUTE }
    const reasons = [{ ...failed, text: deny('alice', 'orders-task') }]
    const operation = { roleArn: null, startedAtMs: NOW - 5 * MINUTE, reasons, roles: [] }
    const stack: DeployReader['stack'] = async (_, id) => ({ known: true, value: { ...operation, rootId: id } })
    const bob = {
      type: 'IAMUser',
      arn: 'arn:aws:iam::111122223333:user/bob',
      accountId: '111122223333',
      userName: 'bob',
    }
    for (const first of [true, false]) {
      const bot = alertBench({ ...UNREADABLE, stack })
      if (!first) await bot.alert(STACK)
      await bot.record(TWIN, {
        eventID: 'of bob',
        errorMessage: deny('bob', 'billing'),
        requestParameters: {},
        userIdentity: { ...bob, invokedBy: 'cloudformation.amazonaws.com' },
      })
      await bot.settle()
      if (first) await bot.alert(STACK)
      await bot.settle()
      expect(bot.alerts().join()).toContain('Caused by: alice was denied iam:PassRole on orders-task.')
      expect(bot.alerts().join()).not.toContain('bob')
      const deploys = (await bot.proposals()).map(({ denial, deploy }) => [
        denial.principal.name,
        deploy?.title ?? null,
      ])
      expect(deploys.toSorted()).toEqual([
        ['alice', 'the deploy of stack orders'],
        ['bob', null],
      ])
    }
  })

  it('is told to people and to programs', async () => {
    const bot = alertBench()
    await bot.alert(STACK)
    await bot.settle()
    const [notice] = bot.deployNotices()
    const [proposal] = await bot.proposals()
    expect(notice?.subject).toBe(
      'The deploy of stack orders failed: orders-stack-exec was denied iam:PassRole on orders-worker',
    )
    expect(notice?.text.split('\n')[0]).toBe(
      'The deploy of stack orders failed: UPDATE_ROLLBACK_IN_PROGRESS, 2026-11-24 02:47 UTC',
    )
    expect(notice?.detail).toMatchObject({
      schema: 'rolemedic.deploy/1',
      kind: 'deploy-failed',
      deploy: {
        kind: 'cloudformation',
        name: 'orders',
        attempt: 'cdk-7d1f0a52-3b0e-4d3a-9a57-2f6f6c1f8e21',
        accountId: '111122223333',
        region: 'eu-west-1',
        failedAt: '2026-11-24T02:47:34.000Z',
        attempts: 1,
      },
      causes: [
        {
          confidence: 'caused-by',
          state: 'waits-for-approval',
          proposalId: proposal?.id,
          action: 'iam:PassRole',
          principal: 'arn:aws:sts::111122223333:assumed-role/orders-stack-exec/AWSCloudFormation',
          resource: 'arn:aws:iam::111122223333:role/app/orders-worker',
        },
      ],
    })
  })

  it('is to be tried again, by its alert, once the change is written', async () => {
    const bot = alertBench()
    await bot.alert(STACK)
    await bot.settle()
    await bot.alert('deploys/stack-rollback-complete')
    const [proposal] = await bot.proposals()
    if (proposal === undefined) throw new Error('no proposal')
    await bot.fix(proposal)
    await refreshCard(proposal.id, bot.deps)
    expect(bot.alerts()).toHaveLength(1)
    expect(bot.alerts()[0]).toMatch(
      /^✅ Retry the deploy of stack orders: its cause is fixed\.\nCaused by: .*Allowed since 2026-11-24 02:49 UTC/,
    )
    expect(bot.alerts()[0]).toContain('Where: https://eu-west-1.console.aws.amazon.com/cloudformation/')
    expect(bot.deployNotices()).toHaveLength(1)
  })

  it('updates its alert when it is retried before the fix, and is news when it fails after it', async () => {
    const bot = alertBench()
    await bot.alert(STACK)
    await bot.settle()
    const again = (token: string, minutes: number) => {
      bot.clock.nowMs = NOW + minutes * MINUTE
      const time = new Date(bot.clock.nowMs - 10_000).toISOString()
      const detail = { ...(event(STACK)['detail'] as Json), 'client-request-token': token }
      return bot.alert(STACK, { id: token, time, detail })
    }
    await again('second', 5)
    await bot.settle()
    expect(bot.alerts()).toHaveLength(1)
    expect(bot.alerts()[0]).toContain('failed (2 attempts).')
    expect(bot.deployNotices()).toHaveLength(1)

    const [proposal] = await bot.proposals()
    if (proposal === undefined) throw new Error('no proposal')
    await bot.fix(proposal)
    await again('third', 20)
    await bot.settle()
    expect(bot.deployNotices().map(({ detail }) => (detail as { readonly key: string }).key.split('.')[1])).toEqual([
      '1',
      '2',
    ])
  })

  it('is told by SNS although Slack is down, and by Slack later', async () => {
    const bot = alertBench()
    await bot.record(TWIN)
    await bot.settle()
    bot.chat.down = new Error('Slack is down')
    await bot.alert(STACK)
    expect(bot.deployNotices()).toHaveLength(1)
    expect(bot.metrics).toContain('AlertsDelayed')
    bot.chat.down = null
    const [proposal] = await bot.proposals()
    await refreshCard(proposal?.id ?? '', bot.deps)
    await expectJoined(bot, 1)
  })

  it('comes again while SNS is down, and is then told once', async () => {
    const bot = alertBench()
    await bot.record(TWIN)
    await bot.settle()
    bot.faults.notices = true
    await expect(bot.alert(STACK)).rejects.toThrow('SNS is down')
    bot.faults.notices = false
    bot.clock.nowMs += MINUTE
    await bot.alert(STACK)
    await bot.alert(STACK)
    await expectJoined(bot, 1)
  })
})

describe('a stack that one denial broke in several Regions', () => {
  it('is reported in each, and each says to retry once it is fixed', async () => {
    const bot = alertBench()
    const regions = ['ap-south-1', 'eu-west-1', 'us-east-1']
    for (const region of regions.toReversed()) {
      const moved = JSON.stringify(event(STACK)).replaceAll('eu-west-1', region)
      await bot.alert(STACK, JSON.parse(moved) as Json)
    }
    await bot.settle()
    const [proposal, ...others] = await bot.proposals()
    if (proposal === undefined) throw new Error('no proposal')
    expect(others).toEqual([])
    for (const region of regions) expect(proposal.deploy?.title).toContain(`the deploy of stack orders in ${region}`)
    const places = bot.deployNotices().map(({ text }) => text.split('\n')[1])
    expect(places.toSorted()).toEqual(regions.map(region => `Account 111122223333, ${region}`))
    await bot.fix(proposal)
    await refreshCard(proposal.id, bot.deps)
    expect(bot.alerts().map(alert => alert?.split('\n')[0])).toEqual(
      regions.map(() => '✅ Retry the deploy of stack orders: its cause is fixed.'),
    )
  })
})

describe('a build and a pipeline that a denial broke', () => {
  const BUILD = 'deploys/build-failed'
  const PIPELINE = 'deploys/pipeline-failed'

  it.each([
    [BUILD, PIPELINE],
    [PIPELINE, BUILD],
    [BUILD, BUILD, PIPELINE, BUILD, PIPELINE],
    [PIPELINE, PIPELINE, BUILD],
  ])('have one alert and one name on the card, in the order of %s, %s', async (...events) => {
    const bot = alertBench()
    for (const name of events) await bot.alert(name)
    await bot.record('ecs-register-task-definition')
    await bot.settle()
    const [proposal, ...others] = await bot.proposals()
    expect(others).toEqual([])
    expect(proposal?.repeats.count).toBe(1)
    expect(proposal?.deploy?.title).toBe('the run of pipeline orders')
    expect(bot.deployNotices()).toHaveLength(1)
    const [alert, ...more] = bot.alerts()
    expect(more).toEqual([])
    expect(alert).toMatch(/^🚨 The run of pipeline orders failed\.\n/)
    expect(alert?.match(/Caused by/g)).toHaveLength(1)
    if (proposal === undefined) throw new Error('no proposal')
    await bot.fix(proposal)
    await refreshCard(proposal.id, bot.deps)
    expect(bot.alerts().map(one => one?.split('\n')[0])).toEqual([
      '✅ Retry the run of pipeline orders: its cause is fixed.',
    ])
  })

  it('are told as the build, until the pipeline has failed', async () => {
    const bot = alertBench()
    await bot.alert(BUILD)
    await bot.settle()
    const [proposal] = await bot.proposals()
    expect(proposal?.deploy?.title).toBe('the build of orders-deploy in pipeline orders')
    expect(bot.alerts().map(one => one?.split('\n')[0])).toEqual([
      '🚨 The build of orders-deploy in pipeline orders failed.',
    ])
    if (proposal === undefined) throw new Error('no proposal')
    await bot.fix(proposal)
    await refreshCard(proposal.id, bot.deps)
    expect(bot.alerts()[0]).toContain('aws codepipeline start-pipeline-execution --name orders --region eu-west-1')
  })

  it('are one attempt where the actions of the pipeline cannot be read', async () => {
    const bot = alertBench({ ...FILES, failedActions: UNREADABLE.failedActions })
    await bot.alert(BUILD)
    await bot.alert(PIPELINE)
    await bot.settle()
    expect(bot.alerts().map(one => one?.split('\n')[0])).toEqual(['🚨 The run of pipeline orders failed.'])
    expect(bot.alerts()[0]).toContain('Caused by: ')
  })

  it('are apart where the build was started by somebody else', async () => {
    const bot = alertBench()
    const { detail } = event(BUILD) as { detail: Json }
    const information = { ...(detail['additional-information'] as Json), initiator: 'ann' }
    await bot.alert(BUILD, { detail: { ...detail, 'additional-information': information } })
    await bot.alert(PIPELINE)
    await bot.settle()
    expect((await bot.proposals())[0]?.deploy?.title).toBe('the run of pipeline orders, and the build of orders-deploy')
    expect(bot.alerts()).toHaveLength(2)
  })

  it.each([
    [
      'deploys/build-failed',
      'AWSCodeBuild-5f1c2d3e-8a4b-4c6d-9e0f-1a2b3c4d5e6f',
      'the build of orders-deploy in pipeline orders',
    ],
    ['deploys/build-failed', 'AWSCodeBuild-00000000-8a4b-4c6d-9e0f-1a2b3c4d5e6f', null],
    ['deploys/build-failed', 'AWSCloudFormation', null],
  ])(
    '%s is in the title of a card only where its log names a denial of its own session: %s',
    async (name, session, title) => {
      for (const roles of ['read', 'not read']) {
        const record = event('ecs-register-task-definition')
        const text = String(record['errorMessage']).replace(/AWSCodeBuild-[\w-]+/, session)
        const identity = record['userIdentity'] as Json
        const buildId = 'orders-deploy:5f1c2d3e-8a4b-4c6d-9e0f-1a2b3c4d5e6f'
        const roleArn = String(text.match(/assumed-role\/([^/]+)/)?.[1]).replace(/^/, 'arn:aws:iam::111122223333:role/')
        const bot = alertBench({
          ...UNREADABLE,
          logTail: async () => ({ known: true, value: `echo ${text}` }),
          ...(roles === 'read' ? { buildRoles: async () => ({ known: true, value: [{ id: buildId, roleArn }] }) } : {}),
        })
        await bot.record('ecs-register-task-definition', {
          errorMessage: text,
          userIdentity: { ...identity, arn: String(identity['arn']).replace(/[^/]+$/, session) },
        })
        await bot.settle()
        await bot.alert(name)
        await bot.settle()
        expect((await bot.proposals()).map(({ deploy }) => deploy?.title ?? null)).toEqual([title])
      }
    },
  )

  it('are tied to the denial by the session of the build, where no log may be read', async () => {
    const bot = alertBench(UNREADABLE)
    await bot.alert('deploys/build-failed')
    await bot.record('ecs-register-task-definition')
    await bot.settle()
    expect((await bot.proposals())[0]?.deploy).toBe(null)
    expect(bot.alerts()[0]).toMatch(/^🚨 The build of orders-deploy in pipeline orders failed[\s\S]*Probably because: /)
  })
})

describe('a pipeline that failed by a stack', () => {
  const STACK_ID = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/orders/4f2a7c10-c8dd-11f1-9a3e-0a1b2c3d4e5f'
  const action = (externalExecutionId: string | null, startTime: string | null) => ({
    ...{ stageName: 'Deploy', actionName: 'Stack', status: 'Failed', startTime },
    lastUpdateTime: '2026-11-24T02:48:10Z',
    input: { actionTypeId: { provider: 'CloudFormation' }, roleArn: 'arn:aws:iam::111122223333:role/pipeline-role' },
    output: { executionResult: { externalExecutionId, errorDetails: { message: 'Stack orders is in ROLLBACK' } } },
  })
  const benchOf = (...list: readonly object[]) =>
    alertBench({ ...FILES, failedActions: async () => ({ known: true, value: failedActionsIn(list, null) }) })
  const PIPELINE = 'deploys/pipeline-failed'
  const headlines = (bot: AlertBench) => bot.alerts().map(alert => alert?.split('\n')[0])
  const FAILED = '🚨 The deploy of stack orders failed.'

  it('is told by the alert of the stack, once', async () => {
    const bot = benchOf(action(STACK_ID, '2026-11-24T02:40:00Z'))
    await bot.alert(STACK)
    expect(await bot.alert(PIPELINE)).toMatchObject({ kind: 'silent' })
    await bot.alert(PIPELINE)
    await bot.settle()
    expect(headlines(bot)).toEqual([FAILED])
    expect(bot.alerts()[0]?.match(/It broke the run of pipeline orders too\./g)).toHaveLength(1)
    expect((await bot.proposals()).map(({ deploy }) => deploy?.title)).toEqual(['the deploy of stack orders'])
    await bot.alert(STACK)
    expect(bot.alerts()[0]).toContain('It broke the run of pipeline orders too.')
  })

  it.each<[string, readonly object[]]>([
    ['began after the stack had failed', [action(STACK_ID, '2026-11-24T02:47:50Z')]],
    ['does not say when it began', [action(STACK_ID, null)]],
    ['is of another stack', [action(STACK_ID.replace('orders', 'shop'), '2026-11-24T02:40:00Z')]],
  ])('has an alert of its own, or none, where its action %s', async (_, list) => {
    const bot = benchOf(...list)
    await bot.alert(STACK)
    await bot.alert(PIPELINE)
    await bot.settle()
    expect(bot.alerts().join()).not.toContain('It broke')
  })

  it('has an alert of its own where another action failed too', async () => {
    const build = {
      ...action('orders-deploy:5f1c2d3e-8a4b-4c6d-9e0f-1a2b3c4d5e6f', '2026-11-24T02:40:00Z'),
      ...{ actionName: 'Build', input: { actionTypeId: { provider: 'CodeBuild' } } },
    }
    const bot = benchOf(action(STACK_ID, '2026-11-24T02:40:00Z'), build)
    await bot.alert(STACK)
    await bot.alert(PIPELINE)
    await bot.settle()
    expect(headlines(bot)).toEqual([FAILED, '🚨 The run of pipeline orders failed.'])
  })

  it('loses nothing where its event comes before those of the stack', async () => {
    const bot = benchOf(action(STACK_ID, '2026-11-24T02:40:00Z'))
    await bot.alert(PIPELINE)
    await bot.alert(STACK)
    await bot.settle()
    expect(headlines(bot)).toContain(FAILED)
  })
})

describe('a pipeline or a build that names the stack that it deploys', () => {
  const PIPELINE_ROLE = 'arn:aws:iam::111122223333:role/pipeline-role'
  const ROLES = ['orders-task', 'orders-exec'].map(name => `arn:aws:iam::111122223333:role/app/${name}`)
  const body = JSON.stringify({
    Resources: {
      Orders: { Type: 'AWS::ECS::TaskDefinition', Properties: { TaskRoleArn: ROLES[0], ExecutionRoleArn: ROLES[1] } },
    },
  })
  const denied = `User: arn:aws:sts::111122223333:assumed-role/pipeline-role/x is not authorized to perform: iam:PassRole on resource: ${ROLES[0]} because no identity-based policy allows the iam:PassRole action`

  function reading() {
    const asked: string[] = []
    const reader: DeployReader = {
      ...UNREADABLE,
      async template(_, stack) {
        asked.push(stack)
        return { known: true, value: { body, parameters: {}, roleArn: null } }
      },
    }
    return { asked, reader }
  }

  const needsOf = async (bot: AlertBench) =>
    (await deploysSince({ accountId: '111122223333', region: 'eu-west-1' }, 0, bot.store)).flatMap(({ template }) =>
      template?.kind === 'read' ? template.needs.map(({ role, operation }) => [role, operation]) : [],
    )
  const BOTH = ROLES.map(role => [role, 'ecs:RegisterTaskDefinition'])

  it('is asked for its template, by the id that the action of CloudFormation returned', async () => {
    const { asked, reader } = reading()
    const stackId = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/orders/6a2b8a10-0000-1111-2222-333344445555'
    const action = {
      stageName: 'Deploy',
      actionName: 'Stack',
      status: 'Failed',
      lastUpdateTime: '2026-11-24T02:47:44Z',
      input: { actionTypeId: { provider: 'CloudFormation' }, roleArn: PIPELINE_ROLE },
      output: { executionResult: { externalExecutionId: stackId, errorDetails: { message: denied } } },
    }
    const failedActions = async () => ({ known: true as const, value: failedActionsIn([action], null) })
    const bot = alertBench({ ...reader, failedActions })
    await bot.alert('deploys/pipeline-failed')
    expect(asked).toEqual([stackId])
    expect((await needsOf(bot)).toSorted()).toEqual(BOTH.toSorted())
  })

  it('is asked for its template, by the name in the command of the build', async () => {
    const { asked, reader } = reading()
    const logTail = async () => ({
      known: true as const,
      value: denied.replace('pipeline-role/x', 'orders-deploy/AWSCodeBuild-5f1c2d3e-8a4b-4c6d-9e0f-1a2b3c4d5e6f'),
    })
    const bot = alertBench({ ...reader, logTail })
    const { detail } = event('deploys/build-failed') as { detail: Json }
    const context = [
      'COMMAND_EXECUTION_ERROR: Error while executing command: aws cloudformation deploy --stack-name orders --template-file t.yaml. Reason: exit status 254',
    ]
    const information = { ...(detail['additional-information'] as Json), phases: [{ 'phase-context': context }] }
    await bot.alert('deploys/build-failed', { detail: { ...detail, 'additional-information': information } })
    expect(asked).toEqual(['orders'])
    expect((await needsOf(bot)).toSorted()).toEqual(BOTH.toSorted())
  })

  it('is not looked for where neither names one', async () => {
    const { asked, reader } = reading()
    const bot = alertBench({ ...reader, logTail: async () => ({ known: true as const, value: denied }) })
    await bot.alert('deploys/build-failed')
    expect(asked).toEqual([])
  })
})

describe('a pipeline whose failed stage is retried', () => {
  const denied = (role: string) =>
    `User: arn:aws:sts::111122223333:assumed-role/pipeline-role/x is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/app/${role} because no identity-based policy allows the iam:PassRole action`
  const action = (status: string, message: string | null) => ({
    stageName: 'Deploy',
    actionName: 'Stack',
    status,
    lastUpdateTime: '2026-11-24T02:47:44Z',
    input: { actionTypeId: { provider: 'CloudFormation' }, roleArn: 'arn:aws:iam::111122223333:role/pipeline-role' },
    output: { executionResult: { errorDetails: { message } } },
  })
  const failing = (bot: AlertBench, tries: number) => {
    const pipeline = event('deploys/pipeline-failed')
    const detail = { ...(pipeline['detail'] as Json), 'pipeline-execution-attempt': tries }
    return bot.alert('deploys/pipeline-failed', { time: new Date(bot.clock.nowMs - 10_000).toISOString(), detail })
  }

  /** A deploy that failed once by a denial that was fixed since. `list`: its action executions, newest first. */
  async function fixedOnce() {
    const list = [action('Failed', denied('orders-task'))]
    const failedActions = async () => ({ known: true as const, value: failedActionsIn(list, null) })
    const bot = alertBench({ ...UNREADABLE, failedActions })
    await failing(bot, 1)
    await bot.settle()
    const [proposal] = await bot.proposals()
    if (proposal === undefined) throw new Error('no proposal')
    await bot.fix(proposal)
    bot.clock.nowMs += 10 * MINUTE
    return { bot, list }
  }

  it('is news when another denial breaks it after the first was fixed, though its execution keeps its id', async () => {
    const { bot, list } = await fixedOnce()
    list.unshift(action('Failed', denied('orders-exec')))
    await failing(bot, 2)
    await bot.settle()
    expect(bot.deployNotices().map(({ subject }) => subject)).toEqual([
      'The run of pipeline orders failed: pipeline-role was denied iam:PassRole on orders-task',
      'The run of pipeline orders failed: pipeline-role was denied iam:PassRole on orders-exec',
    ])
  })

  it('is not blamed on what was fixed before it, also when its event comes twice or on a third attempt', async () => {
    const { bot, list } = await fixedOnce()
    // May hide a denial that is not known yet.
    list.unshift(action('Failed', 'The action timed out'))
    const outcomes: string[] = []
    for (const tries of [2, 2, 3]) outcomes.push((await failing(bot, tries)).kind)
    expect(outcomes).toEqual(['silent', 'silent', 'silent'])
    expect(bot.deployNotices()).toHaveLength(1)
  })

  it('is not explained by the fixed denial of an earlier attempt', async () => {
    const list = [action('Failed', 'The stack is in state ROLLBACK_COMPLETE'), action('Failed', denied('orders-task'))]
    expect(failedActionsIn(list, null).flatMap(({ reasons }) => reasons.map(({ text }) => text))).toEqual([
      'The stack is in state ROLLBACK_COMPLETE',
    ])
    expect(failedActionsIn([action('Succeeded', null), ...list], null)).toEqual([])
  })
})

describe('a deployment by CodeDeploy or ECS', () => {
  const acting = (service: string) => {
    const record = event('ecs-register-task-definition')
    const userIdentity = { ...(record['userIdentity'] as Json), invokedBy: service }
    return { userIdentity, sourceIPAddress: service, eventID: `by ${service}` }
  }

  it.each([
    ['deploys/deployment-failed', 'codedeploy.amazonaws.com', 'The deployment to orders/orders-service failed'],
    [
      'deploys/service-deployment-failed',
      'ecs-tasks.amazonaws.com',
      'The deployment of ECS service orders/orders-service failed',
    ],
  ])('%s is tied to a denial of a role that %s acted with', async (name, service, title) => {
    const bot = alertBench()
    await bot.record('ecs-register-task-definition', acting(service))
    await bot.settle()
    await bot.alert(name)
    await bot.settle()
    expect((await bot.proposals())[0]?.deploy).toBe(null)
    expect(bot.alerts()[0]).toContain(title)
    expect(bot.deployNotices()).toHaveLength(1)
  })

  it('is not tied to a denial of somebody else', async () => {
    const bot = alertBench({ ...UNREADABLE, failedParts: async () => ({ known: true, value: [] }) })
    await bot.record('ecs-register-task-definition')
    await bot.settle()
    await bot.alert('deploys/deployment-failed')
    await bot.alert('deploys/service-deployment-failed')
    expect((await bot.proposals())[0]?.deploy).toBe(null)
    expect(bot.deployNotices()).toEqual([])
  })
})
