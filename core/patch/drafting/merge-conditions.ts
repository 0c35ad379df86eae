import type { ConditionBlock } from '../../iam/index.ts'

/** The conditions of both. If both set a key under the same operator, the owner's value (`a`) wins. */
export function mergeConditions(a: ConditionBlock | null, b: ConditionBlock | undefined): ConditionBlock | null {
  if (a === null) return b ?? null
  if (b === undefined) return a
  const operators = [...new Set([...Object.keys(a), ...Object.keys(b)])]
  return Object.fromEntries(operators.map(operator => [operator, { ...b[operator], ...a[operator] }]))
}
