import { describe, expect, it } from 'vitest'
import type { PolicyDocument, Statement } from '../../../core/iam/policy/policy-document.ts'
import { timeLimitedDocument } from '../../../core/patch/limited-document.ts'
import { endOfAdded, withTimeLimit } from '../../../core/patch/time-limit.ts'
import {
  analyzeSetup,
  DEPLOYER,
  ecsTrust,
  identity,
  NOW_MS,
  passDenial,
  role,
  snapshot,
  TASK_ROLE,
} from '../../fixtures/patches.ts'

const END_MS = Date.parse('2026-11-24T20:00:00Z')
const DateLessThan = { 'aws:CurrentTime': '2026-11-24T20:00:00Z' }
const doc = (...Statement: Statement[]): PolicyDocument => ({ Version: '2012-10-17', Statement })
const held: Statement = { Sid: 'Held', Effect: 'Allow', Action: 's3:GetObject', Resource: 'x' }

describe('a time limit', () => {
  it('is in every statement that the patch adds, and in no other', () => {
    const added: Statement = { Sid: 'Rolemedic0a1b2c3d', Effect: 'Allow', Action: 'iam:GetRole', Resource: 'y' }
    const conditional: Statement = { ...added, Sid: 'Rolemedic0a1b2c3db', Condition: { StringEquals: { k: 'v' } } }
    expect(
      timeLimitedDocument({ before: doc(held), after: doc(held, added, conditional) }, END_MS, 'Rolemedic00000000'),
    ).toEqual(
      doc(
        held,
        { ...added, Condition: { DateLessThan } },
        { ...conditional, Condition: { StringEquals: { k: 'v' }, DateLessThan } },
      ),
    )
  })

  it('turns a value in an existing list into a separate statement with only that value', () => {
    const list = (value: string | string[]): Statement => ({
      ...held,
      Condition: { StringEquals: { k: value }, Bool: { b: 'true' } },
    })
    expect(
      timeLimitedDocument({ before: doc(list('a')), after: doc(list(['a', 'b'])) }, END_MS, 'Rolemedic0a1b2c3d'),
    ).toEqual(
      doc(list('a'), {
        ...list('b'),
        Sid: 'Rolemedic0a1b2c3d',
        Condition: { StringEquals: { k: 'b' }, Bool: { b: 'true' }, DateLessThan },
      }),
    )
  })

  it('is in nothing of a statement that only loses the value of an earlier grant', () => {
    const list = (...values: string[]): Statement => ({ ...held, Condition: { StringEquals: { k: values } } })
    const single: Statement = { ...held, Condition: { StringEquals: { k: 'a' } } }
    const limited = (before: Statement, after: Statement) =>
      timeLimitedDocument({ before: doc(before), after: doc(after) }, END_MS, 'Rolemedic0a1b2c3d')
    expect(limited(list('a', 'b'), list('a'))).toEqual(doc(list('a')))
    expect(limited(list('a', 'b'), single)).toEqual(doc(single))
    expect(limited(list('a', 'b'), list('a', 'c'))).toEqual(
      doc(list('a'), {
        ...held,
        Sid: 'Rolemedic0a1b2c3d',
        Condition: { StringEquals: { k: 'c' }, DateLessThan },
      }),
    )
    expect(limited(list('b'), list('c'))).toEqual(
      doc({ ...held, Condition: { StringEquals: { k: ['c'] }, DateLessThan } }),
    )
    expect(endOfAdded(doc(list('a', 'b')), limited(list('a', 'b'), list('a', 'c')))).toBe(END_MS)
    expect(endOfAdded(doc(list('a', 'b')), doc(list('a')))).toBe(null)
  })

  it('takes the place of a later end in whatever case that is written', () => {
    const later: Statement = { ...held, Condition: { datelessthan: { 'AWS:currenttime': '2026-11-25T20:00:00Z' } } }
    expect(timeLimitedDocument({ before: doc(), after: doc(later) }, END_MS, 'Rolemedic0a1b2c3d')).toEqual(
      doc({ ...held, Condition: { datelessthan: { 'AWS:currenttime': '2026-11-24T20:00:00Z' } } }),
    )
  })

  it('keeps an earlier end', () => {
    const early: Statement = { ...held, Condition: { DateLessThan: { 'aws:CurrentTime': '2026-11-24T13:00:00Z' } } }
    expect(timeLimitedDocument({ before: null, after: doc(early) }, END_MS, 'Rolemedic00000000')).toEqual(doc(early))
  })

  it('replaces a later end and keeps the other conditions', () => {
    const asked = { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }
    const late: Statement = {
      ...held,
      Condition: { ...asked, DateLessThan: { 'aws:currenttime': '2026-11-25T20:00:00Z', 'aws:EpochTime': '9' } },
    }
    expect(timeLimitedDocument({ before: null, after: doc(late) }, END_MS, 'Rolemedic00000000')).toEqual(
      doc({
        ...held,
        Condition: { ...asked, DateLessThan: { 'aws:currenttime': '2026-11-24T20:00:00Z', 'aws:EpochTime': '9' } },
      }),
    )
  })

  it('gives the patch another digest, and allows the request until the end', () => {
    const seen = snapshot(identity(DEPLOYER), [role(TASK_ROLE, ecsTrust)])
    const outcome = analyzeSetup(passDenial(), seen)
    if (outcome.verified?.result.ok !== true) throw new Error('not verified')
    const limited = withTimeLimit(outcome.verified.result.value, NOW_MS + 8 * 3_600_000)
    expect(limited.patch.digest).not.toBe(outcome.patch?.digest)
    expect(limited.patch.changes[0]?.after.Statement[0]?.Condition).toEqual({
      StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
      DateLessThan,
    })
  })
})

describe('when what was added has ended', () => {
  const NONE = { Version: '2012-10-17', Statement: [] }
  const until = (...ends: readonly (readonly [key: string, date: string])[]): Statement => ({
    ...{ Effect: 'Allow', Action: 'iam:PassRole', Resource: '*' },
    Condition: { DateLessThan: Object.fromEntries(ends) },
  })
  const open: Statement = { Effect: 'Allow', Action: 'iam:PassRole', Resource: '*' }
  const endOf = (...Statement: Statement[]) => endOfAdded(NONE, { ...NONE, Statement })
  const [TEN, NOON] = ['2026-11-24T10:00:00Z', '2026-11-24T12:00:00Z']

  it('is the last end of every added statement', () => {
    expect(endOf(until(['aws:CurrentTime', TEN]), until(['AWS:currenttime', NOON]))).toBe(Date.parse(NOON))
    expect(endOfAdded(null, { ...NONE, Statement: [until(['aws:CurrentTime', TEN])] })).toBe(Date.parse(TEN))
  })

  it('is never where something has no end, or nothing was added', () => {
    expect(endOf(until(['aws:CurrentTime', TEN]), open)).toBeNull()
    expect(endOf(until(['aws:TokenIssueTime', TEN]))).toBeNull()
    expect(endOf(until(['aws:CurrentTime', 'never']))).toBeNull()
    expect(endOf()).toBeNull()
    expect(endOfAdded(NONE, null)).toBeNull()
    const before = { ...NONE, Statement: [open] }
    expect(endOfAdded(before, { ...NONE, Statement: [open, until(['aws:CurrentTime', TEN])] })).toBe(Date.parse(TEN))
  })
})
