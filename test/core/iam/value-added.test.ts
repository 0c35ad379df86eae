import { describe, expect, it } from 'vitest'
import type { ConditionBlock, Statement } from '../../../core/iam/policy/policy-document.ts'
import { commonValues, valueAdded } from '../../../core/iam/policy/same-policy.ts'

const statement = (Condition: ConditionBlock, more: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Action: 'iam:PassRole',
  Resource: '*',
  Condition,
  ...more,
})
const KEY = 'iam:PassedToService'
const passing = (...services: string[]): Statement => statement({ StringEquals: { [KEY]: services } })

describe('a statement that gains values of one condition', () => {
  it.each<readonly [string, Statement, Statement, readonly string[] | null]>([
    ['one more', passing('a'), passing('a', 'b'), ['b']],
    ['two more', passing('a'), passing('a', 'b', 'c'), ['b', 'c']],
    ['one more to a single text', statement({ StringEquals: { [KEY]: 'a' } }), passing('a', 'b'), ['b']],
    ['no change', passing('a'), passing('a'), null],
    ['another order', passing('a', 'b'), passing('b', 'a'), null],
    ['one before the others', passing('a'), passing('b', 'a'), null],
    ['one instead of another', passing('a', 'b'), passing('a', 'c'), null],
    ['one fewer', passing('a', 'b'), passing('a'), null],
    ['one that it has twice', passing('a'), passing('a', 'a'), null],
    ['another resource', passing('a'), { ...passing('a', 'b'), Resource: 'x' }, null],
    ['another effect', passing('a'), { ...passing('a', 'b'), Effect: 'Deny' }, null],
    ['another operator', passing('a'), statement({ StringLike: { [KEY]: ['a', 'b'] } }), null],
    [
      'two lists',
      statement({ StringEquals: { x: 'a', y: 'a' } }),
      statement({ StringEquals: { x: ['a', 'b'], y: ['a', 'b'] } }),
      null,
    ],
    ['a first condition', { Effect: 'Allow', Action: 'iam:PassRole', Resource: '*' }, passing('a'), null],
  ])('%s', (_, before, after, values) => {
    expect(valueAdded(before, after)).toEqual(values === null ? null : { operator: 'StringEquals', key: KEY, values })
  })
})

describe('the values that two statements have in common', () => {
  it.each<readonly [string, Statement, Statement, Statement | null]>([
    ['some', passing('a', 'b', 'c'), passing('c', 'a', 'd'), passing('a', 'c')],
    ['none', passing('a'), passing('b'), passing()],
    ['the same', passing('a'), passing('a'), null],
    [
      'all of one, written without a list',
      statement({ StringEquals: { [KEY]: 'a' } }),
      passing('a', 'b'),
      statement({ StringEquals: { [KEY]: 'a' } }),
    ],
    ['another action', passing('a'), { ...passing('b'), Action: 'sts:AssumeRole' }, null],
    ['another key', passing('a'), statement({ StringEquals: { x: 'a' } }), null],
    [
      'two lists that differ',
      statement({ StringEquals: { x: 'a', y: 'a' } }),
      statement({ StringEquals: { x: 'b', y: 'b' } }),
      null,
    ],
    [
      'one of two lists',
      statement({ StringEquals: { x: 'a', y: ['a', 'b'] } }),
      statement({ StringEquals: { x: 'a', y: ['b'] } }),
      statement({ StringEquals: { x: 'a', y: ['b'] } }),
    ],
  ])('%s', (_, one, other, common) => {
    expect(commonValues(one, other)).toEqual(common)
  })
})
