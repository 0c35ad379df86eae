import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesGlob } from '../../functions/domain/iam/policy/glob.ts'
import { glob } from '../naive/naive-text.ts'
import { RUNS } from './policies.ts'

describe('the wildcard matcher', () => {
  const letters = fc.constantFrom('a', 'b', ':', '/', '.', '\n')
  const pattern = fc.string({ unit: fc.oneof(letters, fc.constantFrom('*', '?')), maxLength: 10 })
  const text = fc.string({ unit: letters, maxLength: 12 })

  it('agrees with a regular expression', () => {
    fc.assert(
      fc.property(pattern, text, (wanted, actual) => {
        expect(matchesGlob(wanted, actual)).toBe(glob(wanted, actual))
      }),
      { numRuns: RUNS * 5 },
    )
  })

  it('matches every text made from its own pattern', () => {
    const pieces = fc.array(
      fc.oneof(
        letters.map(c => [c, c]),
        text.map(t => ['*', t]),
        letters.map(c => ['?', c]),
      ),
    )
    fc.assert(
      fc.property(pieces, made => {
        expect(matchesGlob(made.map(([wanted]) => wanted).join(''), made.map(([, actual]) => actual).join(''))).toBe(
          true,
        )
      }),
      { numRuns: RUNS },
    )
  })
})
