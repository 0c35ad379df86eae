/** How far from a sentence its call is searched, and how the text affects the denial. */
import { describe, expect, it } from 'vitest'
import { denialsIn } from '../../../core/denial/logs/denials-in-log.ts'
import { callAround } from '../../../core/denial/message/call-from-text.ts'
import { denialAt } from '../../../core/denial/message/denial-in-text.ts'

const CALLER = 'arn:aws:iam::111122223333:user/ci'
const ROLE = 'arn:aws:iam::111122223333:role/orders'
const SENTENCE = `User: ${CALLER} is not authorized to perform: iam:PassRole on resource: ${ROLE}`

function called(before: string, after = '', from = 0) {
  const { eventSource, eventName } = callAround(before + SENTENCE + after, {
    start: before.length,
    end: before.length + SENTENCE.length,
    from,
  })
  return eventSource === null && eventName === null ? null : `${eventSource} ${eventName}`
}
const only = (text: string) => {
  const [denial, ...others] = denialsIn(text)
  expect(others).toEqual([])
  if (denial === undefined) throw new Error('no denial')
  return denial
}

describe('the distance of a call', () => {
  const RUN_TASK = 'operation error ECS: RunTask, '

  it('is at most 900 characters before the sentence', () => {
    const at = (chars: number) => called(RUN_TASK.padEnd(chars, '.'))
    expect([at(900), at(901)]).toEqual(['ecs.amazonaws.com RunTask', null])
    expect(called(`${'.'.repeat(3_000)} ${RUN_TASK}`)).toBe('ecs.amazonaws.com RunTask')
  })

  it('is at most 400 characters after it', () => {
    const service = ' (Service: AWSGlue;'
    const at = (chars: number) => called('', '.'.repeat(chars - service.length) + service)
    expect([at(400), at(401)]).toEqual(['glue.amazonaws.com null', null])
  })

  it('does not reach behind the previous sentence', () => {
    expect(called(RUN_TASK, '', 0)).toBe('ecs.amazonaws.com RunTask')
    expect(called(RUN_TASK, '', RUN_TASK.length)).toBeNull()
    // A position behind the start of the sentence leaves nothing before it.
    expect(called(RUN_TASK, '', RUN_TASK.length + 20)).toBeNull()
  })
})

describe('the call of a text', () => {
  it.each([
    ['a command alone', '$ aws glue create-job --name orders\n', '', 'glue.amazonaws.com CreateJob'],
    [
      'the last of several commands',
      '$ aws ecs run-task\n$ aws iot describe-job\n$ aws glue create-job\n',
      '',
      'glue.amazonaws.com CreateJob',
    ],
    ['a command that passes no role', '$ aws glue create-job\n$ aws s3 ls-all\n', '', null],
    ['a resource of Terraform before', 'aws_glue_job.orders: Creating...\n', '', 'glue.amazonaws.com CreateJob'],
    [
      'the last of three resources before',
      'aws_lambda_function.a: Creating...\naws_batch_job_definition.b: Creating...\naws_glue_job.c: Creating...\n',
      '',
      'glue.amazonaws.com CreateJob',
    ],
    [
      'a resource of Terraform after',
      '',
      '\n  with module.jobs.aws_glue_job.orders,\n',
      'glue.amazonaws.com CreateJob',
    ],
    ['the update of a resource', 'Error: updating aws_glue_job.orders: ', '', 'glue.amazonaws.com null'],
    [
      'a task definition in words',
      'Error: creating Task Definition (orders): ',
      '',
      'ecs.amazonaws.com RegisterTaskDefinition',
    ],
    ['words about a session, which are no call of Glue', 'Error creating AWS session: ', '', null],
    ['a session with its service', 'Error creating Glue session: ', '', 'glue.amazonaws.com CreateSession'],
    ['a service that only carries the call: STS', '', ' (Service: AWSSecurityTokenService; x)', null],
    ['a service that only carries the call: CloudFormation', '', ' (Service: AmazonCloudFormation; x)', null],
    ['a service that only carries the call: Cloud Control', '', ' (Service: CloudControl; x)', null],
    ['a service inside one of these', '', ' (Service: AWSGlue; x) (Service: AmazonCloudFormation; x)', null],
    [
      'a service that differs from the resource',
      'aws_glue_job.orders: Creating...\n',
      ' (Service: AWSLambda; x)',
      'lambda.amazonaws.com null',
    ],
    [
      'a service that is the one of the resource',
      'aws_glue_job.orders: Creating...\n',
      ' (Service: AWSGlue; x)',
      'glue.amazonaws.com CreateJob',
    ],
    [
      'the type in its line before others',
      'AWS::DMS::Endpoint x\nAWS::Glue::Job x ',
      '\nAWS::Lambda::Function',
      'glue.amazonaws.com CreateJob',
    ],
    ['the type behind it in its line', 'AWS::DMS::Endpoint x\n', ' AWS::Glue::Job', 'glue.amazonaws.com CreateJob'],
    ['the last type in its line', 'AWS::DMS::Endpoint AWS::Glue::Job ', '', 'glue.amazonaws.com CreateJob'],
    ['the first type behind it', '', ' AWS::Glue::Job AWS::DMS::Endpoint', 'glue.amazonaws.com CreateJob'],
    [
      'the last type before it',
      'AWS::DMS::Endpoint\n\nAWS::Glue::Job\n\nfailed\n\n',
      '',
      'glue.amazonaws.com CreateJob',
    ],
  ])('is told by %s', (_, before, after, call) => {
    expect(called(before, after)).toBe(call)
  })
})

describe('the denial of a text', () => {
  it.each(['aws', 'aws-cn', 'aws-us-gov'])('is in the partition of its ARNs: %s', partition => {
    const caller = `arn:${partition}:iam::111122223333:user/ci`
    expect(only(`User: ${caller} is not authorized to perform: iam:PassRole`).partition).toBe(partition)
    expect(
      only(`User: ci is not authorized to perform: iam:PassRole on resource: arn:${partition}:iam::111122223333:role/a`)
        .partition,
    ).toBe(partition)
  })

  it.each([
    ['a role', SENTENCE, [ROLE]],
    ['a user', SENTENCE.replace(':role/', ':user/'), []],
    ['no ARN', `User: ${CALLER} is not authorized to perform: iam:PassRole`, []],
    ['a role that is assumed', SENTENCE.replace('iam:PassRole', 'sts:AssumeRole'), []],
  ])('passes the role that it names: %s', (_, text, roles) => {
    expect(only(text).passes.map(({ arn }) => arn)).toEqual(roles)
  })

  it('keeps the call of a service that assumes a role, and of no other caller', () => {
    const words = 'is not authorized to perform: sts:AssumeRole on'
    const before = 'operation error CodeBuild: CreateProject, api error InvalidInputException: '
    expect(only(`${before}CodeBuild ${words} ${ROLE}`)).toMatchObject({
      principal: { kind: 'service', name: 'codebuild.amazonaws.com' },
      call: { eventSource: 'codebuild.amazonaws.com', eventName: 'CreateProject' },
      // CodeBuild sends the account for which it acts.
      context: { 'aws:sourceaccount': { state: 'present', values: ['111122223333'] } },
    })
    const user = only(`${before}User: ${CALLER} ${words} ${ROLE}`)
    expect(user.call).toEqual({ eventSource: null, eventName: null })
    expect(user.context).not.toHaveProperty('aws:sourceaccount')
    const glue = only(`Glue ${words} ${ROLE}`)
    expect(glue.principal).toMatchObject({ kind: 'service', name: 'glue.amazonaws.com' })
    expect(glue.context).not.toHaveProperty('aws:sourceaccount')
  })

  const BESIDE = 'arn:aws:iam::444455556666:role/beside'
  it.each<[string, string, string | null, string | undefined]>([
    ['no role', '', BESIDE, undefined],
    ['a hidden role', ' on resource: ***', BESIDE, undefined],
    ['a placeholder', ' on resource: <role>', BESIDE, undefined],
    ['a role', ` on resource: ${ROLE}`, ROLE, undefined],
    // The start of a name, or what is no ARN, is not the role of a setting.
    ['the start of a name', ' on resource: arn:aws:iam::111122223333:role/ord…', null, 'cut'],
    ['no ARN', ' on resource: aws:iam::111122223333:role/orders', null, 'malformed'],
  ])('takes the role of a setting where the sentence names %s', (_, on, resource, unread) => {
    const denial = only(`role_arn = ${BESIDE}\nUser: ${CALLER} is not authorized to perform: sts:AssumeRole${on}`)
    expect(denial.resource).toBe(resource)
    expect(denial.unread?.kind).toBe(unread)
    expect(denial.roleFromLog ?? false).toBe(resource === BESIDE)
  })

  it.each([
    ['AppFlow', 'appflow.amazonaws.com'],
    ['Orders', undefined],
  ])('sends the service of a service-linked role that it names: %s', (service, sent) => {
    const { context } = only(`The user does not have permission to create a service-linked role for ${service}`)
    expect(context['iam:awsservicename']).toEqual(sent && { state: 'present', values: [sent] })
  })

  const REFUSED = 'Unable to assume given IAM role'
  const shown = (before: string) => {
    const text = before + REFUSED
    return denialAt(text, { at: text.indexOf('assume'), from: 0, word: 'assume' })?.message
  }

  it.each(['failed: ', 'done. ', 'line\n', 'x "', 'x `', '<td>', 'FAILED |', '( '])(
    'of a service shows the words after %j only',
    mark => {
      expect(shown(`Some other words ${mark}`)).toBe(REFUSED)
      expect(shown(`One: two "three" ${mark}Then `)).toBe(`Then ${REFUSED}`)
    },
  )

  it('of a service shows at most 160 characters before its sentence', () => {
    expect(shown(`${'y'.repeat(159)} `)).toBe(`${'y'.repeat(159)} ${REFUSED}`)
    expect(shown(`${'y'.repeat(500)} `)).toBe(`${'y'.repeat(159)} ${REFUSED}`)
    expect(shown(`x: ${'y'.repeat(500)} `)).toBe(`${'y'.repeat(159)} ${REFUSED}`)
    expect(shown('')).toBe(REFUSED)
  })
})
