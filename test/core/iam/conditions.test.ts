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
  })

  // "For no matching key or a null dataset, the condition returns false." / "If the key is not present, evaluate … as true."
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IfExists
  it.each(['StringEquals', 'StringNotEquals', 'StringLike', 'ArnLike'])(
    'leaves ForAnyValue:%sIfExists open',
    operator => {
      const { truth, unknowns } = explained({ [`ForAnyValue:${operator}IfExists`]: { k: 'a' } }, () => ABSENT_KEY)
      const why = `it has no value, and AWS’s pages contradict each other about ForAnyValue:${operator}IfExists`
      expect([truth, unknowns]).toEqual(['unknown', [{ fact: 'k', why }]])
      expect(meets(`ForAllValues:${operator}IfExists`, 'a', ABSENT_KEY)).toBe('yes')
    },
  )

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
    // "the key values resolve to a null data set, such as an empty string"
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
    ['ForAnyValue:StringEquals', [''], ['', ''], 'no'],
    ['ForAnyValue:StringNotEquals', ['a'], [''], 'no'],
    ['ForAllValues:StringEquals', ['a'], ['', ''], 'yes'],
    // "Multivalued context keys require a condition set operator": no page says what happens without one.
    ['StringEquals', ['a', 'b'], ['a', 'b'], 'unknown'],
    ['StringEquals', ['x'], ['a', 'b'], 'no'],
    ['StringEquals', ['a'], ['a', 'b'], 'unknown'],
    ['StringNotEquals', ['x'], ['a', 'b'], 'unknown'],
    ['StringNotEquals', ['a', 'b'], ['a', 'b'], 'no'],
  ] as const
  it.each(rows)('%s %j with %j: %s', (operator, wanted, got, met) => {
    expect(meets(operator, wanted, present(...got))).toBe(met)
  })

  it.each(['aws:TagKeys', 'aws:PrincipalOrgPaths', 'sts:TransitiveTagKeys'])(
    '%s needs a quantifier for one value too',
    key => {
      const one = (operator: string, wanted: string) =>
        explained({ [operator]: { [key]: wanted } }, () => present('a')).truth
      expect([one('StringEquals', 'a'), one('StringNotEquals', 'x'), one('StringEquals', 'x')]).toEqual([
        'unknown',
        'unknown',
        'no',
      ])
      expect(one('ForAnyValue:StringEquals', 'a')).toBe('yes')
    },
  )
})

// https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks-suggestion-empty-array-condition
describe('an empty list', () => {
  const rows = [
    // "matches only if the key is missing from the request context"
    ['ForAllValues:StringEquals', 'no', 'yes', 'unknown'],
    ['ForAllValues:StringNotEquals', 'no', 'yes', 'unknown'],
    ['StringEqualsIfExists', 'no', 'yes', 'unknown'],
    ['StringNotEqualsIfExists', 'no', 'yes', 'unknown'],
    // "never matches the request context"
    ['ForAnyValue:StringEquals', 'no', 'no', 'no'],
    ['ForAnyValue:StringNotEquals', 'no', 'no', 'no'],
    ['ForAnyValue:StringNotEqualsIfExists', 'no', 'unknown', 'unknown'],
    // "does not affect the policy"
    ['StringEquals', 'unknown', 'unknown', 'unknown'],
    ['StringNotEquals', 'unknown', 'unknown', 'unknown'],
    ['Null', 'unknown', 'unknown', 'unknown'],
  ] as const
  it.each(rows)('of %s: %s with the key, %s without, %s where it is unseen', (operator, ...met) => {
    expect([present('a'), ABSENT_KEY, unknownKey('hidden', 'any')].map(fact => meets(operator, [], fact))).toEqual(met)
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
    // AWS does not document whether a wildcard of the default is one.
    ['StringLike', "${aws:PrincipalTag/team, 'a*'}", 'abc', 'unknown'],
    ['StringLike', "x-${aws:PrincipalTag/team, 'a?'}", 'y-ab', 'no'],
    ['StringNotLike', "${aws:PrincipalTag/team, '*'}", 'abc', 'unknown'],
    ['ArnLike', "arn:aws:iam::*:role/${aws:PrincipalTag/team, '*'}", 'arn:aws:iam::111122223333:role/a', 'unknown'],
    ['StringEquals', "${aws:PrincipalTag/team, 'a*'}", 'abc', 'no'],
    ['StringEquals', "${aws:PrincipalTag/team, 'a*'}", 'a*', 'yes'],
    ['StringLike', "${aws:username, '*'}", 'bob', 'no'],
    // A default value has quotes on both sides.
    ['StringEquals', '${aws:PrincipalTag/team, none}', 'none', 'no'],
    ['StringEquals', "${aws:PrincipalTag/team, 'none}", 'none', 'no'],
    ['StringEquals', "${aws:PrincipalTag/team, none'}", 'none', 'no'],
    ['StringEquals', "${aws:PrincipalTag/team, 'none}", 'non', 'no'],
    ['StringEquals', "${aws:PrincipalTag/team, none'}", 'one', 'no'],
    ['StringEquals', "${aws:PrincipalTag/team, '}", '', 'no'],
    ['StringEquals', '${aws:PrincipalTag/team}', '', 'no'],
    // "Inverted condition operators like StringNotEquals or StringNotLike do match against a null value"
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value
    ['StringNotEquals', '${aws:PrincipalTag/team}', 'x', 'yes'],
    ['StringNotLike', ['${aws:PrincipalTag/team}*', 'y'], 'x', 'yes'],
    ['StringNotLike', ['${aws:PrincipalTag/team}*', 'x*'], 'x', 'no'],
    ['StringNotEqualsIgnoreCase', '${aws:PrincipalTag/team}', 'x', 'yes'],
    ['ArnNotLike', 'arn:aws:iam::*:role/${aws:PrincipalTag/team}', 'arn:aws:iam::111122223333:role/a', 'yes'],
    ['ArnNotEquals', 'arn:aws:iam::*:role/${aws:PrincipalTag/team}', 'no arn', 'unknown'],
    ['ForAllValues:StringNotEquals', '${aws:PrincipalTag/team}', 'x', 'yes'],
    ['StringEquals', '${aws:Unseen}', 'x', 'unknown'],
    ['StringEquals', ['${aws:Unseen}', 'y'], 'x', 'unknown'],
    ['StringEquals', ['${aws:Unseen}', 'x'], 'x', 'yes'],
    ['StringEquals', ['${aws:Unseen}', '${aws:PrincipalTag/team}'], 'x', 'unknown'],
    ['StringEquals', ['${aws:PrincipalTag/team}', '${aws:Unseen}'], 'x', 'unknown'],
    ['StringEquals', '${aws:TagKeys}', 'a', 'unknown'],
    ['StringNotEquals', '${aws:TagKeys}', 'a', 'unknown'],
    // "You can use any … single-valued context key as a policy variable, but cannot use a multivalued context key": with a default?
    ['StringEquals', "${aws:TagKeys, 'none'}", 'none', 'unknown'],
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value: a key "that has no value"
    ['StringEquals', '${aws:PrincipalTag/empty}', '', 'unknown'],
    ['StringEquals', "${aws:PrincipalTag/empty, 'none'}", 'none', 'unknown'],
    ['StringEquals', "a-${aws:PrincipalTag/empty, 'none'}", 'b-none', 'no'],
    ['StringEquals', 'a-${aws:Unseen}', 'b-x', 'no'],
    // Whether it has a value or none.
    ['StringNotEquals', 'a-${aws:Unseen}', 'b-x', 'yes'],
    ['StringNotEquals', 'a-${aws:Unseen}', 'a-x', 'unknown'],
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
