import { hash } from 'node:crypto'

/** JSON with sorted object keys (by UTF-16 code units) and no white space, so that equal values have equal bytes. Keeps the order of arrays. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  let members = ''
  for (const key of Object.keys(value).sort()) {
    const member: unknown = value[key as keyof typeof value]
    if (member !== undefined) members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`
  }
  return `{${members}}`
}

/** The SHA-256 of the canonical JSON: `sha256:` and 64 hex digits. */
export const digestOf = (value: unknown): string => `sha256:${hash('sha256', canonicalJson(value))}`
