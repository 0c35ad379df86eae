import { describe, expect, it } from 'vitest'
import { known, unknown } from '../../../../core/base/fact.ts'
import type {
  FailedAction,
  FailedDeploy,
  FailureReason,
  StackOperation,
} from '../../../../functions/domain/deploy/deploy.ts'
import type { Findings, Inquiry } from '../../../../functions/domain/deploy/tools/tool.ts'
import { toolOf } from '../../../../functions/domain/deploy/tools/tools.ts'

const STACK_ID = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/orders/1'
const ROOT_ID = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/2'
const ROLE = 'arn:aws:iam::111122223333:role/exec'

const deployOf = (kind: string, changed: Partial<FailedDeploy> = {}): FailedDeploy => ({
  kind,
  accountId: '111122223333',
  region: 'eu-west-1',
  target: 'orders',
  name: 'orders',
  attempt: 'e-1',
  status: 'FAILED',
  failedAtMs: 1_000,
  reasons: [],
  log: null,
  ...changed,
})
const reason = (text: string, resource: string | null = null): FailureReason => ({
  ...{ text, resource, resourceType: null, atMs: 1_000 },
})
const DENIED =
  'User: arn:aws:sts::111122223333:assumed-role/exec/s is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/x because no identity-based policy allows the iam:PassRole action'
const EXPLAINS = 'orders-assets already exists'
const NONE: Omit<Findings, 'deploy'> = {
  reasons: [],
  startedAtMs: null,
  roles: [],
  sessions: [],
  own: [],
  caller: false,
  via: null,
  stackIds: [],
  ownRoles: [],
  explained: false,
  unread: null,
}

function asked<A extends Inquiry['ask']>(inquiry: Inquiry, ask: A): Extract<Inquiry, { readonly ask: A }> {
  if (inquiry.ask !== ask) throw new Error(`it asks for ${inquiry.ask}`)
  return inquiry as Extract<Inquiry, { readonly ask: A }>
}
const found = (inquiry: Inquiry) => asked(inquiry, 'nothing').findings
const why = (deploy: FailedDeploy) => toolOf(deploy).why(deploy)

describe('what CloudFormation says of a failed stack', () => {
  const deploy = (reasons: readonly FailureReason[] = []) => deployOf('cloudformation', { target: STACK_ID, reasons })
  const operation = (changed: Partial<StackOperation> = {}): StackOperation => ({
    ...{ rootId: STACK_ID, roleArn: null, startedAtMs: 500, reasons: [], roles: ['made'] },
    ...changed,
  })
  const answer = (read: StackOperation, reasons: readonly FailureReason[] = []) =>
    found(asked(why(deploy(reasons)), 'stack').next(known(read)))

  it('is read from the stack of the event, until it failed', () => {
    expect(asked(why(deploy()), 'stack')).toMatchObject({ stackId: STACK_ID, untilMs: 1_000 })
  })

  it('depends on whether the stack has a role', () => {
    const common = {
      ...NONE,
      deploy: deploy(),
      startedAtMs: 500,
      stackIds: [STACK_ID],
      ownRoles: ['made'],
      explained: true,
    }
    expect(answer(operation())).toEqual({ ...common, via: 'cloudformation.amazonaws.com', caller: true })
    expect(answer(operation({ roleArn: ROLE }))).toEqual({
      ...common,
      roles: [ROLE],
      own: [{ roleArn: ROLE, session: 'AWSCloudFormation' }],
    })
  })

  it('belongs to the root of a nested stack', () => {
    expect(answer(operation({ rootId: ROOT_ID }))).toMatchObject({
      deploy: { target: ROOT_ID, name: 'shop', attempt: 'e-1' },
      stackIds: [STACK_ID, ROOT_ID],
    })
  })

  it('explains the failure only if its events and the one that came do', () => {
    const explained = (event: string, stack: string) =>
      answer(operation({ reasons: [reason(stack)] }), [reason(event)]).explained
    expect(explained(EXPLAINS, EXPLAINS)).toBe(true)
    expect(explained('Access Denied', EXPLAINS)).toBe(false)
    expect(explained(EXPLAINS, 'Access Denied')).toBe(false)
    expect(answer(operation({ reasons: [reason(EXPLAINS)] })).reasons).toEqual([reason(EXPLAINS)])
  })

  it.each([
    [[], false],
    [[reason(EXPLAINS)], true],
    [[reason('Access Denied')], false],
  ])('is what the event says where the stack cannot be read: %j', (reasons, explained) => {
    expect(found(asked(why(deploy(reasons)), 'stack').next(unknown('throttled')))).toEqual({
      ...NONE,
      deploy: deploy(reasons),
      via: 'cloudformation.amazonaws.com',
      explained,
      unread: 'throttled',
    })
  })
})

describe('what CodePipeline says of a failed run', () => {
  const deploy = deployOf('codepipeline')
  const action = (changed: Partial<FailedAction> = {}): FailedAction => ({
    ...{ stage: 'Deploy', action: 'Stack', provider: 'CloudFormation', roleArn: null, stackRoleArn: null },
    ...{ externalId: null, startedAtMs: null, reasons: [] },
    ...changed,
  })
  const build = (changed: Partial<FailedAction> = {}) =>
    action({ action: 'Build', provider: 'CodeBuild', externalId: 'project:b-1', ...changed })
  const answered = (...actions: readonly FailedAction[]) => asked(why(deploy), 'failed-actions').next(known(actions))

  it('is read from its failed actions', () => {
    expect(asked(why(deploy), 'failed-actions')).toMatchObject({ pipeline: 'orders', executionId: 'e-1' })
    expect(asked(why(deployOf('codepipeline', { attempt: null })), 'failed-actions').executionId).toBe('')
    expect(found(asked(why(deploy), 'failed-actions').next(unknown('no right')))).toEqual({
      ...NONE,
      deploy,
      unread: 'no right',
    })
  })

  it('names the roles and the stacks of its actions', () => {
    const stack = action({
      roleArn: ROLE,
      stackRoleArn: `${ROLE}-stack`,
      externalId: STACK_ID,
      reasons: [reason(EXPLAINS)],
    })
    expect(found(answered(stack, action({ externalId: 'd-1' })))).toEqual({
      ...NONE,
      deploy,
      reasons: [reason(EXPLAINS)],
      roles: [ROLE, `${ROLE}-stack`],
      own: [
        { roleArn: ROLE, session: null, action: 'Stack' },
        { roleArn: `${ROLE}-stack`, session: 'AWSCloudFormation', action: 'Stack' },
      ],
      stackIds: [STACK_ID],
      explained: true,
    })
    expect(found(answered(action({ reasons: [reason('Access Denied')] }))).explained).toBe(false)
  })

  it('names the sessions of its builds, whose logs are read', () => {
    const logs = asked(
      answered(build({ roleArn: ROLE, reasons: [reason(EXPLAINS)] }), action({ roleArn: `${ROLE}-2` })),
      'log-tails',
    )
    expect(logs.logs).toEqual([{ group: '/aws/codebuild/project', stream: 'b-1', action: 'Build' }])
    expect(found(logs.next([known('its log')]))).toEqual({
      ...NONE,
      deploy: { ...deploy, builds: ['project:b-1'] },
      reasons: [reason(EXPLAINS), { ...reason('its log', 'Build'), isLog: true }],
      roles: [`${ROLE}-2`],
      own: [{ roleArn: `${ROLE}-2`, session: null, action: 'Stack' }],
      sessions: ['AWSCodeBuild-b-1'],
    })
    expect(found(logs.next([unknown('it logs elsewhere')])).reasons).toEqual([reason(EXPLAINS)])
  })

  it('asks for the role of a build whose texts hold a denial, and only there', () => {
    const other = action({ roleArn: `${ROLE}-2` })
    const ofOther = { roleArn: `${ROLE}-2`, session: null, action: 'Stack' }
    const roles = asked(asked(answered(build(), other), 'log-tails').next([known(DENIED)]), 'build-roles')
    expect(roles.ids).toEqual(['project:b-1'])
    const builds = [
      { id: 'project:b-1', roleArn: ROLE },
      { id: 'project:b-2', roleArn: `${ROLE}-3` },
    ]
    expect(found(roles.next(known(builds))).own).toEqual([
      ofOther,
      { roleArn: ROLE, session: 'AWSCodeBuild-b-1', action: 'Build' },
    ])
    expect(found(roles.next(unknown('no right')))).toMatchObject({ own: [ofOther], unread: 'no right' })
  })

  // The summary and the id of an event: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html
  it('reads the log of commands that the pipeline itself ran: their exit explains nothing', () => {
    const summary = reason(
      'Action failed with status: FAILED. COMMAND_EXECUTION_ERROR: Error while executing command: npx cdk deploy. Reason: exit status 1',
    )
    const commands = action({
      ...{ action: 'Run', provider: 'Commands', roleArn: ROLE, reasons: [summary] },
      externalId: 'arn:aws:logs:eu-west-1:111122223333:log-group:/aws/codepipeline/orders:log-stream:57c5-1/a388-2',
    })
    const logs = asked(answered(commands), 'log-tails')
    expect(logs.logs).toEqual([{ group: '/aws/codepipeline/orders', stream: '57c5-1/a388-2', action: 'Run' }])
    const own = [{ roleArn: ROLE, session: null, action: 'Run' }]
    expect(found(logs.next([known(DENIED)]))).toEqual({
      ...{ ...NONE, deploy, roles: [ROLE], own },
      reasons: [summary, { ...reason(DENIED, 'Run'), isLog: true }],
    })
    expect(found(logs.next([unknown('no right')]))).toMatchObject({ reasons: [summary], explained: false })
    expect(found(answered({ ...commands, externalId: null })).explained).toBe(false)
  })

  it('reads three logs, of builds that have an id', () => {
    const ids = ['p:1', 'p:2', 'p:3', 'p:4']
    const logs = asked(answered(...ids.map(externalId => build({ externalId }))), 'log-tails')
    expect(logs.logs.map(({ stream }) => stream)).toEqual(['1', '2', '3'])
    expect(found(logs.next([])).sessions).toEqual(['1', '2', '3', '4'].map(id => `AWSCodeBuild-${id}`))
    for (const externalId of [null, 'project', ':b', 'project:']) {
      expect(asked(answered(build({ externalId })), 'log-tails').logs).toEqual([])
    }
    expect(found(asked(answered(build({ externalId: null })), 'log-tails').next([])).sessions).toEqual([])
  })
})

describe('what CodeBuild says of a failed build', () => {
  const log = { group: 'g', stream: 's' }
  const command = (text: string) => found(why(deployOf('codebuild', { reasons: [reason(text)] }))).stackIds

  it('is in its log, and its session is named after it', () => {
    const deploy = deployOf('codebuild', { log })
    const tails = asked(why(deploy), 'log-tails')
    const own = { ...NONE, deploy, sessions: ['AWSCodeBuild-e-1'] }
    expect(tails.logs).toEqual([log])
    expect(found(tails.next([known('words')]))).toEqual({ ...own, reasons: [{ ...reason('words'), isLog: true }] })
    expect(found(tails.next([unknown('no right')]))).toEqual({ ...own, unread: 'no right' })
    expect(found(tails.next([]))).toEqual(own)
  })

  it('is of its role in its session, which is asked for where its log holds a denial', () => {
    const deploy = deployOf('codebuild', { log })
    const read = asked(asked(why(deploy), 'log-tails').next([known(DENIED)]), 'build-roles')
    expect(read.ids).toEqual(['orders:e-1'])
    expect(found(read.next(known([{ id: 'orders:e-1', roleArn: ROLE }])))).toMatchObject({
      own: [{ roleArn: ROLE, session: 'AWSCodeBuild-e-1' }],
      unread: null,
    })
    expect(found(read.next(known([]))).own).toEqual([])
    expect(found(read.next(unknown('no right')))).toMatchObject({
      own: [],
      reasons: [reason(DENIED)],
      unread: 'no right',
    })
  })

  it('is nothing more without a log or an id', () => {
    const deploy = deployOf('codebuild', { attempt: null })
    expect(found(why(deploy))).toEqual({ ...NONE, deploy })
  })

  it.each<[string, readonly string[]]>([
    ['Error while executing command: aws cloudformation deploy --stack-name orders --x', ['orders']],
    ['aws cloudformation deploy --stack-name=orders', ['orders']],
    ['sam deploy --stack-name "orders" --x', ['orders']],
    ["sam deploy --stack-name 'orders'", ['orders']],
    ['sam deploy --stack-name orders. Reason: exit status 1', ['orders']],
    ['sam deploy --stack-name orders && sam deploy --stack-name bills', ['orders', 'bills']],
    ['sam deploy --stack-name orders && sam deploy --stack-name orders', ['orders']],
    ['sam deploy --stack-name $STACK', []],
    ['sam deploy --stack-name 9orders', []],
    ['cdk deploy', []],
  ])('names the stacks of its failed command: %s', (text, expected) => {
    expect(command(text)).toEqual(expected)
  })
})

describe('what the other tools say', () => {
  it.each([
    ['codedeploy', 'codedeploy.amazonaws.com', { kind: 'deployment', id: 'e-1' }],
    ['ecs', 'ecs-tasks.amazonaws.com', { kind: 'ecs-service', cluster: 'live', service: 'web', deployment: 'e-1' }],
  ])('%s acts as a service, and is asked why', (kind, via, run) => {
    const deploy = deployOf(kind, { target: 'arn:aws:ecs:eu-west-1:111122223333:service/live/web' })
    const parts = asked(why(deploy), 'failed-parts')
    expect(parts.run).toEqual(run)
    const reasons = [reason(EXPLAINS)]
    expect(found(parts.next(known(reasons)))).toEqual({ ...NONE, deploy, via, reasons })
    expect(found(parts.next(unknown('refused')))).toEqual({ ...NONE, deploy, via, unread: 'refused' })
  })

  it('of a stack is CloudFormation alone', () => {
    const stacks = ['cloudformation', 'codepipeline', 'codebuild', 'codedeploy', 'ecs'].map(kind =>
      toolOf({ kind }).stackOf(deployOf(kind)),
    )
    expect(stacks).toEqual(['orders', null, null, null, null])
  })

  it('about a denial may start a proposal, but for the stacks where others write the reason', () => {
    const own = (kind: string, resourceType: string | null) =>
      toolOf({ kind }).mayStartProposal({ ...reason(''), resourceType })
    expect(['codepipeline', 'codebuild', 'codedeploy', 'ecs'].map(kind => own(kind, null))).toEqual([
      true,
      true,
      true,
      true,
    ])
    expect(
      ['AWS::Lambda::Function', 'AWS::CloudFormation::GuardHook', null].map(type => own('cloudformation', type)),
    ).toEqual([...[true, false, false]])
  })
})

describe('the way to try a stack again', () => {
  const retry = (status: string) =>
    toolOf({ kind: 'cloudformation' }).retry(deployOf('cloudformation', { target: STACK_ID, status }))
  const DELETE = `aws cloudformation delete-stack --stack-name ${STACK_ID} --region eu-west-1`
  it.each<[string, string, string | null]>([
    [
      'ROLLBACK_COMPLETE',
      'A stack whose creation was rolled back must be deleted before it can be deployed again:',
      DELETE,
    ],
    [
      'ROLLBACK_FAILED',
      'A stack whose creation was rolled back must be deleted before it can be deployed again:',
      DELETE,
    ],
    ['ROLLBACK_IN_PROGRESS', 'Once the rollback is over, delete the stack, then deploy it again.', null],
    ['DELETE_FAILED', 'Delete again what could not be deleted.', null],
    ['CREATE_FAILED', 'Deploy the stack again, as it was deployed before.', null],
  ])('after %s', (status, text, command) => {
    expect(retry(status)).toEqual({ text, command })
  })
})
