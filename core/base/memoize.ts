/** Calls `ask` once per key and keeps every answer. */
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

/** Keys are outside text, so their number and length are bounded. */
const MAX_TEXTS = 10_000
export const MAX_KEPT_CHARS = 2_048

/** Calls `ask` once per text, within a bounded cache. */
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
 * Calls `ask` once per object, which must never change. The answer is stored on the object, in a property that copies leave
 * out: V8 keeps all values of a WeakMap until a full collection, which made diagnoses a fifth slower.
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

/** Calls `ask` once per object and last `other` value. */
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
