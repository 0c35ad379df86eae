import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseMessage } from '../../../functions/domain/denial/parse-denial.ts'
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
    ['"Resource": "arn:aws:states:::ecs:runTask.sync" ', 'ecs.amazonaws.com RunTask'],
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
      values: [{ service: 'lambda.amazonaws.com', evidence: 'trust' }],
    })
    const ecs = `${SENTENCE} (Service: Ecs, Status Code: 400, Request ID: 1)`
    expect(denialIn(ecs).passes[0]?.service).toEqual(NOTHING_KNOWN)
    expect(called(`${SENTENCE}\n  with aws_lambda_function.orders, on main.tf line 1`)).toBe(
      'lambda.amazonaws.com CreateFunction20150331',
    )
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
