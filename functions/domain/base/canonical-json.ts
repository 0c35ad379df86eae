import { hash } from 'node:crypto'
import { perObject } from './memoize.ts'

/** JSON with sorted object keys and no white space: equal values have equal bytes. Array order is significant and stays. */
export function canonicalJson(value: unknown): string {
  if (value === undefined) return 'null'
  if (typeof value === 'string') return quoted(value)
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  let members = ''
  for (const key of Object.keys(value).sort()) {
    const member: unknown = value[key as keyof typeof value]
    if (member !== undefined) members += `${members === '' ? '' : ','}${quoted(key)}:${canonicalJson(member)}`
  }
  return `{${members}}`
}

/** Most names and ARNs need no escape. */
const quoted = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text))
const PLAIN = /^[\w :/.*@+=,-]*$/

/** Of something that nobody changes, such as a statement: written once, compared often. */
export const canonicalForm: (value: object) => string = perObject(canonicalJson)

/** `sha256:` and 64 hex digits, over the canonical form. */
export function digestOf(value: unknown): string {
  return `sha256:${hash('sha256', canonicalJson(value))}`
}
