/** One run of the model: the arriving events, the end of all work, and the resources used. */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { MINUTE_MS } from '../../core/base/time.ts'
import { recordsIn } from '../../core/denial/cloudtrail/cloudtrail-record.ts'
import { fingerprintOf } from '../../core/denial/fingerprint.ts'
import { parseRecord } from '../../core/denial/parse-denial.ts'
import { botConfigSchema } from '../../functions/domain/config/config.ts'
import { type Occurrence, outcomeOf, type Proposal, postedCardOf } from '../../functions/domain/proposal/proposal.ts'
import { cardPlacement, firstRun, stormList } from '../../functions/domain/stored/markers.ts'
import { channelsOf } from '../../functions/workflows/card/card-placement.ts'
import { SIZES } from '../../infra/capacity.ts'
import { seededRandom } from '../figures.ts'
import { AS_DEPLOYED, type Concurrency, type Deployment, deployment } from './deployment.ts'
import { eventQueue } from './event-queue.ts'
import { type Bill, PRICES, traced } from './prices.ts'
import { LATENCY } from './services/latency.ts'
import type { TableUse } from './services/memory-dynamodb.ts'
import { installVirtualTime } from './virtual-time.ts'
import type { Arrival } from './workload.ts'

export const START_MS = Date.parse('2026-11-26T12:00:00Z')
const APPROVER = { id: 'U0ONE', name: 'one' }

export type Run = {
  readonly accounts: readonly string[]
  readonly arrivals: readonly Arrival[]
  /** The number of channels, which accounts share evenly. */
  readonly channels: number
  readonly concurrency?: Partial<Concurrency>
  /** The run ends when every card is posted, and after this time at the latest. */
  readonly forMs: number
  /** Every card is approved this long after it was posted. Absent: nobody decides. */
  readonly approvedAfterMs?: number
  /** The run ends when every card is posted, whatever `sweep` has to look for afterwards. */
  readonly endsPosted?: true
  /** Called after each minute that was simulated, with the number of messages in Slack. */
  readonly onMinute?: (messages: number) => void
  /** The channels have had cards for longer than the first hour. Absent: they are new. */
  readonly isUsed?: true
}

export type Outcome = {
  /** Milliseconds from the first event of each denial to its card. */
  readonly cards: readonly number[]
  /** Milliseconds from the first event of each denial to its Approve. */
  readonly decidable: readonly number[]
  readonly distinct: number
  /** Events that no occurrence counts, and denials without a card. */
  readonly lost: number
  /** Cards in the thread of a list, and by how many the totals of the lists differ from them. */
  readonly listed: number
  readonly unlisted: number
  /** The most entries that one list holds. */
  readonly mostEntries: number
  readonly deadLetters: number
  readonly applied: number
  readonly queueAges: { readonly intake: readonly number[]; readonly propose: readonly number[] }
  readonly counts: { readonly [what: string]: number }
  readonly appendsAtMs: readonly number[]
  readonly bill: Bill
  /** Milliseconds by which each limit delayed analyses. */
  readonly held: { readonly [limit: string]: number }
  /** The sum over all messages of `propose`, of which one invocation has up to ten at once. */
  readonly messageMs: number
  readonly faults: ReadonlyMap<string, number>
  /** What the processes of the functions hold at the end, caches included. */
  readonly heldBytes: number
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)
/** Of more numbers than a call takes arguments. */
export const largest = (numbers: readonly number[]): number => numbers.reduce((most, one) => Math.max(most, one), -1)

export async function simulate(run: Run): Promise<Outcome> {
  const { accounts, arrivals, channels, concurrency, forMs } = run
  await importedOnce()
  const events = eventQueue(START_MS)
  const restoreTime = installVirtualTime(events)
  const [realFetch, realRandom] = [globalThis.fetch, Math.random]
  // Makes the jitter equal in every run.
  Math.random = seededRandom(20_261_128)
  // A Slack client keeps the `fetch` that exists when it is created.
  let slackFetch = realFetch
  globalThis.fetch = (...request) => slackFetch(...request)
  try {
    const channelOf = (at: number) => ({ channel: `C0TEAM${at % channels}` })
    const config = botConfigSchema.parse({
      mode: 'approve',
      channel: 'C0TEAM0',
      approvers: { users: [APPROVER.id, 'U0TWO'] },
      accounts: channels === 1 ? {} : Object.fromEntries(accounts.map((id, at) => [id, channelOf(at)])),
    })
    const pairs = 1 + Math.floor(largest(arrivals.map(({ denial }) => denial)) / accounts.length)
    const deployed = deployment({
      ...{ events, accounts, pairs, config, isPressed: run.approvedAfterMs !== undefined },
      concurrency: { ...AS_DEPLOYED, ...concurrency },
    })
    slackFetch = deployed.slack.fetch
    if (run.isUsed === true)
      for (const channel of channelsOf(config))
        await deployed.seen.putMarker(firstRun(channel), 0, { fromMs: 0, posted: true })
    deployed.deliver(arrivals)
    deployed.sweepFrom(START_MS, START_MS + forMs)
    const decided = new Set<string>()
    const isPosted = allPosted(deployed, arrivals)
    for (let atMs = START_MS + MINUTE_MS; atMs <= START_MS + forMs; atMs += MINUTE_MS) {
      await events.runUntil(atMs)
      run.onMinute?.(deployed.slack.calls('chat.postMessage'))
      if (run.approvedAfterMs !== undefined) await approve(deployed, atMs - run.approvedAfterMs, decided)
      else if (await (run.endsPosted ? isPosted() : isDone(deployed, arrivals, atMs))) break
    }
    if (run.endsPosted) {
      deployed.endSweeps()
      await events.runUntil(events.now() + 5 * MINUTE_MS)
    }
    return { ...(await outcomeOfRun(deployed, run)), heldBytes: heldBytes(deployed) }
  } finally {
    globalThis.fetch = realFetch
    Math.random = realRandom
    restoreTime()
  }
}

/** Loads the modules that the product imports lazily, because that takes real time, which the model does not include. */
async function importedOnce(): Promise<void> {
  await Promise.all([
    import('../../functions/workflows/approval/approval-summary.ts'),
    import('../../functions/workflows/approval/account-mode.ts'),
    import('../../functions/domain/card/card.ts'),
    import('../../functions/adapters/slack/blocks/card.ts'),
    import('../../functions/domain/card/evidence.ts'),
    import('../../functions/adapters/slack/blocks/evidence.ts'),
    import('../../functions/adapters/slack/blocks/notice-card.ts'),
    import('../../functions/adapters/slack/blocks/modals.ts'),
  ])
}

const MOST = 100_000

async function approve(deployed: Deployment, postedBeforeMs: number, decided: Set<string>): Promise<void> {
  for (const proposal of await deployed.seen.open(MOST)) {
    const card = postedCardOf(proposal)
    if (card === null || decided.has(proposal.id) || Number(card.message) * 1000 > postedBeforeMs) continue
    decided.add(proposal.id)
    void deployed.press(proposal, APPROVER)
  }
}

/** Needs no time and counts nothing, because all is done: what is free once the processes have ended was theirs. */
function heldBytes({ sources }: Deployment): number {
  const before = usedBytes()
  for (const source of Object.values(sources)) source.end()
  return before - usedBytes()
}

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

function usedBytes(): number {
  // The first collection finds what is freed by the last one's finalizers, and code that is not used.
  for (let times = 0; times < 5; times += 1) collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** A proposal without its card is due within minutes; one that waits for people is not. */
async function isDone(deployed: Deployment, arrivals: readonly Arrival[], nowMs: number): Promise<boolean> {
  const { intake, propose, look } = deployed.sources
  if (arrivals.some(({ atMs }) => atMs > nowMs) || intake.left() + propose.left() + look.left() > 0) return false
  return (await deployed.seen.due(nowMs + 5 * MINUTE_MS, 1)).length === 0
}

/** Asks for those that had no card before, and at last for all, because a denial can get another proposal. */
function allPosted(deployed: Deployment, arrivals: readonly Arrival[]): () => Promise<boolean> {
  async function withoutCard(from: number): Promise<number> {
    for (const [at, { body }] of arrivals.slice(from).entries()) {
      const { proposal } = await currentOf(body, deployed)
      if (proposal === null || postedCardOf(proposal) === null) return from + at
    }
    return arrivals.length
  }
  let first = 0
  return async () => {
    first = await withoutCard(first)
    return first === arrivals.length && (await withoutCard(0)) === arrivals.length
  }
}

/** The current occurrence and proposal of the denial in an event. */
async function currentOf(body: string, { seen }: Deployment): Promise<Pick<Seen, 'occurrence' | 'proposal'>> {
  const records = recordsIn(body)
  const parsed = parseRecord(records.ok ? records.value[0] : null)
  const occurrence = parsed.kind === 'denial' ? await seen.occurrence(fingerprintOf(parsed.denial)) : null
  const id = occurrence?.proposalId ?? null
  return { occurrence, proposal: id === null ? null : await seen.get(id) }
}

type Seen = {
  readonly occurrence: Occurrence | null
  readonly proposal: Proposal | null
  readonly firstMs: number
  /** The number of its events, each once however often it was delivered. */
  readonly events: number
}

/** Each denial once: its first arrival, and its current occurrence and proposal. */
async function seenOf(deployed: Deployment, arrivals: readonly Arrival[]): Promise<readonly Seen[]> {
  const seen: Seen[] = []
  for (const all of Map.groupBy(arrivals, ({ denial }) => denial).values()) {
    const { body, atMs } = all.reduce((one, other) => (other.atMs < one.atMs ? other : one))
    const events = new Set(all.map(one => one.body)).size
    seen.push({ ...(await currentOf(body, deployed)), firstMs: atMs, events })
  }
  return seen
}

async function listsOf(
  deployed: Deployment,
  seen: readonly Seen[],
): Promise<Pick<Outcome, 'listed' | 'unlisted' | 'mostEntries'>> {
  const expected = new Map<string, number>()
  for (const { proposal } of seen) {
    const place = proposal === null ? null : await deployed.seen.getMarker(cardPlacement(proposal.id))
    const key = place?.value.listKey ?? null
    if (key !== null) expected.set(key, (expected.get(key) ?? 0) + 1)
  }
  let [unlisted, mostEntries] = [0, 0]
  for (const [key, cards] of expected) {
    const list = (await deployed.seen.getMarker(stormList(key)))?.value
    unlisted += Math.abs(cards - (list?.total ?? 0))
    mostEntries = Math.max(mostEntries, list?.items.length ?? 0)
  }
  return { listed: sum([...expected.values()]), unlisted, mostEntries }
}

async function outcomeOfRun(deployed: Deployment, { arrivals }: Run): Promise<Omit<Outcome, 'heldBytes'>> {
  const seen = await seenOf(deployed, arrivals)
  const delivered = new Set(arrivals.map(({ body }) => body)).size
  const { limits, bucket, slack } = deployed
  const cards = seen.flatMap(({ proposal, firstMs }) => {
    const card = proposal === null ? null : postedCardOf(proposal)
    return card === null ? [] : [Number(card.message) * 1000 - firstMs]
  })
  const decidable = seen.flatMap(({ proposal, firstMs }) => {
    const card = proposal === null ? null : postedCardOf(proposal)
    const atMs = card === null ? null : slack.decidableAtMs(card.message)
    return atMs === null ? [] : [atMs - firstMs]
  })
  // For each denial separately, because a lost event must not cancel out a doubly counted one.
  const miscounted = seen.map(({ occurrence, events }) => Math.abs(events - (occurrence?.count ?? 0)))
  const { intake, propose, look, verify, write } = deployed.sources
  const users = Object.values(deployed.table)
  const lists = await listsOf(deployed, seen)
  return {
    ...lists,
    cards,
    decidable,
    distinct: seen.length,
    lost: sum(miscounted) + (seen.length - cards.length),
    deadLetters: intake.use.dead + propose.use.dead + look.use.dead + verify.use.dead + write.use.dead,
    applied: seen.filter(({ proposal }) => proposal !== null && outcomeOf(proposal) !== null).length,
    queueAges: { intake: intake.use.ages, propose: propose.use.ages },
    counts: {
      events: delivered,
      writes: sum(users.map(({ writes }) => writes)),
      reads: sum(users.map(({ reads }) => reads)),
      analyses: propose.use.invocations,
      messages: slack.calls('chat.postMessage'),
      updates: slack.calls('chat.update'),
      refusedMessages: limits.posts.refused(),
      refusedUpdates: limits.updates.refused(),
      invocationsOfIntake: intake.use.invocations,
      msOfIntake: intake.use.busyMs,
      msOfPropose: propose.use.busyMs,
      appends: bucket.atMs.length,
      requestsToBucket: bucket.puts + bucket.lists,
      readsOfBucket: bucket.gets,
      refusedAppends: bucket.refusedPuts,
    },
    appendsAtMs: bucket.atMs,
    bill: billOf(deployed, arrivals),
    held: {
      [limits.posts.name]: limits.posts.waitedMs() + deployed.use.turnMs,
      [limits.updates.name]: limits.updates.waitedMs(),
      [limits.iam.name]: limits.iam.waitedMs(),
      'appends to the audit log': bucket.refusedPuts * (LATENCY.put + LATENCY.list + LATENCY.get),
    },
    messageMs: deployed.use.proposingMs,
    faults: deployed.faults,
  }
}

const tableCost = ({ writeUnits, indexUnits, readUnits }: TableUse): number =>
  (writeUnits + indexUnits) * PRICES.tableWrite + readUnits * PRICES.tableRead

/** The variable costs, without those that `docs/cost.md` counts as fixed. */
function billOf(deployed: Deployment, arrivals: readonly Arrival[]): Bill {
  // Only while denials arrive: over a whole day, what follows later would be traced at a lower rate.
  const seconds = (largest(arrivals.map(({ atMs }) => atMs)) - START_MS) / 1000
  const { sources, table, bucket, use } = deployed
  const { intake, propose, look, verify, write } = sources
  const lambda = (name: keyof typeof SIZES, busyMs: number, invocations: number) =>
    (busyMs / 1000) * (SIZES[name].memoryMb / 1024) * PRICES.lambdaGbSecond +
    invocations * PRICES.lambdaRequest +
    traced(invocations, seconds) * PRICES.trace
  // One to send, one to receive a batch, one to delete it.
  const requests = [intake, propose, look, verify, write].reduce(
    (sum, one) => sum + one.use.sent + 2 * one.use.invocations,
    0,
  )
  return {
    bus: arrivals.length * PRICES.forwardedEvent,
    queues: requests * PRICES.sqsRequest,
    intake: lambda('intake', intake.use.busyMs, intake.use.invocations),
    propose: lambda('propose', propose.use.busyMs + look.use.busyMs, propose.use.invocations + look.use.invocations),
    'decide, verify, write':
      lambda('decide', use.decideMs, use.requests) +
      lambda('verify', verify.use.busyMs, verify.use.invocations) +
      lambda('write', write.use.busyMs, write.use.invocations) +
      use.requests * PRICES.httpRequest,
    ...Object.fromEntries(Object.entries(table).map(([user, use]) => [`table: ${user}`, tableCost(use)])),
    'audit log': (bucket.puts + bucket.lists) * PRICES.bucketPutOrList + bucket.gets * PRICES.bucketGet,
    // With `bucketKeyEnabled`, the objects of the bucket share one KMS key per day.
    'KMS, SNS': use.signatures * PRICES.kmsSignature + use.notices * PRICES.kmsRequest + use.notices * PRICES.notice,
    logs: (use.logBytes / 1e9) * PRICES.logGigabyte,
  }
}

/** The limit that delayed the analyses most. If the delay is small, the concurrency was too low. */
export function firstLimit({ held, messageMs }: Pick<Outcome, 'held' | 'messageMs'>): string {
  const [name, ms] = Object.entries(held).reduce((most, one) => (one[1] > most[1] ? one : most), ['', 0] as const)
  return ms > messageMs / 3 ? name : 'analyses at once'
}
