import { canonicalJson } from '../../base/canonical-json.ts'
import { type ConditionValue, list, type Statement } from './policy-document.ts'

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
