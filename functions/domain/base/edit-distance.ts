/** How many letters differ: right up to `limit`; anything above it when there are more edits. */
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
    // No later row can have less than the least of this one.
    if (least > limit) return least
    above = current
  }
  return above.at(-1) ?? 0
}
