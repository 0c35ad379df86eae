/** Levenshtein distance, exact up to `limit`; any larger number beyond it. */
export function editDistance(a: string, b: string, limit: number): number {
  const codes = codesOf(b)
  let row = firstRow(codes)
  for (let at = 0; at < a.length; at++) {
    row = editRow(row, a.charCodeAt(at), codes)
    // No later row can be below this row's minimum.
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

/** From nothing to each beginning of a text. */
export function firstRow(codes: readonly number[]): readonly number[] {
  const row = [0]
  for (let at = 1; at <= codes.length; at++) row.push(at)
  return row
}

/** From some letters and one more to each beginning of a text; `above` is the row without that one. */
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

/** Similar names differ by so many edits at most, by the length of the longer one, and whether the other is its beginning. */
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
