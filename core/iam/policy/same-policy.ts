/** Compares documents, statements and condition lists as IAM does, however it stored them. */
import { canonicalJson } from '../../base/canonical-json.ts'
import { type ConditionValue, list, type PolicyDocument, type Statement } from './policy-document.ts'

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

type Statements = readonly Statement[]
/** `statements` without one occurrence of each of `others`. `instead`: what takes their places, as far as it goes. */
export function minus(statements: Statements, others: Statements, instead: Statements = []): Statements {
  const left = others.map(statementForm)
  const successors = [...instead]
  return statements.flatMap(statement => {
    const at = left.indexOf(statementForm(statement))
    if (at === -1) return [statement]
    left.splice(at, 1)
    return successors.splice(0, 1)
  })
}

/** The values of each operator and key, both in lower case as IAM compares them. */
export const conditionTests = ({ Condition = {} }: Statement): readonly (readonly [string, readonly string[]])[] =>
  Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => [lowerCase(`${operator} ${key}`), plainList(values) ?? []] as const),
  )

function plainPrincipal(principal: Statement['Principal']): unknown {
  if (principal === undefined || principal === '*') return principal
  return Object.fromEntries(Object.entries(principal).map(([type, value]) => [type, plainList(value, account)]))
}

const account = (principal: string): string => /^arn:aws[a-z-]*:iam::(\d{12}):root$/.exec(principal)?.[1] ?? principal

const plainList = (values: ConditionValue | undefined, form = (text: string): string => text) =>
  values === undefined ? undefined : [...new Set(list(values).map(value => form(String(value))))].sort()

const lowerCase = (text: string): string => text.toLowerCase()

export type ValueAdded = { readonly operator: string; readonly key: string; readonly values: readonly string[] }

/** The values that `after` adds to one condition list of `before`; null for any other difference. */
export function valueAdded(before: Statement, after: Statement): ValueAdded | null {
  const differing = differingList(before, after)
  if (differing === null) return null
  const { operator, key, one: was, other: now } = differing
  const values = now.filter(value => !was.includes(value))
  const isAppended = was.every((value, index) => now[index] === value) && now.length === was.length + values.length
  return isAppended && values.length > 0 ? { operator, key, values } : null
}

/** The statement reduced to the values that both have in the one condition list in which they differ. Null for any other difference. */
export function commonValues(one: Statement, other: Statement): Statement | null {
  const differing = differingList(one, other)
  if (differing === null) return null
  const { operator, key } = differing
  const common = differing.one.filter(value => differing.other.includes(value))
  // Returns the original if nothing is lost, to keep a single value that is written without a list.
  return common.length === differing.one.length ? one : withValues(one, operator, key, common)
}

/** The statement with these values in one condition list. */
export const withValues = (one: Statement, operator: string, key: string, values: ConditionValue): Statement => ({
  ...one,
  Condition: { ...one.Condition, [operator]: { ...one.Condition?.[operator], [key]: values } },
})

/** The one condition list in which the statements differ, with its values in each. Null: they differ elsewhere, or in none or several. */
function differingList(one: Statement, other: Statement) {
  for (const [operator, keys] of Object.entries(one.Condition ?? {}))
    for (const [key, value] of Object.entries(keys)) {
      const values = other.Condition?.[operator]?.[key]
      if (values === undefined || canonicalJson(value) === canonicalJson(values)) continue
      const isOnly = canonicalJson(withValues(one, operator, key, values)) === canonicalJson(other)
      return isOnly ? { operator, key, one: list(value).map(String), other: list(values).map(String) } : null
    }
  return null
}
