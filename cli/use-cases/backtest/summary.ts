/** The numbers of a back-test, from the history, its analyses and the replay. */
import type { Denial } from '../../../core/denial/index.ts'
import type { Analysis } from '../../../functions/workflows/index.ts'
import type { BacktestOutput } from '../../outputs/backtest.ts'
import type { SelfSolved } from '../trail/self-solved.ts'
import type { Calibration } from './calibration.ts'
import type { History, Repeats } from './history.ts'
import type { Replay } from './replay.ts'
import { type Sent, type SettingEffect, sentBy } from './setting-effects.ts'

export type Summary = {
  readonly output: BacktestOutput
  /** UTC days from the first to the last record, inclusive. */
  readonly days: number
  /** Cards for a denial whose earlier card nobody had answered. */
  readonly cardsAgain: number
  /** Cards in the thread of a storm list. */
  readonly cardsInLists: number
  /** Cards for denials that solved themselves, if they had been sent. */
  readonly noise: number
  /** Different denials whose cause is known. */
  readonly explained: number
  /** With the given settings. `effects`: with changed settings. */
  readonly sent: Sent
  readonly effects: readonly SettingEffect[]
  /** Hours without a new card after a rejection, or for a denial with nothing to approve. */
  readonly quietHours: number
}

type Given = {
  readonly history: History
  readonly solved: SelfSolved
  /** Cards for denials that solved themselves, if they had been sent. */
  readonly noise: number
  readonly unreadable: number
  readonly notRead: BacktestOutput['notRead']
  readonly replayed: Replay
  readonly effects: readonly SettingEffect[]
  readonly quietHours: number
  readonly calibration: Calibration | null
  /** The analysis of a denial of the history. */
  readonly analysisOf: (repeats: Repeats) => Promise<Analysis | null>
}

const TOP = 10

export async function summaryOf(given: Given): Promise<Summary> {
  const { history, unreadable, notRead, replayed, calibration, effects, quietHours } = given
  const byCause: Counts = new Map()
  const byVerdict: Counts = new Map()
  const byRisk: Counts = new Map()
  let explained = 0
  const distinct = earliestOfEach(history.repeats)
  const open = new Set(history.repeats.filter(one => !given.solved.whole.has(one)).map(({ request }) => request))
  for (const repeats of distinct) {
    if (!open.has(repeats.request)) {
      add(byCause, 'transient', 1)
      add(byVerdict, given.solved.whole.get(repeats) === true ? 'proved' : 'likely', 1)
      explained += 1
      continue
    }
    const analysis = await given.analysisOf(repeats)
    const { cause, verdict } = analysis?.diagnosis ?? NOT_ANALYZED
    add(byCause, cause, 1)
    add(byVerdict, verdict, 1)
    const risk = analysis?.verification?.risk ?? null
    if (risk !== null) add(byRisk, risk, 1)
    if (cause !== 'unknown') explained += 1
  }
  const byDay = daysOf(history, replayed)
  const { records, denials } = history
  const output: BacktestOutput = {
    schema: 'rolemedic.backtest/1',
    ...{
      records,
      unreadable,
      notRead,
      from: history.from ?? '',
      to: history.to ?? '',
      denials,
      distinct: distinct.length,
      solvedThemselves: given.solved.count,
    },
    cards: replayed.cards.length,
    cardsOnBusiestDay: byDay.reduce((most, { cards }) => Math.max(most, cards), 0),
    stormLists: replayed.stormLists,
    byDay,
    ...{ byCause: sorted(byCause), byVerdict: sorted(byVerdict), byRisk: sorted(byRisk) },
    topPrincipals: topOf(history.repeats, ({ principal }) => principalName(principal)),
    topRoles: topOf(history.repeats, ({ resource }) => resource),
    calibration,
  }
  return {
    output,
    days: daysBetween(output.from, output.to),
    cardsAgain: replayed.cards.filter(({ isAgain }) => isAgain).length,
    cardsInLists: replayed.cards.filter(({ isInList }) => isInList).length,
    noise: given.noise,
    ...{ explained, sent: sentBy(replayed), effects, quietHours },
  }
}

/** The result for a failed analysis. */
const NOT_ANALYZED = { cause: 'unknown', verdict: 'not-enough-evidence' }

/** Ignores the receiving services: one entry per caller, action and role. */
function earliestOfEach(repeats: readonly Repeats[]): readonly Repeats[] {
  const found = new Map<string, Repeats>()
  for (const one of repeats) {
    const known = found.get(one.request)
    if (known === undefined || timeOf(one) < timeOf(known)) found.set(one.request, one)
  }
  return [...found.values()]
}

const timeOf = ({ denial }: Repeats): number => denial.timeMs ?? Number.NEGATIVE_INFINITY

type Counts = Map<string, number>

const add = (counts: Counts, name: string, by: number): void => void counts.set(name, (counts.get(name) ?? 0) + by)

/** Highest count first. Names come from records, so the object must not inherit members. */
const sorted = (counts: Counts): Record<string, number> =>
  Object.fromEntries([...counts].sort(([nameA, a], [nameB, b]) => b - a || (nameA < nameB ? -1 : 1)))

function daysOf(history: History, { cards }: Replay): BacktestOutput['byDay'] {
  const days = new Map<string, { denials: number; cards: number }>()
  const on = (atMs: number) => {
    const day = new Date(atMs).toISOString().slice(0, 10)
    const counts = days.get(day) ?? { denials: 0, cards: 0 }
    days.set(day, counts)
    return counts
  }
  for (const { timeMs } of history.occurrences()) on(timeMs).denials += 1
  for (const { atMs } of cards) on(atMs).cards += 1
  return [...days].sort(([a], [b]) => (a < b ? -1 : 1)).map(([day, counts]) => ({ day, ...counts }))
}

const DAY_MS = 86_400_000

function daysBetween(from: string, to: string): number {
  const span = Date.parse(to.slice(0, 10)) - Date.parse(from.slice(0, 10))
  return Number.isNaN(span) ? 0 : Math.round(span / DAY_MS) + 1
}

/** The role behind a session, or the user. A web identity has only an id. */
const principalName = ({ roleArn, arn, uniqueId, name }: Denial['principal']): string | null =>
  roleArn ?? arn ?? uniqueId ?? name

function topOf(
  repeats: readonly Repeats[],
  nameOf: (denial: Denial) => string | null,
): { arn: string; denials: number }[] {
  const counts: Counts = new Map()
  for (const { denial, count } of repeats) {
    const name = nameOf(denial)
    if (name !== null) add(counts, name, count)
  }
  return [...counts]
    .sort(([nameA, a], [nameB, b]) => b - a || (nameA < nameB ? -1 : 1))
    .slice(0, TOP)
    .map(([arn, denials]) => ({ arn, denials }))
}
