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

/** Asks once for every object, which nobody changes, as long as it is kept. */
export function perObject<K extends object, V extends NonNullable<unknown>>(ask: (key: K) => V): (key: K) => V {
  const answers = new WeakMap<K, V>()
  return key => {
    const present = answers.get(key)
    if (present !== undefined) return present
    const answer = ask(key)
    answers.set(key, answer)
    return answer
  }
}

/** Asks once for an object together with another value, the last one that it came with. */
export function perPair<K extends object, Other, V>(ask: (key: K, other: Other) => V): (key: K, other: Other) => V {
  const answers = new WeakMap<K, { readonly other: Other; readonly answer: V }>()
  return (key, other) => {
    const present = answers.get(key)
    if (present !== undefined && present.other === other) return present.answer
    const answer = ask(key, other)
    answers.set(key, { other, answer })
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
