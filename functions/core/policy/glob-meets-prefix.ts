/** True when some text that starts with `prefix` matches the glob: the glob, walked along the prefix, is still alive at its end. */
export function globMeetsPrefix(glob: string, prefix: string): boolean {
  let alive = skipStars(glob, [0])
  for (const letter of prefix) {
    const next = [...alive].flatMap(at => {
      const wanted = glob[at]
      if (wanted === '*') return [at]
      return wanted === '?' || wanted === letter ? [at + 1] : []
    })
    alive = skipStars(glob, next)
  }
  return alive.size > 0
}

/** A `*` may also stand for nothing. */
function skipStars(glob: string, positions: readonly number[]): ReadonlySet<number> {
  const all = new Set(positions)
  for (const position of all) if (glob[position] === '*') all.add(position + 1)
  return all
}
