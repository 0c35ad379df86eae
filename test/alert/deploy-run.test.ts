/** The alert of a stack names the run that began it, without waiting for it. */
import { describe, expect, it } from 'vitest'
import { known } from '../../core/base/fact.ts'
import { alertBench, event, type Json, MINUTE } from './alert-fixture.ts'

const HOME = '111122223333'
const TOKEN = String((event('deploys/stack-rollback')['detail'] as Json)['client-request-token'])
const GITHUB = `arn:aws:iam::${HOME}:oidc-provider/token.actions.githubusercontent.com`
const SESSION = `arn:aws:sts::${HOME}:assumed-role/ci/GitHubActions`
const KEY = 'ASIAEXAMPLE000000001'

/** The start of the stack's operation, by its events. */
const STARTED = '2026-11-24T02:46:58Z'

const record = (eventID: string, eventSource: string, eventName: string, userIdentity: Json, more: Json): Json => ({
  ...{ eventVersion: '1.09', eventID, eventTime: STARTED, eventSource, eventName, awsRegion: 'eu-west-1' },
  ...{ userAgent: 'aws-cdk/2.200.0', sourceIPAddress: '203.0.113.7', recipientAccountId: HOME, userIdentity, ...more },
})
const execute = (more: Json = {}, parameters: Json = {}): Json =>
  record(
    'event-execute',
    'cloudformation.amazonaws.com',
    'ExecuteChangeSet',
    {
      ...{ type: 'AssumedRole', principalId: 'AROACI:GitHubActions', arn: SESSION, accountId: HOME, accessKeyId: KEY },
      sessionContext: { sessionIssuer: { type: 'Role', arn: `arn:aws:iam::${HOME}:role/ci`, principalId: 'AROACI' } },
    },
    {
      requestParameters: { stackName: 'orders', changeSetName: 'cdk-deploy', clientRequestToken: TOKEN, ...parameters },
      ...more,
    },
  )
const signIn = (subject = 'repo:acme/orders:ref:refs/heads/main'): Json =>
  record(
    'event-sign-in',
    'sts.amazonaws.com',
    'AssumeRoleWithWebIdentity',
    {
      ...{ type: 'WebIdentityUser', principalId: `${GITHUB}:sts.amazonaws.com:${subject}` },
      ...{ userName: subject, identityProvider: GITHUB },
    },
    {
      eventTime: '2026-11-24T02:40:00Z',
      userAgent: 'exec-env/GitHubActions md/run_id#1234',
      responseElements: {
        credentials: { accessKeyId: KEY },
        assumedRoleUser: { assumedRoleId: 'AROACI:GitHubActions', arn: SESSION },
      },
    },
  )

async function alertsWith(...recorded: readonly Json[]) {
  const bot = alertBench()
  bot.recorded.push(...recorded)
  await bot.alert('deploys/stack-rollback')
  await bot.settle()
  return { bot, alerts: bot.alerts() }
}

describe('the alert of a stack', () => {
  it('names the run that began it, what is proved and what is claimed', async () => {
    const { alerts, bot } = await alertsWith(execute(), signIn())
    expect(alerts).toHaveLength(1)
    const [headline, run] = (alerts[0] ?? '').split('\n')
    expect(headline).toBe('🚨 The deploy of stack orders failed.')
    expect(run).toBe(
      'Run: GitHub Actions, of acme/orders, main (proved); run 1234, cdk (claimed). To run it again: Re-run failed jobs in GitHub Actions.',
    )
    expect(alerts[0]).toContain('\nhttps://github.com/acme/orders/actions/runs/1234\n')
    expect(bot.deployNotices()).toHaveLength(1)
  })

  it.each<[string, readonly Json[]]>([
    ['another stack', [execute({}, { stackName: 'orders-2' }), signIn()]],
    ['another operation', [execute({}, { clientRequestToken: 'cdk-other' }), signIn()]],
    ['a call that was refused', [execute({ errorCode: 'AccessDenied' }), signIn()]],
    ['one of two calls', [execute(), execute({ eventID: 'event-execute-2' }), signIn()]],
    ['no call at all', [signIn()]],
  ])('does not name the run of %s', async (_, recorded) => {
    const { alerts } = await alertsWith(...recorded)
    expect(alerts).toHaveLength(1)
    expect(alerts[0]).not.toContain('Run:')
  })

  it('proves nothing where the record of the sign-in is missing', async () => {
    const { alerts } = await alertsWith(execute())
    expect(alerts[0]).toContain('\nRun: GitHub Actions')
    expect(alerts[0]).not.toContain('proved')
    expect(alerts[0]).not.toContain('github.com')
  })

  it('is queued before the history is asked, and asks for the call twice for an attempt', async () => {
    const bot = alertBench()
    const asked: string[] = []
    const deps = bot.deps as unknown as { history: () => Promise<object> }
    const order: string[] = []
    const send = bot.deps.queue.send
    bot.deps.queue.send = async work => {
      order.push(work.kind)
      await send(work)
    }
    deps.history = async () => ({
      search: async (_: object, by: Json) => {
        asked.push(JSON.stringify(by))
        order.push('asked')
        return known({ records: [], complete: true })
      },
    })
    const { makeAlert } = await import('../../functions/alert/alert.ts')
    const alert = makeAlert(bot.deps)
    for (const name of ['deploys/stack-rollback', 'deploys/stack-rollback-complete', 'deploys/stack-rollback'])
      await alert(event(name))
    expect(order.indexOf('asked')).toBeGreaterThan(order.indexOf('announce'))
    expect(asked.filter(by => /ChangeSet|Stack/.test(by))).toEqual(
      [1, 2].flatMap(() => ['{"eventName":"ExecuteChangeSet"}', '{"eventName":"UpdateStack"}']),
    )
    expect(bot.clock.nowMs).toBeLessThan(Date.UTC(2026, 10, 24, 3) + MINUTE)
  })

  it('comes also where the history cannot be read', async () => {
    const bot = alertBench()
    bot.deps.history = async () => Promise.reject(new Error('CloudTrail is down'))
    const { makeAlert } = await import('../../functions/alert/alert.ts')
    expect(await makeAlert(bot.deps)(event('deploys/stack-rollback'))).toMatchObject({ kind: 'explained' })
  })
})
