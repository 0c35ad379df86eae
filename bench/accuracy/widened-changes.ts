/** Changes that open too much, made from the labelled ones: the oracle has to notice every one of them. */
import type { ConditionBlock, ConditionValue, Statement } from '../../functions/domain/iam/policy/policy-document.ts'
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

/** Without its conditions altogether, a statement opens so much that one key of several could be overlooked. */
function withoutOneKey(statement: Statement): readonly Statement[] {
  const asked = Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) => ({ operator, key, value })),
  )
  return asked.map(gone => ({ ...statement, Condition: blockOf(asked.filter(one => one !== gone)) }))
}

type Asked = { readonly operator: string; readonly key: string; readonly value: ConditionValue }

function blockOf(asked: readonly Asked[]): ConditionBlock {
  const operators = [...new Set(asked.map(({ operator }) => operator))]
  const keysOf = (operator: string) =>
    asked.filter(one => one.operator === operator).map(({ key, value }) => [key, value] as const)
  return Object.fromEntries(operators.map(operator => [operator, Object.fromEntries(keysOf(operator))]))
}

/** Whoever may be the principal: the condition lets in the same ones as before. */
const isPinned = ({ Condition }: Statement): boolean => /"aws:PrincipalArn"/i.test(JSON.stringify(Condition ?? {}))

export function widenedChangesDetected(all: readonly LabelledDenial[]): {
  readonly made: number
  readonly noticed: number
} {
  let made = 0
  let noticed = 0
  for (const { input, label } of all) {
    const right = documentsOfLabel(label.changes)
    for (const wide of widened(right)) {
      const probes = oracleRequests(input, [...wide, ...right])
      const theirs = newlyAllowed(right, probes)
      made += 1
      if ([...newlyAllowed(wide, probes)].some(probe => !theirs.has(probe))) noticed += 1
    }
  }
  return { made, noticed }
}

/** One statement of one change at a time; what a widening leaves as it was is none. */
function widened(right: readonly ProposedDocument[]): readonly (readonly ProposedDocument[])[] {
  return WIDENINGS.flatMap(widen =>
    right.flatMap((offer, at) =>
      offer.after.Statement.flatMap((statement, index) => {
        if (statement.Effect !== 'Allow') return []
        const wider = widen(statement).filter(one => JSON.stringify(one) !== JSON.stringify(statement))
        return wider.map(one => {
          const Statement = offer.after.Statement.with(index, one)
          return right.with(at, { ...offer, after: { ...offer.after, Statement } })
        })
      }),
    ),
  )
}
