import { describe, expect, it } from 'vitest'
import { known } from '../../core/base/fact.ts'
import { alertBench, event, FILES, type Json, UNREADABLE } from './alert-fixture.ts'

describe('a deploy that another permission broke', () => {
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
})
