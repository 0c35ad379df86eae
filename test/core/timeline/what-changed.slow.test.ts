import { describe, expect, it } from 'vitest'
import { type PermissionChange, timelineOf, trailOf } from '../../../core/timeline/index.ts'
import { type GeneratedHistory, type HistoryOptions, historyOf, random } from './histories.ts'

/** A fixed share on every run; HISTORIES=10000 for a long one. */
const RUNS = Number(process.env['HISTORIES'] ?? 2_400)

/** A long run takes minutes. */
const LONG_MS = 30 * 60_000

type Tally = {
  decisive: number
  /** Of those, with whole trails: nothing is omitted, late or in one second, and everything was made in the trail. */
  whole: number
  namedOfWhole: number
  named: number
  readonly impossible: Map<string, number>
  readonly unexplained: string[]
  readonly wrong: string[]
  never: number
  neverSaid: number
}

function optionsOf(seed: number): HistoryOptions {
  const next = random(seed * 7 + 1)
  const action = next(2) === 0 ? 'iam:PassRole' : 'sts:AssumeRole'
  const isLate = next(8) === 0
  const after = isLate || next(3) === 0 ? 1 + next(3) : 0
  return {
    action,
    isCrossAccount: action === 'sts:AssumeRole' && next(3) === 0,
    callerKind: next(2) === 0 ? 'user' : 'role',
    related: 1 + next(12),
    after,
    unrelated: next(10) === 0 ? 300 : next(40),
    together: next(6) === 0,
    omitted: next(6) === 0,
    fromTheStart: next(isLate ? 2 : 5) > 0,
    organizationsSeen: next(3) > 0,
    undelivered: isLate ? after : null,
  }
}

const changeIn = (
  { denial, snapshot, records, readAtMs, archive }: GeneratedHistory,
  isGiven: boolean,
): PermissionChange | null => {
  const options = { readAtMs, archive, ...(isGiven ? { isGiven: true as const } : {}) }
  return timelineOf(denial, snapshot, trailOf(records, [denial]), options)?.change ?? null
}

const isWhole = ({ together, fromTheStart, omitted, organizationsSeen, undelivered }: HistoryOptions): boolean =>
  fromTheStart && organizationsSeen && undelivered === null && !together && !omitted

/** Judged by the second evaluator before and after each write. */
function tallied(from: number): Tally {
  const tally: Tally = {
    decisive: 0,
    whole: 0,
    namedOfWhole: 0,
    named: 0,
    impossible: new Map(),
    unexplained: [],
    wrong: [],
    never: 0,
    neverSaid: 0,
  }
  for (let seed = from; seed < from + RUNS; seed += 1) {
    const options = optionsOf(seed)
    const history = historyOf(seed, options)
    const change = changeIn(history, options.undelivered === null && seed % 2 === 0)
    if (history.answer === 'allowed') {
      if (change?.outcome === 'found') tally.wrong.push(`${seed}: ${change.write.id} although it was allowed`)
      continue
    }
    const flip = history.steps.findLast(({ before, after }) => before === 'allowed' && after === 'denied')
    tally[flip === undefined ? 'never' : 'decisive'] += 1
    if (flip !== undefined && isWhole(options)) {
      tally.whole += 1
      if (change?.outcome === 'found' && change.write.id === flip.eventId) tally.namedOfWhole += 1
    }
    if (change?.outcome === 'never-allowed') {
      if (flip === undefined) tally.neverSaid += 1
      else tally.wrong.push(`${seed}: never-allowed instead of ${flip.eventId}`)
    } else if (change?.outcome === 'found') {
      if (change.write.id === flip?.eventId) tally.named += 1
      else tally.wrong.push(`${seed}: ${change.write.id} instead of ${flip?.eventId}`)
    } else if (flip !== undefined) {
      const why = history.whyImpossible()
      if (why === null) tally.unexplained.push(`${seed}: ${flip.eventName}: ${change?.why ?? 'nothing is said'}`)
      else tally.impossible.set(why, (tally.impossible.get(why) ?? 0) + 1)
    }
  }
  return tally
}

const percent = (part: number, all: number): string => `${((100 * part) / all).toFixed(1)} %`

describe('the write that took a permission away', () => {
  it(
    'is named in all kinds of histories, or no proof exists; nobody else is blamed',
    () => {
      const { decisive, whole, namedOfWhole, named, impossible, unexplained, wrong, never, neverSaid } = tallied(1)
      const counted = [...impossible].map(([why, count]) => `${why}: ${count}`).sort()
      console.log(
        `${RUNS} histories: one write decides in ${decisive}, named in ${named} (${percent(named, decisive)}); with a whole trail in ${whole}, named in ${namedOfWhole} (${percent(namedOfWhole, whole)}); no proof exists in ${decisive - named - unexplained.length} (${counted.join(', ')}); unexplained ${unexplained.length}; never allowed ${never}, said in ${neverSaid}`,
      )
      expect(wrong).toEqual([])
      expect(decisive).toBeGreaterThan(RUNS / 5)
      // Of those that can be proved.
      expect({ share: named / (named + unexplained.length), unexplained }).toMatchObject({
        share: expect.toSatisfy((share: number) => share >= 0.99),
      })
      expect(namedOfWhole / whole).toBeGreaterThanOrEqual(0.99)
      // Many histories have something that nobody could see.
      expect(named / decisive).toBeGreaterThan(1 / 3)
      expect(neverSaid).toBeGreaterThan(never / 4)
    },
    LONG_MS,
  )
})
