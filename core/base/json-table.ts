/**
 * The grammar of JSON (https://www.rfc-editor.org/rfc/rfc8259) as a state table: one look-up per byte, independent of where
 * chunks end. An entry holds the next state, which is its row, and in the low eight bits what to do with the byte.
 */

/** Bits of an entry. Without COPY, the byte is white space between values. */
export const NEXT = 0xff00
export const WHAT = 0xfe
export const COPY = 1
/** Events of a byte: it begins a line or a string, opens, closes or separates nested values, or is not allowed. */
export const LINE = 2
export const TEXT = 4
export const OPEN = 6
export const CLOSE = 8
export const COMMA = 10
export const COLON = 12
export const WRONG = 14

const ROW = 256

const rows: Uint16Array[] = []

/** A new state that allows no byte yet. */
function state(): number {
  rows.push(new Uint16Array(ROW).fill(WRONG))
  return rows.length - 1
}

function on(from: number, bytes: string, to: number, what = 0): void {
  for (const byte of Buffer.from(bytes)) set(from, byte, to, COPY | what)
}

function set(from: number, byte: number, to: number, action: number): void {
  const row = rows[from]
  if (row !== undefined) row[byte] = to * ROW + action
}

const DIGITS = '0123456789'
const HEX = `${DIGITS}abcdefABCDEF`
const QUOTE = 0x22
const BACKSLASH = 0x5c

/** 1 for a byte that a string may contain unescaped. */
export const PLAIN = Uint8Array.from({ length: ROW }, (_, byte) =>
  byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
)

function mayHaveSpace(at: number): void {
  for (const byte of Buffer.from(' \t\r')) set(at, byte, at, 0)
  set(at, 0x0a, at, LINE)
}

/** The state inside a string and the one after a backslash. After the closing quote comes `then`. */
function textUntilQuote(then: number): readonly [inside: number, escaped: number] {
  const [inside, escaped] = [state(), state()]
  for (const [byte, isPlain] of PLAIN.entries()) if (isPlain === 1) set(inside, byte, inside, COPY)
  set(inside, QUOTE, then, COPY)
  set(inside, BACKSLASH, escaped, COPY)
  return [inside, escaped]
}

function string(then: number): number {
  const [inside, escaped] = textUntilQuote(then)
  on(escaped, '"\\/bfnrt', inside)
  let digits = inside
  for (let count = 0; count < 4; count += 1) {
    const before = state()
    on(before, HEX, digits)
    digits = before
  }
  on(escaped, 'u', digits)
  return inside
}

/** A number has no end mark, so the states in which it may end also allow what `then` allows. */
function number(from: number, then: number): void {
  const mayEnd = () => {
    const at = state()
    rows[at]?.set(rows[then] ?? [])
    return at
  }
  const [minus, point, exponent, sign] = [state(), state(), state(), state()]
  const [zero, integer, fraction, power] = [mayEnd(), mayEnd(), mayEnd(), mayEnd()]
  on(from, '-', minus)
  for (const at of [from, minus]) {
    on(at, '0', zero)
    on(at, '123456789', integer)
  }
  on(integer, DIGITS, integer)
  for (const at of [zero, integer]) on(at, '.', point)
  for (const at of [point, fraction]) on(at, DIGITS, fraction)
  for (const at of [zero, integer, fraction]) on(at, 'eE', exponent)
  on(exponent, '+-', sign)
  for (const at of [exponent, sign, power]) on(at, DIGITS, power)
}

function word(from: number, letters: string, then: number): void {
  let at = from
  for (const [index, letter] of [...letters].entries()) {
    const next = index === letters.length - 1 ? then : state()
    on(at, letter, next)
    at = next
  }
}

/** Allows a value in state `from`. After a scalar comes `then`; after a nested value, the state depends on its container. */
function value(from: number, then: number): void {
  mayHaveSpace(from)
  on(from, '"', string(then), TEXT)
  number(from, then)
  for (const letters of ['true', 'false', 'null']) word(from, letters, then)
  on(from, '{', firstKey, OPEN)
  on(from, '[', firstItem, OPEN)
}

/** The states after a value, by container. Their rows are complete before `number` copies them. */
const [atEnd, inObject, inArray] = [state(), state(), state()]
const [firstKey, key, colon, member] = [state(), state(), state(), state()]
const [firstItem, item, start] = [state(), state(), state()]

for (const at of [atEnd, inObject, inArray, firstKey, key, colon]) mayHaveSpace(at)
on(inObject, ',', key, COMMA)
on(inArray, ',', item, COMMA)
for (const at of [inObject, firstKey]) on(at, '}', atEnd, CLOSE)
for (const at of [inArray, firstItem]) on(at, ']', atEnd, CLOSE)
for (const at of [firstKey, key]) on(at, '"', string(colon), TEXT)
on(colon, ':', member, COLON)
value(start, atEnd)
value(member, inObject)
value(firstItem, inArray)
value(item, inArray)

/**
 * Checks only brackets and quotes, for documents one after another: the reader refuses values in between that are not JSON.
 * Keeps white space after a letter or digit, so that separated tokens stay separated.
 */
const [looseRoot, gap, token] = [state(), state(), state()]
const [looseText, looseEscaped] = textUntilQuote(gap)
for (let byte = 0; byte < ROW; byte += 1) set(looseEscaped, byte, looseText, COPY)
for (const at of [looseRoot, gap]) mayHaveSpace(at)
on(token, ' \t\r\n', token)
on(looseRoot, '{[', gap, OPEN)
for (const at of [gap, token]) {
  on(at, '0123456789+-.eEtrufalsn', token)
  on(at, '{[', gap, OPEN)
  on(at, '}]', gap, CLOSE)
  on(at, ',', gap, COMMA)
  on(at, ':', gap, COLON)
  on(at, '"', looseText, TEXT)
}

/** All rows: `STATES[state * 256 + byte]`. A state is stored as `state * 256`. */
export const STATES = new Uint16Array(rows.length * ROW)
for (const [index, row] of rows.entries()) STATES.set(row, index * ROW)

/** The states between values, by container. */
export type Grammar = {
  readonly start: number
  readonly afterRoot: number
  readonly afterMember: number
  readonly afterItem: number
}

/** One document, valid exactly where `JSON.parse` accepts it. */
export const ONE_DOCUMENT: Grammar = {
  ...{ start: start * ROW, afterRoot: atEnd * ROW },
  ...{ afterMember: inObject * ROW, afterItem: inArray * ROW },
}
/** Objects and lists one after another, with matching brackets and quotes. */
export const MANY_DOCUMENTS: Grammar = {
  ...{ start: looseRoot * ROW, afterRoot: looseRoot * ROW },
  ...{ afterMember: gap * ROW, afterItem: gap * ROW },
}
