/** The percentile by nearest rank, which is always a measured value. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN
}

export const median = (values: readonly number[]): number => percentile(values, 50)

export const round = (value: number, digits = 3): number => Number(value.toPrecision(digits))

/** The same pseudo-random sequence on every run. Good enough for shuffling. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

export function shuffle<T>(items: readonly T[], random: () => number): readonly T[] {
  const result = [...items]
  for (let at = result.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1))
    const swapped = result[at] as T
    result[at] = result[other] as T
    result[other] = swapped
  }
  return result
}
