import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesGlob } from '../../core/iam/policy/glob.ts'
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
      { numRuns: RUNS * 50 },
    )
  })

  it('agrees with it on long texts between two stars, of letters that repeat', () => {
    const long = fc.string({ unit: fc.constantFrom('a', 'a', 'b', '?'), minLength: 25, maxLength: 100 })
    const around = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 60 })
    const place = fc.nat()
    fc.assert(
      fc.property(long, around, around, fc.constantFrom('a', 'b'), place, (wanted, before, after, letter, at) => {
        const inside = wanted.replaceAll('?', letter)
        const other = at % inside.length
        const nearly = inside.slice(0, other) + (inside[other] === 'a' ? 'b' : 'a') + inside.slice(other + 1)
        expect(matchesGlob(`*${wanted}*`, before + inside + after)).toBe(true)
        const text = before + nearly + after
        expect(matchesGlob(`*${wanted}*`, text)).toBe(glob(`*${wanted}*`, text))
        expect(matchesGlob(`*a*${wanted}*b`, text)).toBe(glob(`*a*${wanted}*b`, text))
      }),
      { numRuns: RUNS },
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
