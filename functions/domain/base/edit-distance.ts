/** Levenshtein distance, exact up to `limit`; any larger number beyond it. */
export function editDistance(a: string, b: string, limit: number): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    const code = a.charCodeAt(row - 1)
    let left = row
    let least = row
    for (let column = 1; column <= b.length; column++) {
      const change = (above[column - 1] ?? 0) + (code === b.charCodeAt(column - 1) ? 0 : 1)
      left = Math.min(change, (above[column] ?? 0) + 1, left + 1)
      if (left < least) least = left
      current.push(left)
    }
    // No later row can be below this row's minimum.
    if (least > limit) return least
    above = current
  }
  return above.at(-1) ?? 0
}

/** Edit distance ignoring case; 0.5 when only the case differs; null when the names are not similar. */
export function nameDistance(a: string, b: string): number | null {
  const [left, right] = [a.toLowerCase(), b.toLowerCase()]
  if (left === right) return a === b ? 0 : 0.5
  const longest = Math.max(left.length, right.length)
  const limit = longest < 6 ? 1 : Math.max(2, Math.floor(longest / 4))
  if (left.startsWith(right) || right.startsWith(left)) {
    const rest = Math.abs(left.length - right.length)
    return rest <= longest / 2 ? rest : null
  }
  if (Math.abs(left.length - right.length) > limit) return null
  const distance = editDistance(left, right, limit)
  return distance <= limit ? distance : null
}
