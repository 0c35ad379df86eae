import { canonicalJson } from '../../base/canonical-json.ts'
import { list, type Statement } from './policy-document.ts'

export type ValueAdded = { readonly operator: string; readonly key: string; readonly values: readonly string[] }

/** The values that `after` adds to one condition list of `before`; null for any other difference. */
export function valueAdded(before: Statement, after: Statement): ValueAdded | null {
  const { Condition: old = {}, ...oldRest } = before
  const { Condition: next = {}, ...nextRest } = after
  if (canonicalJson(oldRest) !== canonicalJson(nextRest)) return null
  if (canonicalJson(shape(old)) !== canonicalJson(shape(next))) return null

  const grown = Object.entries(next).flatMap(([operator, keys]) =>
    Object.entries(keys).flatMap(([key, value]) => {
      const was = list(old[operator]?.[key]).map(String)
      const now = list(value).map(String)
      if (canonicalJson(was) === canonicalJson(now)) return []
      const values = now.filter(one => !was.includes(one))
      const appended = was.every((one, index) => now[index] === one) && now.length === was.length + values.length
      return [{ operator, key, values, appended }]
    }),
  )
  const [only] = grown
  return grown.length === 1 && only?.appended === true
    ? { operator: only.operator, key: only.key, values: only.values }
    : null
}

/** The statement reduced to the values that both have in the one condition list in which they differ. Null for any other difference. */
export function commonValues(one: Statement, other: Statement): Statement | null {
  const { Condition: first = {}, ...oneRest } = one
  const { Condition: second = {}, ...otherRest } = other
  if (canonicalJson(oneRest) !== canonicalJson(otherRest)) return null
  if (canonicalJson(shape(first)) !== canonicalJson(shape(second))) return null
  const lists = Object.entries(first).flatMap(([operator, keys]) => Object.keys(keys).map(key => ({ operator, key })))
  const differing = lists.filter(
    ({ operator, key }) => canonicalJson(first[operator]?.[key]) !== canonicalJson(second[operator]?.[key]),
  )
  const [only] = differing
  if (only === undefined || differing.length > 1) return null
  const { operator, key } = only
  const others = list(second[operator]?.[key]).map(String)
  const values = list(first[operator]?.[key]).map(String)
  const common = values.filter(value => others.includes(value))
  // Returns the original if nothing is lost, to keep a single value that is written without a list.
  if (common.length === values.length) return one
  return { ...one, Condition: { ...first, [operator]: { ...first[operator], [key]: common } } }
}

const shape = (condition: object) =>
  Object.fromEntries(Object.entries(condition).map(([operator, keys]) => [operator, Object.keys(keys).sort()]))
