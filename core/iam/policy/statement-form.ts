/** Statements as IAM compares them, however they were stored. */
import { canonicalJson } from '../../base/canonical-json.ts'
import { list, type OneOrMore, type PrincipalBlock, type Statement } from './policy-document.ts'

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

function plainPrincipal(principal: PrincipalBlock | undefined): unknown {
  if (principal === undefined || principal === '*') return principal
  return Object.fromEntries(Object.entries(principal).map(([type, value]) => [type, plainList(value, account)]))
}

const account = (principal: string): string => /^arn:aws[a-z-]*:iam::(\d{12}):root$/.exec(principal)?.[1] ?? principal

const plainList = (values: OneOrMore<string | number | boolean> | undefined, form = (text: string): string => text) =>
  values === undefined ? undefined : [...new Set(list(values).map(value => form(String(value))))].sort()

const lowerCase = (text: string): string => text.toLowerCase()
