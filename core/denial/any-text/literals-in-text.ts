/**
 * Values that a program printed, anywhere in a text: literals of Python (`print`, `pprint`) and of JavaScript (`console.log`).
 * Reads each part of the text a bounded number of times.
 */
import type { JsonInText } from './json-in-text.ts'

/** An object, and what its first name begins with. */
const BEGINS = /\{\s{0,400}(?:u?['"]|[A-Za-z_$][\w$]{0,60}\s?:)/g
/** What may be read without success, in characters: a multiple of the text. */
const WASTED_READS = 8
const MAX_OPEN = 1_000

export function literalsIn(text: string): readonly JsonInText[] {
  const values: JsonInText[] = []
  let wasted = 0
  BEGINS.lastIndex = 0
  for (let match = BEGINS.exec(text); match !== null; match = BEGINS.exec(text)) {
    const start = match.index
    const { json, end } = asJson(text, start)
    const value = json === null ? undefined : parsed(json)
    if (value === undefined) wasted += end - start
    else values.push({ value, start, end })
    if (wasted > WASTED_READS * text.length) break
    BEGINS.lastIndex = value === undefined ? start + 1 : end
  }
  return values
}

/** A name, a number or a date, which may hold a colon; what else stands between strings. */
const WORD = /[A-Za-z_$][\w$.]*|-?\d[\w.+-]*(?::\d\d[\d:.Z+-]*)?/y
const BLANKS = /\s*/y
/** The time of a record, with its zone: `datetime.datetime(2026, 11, 20, tzinfo=tzlocal())`. */
const CALL = /\((?:[^()]|\([^()]{0,200}\)){0,400}\)/y
const CONSTANTS: ReadonlyMap<string, string> = new Map([
  ...['None', 'null', 'undefined', 'NaN', 'Object', 'Array'].map(name => [name, 'null'] as const),
  ...['True', 'true'].map(name => [name, 'true'] as const),
  ...['False', 'false'].map(name => [name, 'false'] as const),
])

/** `json`: null where no value begins at `start`; `end` is then where the reading stopped. */
function asJson(text: string, start: number): { readonly json: string | null; readonly end: number } {
  const parts: string[] = []
  let open = 0
  let at = start
  const matched = (form: RegExp): string => {
    form.lastIndex = at
    const found = form.exec(text)?.[0] ?? ''
    at += found.length
    return found
  }
  while (at < text.length) {
    const sign = text[at] ?? ''
    if ('{[('.includes(sign)) {
      open += 1
      if (open > MAX_OPEN) break
      parts.push(sign === '{' ? '{' : '[')
      at += 1
    } else if ('}])'.includes(sign)) {
      if (parts.at(-1) === ',') parts.pop()
      parts.push(sign === '}' ? '}' : ']')
      at += 1
      open -= 1
      if (open === 0) return { json: parts.join(''), end: at }
    } else if (sign === ',' || sign === ':') {
      parts.push(sign)
      at += 1
    } else if (/\s/.test(sign)) matched(BLANKS)
    else if (opensString(text, at)) {
      const string = stringAt(text, at)
      if (string === null) break
      parts.push(JSON.stringify(string.text))
      at = string.end
    } else {
      const word = matched(WORD)
      if (word === '') break
      if (text[at] === '(') {
        if (matched(CALL) === '') break
        parts.push('null')
        continue
      }
      matched(BLANKS)
      const constant = CONSTANTS.get(word)
      if (text[at] === ':' || /^-?\d/.test(word)) parts.push(JSON.stringify(word))
      else if (constant === undefined) break
      else parts.push(constant)
    }
  }
  return { json: null, end: Math.max(at, start + 1) }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

/** Python 2 puts a `u` before it. */
const opensString = (text: string, at: number): boolean =>
  `'"\``.includes(text[at] ?? '-') || (text[at] === 'u' && `'"`.includes(text[at + 1] ?? '-'))

const PIECE = /u?(?:'((?:[^'\\\n]|\\[^\n])*)'|"((?:[^"\\\n]|\\[^\n])*)"|`((?:[^`\\\n]|\\[^\n])*)`)/y
/** A long string is printed as several: Python puts only a line break between them, JavaScript a plus sign before it. */
const BETWEEN = /\s*(?:\+\s*)?/y

function stringAt(text: string, start: number): { readonly text: string; readonly end: number } | null {
  let at = start
  let all = ''
  for (;;) {
    PIECE.lastIndex = at
    const piece = PIECE.exec(text)
    if (piece === null) return null
    all += (piece[1] ?? piece[2] ?? piece[3] ?? '').replace(ESCAPE, unescaped)
    const end = PIECE.lastIndex
    BETWEEN.lastIndex = end
    at = end + (BETWEEN.exec(text)?.[0].length ?? 0)
    if (!opensString(text, at)) return { text: all, end }
  }
}

const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([\s\S]))/g
const NAMED: { readonly [letter: string]: string } = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v', 0: '\0' }

const unescaped = (_: string, byte?: string, unit?: string, letter = ''): string =>
  byte !== undefined || unit !== undefined
    ? String.fromCharCode(Number.parseInt(byte ?? unit ?? '', 16))
    : (NAMED[letter] ?? letter)
