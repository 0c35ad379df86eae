import { describe, expect, it } from 'vitest'
import { parsePropertyPath } from '../../../../iac/needs/property-path.ts'
import { plannedValues } from '../../../../iac/needs/terraform/plan-values.ts'

const at = (path: string, after: unknown, unknown: unknown = {}): readonly string[] =>
  [...plannedValues(after, unknown, parsePropertyPath(path))].map(
    ({ property, value, isUnknown, isBlock, keys }) =>
      `${property} ${isUnknown ? (isBlock ? 'unknown block' : 'unknown') : value} ${keys.join('/')}`,
  )

describe('a planned value at a property path', () => {
  it.each<[string, string, unknown, unknown, readonly string[]]>([
    ['a key', 'role', { role: 'r' }, {}, ['role r role']],
    ['a key that is null', 'role', { role: null }, {}, []],
    ['a key that is absent', 'role', {}, {}, []],
    ['a key of no map', 'role', 'text', 'text', []],
    ['a key known after apply', 'role', {}, { role: true }, ['role unknown role']],
    ['a key known after apply of a resource without values', 'role', undefined, { role: true }, ['role unknown role']],
    ['a nested key', 'a.b', { a: { b: 'r' } }, {}, ['a.b r a/b']],
    ['a block known after apply', 'a.b', {}, { a: true }, ['a unknown block a/b']],
    ['items', 'a[].b', { a: [{ b: 'r' }, { b: 's' }] }, {}, ['a[0].b r a/b', 'a[1].b s a/b']],
    ['an item known after apply', 'a[].b', { a: [{}] }, { a: [{ b: true }] }, ['a[0].b unknown a/b']],
    [
      'more items after apply',
      'a[].b',
      { a: [{ b: 'r' }] },
      { a: [{}, { b: true }] },
      ['a[0].b r a/b', 'a[1].b unknown a/b'],
    ],
    ['more items before', 'a[].b', { a: [{ b: 'r' }, { b: 's' }] }, { a: [{}] }, ['a[0].b r a/b', 'a[1].b s a/b']],
    ['a single block held as an object', 'a[].b', { a: { b: 'r' } }, {}, ['a.b r a/b']],
    ['no items', 'a[].b', { a: [] }, { a: [] }, []],
    ['items of a text', 'a[].b', { a: 'text' }, {}, []],
    ['every value', 'a{}', { a: { x: 'r', y: 's' } }, {}, ['a.x r a/x', 'a.y s a/y']],
    [
      'every value, one after apply',
      'a{}',
      { a: { x: 'r' } },
      { a: { x: false, y: true } },
      ['a.x r a/x', 'a.y unknown a/y'],
    ],
    ['every value of a list', 'a{}', { a: ['r'] }, {}, []],
    [
      'items that match',
      's[n=Role].v',
      {
        s: [
          { n: 'Role', v: 'r' },
          { n: 'Other', v: 's' },
        ],
      },
      {},
      ['s[0].v r s/v'],
    ],
    [
      'items that match in two keys',
      's[m=x,n=Role].v',
      {
        s: [
          { m: 'y', n: 'Role', v: 'r' },
          { m: 'x', n: 'Role', v: 's' },
        ],
      },
      {},
      ['s[1].v s s/v'],
    ],
    ['items that are no map', 's[n=Role].v', { s: ['Role'] }, {}, []],
    ['a map that matches', '(type=A|B).role', { type: 'B', role: 'r' }, {}, ['role r role']],
    ['a map that does not match', '(type=A|B).role', { type: 'C', role: 'r' }, {}, []],
    ['JSON in a text', 'p@json.role', { p: '{"role":"r"}' }, {}, ['p.role r p/role']],
    ['items in JSON', 'p@json.t[].role', { p: '{"t":[{"role":"r"}]}' }, {}, ['p.t[0].role r p/t/role']],
    ['a text that is no JSON', 'p@json.role', { p: '{role' }, {}, []],
    ['a value that is no text', 'p@json.role', { p: 5 }, {}, []],
    ['JSON known after apply', 'p@json.role', {}, { p: true }, ['p unknown block p/role']],
  ])('finds %s', (_, path, after, unknown, expected) => {
    expect(at(path, after, unknown)).toEqual(expected)
  })
})
