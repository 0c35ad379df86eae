import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDocument } from 'yaml'
import { readJsonSource, repeatedKeys } from '../../../iac/source/json-source.ts'
import { childOf, entryOf, plainSource } from '../../../iac/source/source-node.ts'
import { readYamlSource } from '../../../iac/source/yaml-source.ts'
import { cpuMs } from '../../cpu-time.ts'

const plain = plainSource
const yaml = (text: string) => plain(readYamlSource('t', text))
const json = (text: string) => plain(readJsonSource('t', text))

describe('a YAML source', () => {
  it.each<[string, unknown]>([
    ['a: text', { a: 'text' }],
    ['a: 5\nb: true\nc:\nd: ~\ne: null', { a: 5, b: true, c: null, d: null, e: null }],
    ['a: !Ref B', { a: { Ref: 'B' } }],
    ['a: !Condition B', { a: { Condition: 'B' } }],
    ['a: !Sub x', { a: { 'Fn::Sub': 'x' } }],
    ['a: !GetAtt B.C.D', { a: { 'Fn::GetAtt': ['B', 'C.D'] } }],
    ['a: !GetAtt B', { a: { 'Fn::GetAtt': 'B' } }],
    ['a: !GetAtt [B, C]', { a: { 'Fn::GetAtt': ['B', 'C'] } }],
    ['a: &x { b: 1 }\nc: *x', { a: { b: 1 }, c: { b: 1 } }],
    ['a: &x { b: 1, c: 2 }\nd: { <<: *x, b: 3 }', { a: { b: 1, c: 2 }, d: { b: 3, c: 2 } }],
    [
      'a: &x { b: 1 }\nc: &y { b: 2, d: 3 }\ne: { <<: [*x, *y] }',
      { a: { b: 1 }, c: { b: 2, d: 3 }, e: { b: 1, d: 3 } },
    ],
    ['5: a\ntrue: b', { 5: 'a', true: 'b' }],
  ])('%j', (text, expected) => {
    expect(yaml(text)).toEqual(expected)
  })

  it('keeps numbers as they are written, and refuses a key that occurs twice', () => {
    const source = readYamlSource('t', 'a: 012345678901')
    expect(source.kind === 'map' ? source.entries.get('a')?.value : null).toMatchObject({
      text: '012345678901',
      line: 1,
    })
    expect(() => yaml('a: 1\nb: 2\na: 3')).toThrow('"a" stands twice, first on line 1')
  })

  it.each<[string, unknown]>([
    [
      'a:\n  b: !If [c, {\n    d: 1,\n    e: [2,\n  3]\n  }, f]\n  g: h',
      { a: { b: { 'Fn::If': ['c', { d: 1, e: [2, 3] }, 'f'] }, g: 'h' } },
    ],
    ['a:\n  b: [{\n  "c": 1 # one\n  }]\n  d: 2', { a: { b: [{ c: 1 }], d: 2 } }],
    ['a:\n  b: [\nc,\nd]\n  e: f', { a: { b: ['c', 'd'], e: 'f' } }],
    ["a:\n  b: !Sub '{\n  c\n }'\n  d: e", { a: { b: { 'Fn::Sub': '{ c }' }, d: 'e' } }],
    ['a:\n  b: "c\n\nd\\n\ne"\n  f: g', { a: { b: 'c\nd\n e', f: 'g' } }],
  ])('takes any indentation within brackets and quotes: %j', (text, expected) => {
    expect(yaml(text)).toEqual(expected)
    expect(readYamlSource('t', text)).toMatchObject({ start: 0, end: text.length })
  })

  it.each(['a:\n  b: [c\nd: e', 'a:\n  b: "c\nd: e', 'a: [\n---\nb]'])('refuses what is not closed: %j', text => {
    expect(() => yaml(text)).toThrow('this is not YAML')
  })

  it('is read no second time where it has too many faults for a template', () => {
    const text = (times: number) => `a:\n  b: [\n  c]\n${'  d: [\n  e]\n'.repeat(times)}`
    expect(() => yaml(text(2))).toThrow('"d" stands twice')
    expect(() => yaml(text(6_000))).toThrow('this is not YAML')
  })

  it('may be nested to two hundred levels', () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
    expect(() => yaml(nested(201))).not.toThrow()
    expect(() => yaml(nested(202))).toThrow('nested too deeply')
    expect(() => json(nested(200))).not.toThrow()
    expect(() => json(nested(201))).toThrow('nested too deeply')
  })
})

describe('a JSON source', () => {
  it.each<[string, unknown]>([
    ['{"a": [1, "x", true, null, {}], "b": {"c": []}}', { a: [1, 'x', true, null, {}], b: { c: [] } }],
    ['"text"', 'text'],
    ['[]', []],
  ])('%s', (text, expected) => {
    expect(json(text)).toEqual(expected)
  })

  it.each([
    ['{"a" 1}', 'a colon is missing before 1'],
    ['{"a": 1, }', 'a quoted key is missing before }'],
    ['{5: 1}', 'a quoted key is missing before 5'],
    ['{{}}', 'is missing before {'],
    ['[1 2]', 'a comma is missing before 2'],
    ['[1, ]', 'a value is missing before ]'],
    ['[:]', 'a value is missing before :'],
    ['{:}', 'a quoted key is missing before :'],
    ['{"a": 1: 2}', 'a comma is missing before :'],
    ['[,]', 'a value is missing before ,'],
    ['[}', 'a value is missing before }'],
    ['{]', 'a quoted key is missing before ]'],
    ['[', 'the [ of line 1 is not closed'],
    ['{} {}', 'unexpected "{"'],
    ['["a\tb"]', 'unexpected "\\t"'],
    ['["a\\x"]', 'unexpected "\\\\"'],
    ['["a', 'it ends too early'],
    ['[01]', 'unexpected "0"'],
    ['[1.]', 'unexpected "1"'],
    ['[nul]', 'unexpected "n"'],
    [' ', 'there is no value'],
  ])('%s is refused', (text, message) => {
    expect(() => json(text)).toThrow(message)
  })
})

describe('the place of a value', () => {
  it.each([
    ['JSON', readJsonSource, '{\n "a": [1, "x"],\n "b": { "c":\n null }\n}', '[1, "x"]', 'null'],
    ['YAML', readYamlSource, 'a: [1, "x"] # why\nb:\n  c: ~\n', '[1, "x"]', '~'],
  ])('is its line and its offsets in %s', (_, read, text, list, nothing) => {
    const root = read('t', text)
    const [a, b] = [childOf(root, 'a'), childOf(root, 'b')]
    const c = childOf(b, 'c')
    expect([a, c].map(node => text.slice(node?.start, node?.end))).toEqual([list, nothing])
    const lineOf = (offset = 0) => text.slice(0, offset).split('\n').length
    for (const node of [root, a, b, c]) expect(node?.line).toBe(lineOf(node?.start))
    expect(text.slice(entryOf(root, 'b')?.start)).toMatch(/^"?b/)
  })

  it('says where an edit can add nothing', () => {
    const root = readYamlSource('t', 'a: &x [1]\nb: *x\nc: [1]\nd: !Split [a, b]\n')
    const fixed = (key: string) => {
      const node = childOf(root, key)
      return node?.kind === 'list' || node?.kind === 'map' ? node.fixed : 'not a list'
    }
    expect(['a', 'b', 'c', 'd'].map(fixed)).toEqual([
      'other parts of the template use the anchor &x too',
      'other parts of the template use the anchor &x too',
      null,
      'a function makes it',
    ])
  })

  it('is found in a time that grows with the text', () => {
    const line = `[${'"x",'.repeat(100_000)}1]`
    const startMs = cpuMs()
    readJsonSource('t', line)
    expect(cpuMs() - startMs).toBeLessThan(5_000)
    expect(() => readYamlSource('t', `%TAG !e! !Re\n---\n${'- !e!f x\n'.repeat(10_000)}`)).not.toThrow()
    expect(cpuMs() - startMs).toBeLessThan(20_000)
  })
})

describe('the repeated keys of a JSON source', () => {
  const space = fc.constantFrom('', ' ', '\n', '\r\n  ', '\t')
  const spaced = (text: string) => fc.tuple(space, space).map(([before, after]) => `${before}${text}${after}`)
  const listed = (open: string, items: readonly string[], close: string) => `${open}${items.join(',')}${close}`
  const { text } = fc.letrec<{ text: string }>(tie => ({
    text: fc
      .oneof(
        { maxDepth: 4, withCrossShrink: true },
        fc.oneof(fc.json({ maxDepth: 0 }), fc.constantFrom('"a"', '"{\\"a\\":1,"', '"\u{1f600}"', '1e3')),
        fc.array(tie('text'), { maxLength: 3 }).map(items => listed('[', items, ']')),
        fc
          .array(fc.tuple(fc.constantFrom('"a"', '"\\u0061"', '"b"', '"__proto__"', '""'), tie('text')), {
            maxLength: 4,
          })
          .map(members =>
            listed(
              '{',
              members.map(([key, value]) => `${key}:${value}`),
              '}',
            ),
          ),
      )
      .chain(spaced),
  }))

  it('are those that a parser of YAML finds', () => {
    fc.assert(
      fc.property(text, json => {
        const { errors } = parseDocument(json, { uniqueKeys: true })
        const expected = errors.filter(({ code }) => code === 'DUPLICATE_KEY')
        expect(repeatedKeys('t', json).map(({ line, start }) => [line, start])).toEqual(
          expected.map(({ pos, linePos }) => [linePos?.[0].line, pos[0]]),
        )
      }),
      { numRuns: Number(process.env['FC_RUNS'] ?? 500) },
    )
  })

  it('are each one after the first', () => {
    const found = repeatedKeys('t', '{"a": 1,\n"a": {"b": 1, "b": 2},\n"a": 3, "b": 4}')
    expect(found).toEqual([
      { line: 2, start: 23, end: 26 },
      { line: 2, start: 9, end: 12 },
      { line: 3, start: 32, end: 35 },
    ])
  })
})
