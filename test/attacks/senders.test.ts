/** Input from outside to the deployed functions: requests to the endpoint, messages in the queues, events on the bus. */
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { approvalsOf, type Open, type Proposal, postedCardOf } from '../../functions/domain/proposal/proposal.ts'
import { heardFrom } from '../../functions/domain/stored/markers.ts'
import { buttonPress, buttonsOf, homeOpened, signRequest, slashCommand } from '../../simulator/slack-requests.ts'
import { SIGNING_SECRET } from '../e2e/cloud-bot.ts'
import { denialOf, MAIN } from '../e2e/ecs-denial.ts'
import { inStatus } from '../fakes/sample-proposal.ts'
import { attack } from './attack.ts'
import { ANA, BEN, type Deployed, startDeployed } from './deployed.ts'

const GUEST = 'U0GUEST'
const BOT = 'U0BOT'
const GONE = 'U0GONE'
const AWAY = 'U0AWAY'
const DENIED = 'U0DENIED'
const VISITOR = 'U0VISITOR'

let bot: Deployed
/** The card of a machine, which waits for one person. */
let open: Open

beforeAll(async () => {
  bot = await startDeployed({
    approvers: { users: [ANA, BEN, GUEST, BOT, GONE, AWAY, DENIED] },
    people: [{ slack: DENIED, user: 'dana' }],
    breakGlass: { group: 'S0GLASS', announceChannel: 'C0SECURITY' },
  })
  bot.slack.setDirectory({
    groups: { S0GLASS: [BEN] },
    users: { 'ana@example.com': ANA, 'ben@example.com': BEN },
    accounts: {
      [GUEST]: { is_restricted: true },
      [BOT]: { is_bot: true },
      [GONE]: { deleted: true },
      [AWAY]: { team_id: 'T0OTHER', is_stranger: true },
    },
  })
  await bot.role('orders-task', { Service: 'ecs-tasks.amazonaws.com' })
  await bot.role('ci-open', { Service: 'codebuild.amazonaws.com' })
  open = inStatus(await bot.denied(denialOf('ci-open')), 'open')
})
afterAll(() => bot?.close())

type Payload = { [member: string]: unknown }

/** A button press on the card as Slack sends it, with some members changed. */
function pressed(
  by: string,
  changed: (payload: Payload) => Payload = payload => payload,
  action = 'approve',
  of: Proposal = open,
): string {
  const message = bot.slack.messages().find(({ ts }) => ts === postedCardOf(of)?.message)
  const button = message === undefined ? undefined : buttonsOf(message, action)[0]
  if (message === undefined || button === undefined) throw new Error(`no button ${action}`)
  const body = new URLSearchParams(buttonPress({ id: by, name: by }, message, button))
  return new URLSearchParams({
    payload: JSON.stringify(changed(JSON.parse(body.get('payload') ?? '') as Payload)),
  }).toString()
}

async function send(body: string, { secret = SIGNING_SECRET, nowMs = Date.now(), headers = {} } = {}): Promise<number> {
  const request = signRequest(body, secret, nowMs)
  const event = {
    ...request,
    headers: { ...request.headers, ...headers },
    isBase64Encoded: false,
    requestContext: { timeEpoch: nowMs },
  }
  return (await bot.handlers.decide(event as unknown as APIGatewayProxyEventV2)).statusCode ?? 0
}

/** Nothing was decided, and nothing would be written. */
async function undecided(of: Proposal = open): Promise<void> {
  const now = await bot.stored(of.id)
  expect(now.status).toBe('open')
  expect(approvalsOf(now)).toEqual([])
}

async function refused(body: string, how: Parameters<typeof send>[1] = {}, status = 200): Promise<void> {
  expect(await send(body, how)).toBe(status)
  await undecided()
}

describe('somebody who can reach the endpoint', () => {
  attack('S1', async () => {
    for (const signature of ['', 'v0=', `v0=${'0'.repeat(64)}`, `v1=${'0'.repeat(64)}`])
      await refused(pressed(ANA), { headers: { 'x-slack-signature': signature } }, 401)
  })
  attack('S2', () => refused(pressed(ANA), { secret: 'a-secret-of-mallorys-own-choice' }, 401))
  attack('S3', async () => {
    await refused(pressed(ANA), { nowMs: Date.now() - 6 * 60_000 }, 401)
    await refused(pressed(ANA), { nowMs: Date.now() + 6 * 60_000 }, 401)
  })
  attack('S4', async () => {
    const { 'x-slack-signature': signature } = signRequest(pressed(ANA), SIGNING_SECRET, Date.now()).headers
    await refused(pressed(ANA), { headers: { 'X-Slack-Signature': signature } }, 401)
    await refused(pressed(ANA), { headers: { 'content-type': 'application/json' } }, 401)
    const event = homeOpened({ id: ANA, name: 'ana' }, null, Date.now())
    const asForm = { headers: { 'content-type': 'application/x-www-form-urlencoded' } }
    await refused(event.replace('"unused"', JSON.stringify(`&${pressed(ANA)}`)), asForm, 401)
  })
  attack('S5', async () => {
    expect(await send(`payload=${'x'.repeat(2_000_000)}`)).toBe(401)
    await undecided()
  })
})

describe('somebody in Slack', () => {
  const from = (changed: Payload) => (payload: Payload) => ({ ...payload, ...changed })

  attack('S6', () => refused(pressed(ANA, from({ team: { id: 'T0OTHER' } }))))
  attack('S7', () => refused(pressed(ANA, from({ api_app_id: 'A0OTHER' }))))
  attack('S8', async () => {
    await refused(
      pressed(ANA, payload => ({ ...payload, user: { ...(payload['user'] as object), team_id: 'T0OTHER' } })),
    )
    await refused(pressed(AWAY))
  })
  attack('S9', async () => {
    const container = { type: 'message', channel_id: 'C0RANDOM', message_ts: '1795521600.000100' }
    await refused(pressed(ANA, from({ channel: { id: 'C0RANDOM' }, container })))
    await refused(pressed(ANA, from({ container: undefined, message: undefined })))
  })
  attack('S10', () => refused(pressed(GUEST)))
  attack('S11', () => refused(pressed(BOT)))
  attack('S12', () => refused(pressed(GONE)))
  attack('S13', () => refused(pressed(VISITOR)))
  attack('S14', async () => {
    const form = (payload: Payload) => ({
      ...payload,
      type: 'view_submission',
      view: {
        callback_id: 'break-glass',
        private_metadata: `${open.id}:${open.patch.digest} ${open.card.conversation} ${open.card.message}`,
        state: { values: { reason: { reason: { value: 'it is night' } } } },
      },
    })
    await refused(pressed(ANA, form))
  })
  attack('S15', async () => {
    const form = (metadata: string) => (payload: Payload) => ({
      ...payload,
      type: 'view_submission',
      view: {
        callback_id: 'break-glass',
        private_metadata: metadata,
        state: { values: { reason: { reason: { value: 'it is night' } } } },
      },
    })
    const digest = `sha256:${'0'.repeat(64)}`
    await refused(pressed(BEN, form(`${open.id}:${digest} ${open.card.conversation} ${open.card.message}`)))
    await refused(pressed(BEN, form(`${open.id}:${open.patch.digest} C0RANDOM ${open.card.message}`)))
    await refused(pressed(BEN, form(`${open.id}:${open.patch.digest}`)), {}, 400)
  })
  attack('S16', () =>
    refused(
      pressed(ANA, payload => {
        const [action] = payload['actions'] as Payload[]
        return { ...payload, actions: [{ ...action, value: `${open.id}:sha256:${'1'.repeat(64)}` }] }
      }),
    ),
  )
  attack('S17', async () => {
    const iamUser = denialOf('ci-open') as Payload
    const arn = `arn:aws:iam::${MAIN}:user/dana`
    const { CreateUserCommand, IAMClient } = await import('@aws-sdk/client-iam')
    await new IAMClient(bot.moto.client).send(new CreateUserCommand({ UserName: 'dana' }))
    const own = await bot.denied({
      ...iamUser,
      errorMessage: String(iamUser['errorMessage']).replace(/User: \S+/, `User: ${arn}`),
      userIdentity: { type: 'IAMUser', principalId: 'AIDAEXAMPLE', arn, accountId: MAIN, userName: 'dana' },
    })
    expect(own.id).not.toBe(open.id)
    expect(await send(pressed(DENIED, undefined, 'approve', own))).toBe(200)
    await undecided(own)
  })
  attack('S18', async () => {
    await bot.role('people', { AWS: `arn:aws:iam::${MAIN}:root` })
    const own = await bot.denied(denialOf('people', 'orders-task', 'ana@example.com'))
    expect(own.requester).toMatchObject({ kind: 'unknown', claimed: 'ana@example.com' })
    // Ana is reported as the denied person, so she cannot approve, and anybody else alone is not enough.
    expect(await send(pressed(ANA, undefined, 'approve-limited', own))).toBe(200)
    await undecided(own)
    expect(await send(pressed(BEN, undefined, 'approve-limited', own))).toBe(200)
    expect((await bot.stored(own.id)).status).toBe('open')
  })
  attack('S22', async () => {
    await bot.role('chosen', { AWS: `arn:aws:iam::${MAIN}:root` })
    const record = denialOf('chosen', 'orders-task', 'ana@example.com')
    const { sessionContext } = record.userIdentity
    const own = await bot.denied({
      ...record,
      userIdentity: {
        ...record.userIdentity,
        sessionContext: { ...sessionContext, sourceIdentity: 'ben@example.com' },
      },
    })
    expect(own.requester).toMatchObject({
      kind: 'unknown',
      claimed: 'ben@example.com',
      alsoClaimed: ['ana@example.com'],
    })
    const card = JSON.stringify(bot.slack.messages().find(({ ts }) => ts === postedCardOf(own)?.message))
    expect(card).toContain('its trust policy does not set the source identity')
    // Neither the person that the session names, nor the one that it claims. A third person alone is not enough.
    await bot.refuses(async () => {
      for (const by of [ANA, BEN]) {
        expect(await send(pressed(by, undefined, 'approve', own))).toBe(200)
        await undecided(own)
      }
      expect(await send(pressed(DENIED, undefined, 'approve', own))).toBe(200)
      const now = await bot.stored(own.id)
      expect(now.status).toBe('open')
      expect(approvalsOf(now)).toHaveLength(1)
      await bot.work()
    })
  })
  attack('S19', async () => {
    const request = signRequest(
      slashCommand({ id: VISITOR, name: 'v' }, 'C0DEPLOYS', `show ${open.id}`),
      SIGNING_SECRET,
      Date.now(),
    )
    const answer = await bot.handlers.decide({
      ...request,
      isBase64Encoded: false,
      requestContext: { timeEpoch: Date.now() },
    } as unknown as APIGatewayProxyEventV2)
    expect(answer.body ?? '').not.toContain('ci-open')
  })
  attack('S20', async () => {
    await bot.role('developer-twice', { AWS: `arn:aws:iam::${MAIN}:root` })
    const two = await bot.denied(denialOf('developer-twice'))
    for (let times = 0; times < 3; times += 1) await send(pressed(ANA, undefined, 'approve', two))
    const now = await bot.stored(two.id)
    expect(now.status).toBe('open')
    expect(approvalsOf(now)).toHaveLength(1)
  })
})

describe('somebody with an old signing secret', () => {
  attack('S21', async () => {
    const next = 'the-next-signing-secret-of-the-app'
    await bot.secrets.send(new PutSecretValueCommand({ SecretId: 'slack-signing', SecretString: next }))
    const { secretsManager } = await import('../../functions/adapters/aws/messaging/secrets.ts')
    const valid = (afterMs: number) =>
      secretsManager({ client: bot.secrets, clock: () => Date.now() + afterMs }).valid('slack-signing')
    expect(await valid(23 * 3_600_000)).toEqual([next, SIGNING_SECRET])
    expect(await valid(25 * 3_600_000)).toEqual([next])
    await bot.secrets.send(new PutSecretValueCommand({ SecretId: 'slack-signing', SecretString: SIGNING_SECRET }))
  })
})

describe('somebody who sends to the queues', () => {
  attack('Q1', () => bot.refuses(() => bot.apply(open.id)))
  attack('Q2', () => bot.refuses(() => bot.revert(open.id)))
  attack('Q3', () =>
    bot.refuses(() =>
      bot.deliver({
        kind: 'verify',
        proposalId: open.id,
        status: 'approved',
        approvals: [{ by: { id: ANA }, signed: null }],
        patch: open.patch,
        by: { id: ANA, name: 'Ana' },
      }),
    ),
  )
  attack('Q4', async () => {
    // Dropped and counted: a failed message would return and block the others of its group.
    for (const body of [
      '',
      '{',
      '[]',
      'null',
      '{"kind":"verify"}',
      '{"kind":"verify","proposalId":{"$gt":""}}',
      `{"v":-1}`,
    ])
      expect(await bot.deliver(body)).toBe('done')
    await undecided()
  })
  attack('Q5', async () => {
    for (const proposalId of ['p-none', '../../etc/passwd', 'note#audit-head', 'x'.repeat(200)])
      expect(await bot.apply(proposalId)).toBe('done')
  })
  attack('Q6', async () => {
    expect(await bot.deliver({ kind: 'verify', proposalId: open.id }, bot.handlers.propose)).toBe('done')
    await undecided()
  })
})

describe('somebody who sends to the bus', () => {
  const event = (detail: object) => ({ 'detail-type': 'AWS API Call via CloudTrail', source: 'aws.ecs', detail })
  const intake = (detail: object | string) =>
    bot.deliver(typeof detail === 'string' ? detail : event(detail), bot.handlers.intake)
  const openIds = async () => (await bot.store.open(50)).map(({ id }) => id).sort()

  attack('B1', async () => {
    const detail = denialOf('ci-open')
    for (let times = 0; times < 5; times += 1) expect(await intake(detail)).toBe('done')
    const { fingerprint } = open
    // The denial itself, and the one event that was replayed.
    expect((await bot.store.occurrence(fingerprint))?.count).toBe(2)
  })
  attack('B2', async () => {
    const before = await openIds()
    await intake(denialOf('rolemedic-verify'))
    expect(await openIds()).toEqual(before)
  })
  attack('B3', async () => {
    const deep = `${'{"detail":'.repeat(5_000)}1${'}'.repeat(5_000)}`
    for (const body of [
      '{}',
      '[',
      deep,
      JSON.stringify(event({ ...denialOf('ci-open'), errorMessage: 'x'.repeat(200_000) })),
    ])
      expect(await intake(body)).toBe('done')
  })
  const heartbeat = (changes: object) =>
    JSON.stringify({
      source: 'rolemedic.heartbeat',
      'detail-type': 'Heartbeat',
      account: '444455556666',
      region: 'eu-west-1',
      time: new Date().toISOString(),
      detail: { version: '0.1.0' },
      ...changes,
    })
  attack('B9', async () => {
    const seen = async () => (await bot.store.occurrencesBetween(MAIN, 'eu-west-1', 0, Date.now())).length
    const before = await seen()
    const detail = denialOf('ci-open', 'passed-in-a-heartbeat')
    for (const type of ['Heartbeat', 'AWS API Call via CloudTrail'])
      expect(await intake(heartbeat({ detail, 'detail-type': type }))).toBe('done')
    expect(await seen()).toBe(before)
    // The same record counts if it comes from a source that only AWS can use.
    await intake(detail)
    expect(await seen()).toBe(before + 1)
  })
  attack('B10', async () => {
    const other = '777788889999'
    const detail = { account: other, accountId: other, region: 'us-east-1', version: '0.1.0' }
    expect(await intake(heartbeat({ detail, time: '2099-01-01T00:00:00Z' }))).toBe('done')
    expect(await bot.store.getMarker(heardFrom(other))).toBe(null)
    const heard = await bot.store.getMarker(heardFrom('444455556666'))
    expect(Object.keys(heard?.value ?? {})).toEqual(['eu-west-1'])
    expect(heard?.value['eu-west-1']?.atMs).toBeLessThanOrEqual(Date.now())
  })
  attack('B4', async () => {
    await bot.role('ci-markup', { Service: 'codebuild.amazonaws.com' })
    const detail = denialOf('ci-markup') as Payload
    const link = '<!channel> <https://evil.example|Approve> *`'
    const card = await bot.denied({
      ...detail,
      errorMessage: `${detail['errorMessage']} because ${link}`,
      userAgent: link,
    })
    const text = JSON.stringify(bot.slack.messages().find(({ ts }) => ts === postedCardOf(card)?.message)?.blocks)
    expect(text).toContain('ci-markup')
    expect(text).not.toMatch(/<!channel>|<https:\/\/evil/)
  })
})

describe('the deployed functions, left alone', () => {
  it('count a true press: the attacks above did not fail for another reason', async () => {
    expect(await send(pressed(ANA))).toBe(200)
    expect((await bot.stored(open.id)).status).toBe('approved')
  })
})
