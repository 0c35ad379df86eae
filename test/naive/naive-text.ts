/** Text matching for the naive evaluator with regular expressions, which is fine for the short patterns of tests. */
export function glob(pattern: string, text: string): boolean {
  const source = [...pattern]
    .map(char => (char === '*' ? '.*' : char === '?' ? '.' : char.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')))
    .join('')
  return new RegExp(`^${source}$`, 's').test(text)
}

export function many<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T]
}
