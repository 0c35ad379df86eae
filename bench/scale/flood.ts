/**
 * 100,000 different denials in a minute, in the model of `scale`: is each of them counted, recorded and listed, and do the functions hold
 * more for it?
 */
import { HOUR_MS, MINUTE_MS } from '../../core/base/time.ts'
import { percentile, round } from '../figures.ts'
import { atMost, exactly, type Report } from '../report.ts'
import { largest, type Outcome, START_MS, simulate } from './simulate.ts'
import { accountIds, burst } from './workload.ts'

const ACCOUNTS = accountIds(1_000)
const CHANNELS = 20
const SIZES = [10_000, 100_000] as const
const MAX_HELD_GROWTH = 1.2

export async function flood(): Promise<Report> {
  const outcomes: Outcome[] = []
  for (const distinct of SIZES) outcomes.push(await floodOf(distinct))
  const held = outcomes.map(({ heldBytes }) => heldBytes)
  const growth = round((held[1] ?? Number.NaN) / (held[0] ?? Number.NaN))
  const all = (of: (outcome: Outcome) => number): number => outcomes.reduce((sum, outcome) => sum + of(outcome), 0)
  return {
    tables: [
      {
        title: `So many different denials in a minute; ${ACCOUNTS.length} accounts, ${CHANNELS} channels`,
        columns: ['', ...SIZES.map(String)],
        rows: [
          ['from denial to card, p50, min', ...outcomes.map(({ cards }) => minutes(percentile(cards, 50)))],
          ['from denial to card, last, min', ...outcomes.map(({ cards }) => minutes(largest(cards)))],
          ['cards', ...outcomes.map(({ cards }) => cards.length)],
          ['of them in the threads of lists', ...outcomes.map(({ listed }) => listed)],
          ['records of the audit log', ...outcomes.map(({ appendsAtMs }) => appendsAtMs.length)],
          ['records a second', ...outcomes.map(outcome => round(rateOf(outcome)))],
          ['oldest message of propose, min', ...outcomes.map(({ queueAges }) => minutes(largest(queueAges.propose)))],
          ['lists: most entries', ...outcomes.map(({ mostEntries }) => mostEntries)],
          ['held by the functions that read queues, MB', ...held.map(bytes => round(bytes / 1e6))],
        ],
      },
    ],
    gates: [
      exactly(
        'lost: events not counted, denials without a card',
        all(({ lost }) => lost),
        0,
      ),
      exactly(
        'dead letters',
        all(({ deadLetters }) => deadLetters),
        0,
      ),
      exactly(
        'cards that no list counts, or that one counts twice',
        all(({ unlisted }) => unlisted),
        0,
      ),
      exactly(
        'records that are missing or too many, two for each denial',
        all(({ appendsAtMs, distinct }) => Math.abs(appendsAtMs.length - 2 * distinct)),
        0,
      ),
      atMost('what the functions hold after ten times the denials', growth, MAX_HELD_GROWTH),
    ],
    ratios: { 'held after 100,000 / after 10,000': growth },
    notes: [
      'What the functions hold is the memory that is free once their processes have ended, caches included; the models of AWS and Slack hold the rest.',
    ],
  }
}

async function floodOf(distinct: number): Promise<Outcome> {
  let minutesRun = 0
  const outcome = await simulate({
    accounts: ACCOUNTS,
    channels: CHANNELS,
    arrivals: burst({ accounts: ACCOUNTS, startMs: START_MS, events: distinct, distinct, withinMs: MINUTE_MS }),
    forMs: 6 * HOUR_MS,
    endsPosted: true,
    onMinute(messages) {
      minutesRun += 1
      process.stderr.write(`${distinct} denials, minute ${minutesRun}: ${messages} messages\n`)
    },
  })
  process.stderr.write(`${distinct} denials: the functions hold ${round(outcome.heldBytes / 1e6)} MB\n`)
  return outcome
}

const minutes = (ms: number): number => round(ms / MINUTE_MS)
const rateOf = ({ appendsAtMs }: Outcome): number =>
  (1000 * appendsAtMs.length) / (largest(appendsAtMs) - (appendsAtMs[0] ?? 0))
