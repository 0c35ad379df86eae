import { describe, expect, it } from 'vitest'
import { alertBench, event, type Json, MINUTE, UNREADABLE } from './alert-fixture.ts'

const JOB = 'deploys/job-failed'
const TWIN = 'cloudformation-create-function'
const CONSOLE = 'https://eu-west-1.console.aws.amazon.com/'

const sent = (detail: Json): Json => ({ detail: { ...(event(JOB)['detail'] as Json), ...detail } })
/** The denial of `TWIN`, as a job would print it. */
const passing =
  'User: arn:aws:sts::111122223333:assumed-role/orders-stack-exec/AWSCloudFormation is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/app/orders-worker because no identity-based policy allows the iam:PassRole action'

describe('a job that reports its failure', () => {
  it('is told with the permission that its log names, and whose words these are', async () => {
    const bot = alertBench(UNREADABLE)
    expect(await bot.alert(JOB)).toMatchObject({ kind: 'explained', causes: [] })
    await bot.settle()
    expect(bot.alerts()).toHaveLength(1)
    expect(bot.alerts()[0]).toBe(
      [
        '🚨 The job acme/orders/deploy (terraform, github.com) failed.',
        'Probably because: pipeline-deploy was denied s3:CreateBucket on arn:aws:s3:::orders-files (no identity policy allows it). Before anything is allowed, find the record of s3:CreateBucket in CloudTrail: it names who was denied what.',
        'The job reported it itself: AWS has not confirmed its words.',
        'Where: https://github.com/acme/orders/actions/runs/19530012345',
      ].join('\n'),
    )
    expect(await bot.proposals()).toEqual([])
    expect(bot.deployNotices()).toHaveLength(1)
  })

  it('is a line in the thread of a card once CloudTrail has the denial, never its title, and starts none before', async () => {
    const bot = alertBench(UNREADABLE)
    await bot.alert(JOB, sent({ log: passing }))
    await bot.settle()
    expect([await bot.proposals(), bot.alerts(), bot.works]).toEqual([[], [], []])
    await bot.record(TWIN)
    await bot.settle()
    expect((await bot.proposals())[0]?.deploy).toBe(null)
    expect(bot.alerts()).toHaveLength(1)
    expect(bot.alerts()[0]).toContain('Probably because: orders-stack-exec was denied iam:PassRole on orders-worker')
  })

  it.each([
    ['open', false],
    ['that is not known yet', true],
  ])('does not change the title of a card %s whose denial somebody else repeats', async (_, isFirst) => {
    const bot = alertBench(UNREADABLE)
    const card = async () => {
      await bot.record(TWIN)
      await bot.settle()
    }
    if (!isFirst) await card()
    await bot.alert(JOB, sent({ name: 'PCI-audit/URGENT-approve-now', tool: 'security', log: passing }))
    await bot.settle()
    if (isFirst) await card()
    expect((await bot.proposals()).map(({ deploy }) => deploy)).toEqual([null])
    expect(bot.cards()).toEqual(['card open, broke nothing'])
    expect(bot.alerts().join()).not.toContain('Caused by')
  })

  it('is not blamed on what was denied at that time and its log does not name', async () => {
    const bot = alertBench(UNREADABLE)
    await bot.record(TWIN)
    await bot.settle()
    await bot.alert(JOB, sent({ log: 'Error: error configuring Terraform AWS Provider: no valid credential sources' }))
    await bot.settle()
    expect((await bot.proposals())[0]?.deploy).toBe(null)
    expect(bot.alerts()).toEqual([])
  })

  it('without a log, or with a malformed run, is no fault', async () => {
    const bot = alertBench(UNREADABLE)
    expect((await bot.alert(JOB, sent({ log: null }))).kind).toBe('silent')
    expect((await bot.alert(JOB, sent({ run: { a: 1 }, runUrl: 7 }))).kind).toBe('explained')
    await bot.settle()
    expect(bot.alerts()[0]).toContain(`Where: ${CONSOLE}`)
  })

  it('asks CloudTrail’s event history nothing, because no record can be told to be its own', async () => {
    const bot = alertBench(UNREADABLE)
    let asked = 0
    const history = async () => {
      asked += 1
      return { search: async () => Promise.reject(new Error('not asked')) }
    }
    const { makeAlert } = await import('../../functions/alert/alert.ts')
    const alert = makeAlert({ ...bot.deps, history })
    await alert({
      ...event(JOB),
      ...sent({ log: 'An error occurred (AccessDenied) when calling the PutBucketPolicy operation: Access Denied' }),
    })
    expect(asked).toBe(0)
  })

  it('is a new attempt with another run, and the same one when it is delivered twice', async () => {
    const bot = alertBench(UNREADABLE)
    await bot.alert(JOB)
    await bot.alert(JOB)
    expect(bot.alerts()[0]).not.toContain('attempts')
    bot.clock.nowMs += MINUTE
    await bot.alert(JOB, sent({ run: '19530012346' }))
    expect(bot.alerts()[0]).toContain('failed (2 attempts).')
  })
})
