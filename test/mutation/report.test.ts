import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Mutant } from './instrument.ts'
import { isChosen, type Reasons, type Result, report, results } from './report.ts'

const mutant = (key: string, more: Partial<Mutant> = {}): Mutant => ({
  ...{ id: key, file: 'core/iam/policy/glob.ts', key, lot: '00000004', mutator: 'EqualityOperator' },
  ...{ line: 3, column: 5, original: 'a  <\n b', replacement: 'a <= b', occurrence: 1 },
  ...more,
})
const known = (...all: readonly Result[]) => new Map(all.map(result => [result.key, result]))
const result = (key: string, outcome: Result['outcome']): Result => ({ key, outcome, by: null })
const whyOf = (mutants: readonly string[]): Reasons => ({
  'core/iam/policy/glob.ts': [{ why: 'a fast path', mutants }],
})

describe('the report', () => {
  const all = [mutant('a'), mutant('b', { occurrence: 2 }), mutant('c', { original: 'x', replacement: 'y' })]
  const outcomes = known(result('a', 'killed'), result('b', 'survived'), result('c', 'timeout'))

  it('counts a mutant that does not end as killed, and names what survived with its reason', () => {
    const { json, complaints, share } = report(all, all, outcomes, whyOf(['a < b → a <= b #2']))
    expect(json).toEqual({
      ...{ killed: 2, tested: 3, percent: 66.7 },
      folders: [{ folder: 'core/iam/policy', killed: 2, survived: 1, 'not covered': 0, unknown: 0 }],
      survivors: [
        {
          ...{ at: 'core/iam/policy/glob.ts:3:5', mutator: 'EqualityOperator', outcome: 'survived' },
          ...{ mutant: 'a < b → a <= b #2', why: 'a fast path' },
        },
      ],
    })
    expect(share).toBeCloseTo(2 / 3)
    expect(complaints).toEqual([])
  })

  it('complains of a survivor without a reason', () => {
    expect(report(all, all, outcomes, {}).complaints).toEqual([
      'no reason: core/iam/policy/glob.ts:3:5  a < b → a <= b #2',
    ])
  })

  it('complains of a reason for a killed mutant, and of one for code that is gone', () => {
    const stale = whyOf(['a < b → a <= b #2', 'a < b → a <= b', 'x → y', 'gone → x'])
    expect(report(all, all, outcomes, stale).complaints).toEqual([
      'a reason for a killed mutant: core/iam/policy/glob.ts  a < b → a <= b',
      'a reason for a killed mutant: core/iam/policy/glob.ts  x → y',
      'a reason for code that is gone: core/iam/policy/glob.ts  gone → x',
    ])
  })

  it('counts what was not run as not killed, and keeps reasons of mutants outside the sample', () => {
    const { json, complaints } = report(all, [all[2] ?? mutant('c')], known(), whyOf(['a < b → a <= b #2']))
    expect(json).toMatchObject({ killed: 0, tested: 1, percent: 0, folders: [{ unknown: 1 }] })
    expect(complaints).toEqual([])
  })

  it('takes the last result of a mutant, and every Nth lot', () => {
    const lines = `${JSON.stringify(result('a', 'survived'))}\n${JSON.stringify(result('a', 'killed'))}\n`
    expect(results(lines).get('a')?.outcome).toBe('killed')
    expect([isChosen('00000004', 4), isChosen('00000005', 4), isChosen('00000005', 1)]).toEqual([true, false, true])
    expect([isChosen('00000005', 4, 1), isChosen('00000004', 4, 1)]).toEqual([true, false])
  })
})

describe('the stored result', () => {
  const stored = JSON.parse(readFileSync(new URL('../../bench/results/mutation.json', import.meta.url), 'utf8'))

  it('has at least 90 % killed, and a reason for each survivor', () => {
    expect(stored.percent).toBeGreaterThanOrEqual(90)
    expect(stored.survivors.filter((one: { readonly why: string | null }) => one.why === null)).toEqual([])
    expect(stored.survivors).toHaveLength(stored.tested - stored.killed)
  })
})
