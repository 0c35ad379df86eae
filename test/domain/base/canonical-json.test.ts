import { describe, expect, it } from 'vitest'
import { canonicalJson, digestOf } from '../../../functions/domain/base/canonical-json.ts'

describe('the canonical form', () => {
  it.each([
    [{ b: 1, a: 2, c: { z: [3, 1, 2], y: null } }, '{"a":2,"b":1,"c":{"y":null,"z":[3,1,2]}}'],
    // By code unit, whatever the language of the machine.
    [{ a: 1, B: 2, ä: 3, '': 4 }, '{"":4,"B":2,"a":1,"ä":3}'],
    [{ b: undefined, a: 1 }, '{"a":1}'],
    [[undefined, null, true], '[null,null,true]'],
    ['say "no"', '"say \\"no\\""'],
    [1.5, '1.5'],
    [null, 'null'],
    [undefined, 'null'],
    [{}, '{}'],
    [[], '[]'],
  ])('of %j is %s', (value, expected) => {
    expect(canonicalJson(value)).toBe(expected)
  })

  it('has the same digest in whatever order the members were written', () => {
    // printf '{"a":2,"b":1}' | sha256sum
    const digest = 'sha256:d3626ac30a87e6f7a6428233b3c68299976865fa5508e4267c5415c76af7a772'
    expect(digestOf({ b: 1, a: 2 })).toBe(digest)
    expect(digestOf({ a: 2, b: 1 })).toBe(digest)
  })
})
