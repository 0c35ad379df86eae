import { readFileSync } from 'node:fs'
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam'
import { GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { Context } from 'aws-lambda'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { handler as alertHandler } from '../../functions/alert/handler.ts'
import { postedCardOf } from '../../functions/domain/proposal/proposal.ts'
import { type CloudBot, cloudBot, fromSource } from './cloud-bot.ts'
import { type Moto, startMoto } from './moto.ts'

let moto: Moto
let bot: CloudBot
let alert: typeof alertHandler

const role = (name: string, path = '/') => `arn:aws:iam::111122223333:role${path}${name}`
/** The caller must be the role that moto created: another id would be another role with the same name. */
let callerId = ''
const event = (name: string, changes: object = {}) => {
  const text = readFileSync(new URL(`../../events/${name}.json`, import.meta.url), 'utf8')
  return { ...(JSON.parse(text.replaceAll('AROAPPPPPPPPPPPPPPP18', callerId)) as object), ...changes }
}
const now = () => `${new Date().toISOString().slice(0, 19)}Z`

beforeAll(async () => {
  moto = await startMoto()
  bot = await cloudBot(moto, async env => {
    const handlers = await fromSource(env)
    alert = (await import('../../functions/alert/handler.ts')).handler
    return handlers
  })
  const iam = new IAMClient(moto.client)
  const trusting = (Service: string) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }],
    })
  for (const [RoleName, Path, service] of [
    ['orders-stack-exec', '/deploy/', 'cloudformation.amazonaws.com'],
    ['orders-worker', '/app/', 'lambda.amazonaws.com'],
  ] as const) {
    const made = await iam.send(new CreateRoleCommand({ RoleName, Path, AssumeRolePolicyDocument: trusting(service) }))
    if (RoleName === 'orders-stack-exec') callerId = made.Role?.RoleId ?? ''
  }
})
afterAll(async () => {
  await bot?.close()
  await moto?.stop()
})

/** The messages to a program that subscribes to the topic, oldest first. */
async function received(): Promise<readonly { readonly [member: string]: unknown }[]> {
  const sqs = new SQSClient(moto.client)
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'notices' }))
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 }),
  )
  return Messages.map(({ Body = '' }) => {
    const body = JSON.parse(Body) as { readonly Message?: string }
    return JSON.parse(body.Message ?? Body) as { readonly [member: string]: unknown }
  })
}

describe('a failed deploy, through the functions as Lambda runs them', () => {
  it('is told once through SNS, joined with its card, and to be tried again after the change', async () => {
    const failed = event('deploys/stack-resource-failed', { time: now() })
    await alert(failed, {} as Context)
    await alert(event('deploys/stack-rollback', { time: now() }), {} as Context)
    expect(await received()).toEqual([])

    const proposal = await bot.denied(event('cloudformation-create-function', { eventTime: now() }))
    expect(proposal.deploy?.title).toBe('the deploy of stack orders')
    await alert(failed, {} as Context)
    const deploys = (await received()).filter(notice => notice['kind'] === 'deploy-failed')
    expect(deploys).toHaveLength(1)
    expect(deploys[0]).toMatchObject({
      schema: 'rolemedic.deploy/1',
      deploy: { kind: 'cloudformation', name: 'orders', accountId: '111122223333', region: 'eu-west-1' },
      causes: [
        {
          confidence: 'caused-by',
          proposalId: proposal.id,
          state: 'waits-for-approval',
          resource: role('orders-worker', '/app/'),
        },
      ],
    })

    const alerts = () => bot.slack.messages().filter(message => message.broadcast === true)
    expect(alerts().map(({ threadTs }) => threadTs)).toEqual([postedCardOf(proposal)?.message])
    expect(alerts()[0]?.text).toMatch(/^🚨 The deploy of stack orders failed\./)

    await bot.press(proposal.id, 'U0ONCALL1', 'approve')
    await bot.work()
    expect((await bot.store.get(proposal.id))?.status).toBe('applied')
    expect(alerts()).toHaveLength(1)
    // The template could not be read, so it is unknown what else it needs, and nothing is called fixed.
    expect(alerts()[0]?.text).toMatch(
      /^⚠️ Retry the deploy of stack orders: what was denied is granted, but more may be missing\. .*Its template was not read/,
    )
  })
})
