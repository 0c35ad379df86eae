import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { itemScanner, NotJson } from '../../core/snapshots/item-scanner.ts'

const RUNS = { numRuns: Number(process.env['FC_RUNS'] ?? 500) }
const WANTED = { roles: ['Arn', 'Name'], users: ['Arn'] }

type Seen = { readonly root: string; readonly members: readonly string[]; readonly items: readonly string[] }

/** `items`: the list, the text, and the values of the wanted members. */
function scanned(text: string, chunkBytes = 1_000_000): Seen | NotJson['why'] {
  const members: string[] = []
  const items: string[] = []
  const scanner = itemScanner(WANTED, {
    onMember: (name, first) => members.push(`${name} ${first}`),
    onItem: (list, { text: item, places }) => {
      const values = Array.from({ length: places.length / 2 }, (_, at) =>
        places[2 * at] === -1 ? 'none' : item.toString('utf8', places[2 * at], places[2 * at + 1]),
      )
      items.push([list, item.toString(), ...values].join(' '))
    },
  })
  const bytes = Buffer.from(text)
  try {
    // A reader may use its buffer again for the next piece.
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
      members: ['users [', 'Marker "', 'roles [', 'more {', 'IsTruncated f'],
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
    ['{"roles":[{"Arn":"a"}', 'broken'],
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
