import { canonicalJson } from './canonical-json.ts'
import { perObject } from './memoize.ts'

/** The canonical JSON of an object that never changes, such as a statement. Cached, because such objects are compared often. */
export const canonicalForm: (value: object) => string = perObject(canonicalJson)

/**
 * Whether a text that `JSON.parse` reads is, up to `end`, the canonical JSON of what it reads, without making it. False also for
 * what is nested deeper than `levels`, and for a text with escapes, which may still be canonical.
 */
export function isPlainCanonicalJson(text: string, end: number, levels: number): boolean {
  if (text.includes('\\') || !text.isWellFormed()) return false
  /** Of each object that is open, the key before; of a list, none. */
  const keys: (string | null)[] = [null]
  for (let at = 0; at < end; ) {
    const code = text.charCodeAt(at)
    const from = at
    at += 1
    if (code <= BLANK) return false
    if (code === QUOTE) {
      at = text.indexOf('"', at) + 1
      if (text.charCodeAt(at) !== COLON) continue
      const before = keys.at(-1) ?? null
      const key = text.slice(from + 1, at - 1)
      if (before !== null && before >= key) return false
      keys[keys.length - 1] = key
    } else if (code === OPEN_OBJECT || code === OPEN_LIST) {
      if (keys.push(null) > levels + 1) return false
    } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) keys.pop()
    else if (code === MINUS || (code >= ZERO && code <= NINE)) {
      while (isOfNumber(text.charCodeAt(at))) at += 1
      const number = text.slice(from, at)
      if (String(Number(number)) !== number) return false
    }
  }
  return true
}

const BLANK = 0x20
const QUOTE = 0x22
const MINUS = 0x2d
const ZERO = 0x30
const NINE = 0x39
const COLON = 0x3a
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** Digits and `+-.eE`. */
const isOfNumber = (code: number): boolean =>
  (code >= ZERO && code <= NINE) || code === MINUS || code === 0x2b || code === 0x2e || code === 0x65 || code === 0x45
