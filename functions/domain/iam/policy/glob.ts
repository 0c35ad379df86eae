/**
 * Matches `*` and `?`. Never builds a regular expression from policy text: the matcher backtracks only to the last `*`, so
 * its cost is at most pattern × text.
 */
export const ANY = -1
const ONE = -2
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

export function matchesTokens(tokens: Tokens, text: string): boolean {
  let token = 0
  let at = 0
  let lastAny = -1
  let resumeAt = 0
  while (at < text.length) {
    const wanted = tokens[token]
    if (wanted === ANY) {
      lastAny = token++
      resumeAt = at
    } else if (wanted === ONE || wanted === text.charCodeAt(at)) {
      token++
      at++
    } else if (lastAny !== -1) {
      token = lastAny + 1
      at = ++resumeAt
    } else {
      return false
    }
  }
  while (tokens[token] === ANY) token++
  return token === tokens.length
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
  return matchesTokens(globTokens(pattern), text)
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
