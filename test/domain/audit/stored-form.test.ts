/** What is decided about a stored record without its schema and without writing it again is what these would say. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPlainCanonicalJson } from '../../../core/base/canonical-form.ts'
import { canonicalJson } from '../../../core/base/canonical-json.ts'
import {
  linkRecord,
  parseAuditRecord,
  readStoredRecord,
  storedForm,
} from '../../../functions/domain/audit/audit-chain.ts'
import { AUDIT_KINDS, type AuditEntry, isAuditRecord } from '../../../functions/domain/audit/audit-record.ts'

const numRuns = Number(process.env['FC_RUNS'] ?? 300)
const DEEP = 100

const isPlain = (text: string, levels = DEEP): boolean => isPlainCanonicalJson(text, text.length, levels)
/** Names that are close to each other, with characters on both sides of the quote, and those that JavaScript keeps in another order. */
const name = fc.oneof(
  fc.constantFrom('a', 'b', 'aa', 'a ', 'a!', 'a#', '10', '9', '', 'é', '\u{1f600}', 'A'),
  fc.string({ maxLength: 3 }),
)
const json = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false, 0, -1, 1e21, 0.1, 5e-324, 123_456_789_012),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: 'grapheme', maxLength: 4 }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value

describe('a text that is canonical', () => {
  it('is found without making it, unless it holds an escape', () => {
    let plain = 0
    fc.assert(
      fc.property(json, value => {
        const text = canonicalJson(value)
        expect(isPlain(text)).toBe(!text.includes('\\'))
        plain += isPlain(text) ? 1 : 0
      }),
      { numRuns },
    )
    expect(plain).toBeGreaterThan(numRuns / 3)
  })

  it('is never found where its canonical JSON is another', () => {
    const edit = fc.record({
      at: fc.nat(),
      cut: fc.nat({ max: 2 }),
      text: fc.constantFrom(' ', '\t', '0', '.', 'e1', '"a":1,', '-', ''),
    })
    fc.assert(
      fc.property(json, fc.array(edit, { maxLength: 2 }), (value, edits) => {
        let text = JSON.stringify(value)
        for (const { at, cut, text: added } of edits) {
          const place = at % (text.length + 1)
          text = text.slice(0, place) + added + text.slice(place + cut)
        }
        const read = (() => {
          try {
            return { value: JSON.parse(text) as unknown }
          } catch {
            return null
          }
        })()
        if (read !== null && isPlain(text)) expect(canonicalJson(read.value)).toBe(text)
      }),
      { numRuns: numRuns * 10 },
    )
  })

  it.each([
    ['white space', '{"a": 1}'],
    ['names in another order', '{"b":1,"a":2}'],
    ['a name twice', '{"a":1,"a":2}'],
    ['names twice behind an object', '{"a":{"b":1},"a":2}'],
    ['another form of a number', '[1.0]'],
    ['a negative zero', '[-0]'],
    ['more digits than a number keeps', '[12345678901234567890]'],
    ['an escape', '["\\u0061"]'],
    ['half of a pair', '["\ud800"]'],
  ])('has no %s', (_, text) => {
    JSON.parse(text)
    expect(isPlain(text)).toBe(false)
  })

  it('is nested as deep as is said, and no deeper', () => {
    expect(isPlain('[[{"a":[]}]]', 4)).toBe(true)
    expect(isPlain('[[{"a":[]}]]', 3)).toBe(false)
  })
})

const entry: AuditEntry = {
  ...{ kind: 'applied', atMs: 1, proposalId: 'p', key: 'p/applied/0', by: { id: 'U1', name: 'ada' }, principal: null },
  ...{
    resource: null,
    action: 'iam:PassRole',
    accountId: '111122223333',
    eventIds: ['e'],
    requestIds: [],
    digest: null,
  },
  ...{ why: 'test', botVersion: '1', risk: 'low', left: [] },
  changes: [
    {
      target: { kind: 'role-inline-policy', accountId: '111122223333', name: 'r', policyName: null, arn: 'a' },
      before: null,
      after: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'iam:PassRole', Resource: '*' }] },
    },
  ],
}
const record = linkRecord(null, entry)

/** Each place in a record, as the names that lead to it. */
function* placesIn(value: unknown, path: readonly string[] = []): Iterable<readonly string[]> {
  yield path
  if (typeof value === 'object' && value !== null)
    for (const [key, member] of Object.entries(value)) yield* placesIn(member, [...path, key])
}

/** `undefined`: without the member. */
function withValue(whole: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value
  const copy = Array.isArray(whole) ? [...whole] : { ...(whole as object) }
  Reflect.set(copy, key, withValue(Reflect.get(copy, key), rest, value))
  return copy
}

describe('a record', () => {
  const optional = ['decision', 'card', 'life', 'outcome'].map(one => ['entry', one])
  const places = [...placesIn(record), ['signature'], ...optional]
  const values = [undefined, null, 'x', 0, 1.5, -1, 1e16, true, [], ['x'], [1], [null], {}, { id: 'x' }, ...AUDIT_KINDS]

  it('is one exactly where its schema says so', () => {
    const judged = places.flatMap(place =>
      values.flatMap(value => {
        const text = JSON.stringify(withValue(record, place, value)) as string | undefined
        if (text === undefined) return []
        return [{ place, value, isOne: isAuditRecord(JSON.parse(text)), isRead: parseAuditRecord(text).ok }]
      }),
    )
    expect(judged.filter(({ isOne, isRead }) => isOne !== isRead)).toEqual([])
    for (const isOne of [true, false]) expect(judged.some(one => one.isOne === isOne)).toBe(true)
  })

  it('is as written in its own bytes alone', () => {
    const isAsWritten = (text: string) => {
      const read = readStoredRecord(text)
      return read.ok && read.value.isAsWritten
    }
    const stored = storedForm(record)
    expect(isAsWritten(stored)).toBe(true)
    expect(isAsWritten(storedForm(linkRecord(null, { ...entry, why: 'with "quotes" and __proto__' })))).toBe(true)
    for (const other of [
      stored.trimEnd(),
      `${stored}\n`,
      stored.replace('"why":"test"', '"why":"tess"'),
      stored.replace('"why":"test"', '"why":"tess","why":"test"'),
      stored.replace('"why":"test"', '"why":"\\u0074est"'),
      stored.replace('{"entry"', '{"__proto__":{},"entry"'),
      stored.replace('{"entry"', '{ "entry"'),
    ])
      expect([other, isAsWritten(other)]).toEqual([other, false])
  })
})
