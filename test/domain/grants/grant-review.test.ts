import { describe, expect, it } from 'vitest'
import {
  isAsked,
  isQuiet,
  isUseSeen,
  type Look,
  nextLookFrom,
  openQuestion,
  quietSinceMs,
  wholeLookFrom,
  withLook,
} from '../../../functions/domain/grants/grant-review.ts'
import type { GrantUse } from '../../../functions/domain/proposal/proposal.ts'
import { BY_ANA, CARD, HOUR, NOON, OUTCOME } from '../../fakes/sample-proposal.ts'

const DAY = 24 * HOUR
const day = (number: number) => NOON + number * DAY

/** Granted on day 0, searched until day 9 without gaps. */
const USE: GrantUse = {
  lookedAtMs: day(9),
  wholeSinceMs: day(0),
  unseen: null,
  lastUsedAtMs: null,
  question: null,
  kept: null,
}
const standing = (use?: Partial<GrantUse>, endsAtMs: number | null = null) => ({
  applied: { ...OUTCOME, endsAtMs },
  ...(use === undefined ? {} : { use: { ...USE, ...use } }),
})
const keptAt = (atMs: number) => ({ ...BY_ANA, atMs, signed: null })
const question = (atMs: number) => ({ atMs, card: CARD, isSeen: true })
const lookOf = (changed: Partial<Look>): Look => ({
  fromMs: day(8),
  toMs: day(10),
  lastUsedAtMs: null,
  isWhole: true,
  unseen: null,
  ...changed,
})

describe('the next look', () => {
  it.each<[string, Partial<GrantUse> | undefined, number, number]>([
    ['begins with the grant when nobody has looked', undefined, day(10), day(0)],
    ['overlaps the last one by an hour', {}, day(10), day(9) - HOUR],
    [
      'overlaps it by an hour, too, where the history cannot show all',
      { wholeSinceMs: null, unseen: 'cut' },
      day(10),
      day(9) - HOUR,
    ],
    [
      'begins with the last use after a look that failed',
      { wholeSinceMs: null, lastUsedAtMs: day(4) },
      day(10),
      day(4),
    ],
    ['begins with the grant after a look that failed, when no use is known', { wholeSinceMs: null }, day(10), day(0)],
    ['never begins before the grant', { lookedAtMs: day(0) }, day(1), day(0)],
    ['never begins before what CloudTrail keeps, 89 days', undefined, day(100), day(11)],
  ])('%s', (_, use, nowMs, fromMs) => {
    expect(nextLookFrom(standing(use), nowMs)).toBe(fromMs)
  })

  it('over the whole quiet time begins with the last use, or with what CloudTrail keeps', () => {
    expect(wholeLookFrom(standing({ lastUsedAtMs: day(5) }), day(40))).toBe(day(5))
    expect(wholeLookFrom(standing({ lastUsedAtMs: day(5) }), day(100))).toBe(day(11))
  })
})

describe('a grant is quiet', () => {
  it('since it was granted, used or kept, whichever was last', () => {
    expect(quietSinceMs(standing())).toBe(day(0))
    expect(quietSinceMs(standing({ lastUsedAtMs: day(3) }))).toBe(day(3))
    expect(quietSinceMs(standing({ lastUsedAtMs: day(3), kept: keptAt(day(6)) }))).toBe(day(6))
    expect(quietSinceMs(standing({ lastUsedAtMs: day(7), kept: keptAt(day(6)) }))).toBe(day(7))
  })

  it('after the configured days to the millisecond, and never when it is turned off', () => {
    expect(isQuiet(standing(), { unusedGrantDays: 30 }, day(30) - 1)).toBe(false)
    expect(isQuiet(standing(), { unusedGrantDays: 30 }, day(30))).toBe(true)
    expect(isQuiet(standing(), { unusedGrantDays: null }, day(300))).toBe(false)
  })

  it('not while a question is open for less than as many days', () => {
    const asked = standing({ question: question(day(30)) })
    expect(isQuiet(asked, { unusedGrantDays: 30 }, day(60) - 1)).toBe(false)
    expect(isQuiet(asked, { unusedGrantDays: 30 }, day(60))).toBe(true)
  })

  it.each([
    ['a day before people would be asked', day(29), false],
    ['just then', day(30), false],
    ['a moment later', day(30) + 1, true],
  ])('if it ends by itself %s: %s', (_, endsAtMs, quiet) => {
    expect(isQuiet(standing(undefined, endsAtMs), { unusedGrantDays: 30 }, day(30))).toBe(quiet)
  })
})

describe('a look at the history', () => {
  it('that is the first and whole says since when all is seen', () => {
    expect(withLook(undefined, lookOf({ fromMs: day(0), toMs: day(1), lastUsedAtMs: day(0.5) }))).toEqual({
      lookedAtMs: day(1),
      wholeSinceMs: day(0),
      unseen: null,
      lastUsedAtMs: day(0.5),
      question: null,
      kept: null,
    })
  })

  it.each<[string, Partial<GrantUse>, Partial<Look>, number | null]>([
    ['continues the last one that it overlaps', {}, {}, day(0)],
    ['continues the last one that it touches', {}, { fromMs: day(9) }, day(0)],
    ['does not reach back over a gap', {}, { fromMs: day(9) + 1 }, day(9) + 1],
    ['reaches back as far as it looked', { wholeSinceMs: day(7) }, { fromMs: day(2) }, day(2)],
    ['begins again after one that missed something', { wholeSinceMs: null }, {}, day(8)],
    ['that missed something proves nothing', {}, { isWhole: false, unseen: 'cut' }, null],
  ])('%s', (_, use, changed, wholeSinceMs) => {
    expect(withLook({ ...USE, ...use }, lookOf(changed)).wholeSinceMs).toBe(wholeSinceMs)
  })

  it('keeps the latest use, the latest time, the question and who kept it', () => {
    const before = { ...USE, lastUsedAtMs: day(5), question: question(day(6)), kept: keptAt(day(7)) }
    const { lastUsedAtMs: none, ...after } = withLook(before, lookOf({ toMs: day(8) }))
    expect(none).toBe(day(5))
    expect(after).toMatchObject({ lookedAtMs: day(9), question: question(day(6)), kept: keptAt(day(7)) })
    expect(withLook(before, lookOf({ lastUsedAtMs: day(9.5) })).lastUsedAtMs).toBe(day(9.5))
    expect(withLook(before, lookOf({ lastUsedAtMs: day(2) })).lastUsedAtMs).toBe(day(5))
  })
})

describe('people are asked', () => {
  it('whose grant is quiet, at once where every use would have been seen', () => {
    expect(isAsked(standing({}), { unusedGrantDays: 30 }, day(30))).toBe(true)
    expect(isAsked(standing({}), { unusedGrantDays: 30 }, day(29))).toBe(false)
    expect(isAsked(standing({}), { unusedGrantDays: null }, day(300))).toBe(false)
  })

  it.each<[string, Partial<GrantUse> | undefined, boolean]>([
    ['since the grant itself', {}, true],
    ['since the last use', { wholeSinceMs: day(5), lastUsedAtMs: day(5) }, true],
    ['since a moment after the last use', { wholeSinceMs: day(5) + 1, lastUsedAtMs: day(5) }, false],
    ['never, as nobody has looked', undefined, false],
    ['as far as a history goes that misses something', { unseen: 'cut' }, false],
    ['not since the last look, which failed', { wholeSinceMs: null }, false],
  ])('a use is seen %s', (_, use, seen) => {
    expect(isUseSeen(standing(use))).toBe(seen)
  })

  it.each([
    [30, 45],
    [40, 55],
    [55, 55],
    [60, 60],
  ])('where a use may be missed not after %d days but after %d', (days, unseenDays) => {
    const hidden = standing({ wholeSinceMs: null })
    expect(isAsked(hidden, { unusedGrantDays: days }, day(unseenDays) - 1)).toBe(false)
    expect(isAsked(hidden, { unusedGrantDays: days }, day(unseenDays))).toBe(true)
  })

  it('and a question stays open until somebody keeps or uses the grant', () => {
    expect(openQuestion(standing())).toBeNull()
    expect(openQuestion(standing({}))).toBeNull()
    expect(openQuestion(standing({ question: question(day(30)) }))).toEqual(question(day(30)))
    expect(openQuestion(standing({ question: question(day(30)), lastUsedAtMs: day(30) }))).toEqual(question(day(30)))
    expect(openQuestion(standing({ question: question(day(30)), lastUsedAtMs: day(30) + 1 }))).toBeNull()
    expect(openQuestion(standing({ question: question(day(30)), kept: keptAt(day(31)) }))).toBeNull()
  })
})
