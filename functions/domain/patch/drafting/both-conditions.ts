import type { ConditionBlock } from '../../iam/policy/policy-document.ts'

/** What must hold for both. Where both set the same key, the owner's value (`a`) stands. */
export function bothConditions(a: ConditionBlock | null, b: ConditionBlock | undefined): ConditionBlock | null {
  if (a === null) return b ?? null
  if (b === undefined) return a
  const operators = [...new Set([...Object.keys(a), ...Object.keys(b)])]
  return Object.fromEntries(operators.map(operator => [operator, { ...b[operator], ...a[operator] }]))
}
