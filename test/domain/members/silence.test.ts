import { describe, expect, it } from 'vitest'
import { type LastHeard, NO_WATCH, type SilenceWatch, silenceOf } from '../../../functions/domain/members/silence.ts'
import { silenceNotice } from '../../../functions/domain/members/silence-notice.ts'

const NOON = Date.UTC(2026, 10, 24, 12)
const MINUTE = 60_000
const HUB = { accountId: '111122223333', region: 'eu-west-1' }
const MEMBER = { accountId: '444455556666', region: 'eu-west-1' }
const heard = (member: typeof HUB, minutesAgo: number): LastHeard => ({
  ...member,
  atMs: NOON - minutesAgo * MINUTE,
  version: '0.1.0',
  canary: { madeMs: null, arrivedMs: null },
})
const NOBODY = { expected: [], retired: [] }

describe('silence', () => {
  it('begins after an hour, and not a minute before', () => {
    const at = (minutesAgo: number) => silenceOf([heard(MEMBER, minutesAgo)], NOBODY, NO_WATCH, NOON).silent
    expect(at(59)).toEqual([])
    expect(at(60)).toEqual([{ ...MEMBER, lastHeardMs: NOON - 60 * MINUTE }])
  })

  it('of a member that was never heard begins an hour after it was first expected', () => {
    const list = { expected: [HUB, MEMBER], retired: [] }
    const first = silenceOf([heard(HUB, 5)], list, NO_WATCH, NOON)
    expect(first.silent).toEqual([])
    expect(first.watch.expectedSinceMs).toEqual({ '444455556666/eu-west-1': NOON })
    const later = silenceOf([heard(HUB, -55)], list, first.watch, NOON + 60 * MINUTE)
    expect(later.silent).toEqual([{ ...MEMBER, lastHeardMs: null }])
  })

  it('is no shorter where the table has a time to come', () => {
    const forged = silenceOf([heard(MEMBER, -120)], NOBODY, NO_WATCH, NOON)
    expect(forged.silent).toEqual([{ ...MEMBER, lastHeardMs: null }])
    // The clocks of two functions are not quite the same.
    expect(silenceOf([heard(MEMBER, -1)], NOBODY, NO_WATCH, NOON).silent).toEqual([])
    const expected = { expected: [MEMBER], retired: [] }
    const since = { expectedSinceMs: { '444455556666/eu-west-1': NOON + 600 * MINUTE }, reported: [] }
    const { watch } = silenceOf([], expected, since, NOON)
    expect(silenceOf([], expected, watch, NOON + 60 * MINUTE).silent).toEqual([{ ...MEMBER, lastHeardMs: null }])
  })

  it('is reported once for each member, and once when it is over', () => {
    const other = { accountId: '777788889999', region: 'us-east-1' }
    const one = silenceOf([heard(MEMBER, 61), heard(other, 10)], NOBODY, NO_WATCH, NOON)
    expect(one.fresh.map(({ accountId }) => accountId)).toEqual(['444455556666'])
    const same = silenceOf([heard(MEMBER, 66), heard(other, 15)], NOBODY, one.watch, NOON)
    expect(same.fresh).toEqual([])
    const two = silenceOf([heard(MEMBER, 120), heard(other, 61)], NOBODY, same.watch, NOON)
    expect(two.fresh.map(({ accountId }) => accountId)).toEqual(['777788889999'])
    const back = silenceOf([heard(MEMBER, 1), heard(other, 1)], NOBODY, two.watch, NOON)
    expect(back).toMatchObject({ silent: [], fresh: [], over: true })
    expect(silenceOf([heard(MEMBER, 1)], NOBODY, back.watch, NOON).over).toBe(false)
  })

  it('that comes again is reported again', () => {
    const back: SilenceWatch = silenceOf([heard(MEMBER, 1)], NOBODY, NO_WATCH, NOON).watch
    expect(silenceOf([heard(MEMBER, 61)], NOBODY, back, NOON).fresh).toHaveLength(1)
  })

  it.each([
    ['an account', ['444455556666'], []],
    ['an account in one Region', ['444455556666/eu-west-1'], []],
    ['another Region of it', ['444455556666/us-east-1'], ['444455556666']],
    // A prefix of the id is another account.
    ['a part of its id', ['44445555666'], ['444455556666']],
  ])('is intended where the settings retire %s', (_what, retired, silent) => {
    const list = { expected: [], retired }
    const found = silenceOf([heard(MEMBER, 600)], list, NO_WATCH, NOON).silent
    expect(found.map(({ accountId }) => accountId)).toEqual(silent)
    const unheard = silenceOf(
      [],
      { expected: [MEMBER], retired },
      { expectedSinceMs: { '444455556666/eu-west-1': 0 }, reported: [] },
      NOON,
    )
    expect(unheard.silent.map(({ accountId }) => accountId)).toEqual(silent)
  })
})

describe('the notice of silence', () => {
  it('names accounts and Regions, since when, and what to do', () => {
    const silence = silenceOf(
      [heard(MEMBER, 95), heard({ accountId: '777788889999', region: 'us-east-1' }, 60 * 24 * 3)],
      { expected: [HUB], retired: [] },
      { expectedSinceMs: { '111122223333/eu-west-1': 0 }, reported: ['777788889999/us-east-1'] },
      NOON,
    )
    const notice = silenceNotice(silence, NOON)
    expect(notice?.subject).toBe('rolemedic: 3 accounts and Regions are silent')
    expect(notice?.text.split('\n')).toEqual([
      'rolemedic sees no denials from here: 3 accounts and Regions are silent.',
      '- 111122223333 eu-west-1: never heard',
      '- 444455556666 eu-west-1: last heard 95 min ago',
      '- 777788889999 us-east-1: last heard 3 days ago (reported before)',
      expect.stringMatching(
        /^Next: npx rolemedic doctor --live .*heartbeats\.retired.*docs\/runbooks\.md#silent-members$/,
      ),
    ])
    expect(notice?.detail).toEqual({
      schema: 'rolemedic.silence/1',
      kind: 'silent',
      silent: [
        { accountId: '111122223333', region: 'eu-west-1', lastHeardAt: null },
        { accountId: '444455556666', region: 'eu-west-1', lastHeardAt: '2026-11-24T10:25:00.000Z' },
        { accountId: '777788889999', region: 'us-east-1', lastHeardAt: '2026-11-21T12:00:00.000Z' },
      ],
    })
  })

  it('is not sent while nothing new is silent', () => {
    const watch = { expectedSinceMs: {}, reported: ['444455556666/eu-west-1'] }
    expect(silenceNotice(silenceOf([heard(MEMBER, 61)], NOBODY, watch, NOON), NOON)).toBe(null)
    expect(silenceNotice(silenceOf([heard(MEMBER, 1)], NOBODY, NO_WATCH, NOON), NOON)).toBe(null)
  })

  it('of hundreds names fifty to people, and all to programs', () => {
    const many = Array.from({ length: 300 }, (_, n) =>
      heard({ accountId: String(100_000_000_000 + n), region: 'eu-west-1' }, 90),
    )
    const notice = silenceNotice(silenceOf(many, NOBODY, NO_WATCH, NOON), NOON)
    expect(notice?.text.split('\n')).toHaveLength(1 + 50 + 1 + 1)
    expect(notice?.text).toContain('- and 250 more')
    expect(notice?.detail).toMatchObject({ silent: Array.from({ length: 300 }, () => ({ region: 'eu-west-1' })) })
  })
})

describe('a canary', () => {
  const HOUR = 60 * MINUTE
  const member = (madeHoursAgo: number, arrivedHoursAgo: number | null, minutesAgo = 5): LastHeard => ({
    ...heard(MEMBER, minutesAgo),
    canary: {
      madeMs: NOON - madeHoursAgo * HOUR,
      arrivedMs: arrivedHoursAgo === null ? null : NOON - arrivedHoursAgo * HOUR,
    },
  })
  const lost = (one: LastHeard, retired: readonly string[] = []) =>
    silenceOf([one], { ...NOBODY, retired }, NO_WATCH, NOON).silent

  it('that does not arrive makes a member silent whose heartbeats arrive, and the notice says which', () => {
    const silence = silenceOf([member(3, 27)], NOBODY, NO_WATCH, NOON)
    expect(silence.silent).toEqual([{ ...MEMBER, lastHeardMs: NOON - 5 * MINUTE, lostMs: NOON - 3 * HOUR }])
    expect(silenceNotice(silence, NOON)?.text).toContain(
      '- 444455556666 eu-west-1: heartbeats arrive, and the denial that was made there 3 h ago does not',
    )
    expect(lost(member(3, null))).toHaveLength(1)
  })

  it('may come late for two hours', () => {
    expect(lost(member(1.9, 26))).toEqual([])
    expect(lost(member(2, 26))).toHaveLength(1)
  })

  it('that arrived is not lost, by a clock that is seconds behind', () => {
    expect(lost(member(3, 3))).toEqual([])
    expect(lost(member(3, 3 + 59 / 3600))).toEqual([])
    expect(lost(member(3, 3 + 61 / 3600))).toHaveLength(1)
  })

  it('is not expected of a member that is retired, and says nothing more of one that is silent anyway', () => {
    expect(lost(member(3, null), [MEMBER.accountId])).toEqual([])
    expect(lost(member(3, null, 61))).toEqual([{ ...MEMBER, lastHeardMs: NOON - 61 * MINUTE }])
  })
})
