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
