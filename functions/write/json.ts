/** Null: it is no JSON. A member named `__proto__` is read differently by different code: it is left out, and then no digest fits. */
export function untrustedJson(text: string): unknown {
  try {
    return JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value))
  } catch {
    return null
  }
}
