import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseTime } from '../../../core/base/time.ts'

describe('a time', () => {
  it.each([
    ['2026-11-24', '2026-11-24T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2026-11-24T03:00Z', '2026-11-24T03:00:00.000Z'],
    ['2026-11-24T03:00:05Z', '2026-11-24T03:00:05.000Z'],
    ['2026-11-24T03:00:05.25Z', '2026-11-24T03:00:05.250Z'],
    ['2026-11-24T03:00:05.123456789Z', '2026-11-24T03:00:05.123Z'],
    ['2026-11-24T03:00:00+01:00', '2026-11-24T02:00:00.000Z'],
    ['2026-11-24T03:00:00-0130', '2026-11-24T04:30:00.000Z'],
    ['2026-11-24T03:00:00+01', '2026-11-24T02:00:00.000Z'],
    ['2026-11-24 03:00:05.000', '2026-11-24T03:00:05.000Z'],
    ['2026-11-24T03:00:05', '2026-11-24T03:00:05.000Z'],
  ])('%s is %s, whatever the zone of the machine', (text, expected) => {
    const zone = process.env['TZ']
    try {
      for (const machine of ['UTC', 'Asia/Tokyo', 'America/New_York']) {
        process.env['TZ'] = machine
        expect(new Date(parseTime(text) ?? Number.NaN).toISOString()).toBe(expected)
      }
    } finally {
      if (zone === undefined) delete process.env['TZ']
      else process.env['TZ'] = zone
    }
  })

  it.each([
    ...['2026-02-30', '2026-02-29', '2026-13-01', '2026-00-10', '2026-11-31T03:00:00Z', '2026-11-24T25:00Z'],
    ...['2026-11-24T03:61Z', '2026-11-24T03:00:00.Z', '2026-11-24T03Z', '2026-11-24Z', '2026-11-24T', '24.11.2026'],
    ...['November 24, 2026', '1', '', ' 2026-11-24', '2026-11-24\n', '1795489200', '+002026-11-24', '2026-1-4', 'now'],
    ...[
      '2026-11-24T03:00:00+99:00',
      '2026-11-24T03:00:00 UTC',
      '2026-11-24t03:00:00z',
      `2026-11-24T03:00:00.${'1'.repeat(10)}Z`,
    ],
  ])('is not %j', text => {
    expect(parseTime(text)).toBeNull()
  })

  it('is none where nothing is given', () => {
    expect([parseTime(null), parseTime(undefined)]).toEqual([null, null])
  })

  it('is what a date prints', () => {
    const date = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z') })
    fc.assert(
      fc.property(date, one => {
        expect(parseTime(one.toISOString())).toBe(one.getTime())
      }),
    )
  })
})
