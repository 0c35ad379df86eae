/** Asks once for every key. */
export function memoize<K, V>(ask: (key: K) => V): (key: K) => V {
  const answers = new Map<K, V>()
  return key => {
    const present = answers.get(key)
    if (present !== undefined || answers.has(key)) return present as V
    const answer = ask(key)
    answers.set(key, answer)
    return answer
  }
}

export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
