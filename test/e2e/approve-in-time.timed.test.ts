/** An Approve that starts a new process of `decide`, with the latencies that `docs/capacity.md` assumes and with twice as much. */
import { setTimeout as delay } from 'node:timers/promises'
import { IAMClient } from '@aws-sdk/client-iam'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LATENCY } from '../../bench/scale/services/latency.ts'
import { bundledFile } from './bundled.ts'
import { type CloudBot, cloudBot, fromSource } from './cloud-bot.ts'
import { denialOf, MAIN, role } from './ecs-denial.ts'
import { faultAnswer } from './fault-shapes.ts'
import { FAULTS } from './fault-table.ts'
import { startLambda } from './lambda.ts'
import { type Moto, startMoto } from './moto.ts'
import { quietMachine } from './quiet-machine.ts'
import { type Relay, type RelayedRequest, relay } from './relay.ts'

/** https://docs.slack.dev/interactivity/handling-user-interaction */
const SLACK_WAITS_MS = 3_000
const MAX_IN_SEQUENCE = 8
const GROUP = 'S0ONCALL'

/** The account is five units deep, which Organizations says in one answer. */
const UNITS = [1, 2, 3, 4, 5].map(level => `ou-ab12-0000000${level}`)
const PLACED = {
  status: 200,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: JSON.stringify({
    Account: {
      ...{ Id: MAIN, Arn: `arn:aws:organizations::${MAIN}:account/o-abc1234567/${MAIN}`, Status: 'ACTIVE' },
      Paths: [['o-abc1234567', 'r-ab12', ...UNITS, MAIN, ''].join('/')],
    },
  }),
}

/** Of each person and each slowness. */
const PRESSES = 3

type Seen = { readonly operation: string; readonly fromMs: number; readonly toMs: number }

let file: string
let moto: Moto
let proxy: Relay
let bot: CloudBot
let latencyOf: (asked: RelayedRequest) => number = () => 0
let seen: Seen[] = []
let slowness = 1
let isPressing = false
/** A call of the press that AWS throttles once. */
let throttled: string | null = null
let answeredAfterMs = 0
let env: NodeJS.ProcessEnv

const msOf = ({ service, operation }: RelayedRequest): number => {
  switch (service) {
    case 's3':
      return operation === 'PutObject' ? LATENCY.put : operation === 'GetObject' ? LATENCY.get : LATENCY.list
    case 'dynamodb':
      return LATENCY.table
    case 'secretsmanager':
      return LATENCY.secret
    case 'kms':
      return LATENCY.kms
    case 'sqs':
      return LATENCY.sqs
    case 'slack':
      return LATENCY.slack
    // As every read of an account's place.
    case 'organizations':
      return LATENCY.iam
    default:
      throw new Error(`no latency is assumed for ${service}`)
  }
}

/** From Slack's request on: the start of the process, which is measured here, counts as slower too. */
async function coldly(event: APIGatewayProxyEventV2) {
  const startedMs = Date.now()
  const lambda = await startLambda(file, env)
  const lostMs = (Date.now() - startedMs) * (slowness - 1)
  const requestContext = { ...event.requestContext, timeEpoch: startedMs - lostMs }
  const answer = (await lambda.invoke({ ...event, requestContext })) as { readonly statusCode: number }
  answeredAfterMs = Date.now() - startedMs + lostMs
  lambda.stop()
  return answer
}

beforeAll(async () => {
  file = await bundledFile('decide')
  moto = await startMoto()
  proxy = relay(async (asked, forward) => {
    const fromMs = performance.now()
    const isPlace = isPressing && asked.operation === 'DescribeAccount'
    const isThrottled = isPressing && `${asked.service} ${asked.operation}` === throttled
    if (isThrottled) throttled = null
    const refused = isThrottled ? faultAnswer('throttled', asked) : PLACED
    const answering = isPlace || isThrottled ? Promise.resolve(refused) : forward()
    const [answer] = await Promise.all([answering, delay(latencyOf(asked))])
    seen.push({ operation: asked.operation, fromMs, toMs: performance.now() })
    return answer
  })
  bot = await cloudBot(
    moto,
    async given => {
      env = given
      return { ...(await fromSource(given)), decide: coldly }
    },
    {
      through: proxy.through,
      config: {
        ...{ mode: 'approve', approvers: { groups: [GROUP], users: ['U0NAMED'] } },
        organizationalUnits: { [UNITS[0] ?? '']: { mode: 'approve' } },
      },
    },
  )
  bot.slack.setDirectory({ groups: { [GROUP]: ['U0ONCALL1', 'U0ONCALL2'] }, users: {} })
  const iam = new IAMClient(moto.client)
  await role(iam, 'orders-task', { Service: 'ecs-tasks.amazonaws.com' })
}, 300_000)
afterAll(async () => {
  await bot?.close()
  await proxy?.close()
  await moto?.stop()
})

let roles = 0
/** Two people approve, as others can assume the role. */
async function approvedBy(user: string, times: number): Promise<{ readonly ms: number; readonly inSequence: number }> {
  latencyOf = () => 0
  slowness = times
  roles += 1
  await role(new IAMClient(moto.client), `deployer-${roles}`, { AWS: `arn:aws:iam::${MAIN}:root` })
  const { id } = await bot.denied(denialOf(`deployer-${roles}`))
  await quietMachine()
  latencyOf = asked => msOf(asked) * times
  seen = []
  isPressing = true
  await bot.press(id, user, 'approve')
  isPressing = false
  // Words for a late press come, after what the answer waits for.
  const inSequence = longestChain(seen.filter(({ operation }) => operation !== 'chat.postEphemeral'))
  latencyOf = () => 0
  const stored = await bot.store.get(id)
  expect(stored).toMatchObject({ approvals: [{ by: { id: user } }] })
  return { ms: answeredAfterMs, inSequence }
}

/** The most requests of which each began after the one before had been answered. */
function longestChain(requests: readonly Seen[]): number {
  const depths: (Seen & { readonly depth: number })[] = []
  for (const one of requests.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const before = depths.filter(({ toMs }) => toMs <= one.fromMs).map(({ depth }) => depth)
    depths.push({ ...one, depth: 1 + Math.max(0, ...before) })
  }
  return Math.max(0, ...depths.map(({ depth }) => depth))
}

const NEW = (times: number, at: number) => `U0NEW${times}${at}`

describe.each([1, 2])('with %i times the assumed latencies', times => {
  // First the person whose press reads the group for the first time.
  it.each([
    ['the first of the group', () => 'U0ONCALL1'],
    ['another one of the group', () => 'U0ONCALL2'],
    ['one whom the configuration names', () => 'U0NAMED'],
    ['one who was never seen before', (at: number) => NEW(times, at)],
  ])('an Approve of %s is answered before Slack stops waiting', async (who, userOf) => {
    const measured: { readonly ms: number; readonly inSequence: number }[] = []
    for (let at = 0; at < PRESSES; at += 1) {
      const user = userOf(at)
      const isNew = user === NEW(times, at)
      if (isNew) {
        const added = Array.from({ length: at + 1 }, (_, one) => NEW(times, one))
        bot.slack.setDirectory({ groups: { [GROUP]: ['U0ONCALL1', 'U0ONCALL2', ...added] }, users: {} })
      }
      measured.push(await approvedBy(user, times))
      // Since when somebody is a member is on record before the answer.
      if (isNew) expect(seen.filter(({ operation }) => operation === 'PutObject')).toHaveLength(1)
      const late = bot.slack.messages().filter(({ ephemeralFor }) => ephemeralFor !== null)
      expect(late).toEqual([])
    }
    const ms = measured.map(one => Math.round(one.ms)).sort((a, b) => a - b)
    const most = Math.max(...measured.map(({ inSequence }) => inSequence))
    const [median, max] = [ms[Math.floor(ms.length / 2)], ms.at(-1)]
    console.log(`${times} x, ${who}: median ${median} ms, longest ${max} ms, at most ${most} requests in sequence`)
    expect(max).toBeLessThan(SLACK_WAITS_MS)
    expect(most).toBeLessThanOrEqual(MAX_IN_SEQUENCE)
  })
})

const THROTTLED = FAULTS.filter(row => row.step === 'press' && row.fault === 'throttled' && row.lasts === 'once')

describe('where AWS throttles a request once', () => {
  it.each(THROTTLED.map(({ call }) => call))('an Approve is answered before Slack stops waiting: %s', async call => {
    throttled = call
    const { ms } = await approvedBy('U0NAMED', 1)
    expect(throttled).toBeNull()
    console.log(`throttled once, ${call}: ${Math.round(ms)} ms`)
    expect(ms).toBeLessThan(SLACK_WAITS_MS)
    expect(bot.slack.messages().filter(({ ephemeralFor }) => ephemeralFor !== null)).toEqual([])
  })
})
