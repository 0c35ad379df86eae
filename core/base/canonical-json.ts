import { hash } from 'node:crypto'

/** JSON with sorted object keys (by UTF-16 code units) and no white space, so that equal values have equal bytes. Keeps the order of arrays. */
export function canonicalJson(value: unknown): string {
  if (value === undefined) return 'null'
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const members = Object.keys(value)
    .sort()
    .map(key => [key, value[key as keyof typeof value] as unknown] as const)
    .filter(([, member]) => member !== undefined)
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`
}

/** The SHA-256 of the canonical JSON: `sha256:` and 64 hex digits. */
export function digestOf(value: unknown): string {
  return `sha256:${hash('sha256', canonicalJson(value))}`
}
