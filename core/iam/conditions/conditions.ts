/**
 * Evaluates the `Condition` element in three-valued logic.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
 */

import type { Unknown } from '../../base/index.ts'
import type { Mismatch } from '../policy/mismatch.ts'
import { type ConditionBlock, list } from '../policy/policy-document.ts'
import type { Match, VariableScope } from '../policy/policy-variables.ts'
import type { ContextFact } from './context.ts'
import type { Compare } from './operators/operator.ts'
import { type ParsedOperator, parseOperator } from './operators/table.ts'
import { parseBool } from './operators/text.ts'
import { comparePartly } from './partial-value.ts'
import { all, and, some, type Truth } from './truth.ts'

/** One key of one operator, with its values compiled. */
export type CompiledCondition = {
  readonly operator: string
  readonly key: string
  readonly wanted: readonly string[]
  readonly test: (seen: ContextFact, scope: VariableScope) => Truth
}

/** Collects the reasons of a comparison. */
export type Notes = { readonly mismatches: Mismatch[]; readonly unknowns: Unknown[] }

export function compileConditions(block: ConditionBlock | undefined, variables: boolean): readonly CompiledCondition[] {
  const conditions: CompiledCondition[] = []
  for (const [operator, keys] of Object.entries(block ?? {})) {
    const parsed = parseOperator(operator)
    for (const [key, value] of Object.entries(keys)) {
      const wanted = list(value).map(String)
      conditions.push({ operator, key, wanted, test: compileTest(operator, parsed, key, wanted, variables) })
    }
  }
  return conditions
}

/** The facts of the request. `quiet`: the scope for comparisons that collect no reasons. */
type Asked = { readonly fact: (key: string) => ContextFact; readonly quiet: VariableScope }

/** A scope that collects no reasons. */
export const quietScope = (fact: VariableScope['fact']): VariableScope => ({ fact, note: () => {} })

/**
 * True when every key of every operator is met. `notes` collects each failed condition and each unknown key; null: reasons are not wanted.
 */
export function meetsConditions(
  conditions: readonly CompiledCondition[],
  { fact, quiet }: Asked,
  notes: Notes | null,
): Truth {
  let truth: Truth = 'yes'
  for (const { operator, key, wanted, test } of conditions) {
    const seen = fact(key)
    if (notes === null) {
      const met = test(seen, quiet)
      if (met === 'no') return 'no'
      truth = and(truth, met)
      continue
    }
    const unseen: Unknown[] = []
    const met = test(seen, { fact, note: unknown => unseen.push(unknown) })
    truth = and(truth, met)
    if (met === 'no') {
      const got =
        seen.state === 'present'
          ? seen.values
          : seen.state === 'unknown' && seen.like !== undefined
            ? [seen.like]
            : null
      notes.mismatches.push({ element: 'condition', operator, key, wanted, got })
    }
    if (met === 'unknown') notes.unknowns.push(...unseen)
  }
  return truth
}

function compileTest(
  operatorName: string,
  parsed: ParsedOperator | null,
  key: string,
  wanted: readonly string[],
  variables: boolean,
): CompiledCondition['test'] {
  if (parsed === null)
    return (_seen, scope) => {
      scope.note({ fact: key, why: `the condition operator ${operatorName.slice(0, 100)} is not known` })
      return 'unknown'
    }
  const { operator } = parsed
  const literal = /string(not)?(equals|like)/i.test(operatorName) && wanted.every(value => !/[*?$]/.test(value))
  const compared = operator === 'null' ? [] : wanted.map(value => operator.compile(value, variables))
  if (wanted.length === 0) return emptyList(operatorName, parsed, key)
  return (seen, scope) => {
    if (seen.state === 'unknown') {
      const { never, like } = seen
      const partly =
        like === undefined
          ? null
          : operator === 'null'
            ? isNull(wanted, false, scope)
            : comparePartly(operatorName, wanted, like)
      if (partly !== null) return partly
      const excluded =
        never === 'any' || (literal && never !== undefined && wanted.every(value => never.includes(value)))
      const decided = excluded ? withoutMatch(parsed) : null
      if (decided !== null) return decided
      scope.note({ fact: key, why: seen.why })
      return 'unknown'
    }
    // AWS treats a key without a value as absent.
    const values = seen.state === 'present' ? seen.values : []
    if (operator === 'null') {
      if (values.length === 0 || values.some(value => value !== '')) return isNull(wanted, values.length === 0, scope)
      scope.note({ fact: key, why: 'AWS does not document whether Null takes an empty text for a value' })
      return 'unknown'
    }
    // Under a quantifier, AWS treats values that resolve to a null data set, such as an empty string, as no value.
    const isNothing = values.length === 0 || (parsed.quantifier !== null && values.every(value => value === ''))
    const met = isNothing ? absentKey(parsed, operator.negated) : meetsValues(parsed, key, compared, values, scope)
    if (met === 'unknown' && isNothing)
      scope.note({ fact: key, why: `it has no value, and AWS’s pages contradict each other about ${operatorName}` })
    return met
  }
}

/**
 * A condition without values. AWS documents when it matches under a quantifier or `IfExists`, and says of others that they do "not
 * affect the policy".
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks-suggestion-empty-array-condition
 */
function emptyList(operatorName: string, parsed: ParsedOperator, key: string): CompiledCondition['test'] {
  return (seen, scope) => {
    if (parsed.quantifier === 'any' && !parsed.ifExists) return 'no'
    const onlyAbsent = parsed.quantifier === 'all' || parsed.ifExists
    if (onlyAbsent && seen.state === 'present' && seen.values.some(value => value !== '')) return 'no'
    if (onlyAbsent && seen.state === 'absent' && parsed.quantifier !== 'any') return 'yes'
    const why = seen.state === 'unknown' ? seen.why : `AWS does not document ${operatorName} with an empty list`
    scope.note({ fact: key, why })
    return 'unknown'
  }
}

/**
 * `ForAnyValue` is false without a value, `IfExists` is true without the key: AWS documents no operator with both, and was seen to
 * answer false.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IfExists
 * https://repost.aws/questions/QU9HFmDzP0QGuU-fd7rS6B7w/foranyvalue-stringequalsifexists-behaving-unexpectedly
 */
function absentKey({ ifExists, quantifier }: ParsedOperator, negated: boolean): Truth {
  if (quantifier === 'any') return ifExists ? 'unknown' : 'no'
  if (ifExists || quantifier === 'all') return 'yes'
  return negated ? 'yes' : 'no'
}

/** The outcome if the key is absent or has none of the policy's values. Null: the two cases differ. */
function withoutMatch(parsed: ParsedOperator): Truth | null {
  if (parsed.operator === 'null') return null
  const { negated } = parsed.operator
  const present = negated ? 'yes' : 'no'
  return absentKey(parsed, negated) === present ? present : null
}

/**
 * Keys of AWS that can have several values, which require `ForAllValues` or `ForAnyValue`. AWS does not document how it compares
 * one without, even one that has a single value.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
const MULTIVALUED: ReadonlySet<string> = new Set([
  'aws:calledvia',
  'aws:principalorgpaths',
  'aws:principalservicenameslist',
  'aws:resourceorgpaths',
  'aws:sourceorgpaths',
  'aws:tagkeys',
  'sts:transitivetagkeys',
])

function meetsValues(
  { operator, quantifier }: ParsedOperator,
  key: string,
  compared: readonly Compare[],
  values: readonly string[],
  scope: VariableScope,
): Truth {
  const negated = operator !== 'null' && operator.negated
  const each = values.map(value => {
    const match = anyMatch(compared, value, scope)
    if (match === 'incomparable' && negated)
      scope.note({ fact: key, why: 'its value cannot be compared with the policy’s value' })
    return outcomeOf(match, negated)
  })
  switch (quantifier) {
    case 'all':
      return all(each)
    case 'any':
      return some(each)
    case null: {
      const [first = 'unknown'] = each
      if (each.every(truth => truth === 'no')) return 'no'
      if (each.length === 1 && !MULTIVALUED.has(key.toLowerCase())) return first
      scope.note({ fact: key, why: 'it has several values and the condition does not say how to compare them' })
      return 'unknown'
    }
  }
}

function anyMatch(compared: readonly Compare[], value: string, scope: VariableScope): Match {
  let best: Match = 'no'
  for (const compare of compared) {
    const match = compare(value, scope)
    if (match === 'yes') return 'yes'
    if (match === 'unknown' || (match === 'incomparable' && best === 'no')) best = match
  }
  return best
}

/** A value that cannot be compared meets no positive operator. AWS does not document whether it meets a negated one. */
function outcomeOf(match: Match, negated: boolean): Truth {
  switch (match) {
    case 'yes':
      return negated ? 'no' : 'yes'
    case 'no':
    case 'unresolvable':
      return negated ? 'yes' : 'no'
    case 'incomparable':
      return negated ? 'unknown' : 'no'
    case 'unknown':
      return 'unknown'
  }
}

function isNull(wanted: readonly string[], absent: boolean, scope: VariableScope): Truth {
  return some(
    wanted.map((text): Truth => {
      const asked = parseBool(text)
      if (asked !== null) return asked === absent ? 'yes' : 'no'
      scope.note({ fact: 'Null', why: `its value ${JSON.stringify(text.slice(0, 100))} is neither true nor false` })
      return 'unknown'
    }),
  )
}
