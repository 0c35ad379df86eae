import { describe, expect, it } from 'vitest'
import { known } from '../../core/base/fact.ts'
import type { DecodedEvaluation } from '../../core/denial/index.ts'
import type { JudgeFaults } from '../../functions/alert/judge-faults.ts'
import type { TrustFault } from '../../functions/domain/deploy/trust-fault.ts'
import type { DeployReader } from '../../functions/ports/deploy-reader.ts'
import { alertBench, event, type Json, MINUTE, NO_FAULTS, NOW, UNREADABLE } from './alert-fixture.ts'
import { DENIED, failing, RESOURCE, STACK, TWIN } from './other-permissions.ts'

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
})
