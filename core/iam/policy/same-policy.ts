/** Compares two documents regardless of how IAM stored them. */
import { canonicalJson } from '../../base/canonical-json.ts'
import {
  type ConditionBlock,
  list,
  type OneOrMore,
  type PolicyDocument,
  type PrincipalBlock,
  type Statement,
} from './policy-document.ts'

/**
 * True for documents with the same meaning. IAM returns a document as it was written, except trust policies: there it unwraps
 * lists of one value and replaces an account id by the account's ARN. The order of statements counts. Order and repetition
 * inside lists do not, nor does the case of actions, condition operators and condition keys.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html (keys)
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html (actions)
 */
export function samePolicy(a: PolicyDocument | null, b: PolicyDocument | null): boolean {
  if (a === null || b === null) return a === b
  return canonicalJson(plain(a)) === canonicalJson(plain(b))
}

const plain = (document: PolicyDocument) => ({
  Version: document.Version ?? '2008-10-17',
  Id: document.Id ?? null,
  Statement: document.Statement.map(plainStatement),
})

/** Equal for two statements exactly when `samePolicy` takes them for the same. */
export const statementForm = (statement: Statement): string => canonicalJson(plainStatement(statement))

function plainStatement({ Condition, ...rest }: Statement): object {
  const members = Object.entries(rest).flatMap(([name, value]) => {
    if (value === undefined) return []
    if (name.endsWith('Principal')) return [[name, plainPrincipal(value as PrincipalBlock)]]
    const values = list<string>(value as OneOrMore<string>)
    return [[name, plainList(name.endsWith('Action') ? values.map(lowerCase) : values)]]
  })
  // An empty block equals no block.
  const tests = plainTests(Condition ?? {})
  return { ...Object.fromEntries(members), ...(tests.length === 0 ? {} : { Condition: tests }) }
}

function plainPrincipal(principal: PrincipalBlock): unknown {
  if (principal === '*') return principal
  return Object.fromEntries(
    Object.entries(principal).map(([type, value]) => [type, plainList(list(value).map(account))]),
  )
}

const account = (principal: string): string => /^arn:aws[a-z-]*:iam::(\d{12}):root$/.exec(principal)?.[1] ?? principal

/** Lists each test separately. A key or operator in two spellings gives two tests, so neither hides the other. */
function plainTests(condition: ConditionBlock): readonly string[] {
  const tests = Object.entries(condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) =>
      canonicalJson([lowerCase(operator), lowerCase(key), plainList(list<string | number | boolean>(value))]),
    ),
  )
  return plainList(tests)
}

const plainList = (values: readonly (string | number | boolean)[]): string[] => [...new Set(values.map(String))].sort()

const lowerCase = (text: string): string => text.toLowerCase()
