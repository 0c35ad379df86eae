import { describe, expect, it } from 'vitest'
import { canonicalJson, digestOf } from '../../../core/base/canonical-json.ts'

describe('the canonical form', () => {
  it.each([
    [{ b: 1, a: 2, c: { z: [3, 1, 2], y: null } }, '{"a":2,"b":1,"c":{"y":null,"z":[3,1,2]}}'],
    // By code unit, whatever the language of the machine.
    [{ a: 1, B: 2, ä: 3, '': 4 }, '{"":4,"B":2,"a":1,"ä":3}'],
    // UTF-16: the half of a pair is below a letter from the end of the plane.
    [{ '\uff21': 1, '\u{1f600}': 2 }, '{"\u{1f600}":2,"\uff21":1}'],
    [{ b: undefined, a: 1 }, '{"a":1}'],
    [[undefined, null, true], '[null,null,true]'],
    ['say "no"', '"say \\"no\\""'],
    ['a\\b\nc\u0001', '"a\\\\b\\nc\\u0001"'],
    [{ 'a"b': 1 }, '{"a\\"b":1}'],
    [1.5, '1.5'],
    [null, 'null'],
    [undefined, 'null'],
    [{}, '{}'],
    [[], '[]'],
  ])('of %j is %s', (value, expected) => {
    expect(canonicalJson(value)).toBe(expected)
  })

  it('sorts many members as it sorts few', () => {
    const names = [...'qwertyuiopasdfghjklzxcvbnm']
    const object = Object.fromEntries(names.map(name => [name, name]))
    const members = [...'abcdefghijklmnopqrstuvwxyz'].map(name => `"${name}":"${name}"`)
    expect(canonicalJson(object)).toBe(`{${members.join(',')}}`)
    const few = Object.fromEntries(names.slice(0, 6).map(name => [name, 0]))
    expect(canonicalJson(few)).toBe('{"e":0,"q":0,"r":0,"t":0,"w":0,"y":0}')
  })

  it('has the same digest in whatever order the members were written', () => {
    // printf '{"a":2,"b":1}' | sha256sum
    const digest = 'sha256:d3626ac30a87e6f7a6428233b3c68299976865fa5508e4267c5415c76af7a772'
    expect(digestOf({ b: 1, a: 2 })).toBe(digest)
    expect(digestOf({ a: 2, b: 1 })).toBe(digest)
  })
})
