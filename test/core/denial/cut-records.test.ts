/** A log of CloudTrail's records, some of which were cut: the others are read as records, whatever is missing of their neighbors. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { denialsInText } from '../../../core/denial/any-text/denials-in-text.ts'
import { recordsInText } from '../../../core/denial/any-text/records-in-text.ts'

const EVENTS = join(import.meta.dirname, '../../../events')
const FILES = [
  'assume-role-same-account',
  'ecs-register-task-definition',
  'lambda-create-function',
  'rds-create-db-instance',
] as const
const records = FILES.map(file => {
  const event = JSON.parse(readFileSync(join(EVENTS, `${file}.json`), 'utf8')) as { readonly detail?: object }
  return event.detail ?? event
})
const FORMS = {
  'JSON Lines': (record: object) => JSON.stringify(record),
  'pretty-printed records': (record: object) => JSON.stringify(record, null, 2),
  'lines of CloudWatch Logs': (record: object) => `2026-11-24T02:13:00.000Z ${JSON.stringify(record)}`,
  'events of a log group': (record: object) => JSON.stringify({ timestamp: 1, message: JSON.stringify(record) }),
} as const

const idOf = (record: object): unknown => Reflect.get(record, 'eventID')
const numbered = (count: number): readonly object[] =>
  Array.from({ length: count }, (_, n) => ({ ...records[n % records.length], eventID: `e${n}` }))

/** Behind a sign between two values, where what follows may look like the next one. */
function cut(text: string, share: number): string {
  const signs = [...text.matchAll(/[,:{[](?=["{[\s])/g)].map(({ index }) => index + 1)
  return text.slice(0, signs[Math.floor(share * signs.length)] ?? 1)
}

describe.each(Object.entries(FORMS))('%s', (_, form) => {
  it('are read, wherever some of them were cut', () => {
    const cuts = fc.uniqueArray(
      fc.record({ record: fc.nat({ max: 39 }), after: fc.double({ min: 0.05, max: 0.95, noNaN: true }) }),
      {
        ...{ minLength: 1, maxLength: 20, selector: ({ record }) => record },
      },
    )
    const given = numbered(40)
    fc.assert(
      fc.property(cuts, all => {
        const cutAt = new Map(all.map(({ record, after }) => [record, after]))
        const lines = given.map((record, n) => {
          const text = form(record)
          return cutAt.has(n) ? cut(text, cutAt.get(n) ?? 1) : text
        })
        const whole = given.filter((__, n) => !cutAt.has(n)).map(idOf)
        expect(recordsInText(lines.join('\n')).records.map(({ record }) => idOf(record))).toEqual(whole)
      }),
      { numRuns: Number(process.env['FC_RUNS'] ?? 100) / 4 },
    )
  })

  it('have the diagnosis of the record alone', () => {
    const found = denialsInText(numbered(8).map(form).join('\n')).found
    expect(found).toHaveLength(8)
    for (const one of found) expect(one).toEqual(denialsInText(JSON.stringify(one.record)).found[0])
  })
})
