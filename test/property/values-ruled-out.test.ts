import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ABSENT_KEY, present, unknownKey } from '../../core/iam/conditions/context.ts'
import { meets } from '../fixtures/conditions.ts'
import { naiveCondition } from '../naive/naive-condition.ts'

const VALUES = ['111122223333', '444455556666', '1*', 'anonymous', '1', '']
const COMPARED = ['StringEquals', 'StringEqualsIgnoreCase', 'StringLike', 'NumericEquals', 'ArnLike']
const OPERATORS = [
  ...COMPARED.flatMap(name => [name, name.replace(/^(String|Numeric|Arn)/, '$1Not')]),
  'NumericLessThan',
].flatMap(name => ['', 'ForAllValues:', 'ForAnyValue:'].flatMap(set => [`${set}${name}`, `${set}${name}IfExists`]))

const values = fc.uniqueArray(fc.constantFrom(...VALUES), { minLength: 1, maxLength: 3 })

describe('a key of which only some values are ruled out', () => {
  it('decides a condition only where every other value and its absence decide it the same way', () => {
    fc.assert(
      fc.property(fc.constantFrom(...OPERATORS, 'Null'), values, values, (operator, wanted, never) => {
        const met = meets(operator, wanted, unknownKey('hidden', never))
        if (met === 'unknown') return
        const worlds = [ABSENT_KEY, ...VALUES.filter(value => !never.includes(value)).map(value => present(value))]
        for (const world of worlds)
          expect(naiveCondition(operator, 'aws:SomeKey', wanted, { 'aws:somekey': world }, true)).toBe(met === 'yes')
      }),
    )
  })

  it('decides the plain ones', () => {
    const fact = unknownKey('hidden', ['111122223333'])
    expect(meets('StringEquals', '111122223333', fact)).toBe('no')
    expect(meets('StringNotEquals', '111122223333', fact)).toBe('yes')
  })
})
