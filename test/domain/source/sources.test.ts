import { describe, expect, it } from 'vitest'
import { readJsonSource } from '../../../functions/domain/source/json-source.ts'
import type { SourceNode } from '../../../functions/domain/source/source-node.ts'
import { readYamlSource } from '../../../functions/domain/source/yaml-source.ts'

function plain(node: SourceNode): unknown {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'list') return node.items.map(plain)
  return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, plain(value)]))
}
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
  ])('%s is refused', (text, message) => {
    expect(() => json(text)).toThrow(message)
  })
})
