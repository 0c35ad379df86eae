import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { CloudFormationClient, CreateStackCommand } from '@aws-sdk/client-cloudformation'
import { IAMClient } from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WRITE_CONFIG_FILE } from '../../functions/domain/config/write-config.ts'
import { PACKED_CONFIG_FILE } from '../../infra/bundle.ts'
import { FUNCTIONS, type FunctionName } from '../../infra/functions.ts'
import { bundledFile } from './bundled.ts'
import { type CloudBot, cloudBot } from './cloud-bot.ts'
import { denialOf, MAIN, role } from './ecs-denial.ts'
import { type Lambda, startLambda } from './lambda.ts'
import { type Moto, startMoto } from './moto.ts'

const FAILED_RESOURCE: { readonly detail: object } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../events/deploys/stack-resource-failed.json'), 'utf8'),
)

let files: ReadonlyMap<FunctionName, string>

beforeAll(async () => {
  files = new Map(await Promise.all(FUNCTIONS.map(async name => [name, await bundledFile(name)] as const)))
})

const fileOf = (name: FunctionName): string => files.get(name) ?? expect.fail(`${name} was not bundled`)

describe('each bundle', () => {
  it.each(FUNCTIONS)('of %s has what it reads of the configuration beside it, and nothing but modules', name => {
    const packedFiles = readdirSync(dirname(fileOf(name)))
    const config = name === 'write' ? WRITE_CONFIG_FILE : PACKED_CONFIG_FILE
    expect(packedFiles).toContain(config)
    const others = packedFiles.filter(file => file !== config && !file.endsWith('.mjs'))
    // `publish` reads code: it has a grammar for each language. `decide` and `enroll` have pages.
    const page = /^web-passkey\.(css|js)$/
    const packed = { publish: /\.wasm\.br$/, decide: page, enroll: page }[name as string]
    expect(others.filter(file => packed?.test(file) !== true)).toEqual([])
  })

  it.each(FUNCTIONS)('of %s names every variable that it lacks', async name => {
    await expect(startLambda(fileOf(name), { AWS_REGION: 'eu-west-1' })).rejects.toThrow(
      /missing (or wrong )?environment variables: .*[A-Z_]{5,}/,
    )
  })
})

describe('the bundles together', () => {
  let moto: Moto
  let bot: CloudBot
  let env: NodeJS.ProcessEnv
  const running: Lambda[] = []

  async function start(name: FunctionName, otherwise: NodeJS.ProcessEnv = {}): Promise<Lambda> {
    const lambda = await startLambda(fileOf(name), { ...env, ...otherwise })
    running.push(lambda)
    return lambda
  }

  beforeAll(async () => {
    moto = await startMoto()
    bot = await cloudBot(moto, async given => {
      env = given
      const [intake, propose, decide, verify, write] = await Promise.all(
        (['intake', 'propose', 'decide', 'verify', 'write'] as const).map(name => start(name)),
      )
      if (!intake || !propose || !decide || !verify || !write) throw new Error('a function did not start')
      return {
        intake: event => intake.invoke(event),
        propose: event => propose.invoke(event),
        verify: event => verify.invoke(event),
        write: event => write.invoke(event),
        decide: async event => (await decide.invoke(event)) as { readonly statusCode: number },
      }
    })
    const iam = new IAMClient(moto.client)
    await role(iam, 'orders-task', { Service: 'ecs-tasks.amazonaws.com' })
    await role(iam, 'orders-release', { AWS: `arn:aws:iam::${MAIN}:root` })
    await role(iam, 'orders-deploy', { AWS: `arn:aws:iam::${MAIN}:root` })
    await role(iam, 'deployer', { AWS: `arn:aws:iam::${MAIN}:root` })
  })
  afterAll(async () => {
    for (const lambda of running) lambda.stop()
    await bot?.close()
    await moto?.stop()
  })

  it('take a denial from its record to the change that was approved, and back', async () => {
    const proposal = await bot.denied(denialOf('deployer'))
    expect(proposal.status).toBe('open')
    // The first message of the channel, the card, and the evidence in its thread.
    expect(bot.slack.messages()).toHaveLength(3)

    // People can assume the role, so two approve.
    for (const user of ['U0ONCALL1', 'U0ONCALL2']) await bot.press(proposal.id, user, 'approve')
    await bot.work()
    expect((await bot.store.get(proposal.id))?.status).toBe('applied')

    await bot.press(proposal.id, 'U0ONCALL1', 'revert')
    await bot.work()
    expect((await bot.store.get(proposal.id))?.status).toBe('reverted')
    expect(await bot.chain()).toMatchObject({ findings: [] })
  })

  it('ask AWS for its own evaluation of a denial that has an authorization id', async () => {
    const asked: string[] = []
    const toolbox = createServer(({ url = '', headers }, answer) => {
      asked.push(`${url} ${headers.authorization?.slice(0, 16)}`)
      const evaluation = {
        action: 'iam:PassRole',
        resource: `arn:aws:iam::${MAIN}:role/orders-task`,
        evaluatedEffect: 'IMPLICIT_DENY',
        context: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
        matchedPolicies: [],
      }
      answer.end(JSON.stringify({ requestContext: {}, evaluations: [evaluation] }))
    }).listen(0, '127.0.0.1')
    await once(toolbox, 'listening')
    const { port } = toolbox.address() as AddressInfo
    const propose = await start('propose', { AWS_ENDPOINT_URL_IAM_TOOLBOX: `http://127.0.0.1:${port}` })
    const id = 'd3xbfwcsdoam45n7ms6nv5pl0'
    const record = denialOf('orders-deploy')
    const details = `. Go to https://eu-west-1.console.aws.amazon.com/iam/home?region=eu-west-1#/authorization-details/${id} for complete details`
    await bot.denied({ ...record, errorMessage: `${record.errorMessage}${details}` }, event => propose.invoke(event))
    toolbox.close()
    expect(asked).toEqual([`/authorization-details/${id} AWS4-HMAC-SHA256`])
    const proposals = await bot.store.open(5)
    const evaluations = proposals.map(proposal => proposal.denial.awsEvaluation?.source ?? null)
    expect(evaluations).toContain('authorization-details')
  })

  it('have a message decoded that EC2 encoded beside its plain words', async () => {
    const asked: string[] = []
    const context = {
      action: 'iam:PassRole',
      resource: `arn:aws:iam::${MAIN}:role/orders-task`,
      conditions: {
        items: [{ key: 'iam:PassedToService', values: { items: [{ value: 'ecs-tasks.amazonaws.com' }] } }],
      },
    }
    const decoded = JSON.stringify({ allowed: false, explicitDeny: false, context }).replaceAll('"', '&quot;')
    const sts = createServer(async (request, answer) => {
      const body = (await request.toArray()).join('')
      const sent = new URLSearchParams(body)
      asked.push(`${sent.get('Action')} ${sent.get('EncodedMessage') ?? ''}`)
      const authorization = request.headers.authorization ?? ''
      const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' }
      answer.setHeader('content-type', 'text/xml')
      answer.end(
        sent.get('Action') === 'AssumeRole'
          ? await (await fetch(moto.endpoint, { method: 'POST', headers, body })).text()
          : `<DecodeAuthorizationMessageResponse><DecodeAuthorizationMessageResult><DecodedMessage>${decoded}</DecodedMessage></DecodeAuthorizationMessageResult></DecodeAuthorizationMessageResponse>`,
      )
    }).listen(0, '127.0.0.1')
    await once(sts, 'listening')
    const { port } = sts.address() as AddressInfo
    const propose = await start('propose', { AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${port}` })
    const record = denialOf('orders-release')
    const blob = 'Qm9-'.repeat(20)
    await bot.denied(
      {
        ...record,
        errorMessage: `${record.errorMessage}. Encoded authorization failure message: ${blob}`,
      },
      event => propose.invoke(event),
    )
    sts.close()
    expect(asked).toContain(`DecodeAuthorizationMessage ${blob}`)
    const evaluations = (await bot.store.open(9)).map(proposal => proposal.denial.awsEvaluation?.source ?? null)
    expect(evaluations).toContain('decoded-message')
  })

  it('refuse a click that Slack did not sign', async () => {
    const decide = await start('decide')
    const forged = {
      headers: { 'x-slack-request-timestamp': '1795566915', 'x-slack-signature': `v0=${'0'.repeat(64)}` },
      body: 'payload=%7B%7D',
      isBase64Encoded: false,
      requestContext: { timeEpoch: Date.now() },
    }
    expect(await decide.invoke(forged)).toMatchObject({ statusCode: 401 })
  })

  it('learn of a denial from the words of a failed deploy, once its stack says that it acts as that role', async () => {
    const { StackId } = await new CloudFormationClient(moto.client).send(
      new CreateStackCommand({
        StackName: 'orders',
        TemplateBody: JSON.stringify({ Resources: { Topic: { Type: 'AWS::SNS::Topic' } } }),
        RoleARN: `arn:aws:iam::${MAIN}:role/orders-stack-exec`,
      }),
    )
    const alert = await start('alert')
    const nowMs = Date.now()
    // Stacks of moto succeed: this failure was before this operation.
    const time = new Date(nowMs - 2 * 60_000).toISOString().replace(/\.\d+Z$/, 'Z')
    await alert.invoke({ ...FAILED_RESOURCE, time, detail: { ...FAILED_RESOURCE.detail, 'stack-id': StackId } })
    const occurrences = await bot.store.occurrencesBetween(MAIN, 'eu-west-1', nowMs - 3_600_000, nowMs + 60_000)
    expect(occurrences.map(({ denial }) => denial.resource)).toContain(`arn:aws:iam::${MAIN}:role/app/orders-worker`)
  })

  it('sweep what is due, within the trace that Lambda began', async () => {
    const daemon = createSocket('udp4').bind(0, '127.0.0.1')
    await once(daemon, 'listening')
    const sweep = await start('sweep', {
      _X_AMZN_TRACE_ID: 'Root=1-6a170000-0123456789abcdef01234567;Parent=00f067aa0ba902b7;Sampled=1',
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.address().port}`,
    })
    const subsegment = once(daemon, 'message')
    expect(await sweep.invoke({})).toMatchObject({ failures: 0, more: false })
    expect(String(await subsegment)).toContain('"name":"rolemedic sweep"')
    daemon.close()
  })

  it('hand back a message that cannot be carried out', async () => {
    const verify = await start('verify', { TABLE_NAME: 'no-such-table' })
    const message = (messageId: string, body: object) => ({
      messageId,
      body: JSON.stringify(body),
      attributes: { MessageGroupId: messageId },
      eventSource: 'aws:sqs',
    })
    const Records = [message('m-8', { kind: 'nothing' }), message('m-9', { kind: 'verify', proposalId: 'p-1' })]
    expect(await verify.invoke({ Records })).toEqual({ batchItemFailures: [{ itemIdentifier: 'm-9' }] })
  })
})
