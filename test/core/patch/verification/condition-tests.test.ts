import { describe, expect, it } from 'vitest'
import {
  type ConditionTest,
  testsOf,
  untested,
  untestedOfOwner,
} from '../../../../core/patch/verification/condition-tests.ts'

import { isHeld } from '../../../../core/patch/verification/needs.ts'

const KEY = 'iam:PassedToService'
const LOWER = 'iam:passedtoservice'
const ECS = 'ecs-tasks.amazonaws.com'
const LAMBDA = 'lambda.amazonaws.com'

const test = (operator: string, values: readonly string[] = [ECS], key = LOWER): ConditionTest => ({
  operator,
  key,
  values,
})
const NEEDED = [test('StringEquals')]

describe('the tests of a condition', () => {
  it('are one for each operator and key, with the key in lower case', () => {
    expect(testsOf({ StringEquals: { [KEY]: ECS, 'aws:SourceVpc': ['a', 'b'] }, Bool: { 'aws:x': true } })).toEqual([
      test('StringEquals'),
      test('StringEquals', ['a', 'b'], 'aws:sourcevpc'),
      test('Bool', ['true'], 'aws:x'),
    ])
    expect(testsOf(undefined)).toEqual([])
  })

  it.each([
    { StringEquals: { [KEY]: ECS, [LOWER]: LAMBDA } },
    { StringEquals: { [KEY]: ECS }, stringequals: { 'aws:SourceVpc': 'a' } },
    { StringEquals: { [KEY]: ECS }, stringEquals: { [LOWER]: LAMBDA } },
  ])('are not known where a key or an operator has two spellings: %j', block => {
    expect(testsOf(block)).toBeNull()
  })
})

describe('a test of the call', () => {
  it.each<[string, ConditionTest]>([
    ['is made by the same', test('StringEquals')],
    ['is made by another comparison of the same exact name', test('StringLike')],
    ['is made by one without case, of a name that only AWS gives', test('StringEqualsIgnoreCase')],
    ['is made by one of any of several values', test('ForAnyValue:StringEquals')],
  ])('%s', (_, made) => {
    expect(untested(NEEDED, [test('Bool', ['true'], 'aws:x'), made], null)).toBeNull()
  })

  it.each<[string, readonly ConditionTest[]]>([
    ['by none', []],
    ['of another key', [test('StringEquals', [ECS], 'aws:sourcevpc')]],
    ['of no value', [test('StringEquals', [])]],
    ['of another value', [test('StringEquals', [LAMBDA])]],
    ['of one value more', [test('StringEquals', [ECS, LAMBDA])]],
    ['by its negation', [test('StringNotEquals')]],
    ['where the key may be absent', [test('StringEqualsIfExists')]],
    ['where all values may be none', [test('ForAllValues:StringEquals')]],
    ['as an ARN, which it is not', [test('ArnLike')]],
    ['as a number', [test('NumericEquals')]],
  ])('is not made %s', (_, tests) => {
    expect(untested(NEEDED, tests, null)).toBe(LOWER)
  })

  it('of several values is made by fewer of them, unless it is a negation', () => {
    const needed = [test('StringEquals', [ECS, LAMBDA])]
    expect(untested(needed, [test('StringEquals', [LAMBDA])], null)).toBeNull()
    const not = [test('StringNotEquals', [ECS, LAMBDA])]
    expect(untested(not, [test('StringNotEquals', [LAMBDA])], null)).toBe(LOWER)
  })

  it('that lets the key be absent is made by one that does, too, and by one that does not', () => {
    const needed = [test('StringEqualsIfExists')]
    expect(untested(needed, [test('StringLikeIfExists')], null)).toBeNull()
    expect(untested(needed, [test('StringEquals')], null)).toBeNull()
  })

  it('of the principal is made by a comparison of ARNs; of another key without case it is not', () => {
    const arn = 'arn:aws:iam::111122223333:role/deployer'
    const principal = test('ArnEquals', [arn], 'aws:principalarn')
    expect(untested([principal], [test('ArnLike', [arn], 'aws:principalarn')], null)).toBeNull()
    expect(untested([principal], [test('StringEquals', [arn], 'aws:principalarn')], null)).toBeNull()
    const subject = test('StringEquals', ['repo:acme/app'], 'x:sub')
    expect(untested([subject], [{ ...subject, operator: 'StringEqualsIgnoreCase' }], null)).toBe('x:sub')
  })

  it('is the first that is missing', () => {
    const both = [test('StringEquals'), test('StringEquals', ['vpc-1'], 'aws:sourcevpc')]
    expect(untested(both, [test('StringEquals')], null)).toBe('aws:sourcevpc')
    expect(untested(both, [test('StringEquals', ['vpc-1'], 'aws:sourcevpc')], null)).toBe(LOWER)
  })
})

describe('a value that joined a list', () => {
  const joined = { operator: 'StringEqualsIfExists', key: KEY }

  it('gains nothing for a request without the key', () => {
    expect(untested(NEEDED, [test('StringEqualsIfExists')], joined)).toBeNull()
    expect(untested(NEEDED, [test('StringLikeIfExists')], joined)).toBe(LOWER)
    expect(untested(NEEDED, [test('StringEqualsIfExists')], { ...joined, key: 'aws:SourceVpc' })).toBe('aws:SourceVpc')
  })

  it('is asked about where the call has no test of it', () => {
    expect(untested([], [test('StringEqualsIfExists')], joined)).toBe(KEY)
  })
})

describe('what an owner demands', () => {
  const demanded = test('StringNotEquals', [ECS, LAMBDA])
  it.each<[readonly ConditionTest[], string | null]>([
    [[test('StringNotEquals', [ECS, LAMBDA])], null],
    [[test('StringNotEquals', [LAMBDA, ECS])], null],
    [[test('StringNotEquals', [ECS])], LOWER],
    [[test('StringNotEquals', [ECS, LAMBDA, 'x'])], LOWER],
    [[test('StringNotLike', [ECS, LAMBDA])], LOWER],
    [[test('StringNotEquals', [ECS, LAMBDA], 'x')], LOWER],
    [[], LOWER],
  ])('is tested as it is written, also where it is a negation: %j', (tests, missing) => {
    expect(untestedOfOwner([demanded], tests)).toBe(missing)
  })

  it('is tested by what admits fewer', () => {
    expect(untestedOfOwner([test('StringEquals', [ECS, LAMBDA])], NEEDED)).toBeNull()
    expect(untestedOfOwner(NEEDED, [test('StringEquals', [ECS, LAMBDA])])).toBe(LOWER)
    expect(untestedOfOwner(NEEDED, [test('StringEqualsIfExists')])).toBe(LOWER)
    expect(untestedOfOwner([test('StringEqualsIfExists')], NEEDED)).toBeNull()
  })
})

describe('a role', () => {
  const app = 'arn:aws:iam::111122223333:role/app'
  it.each([
    [app, app, true],
    [app, `${app}-task`, false],
    [`${app}-task`, app, false],
    [`${app}-task`, `${app}-*`, true],
    [app, `${app}-*`, false],
    ['arn:aws:iam::444455556666:role/app-task', `${app}-*`, false],
  ])('%s is held by %s: %s', (arn, pattern, held) => {
    expect(isHeld(arn, pattern)).toBe(held)
  })
})
