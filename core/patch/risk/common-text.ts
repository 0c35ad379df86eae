/** A text that two patterns both match. */
import { matchesGlob } from '../../iam/index.ts'

/** The work that several comparisons may take together. Below zero: one was not finished, so a text may be missing. */
export type Budget = { left: number }

/** Each managed policy of AWS fits, and of a hundred 96 take less than a hundredth of it: https://github.com/z0ph/MAMIP */
const MAX_STEPS = 100_000
export const fullBudget = (): Budget => ({ left: MAX_STEPS })

/** Both patterns have consumed a text that ends with `text`. `before`: the preceding place. */
type Place = { readonly inOne: number; readonly inOther: number; readonly text: string; readonly before: Place | null }

/**
 * A text that both patterns match. Null: none exists, or the budget is spent. `filler` is used where both allow any text. Takes at
 * most len(one) × len(other) steps.
 */
export function commonText(one: string, other: string, filler: string, budget: Budget): string | null {
  if (--budget.left < 0 || !mayMeet(one, other)) return null
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
    if (--budget.left < 0) return null
    // The last place is tried first.
    open.push(...nextPlaces(place, one[inOne], other[inOther], filler).toReversed())
  }
  return null
}

/** False when what precedes the first wildcard, or follows the last one, already differs. */
function mayMeet(one: string, other: string): boolean {
  const shorter = Math.min(one.length, other.length)
  for (let at = 0; at < shorter && !isWild(one[at]) && !isWild(other[at]); at += 1)
    if (one[at] !== other[at]) return false
  for (let at = 1; at <= shorter; at += 1) {
    const [a, b] = [one.at(-at), other.at(-at)]
    if (isWild(a) || isWild(b)) return true
    if (a !== b) return false
  }
  return true
}

const isWild = (letter: string | undefined): boolean => letter === '*' || letter === '?'

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
