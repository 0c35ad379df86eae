/**
 * Matches `*` and `?` without a regular expression. A pattern is the texts between its `*`, each searched at the first place
 * where it fits. Takes time O(text + pattern); with `?` between two `*`, at most text × pattern / 32 steps.
 */
import { MAX_KEPT_CHARS, perText } from '../../base/index.ts'

export const ANY = -1
export const ONE = -2
const STAR = 42
const QUESTION = 63

/** Code units; `ANY` and `ONE` are the wildcards. */
export type Tokens = readonly number[]

export function globTokens(pattern: string): Tokens {
  const tokens: number[] = []
  for (let at = 0; at < pattern.length; at++) {
    const code = pattern.charCodeAt(at)
    tokens.push(code === STAR ? ANY : code === QUESTION ? ONE : code)
  }
  return tokens
}

export function literalTokens(text: string): Tokens {
  const tokens: number[] = []
  for (let at = 0; at < text.length; at++) tokens.push(text.charCodeAt(at))
  return tokens
}

/** The text between two `*`. `one`: the character in `text` that means `?`; -1: none. */
type Segment = { readonly text: string; readonly one: number }

/** A compiled pattern. */
export type Glob = {
  readonly first: Segment
  /** The segments between two `*`. */
  readonly middle: readonly Segment[]
  /** The segment after the last `*`. Null: the pattern has no `*`, so `first` is the whole text. */
  readonly last: Segment | null
  /** The minimum length of a matching text. */
  readonly least: number
  /** The last of `middle` if it has no `?`, else null. */
  readonly mostSpecific: string | null
  /** The last text compared and its outcome: one diagnosis compares the same text many times. */
  compared: string | null
  matched: boolean
}

const EMPTY: Segment = { text: '', one: -1 }

/** Cached by pattern, as many policies share patterns. */
export const compileGlob: (pattern: string) => Glob = perText(pattern =>
  globOfSegments(pattern.split('*').map(text => ({ text, one: text.includes('?') ? QUESTION : -1 }))),
)

function globOfSegments(segments: readonly Segment[]): Glob {
  const least = segments.reduce((sum, { text }) => sum + text.length, 0)
  const last = segments.length === 1 ? null : (segments.at(-1) ?? null)
  const middle = segments.slice(1, -1)
  const mostSpecific = middle.at(-1)
  return {
    first: segments[0] ?? EMPTY,
    middle,
    last,
    least,
    mostSpecific: mostSpecific === undefined || mostSpecific.one !== -1 ? null : mostSpecific.text,
    compared: null,
    matched: false,
  }
}

/** A glob that matches only this text. */
export const literalGlob = (text: string): Glob => globOfSegments([{ text, one: -1 }])

export function globOf(tokens: Tokens): Glob {
  const segments: Segment[] = []
  let start = 0
  for (let at = 0; at <= tokens.length; at++) {
    if (at < tokens.length && tokens[at] !== ANY) continue
    segments.push(segmentOf(tokens.slice(start, at)))
    start = at + 1
  }
  return globOfSegments(segments)
}

/** Finds a character for `?` that does not occur in the segment: the value of a variable may contain a literal `?`. */
function segmentOf(tokens: Tokens): Segment {
  let one = QUESTION
  while (tokens.includes(one)) one++
  let text = ''
  for (const token of tokens) text += String.fromCharCode(token === ONE ? one : token)
  return { text, one: tokens.includes(ONE) ? one : -1 }
}

export function globMatches(glob: Glob, text: string): boolean {
  if (glob.compared === text) return glob.matched
  const matched = isMatch(glob, text)
  if (text.length <= MAX_KEPT_CHARS) {
    glob.compared = text
    glob.matched = matched
  }
  return matched
}

function isMatch({ first, middle, last, least, mostSpecific }: Glob, text: string): boolean {
  if (text.length < least || (last === null && text.length !== least)) return false
  // ARNs share prefixes, so checking the last segment first halves the time when no pattern matches.
  if (mostSpecific !== null && !text.includes(mostSpecific)) return false
  if (!fits(first, text, 0)) return false
  if (last === null) return true
  const end = text.length - last.text.length
  if (!fits(last, text, end)) return false
  let at = first.text.length
  for (const segment of middle) {
    const found = find(segment, text, at, end)
    if (found === -1) return false
    at = found + segment.text.length
  }
  return at <= end
}

/** Compares from the end, because ARNs share prefixes. */
function fits({ text: wanted, one }: Segment, text: string, at: number): boolean {
  if (at + wanted.length > text.length) return false
  for (let index = wanted.length - 1; index >= 0; index--) {
    const code = wanted.charCodeAt(index)
    if (code !== text.charCodeAt(at + index) && code !== one) return false
  }
  return true
}

/** The first position from `at` where the segment fits before `end`; -1: none. */
function find(segment: Segment, text: string, at: number, end: number): number {
  const { text: wanted, one } = segment
  if (at + wanted.length > end) return -1
  if (one !== -1) return fits(segment, text, at) ? at : findWithOnes(segment, text, at + 1, end)
  const found = text.indexOf(wanted, at)
  return found + wanted.length > end ? -1 : found
}

const BITS = 32

/**
 * Bitap: bit n of `fitting` is set if the first n + 1 characters of `wanted` fit up to here. Trying each position instead takes
 * ten times as long, 0.8 s per diagnosis, for the worst policies that IAM accepts.
 * https://en.wikipedia.org/wiki/Bitap_algorithm
 */
function findWithOnes({ text: wanted, one }: Segment, text: string, at: number, end: number): number {
  const words = Math.ceil(wanted.length / BITS)
  const anyCharacter = placesOf(one, wanted, new Int32Array(words))
  const places = new Map<number, Int32Array>()
  const fitting = new Int32Array(words)
  const whole = 1 << ((wanted.length - 1) % BITS)
  for (let place = at; place < end; place++) {
    const code = text.charCodeAt(place)
    const here = places.get(code) ?? placesOf(code, wanted, anyCharacter.slice())
    places.set(code, here)
    let carry = 1
    for (let word = 0; word < words; word++) {
      const bits = fitting[word] ?? 0
      fitting[word] = ((bits << 1) | carry) & (here[word] ?? 0)
      carry = bits >>> (BITS - 1)
    }
    if (((fitting[words - 1] ?? 0) & whole) !== 0) return place - wanted.length + 1
  }
  return -1
}

/** Sets one bit per position of the character in `wanted`. */
function placesOf(code: number, wanted: string, bits: Int32Array): Int32Array {
  for (let index = 0; index < wanted.length; index++) {
    const word = Math.floor(index / BITS)
    if (wanted.charCodeAt(index) === code) bits[word] = (bits[word] ?? 0) | (1 << (index % BITS))
  }
  return bits
}

export function matchesGlob(pattern: string, text: string): boolean {
  if (pattern === '*' || pattern === text) return true
  const first = firstWildcard(pattern)
  if (first === -1) return false
  // Fast path without allocation: most patterns fail on their length, or before the first or after the last wildcard.
  if (leastOf(pattern) > text.length) return false
  for (let at = 0; at < first; at++) if (pattern.charCodeAt(at) !== text.charCodeAt(at)) return false
  for (let at = 1; at <= pattern.length - first; at++) {
    const code = pattern.charCodeAt(pattern.length - at)
    if (code === STAR || code === QUESTION) break
    if (code !== text.charCodeAt(text.length - at)) return false
  }
  return globMatches(compileGlob(pattern), text)
}

function leastOf(pattern: string): number {
  let least = pattern.length
  for (let at = 0; at < pattern.length; at++) if (pattern.charCodeAt(at) === STAR) least--
  return least
}

export function hasWildcard(pattern: string): boolean {
  return firstWildcard(pattern) !== -1
}

function firstWildcard(pattern: string): number {
  for (let at = 0; at < pattern.length; at++) {
    const code = pattern.charCodeAt(at)
    if (code === STAR || code === QUESTION) return at
  }
  return -1
}

/** True when some text that starts with `prefix` matches the glob. */
export const globMeetsPrefix = (glob: string, prefix: string): boolean => restsAfter(glob, prefix).length > 0

/** Every remainder of the glob after it has consumed `prefix`. */
export function restsAfter(glob: string, prefix: string): readonly string[] {
  let alive = skipStars(glob, [0])
  for (const letter of prefix) {
    const next = [...alive].flatMap(at => {
      const wanted = glob[at]
      if (wanted === '*') return [at]
      return wanted === '?' || wanted === letter ? [at + 1] : []
    })
    alive = skipStars(glob, next)
  }
  return [...alive].map(at => glob.slice(at))
}

/** A `*` can match the empty text. */
function skipStars(glob: string, positions: readonly number[]): ReadonlySet<number> {
  const all = new Set(positions)
  for (const position of all) if (glob[position] === '*') all.add(position + 1)
  return all
}
