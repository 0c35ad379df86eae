/**
 * The bundles, one denial after another, while AWS and Slack refuse, lose and delay requests: nothing is lost, nothing is done twice, and the
 * alarm or the words that the runbooks promise tell it.
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { GetRolePolicyCommand, IAMClient, ListRolePoliciesCommand } from '@aws-sdk/client-iam'
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { Context } from 'aws-lambda'
import dynalite from 'dynalite'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Proposal, postedCardOf } from '../../functions/domain/proposal/proposal.ts'
import { deploysIn } from '../../functions/domain/stored/markers.ts'
import { customMetricAlarms } from '../../infra/constructs/observability/custom-metrics.ts'
import { buttonPress, buttonsOf, signRequest } from '../../simulator/slack-requests.ts'
import { bundledFile } from './bundled.ts'
import { type CloudBot, cloudBot, type Handlers, SIGNING_SECRET } from './cloud-bot.ts'
import { denialOf, role } from './ecs-denial.ts'
import { faultAnswer } from './fault-shapes.ts'
import { FAULTS, type FaultRow, REVERTING, STEPS, type Step } from './fault-table.ts'
import { type Moto, startMoto } from './moto.ts'
import { type Relay, type RelayedAnswer, type RelayedRequest, relay } from './relay.ts'

const ANA = { id: 'U0ONCALL1', name: 'ana' }
const CONTEXT = { getRemainingTimeInMillis: () => 60_000 } as Context
const FUNCTIONS = ['intake', 'propose', 'decide', 'verify', 'write', 'sweep', 'alert'] as const
type Name = (typeof FUNCTIONS)[number]
const FUNCTION_OF = {
  intake: 'intake',
  propose: 'propose',
  press: 'decide',
  verify: 'verify',
  write: 'write',
  home: 'verify',
  'press revert': 'decide',
  sweep: 'sweep',
  revert: 'verify',
  'take away': 'write',
  'taken away': 'verify',
  alert: 'alert',
} as const satisfies { readonly [step in Step]: Name }
type Handler = (event: unknown, context?: Context) => Promise<unknown>

const SLOW_MS = 1_200
const MAX_DELIVERIES = 5
const MINUTES_3 = 180_000

/** The faults of one delivery, or of one press. */
type Together = readonly FaultRow[]
type Flow = { readonly [step in Step]?: readonly Together[] }
const MAX_TOGETHER = 3
const MAX_PRESSES = 3

/** Faults that a retry hides are together, of different calls; of one that lasts, the delivery fails. */
function packed(rows: readonly FaultRow[]): readonly Together[] {
  const groups: FaultRow[][] = []
  for (const row of rows) {
    const group = groups.find(
      one =>
        row.lasts === 'once' &&
        one.length < MAX_TOGETHER &&
        one.every(other => other.lasts === 'once' && other.call !== row.call && other.fault !== 'slow'),
    )
    if (group === undefined) groups.push([row])
    else group.push(row)
  }
  return groups
}

/** Denials on their way, each with so few faults that it shows what each one does. A person presses again where a press has failed. */
const FLOWS: readonly Flow[] = (() => {
  const ofStep = STEPS.map(step => {
    const groups = packed(FAULTS.filter(row => row.step === step))
    // What could not be queued is decided.
    const isLasting = (group: Together) =>
      group.some(({ lasts, call }) => lasts === 'delivery' && call !== 'sqs SendMessage')
    if (!step.startsWith('press')) return { step, turns: groups.map(group => [group]) }
    const failing = groups.filter(isLasting)
    const turns = groups.filter(group => !isLasting(group)).map(group => [...failing.splice(0, MAX_PRESSES - 1), group])
    return { step, turns }
  })
  const most = Math.max(...ofStep.map(({ turns }) => turns.length))
  return Array.from({ length: most }, (_, at) =>
    Object.fromEntries(ofStep.flatMap(({ step, turns }) => (turns[at] === undefined ? [] : [[step, turns[at]]]))),
  )
})()

type Printed = {
  readonly message?: string
  readonly service?: string
  readonly _aws?: object
  readonly [name: string]: unknown
}
type RowResult = { readonly alarms: Set<string>; readonly words: string[]; hits: number }

let aheadMs = 0
const RealDate = Date
/** A clock that can be moved on and never stands still: clients of AWS wait by it. */
class AheadDate extends RealDate {
  constructor(...given: readonly (string | number | Date)[]) {
    if (given.length === 0) super(AheadDate.now())
    else super(...(given as [string]))
  }
  static override now(): number {
    return RealDate.now() + aheadMs
  }
}

let moto: Moto
let proxy: Relay
let table: ReturnType<typeof dynalite>
let bot: CloudBot
let iam: IAMClient
let sqs: SQSClient
const files = new Map<Name, string>()
const warm = new Map<Name, Handler>()
const results = new Map<FaultRow, RowResult>()
const ends: {
  readonly proposal: Proposal | null
  readonly writes: number
  readonly cards: number
  readonly policies: number
}[] = []

/** The faults of the step that runs. */
let active: { readonly row: FaultRow; left: number }[] = []
let printed: Printed[] = []
/** By role. */
const written = new Map<string, Set<string>>()
let fresh = 0

/** A process of its own: nothing that an earlier request has read hides the fault. */
async function cold(name: Name): Promise<Handler> {
  fresh += 1
  const url = `${pathToFileURL(files.get(name) ?? '').href}?process=${fresh}`
  return ((await import(url)) as { readonly handler: Handler }).handler
}

const handlerOf = async (name: Name, faults: Together): Promise<Handler> =>
  faults.length === 0 ? (warm.get(name) ?? expect.fail(`${name} is not started`)) : cold(name)

async function relayed(asked: RelayedRequest, forward: () => Promise<RelayedAnswer>): Promise<RelayedAnswer | null> {
  const fault = active.find(({ row, left }) => left > 0 && `${asked.service} ${asked.operation}` === row.call)
  if (fault !== undefined) {
    fault.left -= 1
    const seen = results.get(fault.row)
    if (seen !== undefined) seen.hits += 1
    switch (fault.row.fault) {
      case 'cut':
        return null
      case 'lost':
        await count(asked, await forward())
        return null
      case 'slow':
        await delay(SLOW_MS)
        return forward()
      default:
        return faultAnswer(fault.row.fault, asked)
    }
  }
  return count(asked, await forward())
}

/** What IAM has accepted. Where its answer is lost, the same document comes again. */
async function count({ operation, body }: RelayedRequest, answer: RelayedAnswer): Promise<RelayedAnswer> {
  if (operation === 'PutRolePolicy' && answer.status === 200) {
    const asked = new URLSearchParams(body.toString('utf8'))
    const name = asked.get('RoleName') ?? ''
    written.set(name, (written.get(name) ?? new Set()).add(asked.get('PolicyDocument') ?? ''))
  }
  return answer
}

/** Null: it failed. */
async function invoked(name: Name, handler: Handler, event: unknown, faults: Together): Promise<unknown> {
  active = faults.map(row => ({ row, left: row.lasts === 'once' ? 1 : Number.POSITIVE_INFINITY }))
  const alarms = new Set<string>()
  try {
    return await handler(event, CONTEXT)
  } catch {
    alarms.add(`errors-${name}`)
    return null
  } finally {
    active = []
    for (const line of printed) for (const id of alarmsOf(line)) alarms.add(id)
    for (const row of faults) for (const id of alarms) results.get(row)?.alarms.add(id)
    printed = []
  }
}

const METRIC_ALARMS = new Map(
  customMetricAlarms().map(({ id, metric }) => {
    const { metricName, dimensions = {} } = metric as Metric
    return [`${metricName} of ${dimensions['service']}`, id]
  }),
)

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
function alarmsOf({ _aws, service, ...values }: Printed): readonly string[] {
  if (_aws === undefined) return []
  return Object.keys(values).flatMap(name => {
    const id = Number(values[name]) > 0 ? METRIC_ALARMS.get(`${name} of ${service}`) : undefined
    return id === undefined ? [] : [id]
  })
}

const recordOf = (body: string, group = 'g', receives = 1) => ({
  messageId: 'm-1',
  body,
  attributes: { ApproximateReceiveCount: String(receives), MessageGroupId: group },
  messageAttributes: {},
  eventSource: 'aws:sqs',
})

const isDone = (answer: unknown): boolean => answer !== null && !JSON.stringify(answer ?? {}).includes('itemIdentifier')

/** Until the queue is empty: a message that fails comes again, without the fault. */
async function deliver(step: Step, url: string, faults: Together = []): Promise<number> {
  const name = FUNCTION_OF[step]
  let delivered = 0
  let left = faults
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, AttributeNames: ['All'] }),
    )
    if (Messages.length === 0) return delivered
    for (const { Body = '', ReceiptHandle, Attributes } of Messages) {
      for (let receives = 1; ; receives += 1) {
        const event = { Records: [recordOf(Body, Attributes?.MessageGroupId, receives)] }
        const answer = await invoked(name, await handlerOf(name, left), event, left)
        // The message that only wakes `write` may come first.
        left = left.filter(row => results.get(row)?.hits === 0)
        if (isDone(answer)) break
        if (receives >= MAX_DELIVERIES) throw new Error(`${name} cannot carry out ${Body}`)
      }
      await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }))
      delivered += 1
    }
  }
}

async function press(proposal: Proposal, faults: Together, action = 'approve'): Promise<void> {
  const card = postedCardOf(proposal)
  const message = bot.slack.messages().find(({ ts }) => ts === card?.message)
  const button = message === undefined ? undefined : buttonsOf(message, action)[0]
  if (message === undefined || button === undefined) throw new Error('the card has no button')
  const body = buttonPress(ANA, message, button)
  const before = bot.slack.messages().length
  const handler = await handlerOf('decide', faults)
  const requestContext = { timeEpoch: Date.now() }
  await invoked(
    'decide',
    handler,
    { ...signRequest(body, SIGNING_SECRET, Date.now()), isBase64Encoded: false, requestContext },
    faults,
  )
  const whispered = bot.slack
    .messages()
    .slice(before)
    .filter(({ ephemeralFor }) => ephemeralFor === ANA.id)
  for (const row of faults) results.get(row)?.words.push(...whispered.map(({ text }) => text))
}

const ON_THE_WAY = { verify: 'verify', write: 'write', home: 'home' } as const
const ON_THE_WAY_BACK = { verify: 'revert', write: 'take away', home: 'taken away' } as const

async function rest(
  flow: Flow,
  steps: { readonly [step in keyof typeof ON_THE_WAY]: Step } = ON_THE_WAY,
): Promise<void> {
  const { LOOK_QUEUE_URL, PROPOSE_QUEUE_URL, VERIFY_QUEUE_URL, WRITE_QUEUE_URL, OUTCOME_QUEUE_URL } = queues
  const left = (step: Step): Together => (flow[step] ?? []).flat().filter(row => results.get(row)?.hits === 0)
  for (let done = 1; done > 0; ) {
    done = await deliver('propose', LOOK_QUEUE_URL, left('propose'))
    done += await deliver('propose', PROPOSE_QUEUE_URL, left('propose'))
    done += await deliver(steps.verify, VERIFY_QUEUE_URL, left(steps.verify))
    done += await deliver(steps.write, WRITE_QUEUE_URL, left(steps.write))
    done += await deliver(steps.home, OUTCOME_QUEUE_URL, left(steps.home))
  }
}

let queues: {
  readonly [name in
    | 'LOOK_QUEUE_URL'
    | 'PROPOSE_QUEUE_URL'
    | 'VERIFY_QUEUE_URL'
    | 'WRITE_QUEUE_URL'
    | 'OUTCOME_QUEUE_URL']: string
}

/** As in an account: queues, the person, who presses again where words say so, and the sweep of each minute. */
async function run(flow: Flow, at: number): Promise<void> {
  for (const row of Object.values(flow).flat(2)) results.set(row, { alarms: new Set(), words: [], hits: 0 })
  const name = `deployer-${at}`
  await role(iam, name, { Service: 'codebuild.amazonaws.com' })
  const record = denialOf(name)
  bot.history.add(record)
  const body = JSON.stringify({ 'detail-type': 'AWS API Call via CloudTrail', source: 'aws.test', detail: record })
  for (let receives = 1, faults = flow.intake?.[0] ?? []; receives <= MAX_DELIVERIES; receives += 1, faults = []) {
    const event = { Records: [recordOf(body, 'g', receives)] }
    const answer = await invoked('intake', await handlerOf('intake', faults), event, faults)
    if (isDone(answer)) break
  }
  await deliver('propose', queues.LOOK_QUEUE_URL)
  await deliver('propose', queues.PROPOSE_QUEUE_URL, flow.propose?.[0])
  const mine = async (): Promise<Proposal | null> =>
    (await bot.store.open(200)).find(({ denial }) => denial.principal.arn?.includes(`/${name}/`) === true) ?? null
  for (let sweeps = 0; (await mine())?.status === 'drafted' && sweeps < 4; sweeps += 1) await sweep(flow)
  const open = (await mine()) ?? expect.fail(`${name} has no proposal`)
  for (const faults of flow.press ?? [[]])
    if ((await bot.store.get(open.id))?.status === 'open') await press(open, faults)
  await rest(flow)
  for (let sweeps = 0; (await bot.store.get(open.id))?.status !== 'applied' && sweeps < 6; sweeps += 1)
    await sweep(flow)
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName: name }))
  const documents = await Promise.all(
    PolicyNames.map(PolicyName => iam.send(new GetRolePolicyCommand({ RoleName: name, PolicyName }))),
  )
  const cards = bot.slack.messages().filter(({ metadata }) => JSON.stringify(metadata).includes(`"${open.id}"`))
  ends[at] = {
    proposal: await bot.store.get(open.id),
    writes: written.get(name)?.size ?? 0,
    cards: cards.length,
    policies: documents.filter(({ PolicyDocument = '' }) => decodeURIComponent(PolicyDocument).includes('iam:PassRole'))
      .length,
  }
  if (REVERTING.some(step => flow[step] !== undefined)) {
    await takeBack(flow, open)
    const left = await iam.send(new ListRolePoliciesCommand({ RoleName: name }))
    backs.set(at, { status: (await bot.store.get(open.id))?.status, policies: left.PolicyNames?.length })
  }
  if (flow.alert?.[0] !== undefined) await deployFailed(at, flow.alert[0])
}

const backs = new Map<number, { readonly status: string | undefined; readonly policies: number | undefined }>()

async function sweep(flow: Flow, faults: Together = [], steps?: Parameters<typeof rest>[1]): Promise<void> {
  aheadMs += MINUTES_3
  await invoked('sweep', await handlerOf('sweep', faults), {}, faults)
  await rest(flow, steps)
}

/** Nobody gets the messages that wait for `verify`. */
async function lost(): Promise<void> {
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queues.VERIFY_QUEUE_URL, MaxNumberOfMessages: 10 }),
    )
    if (Messages.length === 0) return
    for (const { ReceiptHandle } of Messages)
      await sqs.send(new DeleteMessageCommand({ QueueUrl: queues.VERIFY_QUEUE_URL, ReceiptHandle }))
  }
}

/** What was granted is taken away again: the person presses until it is on record, and each minute sweeps. */
async function takeBack(flow: Flow, { id }: Proposal): Promise<void> {
  const stored = () => bot.store.get(id)
  for (const faults of flow['press revert'] ?? [[]]) {
    const now = await stored()
    if (now?.status === 'applied' || now?.status === 'confirmed') await press(now, faults, 'revert')
  }
  const [sweepFaults] = flow.sweep ?? []
  if (sweepFaults !== undefined) {
    await lost()
    for (let sweeps = 0; sweepFaults.some(row => results.get(row)?.hits === 0) && sweeps < 3; sweeps += 1)
      await sweep(flow, sweepFaults, ON_THE_WAY_BACK)
  }
  await rest(flow, ON_THE_WAY_BACK)
  for (let sweeps = 0; (await stored())?.status !== 'reverted' && sweeps < 8; sweeps += 1)
    await sweep(flow, [], ON_THE_WAY_BACK)
}

/** A deploy that failed, of a stack of its own. */
async function deployFailed(at: number, faults: Together): Promise<void> {
  const text = readFileSync(join(import.meta.dirname, '../../events/deploys/stack-resource-failed.json'), 'utf8')
  const time = `${new Date().toISOString().slice(0, 19)}Z`
  const event = { ...(JSON.parse(text.replaceAll('stack/orders/', `stack/orders-${at}/`)) as object), time }
  for (let receives = 1, left = faults; receives <= MAX_DELIVERIES; receives += 1, left = []) {
    const records = { Records: [recordOf(JSON.stringify(event), 'g', receives)] }
    if (isDone(await invoked('alert', await handlerOf('alert', left), records, left))) return
  }
}

const { write: stdout } = process.stdout
const { write: stderr } = process.stderr

beforeAll(async () => {
  vi.stubGlobal('Date', AheadDate)
  for (const name of FUNCTIONS) files.set(name, await bundledFile(name))
  moto = await startMoto()
  table = dynalite({ createTableMs: 0 }).listen(0, '127.0.0.1')
  await once(table, 'listening')
  const tableEndpoint = `http://127.0.0.1:${(table.address() as AddressInfo).port}`
  proxy = relay(relayed)
  bot = await cloudBot(
    moto,
    async env => {
      Object.assign(process.env, env, { POWERTOOLS_LOG_LEVEL: 'INFO', POWERTOOLS_METRICS_DISABLED: 'false' })
      for (const name of FUNCTIONS) warm.set(name, await cold(name))
      return Object.fromEntries(warm) as unknown as Handlers
    },
    { through: proxy.through, tableEndpoint, lookupsPerSecond: 100, config: { digestAfterCards: 100 } },
  )
  queues = bot.env
  iam = new IAMClient(moto.client)
  sqs = new SQSClient(moto.client)
  await role(iam, 'orders-task', { Service: 'ecs-tasks.amazonaws.com' })
  process.stdout.write = heard as typeof process.stdout.write
  process.stderr.write = heard as typeof process.stderr.write
  for (const [at, flow] of FLOWS.entries()) {
    await Promise.race([run(flow, at), delay(600_000).then(() => expect.fail(`denial ${at} does not end`))])
  }
})
afterAll(async () => {
  process.stdout.write = stdout
  process.stderr.write = stderr
  vi.unstubAllGlobals()
  await bot?.close()
  await proxy?.close()
  await moto?.stop()
  await new Promise(done => table.close(done))
})

/** What functions print goes to CloudWatch. */
function heard(chunk: string | Uint8Array): boolean {
  printed.push(...String(chunk).split('\n').flatMap(parsed))
  return true
}

function parsed(line: string): readonly Printed[] {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? [value as Printed] : []
  } catch {
    return []
  }
}

describe('a fault', () => {
  it('is one of at least a hundred', () => {
    expect(FAULTS.length).toBeGreaterThanOrEqual(100)
  })

  it.each(FAULTS)('of $step: $call $fault $lasts', row => {
    const { alarms, words, hits } = results.get(row) ?? expect.fail('it was not tried')
    expect(hits).toBeGreaterThan(0)
    expect([...alarms].sort()).toEqual([...row.alarms].sort())
    expect(words.map(text => text.slice(0, row.words?.length ?? 99))).toEqual(row.words === null ? [] : [row.words])
  })
})

describe('nothing is lost and nothing is done twice', () => {
  it.each(FLOWS.map((_, at) => at))('by denial %i', at => {
    const { proposal, ...end } = ends[at] ?? expect.fail('it did not end')
    expect(end).toEqual({ writes: 1, cards: 1, policies: 1 })
    expect(proposal?.status).toBe('applied')
  })

  it('of a deploy that failed', async () => {
    const stored = await bot.store.getMarker(deploysIn('111122223333', 'eu-west-1'))
    const deploys = stored?.value.map(({ key }) => key) ?? []
    expect(deploys).toHaveLength(new Set(deploys).size)
    expect(deploys).toHaveLength(FLOWS.filter(({ alert }) => alert !== undefined).length)
  })

  it('when it is taken away again', () => {
    expect(backs.size).toBeGreaterThan(10)
    for (const [at, end] of backs) expect([at, end]).toEqual([at, { status: 'reverted', policies: 0 }])
  })

  it('in the audit log', async () => {
    expect((await bot.chain()).findings).toEqual([])
    const kinds = new Map<string, string[]>()
    for await (const { entry } of bot.log.records())
      kinds.set(entry.proposalId ?? '', [...(kinds.get(entry.proposalId ?? '') ?? []), entry.kind])
    const applied = ends.flatMap(({ proposal }) => proposal?.id ?? [])
    for (const id of applied)
      expect(
        kinds
          .get(id)
          ?.filter(kind => !/revert/.test(kind))
          .toSorted(),
      ).toEqual([...['applied', 'apply-intended', 'approved', 'denial-seen', 'proposed']])
    for (const [at] of backs)
      expect(
        kinds
          .get(ends[at]?.proposal?.id ?? '')
          ?.filter(kind => /revert/.test(kind))
          .toSorted(),
      ).toEqual(['revert-intended', 'reverted'])
  })
})

describe('the runbook of an alarm', () => {
  const runbooks = readFileSync(join(import.meta.dirname, '../../docs/runbooks.md'), 'utf8')
  const sections = new Map(
    runbooks.split(/^## /m).map(text => [text.slice(0, text.indexOf('\n')).toLowerCase().replaceAll(' ', '-'), text]),
  )
  const sectionOf = (id: string) =>
    sections.get(customMetricAlarms().find(alarm => alarm.id === id)?.runbook ?? 'function-errors')
  const alarmed = FAULTS.flatMap(row => row.alarms.map(id => ({ row, id })))

  it.each([...new Set(alarmed.map(({ id }) => id))])('%s is there', id => {
    expect(sectionOf(id)).toBeDefined()
  })

  it.each(FAULTS.filter(({ words }) => words !== null))(
    'says what $step reads of $call $fault',
    ({ alarms, words }) => {
      for (const id of alarms) expect(sectionOf(id)).toContain(words)
    },
  )
})
