import { describe, expect, it } from 'vitest'
import { matchesGlob } from '../../../functions/domain/iam/policy/glob.ts'

describe('wildcards', () => {
  const rows = [
    ['*', '', true],
    ['**', 'anything', true],
    ['?', '', false],
    ['?', 'a', true],
    ['a*', 'a', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['ab*ba', 'aba', false],
    ['ab*ba', 'abba', true],
    ['*a?', 'aaab', true],
    ['*.*', 'a.b', true],
    ['role/app-??', 'role/app-12', true],
    ['role/app-??', 'role/app-123', false],
    ['role/app', 'role/App', false],
    ['a.c', 'abc', false],
    ['[a-z]', 'b', false],
    ['line*end', 'line\nend', true],
    ['', '', true],
    ['', 'a', false],
  ] as const
  it.each(rows)('%j against %j: %s', (pattern, text, matches) => {
    expect(matchesGlob(pattern, text)).toBe(matches)
  })

  it('take no longer than pattern times text where a regular expression would never end', () => {
    const started = performance.now()
    expect(matchesGlob(`${'a*'.repeat(60)}b`, 'a'.repeat(5_000))).toBe(false)
    expect(matchesGlob(`${'*a'.repeat(60)}?b*`, 'a'.repeat(5_000))).toBe(false)
    expect(performance.now() - started).toBeLessThan(500)
  })
})
