import { describe, expect, it } from 'vitest'
import { ABSENT_KEY, contextFact, present, unknownKey } from '../../../core/iam/conditions/context.ts'
import { explained, meets } from '../../fixtures/conditions.ts'

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
    // AWS documents an empty text as no value for ForAllValues alone.
    ['true', present(''), 'unknown'],
    ['false', present('', ''), 'unknown'],
    ['false', present('', 'x'), 'yes'],
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
      expect(explained(JSON.parse(`{"${operator}":{"k":"a"}}`), () => present('a'), true).truth).toBe('unknown')
    },
  )

  it('is named with its reason', () => {
    const outcome = explained(
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
  const of = (block: Parameters<typeof explained>[0]) => explained(block, key => contextFact(facts, key), true)

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
    ['StringEquals', "${aws:PrincipalTag/team, ''}", '', 'yes'],
    // A default value has quotes on both sides.
    ['StringEquals', '${aws:PrincipalTag/team, none}', 'none', 'no'],
    ['StringEquals', "${aws:PrincipalTag/team, 'none}", 'none', 'no'],
    ['StringEquals', "${aws:PrincipalTag/team, none'}", 'none', 'no'],
    ['StringEquals', "${aws:PrincipalTag/team, 'none}", 'non', 'no'],
    ['StringEquals', "${aws:PrincipalTag/team, none'}", 'one', 'no'],
    ['StringEquals', "${aws:PrincipalTag/team, '}", '', 'no'],
    ['StringEquals', '${aws:PrincipalTag/team}', '', 'no'],
    ['StringNotEquals', '${aws:PrincipalTag/team}', 'x', 'unknown'],
    ['StringEquals', '${aws:Unseen}', 'x', 'unknown'],
    ['StringEquals', ['${aws:Unseen}', 'y'], 'x', 'unknown'],
    ['StringEquals', ['${aws:Unseen}', 'x'], 'x', 'yes'],
    ['StringEquals', ['${aws:Unseen}', '${aws:PrincipalTag/team}'], 'x', 'unknown'],
    ['StringEquals', ['${aws:PrincipalTag/team}', '${aws:Unseen}'], 'x', 'unknown'],
    ['StringEquals', '${aws:TagKeys}', 'a', 'no'],
    ['StringEquals', "${aws:TagKeys, 'none'}", 'none', 'yes'],
    ['StringEquals', 'a-${aws:Unseen}', 'b-x', 'no'],
    ['StringNotEquals', 'a-${aws:Unseen}', 'b-x', 'unknown'],
    ['StringLike', 'a${*}c', 'a*c', 'yes'],
    ['StringLike', 'a${*}c', 'abc', 'no'],
    ['StringLike', 'a${?}${$}', 'a?$', 'yes'],
    ['StringEquals', 'open${aws:username', 'open${aws:username', 'yes'],
    ['ArnLike', 'arn:aws:iam::111122223333:user/${aws:username}', 'arn:aws:iam::111122223333:user/ann', 'yes'],
    ['ArnLike', 'arn:aws:iam::111122223333:user/${aws:username}', 'arn:aws:iam::111122223333:user/Ann', 'no'],
    ['ArnLike', 'arn:aws:iam::111122223333:User/${aws:username}', 'arn:aws:iam::111122223333:user/ann', 'no'],
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
