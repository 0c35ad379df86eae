/**
 * Matches `*` and `?`. Never builds a regular expression from policy text: a pattern is its texts between the `*`, found one
 * after the other, each at the first place where it fits. That takes text + pattern in practice, and never more than text × pattern.
 */
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

/** The text between two `*`. `ones`: at these places any character fits; null: there are none. */
type Segment = { readonly text: string; readonly ones: ReadonlySet<number> | null }

/** A pattern ready to match. */
export type Glob = {
  readonly first: Segment
  /** Between two `*` each. */
  readonly middle: readonly Segment[]
  /** After the last `*`; null: there is none, and the first is the whole text. */
  readonly last: Segment | null
  /** Characters that each matching text has at least. */
  readonly least: number
}

const EMPTY: Segment = { text: '', ones: null }

export const compileGlob = (pattern: string): Glob =>
  globOfSegments(pattern.split('*').map(text => ({ text, ones: onesOf(text) })))

function globOfSegments(segments: readonly Segment[]): Glob {
  const least = segments.reduce((sum, { text }) => sum + text.length, 0)
  const last = segments.length === 1 ? null : (segments.at(-1) ?? null)
  return { first: segments[0] ?? EMPTY, middle: segments.slice(1, -1), last, least }
}

/** Matches this text alone. */
export const literalGlob = (text: string): Glob => globOfSegments([{ text, ones: null }])

function onesOf(text: string): ReadonlySet<number> | null {
  if (!text.includes('?')) return null
  return new Set(Array.from({ length: text.length }, (_, at) => at).filter(at => text.charCodeAt(at) === QUESTION))
}

export function globOf(tokens: Tokens): Glob {
  const segments: Segment[] = []
  let start = 0
  for (let at = 0; at <= tokens.length; at++) {
    if (at < tokens.length && tokens[at] !== ANY) continue
    segments.push(segmentOf(tokens, start, at))
    start = at + 1
  }
  return globOfSegments(segments)
}

function segmentOf(tokens: Tokens, start: number, end: number): Segment {
  const ones: number[] = []
  let text = ''
  for (let at = start; at < end; at++) {
    const token = tokens[at] ?? ONE
    if (token === ONE) ones.push(at - start)
    text += token === ONE ? '?' : String.fromCharCode(token)
  }
  return { text, ones: ones.length === 0 ? null : new Set(ones) }
}

export function globMatches({ first, middle, last, least }: Glob, text: string): boolean {
  if (text.length < least || !fits(first, text, 0)) return false
  if (last === null) return text.length === least
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

/** Compares from the end: ARNs begin alike. */
function fits({ text: wanted, ones }: Segment, text: string, at: number): boolean {
  if (at + wanted.length > text.length) return false
  for (let index = wanted.length - 1; index >= 0; index--)
    if (wanted.charCodeAt(index) !== text.charCodeAt(at + index) && ones?.has(index) !== true) return false
  return true
}

/** The first place from `at` where it fits and ends by `end`; -1: none. */
function find(segment: Segment, text: string, at: number, end: number): number {
  const { text: wanted, ones } = segment
  if (ones === null) {
    const found = text.indexOf(wanted, at)
    return found + wanted.length > end ? -1 : found
  }
  for (let place = at; place + wanted.length <= end; place++) if (fits(segment, text, place)) return place
  return -1
}

export function matchesGlob(pattern: string, text: string): boolean {
  if (pattern === '*' || pattern === text) return true
  const first = firstWildcard(pattern)
  if (first === -1) return false
  // Fast path without allocation: most patterns fail on the text before the first or after the last wildcard.
  for (let at = 0; at < first; at++) if (pattern.charCodeAt(at) !== text.charCodeAt(at)) return false
  for (let at = 1; at <= pattern.length - first; at++) {
    const code = pattern.charCodeAt(pattern.length - at)
    if (code === STAR || code === QUESTION) break
    if (code !== text.charCodeAt(text.length - at)) return false
  }
  return globMatches(compileGlob(pattern), text)
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

/** Every remainder of the glob after it consumed `prefix`. */
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
