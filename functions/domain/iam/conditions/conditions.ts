/**
 * Evaluates the `Condition` element in three-valued logic.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
 */

import type { Unknown } from '../../base/fact.ts'
import type { Mismatch } from '../policy/mismatch.ts'
import { type ConditionBlock, list } from '../policy/policy-document.ts'
import type { Match, Scope } from '../policy/policy-variables.ts'
import type { ContextFact } from './context.ts'
import type { Operator } from './operators/operator.ts'
import { type ParsedOperator, parseOperator } from './operators/table.ts'
import { parseBool } from './operators/text.ts'
import { all, and, some, type Truth } from './truth.ts'

export type ConditionOutcome = {
  readonly truth: Truth
  /** Every failed condition. */
  readonly mismatches: readonly Mismatch[]
  readonly unknowns: readonly Unknown[]
}

const MET: ConditionOutcome = { truth: 'yes', mismatches: [], unknowns: [] }

/** All operators and all keys must be met. */
export function meetsConditions(
  block: ConditionBlock | undefined,
  fact: (key: string) => ContextFact,
  variables: boolean,
): ConditionOutcome {
  if (block === undefined) return MET
  let truth: Truth = 'yes'
  const mismatches: Mismatch[] = []
  const unknowns: Unknown[] = []
  for (const [operator, keys] of Object.entries(block)) {
    for (const [key, value] of Object.entries(keys)) {
      const seen = fact(key)
      const wanted = list(value).map(String)
      const notes: Unknown[] = []
      const scope: Scope = { fact, variables, note: unknown => notes.push(unknown) }
      const met = meetsCondition(operator, key, wanted, seen, scope)
      truth = and(truth, met)
      if (met === 'no') {
        const got = seen.state === 'present' ? seen.values : null
        mismatches.push({ element: 'condition', operator, key, wanted, got })
      }
      if (met === 'unknown') for (const note of notes) unknowns.push(note)
    }
  }
  return { truth, mismatches, unknowns }
}

function meetsCondition(
  operatorName: string,
  key: string,
  wanted: readonly string[],
  seen: ContextFact,
  scope: Scope,
): Truth {
  const parsed = parseOperator(operatorName)
  if (parsed === null) {
    scope.note({ fact: key, why: `the condition operator ${operatorName.slice(0, 100)} is not known` })
    return 'unknown'
  }
  if (seen.state === 'unknown') {
    scope.note({ fact: key, why: seen.why })
    return 'unknown'
  }
  // A key without a value counts as absent.
  const values = seen.state === 'present' ? seen.values : []
  if (parsed.operator === 'null') return isNull(wanted, values.length === 0, scope)
  if (values.length === 0) return absentKey(parsed, parsed.operator)
  // A value that resolves to a null data set, such as an empty string, counts as none for every value.
  if (parsed.quantifier === 'all' && values.every(value => value === '')) return 'yes'
  return meetsValues(parsed, parsed.operator, key, wanted, values, scope)
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html */
function absentKey(parsed: ParsedOperator, operator: Operator): Truth {
  if (parsed.ifExists || parsed.quantifier === 'all') return 'yes'
  if (parsed.quantifier === 'any') return 'no'
  return operator.negated ? 'yes' : 'no'
}

function meetsValues(
  parsed: ParsedOperator,
  operator: Operator,
  key: string,
  wanted: readonly string[],
  values: readonly string[],
  scope: Scope,
): Truth {
  const each = values.map(value => {
    const match = anyMatch(wanted, value, operator, scope)
    if (match === 'unresolvable' && operator.negated)
      scope.note({ fact: key, why: 'its value cannot be compared with the policy’s value' })
    return outcomeOf(match, operator.negated)
  })
  switch (parsed.quantifier) {
    case 'all':
      return all(each)
    case 'any':
      return some(each)
    case null: {
      const [first = 'unknown'] = each
      if (each.every(truth => truth === first)) return first
      scope.note({ fact: key, why: 'it has several values and the condition does not say how to compare them' })
      return 'unknown'
    }
  }
}

function anyMatch(wanted: readonly string[], value: string, operator: Operator, scope: Scope): Match {
  let best: Match = 'no'
  for (const pattern of wanted) {
    const match = operator.compare(pattern, value, scope)
    if (match === 'yes') return 'yes'
    if (match === 'unknown' || best === 'no') best = match
  }
  return best
}

/** An incomparable value meets no positive operator; AWS does not document whether it meets a negated one. */
function outcomeOf(match: Match, negated: boolean): Truth {
  switch (match) {
    case 'yes':
      return negated ? 'no' : 'yes'
    case 'no':
      return negated ? 'yes' : 'no'
    case 'unresolvable':
      return negated ? 'unknown' : 'no'
    case 'unknown':
      return 'unknown'
  }
}

function isNull(wanted: readonly string[], absent: boolean, scope: Scope): Truth {
  return some(
    wanted.map((text): Truth => {
      const asked = parseBool(text)
      if (asked !== null) return asked === absent ? 'yes' : 'no'
      scope.note({ fact: 'Null', why: `its value ${JSON.stringify(text.slice(0, 100))} is neither true nor false` })
      return 'unknown'
    }),
  )
}
