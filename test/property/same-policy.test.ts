import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ConditionBlock, PolicyDocument } from '../../core/iam/policy/policy-document.ts'
import { samePolicy } from '../../core/iam/policy/same-policy.ts'

/** One test of a condition in a normalized form: names in lower case, values as a set. */
type Test = { readonly operator: string; readonly key: string; readonly values: readonly string[] }

const tests = fc.array(
  fc.record({
    operator: fc.constantFrom(
      'stringequals',
      'stringlike',
      'forallvalues:stringequals',
      'foranyvalue:stringlike',
      'bool',
    ),
    key: fc.constantFrom('aws:sourceip', 'aws:principaltag/team', 'sts:externalid'),
    values: fc.uniqueArray(fc.constantFrom('a', 'b', 'A', 'true'), { minLength: 1, maxLength: 3 }),
  }),
  { maxLength: 3 },
)

/** Any spelling of a name: each letter in either case. */
const spelled = (name: string) =>
  fc
    .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
    .map(upper => [...name].map((char, at) => (upper[at] ? char.toUpperCase() : char)).join(''))

const writtenValues = (values: readonly string[]) =>
  fc
    .tuple(fc.array(fc.constantFrom(...values), { maxLength: 2 }), fc.boolean())
    .chain(([repeated, alone]) =>
      alone && values.length === 1
        ? fc.constant<string | string[]>(values[0] ?? '')
        : fc.shuffledSubarray([...values, ...repeated], { minLength: values.length + repeated.length }),
    )

/** One way to write the tests as a block. Null: two of them would need the same two names. */
const written = (wanted: readonly Test[]): fc.Arbitrary<ConditionBlock | null> =>
  fc
    .shuffledSubarray([...wanted], { minLength: wanted.length })
    .chain(ordered =>
      fc.tuple(
        ...ordered.map(({ operator, key, values }) => fc.tuple(spelled(operator), spelled(key), writtenValues(values))),
      ),
    )
    .map(all => {
      const block: Record<string, Record<string, string | string[]>> = {}
      for (const [operator, key, value] of all) {
        if (Object.hasOwn(block[operator] ?? {}, key)) return null
        block[operator] = { ...block[operator], [key]: value }
      }
      return block
    })

const document = (Condition: ConditionBlock | null): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: '*', Condition: Condition ?? {} }],
})

const meaning = (all: readonly Test[]): string =>
  [...new Set(all.map(({ operator, key, values }) => `${operator} ${key} ${[...values].sort().join(',')}`))]
    .sort()
    .join('; ')

describe('two documents whose conditions', () => {
  it('have the same tests are the same, however they are written', () => {
    fc.assert(
      fc.property(
        tests.chain(wanted => fc.tuple(written(wanted), written(wanted))),
        ([one, other]) => {
          fc.pre(one !== null && other !== null)
          expect(samePolicy(document(one), document(other))).toBe(true)
        },
      ),
    )
  })

  it('have different tests are different, however they are written', () => {
    fc.assert(
      fc.property(
        fc
          .tuple(tests, tests)
          .filter(([one, other]) => meaning(one) !== meaning(other))
          .chain(([one, other]) => fc.tuple(written(one), written(other))),
        ([one, other]) => {
          fc.pre(one !== null && other !== null)
          expect(samePolicy(document(one), document(other))).toBe(false)
        },
      ),
    )
  })
})
