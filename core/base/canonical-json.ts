import { hash } from 'node:crypto'

/** JSON with sorted object keys and no white space, so that equal values have equal bytes. Keeps the order of arrays. */
export function canonicalJson(value: unknown): string {
  if (value === undefined) return 'null'
  if (typeof value === 'string') return quoted(value)
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  let members = ''
  for (const key of sorted(Object.keys(value))) {
    const member: unknown = value[key as keyof typeof value]
    if (member !== undefined) members += `${members === '' ? '' : ','}${quoted(key)}:${canonicalJson(member)}`
  }
  return `{${members}}`
}

/** Up to this many keys, insertion sort takes a third of the time of `sort`. Most objects have five or fewer. */
const FEW = 16

/** Sorts by UTF-16 code units, as `sort` does. */
function sorted(keys: string[]): readonly string[] {
  if (keys.length > FEW) return keys.sort()
  for (let at = 1; at < keys.length; at++) {
    const key = keys[at] as string
    let place = at
    for (; place > 0 && (keys[place - 1] as string) > key; place--) keys[place] = keys[place - 1] as string
    keys[place] = key
  }
  return keys
}

/** Most names and ARNs need no escape. */
const quoted = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text))
const PLAIN = /^[\w :/.*@+=,-]*$/

/** The SHA-256 of the canonical JSON: `sha256:` and 64 hex digits. */
export function digestOf(value: unknown): string {
  return `sha256:${hash('sha256', canonicalJson(value))}`
}
