import { canonicalJson } from './canonical-json.ts'
import { perObject } from './memoize.ts'

/** The canonical JSON of an object that never changes, such as a statement. Cached, because such objects are compared often. */
export const canonicalForm: (value: object) => string = perObject(canonicalJson)

/**
 * Whether a text that `JSON.parse` reads is, up to `end`, the canonical JSON of what it reads, without making it. False also for
 * what is nested deeper than `levels`, and for a text with escapes, which may still be canonical.
 */
export const isPlainCanonicalJson = (text: string, end: number, levels: number): boolean =>
  !text.includes('\\') && text.isWellFormed() && endOfValue(text, 0, levels) === end

/** Where no canonical value ends. */
const NONE = 0

function endOfValue(text: string, from: number, levels: number): number {
  const code = text.charCodeAt(from)
  if (code === QUOTE) return text.indexOf('"', from + 1) + 1
  if (code === OPEN_OBJECT) return levels === 0 ? NONE : endOfObject(text, from, levels - 1)
  if (code === OPEN_LIST) return levels === 0 ? NONE : endOfList(text, from, levels - 1)
  if (code === MINUS || isDigit(code)) return endOfNumber(text, from)
  if (text.startsWith('null', from) || text.startsWith('true', from)) return from + 4
  return text.startsWith('false', from) ? from + 5 : NONE
}

function endOfObject(text: string, from: number, levels: number): number {
  if (text.charCodeAt(from + 1) === CLOSE_OBJECT) return from + 2
  let before = 0
  for (let at = from; ; ) {
    if (text.charCodeAt(at + 1) !== QUOTE) return NONE
    const key = at + 2
    at = text.indexOf('"', key) + 1
    if (text.charCodeAt(at) !== COLON || (before !== 0 && !isKeyBefore(text, before, key))) return NONE
    before = key
    at = endOfValue(text, at + 1, levels)
    if (at === NONE) return NONE
    if (text.charCodeAt(at) === CLOSE_OBJECT) return at + 1
    if (text.charCodeAt(at) !== COMMA) return NONE
  }
}

function endOfList(text: string, from: number, levels: number): number {
  if (text.charCodeAt(from + 1) === CLOSE_LIST) return from + 2
  for (let at = from; ; ) {
    at = endOfValue(text, at + 1, levels)
    if (at === NONE) return NONE
    if (text.charCodeAt(at) === CLOSE_LIST) return at + 1
    if (text.charCodeAt(at) !== COMMA) return NONE
  }
}

/** A whole number of few digits is written as it is read. */
const FEW_DIGITS = 15

function endOfNumber(text: string, from: number): number {
  let at = from
  while (isDigit(text.charCodeAt(at))) at += 1
  if (at > from && at - from <= FEW_DIGITS && !isOfNumber(text.charCodeAt(at))) return at
  while (isOfNumber(text.charCodeAt(at))) at += 1
  const number = text.slice(from, at)
  return String(Number(number)) === number ? at : NONE
}

/** Of two keys that begin at these places, each up to its quote. */
function isKeyBefore(text: string, one: number, other: number): boolean {
  for (let at = 0; ; at += 1) {
    const a = text.charCodeAt(one + at)
    const b = text.charCodeAt(other + at)
    if (a === b && a !== QUOTE) continue
    return b !== QUOTE && (a === QUOTE || a < b)
  }
}

const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const ZERO = 0x30
const NINE = 0x39
const COLON = 0x3a
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

const isDigit = (code: number): boolean => code >= ZERO && code <= NINE
/** Digits and `+-.eE`. */
const isOfNumber = (code: number): boolean =>
  isDigit(code) || code === MINUS || code === 0x2b || code === 0x2e || code === 0x65 || code === 0x45
