/** A text that two patterns both match. */
import { matchesGlob } from '../../iam/index.ts'

/** Steps. Resource patterns of AWS need fewer, because ARNs are short. */
const MAX_STEPS = 40_000

/** Both patterns have consumed a text that ends with `text`. `before`: the preceding place. */
type Place = { readonly inOne: number; readonly inOther: number; readonly text: string; readonly before: Place | null }

/**
 * A text that both patterns match. Null: none exists. `filler` is used where both allow any text. Takes at most len(one) ×
 * len(other) steps.
 */
export function commonText(one: string, other: string, filler: string): string | null {
  if (one.length * other.length > MAX_STEPS) return null
  const seen = new Set<number>()
  const open: Place[] = [{ inOne: 0, inOther: 0, text: '', before: null }]
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const { inOne, inOther } = place
    if (inOne === one.length && inOther === other.length) {
      const text = textTo(place)
      return matchesGlob(one, text) && matchesGlob(other, text) ? text : null
    }
    const key = inOne * (other.length + 1) + inOther
    if (seen.has(key)) continue
    seen.add(key)
    // The last place is tried first.
    open.push(...nextPlaces(place, one[inOne], other[inOther], filler).toReversed())
  }
  return null
}

function nextPlaces(before: Place, a: string | undefined, b: string | undefined, filler: string): readonly Place[] {
  const { inOne, inOther } = before
  const to = (byOne: number, byOther: number, text: string): Place => ({
    inOne: inOne + byOne,
    inOther: inOther + byOther,
    text,
    before,
  })
  if (a === '*' && b === '*') return [to(1, 1, filler), to(1, 0, filler), to(0, 1, filler)]
  if (a === '*') return [...(b === undefined ? [] : [to(0, 1, letter(b))]), to(1, 0, '')]
  if (b === '*') return [...(a === undefined ? [] : [to(1, 0, letter(a))]), to(0, 1, '')]
  if (a === undefined || b === undefined) return []
  if (a === b || b === '?') return [to(1, 1, letter(a))]
  return a === '?' ? [to(1, 1, letter(b))] : []
}

const letter = (token: string): string => (token === '?' ? 'x' : token)

function textTo(last: Place): string {
  const texts: string[] = []
  for (let place: Place | null = last; place !== null; place = place.before) texts.push(place.text)
  return texts.toReversed().join('')
}
