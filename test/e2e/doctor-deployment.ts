/**
 * A whole deployment in moto for `rolemedic doctor --live`: the stacks of the hub and what a member has, from the templates; heartbeats
 * come through intake. What moto cannot hold is answered before it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import {
  CloudTrailClient,
  CreateTrailCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
} from '@aws-sdk/client-cloudtrail'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand, type RuleState } from '@aws-sdk/client-eventbridge'
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam'
import { CreateAccountCommand, CreateOrganizationCommand, OrganizationsClient } from '@aws-sdk/client-organizations'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import { vi } from 'vitest'
import { parse } from 'yaml'
import { dispatch } from '../../cli/dispatch.ts'
import { version } from '../../cli/version.ts'
import { proposalsTable } from '../../functions/adapters/aws/dynamodb/proposals-table.ts'
import { slackEndpoint } from '../../functions/adapters/slack/endpoint/endpoint.ts'
import { slackVerifier } from '../../functions/adapters/slack/endpoint/verify-request.ts'
import { enrollEndpoint } from '../../functions/adapters/web/passkey-endpoint.ts'
import { configDigestOf } from '../../functions/domain/config/write-config.ts'
import { makeIntake } from '../../functions/intake/intake.ts'
import { SILENT_OBSERVER } from '../../functions/ports/silent-observer.ts'
import { startFakeSlack } from '../../simulator/fake-slack/fake-slack.ts'
import { FAKE_APP, FAKE_TEAM } from '../../simulator/slack-requests.ts'
import { memoryIo } from '../cli/memory-io.ts'
import { deploy } from '../infra/deployment.ts'
import { inAccount } from '../infra/resolved.ts'
import { root } from '../package/installed.ts'
import { type MotoClient, startMoto } from './moto.ts'
import { stacksInMoto } from './stacks-in-moto.ts'
import { startWire } from './wire.ts'

export const HUB = '111122223333'
export const REGION = 'eu-west-1'
export const VERSION = version()
const SECRET = '0123456789abcdef0123456789abcdef'
const TOPIC = `arn:aws:sns:${REGION}:${HUB}:rolemedic-alerts`

export type DoctorCheck = { readonly name: string; readonly status: string; readonly detail: string }
export type Deployment = Awaited<ReturnType<typeof startDeployment>>

type Changes = {
  readonly settings?: object
  readonly config?: object
  readonly args?: readonly string[]
  readonly aheadMs?: number
  readonly env?: object
}

export async function startDeployment() {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-live-'))
  const moto = await startMoto({ accountId: HUB })
  const slack = await startFakeSlack()
  const wire = await startWire(moto.endpoint)
  const address = await slackAddress()
  for (const [name, value] of Object.entries(moto.env)) vi.stubEnv(name, value)
  const organizations = new OrganizationsClient(moto.client)
  const { Organization } = await organizations.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }))
  const organizationId = Organization?.Id ?? ''
  const made = await organizations.send(
    new CreateAccountCommand({ AccountName: 'member', Email: 'member@example.com' }),
  )
  const member = made.CreateAccountStatus?.AccountId ?? ''
  const clients = new Map<string, MotoClient>([
    [HUB, moto.client],
    [member, await moto.clientOf(member)],
  ])
  const at = (accountId: string, region: string) => ({ ...(clients.get(accountId) as MotoClient), region })
  const settings = () => ({
    region: REGION,
    slack: { appId: FAKE_APP, teamId: FAKE_TEAM },
    organization: { id: organizationId, hubAccountId: HUB },
    otherRegions: ['us-east-1'],
    alertEmails: ['oncall@example.com'],
  })
  const config = (changes: object = {}) =>
    JSON.stringify({
      mode: 'approve',
      approvers: { users: ['U0ANNA', 'U0BEN'] },
      organizationAccounts: [member],
      channel: 'C0OURS',
      ...changes,
    })
  const { templates } = deploy(settings())

  /** The resolved templates have the name of a queue instead of its ARN. */
  async function putRules(stack: ReturnType<typeof inAccount>, account: string, region: string): Promise<void> {
    const client = new EventBridgeClient(at(account, region))
    for (const rule of stack.all('AWS::Events::Rule')) {
      if (rule['EventPattern'] === undefined) continue
      const Name = String(rule['Name'])
      await client.send(
        new PutRuleCommand({
          Name,
          EventPattern: JSON.stringify(rule['EventPattern']),
          State: rule['State'] as RuleState,
        }),
      )
      const [target] = rule['Targets'] as readonly { readonly Arn: string }[]
      await client.send(new PutTargetsCommand({ Rule: Name, Targets: [{ Id: 'rolemedic', Arn: target?.Arn }] }))
    }
  }

  async function selectors(account: string, ReadWriteType: 'All' | 'WriteOnly'): Promise<void> {
    await new CloudTrailClient(at(account, REGION)).send(
      new PutEventSelectorsCommand({
        TrailName: 'management',
        EventSelectors: [{ ReadWriteType, IncludeManagementEvents: true }],
      }),
    )
  }

  async function beat(account: string, region: string, ms: number, sends = VERSION): Promise<void> {
    const store = proposalsTable({
      client: new DynamoDBClient(at(HUB, REGION)),
      tableName: 'rolemedic',
      observer: SILENT_OBSERVER,
    })
    const intake = makeIntake({
      store,
      queue: { send: async () => {} },
      clock: () => ms,
      observer: SILENT_OBSERVER,
      config: { settleSeconds: 60 },
      ownRoleArns: [],
      readerRole: null,
    })
    const envelope = { source: 'rolemedic.heartbeat', 'detail-type': 'Heartbeat', account, region }
    await intake({ ...envelope, time: new Date(ms).toISOString(), detail: { version: sends } })
  }

  async function trails(account: string): Promise<void> {
    await new S3Client({ ...at(account, REGION), forcePathStyle: true }).send(
      new CreateBucketCommand({
        Bucket: `trail-${account}`,
        CreateBucketConfiguration: { LocationConstraint: REGION },
      }),
    )
    const trail = new CloudTrailClient(at(account, REGION))
    await trail.send(
      new CreateTrailCommand({ Name: 'management', S3BucketName: `trail-${account}`, IsMultiRegionTrail: true }),
    )
    await trail.send(new StartLoggingCommand({ Name: 'management' }))
    await selectors(account, 'All')
  }

  const outputs = { SlackUrl: address.url, Version: VERSION, ConfigDigest: configDigestOf(config()) }
  await stacksInMoto(moto.client, HUB, templates, outputs)
  await putRules(inAccount(templates['rolemedic-member-us-east-1'], HUB, 'us-east-1'), HUB, 'us-east-1')
  for (const region of [REGION, 'us-east-1'])
    await putRules(inAccount(templates['rolemedic-member'], member, region), member, region)
  for (const account of [HUB, member]) {
    const roles = inAccount(templates['rolemedic-roles'], account, REGION)
    for (const name of ['rolemedic-reader', 'rolemedic-writer'])
      await new IAMClient(at(account, REGION)).send(
        new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: JSON.stringify(roles.trust(name)) }),
      )
    await trails(account)
  }
  const secrets = new SecretsManagerClient(at(HUB, REGION))
  await secrets.send(new CreateSecretCommand({ Name: 'rolemedic/slack-bot-token', SecretString: 'xoxb-1-fake' }))
  await secrets.send(new CreateSecretCommand({ Name: 'rolemedic/slack-signing-secret', SecretString: SECRET }))
  await new SNSClient(at(HUB, REGION)).send(
    new SubscribeCommand({ TopicArn: TOPIC, Protocol: 'email', Endpoint: 'oncall@example.com' }),
  )
  for (const account of [HUB, member])
    for (const region of [REGION, 'us-east-1']) await beat(account, region, Date.now())

  // moto has no such service.
  const enabled = [REGION, 'us-east-1', 'us-west-2'].map(RegionName => ({ RegionName, RegionOptStatus: 'ENABLED' }))
  wire.answer(({ service, path }) =>
    service === 'account' && path === '/listRegions'
      ? { status: 200, body: JSON.stringify({ Regions: enabled }) }
      : null,
  )
  // moto has no event history.
  const session = {
    ...{ eventID: 'event-1', eventTime: new Date(Date.now() - 3_600_000).toISOString(), eventName: 'AssumeRole' },
    ...{ eventSource: 'sts.amazonaws.com', userIdentity: { type: 'AWSService', invokedBy: 'lambda.amazonaws.com' } },
    responseElements: { credentials: { accessKeyId: 'ASIAEXAMPLE000000001' } },
  }
  wire.answer(({ service, body }) =>
    service === 'cloudtrail' && body.includes('"LookupAttributes"')
      ? { status: 200, body: JSON.stringify({ Events: [{ CloudTrailEvent: JSON.stringify(session) }] }) }
      : null,
  )
  const app = manifestOf(address.url)
  const chat = await startWire(slack.url.replace(/\/api\/$|\/$/, ''))
  chat.answer(({ path }) =>
    path.endsWith('/apps.manifest.export') ? { status: 200, body: JSON.stringify({ ok: true, manifest: app }) } : null,
  )
  for (const name of ['AWS_ENDPOINT_URL']) vi.stubEnv(name, wire.url)

  async function doctor(
    changes: Changes = {},
  ): Promise<{ code: number; checks: readonly DoctorCheck[]; bad: readonly string[] }> {
    const file = (name: string, content: string) => {
      const path = join(folder, name)
      writeFileSync(path, content)
      return path
    }
    const io = {
      ...memoryIo({ nowMs: Date.now() + (changes.aheadMs ?? 0) }),
      env: {
        AWS_ENDPOINT_URL: wire.url,
        SLACK_API_URL: slack.url.replace(/^http:\/\/[^/]+/, chat.url),
        SLACK_CONFIG_TOKEN: 'xoxe.xoxp-1-fake',
        ...changes.env,
      },
    }
    const code = await dispatch(
      [
        ...['doctor', '--live', '--json'],
        ...['--settings', file('deploy.json', JSON.stringify({ ...settings(), ...changes.settings }))],
        ...['--config', file('config.json', config(changes.config))],
        ...(changes.args ?? ['--role', 'SecurityAudit']),
      ],
      io,
    )
    const { checks } = JSON.parse(io.captured.out) as { readonly checks: readonly DoctorCheck[] }
    // How old the facts of this tree are depends on the day: test/cli/doctor.test.ts.
    const bad = checks
      .filter(({ name, status }) => status !== 'ok' && name !== 'facts')
      .map(one => `${one.status} ${one.name}: ${one.detail}`)
    return { code, checks, bad }
  }

  return {
    ...{
      moto,
      outputs,
      slack,
      wire,
      chat,
      address,
      app,
      at,
      member,
      organizationId,
      templates,
      doctor,
      beat,
      selectors,
      putRules,
    },
    async stop() {
      vi.unstubAllEnvs()
      await Promise.all([slack.close(), wire.close(), chat.close(), address.close(), moto.stop()])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Answers as `decide` and `enroll` do. */
async function slackAddress() {
  const enroll = enrollEndpoint({
    deploymentId: 'any',
    confirm: () => Promise.reject(new Error('nobody confirms here')),
    observer: SILENT_OBSERVER,
  })
  const answer = slackEndpoint({
    verifier: async () => slackVerifier({ secrets: [SECRET], clock: Date.now }),
    handle: () => Promise.reject(new Error('nothing signed is sent here')),
    notifyFailed: async () => {},
    observer: SILENT_OBSERVER,
    clock: Date.now,
  })
  const server = createServer(async (request, response) => {
    const headers = request.headers as { readonly [name: string]: string }
    const asked = { body: await text(request), isBase64Encoded: false }
    const { method = '', url = '' } = request
    const { statusCode, body } = await (url === '/enroll'
      ? enroll({ ...asked, method, path: url })
      : answer({ ...asked, headers }))
    response.writeHead(statusCode)
    response.end(body)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack`,
    close: () => new Promise<void>(resolve => server.close(() => resolve())),
  }
}

export type ExportedApp = {
  features: { slash_commands: { url: string }[] }
  oauth_config: { scopes: { bot: string[] } }
  settings: {
    socket_mode_enabled: boolean
    interactivity: { request_url: string }
    event_subscriptions: { request_url: string; bot_events: string[] }
  }
}

/** As docs/slack-app-manifest.yaml makes the app. */
const manifestOf = (url: string): ExportedApp =>
  parse(
    readFileSync(join(root, 'docs/slack-app-manifest.yaml'), 'utf8').replaceAll(
      'https://REPLACE-ME.execute-api.REGION.amazonaws.com/slack',
      url,
    ),
  ) as ExportedApp
