import { describe, expect, it } from 'vitest'
import { type PermissionChange, timelineOf, trailOf } from '../../../core/timeline/index.ts'
import { type GeneratedHistory, type HistoryOptions, historyOf, random } from './histories.ts'

/** A fixed share on every run; HISTORIES=5000 for a long one. */
const RUNS = Number(process.env['HISTORIES'] ?? 400)

type Tally = { decisive: number; named: number; readonly wrong: string[]; never: number; neverSaid: number }

function optionsOf(seed: number, more: Partial<HistoryOptions>): HistoryOptions {
  const next = random(seed * 7 + 1)
  const action = next(2) === 0 ? 'iam:PassRole' : 'sts:AssumeRole'
  return {
    action,
    isCrossAccount: action === 'sts:AssumeRole' && next(3) === 0,
    callerKind: next(2) === 0 ? 'user' : 'role',
    related: 1 + next(12),
    unrelated: next(10) === 0 ? 300 : next(40),
    ...{ together: false, omitted: false, fromTheStart: false },
    ...more,
  }
}

const changeIn = ({ denial, snapshot, records, archive }: GeneratedHistory): PermissionChange | null =>
  timelineOf(denial, snapshot, trailOf(records, [denial]), { readAtMs: null, archive })?.change ?? null

/** Judged by the second evaluator before and after each write. */
function tallied(from: number, more: Partial<HistoryOptions>): Tally {
  const tally: Tally = { decisive: 0, named: 0, wrong: [], never: 0, neverSaid: 0 }
  for (let seed = from; seed < from + RUNS; seed += 1) {
    const history = historyOf(seed, optionsOf(seed, more))
    const change = changeIn(history)
    if (history.answer === 'allowed') {
      if (change?.outcome === 'found') tally.wrong.push(`${seed}: ${change.write.id} although it was allowed`)
      continue
    }
    const flip = history.steps.findLast(({ before, after }) => before === 'allowed' && after === 'denied')
    tally[flip === undefined ? 'never' : 'decisive'] += 1
    if (change?.outcome === 'never-allowed') {
      if (flip === undefined) tally.neverSaid += 1
      else tally.wrong.push(`${seed}: never-allowed instead of ${flip.eventId}`)
    } else if (change?.outcome === 'found') {
      if (change.write.id === flip?.eventId) tally.named += 1
      else tally.wrong.push(`${seed}: ${change.write.id} instead of ${flip?.eventId}`)
    }
  }
  return tally
}

describe('the write that took a permission away', () => {
  it('is named where the trail holds every document, and nobody is blamed where it was never allowed', () => {
    const { decisive, named, wrong, never, neverSaid } = tallied(1, { fromTheStart: true })
    expect(wrong).toEqual([])
    expect(decisive).toBeGreaterThan(RUNS / 5)
    expect(named / decisive).toBeGreaterThanOrEqual(0.99)
    expect(neverSaid / never).toBeGreaterThan(0.8)
  })

  it('is not guessed where the trail begins later', () => {
    const { wrong, decisive, named } = tallied(100_001, {})
    expect(wrong).toEqual([])
    expect(named).toBeGreaterThan(0)
    expect(named).toBeLessThan(decisive)
  })

  it('is not guessed where writes share a second or their parameters are omitted', () => {
    const { wrong, named } = tallied(200_001, { fromTheStart: true, together: true, omitted: true })
    expect(wrong).toEqual([])
    expect(named).toBeGreaterThan(0)
  })
})
