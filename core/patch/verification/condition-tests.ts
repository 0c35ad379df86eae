/** Conditions as a list of tests, all of which a request must pass. An additional test only narrows. */
import { type ConditionBlock, list } from '../../iam/index.ts'

export type ConditionTest = {
  readonly operator: string
  /** In lower case. */
  readonly key: string
  readonly values: readonly string[]
}

/** Null: a key or an operator occurs twice in different spellings, and AWS does not document the result. */
export function testsOf(block: ConditionBlock | undefined): readonly ConditionTest[] | null {
  if (block === undefined) return []
  const tests = Object.entries(block).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) => ({ operator, key: key.toLowerCase(), values: list(value).map(String) })),
  )
  const places = new Set(tests.map(({ operator, key }) => `${operator.toLowerCase()} ${key}`))
  const operators = Object.keys(block)
  const isTwice = new Set(operators.map(one => one.toLowerCase())).size < operators.length
  return isTwice || places.size < tests.length ? null : tests
}

const POSITIVE = /^(?:ForAnyValue:)?(StringEquals|StringLike|StringEqualsIgnoreCase|ArnEquals|ArnLike)(IfExists)?$/
/** Operators that fewer values narrow. Negated operators admit more with fewer values. */
const NARROWED_BY_FEWER =
  /^(?:ForAnyValue:|ForAllValues:)?(?:StringEquals|StringLike|StringEqualsIgnoreCase|ArnEquals|ArnLike)(?:IfExists)?$/
/** Keys whose values are names that only AWS assigns, in one spelling: ignoring case admits no other name. */
const NAMES_OF_AWS: readonly string[] = ['iam:passedtoservice', 'iam:awsservicename']
const ARNS = 'aws:principalarn'

/**
 * True only if each request that passes `test` passes `needed`. Needed values are exact names, so pattern operators compare
 * them literally. `joined`: the tested value joined an existing list, so that a request without the key gains nothing.
 */
function isAsNarrow(test: ConditionTest, needed: ConditionTest, joined: boolean): boolean {
  if (test.key !== needed.key || test.values.length === 0) return false
  if (!test.values.every(value => needed.values.includes(value))) return false
  if (test.operator === needed.operator) return NARROWED_BY_FEWER.test(test.operator)
  const [, wanted = '', wantedAbsent] = POSITIVE.exec(needed.operator) ?? []
  const [, compares = '', absent] = POSITIVE.exec(test.operator) ?? []
  if (wanted === '' || compares === '') return false
  if (absent !== undefined && wantedAbsent === undefined && !joined) return false
  const isArn = compares.startsWith('Arn')
  if (isArn) return test.key === ARNS
  return compares !== 'StringEqualsIgnoreCase' || NAMES_OF_AWS.includes(test.key)
}

/** The key of a needed test that the statement lacks. Null: it has all of them. `joined`: the list that a value joined. */
export function untested(
  needed: readonly ConditionTest[],
  tests: readonly ConditionTest[],
  joined: { readonly operator: string; readonly key: string } | null,
): string | null {
  const isJoined = ({ operator, key }: ConditionTest) =>
    operator === joined?.operator && key === joined.key.toLowerCase()
  if (joined !== null && !needed.some(({ key }) => key === joined.key.toLowerCase())) return joined.key
  return needed.find(one => !tests.some(test => isAsNarrow(test, one, isJoined(test))))?.key ?? null
}

/** Like `untested`, for the owner's conditions, compared as they are written. */
export const untestedOfOwner = (owners: readonly ConditionTest[], tests: readonly ConditionTest[]): string | null =>
  owners.find(one => !tests.some(test => isSameTest(test, one) || isAsNarrow(test, one, false)))?.key ?? null

const isSameTest = (one: ConditionTest, other: ConditionTest): boolean =>
  one.operator === other.operator &&
  one.key === other.key &&
  one.values.every(value => other.values.includes(value)) &&
  other.values.every(value => one.values.includes(value))
