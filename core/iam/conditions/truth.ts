/** Kleene's three-valued logic. `unknown` can be either, so it never decides alone. */
export type Truth = 'yes' | 'no' | 'unknown'

export function and(...truths: readonly Truth[]): Truth {
  return all(truths)
}

export function or(...truths: readonly Truth[]): Truth {
  return some(truths)
}

/** Logical and; `yes` for an empty list. */
export function all(truths: readonly Truth[]): Truth {
  if (truths.includes('no')) return 'no'
  return truths.includes('unknown') ? 'unknown' : 'yes'
}

/** Logical or; `no` for an empty list. */
export function some(truths: readonly Truth[]): Truth {
  if (truths.includes('yes')) return 'yes'
  return truths.includes('unknown') ? 'unknown' : 'no'
}

export function not(truth: Truth): Truth {
  if (truth === 'unknown') return 'unknown'
  return truth === 'yes' ? 'no' : 'yes'
}
