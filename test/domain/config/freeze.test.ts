import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../../functions/domain/config/check-config.ts'
import { type FreezeWindow, frozenBetween, windowsIn } from '../../../functions/domain/config/freeze.ts'

const window = (given: Partial<FreezeWindow>): FreezeWindow => ({ name: 'year end', owner: 'release board', ...given })
const at = (text: string) => Date.parse(text)
const isFrozen = (given: Partial<FreezeWindow>, text: string) =>
  frozenBetween([window(given)], at(text), at(text)) !== null

const DATES = { from: '2026-12-18T16:00:00Z', until: '2027-01-04T08:00:00+01:00' }
const WEEKEND = { weekly: { from: 'Fri 16:00', until: 'Mon 06:00' } }

describe('a freeze', () => {
  it.each<[string, Partial<FreezeWindow>, string, boolean]>([
    ['has not begun a second before', DATES, '2026-12-18T15:59:59Z', false],
    ['begins at its first instant', DATES, '2026-12-18T16:00:00Z', true],
    ['holds until its end, in its own offset', DATES, '2027-01-04T06:59:59Z', true],
    ['is over at its end', DATES, '2027-01-04T07:00:00Z', false],
    ['of each weekend holds on Saturday', WEEKEND, '2026-11-28T12:00:00Z', true],
    ['of each weekend begins on Friday', WEEKEND, '2026-11-27T16:00:00Z', true],
    ['of each weekend has not begun before', WEEKEND, '2026-11-27T15:59:59Z', false],
    ['of each weekend holds into Monday', WEEKEND, '2026-11-30T05:59:59Z', true],
    ['of each weekend is over on Monday', WEEKEND, '2026-11-30T06:00:00Z', false],
    ['of each weekend holds within its dates', { ...WEEKEND, ...DATES }, '2026-12-19T12:00:00Z', true],
    ['of each weekend does not hold before its dates', { ...WEEKEND, ...DATES }, '2026-12-12T12:00:00Z', false],
    [
      'of each weekend does not hold on a Wednesday within them',
      { ...WEEKEND, ...DATES },
      '2026-12-23T12:00:00Z',
      false,
    ],
    ['without an end holds from its beginning on', { ...WEEKEND, from: DATES.from }, '2030-06-01T12:00:00Z', true],
  ])('%s', (_, given, when, frozen) => {
    expect(isFrozen(given, when)).toBe(frozen)
  })

  it('gives its end, name and owner', () => {
    expect(frozenBetween([window(WEEKEND)], at('2026-11-28T12:00:00Z'), at('2026-11-28T12:00:00Z'))).toEqual({
      name: 'year end',
      owner: 'release board',
      endsAtMs: at('2026-11-30T06:00:00Z'),
    })
  })

  it('that begins within the time counts', () => {
    const [from, to] = [at('2026-11-27T15:51:00Z'), at('2026-11-27T16:01:00Z')]
    expect(frozenBetween([window(WEEKEND)], from, to)).not.toBeNull()
    expect(frozenBetween([window(WEEKEND)], from, to - 120_000)).toBeNull()
  })

  it('of every week holds exactly in the minutes between its two times', () => {
    const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
    const time = fc.record({ day: fc.nat(6), hour: fc.nat(23), minute: fc.nat(59) })
    const text = (one: { day: number; hour: number; minute: number }) =>
      `${days[one.day]} ${String(one.hour).padStart(2, '0')}:${String(one.minute).padStart(2, '0')}`
    const minuteOf = (one: { day: number; hour: number; minute: number }) => one.day * 1440 + one.hour * 60 + one.minute
    fc.assert(
      fc.property(time, time, fc.integer({ min: -1e9, max: 4e9 }), (from, until, seconds) => {
        const [begin, end] = [minuteOf(from), minuteOf(until)]
        fc.pre(begin !== end)
        const when = new Date(seconds * 1000)
        const now = when.getUTCDay() * 1440 + when.getUTCHours() * 60 + when.getUTCMinutes()
        const expected = begin < end ? begin <= now && now < end : begin <= now || now < end
        const frozen = frozenBetween([window({ weekly: { from: text(from), until: text(until) } })], +when, +when)
        expect(frozen !== null).toBe(expected)
        if (frozen?.endsAtMs != null) expect(frozen.endsAtMs).toBeGreaterThan(+when)
      }),
    )
  })
})

describe('the windows of an account', () => {
  const everywhere = window({ name: 'all', ...DATES })
  const here = window({ name: 'here', ...DATES, accounts: ['111122223333'] })
  const inUnit = window({ name: 'unit', ...DATES, organizationalUnits: ['ou-ab12-11111111'] })
  const names = (accountId: string, units: readonly string[] | null) =>
    windowsIn({ freezeWindows: [everywhere, here, inUnit] }, accountId, units).map(({ name }) => name)

  it.each([
    ['of the account itself', '111122223333', ['r-ab12'], ['all', 'here']],
    ['of its unit', '444455556666', ['r-ab12', 'ou-ab12-11111111'], ['all', 'unit']],
    ['of every account', '444455556666', ['r-ab12'], ['all']],
    ['of every unit, where its units cannot be seen', '444455556666', null, ['all', 'unit']],
  ])('are those %s', (_, accountId, units, expected) => {
    expect(names(accountId, units)).toEqual(expected)
  })
})

describe('freezeWindows of the configuration', () => {
  const errors = (given: object) => {
    const parsed = parseConfig(JSON.stringify({ freezeWindows: [{ name: 'n', owner: 'o', ...given }] }))
    return parsed.ok ? [] : parsed.error
  }

  it.each<[string, object, string]>([
    ['without a time', {}, 'freezeWindows[0]: give from and until, or weekly, or both'],
    ['with one end alone', { from: DATES.from }, 'freezeWindows[0]: give from and until, or weekly, or both'],
    [
      'that ends before it begins',
      { from: DATES.until, until: DATES.from },
      'freezeWindows[0]: until is not later than from',
    ],
    [
      'on 31 February',
      { ...DATES, from: '2026-02-31T00:00:00Z' },
      'freezeWindows[0].from: a time is like 2026-12-18T16:00:00Z, got "2026-02-31T00:00:00Z"',
    ],
    [
      'without an offset',
      { ...DATES, from: '2026-12-18T16:00:00' },
      'freezeWindows[0].from: a time is like 2026-12-18T16:00:00Z, got "2026-12-18T16:00:00"',
    ],
    [
      'with a long name of a day',
      { weekly: { from: 'Friday 16:00', until: 'Mon 06:00' } },
      'freezeWindows[0].weekly.from: a time of the week is like Fri 16:00, in UTC, got "Friday 16:00"',
    ],
    [
      'with the same time twice',
      { weekly: { from: 'Fri 16:00', until: 'Fri 16:00' } },
      'freezeWindows[0]: weekly has the same time twice',
    ],
    [
      'with a mistyped key',
      { ...DATES, account: [] },
      'freezeWindows[0].account: unknown key; did you mean "accounts"?',
    ],
  ])('%s is an error', (_, given, error) => {
    expect(errors(given)).toEqual([error])
  })

  it.each([[DATES], [WEEKEND], [{ ...DATES, ...WEEKEND, accounts: ['111122223333'] }]])('of %j is none', given => {
    expect(errors(given)).toEqual([])
  })
})
