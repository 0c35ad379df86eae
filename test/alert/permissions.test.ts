import { describe, expect, it } from 'vitest'
import { known } from '../../core/base/fact.ts'
import type { DecodedEvaluation } from '../../core/denial/index.ts'
import type { JudgeFaults } from '../../functions/alert/judge-faults.ts'
import {
  operationOf,
  operationUntil,
  stackEventsIn,
  wholeOperation,
} from '../../functions/domain/deploy/tools/stack-operation.ts'
import type { TrustFault } from '../../functions/domain/deploy/trust-fault.ts'
import type { DeployReader } from '../../functions/ports/deploy-reader.ts'
import { refreshCard } from '../../functions/workflows/card/refresh-card.ts'
import { deployState, deploysSince } from '../../functions/workflows/deploy/deploy-store.ts'
import { alertBench, event, FILES, type Json, MINUTE, NO_FAULTS, NOW, UNREADABLE } from './alert-fixture.ts'

const RESOURCE = 'deploys/resource-other-action'
const STACK = 'deploys/stack-rollback'
const TWIN = 'cloudformation-create-function'

/** The event of a failed resource, with this text as its reason. */
const failing = (reason: string): Json => {
  const detail = event(RESOURCE)['detail'] as Json
  const details = detail['status-details'] as Json
  return { detail: { ...detail, 'status-details': { ...details, 'status-reason': reason } } }
}

const DENIED =
  'User: arn:aws:sts::111122223333:assumed-role/orders-stack-exec/AWSCloudFormation is not authorized to perform: s3:CreateBucket on resource: "arn:aws:s3:::orders-files"'

describe('a deploy that another permission broke', () => {
  it('is named in one alert, without a card', async () => {
    const bot = alertBench(UNREADABLE)
    expect(await bot.alert(RESOURCE)).toMatchObject({ kind: 'explained', causes: [] })
    await bot.settle()
    expect(bot.alerts()).toHaveLength(1)
    expect(bot.alerts()[0]).toContain(
      'Caused by: orders-stack-exec was denied iam:PutRolePolicy on role orders-worker (no identity policy allows it) (WorkerRolePolicy).',
    )
    expect(await bot.proposals()).toEqual([])
    expect(bot.deployNotices()).toHaveLength(1)
  })

  it.each([
    [
      'with an explicit deny in a service control policy: arn:aws:organizations::444455556666:policy/o-1/service_control_policy/p-2',
      'arn:aws:organizations::444455556666:policy/o-1/service_control_policy/p-2 denies it',
    ],
    ['with an explicit deny in an identity-based policy', '(a statement of an identity policy denies it)'],
    ['because no permissions boundary allows the s3:CreateBucket action', 'the permissions boundary does not allow it'],
    ['because no VPC endpoint policy allows the s3:CreateBucket action', 'the VPC endpoint policy does not allow it'],
  ])('wording whom to ask %s', async (why, wording) => {
    const bot = alertBench(UNREADABLE)
    await bot.alert(RESOURCE, failing(`${DENIED} ${why}`))
    await bot.settle()
    expect(bot.alerts()[0]).toContain(wording)
    expect(bot.alerts()[0]).not.toContain('Have s3:CreateBucket')
  })

  it('is named by what AWS decodes of its encoded message, and by the call where it decodes nothing', async () => {
    const message = 'bXDzNlS4mAwQ'.repeat(20)
    const reason = `Resource handler returned message: "You are not authorized to perform this operation. Encoded authorization failure message: ${message} (Service: Ec2, Status Code: 403, Request ID: 1)" (RequestToken: 2, HandlerErrorCode: AccessDenied)`
    const bot = alertBench(UNREADABLE)
    bot.decoded.set(message, {
      ...{ source: 'decoded-message', allowed: false, explicitDeny: false, matchedStatements: [], context: {} },
      ...{ policies: [], action: 'ec2:CreateVpc', resource: 'arn:aws:ec2:eu-west-1:111122223333:vpc/*' },
      principal: 'arn:aws:sts::111122223333:assumed-role/orders-stack-exec/AWSCloudFormation',
    })
    await bot.alert(RESOURCE, failing(reason))
    await bot.settle()
    expect(bot.alerts()[0]).toContain(
      'Caused by: orders-stack-exec was denied ec2:CreateVpc on arn:aws:ec2:eu-west-1:111122223333:vpc/* (WorkerRolePolicy).',
    )
    expect(await bot.proposals()).toEqual([])
    const silent = alertBench(UNREADABLE)
    await silent.alert(RESOURCE, failing(reason))
    await silent.settle()
    expect(silent.alerts()).toHaveLength(1)
    expect(silent.alerts()[0]).not.toContain('ec2:CreateVpc')
  })

  it('is a role that is passed, where AWS decodes one, until CloudTrail has the record of its call', async () => {
    const message = 'bXDzNlS4mAwQ'.repeat(20)
    const encoded = `You are not authorized to perform this operation. Encoded authorization failure message: ${message}`
    const decoded: DecodedEvaluation = {
      ...{ source: 'decoded-message', allowed: false, explicitDeny: false, matchedStatements: [], context: {} },
      ...{ policies: [], action: 'iam:PassRole', resource: 'arn:aws:iam::111122223333:role/app/orders-web' },
      principal: 'arn:aws:sts::111122223333:assumed-role/orders-stack-exec/AWSCloudFormation',
    }
    const record = {
      ...{ awsRegion: 'eu-west-1', recipientAccountId: '111122223333', errorMessage: encoded },
      eventTime: new Date(NOW - 2 * MINUTE).toISOString(),
      userIdentity: {
        ...{ type: 'AssumedRole', arn: decoded.principal, accountId: '111122223333' },
        ...{ principalId: 'AROA:AWSCloudFormation', invokedBy: 'cloudformation.amazonaws.com' },
        sessionContext: {
          sessionIssuer: { type: 'Role', arn: 'arn:aws:iam::111122223333:role/orders-stack-exec', userName: 'x' },
        },
      },
    }
    for (const when of ['never', 'before', 'after']) {
      const bot = alertBench(UNREADABLE)
      bot.decoded.set(message, decoded)
      const recorded = async () => {
        await bot.record('ec2-run-instances-encoded-only', record)
        await bot.settle()
      }
      if (when === 'before') await recorded()
      await bot.alert(RESOURCE, failing(`${encoded} (Service: Ec2, Status Code: 403, Request ID: 1)`))
      await bot.settle()
      if (when === 'after') await recorded()
      expect(bot.alerts()).toHaveLength(1)
      expect(bot.cards()).toHaveLength(when === 'never' ? 0 : 1)
      const named = bot.alerts()[0]?.match(/Probably because: .*/g)
      expect(named).toHaveLength(1)
      expect(named?.[0]).toMatch(/: orders-stack-exec was denied iam:PassRole on .*orders-web/)
      expect(named?.[0]).toContain(
        when === 'never' ? 'find the record of a call of ec2 in CloudTrail' : 'The fix waits for approval',
      )
      expect(bot.alerts()[0]).not.toContain('Effect')
    }
  })

  it('comes with the statement that it lacks, as text', async () => {
    const bot = alertBench(UNREADABLE)
    await bot.alert(RESOURCE, failing(`${DENIED} because no identity-based policy allows the s3:CreateBucket action`))
    await bot.settle()
    expect(bot.alerts()[0]).toContain(
      'As a statement, which rolemedic never writes: {"Effect":"Allow","Action":"s3:CreateBucket","Resource":"arn:aws:s3:::orders-files"}',
    )
    expect(await bot.proposals()).toEqual([])
  })

  it('is still named where the published actions cannot be read', async () => {
    const bot = alertBench(UNREADABLE)
    bot.faults.statements = true
    await bot.alert(RESOURCE, failing(`${DENIED} because no identity-based policy allows the s3:CreateBucket action`))
    await bot.settle()
    expect(bot.alerts()[0]).toContain('Have s3:CreateBucket on arn:aws:s3:::orders-files allowed')
    expect(bot.alerts()[0]).not.toContain('statement')
  })

  it('is not blamed on what was probably denied at that time', async () => {
    const bot = alertBench(UNREADABLE)
    await bot.record(TWIN)
    await bot.settle()
    await bot.alert(RESOURCE)
    await bot.settle()
    const [card] = await bot.proposals()
    expect(card?.deploy).toBe(null)
    expect(bot.alerts()).toHaveLength(1)
    expect(bot.alerts()[0]).not.toContain('Probably because')
  })

  it('silences the fault of a role that is only probable, for people and for programs', async () => {
    const fault: TrustFault = {
      ...{ kind: 'role-not-assumable', answer: 'owner', certainty: 'probable', service: 'lambda.amazonaws.com' },
      ...{ role: 'arn:aws:iam::111122223333:role/x', place: null, summary: 'A guess.', next: [] },
    }
    const judge: JudgeFaults = async ({ reports: [report] }) => ({
      ...NO_FAULTS,
      faults: report === undefined ? [] : [{ fault, report, cause: null, denial: null, trust: null }],
    })
    const GUESS = 'The IAM role is not usable (HandlerErrorCode: InvalidRequest)'
    const stack: DeployReader['stack'] = async (_, rootId) => {
      const failed = { text: GUESS, resource: 'Worker', resourceType: 'AWS::Lambda::Function', atMs: NOW - MINUTE }
      return known({ rootId, roleArn: null, startedAtMs: NOW - 5 * MINUTE, reasons: [failed], roles: [] })
    }
    const alone = alertBench({ ...UNREADABLE, stack }, undefined, undefined, judge)
    await alone.alert(RESOURCE, failing(GUESS))
    expect(alone.alerts()[0]).toContain('Probably because: lambda.amazonaws.com cannot assume x.')
    const bot = alertBench({ ...UNREADABLE, stack }, undefined, undefined, judge)
    await bot.alert(RESOURCE, failing(DENIED))
    expect(bot.alerts()[0]).toContain('Caused by: orders-stack-exec was denied s3:CreateBucket')
    expect(bot.alerts()[0]).not.toContain('Probably')
    const [notice] = bot.deployNotices()
    expect(notice?.subject).toBe(
      'The deploy of stack orders failed: orders-stack-exec was denied s3:CreateBucket on arn:aws:s3:::orders-files',
    )
    expect(notice?.text).not.toContain('Probably')
    expect(notice?.detail).not.toHaveProperty('roles')
  })

  describe('whose stack is read', () => {
    const denied = (action: string, resource: string) =>
      `Resource handler returned message: "User: arn:aws:sts::111122223333:assumed-role/orders-stack-exec/AWSCloudFormation is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action"`
    const [BEGUN, ROLLED_BACK] = ['2026-11-24T02:40:00Z', '2026-11-24T02:45:00Z']
    const id = String((event(STACK)['detail'] as Json)['stack-id'])
    const one = (at: string, status: string, text: string, resource: string | null) => ({
      ...{ StackId: id, Timestamp: at, ResourceStatus: status, ResourceStatusReason: text },
      LogicalResourceId: resource ?? 'orders',
      PhysicalResourceId: resource === null ? id : resource,
      ResourceType: resource === null ? 'AWS::CloudFormation::Stack' : 'AWS::SNS::Topic',
    })
    /** `events`: oldest first. */
    const reading = (...events: readonly ReturnType<typeof one>[]) => {
      const stack: DeployReader['stack'] = async (_, __, untilMs) => {
        const all = stackEventsIn(events.toReversed())
        const whole = wholeOperation(all, untilMs)
        return known(operationOf(id, {}, operationUntil(all, untilMs), [], whole))
      }
      return alertBench({ ...UNREADABLE, stack })
    }
    const begun = one(BEGUN, 'UPDATE_IN_PROGRESS', '', null)
    const rolledBack = one(ROLLED_BACK, 'UPDATE_ROLLBACK_IN_PROGRESS', 'The following resource(s) failed', null)

    it('failed for its first reason, and a denial in the rollback is beside it', async () => {
      const bot = reading(
        begun,
        one('2026-11-24T02:44:00Z', 'CREATE_FAILED', 'orders-files already exists (Service: S3)', 'Files'),
        one('2026-11-24T02:44:01Z', 'CREATE_FAILED', 'Resource creation cancelled', 'Queue'),
        rolledBack,
        one(
          '2026-11-24T02:46:00Z',
          'DELETE_FAILED',
          denied('sns:DeleteTopic', 'arn:aws:sns:eu-west-1:111122223333:t'),
          'Topic',
        ),
      )
      await bot.alert(STACK)
      const lines = bot.alerts()[0]?.split('\n') ?? []
      expect(lines[0]).toBe('🚨 The deploy of stack orders failed.')
      expect(lines[1]).toBe(
        'The last attempt failed for another reason than a permission: orders-files already exists (Service: S3)',
      )
      expect(lines[2]).toMatch(/^During the rollback: orders-stack-exec was denied sns:DeleteTopic on /)
      expect(bot.alerts()[0]).not.toContain('Caused by')
      expect(bot.deployNotices()[0]?.subject).toBe('The deploy of stack orders failed')
    })

    it('was denied a role only in its rollback: that changes no title', async () => {
      const bot = reading(
        begun,
        one('2026-11-24T02:44:00Z', 'CREATE_FAILED', denied('s3:CreateBucket', 'arn:aws:s3:::files'), 'Files'),
        rolledBack,
        one(
          '2026-11-24T02:46:00Z',
          'UPDATE_FAILED',
          denied('iam:PassRole', 'arn:aws:iam::111122223333:role/app/orders-worker'),
          'Topic',
        ),
      )
      await bot.alert(STACK)
      await bot.settle()
      expect(bot.alerts()[0]).toContain('Caused by: orders-stack-exec was denied s3:CreateBucket')
      expect((await bot.proposals()).flatMap(({ deploy }) => deploy ?? [])).toEqual([])
    })

    it('is named by the reason of the stack itself', async () => {
      const macro = denied('lambda:InvokeFunction', 'arn:aws:lambda:eu-west-1:111122223333:function:macro')
      const bot = reading(begun, one(ROLLED_BACK, 'UPDATE_ROLLBACK_IN_PROGRESS', macro, null))
      await bot.alert(STACK)
      expect(bot.alerts()[0]).toContain('Caused by: orders-stack-exec was denied lambda:InvokeFunction on ')
    })

    it('is only probable by what a macro of the stack answers', async () => {
      const answer = `Transform 111122223333::Tags failed with: ${denied('s3:GetObject', 'arn:aws:s3:::payroll')}`
      const bot = reading(begun, one(ROLLED_BACK, 'UPDATE_ROLLBACK_IN_PROGRESS', answer, null))
      await bot.alert(STACK)
      expect(bot.alerts()[0]).toContain('Probably because: orders-stack-exec was denied s3:GetObject')
    })

    it.each([
      ['that the update tried again', 'UPDATE_FAILED', [one('2026-11-24T02:50:00Z', 'UPDATE_COMPLETE', '', null)]],
      [
        'that the cleanup left',
        'DELETE_FAILED',
        [one('2026-11-24T02:46:00Z', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', '', null)],
      ],
      ['that a cleanup left, as far as its events say', 'DELETE_FAILED', []],
    ])('has no alert by a resource %s', async (_, status, later) => {
      const detail = failing(denied('s3:PutBucketPolicy', 'arn:aws:s3:::files'))['detail'] as Json
      const details = { ...(detail['status-details'] as Json), status }
      const bot = reading(begun, ...later)
      expect(await bot.alert(RESOURCE, { detail: { ...detail, 'status-details': details } })).toMatchObject({
        kind: 'silent',
      })
      await bot.settle()
      expect([bot.alerts(), bot.deployNotices()]).toEqual([[], []])
      const rolled = reading(begun, one('2026-11-24T02:47:00Z', 'UPDATE_ROLLBACK_IN_PROGRESS', '', null))
      await rolled.alert(RESOURCE, { detail: { ...detail, 'status-details': details } })
      expect(rolled.alerts()).toHaveLength(1)
      const deleted = reading(one(BEGUN, 'DELETE_IN_PROGRESS', '', null))
      await deleted.alert(RESOURCE, {
        detail: { ...detail, 'status-details': { ...details, status: 'DELETE_FAILED' } },
      })
      expect(deleted.alerts()[0]).toContain('Caused by: orders-stack-exec was denied s3:PutBucketPolicy')
    })
  })

  it('has no alert by what was left to delete, where nobody can read whether the stack failed', async () => {
    const detail = failing(DENIED)['detail'] as Json
    const details = { ...(detail['status-details'] as Json), status: 'DELETE_FAILED' }
    const bot = alertBench(UNREADABLE)
    await bot.alert(RESOURCE, { detail: { ...detail, 'status-details': details } })
    await bot.settle()
    expect(bot.alerts()).toEqual([])
  })

  it('is named by the event of the stack itself', async () => {
    const detail = event(STACK)['detail'] as Json
    const details = { status: 'ROLLBACK_IN_PROGRESS', 'status-reason': DENIED }
    const bot = alertBench(UNREADABLE)
    await bot.alert(STACK, { detail: { ...detail, 'status-details': details } })
    expect(bot.alerts()[0]).toContain(
      'Caused by: orders-stack-exec was denied s3:CreateBucket on arn:aws:s3:::orders-files.',
    )
  })

  it('is next to a denied role in the one alert of the deploy', async () => {
    const bot = alertBench()
    await bot.record(TWIN)
    await bot.settle()
    await bot.alert('deploys/stack-resource-failed')
    await bot.alert(RESOURCE)
    await bot.settle()
    expect(bot.alerts()).toHaveLength(1)
    expect(bot.alerts()[0]).toContain('orders-stack-exec was denied iam:PassRole')
    expect(bot.alerts()[0]).toContain('orders-stack-exec was denied iam:PutRolePolicy')
  })

  it('names a refused call where no text names an action, and is probable where it names nothing', async () => {
    const bot = alertBench(UNREADABLE)
    await bot.alert(
      RESOURCE,
      failing('An error occurred (AccessDenied) when calling the PutBucketPolicy operation: Access Denied'),
    )
    await bot.settle()
    expect(bot.alerts()[0]).toContain('Caused by: who deploys was denied the call PutBucketPolicy of AWS')
    const other = alertBench(UNREADABLE)
    await other.alert(RESOURCE, failing('Access Denied (Service: S3, Status Code: 403, Request ID: X)'))
    await other.settle()
    expect(other.alerts()[0]).toContain('Probably because: who deploys was denied a call of s3')
  })

  describe('and whose text names no permission', () => {
    const EXEC = 'arn:aws:iam::111122223333:role/orders-stack-exec'
    const session = (role: string) => `arn:aws:sts::111122223333:assumed-role/${role}/AWSCloudFormation`
    const record = (operation: string, resource: string, role = 'orders-stack-exec') => ({
      ...{ eventSource: 's3.amazonaws.com', eventName: operation, eventTime: '2026-11-24T02:47:00Z' },
      ...{ errorCode: 'AccessDenied', eventID: `of ${operation} ${resource}`, recipientAccountId: '111122223333' },
      errorMessage: `User: ${session(role)} is not authorized to perform: s3:${operation} on resource: "arn:aws:s3:::${resource}" because no resource-based policy allows the s3:${operation} action`,
      userIdentity: { type: 'AssumedRole', arn: session(role) },
    })
    const bare = (event: ReturnType<typeof record>) => ({ ...event, errorMessage: 'Access Denied' })
    const NAMED =
      'Error: putting S3 Bucket (orders-files) Policy: operation error S3: PutBucketPolicy, https response error StatusCode: 403, RequestID: 2, HostID: 3, api error AccessDenied: Access Denied'
    const OTHER = `Error: User: ${session('orders-stack-exec')} is not authorized to perform: sqs:CreateQueue on resource: arn:aws:sqs:eu-west-1:111122223333:q\n\n\n\n\n`
    const CLI = 'aws s3api put-bucket-policy --bucket orders-files --policy file://p.json\n'
    const UNNAMED = 'An error occurred (AccessDenied) when calling the PutBucketPolicy operation: Access Denied'
    const OWN = record('PutBucketPolicy', 'orders-files')
    const FOUND =
      'orders-stack-exec was denied s3:PutBucketPolicy on arn:aws:s3:::orders-files (no policy of the resource allows it)'

    it.each<[string, string, readonly object[], string]>([
      ['certain by a record of its call, principal and resource', NAMED, [OWN], `Caused by: ${FOUND}`],
      ...[
        '{"Bucket":"orders-files"}',
        '{\\"Bucket\\":\\"orders-files\\"}',
        'Bucket [orders-files]',
        'upload to s3://orders-files/p.json',
        'arn:aws:s3:::orders-files',
      ].map((beside): [string, string, readonly object[], string] => [
        `certain where the text sets off the resource: ${beside}`,
        `${beside}\n${UNNAMED}`,
        [OWN],
        `Caused by: ${FOUND}`,
      ]),
      ...[CLI, 'deploying orders-files now\n', '(orders-files of the team)\n'].map(
        (beside): [string, string, readonly object[], string] => [
          `probable where a bare word beside it can be any: ${beside}`,
          beside + UNNAMED,
          [OWN],
          `Probably because: ${FOUND}`,
        ],
      ),
      [
        'certain by that one of several records',
        NAMED,
        [record('PutBucketPolicy', 'other-bucket'), OWN, record('PutBucketAcl', 'orders-files')],
        `Caused by: ${FOUND}`,
      ],
      ['probable where the text names no resource', UNNAMED, [OWN], `Probably because: ${FOUND}`],
      [
        'certain as the call alone beside another certain one',
        OTHER + UNNAMED,
        [OWN],
        'Caused by: who deploys was denied the call PutBucketPolicy of ',
      ],
      [
        'only the call where the record names no resource',
        NAMED,
        [bare(OWN)],
        'Caused by: who deploys was denied the call PutBucketPolicy of s3',
      ],
      ...['other-bucket', 'orders-files-2', 'my-orders-files', 'orders'].map(
        (bucket): [string, string, readonly object[], string] => [
          `only the call where the record is of the bucket ${bucket}`,
          NAMED,
          [record('PutBucketPolicy', bucket)],
          'Caused by: who deploys was denied the call PutBucketPolicy of s3',
        ],
      ),
      [
        'only the call where the record is of another principal',
        NAMED,
        [record('PutBucketPolicy', 'orders-files', 'payments')],
        'Caused by: who deploys was denied the call PutBucketPolicy of s3',
      ],
      [
        'probable of a service that no record is of',
        'Access Denied (Service: Sqs, Status Code: 403, Request ID: X)',
        [OWN],
        'Probably because: who deploys was denied a call of sqs',
      ],
    ])('is %s', async (_, text, records, cause) => {
      const stack: DeployReader['stack'] = async (_, rootId) =>
        known({ rootId, roleArn: EXEC, startedAtMs: NOW - 5 * MINUTE, reasons: [], roles: [] })
      const bot = alertBench({ ...UNREADABLE, stack })
      bot.recorded.push(...records)
      await bot.alert(RESOURCE, failing(text))
      await bot.settle()
      expect(bot.alerts()[0]).toContain(cause)
      expect(bot.alerts()[0]?.match(/Caused by|Probably because/g)).toHaveLength(text.startsWith(OTHER) ? 2 : 1)
    })
  })

  it.each([
    [
      STACK,
      'The deploy of stack orders failed.',
      'run rolemedic explain-deploy --live --stack orders --region eu-west-1',
    ],
    [
      'deploys/build-failed',
      'The build of orders-deploy in pipeline orders failed.',
      'run rolemedic explain-deploy --live --build orders-deploy:5f1c2d3e-8a4b-4c6d-9e0f-1a2b3c4d5e6f --region eu-west-1',
    ],
    [
      'deploys/pipeline-failed',
      'The run of pipeline orders failed.',
      `run rolemedic explain-deploy --live --pipeline orders --execution ${String((event('deploys/pipeline-failed')['detail'] as Json)['execution-id'])} --region eu-west-1`,
    ],
    [
      'deploys/amplify-deployment-failed',
      'The deployment of Amplify app d1a2b3c4d5e6f7/main failed.',
      'read its texts where it ran',
    ],
    ['deploys/stack-set-operation-failed', 'The operation on StackSet baseline failed.', 'read its texts where it ran'],
    [
      'deploys/deployment-failed',
      'The deployment to orders/orders-service failed.',
      'run rolemedic explain-deploy --live --deployment d-8ZK2QX1LM --region eu-west-1',
    ],
    [
      'deploys/service-deployment-failed',
      'The deployment of ECS service orders/orders-service failed.',
      'run rolemedic explain-deploy --live --service orders/orders-service --region eu-west-1',
    ],
  ])('has one alert that says what could not be read of %s', async (name, headline, advice) => {
    const bot = alertBench(UNREADABLE)
    for (const _ of ['first', 'again']) expect(await bot.alert(name)).toMatchObject({ kind: 'unread' })
    expect(bot.metrics).toContain('DeploysUnread')
    await bot.settle()
    expect(bot.alerts()).toHaveLength(1)
    const [first, why] = bot.alerts()[0]?.split('\n') ?? []
    expect(first).toBe(`🚨 ${headline}`)
    expect(why).toBe(
      `Why is not known: what failed could not be read (refused). Let the reader role of rolemedic read it, or ${advice} with your own credentials.`,
    )
    expect(bot.deployNotices()).toEqual([])
  })

  describe('by a build whose log nobody can read', () => {
    const BUILD = 'deploys/build-failed'
    const OWN_SESSION = 'AWSCodeBuild-5f1c2d3e-8a4b-4c6d-9e0f-1a2b3c4d5e6f'
    const withoutLog = (context: string): Json => {
      const { detail } = event(BUILD) as { detail: Json }
      const information = { ...(detail['additional-information'] as Json), logs: null }
      const phases = [{ 'phase-status': 'FAILED', 'phase-context': [context] }]
      return { detail: { ...detail, 'additional-information': { ...information, phases } } }
    }
    const EXECUTION = String((event('deploys/pipeline-failed')['detail'] as Json)['execution-id'])
    const COMMAND = 'COMMAND_EXECUTION_ERROR: Error while executing command: npx cdk deploy. Reason: exit status 1'
    const refused = (session: string, eventName = 'CreateBucket') => ({
      ...{ eventSource: 's3.amazonaws.com', eventName, awsRegion: 'eu-west-1', eventTime: '2026-11-24T02:46:00Z' },
      ...{ errorCode: 'AccessDenied', errorMessage: 'Access Denied', recipientAccountId: '111122223333' },
      eventID: `${session} ${eventName}`,
      userIdentity: {
        ...{ type: 'AssumedRole', accountId: '111122223333' },
        arn: `arn:aws:sts::111122223333:assumed-role/pipeline-deploy/${session}`,
      },
    })

    it('says what to look at, once', async () => {
      const bot = alertBench()
      for (const _ of ['first', 'again']) await bot.alert(BUILD, withoutLog(COMMAND))
      expect(bot.alerts()).toHaveLength(1)
      expect(bot.alerts()[0]?.split('\n')[1]).toBe(
        'Why is not known: what failed could not be read (the build has no log in CloudWatch Logs). Look at the end of its log, where its project keeps it.',
      )
    })

    it.each(['YAML_FILE_ERROR: stat buildspec.yml: no such file', 'BUILD_TIMED_OUT: it took an hour'])(
      'is silent where its phase says why: %s',
      async context => {
        const bot = alertBench()
        expect(await bot.alert(BUILD, withoutLog(context))).toMatchObject({ kind: 'silent' })
        expect(bot.alerts()).toEqual([])
      },
    )

    it('is probably broken by what CloudTrail has of its own session', async () => {
      for (const changes of [withoutLog(COMMAND), {}]) {
        const bot = alertBench(UNREADABLE)
        bot.recorded.push(refused(OWN_SESSION), refused('AWSCodeBuild-00000000', 'DeleteBucket'), refused(OWN_SESSION))
        await bot.alert(BUILD, changes)
        expect(bot.alerts()).toHaveLength(1)
        expect(bot.alerts()[0]?.match(/Probably because/g)).toHaveLength(1)
        expect(bot.alerts()[0]).toContain(
          'Probably because: pipeline-deploy was denied the call CreateBucket of s3. Find the record',
        )
        expect(bot.alerts()[0]).not.toMatch(/DeleteBucket|As a statement/)
      }
    })

    it('is certain of what a phase of AWS names of its own role', async () => {
      const context = `ACCESS_DENIED: Service role arn:aws:iam::111122223333:role/deploy/pipeline-deploy does not allow AWS CodeBuild to create Amazon CloudWatch Logs log streams. Error message: User: arn:aws:sts::111122223333:assumed-role/pipeline-deploy/${OWN_SESSION} is not authorized to perform: logs:CreateLogStream on resource: arn:aws:logs:eu-west-1:111122223333:log-group:/aws/codebuild/orders-deploy:log-stream:5f1c2d3e`
      const bot = alertBench()
      await bot.alert(BUILD, withoutLog(context))
      expect(bot.alerts()[0]).toContain('Caused by: pipeline-deploy was denied logs:CreateLogStream')
    })

    it('stays so when its pipeline fails, whichever comes first', async () => {
      const reader = {
        ...FILES,
        failedActions: async () => {
          const read = await FILES.failedActions(
            { accountId: '111122223333', region: 'eu-west-1' },
            'orders',
            EXECUTION,
          )
          return read.known ? known(read.value.map(one => ({ ...one, reasons: [] }))) : read
        },
        logTail: UNREADABLE.logTail,
      }
      for (const order of ['build first', 'pipeline first']) {
        const bot = alertBench(reader)
        const steps = [() => bot.alert(BUILD, withoutLog(COMMAND)), () => bot.alert('deploys/pipeline-failed')]
        for (const step of order === 'build first' ? steps : steps.toReversed()) await step()
        expect(bot.alerts(), order).toHaveLength(1)
        expect(bot.alerts()[0]).toContain('Why is not known: ')
      }
    })
  })

  it('is not called unread where an event of its resource gave the reason', async () => {
    const bot = alertBench(UNREADABLE)
    await bot.alert(RESOURCE, failing('orders-files already exists'))
    await bot.alert(STACK)
    await bot.settle()
    expect(bot.alerts()).toEqual([])
  })

  it('is not called unread any more once its cause is known', async () => {
    const bot = alertBench(UNREADABLE)
    await bot.alert(STACK)
    await bot.alert(RESOURCE, failing(DENIED))
    await bot.alert(STACK)
    await bot.settle()
    expect(bot.alerts()).toHaveLength(1)
    expect(bot.alerts()[0]).toContain('Caused by: orders-stack-exec was denied s3:CreateBucket')
    expect(bot.alerts()[0]).not.toContain('could not be read')
    expect(bot.deployNotices()).toHaveLength(1)
  })

  it('names ten of many, and says how many more and where', async () => {
    const bot = alertBench(UNREADABLE)
    const many = Array.from({ length: 14 }, (_, n) => DENIED.replace('orders-files', `files-${n}`))
    await bot.alert(RESOURCE, failing(many.join('\n')))
    await bot.settle()
    expect(bot.alerts()[0]?.match(/Caused by/g)).toHaveLength(10)
    expect(bot.alerts()[0]).toContain('4 more permissions: the command below names all of them.')
    expect(bot.alerts()[0]).toContain('rolemedic explain-deploy --live --stack orders --region eu-west-1 --code .')
  })

  describe('by the log of its build', () => {
    const OWN = 'arn:aws:sts::111122223333:assumed-role/pipeline-deploy/AWSCodeBuild-5f1c2d3e'
    const denied = (who: string, resource: string, policy = 'because no identity-based policy allows it') =>
      `User: ${who} is not authorized to perform: iam:AttachRolePolicy on resource: ${resource} ${policy}`
    const BUILD = `${OWN}-8a4b-4c6d-9e0f-1a2b3c4d5e6f`
    const building = (...lines: readonly string[]) =>
      alertBench({
        ...UNREADABLE,
        logTail: async () => known(['one', 'two', ...lines].join('\n')),
        buildRoles: async (_, ids) =>
          known(ids.map(id => ({ id, roleArn: 'arn:aws:iam::111122223333:role/deploy/pipeline-deploy' }))),
      })
    const SCP = 'arn:aws:organizations::444455556666:policy/o-1a2b/service_control_policy/p-3c4d'

    it('has the line of the log', async () => {
      const bot = building(denied(OWN, 'role orders'))
      await bot.alert('deploys/build-failed')
      expect(bot.alerts()[0]).toContain(
        'on role orders (no identity policy allows it) (line 3 of the log that was read).',
      )
    })

    it.each([
      ['somebody else of the account', 'arn:aws:sts::111122223333:assumed-role/FinanceAdmin/ana@example.com', false],
      ['a user of the account', 'arn:aws:iam::111122223333:user/ana', false],
      ['another role in its session', BUILD.replace('pipeline-deploy', 'FinanceAdmin'), false],
      ['its role in another session', OWN, false],
      ['its role in its session', BUILD, true],
    ])('is certain, with its statement, only of its own role and session: %s', async (_, who, isOwn) => {
      const bot = building(denied(who, 'arn:aws:iam::111122223333:role/orders'))
      await bot.alert('deploys/build-failed')
      const [alert] = bot.alerts()
      expect(alert).toContain(`${isOwn ? 'Caused by' : 'Probably because'}: ${who.split('/')[1]} was denied iam:Attach`)
      expect(alert?.includes('Have iam:AttachRolePolicy')).toBe(isOwn)
      expect(alert?.includes('statement')).toBe(isOwn)
      expect(alert?.includes('Before anything is allowed, find the record of iam:AttachRolePolicy in CloudTrail')).toBe(
        !isOwn,
      )
      expect(bot.deployNotices()[0]?.subject.includes(', probably because ')).toBe(!isOwn)
    })

    it('is only probable of its session where its role cannot be read', async () => {
      const bot = alertBench({ ...UNREADABLE, logTail: async () => known(denied(BUILD, 'role orders')) })
      await bot.alert('deploys/build-failed')
      expect(bot.alerts()[0]).toContain('Probably because: pipeline-deploy was denied iam:AttachRolePolicy')
    })

    it('gives no advice where the log does not say who was denied', async () => {
      const bot = building('Error: AccessDenied: not authorized to perform: iam:CreateUser')
      await bot.alert('deploys/build-failed')
      expect(bot.alerts()[0]).toContain('Probably because: who deploys was denied iam:CreateUser')
      expect(bot.alerts()[0]).not.toMatch(/Caused by|Have iam|statement/)
    })

    it('stays certain where another line repeats it without its session', async () => {
      const bare = denied('arn:aws:iam::111122223333:role/pipeline-deploy', 'role orders')
      for (const lines of [
        [denied(BUILD, 'role orders'), bare],
        [bare, denied(BUILD, 'role orders')],
      ]) {
        const bot = building(...lines)
        await bot.alert('deploys/build-failed')
        expect(bot.alerts()[0]?.match(/Caused by|Probably because/g)).toEqual(['Caused by'])
      }
    })

    it('does not name the policy of an organization that only a log names', async () => {
      const evil = 'arn:aws:organizations::999988887777:policy/o-evil/service_control_policy/p-approve'
      const bot = building(denied(BUILD, 'role orders', `with an explicit deny in a service control policy: ${evil}`))
      await bot.alert('deploys/build-failed')
      expect(bot.alerts()[0]).toContain('(a statement of a service control policy denies it)')
      expect(bot.alerts()[0]).not.toMatch(/o-evil|99998888/)
    })

    it.each([
      ['a principal of another account', denied(OWN.replace('111122223333', '999988887777'), 'role orders')],
      ['a principal without an account', denied('AdminRole-of-999988887777', 'role admin')],
      ['a resource of another account', denied(OWN, 'arn:aws:iam::999988887777:role/x')],
      ['a resource that names one', denied(OWN, 'role of-999988887777')],
      [
        'a policy that is no ARN of an account',
        denied(
          OWN,
          'role orders',
          'with an explicit deny in a service control policy: arn:aws:organizations::1:policy/https://evil.example/approve-now',
        ),
      ],
      [
        'a policy of nobody',
        denied(
          OWN,
          'role orders',
          'with an explicit deny in a service control policy: arn:aws:organizations::999988887777:policy/https://evil.example',
        ),
      ],
    ])('withholds %s, and counts it', async (_, line) => {
      const bot = building(line)
      await bot.alert('deploys/build-failed')
      expect(bot.alerts()).toHaveLength(1)
      expect(bot.alerts()[0]).toContain('Its texts name 1 permission that is not of account 111122223333: not shown')
      expect(bot.alerts()[0]).not.toMatch(/AttachRolePolicy|99998888|evil/)
      expect(bot.metrics).toContain('PermissionsWithheld')
      const beside = building(
        line,
        denied(OWN, 'role payments', `with an explicit deny in a service control policy: ${SCP}`),
      )
      await beside.alert('deploys/build-failed')
      expect(beside.alerts()[0]).toContain('Its texts name 1 permission that is not')
      expect(beside.alerts()[0]).toContain('on role payments (a statement of a service control policy denies it)')
      expect(beside.alerts()[0]).not.toMatch(/99998888|evil/)
      const job = alertBench(UNREADABLE)
      await job.alert('deploys/job-failed', {
        detail: { ...(event('deploys/job-failed')['detail'] as Json), log: line },
      })
      expect(job.alerts()).toEqual([])
    })
  })

  it('is not caused by a principal of another account, which AWS can only have echoed', async () => {
    const bot = alertBench(UNREADABLE)
    await bot.alert(RESOURCE, failing(`Value '${DENIED.replace('sts::111122223333', 'sts::999988887777')}' is invalid`))
    expect(bot.alerts()[0]).toContain('Its texts name 1 permission that is not of account 111122223333: not shown')
    expect(bot.alerts()[0]).not.toContain('Caused by')
  })

  it.each([
    ['because no session policy allows the s3:CreateBucket action', 'who starts the session'],
    ['because no resource-based policy allows the s3:CreateBucket action', 'the owner of the resource'],
  ])('wording whose policy has to allow it %s', async (why, owner) => {
    const bot = alertBench(UNREADABLE)
    await bot.alert(RESOURCE, failing(`${DENIED} ${why}`))
    expect(bot.alerts()[0]).toContain(`Ask ${owner}: `)
    expect(bot.alerts()[0]).not.toContain('Have s3:CreateBucket')
  })

  it.each([
    [
      'deploys/stack-set-operation-failed',
      'The operation on StackSet baseline failed.',
      'Caused by: AWSCloudFormationStackSetExecutionRole was denied cloudtrail:CreateTrail on arn:aws:cloudtrail:eu-west-1:444455556666:trail/baseline (a statement of a service control policy denies it: arn:aws:organizations::111122223333:policy/o-example/service_control_policy/p-example1) (444455556666, eu-west-1).',
    ],
    [
      'deploys/amplify-deployment-failed',
      'The deployment of Amplify app d1a2b3c4d5e6f7/main failed.',
      'Probably because: amplify-shop was denied ssm:GetParametersByPath on arn:aws:ssm:eu-west-1:111122223333:parameter/amplify/shop/* (no identity policy allows it) (BUILD).',
    ],
    [
      'deploys/deployment-failed',
      'The deployment to orders/orders-service failed.',
      'Probably because: orders-codedeploy was denied a call of autoscaling.',
    ],
    [
      'deploys/service-deployment-failed',
      'The deployment of ECS service orders/orders-service failed.',
      'Caused by: orders-exec was denied secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders/db-AbCdEf (no identity policy allows it).',
    ],
  ])('is named where only the parts of %s say it', async (name, headline, cause) => {
    const bot = alertBench()
    await bot.alert(name)
    await bot.settle()
    expect(bot.alerts()).toHaveLength(1)
    expect(bot.alerts()[0]).toContain(headline)
    expect(bot.alerts()[0]).toContain(cause)
    expect(await bot.proposals()).toEqual([])
  })

  const attempt = (token: string, reason: string, minutes = 0): Json => {
    const detail = failing(reason)['detail'] as Json
    const time = new Date(Date.UTC(2026, 10, 24, 2, 47, 32) + minutes * MINUTE).toISOString()
    return { time, detail: { ...detail, 'client-request-token': token } }
  }
  const EXISTS = 'orders-files already exists'

  it('keeps what an event of the attempt named, where a later event of it names nothing', async () => {
    const bot = alertBench(UNREADABLE)
    await bot.alert(RESOURCE, attempt('one', DENIED))
    await bot.alert(RESOURCE, attempt('one', EXISTS))
    expect(bot.alerts()[0]).toContain('s3:CreateBucket')
    await bot.alert(RESOURCE, attempt('two', EXISTS, 5))
    const [{ key } = { key: '' }] = await deploysSince({ accountId: '111122223333', region: 'eu-west-1' }, 0, bot.store)
    expect((await deployState(key, bot.store))?.permissions).toEqual([])
  })

  it('keeps what the last attempt lacks, where an event of an earlier one comes late', async () => {
    const bot = alertBench(UNREADABLE)
    await bot.alert(RESOURCE, attempt('one', EXISTS))
    await bot.alert(RESOURCE, attempt('two', DENIED, 5))
    await bot.alert(RESOURCE, attempt('one', DENIED.replace('s3:CreateBucket', 's3:PutBucketTagging')))
    expect(bot.alerts()[0]).toContain('s3:CreateBucket')
    expect(bot.alerts()[0]).not.toContain('s3:PutBucketTagging')
  })

  it.each([
    ['a minute', 1],
    ['six hours', 360],
  ])(
    'has a new alert by an attempt %s later that lacks something else, and the same one by the same',
    async (_, minutes) => {
      const bot = alertBench(UNREADABLE)
      const queue = DENIED.replace('s3:CreateBucket', 'sqs:CreateQueue').replace(
        's3:::orders-files',
        'sqs:eu-west-1:111122223333:q',
      )
      await bot.alert(RESOURCE, attempt('one', DENIED))
      bot.clock.nowMs += minutes * MINUTE
      await bot.alert(RESOURCE, attempt('two', DENIED, minutes))
      expect(bot.alerts()).toHaveLength(1)
      expect(bot.alerts()[0]).toContain('failed (2 attempts).')
      await bot.alert(RESOURCE, attempt('three', queue, minutes + 1))
      await bot.alert(RESOURCE, attempt('three', queue, minutes + 1))
      await bot.settle()
      expect(bot.alerts()).toHaveLength(2)
      expect(bot.alerts()[0]).not.toContain('sqs:CreateQueue')
      expect(bot.alerts()[1]).toMatch(
        /^🚨 The deploy of stack orders failed\.\nCaused by: orders-stack-exec was denied sqs:CreateQueue/,
      )
      expect(bot.alerts()[1]).not.toContain('s3:CreateBucket')
      expect(bot.deployNotices()).toHaveLength(2)
    },
  )

  it('has a new alert where an attempt lacks another permission while its card waits', async () => {
    const bot = alertBench(UNREADABLE)
    await bot.alert('deploys/stack-resource-failed')
    await bot.record(TWIN)
    await bot.settle()
    await bot.alert(RESOURCE, attempt('two', DENIED, 1))
    await bot.settle()
    expect(bot.alerts()).toHaveLength(2)
    expect(bot.alerts()[1]).toContain('Caused by: orders-stack-exec was denied iam:PassRole on orders-worker')
    expect(bot.alerts()[1]).toContain('Caused by: orders-stack-exec was denied s3:CreateBucket')
  })

  it('is not called fixed when its role is, until an attempt no longer lacks the permission', async () => {
    const bot = alertBench()
    await bot.record(TWIN)
    await bot.settle()
    await bot.alert('deploys/stack-resource-failed')
    await bot.alert(RESOURCE)
    await bot.alert(STACK)
    const [card] = await bot.proposals()
    if (card === undefined) throw new Error('no card')
    await bot.fix(card)
    await refreshCard(card.id, bot.deps)
    expect(bot.alerts()[0]).toMatch(/^🚨 The deploy of stack orders failed/)
    expect(bot.alerts()[0]).toContain('iam:PutRolePolicy')
  })
})
