import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { mostWithTimeLimit, sizeWithTimeLimit, withTimeLimit } from '../../core/patch/time-limit.ts'
import { applyToSnapshot } from '../../core/patch/verification/apply-to-snapshot.ts'
import { NOW_MS } from '../fixtures/patches.ts'
import { RUNS, TIMEOUT_MS } from './generators.ts'
import { offers, outcomeOf, statementsIn, valuesIn } from './patch-offers.ts'
import { shortList } from './short-lists.ts'

vi.setConfig({ testTimeout: TIMEOUT_MS })

describe('where the grant exists already', () => {
  it('adds one value to a list that lacks it, and no statement; beside an earlier grant, one statement with it', () => {
    fc.assert(
      fc.property(shortList, one => {
        const { patch, refusal } = outcomeOf(one)
        expect(refusal).toBeNull()
        const apart = JSON.stringify(one.snapshot).includes('"Sid":"Rolemedic') ? 1 : 0
        expect(statementsIn(applyToSnapshot(one.snapshot, patch?.changes ?? []))).toBe(
          statementsIn(one.snapshot) + apart,
        )
        expect(valuesIn(applyToSnapshot(one.snapshot, patch?.changes ?? []))).toBe(valuesIn(one.snapshot) + 1)
      }),
      { numRuns: RUNS },
    )
  })

  it('puts a grant in the place of the same one that has ended, and adds no statement', () => {
    let replaced = 0
    offers((one, { verified }) => {
      if (verified?.result.ok !== true) return
      const { changes } = withTimeLimit(verified.result.value, NOW_MS - 600_000).patch
      const ended = { ...one, snapshot: applyToSnapshot(one.snapshot, changes) }
      // The offered change is the verified patch, which omits what the denial does not need.
      const again = outcomeOf(ended)
      if (again.verified?.result.ok !== true || again.refusal !== null) return
      replaced += 1
      const offered = again.verified.result.value.patch.changes
      expect(statementsIn(applyToSnapshot(ended.snapshot, offered))).toBe(statementsIn(ended.snapshot))
    })
    expect(replaced).toBeGreaterThan(RUNS / 20)
  })
})

describe('the size of a policy with its time limit', () => {
  it('is never above the one that is known without writing it', () => {
    let sizes = 0
    offers((_, { patch }) => {
      for (const { before, after } of patch?.changes ?? []) {
        sizes += 1
        expect(sizeWithTimeLimit(before, after)).toBeLessThanOrEqual(mostWithTimeLimit(after))
      }
    })
    expect(sizes).toBeGreaterThan(RUNS / 20)
  })

  it('is so for a value that joins a list too, whose statement is then written twice', () => {
    fc.assert(
      fc.property(shortList, one => {
        for (const { before, after } of outcomeOf(one).patch?.changes ?? [])
          expect(sizeWithTimeLimit(before, after)).toBeLessThanOrEqual(mostWithTimeLimit(after))
      }),
      { numRuns: RUNS },
    )
  })
})
