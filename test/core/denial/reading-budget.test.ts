/** Which places of a log are read. Counted by hand from the limits. */
import { describe, expect, it } from 'vitest'
import { type PlaceInLog, readingBudget } from '../../../core/denial/logs/reading-budget.ts'

const whole = (form: string, sentence: string, at = 0): PlaceInLog => ({
  at,
  form,
  sentence: () => sentence,
  isWhole: true,
})
const part = (form: string, sentence: string | null, at = 0): PlaceInLog => ({
  at,
  form,
  sentence: sentence === null ? null : () => sentence,
  isWhole: false,
})

/** How many of the places get each answer. */
function permissions(places: readonly PlaceInLog[]) {
  const permit = readingBudget()
  const counts = { read: 0, repeated: 0, skip: 0 }
  for (const place of places) counts[permit(place)] += 1
  return counts
}
const many = <T>(count: number, item: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => item(index))

describe('the places of a log that are read', () => {
  it('are the first 12 with one sentence', () => {
    expect(permissions(many(12, () => whole('f', 's')))).toEqual({ read: 12, repeated: 0, skip: 0 })
    expect(permissions(many(20, () => whole('f', 's')))).toEqual({ read: 12, repeated: 8, skip: 0 })
  })

  it('are the first 1,000 of one form with different sentences', () => {
    expect(permissions(many(1_200, index => whole('f', `s${index}`)))).toEqual({ read: 1_000, repeated: 0, skip: 200 })
    expect(permissions(many(1_200, index => part('f', `s${index}`)))).toEqual({ read: 1_000, repeated: 0, skip: 200 })
    expect(permissions(many(1_200, () => part('f', null)))).toEqual({ read: 1_000, repeated: 0, skip: 200 })
  })

  it('are 1,500 of each kind at the start of a log, and one more for each 16,384 characters', () => {
    const forms = (at: number, kind: typeof whole) =>
      many(2_000, index => kind(`${kind.name}${index % 2}`, `${kind.name}${index}`, at))
    expect(permissions(forms(0, whole))).toEqual({ read: 1_500, repeated: 0, skip: 500 })
    expect(permissions(forms(0, part))).toEqual({ read: 1_500, repeated: 0, skip: 500 })
    expect(permissions([...forms(0, whole), ...forms(0, part)]).read).toBe(3_000)
    expect(permissions(forms(16_384 * 100, whole))).toEqual({ read: 1_600, repeated: 0, skip: 400 })
  })

  it('are as many repetitions, of all sentences together', () => {
    const places = many(200, index => many(12, () => whole(`f${index % 2}`, `s${index}`))).flat()
    // 200 first places, and 1,500 of the 2,200 repetitions.
    expect(permissions(places)).toEqual({ read: 1_700, repeated: 700, skip: 0 })
  })

  it('end with the 2,000th place of a form that names no role', () => {
    expect(permissions(many(2_100, () => part('f', 's')))).toEqual({ read: 12, repeated: 1_988, skip: 100 })
    expect(permissions(many(2_100, () => whole('f', 's')))).toEqual({ read: 12, repeated: 2_088, skip: 0 })
  })

  it('share a limit once there are 2,000 forms', () => {
    const forms = (count: number) => many(count, index => part(`f${index}`, null, 16_384 * 10_000))
    expect(permissions(forms(2_000))).toEqual({ read: 2_000, repeated: 0, skip: 0 })
    expect(permissions(forms(3_100))).toEqual({ read: 3_000, repeated: 0, skip: 100 })
    // A known form keeps its own limit.
    const known = [...forms(3_100), ...many(3, () => part('f7', null, 16_384 * 10_000))]
    expect(permissions(known)).toEqual({ read: 3_003, repeated: 0, skip: 100 })
  })
})
