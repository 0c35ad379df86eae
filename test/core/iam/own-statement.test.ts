import { describe, expect, it } from 'vitest'
import { ACTIONS } from '../../../core/actions/actions.ts'
import { isOwnStatement } from '../../../core/actions/own-statement.ts'
import { hasExpired, hasSameReach, isSameGrant } from '../../../core/iam/policy/own-statement.ts'
import type { Statement } from '../../../core/iam/policy/policy-document.ts'

const until = (key: string) => ({
  Effect: 'Allow' as const,
  Action: 'iam:PassRole',
  Resource: '*',
  Condition: { DateLessThan: { [key]: '2026-11-24T10:00:00Z' } },
})
const NOON = Date.parse('2026-11-24T12:00:00Z')

describe('a statement with an end', () => {
  it('has ended after it, however the condition key is spelled', () => {
    expect(hasExpired(until('aws:CurrentTime'), NOON)).toBe(true)
    expect(hasExpired(until('AWS:currenttime'), NOON)).toBe(true)
    expect(hasExpired(until('aws:CurrentTime'), NOON - 2 * 3_600_000)).toBe(true)
    expect(hasExpired(until('aws:CurrentTime'), NOON - 2 * 3_600_000 - 1)).toBe(false)
    expect(hasExpired(until('aws:CurrentTime'), NOON - 3 * 3_600_000)).toBe(false)
  })

  it('is not one with a time in another key', () => {
    expect(hasExpired(until('aws:TokenIssueTime'), NOON)).toBe(false)
  })
})

const ROLE = 'arn:aws:iam::111122223333:role/orders-task'
const own: Statement = { Sid: 'Rolemedic0a1b2c3d', Effect: 'Allow', Action: 'iam:PassRole', Resource: ROLE }

describe('a statement with a rolemedic Sid', () => {
  it.each([
    ...ACTIONS.filter(({ draft }) => draft.kind !== 'nothing').map(({ name }) => name),
    'iam:GetRole',
    'iam:CreateServiceLinkedRole',
  ])('counts as its own with %s', Action => {
    expect(isOwnStatement({ ...own, Action })).toBe(true)
  })

  it.each<[string, Partial<Statement>]>([
    ['denies', { Effect: 'Deny' }],
    ['allows everything', { Action: '*' }],
    ['allows a group of actions', { Action: 'iam:Pass*' }],
    ['allows one action more', { Action: ['iam:PassRole', 'iam:PutRolePolicy'] }],
    ['allows no action', { Action: [] }],
    ['trusts everybody', { Action: 'sts:AssumeRole', Principal: '*' }],
    ['excludes actions', { NotAction: 'iam:PassRole' }],
    ['excludes resources', { NotResource: ROLE }],
    ['excludes principals', { NotPrincipal: { AWS: '*' } }],
  ])('is anybody’s if it %s', (_, change) => {
    expect(isOwnStatement({ ...own, ...change })).toBe(false)
  })

  it('reaches as far as one with other conditions, and not as one on another role or with another action', () => {
    const Condition = { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }
    expect(hasSameReach(own, { ...own, Sid: 'Other', Condition })).toBe(true)
    expect(hasSameReach({ ...own, Condition }, own)).toBe(true)
    expect(hasSameReach(own, { ...own, Resource: `${ROLE}-2`, Condition })).toBe(false)
    expect(hasSameReach(own, { ...own, Action: 'iam:GetRole' })).toBe(false)
    expect(hasSameReach(own, { ...own, Effect: 'Deny' })).toBe(false)
  })

  it('grants the same as one without its end date, and not the same as one with other conditions', () => {
    const end = { DateLessThan: { 'aws:CurrentTime': '2026-11-24T10:00:00Z' } }
    const mfa = { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }
    const { Sid: _, ...drafted } = own
    expect(isSameGrant(drafted, { ...own, Condition: end })).toBe(true)
    expect(isSameGrant({ ...drafted, Condition: mfa }, { ...own, Condition: { ...mfa, ...end } })).toBe(true)
    expect(isSameGrant(drafted, { ...own, Condition: { ...mfa, ...end } })).toBe(false)
    expect(
      isSameGrant(drafted, { ...own, Condition: { DateLessThan: { 'aws:TokenIssueTime': '2026-11-24T10:00:00Z' } } }),
    ).toBe(false)
  })
})
