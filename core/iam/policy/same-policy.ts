/** Compares two documents regardless of how IAM stored them. */
import { canonicalJson } from '../../base/canonical-json.ts'
import { list, type OneOrMore, type PolicyDocument, type PrincipalBlock, type Statement } from './policy-document.ts'

/**
 * True for documents with the same meaning. IAM returns a document as it was written, except trust policies: there it unwraps
 * lists of one value and replaces an account id by the account's ARN. The order of statements counts. Order and repetition
 * inside lists do not, nor does the case of actions, condition operators and condition keys.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html (keys)
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html (actions)
 */
export const samePolicy = (a: PolicyDocument | null, b: PolicyDocument | null): boolean => formOf(a) === formOf(b)

const formOf = (document: PolicyDocument | null): string =>
  canonicalJson(
    document && {
      ...{ Version: document.Version ?? '2008-10-17', Id: document.Id },
      Statement: document.Statement.map(statementForm),
    },
  )

/** Equal for two statements exactly when `samePolicy` takes them for the same. */
export const statementForm = (statement: Statement): string =>
  canonicalJson({
    ...statement,
    Principal: plainPrincipal(statement.Principal),
    NotPrincipal: plainPrincipal(statement.NotPrincipal),
    Action: plainList(statement.Action, lowerCase),
    NotAction: plainList(statement.NotAction, lowerCase),
    Resource: plainList(statement.Resource),
    NotResource: plainList(statement.NotResource),
    // An empty block equals no block. A key or operator in two spellings gives two tests, so neither hides the other.
    Condition: plainList(conditionTests(statement).map(canonicalJson)),
  })

/** `statements` without one occurrence of each of `others`. */
export function minus(statements: readonly Statement[], others: readonly Statement[]): readonly Statement[] {
  const left = others.map(statementForm)
  return statements.filter(statement => {
    const at = left.indexOf(statementForm(statement))
    if (at === -1) return true
    left.splice(at, 1)
    return false
  })
}

/** The values of each operator and key, both in lower case as IAM compares them. */
export const conditionTests = ({ Condition = {} }: Statement): readonly (readonly [string, readonly string[]])[] =>
  Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => [lowerCase(`${operator} ${key}`), plainList(values) ?? []] as const),
  )

function plainPrincipal(principal: PrincipalBlock | undefined): unknown {
  if (principal === undefined || principal === '*') return principal
  return Object.fromEntries(Object.entries(principal).map(([type, value]) => [type, plainList(value, account)]))
}

const account = (principal: string): string => /^arn:aws[a-z-]*:iam::(\d{12}):root$/.exec(principal)?.[1] ?? principal

const plainList = (values: OneOrMore<string | number | boolean> | undefined, form = (text: string): string => text) =>
  values === undefined ? undefined : [...new Set(list(values).map(value => form(String(value))))].sort()

const lowerCase = (text: string): string => text.toLowerCase()
