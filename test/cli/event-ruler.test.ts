import { describe, expect, it } from 'vitest'
import { matchesPattern, matchesWildcard } from '../../cli/use-cases/match/event-ruler.ts'

/** Examples and rules of the EventBridge user guide. */
const CASES: readonly (readonly [title: string, pattern: object, event: object, matches: boolean])[] = [
  ['a value', { source: ['aws.ec2'] }, { source: 'aws.ec2' }, true],
  ['another value', { source: ['aws.ec2'] }, { source: 'aws.s3' }, false],
  ['one of several values', { source: ['a', 'b'] }, { source: 'b' }, true],
  ['a value in a list', { resources: ['x'] }, { resources: ['w', 'x'] }, true],
  ['a field that is not there', { detail: { state: ['on'] } }, { detail: {} }, false],
  ['a field below a scalar', { detail: { state: ['on'] } }, { detail: 'on' }, false],
  ['an object where a scalar is wanted', { detail: ['on'] }, { detail: { on: 'on' } }, false],
  ['numbers and texts, which differ', { n: [1] }, { n: '1' }, false],
  ['null', { n: [null] }, { n: null }, true],
  ['null, which is not absence', { n: [null] }, {}, false],
  ['a prefix', { s: [{ prefix: 'aws.' }] }, { s: 'aws.sts' }, true],
  ['a prefix whatever its case', { s: [{ prefix: { 'equals-ignore-case': 'AWS.' } }] }, { s: 'aws.sts' }, true],
  ['a suffix', { s: [{ suffix: '.png' }] }, { s: 'a.jpg' }, false],
  ['a value whatever its case', { s: [{ 'equals-ignore-case': 'ALICE' }] }, { s: 'Alice' }, true],
  ['anything but a value', { s: [{ 'anything-but': 'a' }] }, { s: 'a' }, false],
  ['anything but several values', { s: [{ 'anything-but': ['a', 'b'] }] }, { s: 'c' }, true],
  ['anything but a prefix', { s: [{ 'anything-but': { prefix: 'init' } }] }, { s: 'initial' }, false],
  ['anything but a wildcard', { s: [{ 'anything-but': { wildcard: '*/lib/*' } }] }, { s: 'a/lib/b' }, false],
  ['anything but, of a field that is not there', { s: [{ 'anything-but': 'a' }] }, {}, false],
  ['existence', { s: [{ exists: true }] }, { s: '' }, true],
  ['existence of an object, which is no scalar', { s: [{ exists: true }] }, { s: { t: 1 } }, false],
  ['absence', { s: [{ exists: false }] }, { t: 1 }, true],
  ['a numeric range', { n: [{ numeric: ['>', 0, '<=', 5] }] }, { n: 5 }, true],
  ['beyond a numeric range', { n: [{ numeric: ['>', 0, '<=', 5] }] }, { n: 6 }, false],
  ['a wildcard', { s: [{ wildcard: '*: iam:PassRole*' }] }, { s: 'perform: iam:PassRole on' }, true],
  ['either side of $or', { $or: [{ a: ['1'] }, { b: ['2'] }] }, { b: '2' }, true],
  ['neither side of $or', { $or: [{ a: ['1'] }, { b: ['2'] }] }, { b: '3' }, false],
  ['$or beside a field', { c: ['x'], $or: [{ a: ['1'] }, { b: ['2'] }] }, { a: '1' }, false],
  ['both fields in one object of a list', { l: { a: ['1'], b: ['2'] } }, { l: [{ a: '1', b: '2' }] }, true],
  ['both fields in two objects of a list', { l: { a: ['1'], b: ['2'] } }, { l: [{ a: '1' }, { b: '2' }] }, false],
]

describe('a pattern', () => {
  it.each(CASES)('is checked for %s', (_, pattern, event, matches) => {
    expect(matchesPattern(pattern, event)).toBe(matches)
  })

  it.each([
    { s: [{ contains: 'x' }] },
    { s: [] },
    { $or: [] },
    { s: [{ prefix: 'a', suffix: 'b' }] },
    { s: [{ wildcard: 'a**b' }] },
    { s: [{ wildcard: 'a\\b' }] },
  ])('that EventBridge rejects is rejected: %j', pattern => {
    expect(() => matchesPattern(pattern, { s: 'a', t: 1 })).toThrow(TypeError)
  })
})

describe('a wildcard', () => {
  it.each([
    ['*', '', true],
    ['a*', 'a', true],
    ['*a', 'ba', true],
    ['a*a', 'a', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'acb', false],
    ['\\*', '*', true],
    ['\\*', 'x', false],
    ['a\\\\*', 'a\\x', true],
    ['.*', 'x', false],
  ])('%s against %j is %s', (pattern, text, matches) => {
    expect(matchesWildcard(pattern, text)).toBe(matches)
  })

  it('matches a hostile text in short time', () => {
    expect(matchesWildcard('*a*a*a*a*a*a*a*a*b', 'a'.repeat(100_000))).toBe(false)
  })
})
