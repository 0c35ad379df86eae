/** `/rolemedic doctor` against moto: every function tries its permissions, and each that is missing is named in one message. */
import { IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { S3Client } from '@aws-sdk/client-s3'
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { APIGatewayProxyEventV2, Context, SQSEvent } from 'aws-lambda'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { ITEMS } from '../../functions/adapters/aws/dynamodb/table-keys.ts'
import { SELF_TEST_WAIT_MS, WOKEN_TO_TRY } from '../../functions/domain/messages/self-test.ts'
import { SELF_TEST_ASKED } from '../../functions/domain/stored/markers.ts'
import { FAKE_APP, FAKE_TEAM, signRequest } from '../../simulator/slack-requests.ts'
import { BUCKET, type CloudBot, cloudBot, fromSource, SIGNING_SECRET } from './cloud-bot.ts'
import { denialOf, MAIN, role } from './ecs-denial.ts'
import { faultAnswer } from './fault-shapes.ts'
import { type Moto, startMoto } from './moto.ts'
import { type Relay, relay } from './relay.ts'

/** Whose policies `verify` reads. */
const EVALUATED = ['propose', 'verify', 'sweep', 'write', 'enroll']
const CONTEXT = { getRemainingTimeInMillis: () => 60_000 } as Context
const JOB = { job: 'doctor' } as unknown as SQSEvent
type Woken = (typeof WOKEN_TO_TRY)[number]
type Running = Woken | 'decide' | 'sweep'

let moto: Moto
let proxy: Relay
let bot: CloudBot
let sweep: () => Promise<unknown>
let woken: { readonly [name in Woken]: (event: SQSEvent, context: Context) => Promise<unknown> }
/** What AWS denies to one function, such as `kms Sign`. */
let denied: { readonly by: Running; readonly call: string; readonly of: RegExp } | null = null
let running: Running | null = null
let events = 0
let aheadMs = 0

const as = async <T>(name: Running, work: () => Promise<T>): Promise<T> => {
  running = name
  try {
    return await work()
  } finally {
    running = null
  }
}

beforeAll(async () => {
  moto = await startMoto()
  proxy = relay(async (asked, forward) => {
    if (asked.operation === 'PutEvents') events += 1
    const isDenied =
      denied !== null &&
      denied.by === running &&
      denied.call === `${asked.service} ${asked.operation}` &&
      denied.of.test(asked.body.toString('utf8'))
    return isDenied ? faultAnswer('denied', asked) : forward()
  })
  const now = Date.now.bind(Date)
  vi.spyOn(Date, 'now').mockImplementation(() => now() + aheadMs)
  bot = await cloudBot(
    moto,
    async given => {
      const queue = await new SQSClient(moto.client).send(new CreateQueueCommand({ QueueName: 'publish' }))
      const env = {
        ...given,
        PUBLISH_QUEUE_URL: (queue.QueueUrl ?? '').replace(moto.endpoint, given['AWS_ENDPOINT_URL'] ?? ''),
        GIT_HOSTS_SECRET: 'git-hosts',
        AWS_ENDPOINT_URL_EVENTBRIDGE: given['AWS_ENDPOINT_URL'],
        AWS_REGION: 'eu-west-1',
      }
      const handlers = await fromSource(env)
      const [swept, alert, publish] = await Promise.all([
        import('../../functions/sweep/handler.ts'),
        import('../../functions/alert/handler.ts'),
        import('../../functions/publish/handler.ts'),
      ])
      sweep = swept.handler
      const { intake, propose, verify } = handlers
      woken = { intake, propose, verify, alert: alert.handler, publish: publish.handler }
      return handlers
    },
    { through: proxy.through },
  )
  // What API Gateway does with a request to the address of the bot.
  const { fetch } = globalThis
  vi.stubGlobal('fetch', async (url: string | URL, init: RequestInit = {}) => {
    if (new URL(url).host !== 'bot.test') return fetch(url, init)
    const { statusCode, body } = await bot.handlers.decide(asRequest(init.headers, String(init.body)))
    return new Response(body ?? '', { status: statusCode ?? 500 })
  })
  const iam = new IAMClient(moto.client)
  await role(iam, 'orders-task', { Service: 'ecs-tasks.amazonaws.com' })
  for (const name of EVALUATED) await role(iam, `rolemedic-${name}`, { Service: 'lambda.amazonaws.com' })
  await mayDo('*')
  // Without a record there is nothing to try in the log.
  await role(iam, 'deployer', { AWS: `arn:aws:iam::${MAIN}:root` })
  await bot.denied(denialOf('deployer'))
})
afterAll(async () => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  await bot?.close()
  await proxy?.close()
  await moto?.stop()
})
beforeEach(() => {
  denied = null
  aheadMs += 120_000
})

async function mayDo(Action: string | readonly string[]): Promise<void> {
  for (const name of EVALUATED)
    await new IAMClient(moto.client).send(
      new PutRolePolicyCommand({
        ...{ RoleName: `rolemedic-${name}`, PolicyName: 'own' },
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', [typeof Action === 'string' ? 'Action' : 'NotAction']: Action, Resource: '*' },
          ],
        }),
      }),
    )
}

const asRequest = (headers: unknown, body: string) =>
  ({
    ...{ headers, body, isBase64Encoded: false },
    requestContext: { timeEpoch: Date.now(), domainName: 'bot.test', http: { path: '/slack' } },
  }) as unknown as APIGatewayProxyEventV2

/** Types the command, and has the functions run that the rule wakes. The one message, as who asked sees it. */
async function doctor(without: readonly Woken[] = []): Promise<string> {
  const fields = {
    ...{ command: '/rolemedic', text: 'doctor', user_id: 'U0ONCALL1', user_name: 'ana' },
    ...{ team_id: FAKE_TEAM, api_app_id: FAKE_APP, channel_id: 'C0DEPLOYS' },
  }
  const request = signRequest(new URLSearchParams(fields).toString(), SIGNING_SECRET, Date.now())
  const before = events
  const answer = await as('decide', () => bot.handlers.decide(asRequest(request.headers, request.body)))
  expect(answer.body).toContain('Each function tries now')
  expect(events).toBe(before + 1)
  for (const name of WOKEN_TO_TRY.filter(one => !without.includes(one))) await as(name, () => woken[name](JOB, CONTEXT))
  if (without.length > 0) aheadMs += SELF_TEST_WAIT_MS
  // What is denied to it may stop its other work.
  await as('sweep', sweep).catch(error => {
    if (denied?.by !== 'sweep') throw error
  })
  const [shown] = bot.slack.messages().filter(({ ephemeralFor, ts }) => ephemeralFor !== null && !seen.has(ts))
  for (const { ts } of bot.slack.messages()) seen.add(ts)
  return JSON.stringify(shown?.blocks ?? '')
}
const seen = new Set<string>()

const objects = async () => {
  const { ListObjectVersionsCommand } = await import('@aws-sdk/client-s3')
  const s3 = new S3Client({ ...moto.client, forcePathStyle: true })
  return (await s3.send(new ListObjectVersionsCommand({ Bucket: BUCKET }))).Versions?.length
}

describe('/rolemedic doctor', () => {
  it('says of a whole deployment that every function may do its work, and leaves nothing behind', async () => {
    const stored = await objects()
    const message = await doctor()
    expect(message).toContain('Every function may do what its work needs')
    expect(message).not.toContain('✗')
    expect(await objects()).toBe(stored)
    expect((await bot.store.getMarker(SELF_TEST_ASKED))?.value).toMatchObject({ reportedMs: expect.any(Number) })
    // What was tried on the queues is dropped, and stops no work.
    expect(await bot.looked()).toBeGreaterThan(0)
    await bot.work()
  })

  it.each<[Running, string, string]>([
    ['intake', 'dynamodb PutItem', `dynamodb:PutItem of ${ITEMS.occurrence}*`],
    ['intake', 'sqs SendMessage', 'sqs:SendMessage to propose'],
    ['intake', 'sts AssumeRole', `sts:AssumeRole of rolemedic-reader in ${MAIN}`],
    ['propose', 'dynamodb UpdateItem', 'dynamodb:UpdateItem of counter#cards/*'],
    ['propose', 's3 PutObject', 's3:PutObject below audit/'],
    ['propose', 's3 ListObjectVersions', 's3:GetObjectVersion of the audit log'],
    ['propose', 'kms GetPublicKey', 'kms:GetPublicKey of each signing key'],
    ['propose', 'secretsmanager GetSecretValue', 'secretsmanager:GetSecretValue of slack-token'],
    ['propose', 'organizations DescribeOrganization', 'organizations:DescribeOrganization'],
    ['verify', 'kms Sign', 'kms:Sign of an attestation'],
    ['verify', 'dynamodb Query', 'dynamodb:Query of open, open'],
    ['verify', 'sqs SendMessage', 'sqs:SendMessage to the queue of write'],
    ['sweep', 'dynamodb Query', 'dynamodb:Query of due, proposal'],
    ['sweep', 'sqs SendMessage', 'sqs:SendMessage to publish'],
    ['alert', 'dynamodb Query', 'dynamodb:Query of place, *#*'],
    ['alert', 'sts AssumeRole', `sts:AssumeRole of rolemedic-reader in ${MAIN}`],
    ['publish', 'kms GetPublicKey', 'kms:GetPublicKey of each signing key'],
    ['decide', 'kms Sign', 'kms:Sign of a decision'],
    ['decide', 'sqs SendMessage', 'sqs:SendMessage to verify.fifo'],
  ])('names what %s may not do: %s', async (by, call, line) => {
    // Of the writes, not that of the answer itself.
    denied = { by, call, of: call === 'dynamodb PutItem' ? /doctor/ : /^/ }
    const message = await doctor()
    expect(message).toContain(`✗ ${by}: `)
    expect(message).toContain(line)
    expect(message.split('✗').slice(1), message).toHaveLength(by === 'verify' && /sts|iam/.test(call) ? 2 : 1)
  })

  it.each(WOKEN_TO_TRY)('names %s, if it does not answer', async name => {
    expect(await doctor([name])).toContain(`✗ ${name}: did not answer within 30 s`)
  })

  it.each(['kms:Sign', 'sts:TagSession', 's3:PutObject', 'sqs:ReceiveMessage'])(
    'evaluates the policies of write and enroll, which try nothing: without %s',
    async action => {
      await mayDo([action])
      const message = await doctor()
      await mayDo('*')
      expect(message).toContain('✗ write: ')
      expect(message.includes('✗ enroll: ')).toBe(/^(kms|s3):/.test(action))
      expect(message).toContain(`${action} on `)
      expect(message).toContain('implicit-deny in identity')
    },
  )

  it('evaluates who may publish notices, as one that is tried would reach people', async () => {
    await mayDo(['sns:Publish'])
    const message = await doctor()
    await mayDo('*')
    for (const name of ['propose', 'verify', 'sweep']) expect(message).toContain(`by ${name}, evaluated`)
  })
})
