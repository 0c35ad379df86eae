import { describe, expect, it } from 'vitest'
import { meetsConditions } from '../../functions/core/conditions.ts'
import { ABSENT_KEY, type ContextFact, contextFact, present, unknownKey } from '../../functions/core/context.ts'
import type { Truth } from '../../functions/core/truth.ts'

/** Operator, values of the policy, the value of the request, whether the condition is met. */
type Row = readonly [operator: string, wanted: string | number | boolean | readonly string[], got: string, met: Truth]

const string: readonly Row[] = [
  ['StringEquals', 'ecs.amazonaws.com', 'ecs.amazonaws.com', 'yes'],
  ['StringEquals', 'ecs.amazonaws.com', 'ECS.amazonaws.com', 'no'],
  ['StringEquals', ['a', 'b'], 'b', 'yes'],
  ['StringEquals', ['a', 'b'], 'c', 'no'],
  ['StringEquals', 'repo:acme/*', 'repo:acme/*', 'yes'],
  ['StringEquals', 'repo:acme/*', 'repo:acme/shop', 'no'],
  ['StringEquals', '', '', 'yes'],
  ['StringEquals', [], 'a', 'no'],
  ['StringEquals', true, 'true', 'yes'],
  ['StringEquals', 42, '42', 'yes'],
  ['StringNotEquals', 'a', 'a', 'no'],
  ['StringNotEquals', 'a', 'A', 'yes'],
  ['StringNotEquals', ['a', 'b'], 'b', 'no'],
  ['StringNotEquals', ['a', 'b'], 'c', 'yes'],
  ['StringNotEquals', [], 'a', 'yes'],
  ['StringEqualsIgnoreCase', 'Team', 'tEAM', 'yes'],
  ['StringEqualsIgnoreCase', 'Team', 'teams', 'no'],
  ['StringNotEqualsIgnoreCase', 'Team', 'team', 'no'],
  ['StringNotEqualsIgnoreCase', 'Team', 'other', 'yes'],
  ['StringLike', 'repo:acme/*:ref:refs/heads/main', 'repo:acme/shop:ref:refs/heads/main', 'yes'],
  ['StringLike', 'repo:acme/*:ref:refs/heads/main', 'repo:acme/shop:ref:refs/heads/mainline', 'no'],
  ['StringLike', 'repo:acme/*', 'repo:Acme/shop', 'no'],
  ['StringLike', 'v?.?', 'v1.2', 'yes'],
  ['StringLike', 'v?.?', 'v1.20', 'no'],
  ['StringLike', '*', '', 'yes'],
  ['StringLike', '?', '', 'no'],
  ['StringNotLike', 'repo:acme/*', 'repo:acme/shop', 'no'],
  ['StringNotLike', 'repo:acme/*', 'repo:other/shop', 'yes'],
]

const numeric: readonly Row[] = [
  ['NumericEquals', '3600', '3600', 'yes'],
  ['NumericEquals', 3600, '3600.0', 'yes'],
  ['NumericEquals', '3600', '3601', 'no'],
  ['NumericNotEquals', '3600', '3600', 'no'],
  ['NumericNotEquals', '3600', '1', 'yes'],
  ['NumericLessThan', '10', '9', 'yes'],
  ['NumericLessThan', '10', '10', 'no'],
  ['NumericLessThan', '10', '-11.5', 'yes'],
  ['NumericLessThanEquals', '10', '10', 'yes'],
  ['NumericLessThanEquals', '10', '10.01', 'no'],
  ['NumericGreaterThan', '10', '10', 'no'],
  ['NumericGreaterThan', '9', '10', 'yes'],
  ['NumericGreaterThanEquals', '10', '10', 'yes'],
  ['NumericGreaterThanEquals', '10', '9', 'no'],
  ['NumericEquals', '10', 'ten', 'no'],
  ['NumericNotEquals', '10', 'ten', 'unknown'],
  ['NumericEquals', 'ten', '10', 'unknown'],
]

const date: readonly Row[] = [
  ['DateEquals', '2026-11-24T12:00:00Z', '2026-11-24T12:00:00.000Z', 'yes'],
  ['DateEquals', '2026-11-24T12:00:00Z', '2026-11-24T13:00:00+01:00', 'yes'],
  ['DateEquals', '2026-11-24', '2026-11-24T00:00:00Z', 'yes'],
  ['DateEquals', '1795521600', '2026-11-24T12:00:00Z', 'yes'],
  ['DateEquals', '2026-11-24T12:00:00Z', '1795521600', 'yes'],
  ['DateNotEquals', '2026-11-24T12:00:00Z', '2026-11-24T12:00:01Z', 'yes'],
  ['DateNotEquals', '2026-11-24T12:00:00Z', '2026-11-24T12:00:00Z', 'no'],
  ['DateLessThan', '2026-11-24T12:00:00Z', '2026-11-24T11:59:59Z', 'yes'],
  ['DateLessThan', '2026-11-24T12:00:00Z', '2026-11-24T12:00:00Z', 'no'],
  ['DateLessThanEquals', '2026-11-24T12:00:00Z', '2026-11-24T12:00:00Z', 'yes'],
  ['DateGreaterThan', '2026-11-24T12:00:00Z', '2026-11-24T12:00:00.001Z', 'yes'],
  ['DateGreaterThan', '2026-11-24T12:00:00Z', '2026-11-24T12:00:00Z', 'no'],
  ['DateGreaterThanEquals', '2026-11-24T12:00:00Z', '2026-11-24T12:00:00Z', 'yes'],
  ['DateLessThan', 'tomorrow', '2026-11-24T12:00:00Z', 'unknown'],
  ['DateLessThan', '2026-02-30T00:00:00Z', '2026-01-01T00:00:00Z', 'unknown'],
  ['DateLessThan', '2026-11-24T12:00:00Z', 'noon', 'no'],
]

const bool: readonly Row[] = [
  ['Bool', 'true', 'true', 'yes'],
  ['Bool', true, 'true', 'yes'],
  ['Bool', 'TRUE', 'true', 'yes'],
  ['Bool', 'true', 'false', 'no'],
  ['Bool', 'false', 'false', 'yes'],
  ['Bool', ['true', 'false'], 'false', 'yes'],
  ['Bool', 'yes', 'true', 'unknown'],
  ['Bool', 'true', '1', 'no'],
]

const binary: readonly Row[] = [
  ['BinaryEquals', 'QmluYXJ5', 'QmluYXJ5', 'yes'],
  ['BinaryEquals', 'QQ==', 'QQ', 'yes'],
  ['BinaryEquals', 'QmluYXJ5', 'QmluYXJ6', 'no'],
  ['BinaryEquals', 'not base64!', 'QQ==', 'unknown'],
]

const ip: readonly Row[] = [
  ['IpAddress', '192.0.2.0/24', '192.0.2.255', 'yes'],
  ['IpAddress', '192.0.2.0/24', '192.0.3.0', 'no'],
  ['IpAddress', '192.0.2.77/24', '192.0.2.1', 'yes'],
  ['IpAddress', '192.0.2.1', '192.0.2.1', 'yes'],
  ['IpAddress', '192.0.2.1', '192.0.2.10', 'no'],
  ['IpAddress', '0.0.0.0/0', '203.0.113.9', 'yes'],
  ['IpAddress', '0.0.0.0/0', '2001:db8::1', 'no'],
  ['IpAddress', '0.0.0.0/0', '::1', 'no'],
  ['IpAddress', '::/0', '192.0.2.1', 'no'],
  ['IpAddress', ['192.0.2.0/24', '2001:db8::/32'], '2001:db8:ffff::1', 'yes'],
  ['IpAddress', '2001:DB8:0:0:0:0:0:1', '2001:db8::1', 'yes'],
  ['IpAddress', '2001:db8::/33', '2001:db8:8000::1', 'no'],
  ['IpAddress', '::ffff:192.0.2.0/120', '::ffff:192.0.2.9', 'yes'],
  ['IpAddress', '::/0', '::', 'yes'],
  ['NotIpAddress', '192.0.2.0/24', '192.0.2.1', 'no'],
  ['NotIpAddress', '192.0.2.0/24', '198.51.100.1', 'yes'],
  ['NotIpAddress', '192.0.2.0/24', '2001:db8::1', 'yes'],
  ['IpAddress', '192.0.2.0/24', 'cloudformation.amazonaws.com', 'no'],
  ['NotIpAddress', '192.0.2.0/24', 'cloudformation.amazonaws.com', 'unknown'],
  ['IpAddress', '192.0.2.0/33', '192.0.2.1', 'unknown'],
  ['IpAddress', '192.0.2.256', '192.0.2.1', 'unknown'],
  ['IpAddress', '1:2:3:4:5:6:7', '::1', 'unknown'],
  ['IpAddress', '1::2::3', '::1', 'unknown'],
]

const ROLE = 'arn:aws:iam::111122223333:role/team/app'
const arn: readonly Row[] = [
  ['ArnEquals', ROLE, ROLE, 'yes'],
  ['ArnEquals', 'arn:aws:iam::111122223333:role/*', ROLE, 'yes'],
  ['ArnLike', 'arn:aws:iam::*:role/team/???', ROLE, 'yes'],
  ['ArnLike', 'arn:aws:iam::111122223333:role/Team/app', ROLE, 'no'],
  ['ArnLike', 'arn:aws:iam:*:role/team/app', ROLE, 'unknown'],
  ['ArnLike', 'arn:aws:sns:*:a:b', 'arn:aws:sns:eu-west-1:111122223333:a:b', 'no'],
  ['ArnLike', 'arn:*:*:*:*:*', ROLE, 'yes'],
  ['ArnLike', 'arn:aws:sns:*:*:a:b', 'arn:aws:sns:eu-west-1:111122223333:a:b', 'yes'],
  ['ArnLike', '*', ROLE, 'unknown'],
  ['ArnLike', 'arn:aws:iam::*', ROLE, 'unknown'],
  ['ArnLike', ROLE, 'not an arn', 'no'],
  ['ArnNotEquals', ROLE, ROLE, 'no'],
  ['ArnNotLike', 'arn:aws:iam::111122223333:role/*', ROLE, 'no'],
  ['ArnNotLike', 'arn:aws:iam::444455556666:role/*', ROLE, 'yes'],
]

function meets(operator: string, wanted: Row[1], fact: ContextFact, version = '2012-10-17'): Truth {
  const facts = {
    'aws:somekey': fact,
    'aws:username': present('ann'),
    'aws:principaltag/team': ABSENT_KEY,
    'aws:tagkeys': present('a', 'b'),
  }
  return meetsConditions(
    { [operator]: { 'AWS:SomeKey': wanted } },
    key => contextFact(facts, key),
    version === '2012-10-17',
  ).truth
}

describe.each([
  ['String', string],
  ['Numeric', numeric],
  ['Date', date],
  ['Bool', bool],
  ['Binary', binary],
  ['IpAddress', ip],
  ['Arn', arn],
])('%s operators', (_, rows) => {
  it.each(rows.map(row => [...row] as const))('%s %j with %s: %s', (operator, wanted, got, met) => {
    expect(meets(operator, wanted, present(got))).toBe(met)
  })
})

const NEGATED = [
  'StringNotEquals',
  'StringNotEqualsIgnoreCase',
  'StringNotLike',
  'NumericNotEquals',
  'DateNotEquals',
  'NotIpAddress',
  'ArnNotEquals',
  'ArnNotLike',
]
const POSITIVE = [
  'StringEquals',
  'StringEqualsIgnoreCase',
  'StringLike',
  'NumericLessThan',
  'DateGreaterThan',
  'Bool',
  'BinaryEquals',
  'IpAddress',
  'ArnEquals',
  'ArnLike',
]

describe('a key that is absent', () => {
  it.each(POSITIVE)('does not meet %s', operator => {
    expect(meets(operator, '1', ABSENT_KEY)).toBe('no')
  })

  it.each(NEGATED)('meets %s', operator => {
    expect(meets(operator, '1', ABSENT_KEY)).toBe('yes')
  })

  it.each([...POSITIVE, ...NEGATED])('meets %sIfExists', operator => {
    expect(meets(`${operator}IfExists`, '1', ABSENT_KEY)).toBe('yes')
  })

  it('meets every ForAllValues and no ForAnyValue', () => {
    expect(meets('ForAllValues:StringEquals', 'a', ABSENT_KEY)).toBe('yes')
    expect(meets('ForAllValues:StringNotEquals', 'a', ABSENT_KEY)).toBe('yes')
    expect(meets('ForAnyValue:StringEquals', 'a', ABSENT_KEY)).toBe('no')
    expect(meets('ForAnyValue:StringNotEquals', 'a', ABSENT_KEY)).toBe('no')
    expect(meets('ForAnyValue:StringEqualsIfExists', 'a', ABSENT_KEY)).toBe('yes')
  })

  it('is the same as a key without a value', () => {
    expect(meets('StringEquals', 'a', present())).toBe('no')
    expect(meets('Null', 'true', present())).toBe('yes')
  })
})

describe('Null', () => {
  const rows = [
    ['true', ABSENT_KEY, 'yes'],
    ['false', ABSENT_KEY, 'no'],
    ['true', present('x'), 'no'],
    ['false', present('x'), 'yes'],
    [true, ABSENT_KEY, 'yes'],
    ['maybe', present('x'), 'unknown'],
    ['true', unknownKey('hidden'), 'unknown'],
  ] as const
  it.each(rows)('%s with %j: %s', (wanted, fact, met) => {
    expect(meets('Null', wanted, fact)).toBe(met)
  })

  it('knows no IfExists and no quantifier', () => {
    expect(meets('NullIfExists', 'true', ABSENT_KEY)).toBe('unknown')
    expect(meets('ForAnyValue:Null', 'true', ABSENT_KEY)).toBe('unknown')
  })
})

describe('keys with several values', () => {
  const rows = [
    ['ForAllValues:StringEquals', ['a', 'b', 'c'], ['a', 'b'], 'yes'],
    ['ForAllValues:StringEquals', ['a'], ['a', 'b'], 'no'],
    ['ForAnyValue:StringEquals', ['a'], ['a', 'b'], 'yes'],
    ['ForAnyValue:StringEquals', ['x'], ['a', 'b'], 'no'],
    ['ForAllValues:StringNotEquals', ['x'], ['a', 'b'], 'yes'],
    ['ForAllValues:StringNotEquals', ['a'], ['a', 'b'], 'no'],
    ['ForAnyValue:StringNotEquals', ['a'], ['a', 'b'], 'yes'],
    ['ForAnyValue:StringNotEquals', ['a', 'b'], ['a', 'b'], 'no'],
    ['forallvalues:stringlike', ['t*'], ['team', 'tier'], 'yes'],
    ['StringEquals', ['a', 'b'], ['a', 'b'], 'yes'],
    ['StringEquals', ['x'], ['a', 'b'], 'no'],
    ['StringEquals', ['a'], ['a', 'b'], 'unknown'],
  ] as const
  it.each(rows)('%s %j with %j: %s', (operator, wanted, got, met) => {
    expect(meets(operator, wanted, present(...got))).toBe(met)
  })
})

describe('what is not known', () => {
  it.each([...POSITIVE, ...NEGATED, 'StringEqualsIfExists', 'ForAllValues:StringEquals'])(
    'leaves %s open for an unseen key',
    operator => {
      expect(meets(operator, '1', unknownKey('hidden'))).toBe('unknown')
    },
  )

  it.each(['StringMatches', 'ForSomeValues:StringEquals', 'BoolIfExist', '', 'constructor', '__proto__'])(
    'never meets the operator %j',
    operator => {
      expect(meetsConditions(JSON.parse(`{"${operator}":{"k":"a"}}`), () => present('a'), true).truth).toBe('unknown')
    },
  )

  it('is named with its reason', () => {
    const outcome = meetsConditions(
      { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
      () => unknownKey('not in the event'),
      true,
    )
    expect(outcome).toEqual({
      truth: 'unknown',
      mismatches: [],
      unknowns: [{ fact: 'aws:MultiFactorAuthPresent', why: 'not in the event' }],
    })
  })
})

describe('several conditions', () => {
  const facts = { a: present('1'), b: present('2'), c: unknownKey('hidden') }
  const of = (block: Parameters<typeof meetsConditions>[0]) =>
    meetsConditions(block, key => contextFact(facts, key), true)

  it('must all be met, and every one that is not is listed', () => {
    expect(of({ StringEquals: { a: '1', b: '2' } }).truth).toBe('yes')
    expect(of({ StringEquals: { a: 'x', b: ['y', 'z'] }, Null: { a: 'true' } })).toMatchObject({
      truth: 'no',
      mismatches: [
        { operator: 'StringEquals', key: 'a', wanted: ['x'], got: ['1'] },
        { operator: 'StringEquals', key: 'b', wanted: ['y', 'z'], got: ['2'] },
        { operator: 'Null', key: 'a', wanted: ['true'], got: ['1'] },
      ],
    })
  })

  it('are not met when one is not, whatever the unseen ones are', () => {
    expect(of({ StringEquals: { a: 'x', c: '1' } }).truth).toBe('no')
    expect(of({ StringEquals: { a: '1', c: '1' } }).truth).toBe('unknown')
  })

  it('are met where there are none', () => {
    expect(of(undefined).truth).toBe('yes')
    expect(of({}).truth).toBe('yes')
  })
})

describe('policy variables in conditions', () => {
  const rows = [
    ['StringEquals', '${aws:username}', 'ann', 'yes'],
    ['StringEquals', '${AWS:UserName}-x', 'ann-x', 'yes'],
    ['StringLike', 'home/${aws:username}/*', 'home/ann/a', 'yes'],
    ['StringLike', 'home/${aws:username}/*', 'home/bob/a', 'no'],
    ['StringEquals', "${aws:PrincipalTag/team, 'none'}", 'none', 'yes'],
    ['StringEquals', "${aws:username, 'none'}", 'ann', 'yes'],
    ['StringEquals', '${aws:PrincipalTag/team}', '', 'no'],
    ['StringNotEquals', '${aws:PrincipalTag/team}', 'x', 'unknown'],
    ['StringEquals', '${aws:Unseen}', 'x', 'unknown'],
    ['StringEquals', ['${aws:Unseen}', 'y'], 'x', 'unknown'],
    ['StringEquals', ['${aws:Unseen}', 'x'], 'x', 'yes'],
    ['StringEquals', ['${aws:Unseen}', '${aws:PrincipalTag/team}'], 'x', 'unknown'],
    ['StringEquals', '${aws:TagKeys}', 'a', 'no'],
    ['StringEquals', "${aws:TagKeys, 'none'}", 'none', 'yes'],
    ['StringEquals', 'a-${aws:Unseen}', 'b-x', 'no'],
    ['StringNotEquals', 'a-${aws:Unseen}', 'b-x', 'yes'],
    ['StringLike', 'a${*}c', 'a*c', 'yes'],
    ['StringLike', 'a${*}c', 'abc', 'no'],
    ['StringLike', 'a${?}${$}', 'a?$', 'yes'],
    ['StringEquals', 'open${aws:username', 'open${aws:username', 'yes'],
    ['ArnLike', 'arn:aws:iam::111122223333:user/${aws:username}', 'arn:aws:iam::111122223333:user/ann', 'yes'],
    ['NumericEquals', '${aws:username}', '1', 'unknown'],
  ] as const
  it.each(rows)('%s %s with %s: %s', (operator, wanted, got, met) => {
    expect(meets(operator, wanted, present(got))).toBe(met)
  })

  it('are plain text before version 2012-10-17', () => {
    expect(meets('StringEquals', '${aws:username}', present('ann'), '2008-10-17')).toBe('no')
    expect(meets('StringEquals', '${aws:username}', present('${aws:username}'), '2008-10-17')).toBe('yes')
  })
})
