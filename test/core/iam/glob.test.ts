import { describe, expect, it, vi } from 'vitest'
import {
  ANY,
  compileGlob,
  globMatches,
  globMeetsPrefix,
  globOf,
  literalGlob,
  matchesGlob,
  ONE,
  restsAfter,
} from '../../../core/iam/policy/glob.ts'
import { cpuMs } from '../../cpu-time.ts'

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
    ['a*bc*d', 'abcd', true],
    ['a*bc*cd', 'abcd', false],
    ['a*b?*d', 'abcd', true],
    ['a*?*d', 'ad', false],
    ['', '', true],
    ['', 'a', false],
    // Characters with the codes 1 and 2 are no wildcards.
    ['x*\u0001*', 'xab', false],
    ['x*\u0002?', 'xab', false],
    ['x*\u0001*', 'xa\u0001b', true],
    // Each text begins where the one before it ended, also with ?.
    ['xa*a?b*c', 'xaqbzc', false],
    ['xa*a?b*c', 'xaaqbc', true],
    ['*a?*?c*!', '-abc!', false],
    ['*a?*?c*!', '-abxc!', true],
    ['*a?*cd', 'xacd', false],
    ['*a*b*bc', 'xabc', false],
    ['*a*b*bc', 'xabbc', true],
    ['*ab*b?', 'ab', false],
    // More than 32 characters of which the first two and the last few are there.
    ['*0123456789abcdefghijklmnopqrstuvwxy?z*!', `${'-'.repeat(40)}01wxyqz!`, false],
    ['*0123456789abcdefghijklmnopqrstuvwxy?z*!', '--0123456789abcdefghijklmnopqrstuvwxyqz-!', true],
  ] as const
  it.each(rows)('%j against %j: %s', (pattern, text, matches) => {
    expect(matchesGlob(pattern, text)).toBe(matches)
  })

  it('finds no character behind the end of the text', () => {
    for (const [pattern, text] of [
      ['*b*?**', 'ab'],
      ['*?**', ''],
      ['a*b*??**c', 'abc'],
    ] as const)
      expect([pattern, text, matchesGlob(pattern, text)]).toEqual([pattern, text, false])
    expect(matchesGlob('*b*?**', 'abc')).toBe(true)
  })

  it('take no longer than pattern times text where a regular expression would never end', () => {
    const started = cpuMs()
    expect(matchesGlob(`${'a*'.repeat(60)}b`, 'a'.repeat(5_000))).toBe(false)
    expect(matchesGlob(`${'*a'.repeat(60)}?b*`, 'a'.repeat(5_000))).toBe(false)
    expect(cpuMs() - started).toBeLessThan(500)
  })

  it.each([1, 31, 32, 33, 64, 65])('finds a text with ? of %i characters between two stars', length => {
    const [wanted, found] = [`${'?'.repeat(length - 1)}b`, `${'a'.repeat(length - 1)}b`]
    expect(matchesGlob(`*${wanted}*c`, `${found}c`)).toBe(true)
    expect(matchesGlob(`*${wanted}*c`, `aa${found}ac`)).toBe(true)
    expect(matchesGlob(`*${wanted}*c`, `${found.slice(1)}c`)).toBe(false)
    expect(matchesGlob(`*${wanted}*b`, `aa${found}`)).toBe(false)
    expect(matchesGlob(`*${wanted}*b`, `aa${found}b`)).toBe(true)
  })

  it('take no longer than that where a text with ? nearly fits at every place', () => {
    const started = cpuMs()
    // Without the bound, each of these tries 2,500 positions of 2,500 characters.
    for (let at = 0; at < 50; at++) expect(matchesGlob(`*b${'?a'.repeat(1_250)}*`, `${'a'.repeat(5_000)}b`)).toBe(false)
    expect(cpuMs() - started).toBeLessThan(2_000)
  })
})

describe('a pattern that is asked about again', () => {
  const searches = (ask: () => void): number => {
    const spies = [vi.spyOn(String.prototype, 'indexOf'), vi.spyOn(String.prototype, 'includes')]
    ask()
    const count = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0)
    for (const spy of spies) spy.mockRestore()
    return count
  }
  const glob = () => compileGlob('*asked*again*')

  it('is compared once with one text, wherever it is written', () => {
    const text = 'asked-about-again'
    expect(searches(() => expect(globMatches(glob(), text)).toBe(true))).toBeGreaterThan(0)
    expect(searches(() => expect(globMatches(glob(), text)).toBe(true))).toBe(0)
  })

  it('answers for each text, also where they take turns', () => {
    for (const [text, matches] of [
      ['asked, and again', true],
      ['asked once', false],
      ['asked, and again', true],
      ['', false],
      ['again, then asked', false],
    ] as const)
      expect([text, globMatches(glob(), text)]).toEqual([text, matches])
  })

  it('keeps the last text, if it is not long', () => {
    const long = `asked${'-'.repeat(2_039)}again`
    for (const [text, kept] of [
      ['asked, then again', 'asked, then again'],
      [long, 'asked, then again'],
      [long.slice(1), long.slice(1)],
    ] as const) {
      expect(globMatches(glob(), text)).toBe(text.startsWith('asked'))
      expect(glob().compared).toBe(kept)
    }
  })
})

describe('a text without wildcards', () => {
  it.each([
    ['a*', 'ab', false],
    ['a?', 'ab', false],
    ['a\u0001', 'ab', false],
    ['a*', 'a*', true],
    ['ab', 'abc', false],
    ['', '', true],
  ])('%j against %j: %s', (literal, text, matches) => {
    expect(globMatches(literalGlob(literal), text)).toBe(matches)
  })
})

describe('what is left of a pattern after a prefix', () => {
  it.each([
    ['role/app', 'role/', ['app']],
    ['role/app', 'role/app', ['']],
    ['role/app', 'role/b', []],
    ['role/app', 'role/app-2', []],
    ['role/?pp', 'role/a', ['pp']],
    ['role/*', 'role/app', ['', '*']],
    ['*', '', ['', '*']],
    ['*a', 'aa', ['', '*a', 'a']],
    ['r**x', 'r', ['**x', '*x', 'x']],
  ])('of %s after %j', (glob, prefix, rests) => {
    expect([...restsAfter(glob, prefix)].sort()).toEqual(rests)
    expect(globMeetsPrefix(glob, prefix)).toBe(rests.length > 0)
  })
})

describe('a glob that is made again', () => {
  const codes = (text: string) => [...text].map(letter => letter.charCodeAt(0))

  it('finds a part with ? wherever it is', () => {
    const tokens = [ANY, ...codes('x'), ONE, ...codes('z'), ANY]
    expect(globMatches(globOf(tokens), 'aaxyzbb')).toBe(true)
    expect(globMatches(globOf(tokens), 'aaxyybb')).toBe(false)
  })
})
