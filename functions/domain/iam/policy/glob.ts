/**
 * Matching of `*` and `?`. No regular expression is ever built from policy text: the matcher goes back to the last `*`
 * only, so that its cost is at most pattern × text.
 */
export const ANY = -1
const ONE = -2
const STAR = 42
const QUESTION = 63

/** Code units, with `ANY` and `ONE` standing for the wildcards. */
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
  // Most patterns are refused by what stands before their first wildcard or after their last, without any allocation.
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

/** True when some text that starts with `prefix` matches the glob: the glob, walked along the prefix, is still alive at its end. */
export const globMeetsPrefix = (glob: string, prefix: string): boolean => restsAfter(glob, prefix).length > 0

/** What of the glob is left to be matched after `prefix`, in each way that it can be walked. */
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

/** A `*` may also stand for nothing. */
function skipStars(glob: string, positions: readonly number[]): ReadonlySet<number> {
  const all = new Set(positions)
  for (const position of all) if (glob[position] === '*') all.add(position + 1)
  return all
}
