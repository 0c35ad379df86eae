import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type JsonPlace,
  type JsonScannerOptions,
  jsonScanner,
  MAX_JSON_DEPTH,
  NotJson,
  type WhyNotJson,
} from '../../../core/base/json-scanner.ts'
import { MANY_DOCUMENTS, ONE_DOCUMENT } from '../../../core/base/json-table.ts'
import { cpuMs } from '../../cpu-time.ts'

const RUNS = { numRuns: Number(process.env['FC_RUNS'] ?? 500) }
const list = (...piece: readonly string[]): JsonPlace => ({ items: { piece } })
const LISTS: JsonPlace = { members: { roles: list('Arn', 'Name'), users: list('Arn') }, others: {} }

type Seen = { readonly root: string; readonly members: readonly string[]; readonly items: readonly string[] }

/** `items`: the list, the text, and the values of the wanted members. */
function scanned(text: string, chunkBytes = 1_000_000): Seen | WhyNotJson {
  const members: string[] = []
  const items: string[] = []
  const scanner = jsonScanner(LISTS, {
    onMember: (place, first) => members.push(`${place.items?.piece ?? 'other'} ${first}`),
    onPiece: ({ text: item, spans }, _, path) => {
      const values = Array.from({ length: spans.length / 2 }, (_, at) =>
        spans[2 * at] === -1 ? 'none' : item.toString('utf8', spans[2 * at], spans[2 * at + 1]),
      )
      items.push([path(), item.toString(), ...values].join(' '))
    },
  })
  const bytes = Buffer.from(text)
  try {
    // A reader may reuse its buffer for the next piece.
    const piece = Buffer.alloc(chunkBytes)
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      const length = bytes.copy(piece, 0, at, at + chunkBytes)
      scanner.push(piece.subarray(0, length))
    }
    return { root: scanner.end(), members, items }
  } catch (error) {
    if (error instanceof NotJson) return error.why
    throw error
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('the items of an object', () => {
  const TEXT = `{
    "users": [ ],
    "Marker": "x, ] }",
    "roles": [
      { "Arn": "a", "Tags": [ { "Arn": "of a tag" } ], "Name": "first one" },
      { "Na\\u006de": "second \\"quoted\\"", "Other": { "Name": 1 } },
      7,
      {}
    ],
    "more": { "roles": [ { "Arn": "not in the list" } ] },
    "IsTruncated": false
  }`

  it('are found with their wanted members, without white space between values', () => {
    expect(scanned(TEXT)).toEqual({
      root: '{',
      members: ['Arn [', 'other "', 'Arn,Name [', 'other {', 'other f'],
      items: [
        'roles {"Arn":"a","Tags":[{"Arn":"of a tag"}],"Name":"first one"} "a" "first one"',
        'roles {"Na\\u006de":"second \\"quoted\\"","Other":{"Name":1}} none "second \\"quoted\\""',
        'roles 7 none none',
        'roles {} none none',
      ],
    })
  })

  it('are the same wherever the text is cut', () => {
    for (let bytes = 1; bytes < 40; bytes += 1) expect(scanned(TEXT, bytes)).toEqual(scanned(TEXT))
  })

  it('take the value of the last member of a name, as JSON.parse does', () => {
    expect(scanned('{"roles":[{"Arn":1,"Arn":[2]}]}')).toMatchObject({ items: ['roles {"Arn":1,"Arn":[2]} [2] none'] })
  })

  it('stay whole if one is larger than any block', () => {
    const long = 'x'.repeat(40_000_000)
    const seen = scanned(`{"users":[{"Arn":"a"},{"Long":"${long}","Arn":"b"}]}`)
    expect(seen).toMatchObject({ root: '{' })
    const items = typeof seen === 'string' ? [] : seen.items
    expect(items.map(item => item.length)).toEqual(['users {"Arn":"a"} "a"'.length, long.length + 31])
    expect(items[1]?.endsWith('x","Arn":"b"} "b"')).toBe(true)
  })
})

describe('what is not one JSON document', () => {
  it.each([
    ['', 'empty'],
    [' \n\t', 'empty'],
    ['{"roles":[{"Arn":"a"}', 'cut'],
    ['{"roles":[{"Arn":"a",}]}', 'broken'],
    ['{"roles":[{"Arn":"a"}]}}', 'broken'],
    ['{"roles":[{"Arn":"a"}]} x', 'broken'],
    ['{"roles":[]}\n{"roles":[]}', 'more'],
    ['["roles"}', 'broken'],
    ['{"roles":"\\x"}', 'broken'],
    ['{"roles":"a\nb"}', 'broken'],
    ['{"a":01}', 'broken'],
    ['{"a":tru}', 'broken'],
    ['\u00a0{}', 'broken'],
  ])('is refused: %j', (text, why) => {
    expect(scanned(text)).toBe(why)
  })

  it('is what JSON.parse refuses too, and nothing else, wherever the text is cut', () => {
    const value = fc.json({ maxDepth: 4 })
    const written = fc
      .tuple(value, fc.constantFrom(0, 1, 4))
      .map(([text, indent]) => JSON.stringify(JSON.parse(text), null, indent))
    const changed = fc
      .tuple(fc.oneof(value, written), fc.nat(), fc.constantFrom('', ...'{}[]",:\\ueE+-.0123nt \n\u0001é'), fc.nat(2))
      .map(([text, seed, letter, drop]) => {
        const at = seed % (text.length + 1)
        return text.slice(0, at) + letter + text.slice(at + drop)
      })
    fc.assert(
      fc.property(changed, fc.integer({ min: 1, max: 9 }), (text, bytes) => {
        expect([text, typeof scanned(text, bytes) !== 'string']).toEqual([text, isJson(text)])
      }),
      RUNS,
    )
  })

  it('gives each item as JSON.parse reads it', () => {
    const item = fc.dictionary(fc.constantFrom('Arn', 'Name', 'é"\\', 'x'), fc.jsonValue({ maxDepth: 3 }))
    fc.assert(
      fc.property(fc.array(item), fc.constantFrom(0, 2, 4), fc.integer({ min: 1, max: 99 }), (roles, indent, bytes) => {
        const seen = scanned(JSON.stringify({ x: [roles], roles }, null, indent), bytes)
        const expected = roles.map(role => {
          const part = (name: string) => (role[name] === undefined ? 'none' : JSON.stringify(role[name]))
          return ['roles', JSON.stringify(role), part('Arn'), part('Name')].join(' ')
        })
        expect(seen).toMatchObject({ items: expected })
      }),
      RUNS,
    )
  })
})

const WHOLE: JsonPlace = { piece: [] }

/** The results of a reader that wants the whole document, in pieces of these sizes. */
function whole(text: string, sizes: readonly number[], options: JsonScannerOptions = {}): readonly unknown[] {
  const values: unknown[] = []
  const scanner = jsonScanner(
    WHOLE,
    { onPiece: ({ text: piece }) => values.push(JSON.parse(piece.toString())) },
    options,
  )
  const bytes = Buffer.from(text)
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1
    scanner.push(Buffer.from(bytes.subarray(at, at + size)))
    at += size
  }
  scanner.end()
  return values
}

describe('a whole document', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 })
  const indent = fc.constantFrom(0, 2, 4)

  it('is what JSON.parse reads, wherever it is cut', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), indent, sizes, (value, spaces, cuts) => {
        expect(whole(JSON.stringify(value, null, spaces), cuts)).toEqual([JSON.parse(JSON.stringify(value))])
      }),
      RUNS,
    )
  })

  it('is one of many, in the grammar of brackets and quotes', () => {
    const value = fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue()))
    fc.assert(
      fc.property(
        fc.array(value),
        indent,
        fc.constantFrom('', ' ', '\n', '\r\n'),
        sizes,
        (values, spaces, between, cuts) => {
          const text = values.map(one => JSON.stringify(one, null, spaces)).join(between)
          expect(whole(text, cuts, { grammar: MANY_DOCUMENTS })).toEqual(JSON.parse(JSON.stringify(values)))
        },
      ),
      RUNS,
    )
  })

  it.each(['[1 2]', '{"a":tru e}', '["a" "b"]', '[1\n2]', '{"a" 1}', '[,]'])(
    'stays no JSON without its white space: %j',
    text => {
      expect(() => whole(text, [3], { grammar: MANY_DOCUMENTS })).toThrow(SyntaxError)
    },
  )
})

describe('hostile JSON', () => {
  const why = (read: () => unknown): WhyNotJson | null => {
    try {
      read()
      return null
    } catch (error) {
      if (error instanceof NotJson) return error.why
      throw error
    }
  }
  const GRAMMARS = { 'one document': ONE_DOCUMENT, 'many documents': MANY_DOCUMENTS }

  it.each(Object.entries(GRAMMARS))('is refused where it nests without end: %s', (_, grammar) => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const nested = (depth: number) => `${open.repeat(depth)}${open === '[' ? '' : '1'}${close.repeat(depth)}`
      for (const place of [WHOLE, {}, { members: { a: WHOLE } }]) {
        const read = (depth: number) => () => {
          const scanner = jsonScanner(place, { onPiece: () => undefined }, { grammar })
          scanner.push(Buffer.from(nested(depth)))
          scanner.end()
        }
        expect(why(read(MAX_JSON_DEPTH))).toBeNull()
        expect(why(read(MAX_JSON_DEPTH + 1))).toBe('deep')
      }
    }
  })

  it.each([
    ['a value', `{"a":"${'x'.repeat(5_000)}"}`],
    ['the name of a member', `{"${'x'.repeat(5_000)}":1}`],
    ['a value of which only the beginning counts', `{"b":"${'x'.repeat(5_000)}"}`],
  ])('keeps no more than is asked for: %s', (_, text) => {
    const place: JsonPlace = { members: { a: WHOLE, b: {} } }
    const read = () => {
      const scanner = jsonScanner(place, { onPiece: () => undefined }, { maxPieceBytes: 1_000 })
      for (let at = 0; at < text.length; at += 100) scanner.push(Buffer.from(text.slice(at, at + 100)))
      scanner.end()
    }
    expect(why(read)).toBe('large')
  })

  it('is read in linear time, byte by byte', () => {
    const startedMs = cpuMs()
    const steps = jsonScanner({ members: { a: { items: WHOLE } } }, { onPiece: () => undefined })
    for (const byte of Buffer.from(`{"a":[${'"x",'.repeat(100_000)}1]}`)) steps.push(Buffer.from([byte]))
    expect(steps.end()).toBe('{')
    expect(cpuMs() - startedMs).toBeLessThan(5_000)
  })
})
