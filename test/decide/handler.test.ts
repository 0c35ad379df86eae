import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type FakeSlack, startFakeSlack } from '../../simulator/fake-slack/fake-slack.ts'
import { homeOpened, signRequest } from '../../simulator/slack-requests.ts'
import { DIGEST } from '../fakes/sample-proposal.ts'

/** What Slack signs with, as stored now. */
let current = ''
const SECRET = '0123456789abcdef0123456789abcdef'
/** When the current value was stored. */
const rotatedMs = Date.now()
const PREVIOUS = 'fedcba9876543210fedcba9876543210'
/** What it signed with before. */
let previous = PREVIOUS

/** Secrets and an empty table: as much of AWS as a press of a button needs that leads nowhere. */
function emptyAws(): Promise<Server> {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', chunk => {
      body += chunk
    })
    request.on('end', () => {
      const target = String(request.headers['x-amz-target'])
      const { SecretId, VersionStage } = JSON.parse(body || '{}') as { SecretId?: string; VersionStage?: string }
      const signing = VersionStage === 'AWSPREVIOUS' ? previous : current
      const answer = target.startsWith('secretsmanager')
        ? { SecretString: SecretId === 'signing' ? signing : 'xoxb-test', CreatedDate: rotatedMs / 1000 }
        : {}
      response.setHeader('content-type', 'application/x-amz-json-1.1').end(JSON.stringify(answer))
    })
  })
  return new Promise(done => server.listen(0, '127.0.0.1', () => done(server)))
}

let aws: Server
let slack: FakeSlack
let handler: (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>

beforeAll(async () => {
  current = SECRET
  vi.useFakeTimers({ toFake: ['Date'] })
  aws = await emptyAws()
  slack = await startFakeSlack()
  const env = {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(aws.address() as AddressInfo).port}`,
    TABLE_NAME: 'rolemedic',
    AUDIT_BUCKET: 'audit',
    VERIFY_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/111122223333/verify.fifo',
    DEPLOYMENT_ID: '11111111-2222-4333-8444-555555555555',
    DECISIONS_KEY_ARN: 'arn:aws:kms:eu-west-1:111122223333:key/decisions',
    ATTESTATIONS_KEY_ARN: 'arn:aws:kms:eu-west-1:111122223333:key/attestations',
    OUTCOMES_KEY_ARN: 'arn:aws:kms:eu-west-1:111122223333:key/outcomes',
    ENROLLMENTS_KEY_ARN: 'arn:aws:kms:eu-west-1:111122223333:key/enrollments',
    PASSKEY_ORIGIN: 'https://abc123.execute-api.eu-west-1.amazonaws.com',
    AUDIT_KEY_ARN: 'arn:aws:kms:eu-west-1:111122223333:key/audit',
    SLACK_BOT_TOKEN_SECRET: 'token',
    SLACK_TEAM_ID: 'T0FAKE',
    SLACK_APP_ID: 'A0FAKE',
    SLACK_SIGNING_SECRET: 'signing',
    SLACK_API_URL: slack.url,
    CONFIG_FILE: resolve(import.meta.dirname, '../../rolemedic.config.json'),
    BOT_VERSION: 'test',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
  }
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  handler = (await import('../../functions/decide/handler.ts')).handler
})
afterAll(async () => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
  await slack.close()
  await new Promise(done => aws.close(done))
})

function event(body: string, secret = SECRET, base64 = true): APIGatewayProxyEventV2 {
  const { headers } = signRequest(body, secret, Date.now())
  return {
    headers,
    body: base64 ? Buffer.from(body).toString('base64') : body,
    isBase64Encoded: base64,
    requestContext: { timeEpoch: Date.now() },
  } as unknown as APIGatewayProxyEventV2
}
const press = new URLSearchParams({
  payload: JSON.stringify({
    type: 'block_actions',
    user: { id: 'U0ONCALL1', username: 'änna', team_id: 'T0FAKE' },
    team: { id: 'T0FAKE' },
    api_app_id: 'A0FAKE',
    channel: { id: 'C0DEPLOYS' },
    trigger_id: 't',
    actions: [{ action_id: 'approve', value: `gone:${DIGEST}` }],
  }),
}).toString()

describe('the function behind the URL of the Slack app', () => {
  it('shows the pages for passkeys, and takes no press of Slack there', async () => {
    const asked = (method: string, path: string) =>
      handler({ ...event(press), requestContext: { timeEpoch: Date.now(), http: { method, path } } } as never)
    expect(await asked('GET', '/approve/nothing')).toMatchObject({
      statusCode: 410,
      headers: { 'content-security-policy': expect.stringContaining("frame-ancestors 'none'") },
    })
    expect(await asked('GET', '/approve/passkey.js')).toMatchObject({ statusCode: 200 })
    expect(await asked('POST', '/approve/nothing')).toMatchObject({ statusCode: 400 })
    expect(slack.messages()).toEqual([])
  })

  it('answers a press that Slack signed, from the event of an HTTP API to a call of Slack', async () => {
    expect(await handler(event(press))).toMatchObject({ statusCode: 200, body: '' })
    expect(slack.messages().map(({ ephemeralFor, text }) => [ephemeralFor, text])).toEqual([
      ['U0ONCALL1', 'This proposal is not on record any more.'],
    ])
  })

  it('publishes the Home tab of the person who opened it, whose first sight says what to do', async () => {
    const opened = homeOpened({ id: 'U0ONCALL1', name: 'anna' }, null, Date.now())
    expect(await handler(event(opened))).toMatchObject({ statusCode: 200, body: '' })
    expect(JSON.stringify(slack.home('U0ONCALL1')?.view)).toContain('Nothing waits for you.')
    expect(JSON.stringify(slack.home('U0ONCALL1')?.view)).toContain('rolemedic doctor --live')
    const challenge = JSON.stringify({ type: 'url_verification', challenge: 'c-1', token: 'old' })
    expect(await handler(event(challenge))).toMatchObject({ statusCode: 200, body: '{"challenge":"c-1"}' })
    expect(await handler(event(challenge, 'another-secret-of-32-characters!'))).toMatchObject({ statusCode: 401 })
  })

  it('takes text bodies too, and the secret from before a rotation', async () => {
    expect(await handler(event(press, SECRET, false))).toMatchObject({ statusCode: 200 })
    expect(await handler(event(press, PREVIOUS))).toMatchObject({ statusCode: 200 })
  })

  it('takes a secret that was stored a moment ago, and still remembers the one before', async () => {
    current = 'fedcba9876543210fedcba9876543211'
    expect(await handler(event(press, current))).toMatchObject({ statusCode: 401 })
    vi.setSystemTime(Date.now() + 10_000)
    expect(await handler(event(press, current))).toMatchObject({ statusCode: 200 })
    expect(await handler(event(press, PREVIOUS))).toMatchObject({ statusCode: 200 })
  })

  it('takes the secret from before a rotation for a day, and not longer', async () => {
    vi.setSystemTime(rotatedMs + 24 * 60 * 60_000 - 60_000)
    expect(await handler(event(press, PREVIOUS))).toMatchObject({ statusCode: 200 })
    vi.setSystemTime(rotatedMs + 24 * 60 * 60_000)
    expect(await handler(event(press, PREVIOUS))).toMatchObject({ statusCode: 401 })
    expect(await handler(event(press, current))).toMatchObject({ statusCode: 200 })
    vi.setSystemTime(rotatedMs)
  })

  it('takes the secret that was stored in place of a placeholder, and not the placeholder', async () => {
    previous = 'changeme'
    vi.setSystemTime(Date.now() + 5 * 60_000)
    expect(await handler(event(press, current))).toMatchObject({ statusCode: 200 })
    expect(await handler(event(press, previous))).toMatchObject({ statusCode: 401 })
  })

  it('answers 401 to whatever Slack did not sign', async () => {
    expect(await handler(event(press, 'another-secret-of-32-characters!'))).toMatchObject({ statusCode: 401 })
    expect(await handler({ ...event(press), body: undefined } as unknown as APIGatewayProxyEventV2)).toMatchObject({
      statusCode: 401,
    })
    expect(await handler({ ...event(press), headers: {} } as unknown as APIGatewayProxyEventV2)).toMatchObject({
      statusCode: 401,
    })
  })
})
