import { describe, expect, it } from 'vitest'
import { failedActionsIn } from '../../../../functions/domain/deploy/tools/action-executions.ts'
import {
  courseOf,
  failedStacksIn,
  isBeginning,
  operationOf,
  operationUntil,
  reasonsOf,
  roleNamesIn,
  stackEventsIn,
  wholeOperation,
} from '../../../../functions/domain/deploy/tools/stack-operation.ts'

const STACK = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/orders/1'
const INNER = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/orders-inner/2'
const NOON = Date.UTC(2026, 10, 24, 12)

const event = (seconds: number, status: string, changed: object = {}) => ({
  StackId: STACK,
  LogicalResourceId: 'Worker',
  PhysicalResourceId: 'worker-1',
  ResourceType: 'AWS::Lambda::Function',
  Timestamp: new Date(NOON + seconds * 1_000).toISOString(),
  ResourceStatus: status,
  ResourceStatusReason: 'it failed',
  ...changed,
})
const ofStack = (
  seconds: number,
  status: string,
  reason: string | null = 'The following resource(s) failed to create: [A]. ',
) =>
  event(seconds, status, {
    ResourceStatusReason: reason,
    LogicalResourceId: 'orders',
    PhysicalResourceId: STACK,
    ResourceType: 'AWS::CloudFormation::Stack',
  })
const inner = (seconds: number, status: string, id: string | null = INNER) =>
  event(seconds, status, {
    LogicalResourceId: 'Inner',
    PhysicalResourceId: id,
    ResourceType: 'AWS::CloudFormation::Stack',
  })
const timesOf = (events: readonly { readonly Timestamp: Date }[]) =>
  events.map(({ Timestamp }) => (Timestamp.getTime() - NOON) / 1_000)

describe('an operation on a stack', () => {
  it('has its events as the API gives them, without those of another form', () => {
    const list = [event(0, 'CREATE_FAILED'), {}, null, 'x', event(0, 'CREATE_FAILED', { Timestamp: 'never' })]
    expect(timesOf(stackEventsIn(list))).toEqual([0])
  })

  it.each([
    ...['CREATE_IN_PROGRESS', 'UPDATE_IN_PROGRESS', 'DELETE_IN_PROGRESS', 'IMPORT_IN_PROGRESS'].map(
      status => [status, true] as const,
    ),
    ...['UPDATE_ROLLBACK_IN_PROGRESS', 'CREATE_COMPLETE', 'ROLLBACK_IN_PROGRESS'].map(
      status => [status, false] as const,
    ),
  ])('begins with the %s of the stack itself: %s', (status, expected) => {
    expect(stackEventsIn([ofStack(0, status)]).map(isBeginning)).toEqual([expected])
    expect(stackEventsIn([event(0, status)]).map(isBeginning)).toEqual([false])
  })

  it('is the last that began before, with a minute for rounding', () => {
    const events = stackEventsIn([
      ofStack(300, 'CREATE_IN_PROGRESS'),
      event(200, 'CREATE_FAILED'),
      event(60, 'CREATE_FAILED'),
      ofStack(-60, 'UPDATE_IN_PROGRESS'),
      event(-90, 'CREATE_FAILED'),
      ofStack(-120, 'CREATE_IN_PROGRESS'),
    ])
    expect(timesOf(operationUntil(events, NOON))).toEqual([60, -60])
    expect(timesOf(operationUntil(events, NOON - 1))).toEqual([-60])
    expect(timesOf(operationUntil(events, NOON + 300_000))).toEqual([300])
    expect(timesOf(operationUntil(events.slice(1, 3), NOON + 200_000))).toEqual([200, 60])
  })

  it('has the reasons of what failed in itself, the first failure first', () => {
    const events = stackEventsIn([
      ofStack(9, 'CREATE_FAILED'),
      event(8, 'CREATE_COMPLETE'),
      event(7, 'IMPORT_FAILED', { LogicalResourceId: 'D' }),
      event(6, 'DELETE_FAILED', { LogicalResourceId: 'C', ResourceType: null }),
      event(5, 'UPDATE_FAILED', { LogicalResourceId: 'B', ResourceStatusReason: null }),
      event(4, 'CREATE_FAILED', { LogicalResourceId: 'A' }),
    ])
    const type = 'AWS::Lambda::Function'
    expect(reasonsOf(events)).toEqual([
      { text: 'it failed', resource: 'A', resourceType: type, atMs: NOON + 4_000 },
      { text: '', resource: 'B', resourceType: type, atMs: NOON + 5_000 },
      { text: 'it failed', resource: 'C', resourceType: null, atMs: NOON + 6_000 },
      { text: 'it failed', resource: 'D', resourceType: type, atMs: NOON + 7_000 },
    ])
  })

  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
  it.each([
    ['Transform AWS::Serverless-2016-10-31 failed with: Access is denied', true],
    ['Role arn:aws:iam::111122223333:role/exec is invalid or cannot be assumed', true],
    ['The following resource(s) failed to create: [A]. The stack has no capacity', true],
    ['The following resource(s) failed to update: [A, B]. . Rollback requested by user.', false],
    ['The following resource(s) failed', false],
    ['The following hook(s) failed: [A::B::Hook]', false],
    ['User Initiated', false],
    ['', false],
    [null, false],
  ])('has the reason of the stack itself: %s (%s)', (text, isOwn) => {
    for (const status of ['ROLLBACK_IN_PROGRESS', 'CREATE_FAILED', 'UPDATE_ROLLBACK_FAILED']) {
      const own = { text, resource: null, resourceType: null, atMs: NOON + 5_000 }
      expect(reasonsOf(stackEventsIn([ofStack(5, status, text)]))).toEqual(isOwn ? [own] : [])
    }
    expect(reasonsOf(stackEventsIn([ofStack(5, 'UPDATE_IN_PROGRESS', text)]))).toEqual([])
  })

  it('tells what failed in its rollback from what it failed by', () => {
    const events = stackEventsIn([
      ofStack(9, 'UPDATE_ROLLBACK_FAILED'),
      event(8, 'UPDATE_FAILED', { LogicalResourceId: 'B' }),
      ofStack(7, 'UPDATE_ROLLBACK_IN_PROGRESS'),
      event(6, 'UPDATE_FAILED', { LogicalResourceId: 'A' }),
      ofStack(0, 'UPDATE_IN_PROGRESS'),
    ])
    expect(reasonsOf(events).map(({ resource, during }) => [resource, during ?? null])).toEqual([
      ['A', null],
      ['B', 'rollback'],
    ])
    expect(courseOf(events)).toEqual({ kind: 'rolled-back', sinceMs: NOON + 7_000 })
  })

  it.each(['CREATE_COMPLETE', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'UPDATE_COMPLETE', 'IMPORT_COMPLETE'])(
    'that ended in %s failed by nothing, also where that came later',
    status => {
      const events = stackEventsIn([
        ofStack(900, 'DELETE_IN_PROGRESS'),
        ofStack(600, status),
        event(6, 'UPDATE_FAILED'),
        ofStack(0, 'UPDATE_IN_PROGRESS'),
      ])
      expect(reasonsOf(events.slice(1))).toEqual([])
      const [until, whole] = [operationUntil(events, NOON + 6_000), wholeOperation(events, NOON + 6_000)]
      expect(timesOf(whole)).toEqual([600, 6, 0])
      expect(operationOf(STACK, {}, until, [], whole)).toMatchObject({ reasons: [], course: { kind: 'succeeded' } })
    },
  )

  it('has at most fifty reasons, the first', () => {
    const many = stackEventsIn(Array.from({ length: 60 }, (_, at) => event(60 - at, 'CREATE_FAILED')))
    expect(reasonsOf(many).map(({ atMs }) => (atMs - NOON) / 1_000)).toEqual(
      Array.from({ length: 50 }, (_, at) => at + 1),
    )
  })

  it('names the nested stacks that failed, each once', () => {
    const events = stackEventsIn([
      ofStack(9, 'CREATE_FAILED'),
      inner(8, 'CREATE_FAILED'),
      inner(7, 'UPDATE_FAILED'),
      inner(6, 'CREATE_COMPLETE', `${INNER}-other`),
      inner(5, 'CREATE_FAILED', ''),
      inner(4, 'CREATE_FAILED', null),
      event(3, 'CREATE_FAILED', { PhysicalResourceId: `${INNER}-function` }),
    ])
    expect(failedStacksIn(events)).toEqual([INNER])
  })

  it('names the roles that it makes', () => {
    const role = (PhysicalResourceId: unknown, ResourceType = 'AWS::IAM::Role') => ({
      PhysicalResourceId,
      ResourceType,
    })
    expect(
      roleNamesIn([role('a'), role('b'), role('a'), role(''), role(5), role('c', 'AWS::IAM::Policy'), null]),
    ).toEqual(['a', 'b'])
  })

  it('is described by its stack, as far as that can be read', () => {
    const events = stackEventsIn([event(4, 'CREATE_FAILED'), ofStack(1, 'CREATE_IN_PROGRESS')])
    const read = (described: unknown, list = events) => operationOf(STACK, described, list, ['r'])
    const startedAtMs = NOON + 1_000
    expect(read({ RoleARN: 'role', RootId: INNER })).toMatchObject({
      rootId: INNER,
      roleArn: 'role',
      startedAtMs,
      roles: ['r'],
    })
    expect(read({})).toMatchObject({ rootId: STACK, roleArn: null, startedAtMs })
    expect(read(undefined)).toMatchObject({ rootId: STACK, roleArn: null })
    expect(read({}).reasons.map(({ resource }) => resource)).toEqual(['Worker'])
    expect(read({}, events.slice(0, 1)).startedAtMs).toBeNull()
    expect(read({}, []).startedAtMs).toBeNull()
  })
})

describe('a failed action of a pipeline', () => {
  const execution = (changed: object = {}) => ({
    stageName: 'Deploy',
    actionName: 'Stack',
    status: 'Failed',
    lastUpdateTime: new Date(NOON).toISOString(),
    ...changed,
  })
  const ROLE = 'arn:aws:iam::111122223333:role/action'
  const BARE = {
    ...{ stage: 'Deploy', action: 'Stack', provider: '', roleArn: null, stackRoleArn: null, externalId: null },
    startedAtMs: null,
    reasons: [],
  }

  it('has its provider, its roles, its id and its messages', () => {
    const full = execution({
      startTime: new Date(NOON - 60_000).toISOString(),
      input: {
        actionTypeId: { provider: 'CloudFormation' },
        roleArn: ROLE,
        configuration: { RoleArn: '#{variable}' },
        resolvedConfiguration: { RoleArn: `${ROLE}-stack` },
      },
      output: {
        executionResult: {
          externalExecutionId: 'id',
          externalExecutionSummary: 'summary',
          errorDetails: { message: 'error' },
        },
      },
    })
    const reason = (text: string) => ({ text, resource: 'Stack', resourceType: null, atMs: NOON })
    expect(failedActionsIn([full], 'pipeline')).toEqual([
      {
        ...{
          stage: 'Deploy',
          action: 'Stack',
          provider: 'CloudFormation',
          roleArn: ROLE,
          stackRoleArn: `${ROLE}-stack`,
        },
        ...{ externalId: 'id', startedAtMs: NOON - 60_000, reasons: [reason('error'), reason('summary')] },
      },
    ])
  })

  it('acts as the pipeline where it has no role', () => {
    expect(failedActionsIn([execution()], null)).toEqual([BARE])
    expect(failedActionsIn([execution()], 'pipeline')).toEqual([{ ...BARE, roleArn: 'pipeline' }])
    expect(failedActionsIn([execution({ input: { configuration: { RoleArn: 'r' } } })], null)).toEqual([
      { ...BARE, stackRoleArn: 'r' },
    ])
  })

  it('failed as it did last', () => {
    expect(failedActionsIn([execution({ status: 'Succeeded' }), execution()], null)).toEqual([])
    expect(failedActionsIn([execution(), execution({ status: 'Succeeded' })], null)).toEqual([BARE])
    expect(failedActionsIn([execution(), execution({ actionName: 'Other' })], null)).toHaveLength(2)
    expect(failedActionsIn([execution(), execution({ stageName: 'Other' })], null)).toHaveLength(2)
    expect(failedActionsIn([{}, null, execution({ status: 'InProgress', actionName: 'X' })], null)).toEqual([])
  })
})
