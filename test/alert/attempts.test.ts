import { describe, expect, it } from 'vitest'
import { refreshCard } from '../../functions/workflows/card/refresh-card.ts'
import { deployState, deploysSince } from '../../functions/workflows/deploy/deploy-store.ts'
import { alertBench, type Json, MINUTE, UNREADABLE } from './alert-fixture.ts'
import { DENIED, failing, RESOURCE, STACK, TWIN } from './other-permissions.ts'

describe('a deploy that another permission broke', () => {
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
