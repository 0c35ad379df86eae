import { array, assert, constantFrom, property, tuple } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileConditions, meetsConditions, quietScope } from '../../../core/iam/conditions/conditions.ts'
import { partlyKnown } from '../../../core/iam/conditions/context.ts'
import { comparePartly } from '../../../core/iam/conditions/partial-value.ts'
import { matchesGlob } from '../../../core/iam/policy/glob.ts'
import '../../seed.ts'

const PIPE = 'arn:aws:pipes:us-east-1:111122223333:pipe/*'

describe('a value of which only a pattern is known', () => {
  it.each([
    // The whole pattern is within the wanted one.
    ['ArnLike', 'arn:aws:pipes:us-east-1:111122223333:pipe/*', 'yes'],
    ['ArnEquals', 'arn:aws:pipes:*:111122223333:*', 'yes'],
    ['StringLike', 'arn:aws:pipes:*', 'yes'],
    // It may turn out either way.
    ['ArnLike', 'arn:aws:pipes:us-east-1:111122223333:pipe/orders', null],
    ['StringEquals', 'arn:aws:pipes:us-east-1:111122223333:pipe/orders', null],
    ['StringLike', 'arn:aws:pipes:us-east-1:111122223333:pipe/??????', null],
    // No value of the pattern is a wanted one.
    ['ArnLike', 'arn:aws:pipes:us-east-1:444455556666:pipe/*', 'no'],
    ['ArnLike', 'arn:aws:pipes:eu-west-1:111122223333:*', 'no'],
    ['StringEquals', 'arn:aws:pipes:us-east-1:111122223333:schedule/orders', 'no'],
    ['StringLike', 'arn:aws:scheduler:*', 'no'],
    // A wildcard of an ARN ends at a colon.
    ['ArnLike', 'arn:aws:pipes:*:pipe/*', null],
    // Negated.
    ['ArnNotLike', 'arn:aws:pipes:us-east-1:111122223333:pipe/*', 'no'],
    ['ArnNotLike', 'arn:aws:scheduler:*:*:*', 'yes'],
    ['StringNotEquals', 'arn:aws:pipes:us-east-1:111122223333:pipe/orders', null],
    // What is not compared as text, and what a variable decides.
    ['Bool', 'true', null],
    ['ArnLike', `arn:aws:pipes:us-east-1:\${aws:PrincipalAccount}:pipe/*`, null],
  ])('%s %s: %s', (operator, wanted, expected) => {
    expect(comparePartly(operator, [wanted], PIPE)).toBe(expected)
  })

  it('is met by one of several wanted values', () => {
    const wanted = ['arn:aws:scheduler:*:*:*', 'arn:aws:pipes:*:*:*']
    expect(comparePartly('ArnLike', wanted, PIPE)).toBe('yes')
    expect(comparePartly('ArnNotLike', wanted, PIPE)).toBe('no')
  })

  it('is said as it is known where it is not met', () => {
    const conditions = compileConditions({ ArnLike: { 'aws:SourceArn': 'arn:aws:pipes:eu-west-1:*:*' } }, true)
    const fact = () => partlyKnown(PIPE, 'the pipe is still to be made')
    const notes = { mismatches: [], unknowns: [] }
    expect(meetsConditions(conditions, { fact, quiet: quietScope(fact) }, notes)).toBe('no')
    expect(notes).toEqual({
      mismatches: [
        {
          element: 'condition',
          operator: 'ArnLike',
          key: 'aws:SourceArn',
          wanted: ['arn:aws:pipes:eu-west-1:*:*'],
          got: [PIPE],
        },
      ],
      unknowns: [],
    })
    const isSet = compileConditions({ Null: { 'aws:SourceArn': 'false' } }, true)
    expect(meetsConditions(isSet, { fact, quiet: quietScope(fact) }, null)).toBe('yes')
  })

  it('answers yes and no for every text of the pattern', () => {
    const text = (letters: readonly string[]) =>
      array(constantFrom(...letters), { maxLength: 6 }).map(all => all.join(''))
    const like = array(constantFrom('a', 'b', '*'), { maxLength: 5 })
    assert(
      property(
        tuple(text(['a', 'b', '*', '?']), like, array(text(['a', 'b', 'c']), { minLength: 5, maxLength: 5 })),
        ([wanted, parts, fills]) => {
          const instance = parts.map((part, at) => (part === '*' ? (fills[at] ?? '') : part)).join('')
          const answer = comparePartly('StringLike', [wanted], parts.join(''))
          if (answer !== null) expect(matchesGlob(wanted, instance) ? 'yes' : 'no').toBe(answer)
        },
      ),
    )
  })
})
