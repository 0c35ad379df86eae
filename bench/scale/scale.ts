/**
 * A large organization in virtual time: the deployed functions on modelled AWS and Slack. How late are cards, what does it
 * cost, and which limit is reached first?
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HOUR_MS, MINUTE_MS } from '../../core/base/time.ts'
import { CONSUMERS } from '../../infra/capacity.ts'
import { percentile, round } from '../figures.ts'
import { atLeast, atMost, exactly, type Report, type Table } from '../report.ts'
import { type ChainRate, chainRate } from './chain-rate.ts'
import { AS_DEPLOYED } from './deployment.ts'
import { documentedCost, total } from './prices.ts'
import { firstLimit, type Outcome, type Run, START_MS, simulate } from './simulate.ts'
import { accountIds, burst, steady } from './workload.ts'

const ACCOUNTS = accountIds(1_000)
/** One channel for 50 accounts. */
const TEAM_CHANNELS = 20
const BURST = { events: 10_000, distinct: 4_000, withinMs: MINUTE_MS }
/** A quarter of it, to see the effect of each setting. */
const SMALL = { events: 2_500, distinct: 500, withinMs: MINUTE_MS }
/** One in a hundred denials is new, as `docs/cost.md` assumes. Each caller retries for ten minutes. */
const DAY = { denials: 1_000_000, repeats: 100, repeatForMs: 10 * MINUTE_MS }
const MAX_CARD_MS = 5 * MINUTE_MS
/** One channel: a message a second after the settle time, and a tenth more. Five: as much as where each post asks Slack. */
const MAX_CHANNELS_MS = new Map([
  ['one channel', 615_000],
  ['5 channels', 169_000],
])
/** Proposals at once in each process: one alone, and a full batch of the queue. */
const WRITERS = [
  [1, 1],
  [2, 1],
  [10, 1],
  [AS_DEPLOYED.propose, 1],
  [10, CONSUMERS.propose.batch],
] as const

export async function scale(): Promise<Report> {
  const whole = await burstOf(BURST, { channels: TEAM_CHANNELS })
  const rows: (readonly [string, Outcome])[] = []
  for (const [name, change] of VARIANTS) rows.push([name, await burstOf(SMALL, { channels: TEAM_CHANNELS, ...change })])
  const chains: (readonly [number, number, ChainRate])[] = []
  for (const [writers, atOnce] of WRITERS) chains.push([writers, atOnce, await chainRate(writers, atOnce)])
  const hour = await hourOfDay()
  return report({ whole, rows, chains, hour })
}

const VARIANTS: readonly (readonly [string, Partial<Pick<Run, 'channels' | 'concurrency' | 'accounts'>>])[] = [
  [`as deployed, ${TEAM_CHANNELS} channels`, {}],
  ['one channel', { channels: 1 }],
  ['5 channels', { channels: 5 }],
  ['3 analyses at once', { concurrency: { propose: 3 } }],
  ['40 analyses at once, 100 channels', { concurrency: { propose: 40 }, channels: 100 }],
  ['one account, and so one channel', { accounts: accountIds(1) }],
]

const burstOf = (
  size: { readonly events: number; readonly distinct: number; readonly withinMs: number },
  { accounts = ACCOUNTS, ...run }: Pick<Run, 'channels'> & Partial<Pick<Run, 'concurrency' | 'accounts'>>,
): Promise<Outcome> =>
  simulate({ ...run, accounts, arrivals: burst({ ...size, accounts, startMs: START_MS }), forMs: HOUR_MS })

/**
 * One hour at the rate of the day, plus the time that its last denials take. Approves everything after the callers have stopped retrying.
 */
const hourOfDay = (): Promise<Outcome> =>
  simulate({
    accounts: ACCOUNTS,
    channels: TEAM_CHANNELS,
    arrivals: steady({
      accounts: ACCOUNTS,
      startMs: START_MS,
      forMs: HOUR_MS,
      distinct: Math.round(DAY.denials / 24 / DAY.repeats),
      repeats: DAY.repeats,
      repeatForMs: DAY.repeatForMs,
    }),
    forMs: 1.5 * HOUR_MS,
    approvedAfterMs: 11 * MINUTE_MS,
    isUsed: true,
  })

type Found = {
  readonly whole: Outcome
  readonly rows: readonly (readonly [string, Outcome])[]
  readonly chains: readonly (readonly [writers: number, atOnce: number, rate: ChainRate])[]
  readonly hour: Outcome
}

const page = readFileSync(join(import.meta.dirname, '../../docs/cost.md'), 'utf8')
const seconds = (ms: number): number => round(ms / 1000)
const of = (counts: Outcome['counts'], name: string): number => counts[name] ?? 0

function report({ whole, rows, chains, hour }: Found): Report {
  const documented = documentedCost(page, 1_000_000, 1_000_000 / DAY.repeats) ?? Number.NaN
  const perMillion = (1_000_000 / of(hour.counts, 'events')) * total(hour.bill)
  const last = Math.max(...whole.cards)
  const everything = [whole, hour, ...rows.map(([, outcome]) => outcome)]
  return {
    tables: [
      burstTable(whole),
      {
        title: `${SMALL.events} denials in a minute, ${SMALL.distinct} distinct: what each setting changes`,
        columns: ['', 'card p50, s', 'p99, s', 'last, s', 'records/s', 'held back by'],
        rows: rows.map(([name, outcome]) => [
          name,
          seconds(percentile(outcome.cards, 50)),
          seconds(percentile(outcome.cards, 99)),
          seconds(Math.max(...outcome.cards)),
          round(busiest(outcome.appendsAtMs)),
          firstLimit(outcome),
        ]),
      },
      {
        title: 'One audit chain, appended to by so many processes at once that do nothing else',
        columns: ['writers', 'proposals at once', 'records/s', 'requests to S3 per record', 'slowest two records, s'],
        rows: chains.map(([writers, atOnce, rate]) => [
          writers,
          atOnce,
          round(rate.perSecond),
          round(rate.requestsPerRecord),
          seconds(rate.slowestMs),
        ]),
      },
      hourTable(hour),
      {
        title: `Dollars for 1,000,000 denials, beside the fixed costs`,
        columns: ['', '$'],
        rows: [
          ...Object.entries(hour.bill).map(([what, dollars]) => [
            what,
            round((dollars * 1_000_000) / of(hour.counts, 'events')),
          ]),
          ['together', round(perMillion)],
          ['docs/cost.md', documented],
        ],
      },
    ],
    gates: [
      exactly('lost: events not counted, denials without a card', sum(everything.map(({ lost }) => lost)), 0),
      exactly('dead letters', sum(everything.map(({ deadLetters }) => deadLetters)), 0),
      exactly('proposals of the hour that were approved and not applied', hour.distinct - hour.applied, 0),
      exactly(
        'cards of a storm that no list counts, or that one counts twice',
        sum(everything.map(({ unlisted }) => unlisted)),
        0,
      ),
      atMost('seconds until the last card of the burst was posted', seconds(last), MAX_CARD_MS / 1000),
      ...[...MAX_CHANNELS_MS].map(([name, maxMs]) =>
        atMost(
          `seconds to 99 % of ${SMALL.distinct} cards, ${name}`,
          seconds(percentile(rows.find(([row]) => row === name)?.[1].cards ?? [], 99)),
          maxMs / 1000,
        ),
      ),
      atMost(
        'requests to S3 for a record of the chain, ten writers',
        round(rateOf(chains, 10)?.requestsPerRecord ?? Number.NaN),
        2.5,
      ),
      atMost('seconds to half of the cards of the hour', seconds(percentile(hour.cards, 50)), 4),
      atMost('seconds to 99 % of the cards of the hour', seconds(percentile(hour.cards, 99)), 6),
      atMost('seconds to 99 % of its Approve buttons', seconds(percentile(hour.decidable, 99)), 65),
      exactly('cards of the hour without their button', hour.distinct - hour.decidable.length, 0),
      atMost('updates of cards that had to wait for Slack', of(hour.counts, 'refusedUpdates'), 0),
      atMost('cost of 1,000,000 denials / docs/cost.md', round(perMillion / documented), 1.2),
      atLeast('cost of 1,000,000 denials / docs/cost.md', round(perMillion / documented), 0.8),
    ],
    ratios: {
      'last card of the burst / 5 minutes': round(last / MAX_CARD_MS),
      'cost / docs/cost.md': round(perMillion / documented),
      'one chain: requests of 10 writers / of 1': round(
        (rateOf(chains, 10)?.requestsPerRecord ?? Number.NaN) / (rateOf(chains, 1)?.requestsPerRecord ?? Number.NaN),
      ),
    },
    notes: [
      `First limit of the burst: ${firstLimit(whole)}. The queue of analyses was ${seconds(Math.max(...whole.queueAges.propose))} s old at most.`,
      `The use cases, the table adapter, the chain and the Slack adapter are the product's; AWS and Slack are models with fixed latencies and rates (docs/capacity.md).`,
      `The channels of the hour are not new. A burst comes to new ones, which show three cards each and one list.`,
      `The day is an hour at its rate: ${of(hour.counts, 'events')} denials, ${hour.distinct} of them new, all approved. Its cost is multiplied to a million.`,
      ...everything
        .flatMap(({ faults }) => [...faults].map(([event, times]) => `${event}: ${times} times`))
        .slice(0, 6),
    ],
  }
}

function burstTable(whole: Outcome): Table {
  const { counts, queueAges, cards } = whole
  const events = of(counts, 'events')
  return {
    title: `${events} denials in a minute, ${whole.distinct} distinct, a tenth delivered twice; ${ACCOUNTS.length} accounts, ${TEAM_CHANNELS} channels`,
    columns: ['', 'value'],
    rows: [
      ['from denial to card, p50, s', seconds(percentile(cards, 50))],
      ['from denial to card, p99, s', seconds(percentile(cards, 99))],
      ['from denial to card, last, s', seconds(Math.max(...cards))],
      ['age of a message of intake, p99, s', seconds(percentile(queueAges.intake, 99))],
      ['age of a message of propose, p99, s', seconds(percentile(queueAges.propose, 99))],
      ['table writes per denial', round(of(counts, 'writes') / events)],
      ['table reads per denial', round(of(counts, 'reads') / events)],
      ['dollars per 1,000 denials', round((1000 * total(whole.bill)) / events)],
      ['records of the audit log', of(counts, 'appends')],
      ['records a second, busiest 10 s', round(busiest(whole.appendsAtMs))],
      ['appends that another process had won', of(counts, 'refusedAppends')],
      ['cards in the threads of lists, all of them counted there', whole.listed - whole.unlisted],
      ['messages in Slack', of(counts, 'messages')],
      ['messages that had to wait for Slack', of(counts, 'refusedMessages')],
      ['held back by', firstLimit(whole)],
    ],
  }
}

function hourTable(hour: Outcome): Table {
  const { counts, queueAges, cards } = hour
  const events = of(counts, 'events')
  return {
    title: `An hour of a day of ${DAY.denials} denials, 1 in ${DAY.repeats} new, all approved`,
    columns: ['', 'value'],
    rows: [
      ['from denial to card, p50, s', seconds(percentile(cards, 50))],
      ['from denial to card, p99, s', seconds(percentile(cards, 99))],
      ['from denial to Approve, p50, s', seconds(percentile(hour.decidable, 50))],
      ['from denial to Approve, p99, s', seconds(percentile(hour.decidable, 99))],
      ['age of a message of propose, p99, s', seconds(percentile(queueAges.propose, 99))],
      ['table writes per denial', round(of(counts, 'writes') / events)],
      ['table reads per denial', round(of(counts, 'reads') / events)],
      ['invocations of propose per new denial', round(of(counts, 'analyses') / hour.distinct)],
      ['records of the audit log per new denial', round(of(counts, 'appends') / hour.distinct)],
      ['updates of cards a minute', round(of(counts, 'updates') / 70)],
      ['updates that had to wait for Slack', of(counts, 'refusedUpdates')],
      ['held back by', firstLimit(hour)],
    ],
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)
const rateOf = (chains: Found['chains'], writers: number): ChainRate | undefined =>
  chains.find(([one, atOnce]) => one === writers && atOnce === 1)?.[2]

/** The records per second in the busiest ten seconds. */
function busiest(atMs: readonly number[]): number {
  const buckets = new Map<number, number>()
  for (const ms of atMs) {
    const at = Math.floor(ms / 10_000)
    buckets.set(at, (buckets.get(at) ?? 0) + 1)
  }
  return Math.max(0, ...buckets.values()) / 10
}
