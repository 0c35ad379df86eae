/** Changes that allow too much, derived from the labelled ones. The oracle must detect every one. */
import type { ConditionBlock, ConditionValue, Statement } from '../../core/iam/policy/policy-document.ts'
import type { LabelledDenial } from './label.ts'
import { newlyAllowed } from './oracle.ts'
import { oracleRequests } from './oracle-requests.ts'
import { documentsOfLabel, type ProposedDocument } from './proposed-document.ts'

type Widening = (statement: Statement) => readonly Statement[]

const WIDENINGS: readonly Widening[] = [
  ({ Condition: _, ...rest }) => [rest],
  withoutOneKey,
  statement => [{ ...statement, Action: '*' }],
  statement => (statement.Resource === undefined ? [] : [{ ...statement, Resource: '*' }]),
  statement => (statement.Principal === undefined || isPinned(statement) ? [] : [{ ...statement, Principal: '*' }]),
]

/** Removes one key at a time: removing all conditions could hide that the oracle ignores a single key. */
function withoutOneKey(statement: Statement): readonly Statement[] {
  const asked = Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) => ({ operator, key, value })),
  )
  return asked.map(removed => ({ ...statement, Condition: blockOf(asked.filter(one => one !== removed)) }))
}

type Asked = { readonly operator: string; readonly key: string; readonly value: ConditionValue }

function blockOf(asked: readonly Asked[]): ConditionBlock {
  const operators = [...new Set(asked.map(({ operator }) => operator))]
  const keysOf = (operator: string) =>
    asked.filter(one => one.operator === operator).map(({ key, value }) => [key, value] as const)
  return Object.fromEntries(operators.map(operator => [operator, Object.fromEntries(keysOf(operator))]))
}

/** A condition on the principal ARN still limits a statement for any principal. */
const isPinned = ({ Condition }: Statement): boolean => /"aws:PrincipalArn"/i.test(JSON.stringify(Condition ?? {}))

export function widenedChangesDetected(all: readonly LabelledDenial[]): {
  readonly made: number
  readonly detected: number
} {
  let made = 0
  let detected = 0
  for (const { input, label } of all) {
    const right = documentsOfLabel(label.changes)
    for (const wide of widened(right)) {
      const queries = oracleRequests(input, [...wide, ...right])
      const theirs = newlyAllowed(right, queries)
      made += 1
      if ([...newlyAllowed(wide, queries)].some(query => !theirs.has(query))) detected += 1
    }
  }
  return { made, detected }
}

/** Widens one statement of one change at a time. Skips widenings without effect. */
function widened(right: readonly ProposedDocument[]): readonly (readonly ProposedDocument[])[] {
  return WIDENINGS.flatMap(widen =>
    right.flatMap((proposed, at) =>
      proposed.after.Statement.flatMap((statement, index) => {
        if (statement.Effect !== 'Allow') return []
        const wider = widen(statement).filter(one => JSON.stringify(one) !== JSON.stringify(statement))
        return wider.map(one => {
          const Statement = proposed.after.Statement.with(index, one)
          return right.with(at, { ...proposed, after: { ...proposed.after, Statement } })
        })
      }),
    ),
  )
}
