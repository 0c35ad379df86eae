import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { alertBench, event, FILES, type Json, UNREADABLE } from './alert-fixture.ts'

const STACK = 'deploys/stack-rollback'
const TWIN = 'cloudformation-create-function'

describe('silence', () => {
  const lookAlike = (name: string) => `deploys/look-alikes/${name}`

  it.each([
    'build-stopped',
    'build-succeeded',
    'deployment-stopped',
    'pipeline-succeeded',
    'pipeline-superseded',
    'resource-cancelled',
    'resource-exists',
    'service-deployment-completed',
    'stack-cancelled',
    'stack-complete',
    'stack-in-progress',
    'stack-rollback-exists',
  ])('is kept for %s, although its role was denied something at that time', async name => {
    const { deployFileReader: fileReader } = await import('../../simulator/deploy-event-files.ts')
    const folder = fileURLToPath(new URL('../../events/deploys/look-alikes/', import.meta.url))
    const bot = alertBench(fileReader(folder, 0))
    await bot.record(TWIN)
    await bot.settle()
    await bot.alert(lookAlike(name))
    await bot.settle()
    expect((await bot.proposals())[0]?.deploy).toBe(null)
    expect(bot.alerts()).toEqual([])
    expect(bot.deployNotices()).toEqual([])
  })

  it('is kept for a denial long before, in another account or in another Region', async () => {
    const bot = alertBench(UNREADABLE)
    await bot.record(TWIN, { eventTime: '2026-11-24T02:10:00Z', eventID: 'before' })
    await bot.record(TWIN, { awsRegion: 'us-east-1', eventID: 'elsewhere' })
    const { userIdentity } = event(TWIN)
    const stranger = JSON.parse(JSON.stringify(userIdentity).replaceAll('111122223333', '444455556666')) as Json
    await bot.record(TWIN, { recipientAccountId: '444455556666', userIdentity: stranger, eventID: 'of another' })
    await bot.settle()
    await bot.alert(STACK)
    await bot.settle()
    expect((await bot.proposals()).map(({ deploy }) => deploy)).toEqual([null, null])
    expect(bot.deployNotices()).toEqual([])
    expect(bot.metrics).toContain('DeploysFailed')
  })

  it('is kept for a role of the bot’s own', async () => {
    const bot = alertBench()
    const detail = structuredClone(event('deploys/stack-resource-failed')['detail']) as Json
    const text = JSON.stringify(detail).replaceAll('orders-stack-exec', 'rolemedic-apply')
    await bot.alert('deploys/stack-resource-failed', { detail: JSON.parse(text) as Json })
    expect(bot.works.filter(work => JSON.stringify(work).includes('rolemedic'))).toEqual([])
  })
})

describe('words that anybody could have written', () => {
  const withText = (text: string, type = 'AWS::Lambda::Function') => {
    const detail = event('deploys/stack-resource-failed')['detail'] as Json
    const reason = { status: 'CREATE_FAILED', 'status-reason': text }
    return { detail: { ...detail, 'status-details': reason, 'resource-type': type, 'client-request-token': 'other' } }
  }
  const words = (who: string, role = 'orders-batch') =>
    `User: arn:aws:sts::111122223333:assumed-role/${who}/AWSCloudFormation is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/app/${role} because no identity-based policy allows the iam:PassRole action`

  it.each([
    ['another identity than the stack’s', withText(words('orders-admin'))],
    ['the stack’s, by a custom resource', withText(words('orders-stack-exec'), 'Custom::Greeting')],
    [
      'the stack’s, by a custom resource without a name',
      withText(words('orders-stack-exec'), 'AWS::CloudFormation::CustomResource'),
    ],
    ['the stack’s, by somebody’s own type', withText(words('orders-stack-exec'), 'Acme::Web::Site')],
    [
      'an identity of another account',
      withText(words('orders-stack-exec').replace('sts::111122223333', 'sts::444455556666')),
    ],
  ])('of %s make no proposal', async (_, changes) => {
    const bot = alertBench()
    await bot.alert('deploys/stack-resource-failed', changes)
    await bot.settle()
    const roles = (await bot.proposals()).map(({ denial }) => denial.resource)
    expect(roles.filter(role => role?.endsWith('orders-batch'))).toEqual([])
  })

  it('in a build’s log make none unless they name the build’s own role in its own session', async () => {
    const ofBuild = 'AWSCodeBuild-5f1c2d3e-8a4b-4c6d-9e0f-1a2b3c4d5e6f'
    const log = [
      words('orders-admin', 'orders-exec'),
      words('orders-admin', 'orders-worker').replace('AWSCloudFormation', ofBuild),
      words('pipeline-deploy', 'orders-batch'),
      words('pipeline-deploy', 'orders-task').replace('AWSCloudFormation', ofBuild),
    ].join('\n')
    const { buildRoles } = FILES
    const bot = alertBench({ ...UNREADABLE, buildRoles, logTail: async () => ({ known: true, value: log }) })
    await bot.alert('deploys/build-failed')
    await bot.settle()
    expect((await bot.proposals()).map(({ denial }) => denial.resource)).toEqual([
      'arn:aws:iam::111122223333:role/app/orders-task',
    ])
  })
})
