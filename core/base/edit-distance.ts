/** The Levenshtein distance if it is at most `limit`; otherwise some number above `limit`. */
export function editDistance(a: string, b: string, limit: number): number {
  const codes = codesOf(b)
  let row = firstRow(codes)
  for (let at = 0; at < a.length; at++) {
    row = editRow(row, a.charCodeAt(at), codes)
    // The minimum of a row never falls from row to row, so this loop can stop early.
    let least = Number.POSITIVE_INFINITY
    for (const edits of row) if (edits < least) least = edits
    if (least > limit) return least
  }
  return row.at(-1) ?? 0
}

export function codesOf(text: string): readonly number[] {
  const codes: number[] = []
  for (let at = 0; at < text.length; at++) codes.push(text.charCodeAt(at))
  return codes
}

/** The first row of the distance matrix: from the empty text to each prefix of the other. */
export function firstRow(codes: readonly number[]): readonly number[] {
  const row = [0]
  for (let at = 1; at <= codes.length; at++) row.push(at)
  return row
}

/** The next row of the distance matrix, for the letter `code`; `above` is the row before it. */
export function editRow(above: readonly number[], code: number, codes: readonly number[]): readonly number[] {
  let corner = above[0] ?? 0
  let left = corner + 1
  const row = [left]
  for (let at = 0; at < codes.length; at++) {
    const change = code === codes[at] ? corner : corner + 1
    corner = above[at + 1] ?? 0
    const other = Math.min(corner, left) + 1
    left = Math.min(change, other)
    row.push(left)
  }
  return row
}

/**
 * The number of edits up to which names count as similar. `longest`: the length of the longer name; `isBeginning`: one is a
 * prefix of the other.
 */
export function mostEdits(longest: number, isBeginning: boolean): number {
  if (isBeginning) return longest / 2
  return longest < 6 ? 1 : Math.max(2, Math.floor(longest / 4))
}

/** Edit distance ignoring case; 0.5 when only the case differs; null when the names are not similar. */
export function nameDistance(a: string, b: string): number | null {
  const [left, right] = [a.toLowerCase(), b.toLowerCase()]
  if (left === right) return a === b ? 0 : 0.5
  const longest = Math.max(left.length, right.length)
  const rest = Math.abs(left.length - right.length)
  const isBeginning = left.startsWith(right) || right.startsWith(left)
  const most = mostEdits(longest, isBeginning)
  if (rest > most) return null
  const distance = isBeginning ? rest : editDistance(left, right, most)
  return distance <= most ? distance : null
}
