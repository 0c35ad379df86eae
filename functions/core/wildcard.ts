/**
 * Matching of `*` and `?`. No regular expression is ever built from policy text: the matcher goes back to the last `*`
 * only, so that its cost is at most pattern × text.
 */
export const ANY = -1
export const ONE = -2
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
  if (!hasWildcard(pattern)) return false
  return matchesTokens(globTokens(pattern), text)
}

export function hasWildcard(pattern: string): boolean {
  return pattern.includes('*') || pattern.includes('?')
}
