/**
 * The JSON values anywhere in a text: one document, JSON Lines, documents one after the other, a value in a line of a log, one that is
 * escaped as in a JSON string, or one that a terminal wrapped. Reads each part of the text a bounded number of times.
 */

export type JsonInText = {
  readonly value: unknown
  /** Its position in the text. */
  readonly start: number
  readonly end: number
}

export type JsonValues = {
  readonly values: readonly JsonInText[]
  /** Where values begin that are no JSON: a line that was cut, for example. The first few of them. */
  readonly broken: readonly BrokenJson[]
}

export type BrokenJson = { readonly start: number; readonly why: string }

const QUOTE = 0x22
const BACKSLASH = 0x5c
const LINE_FEED = 0x0a
const BLANK = 0x20
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d

/** What may be read without success, in characters: a multiple of the text. */
const WASTED_READS = 8
const MAX_BROKEN = 20
/** A JSON string in a JSON string, and so on. */
const MAX_ESCAPES = 8

export function jsonIn(text: string, depth = 0): JsonValues {
  const whole = parsed(text)
  if (whole.ok) return { values: [{ value: whole.value, start: 0, end: text.length }], broken: [] }
  const values: JsonInText[] = []
  const broken: BrokenJson[] = []
  let wasted = 0
  // A bracket, and behind it what a value of CloudTrail begins with; at last the same inside a JSON string. Each call has its own
  // position in it.
  const begins = /[{[]\s{0,400}["{[]|\{\s{0,400}\\{1,15}"/g
  for (let match = begins.exec(text); match !== null; match = begins.exec(text)) {
    const start = match.index
    const found = match[0].endsWith('\\"') ? escapedAt(text, start, depth) : valueAt(text, start)
    if (found.ok) {
      values.push(...found.values)
      begins.lastIndex = found.end
      continue
    }
    if (broken.length < MAX_BROKEN) broken.push({ start, why: found.why })
    wasted += found.read
    if (wasted > WASTED_READS * text.length) break
    begins.lastIndex = found.searchedTo ?? start + 1
  }
  return { values, broken: broken.filter(({ start }) => isAtLineStart(text, start)) }
}

type Found =
  | { readonly ok: true; readonly values: readonly JsonInText[]; readonly end: number }
  /** `searchedTo`: no value begins before. */
  | { readonly ok: false; readonly why: string; readonly read: number; readonly searchedTo?: number }

/** A value as it is, else one with line breaks that a terminal or YAML put into its strings. */
function valueAt(text: string, start: number): Found {
  const strict = endOfValue(text, start, false)
  if (strict.end !== null) {
    const json = text.slice(start, strict.end)
    const found = wholeAt(json, start, strict.end)
    return found.ok || !json.includes('\n') ? found : wholeAt(unwrapped(json), start, strict.end)
  }
  if (!strict.atBreak) return { ok: false, why: 'it ends inside a value', read: strict.read }
  const lenient = endOfValue(text, start, true)
  if (lenient.end === null) return { ok: false, why: 'it ends inside a text', read: strict.read + lenient.read }
  return wholeAt(unwrapped(text.slice(start, lenient.end)), start, lenient.end)
}

function wholeAt(json: string, start: number, end: number): Found {
  const read = parsed(json)
  if (read.ok) return { ok: true, values: [{ value: read.value, start, end }], end }
  return { ok: false, why: read.why, read: end - start }
}

/** A document of CloudTrail that a terminal wrapped is shorter. */
const MAX_WRAPPED_CHARS = 8_000_000

type ValueEnd = { readonly end: number | null; readonly atBreak: boolean; readonly read: number }

/**
 * Where the value ends, by its brackets and quotes; null where it is none: a document that was cut does not go on with the next one.
 * `atBreak`: a string holds a line break.
 */
function endOfValue(text: string, start: number, withBreaks: boolean): ValueEnd {
  const no = (at: number, atBreak = false): ValueEnd => ({ end: null, atBreak, read: at - start })
  /** What each open bracket opened. */
  const open: number[] = []
  /** The last sign that is no white space. */
  let before = 0
  let inString = false
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (inString) {
      if (code === QUOTE) {
        inString = false
        if (!':,}]'.includes(nextSign(text, at + 1))) return no(at)
      } else if (code === BACKSLASH) at += 1
      else if (code === LINE_FEED && (!withBreaks || at - start > MAX_WRAPPED_CHARS || opensLine(text, at + 1)))
        return no(at, !withBreaks)
    } else if (code === QUOTE) inString = true
    else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      if (code === OPEN_OBJECT && !'"}'.includes(nextSign(text, at + 1))) return no(at)
      if (!mayOpen(open.at(-1), before) || open.push(code) > MAX_OPEN) return no(at)
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      open.pop()
      if (open.length === 0) return { end: at + 1, atBreak: false, read: at + 1 - start }
    }
    if (code > BLANK) before = code
  }
  return no(text.length)
}

/** No record is nested deeper. */
const MAX_OPEN = 1_000

/** A value of an object stands behind a colon, one of a list behind its bracket or a comma. */
function mayOpen(inside: number | undefined, before: number): boolean {
  if (inside === undefined) return true
  return inside === OPEN_OBJECT ? before === COLON : before === COMMA || before === OPEN_ARRAY
}

/** The line begins with a document of its own: the one before it was cut. */
const opensLine = (text: string, from: number): boolean => text.startsWith('{"', from)

const MAX_BLANKS = 10_000

/** The next character that is no white space; nothing at the end of the text. */
function nextSign(text: string, from: number): string {
  let at = from
  while (at < text.length && at - from < MAX_BLANKS && ' \t\r\n'.includes(text[at] ?? '-')) at += 1
  return text[at] ?? ''
}

/** A break at the width of the terminal goes; any other in a string becomes one blank, as YAML folds it. */
function unwrapped(json: string): string {
  const lines = json.split('\n')
  const widest = Math.max(...lines.slice(0, 10_000).map(line => line.length))
  let inString = false
  return lines
    .map((line, index) => {
      const continues = inString
      for (let at = 0; at < line.length; at += 1) {
        const code = line.charCodeAt(at)
        if (code === BACKSLASH) at += 1
        else if (code === QUOTE) inString = !inString
      }
      const before = index === 0 ? 0 : (lines[index - 1]?.length ?? 0)
      const part = line.endsWith('\r') ? line.slice(0, -1) : line
      if (index > 0 && before >= widest - 1) return part
      return index === 0 ? part : continues ? ` ${part.trimStart()}` : `\n${part}`
    })
    .join('')
}

/** `{\"eventVersion\"…`, copied out of a JSON string: up to the quote that ends it, or to the end of the line. */
function escapedAt(text: string, start: number, depth: number): Found {
  let end = start
  for (; end < text.length; end += 1) {
    const code = text.charCodeAt(end)
    if (code === BACKSLASH) end += 1
    else if (code === QUOTE || code === LINE_FEED) break
  }
  end = Math.min(end, text.length)
  const inner = parsed(
    `"${text
      .slice(start, end)
      .replace(/\\$/, '')
      .replaceAll(/[\r\t]/g, ' ')}"`,
  )
  if (!inner.ok || typeof inner.value !== 'string' || depth >= MAX_ESCAPES)
    return { ok: false, why: 'it is escaped and ends inside a value', read: end - start }
  const { values } = jsonIn(inner.value, depth + 1)
  // Whatever begins further on in the escaped text was looked at just now.
  if (values.length === 0)
    return { ok: false, why: 'it is escaped and no JSON', read: end - start, searchedTo: Math.max(end, start + 1) }
  return { ok: true, values: values.map(({ value }) => ({ value, start, end })), end }
}

function isAtLineStart(text: string, at: number): boolean {
  let before = at - 1
  while (before >= 0 && ' \t\r\ufeff'.includes(text[before] ?? '')) before -= 1
  return before < 0 || text[before] === '\n'
}

type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: string }

function parsed(text: string): Parsed {
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch (error) {
    // Excessive nesting causes a RangeError, with the same result.
    return { ok: false, why: `not JSON: ${error instanceof Error ? error.message.slice(0, 200) : 'unreadable'}` }
  }
}
