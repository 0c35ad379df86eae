import { describe, expect, it } from 'vitest'
import { plainLiteral } from '../../../../iac/edit/document/literal.ts'
import { jsonLiteral } from './literals.ts'

const read = (text: string) => jsonLiteral({ file: 'a.json', text, start: 0, end: text.length })
const plain = (text: string): unknown => {
  const literal = read(text)
  return literal === null ? 'not JSON' : plainLiteral(literal)
}

describe('JSON with places', () => {
  it.each([
    '{"a":[1,-2.5,1e3,0],"b":{"c":true,"d":false,"e":null}}',
    ' { "a" : [ ] , "b" : { } } ',
    '"a\\n\\u00e9\\\\\\"/$%x"',
    '[[[]],"",0]',
    '{"":{"":1}}',
  ])('means what JSON.parse says: %s', text => {
    expect(plain(text)).toEqual(JSON.parse(text))
  })

  it.each([
    ...['', ' ', '{', '{"a"}', '{"a":}', '{"a":1,}', '{,}', '{a:1}', '{"a":1 "b":2}', '{"a":1,"a":2}', '{"a":1}}'],
    ...[
      '[',
      '[1,]',
      '[,1]',
      '[1 2]',
      '[1]]',
      '"a',
      '"a\nb"',
      '"\\x"',
      '"\\u12"',
      '01',
      '1.',
      '+1',
      'tru',
      'nil',
      '1 2',
    ],
  ])('is refused where it is not JSON, or has a key twice: %j', text => {
    expect(plain(text)).toBe('not JSON')
  })

  it('may begin with a byte order mark', () => {
    expect(plain('\uFEFF{"a":1}')).toEqual({ a: 1 })
  })

  it('nests 200 levels deep, and not more', () => {
    const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`
    const inMaps = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
    expect([read(nested(200)) === null, read(nested(201)) === null]).toEqual([false, true])
    expect([read(inMaps(200)) === null, read(inMaps(201)) === null]).toEqual([false, true])
  })

  it('knows where each value begins and ends', () => {
    const text = ' {"a": [1, "b"], "c": null}'
    const literal = read(text)
    if (literal?.kind !== 'map') throw new Error('not a map')
    const [a, c] = literal.entries
    expect([literal.start, literal.end]).toEqual([1, 27])
    expect([a?.start, a?.value.start, a?.value.end]).toEqual([2, 7, 15])
    expect([c?.start, c?.value.start, c?.value.end]).toEqual([17, 22, 26])
    if (a?.value.kind !== 'list') throw new Error('not a list')
    expect(a.value.items.map(({ start, end }) => text.slice(start, end))).toEqual(['1', '"b"'])
  })

  it('reads only the part that it is given', () => {
    const text = 'x = {"a": 1} y'
    const of = (start: number, end: number) => jsonLiteral({ file: 'a', text, start, end })
    expect(of(4, 12)).toMatchObject({ kind: 'map', start: 4, end: 12 })
    for (const [start, end] of [
      [4, 11],
      [4, 14],
      [3, 10],
    ] as const)
      expect([start, end, of(start, end)]).toEqual([start, end, null])
    const number = '[123'
    expect(jsonLiteral({ file: 'a', text: number, start: 1, end: 4 })).toMatchObject({ value: 123 })
  })
})

describe('JSON in a template', () => {
  /** `${known}` is "K", `${…}` is open. */
  const inTemplate = (text: string) =>
    jsonLiteral({
      file: 'a',
      text,
      start: 0,
      end: text.length,
      interpolationAt: offset => {
        const found = /^\$\{(\w*)\}/.exec(text.slice(offset))
        return found === null ? null : { end: offset + found[0].length, value: found[1] === 'known' ? 'K' : null }
      },
    })

  it('has the value of an interpolation that is known', () => {
    expect(inTemplate('"a-${known}-b"')).toMatchObject({ kind: 'scalar', value: 'a-K-b' })
    expect(inTemplate('{"${known}": 1}')).toMatchObject({ kind: 'map', entries: [{ key: 'K' }] })
  })

  it('keeps the known parts around one that is open', () => {
    expect(inTemplate('"a-${x}-b${known}"')).toMatchObject({ kind: 'open', pieces: ['a-', null, '-bK'] })
    expect(inTemplate('[${x}]')).toMatchObject({
      kind: 'list',
      items: [{ kind: 'open', text: '${x}', pieces: [null] }],
    })
  })

  it('is refused with an open key', () => {
    expect(inTemplate('{"${x}": 1}')).toBeNull()
  })

  it('takes a doubled sign as the sign itself, and one alone too', () => {
    expect(inTemplate('"$${aws:username} %%{x} 5% $5"')).toMatchObject({ value: '${aws:username} %{x} 5% $5' })
    expect(read('"$${a}"')).toMatchObject({ value: '$${a}' })
  })
})
