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

/** Texts come from outside, so not all of them are kept, nor long ones. */
const MAX_TEXTS = 10_000
export const MAX_KEPT_CHARS = 2_048

/** Asks once for every text, as long as there are not too many. */
export function perText<V>(ask: (text: string) => V): (text: string) => V {
  const answers = new Map<string, V>()
  return text => {
    const present = answers.get(text)
    if (present !== undefined) return present
    const answer = ask(text)
    if (text.length > MAX_KEPT_CHARS) return answer
    if (answers.size >= MAX_TEXTS) answers.clear()
    answers.set(text, answer)
    return answer
  }
}

/**
 * Asks once for every object, which nobody changes. The answer is kept on the object, where no copy takes it along: of a
 * WeakMap, V8 takes all values for used until it collects its whole heap, and diagnoses took a fifth longer.
 */
export function perObject<K extends object, V extends NonNullable<unknown>>(ask: (key: K) => V): (key: K) => V {
  const kept = Symbol('kept')
  return (key: K & { readonly [kept]?: V }) => {
    const present = key[kept]
    if (present !== undefined) return present
    const answer = ask(key)
    Reflect.defineProperty(key, kept, { value: answer })
    return answer
  }
}

/** Asks once for an object together with another value, the last one that it came with. */
export function perPair<K extends object, Other, V>(ask: (key: K, other: Other) => V): (key: K, other: Other) => V {
  const latest = perObject((_: K): { asked: { readonly other: Other; readonly answer: V } | null } => ({ asked: null }))
  return (key, other) => {
    const kept = latest(key)
    if (kept.asked === null || kept.asked.other !== other) kept.asked = { other, answer: ask(key, other) }
    return kept.asked.answer
  }
}

export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
