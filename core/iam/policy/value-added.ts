import { canonicalJson } from '../../base/canonical-json.ts'
import { list, type Statement } from './policy-document.ts'

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
  if (common.length === differing.one.length) return one
  return { ...one, Condition: { ...one.Condition, [operator]: { ...one.Condition?.[operator], [key]: common } } }
}

/** The one condition list in which the statements differ, with its values in each. Null: they differ elsewhere, or in none or several. */
function differingList(one: Statement, other: Statement) {
  const { Condition: first = {}, ...oneRest } = one
  const { Condition: second = {}, ...otherRest } = other
  if (canonicalJson([oneRest, shape(first)]) !== canonicalJson([otherRest, shape(second)])) return null
  const [only, ...more] = Object.entries(first).flatMap(([operator, keys]) =>
    Object.entries(keys).flatMap(([key, value]) => {
      const values = second[operator]?.[key]
      if (canonicalJson(value) === canonicalJson(values)) return []
      return [{ operator, key, one: list(value).map(String), other: list(values).map(String) }]
    }),
  )
  return only === undefined || more.length > 0 ? null : only
}

const shape = (condition: object) =>
  Object.fromEntries(Object.entries(condition).map(([operator, keys]) => [operator, Object.keys(keys).sort()]))
