/** An Approve that starts a new process of `decide`, with chosen latencies of AWS and Slack. */
import { setTimeout as delay } from 'node:timers/promises'
import { IAMClient } from '@aws-sdk/client-iam'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { approvalsOf } from '../../functions/domain/proposal/index.ts'
import { cloudBot, fromSource } from './cloud-bot.ts'
import { denialOf, MAIN, role } from './ecs-denial.ts'
import { faultAnswer } from './fault-shapes.ts'
import { type LambdaOptions, startLambda } from './lambda.ts'
import { startMoto } from './moto.ts'
import { type RelayedRequest, relay } from './relay.ts'

/** Approvers by the group, and one by the configuration. */
export const MEMBERS = ['U0ONCALL1', 'U0ONCALL2'] as const
export const NAMED = 'U0NAMED'
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

type Seen = { readonly operation: string; readonly fromMs: number; readonly toMs: number }

export type ColdPress = {
  readonly by: string
  /** Of each request until the answer. */
  readonly latencyOf: (asked: RelayedRequest) => number
  /** As if this machine were so many times slower; 1 if absent. */
  readonly slowness?: number
  /** A call that AWS throttles once, such as `kms Sign`. */
  readonly throttled?: string
}

export type Pressed = {
  /** From Slack's request to its answer, the start of the process included. */
  readonly ms: number
  /** The most requests of which each began after the one before had been answered. */
  readonly inSequence: number
  readonly operations: readonly string[]
}

/** `file`: the bundle of `decide`. */
export async function coldApproves(file: string, options: LambdaOptions = {}) {
  let env: NodeJS.ProcessEnv = {}
  let pressing: ColdPress | null = null
  let leftToThrottle: string | null = null
  let seen: Seen[] = []
  let ms = 0

  const moto = await startMoto()
  const proxy = relay(async (asked, forward) => {
    if (pressing === null) return forward()
    const fromMs = performance.now()
    const isThrottled = `${asked.service} ${asked.operation}` === leftToThrottle
    if (isThrottled) leftToThrottle = null
    const answering = isThrottled
      ? faultAnswer('throttled', asked)
      : asked.operation === 'DescribeAccount'
        ? PLACED
        : forward()
    const [answer] = await Promise.all([answering, delay(pressing.latencyOf(asked))])
    seen.push({ operation: asked.operation, fromMs, toMs: performance.now() })
    return answer
  })

  async function decide(event: APIGatewayProxyEventV2) {
    const startedMs = Date.now()
    const lambda = await startLambda(file, env, options)
    const lostMs = (Date.now() - startedMs) * ((pressing?.slowness ?? 1) - 1)
    const requestContext = { ...event.requestContext, timeEpoch: startedMs - lostMs }
    const answer = (await lambda.invoke({ ...event, requestContext })) as { readonly statusCode: number }
    ms = Date.now() - startedMs + lostMs
    lambda.stop()
    return answer
  }

  const bot = await cloudBot(
    moto,
    async given => {
      env = given
      return { ...(await fromSource(given)), decide }
    },
    {
      through: proxy.through,
      config: {
        ...{ mode: 'approve', approvers: { groups: [GROUP], users: [NAMED] } },
        organizationalUnits: { [UNITS[0] ?? '']: { mode: 'approve' } },
      },
    },
  )
  const setMembers = (members: readonly string[]) => bot.slack.setDirectory({ groups: { [GROUP]: members }, users: {} })
  setMembers(MEMBERS)
  const iam = new IAMClient(moto.client)
  await role(iam, 'orders-task', { Service: 'ecs-tasks.amazonaws.com' })

  let roles = 0
  return {
    setMembers,
    /** Of a new denial. Two people approve, as others can assume the role: one press signs and waits for the other. */
    async approved(press: ColdPress): Promise<Pressed> {
      roles += 1
      await role(iam, `deployer-${roles}`, { AWS: `arn:aws:iam::${MAIN}:root` })
      const { id } = await bot.denied(denialOf(`deployer-${roles}`))
      leftToThrottle = press.throttled ?? null
      seen = []
      pressing = press
      await bot.press(id, press.by, 'approve')
      pressing = null
      if (leftToThrottle !== null) throw new Error(`no ${leftToThrottle} was asked`)
      const stored = await bot.store.get(id)
      const approvals = stored === null ? [] : approvalsOf(stored)
      if (approvals.map(({ by }) => by.id).join() !== press.by) throw new Error(`${press.by} did not approve ${id}`)
      // Words for a late press come after what the answer waits for.
      const awaited = seen.filter(({ operation }) => operation !== 'chat.postEphemeral')
      return { ms, inSequence: longestChain(awaited), operations: awaited.map(({ operation }) => operation) }
    },
    async close(): Promise<void> {
      await bot.close()
      await proxy.close()
      await moto.stop()
    },
  }
}

function longestChain(requests: readonly Seen[]): number {
  const depths: (Seen & { readonly depth: number })[] = []
  for (const one of requests.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const before = depths.filter(({ toMs }) => toMs <= one.fromMs).map(({ depth }) => depth)
    depths.push({ ...one, depth: 1 + Math.max(0, ...before) })
  }
  return Math.max(0, ...depths.map(({ depth }) => depth))
}
