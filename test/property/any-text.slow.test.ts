/** Laws of the detector: whatever it is given it answers, in time that grows with the text, and no wrapping hides a record. */
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { denialsInText } from '../../core/denial/any-text/denials-in-text.ts'
import { recordsInText } from '../../core/denial/any-text/records-in-text.ts'
import { cpuMs } from '../cpu-time.ts'
import { ANY_CHAR } from '../fixtures/any-char.ts'

const RUNS = Number(process.env['FC_RUNS'] ?? 300)

const RECORD = {
  eventSource: 'lambda.amazonaws.com',
  eventName: 'CreateFunction20150331',
  eventID: 'e-1',
  errorCode: 'AccessDenied',
  errorMessage:
    'User: arn:aws:iam::111122223333:user/ci is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/orders-fn',
}

const PIECES = [
  ...['{', '}', '[', ']', '"', '\\', '\\"', '{\\"', '{"', '":', ',', '\n', '\r\n', '\t', ' ', ': ', "'", '{""'],
  ...[
    '"eventName"',
    '"eventSource":"sts.amazonaws.com"',
    'eventname,eventsource\n',
    '@message\n',
    '"data":"H4sI',
    '"data":"eyJ',
  ],
  ...[
    '"Rows":[',
    '{"Data":[',
    '{"field":"eventName","value":"x"}',
    '{type=',
    'useridentity',
    '"__proto__":',
    '2026-11-24T02:47:31Z ',
  ],
  ...[
    '\u001b[31m',
    '\u0000',
    '\ufeff',
    '\u2028',
    '\ud800',
    '&quot;',
    '> ',
    '│ ',
    JSON.stringify(RECORD),
    RECORD.errorMessage,
  ],
]

const anything = fc.oneof(
  fc.string({ unit: ANY_CHAR, maxLength: 400 }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map(pieces => pieces.join('')),
  fc.json({ maxDepth: 6 }),
)

describe('the detector', () => {
  it('answers whatever it is given, and throws nothing', () => {
    fc.assert(
      fc.property(anything, text => {
        expect(Array.isArray(denialsInText(text).found)).toBe(true)
      }),
      { numRuns: RUNS * 3 },
    )
  })

  it('finds the record in a document of any kind around it', () => {
    const members = fc.constantFrom(
      'Records',
      'body',
      'Message',
      '_raw',
      'event',
      'a',
      '0',
      'detail',
      'data',
      'raw_data',
    )
    const layer = fc.oneof(
      members.map(name => (inner: unknown) => ({ other: 1, [name]: inner, more: [] })),
      fc.constant((inner: unknown) => [null, inner, 'x']),
      fc.constant((inner: unknown) => JSON.stringify(inner)),
    )
    fc.assert(
      fc.property(fc.array(layer, { maxLength: 5 }), layers => {
        const whole = layers.reduce<unknown>((inner, wrap) => wrap(inner), RECORD)
        const { records } = recordsInText(JSON.stringify(whole))
        expect(records.map(({ record }) => record)).toEqual([RECORD])
      }),
      { numRuns: RUNS },
    )
  })

  it('finds the records of a document between lines that are none', () => {
    const noise = fc.constantFrom(
      '',
      'start',
      '[INFO] {not json}',
      '{"a":1}',
      '{"cut":"',
      'a "quote',
      '}',
      '[1,2]',
      '$ jq .',
    )
    const document = fc.constantFrom(JSON.stringify(RECORD), JSON.stringify(RECORD, null, 2), JSON.stringify([RECORD]))
    fc.assert(
      fc.property(
        fc.array(noise, { maxLength: 6 }),
        document,
        fc.array(noise, { maxLength: 6 }),
        (before, json, after) => {
          const { records } = recordsInText([...before, json, ...after].join('\n'))
          expect(records.map(({ record }) => record)).toEqual([RECORD])
        },
      ),
      { numRuns: RUNS },
    )
  })

  it('counts an event once, and every event without an id', () => {
    const { eventID: _, ...nameless } = RECORD
    const { found } = denialsInText([RECORD, RECORD, nameless, nameless].map(one => JSON.stringify(one)).join('\n'))
    expect(found.map(({ kind }) => kind)).toEqual(['denial', 'denial', 'denial'])
  })

  it('says a denial once that a record and a line of the log tell', () => {
    const { found, records } = denialsInText(`${RECORD.errorMessage}\n${JSON.stringify(RECORD)}\n`)
    expect({ denials: found.length, records, line: found[0]?.line }).toEqual({ denials: 1, records: 1, line: null })
  })

  it('unpacks no more than a bounded part of what is made to fill a memory', () => {
    const bomb = gzipSync(Buffer.alloc(70 * 1024 * 1024, '{')).toString('base64')
    expect(recordsInText(JSON.stringify({ eventName: 1, awslogs: { data: bomb } })).records).toEqual([])
  })

  it('copies no prototype from a row', () => {
    const row = [
      { __proto__x: '1' },
      { eventName: 'a' },
      { eventSource: 'b' },
      { ['__proto__']: 'x' },
      { 'a.__proto__.b': 'x' },
    ]
    const { records } = recordsInText(JSON.stringify({ QueryResultRows: [row] }))
    expect(records.map(({ record }) => Object.getPrototypeOf(record) === Object.prototype)).toEqual([true])
    expect(({} as { b?: unknown }).b).toBeUndefined()
  })
})

describe('the time of the detector', () => {
  const growing: readonly (readonly [string, (count: number) => string])[] = [
    ['objects that never end', count => `eventName\n${'{"a":\n'.repeat(count)}`],
    ['lists that never end', count => `eventName\n${'[{"a":1},\n'.repeat(count)}`],
    ['texts that never end', count => `eventName\n${'{"eventName":"\n'.repeat(count)}`],
    ['escaped objects that never end', count => `eventName ${'{\\"a\\":'.repeat(count)}`],
    ['cut lines', count => `${JSON.stringify(RECORD).slice(0, 80)}\n`.repeat(count)],
    ['blanks behind brackets', count => `eventName ${`[${' '.repeat(300)}`.repeat(count / 10)}`],
    ['printed objects that never end', count => `eventName: ${"{a:{'b':".repeat(count)}`],
    ['printed calls that never end', count => `eventName: ${`{a:b(${'c'.repeat(200)})`.repeat(count / 10)}`],
    ['printed texts that never end', count => `eventName: ${`{'"`.repeat(count)}`],
    [
      'mappings of YAML in columns of their own',
      count => Array.from({ length: count }, (_, at) => `${' '.repeat(at % 40)}eventName: x`).join('\n'),
    ],
    ['list signs of YAML', count => `eventName: x\n${'- '.repeat(count)}`],
    ['one mapping of YAML', count => 'eventName: x\n'.repeat(count)],
    ['cells of a CSV', count => `eventname,eventsource\n${'"",'.repeat(count)}`],
    [
      'structures in structures',
      count => JSON.stringify([[{ eventName: 'a' }, { eventSource: 'b' }, { userIdentity: '{a='.repeat(count) }]]),
    ],
  ]
  it.each(growing)('grows with the text: %s', (_, textOf) => {
    // The least of three times, because other load only adds to it.
    const msOf = (count: number) => {
      const text = textOf(count)
      const times = [1, 2, 3].map(() => {
        const start = cpuMs()
        recordsInText(text)
        return cpuMs() - start
      })
      return Math.min(...times)
    }
    msOf(2_000)
    const [small, large] = [msOf(4_000), msOf(32_000)]
    // The text is eight times as long: far below the 64 times of a reader that reads it again for each of its parts.
    expect(large).toBeLessThan(Math.max(300, small * 28))
  })
})
