/**
 * Records in block style YAML, as converters and pagers print them, anywhere in a text. Reads what they write: mappings, lists, plain
 * and quoted scalars, and texts over several lines; no anchors, tags or flow style. Reads each line a bounded number of times.
 * https://yaml.org/spec/1.2.2/
 */
import type { JsonInText } from './json-in-text.ts'

/** `column`: of the first name or value; list signs stand before it. `dash`: of the first list sign, or `column`. */
type Line = { readonly dash: number; readonly column: number; readonly text: string; readonly start: number }

const CALL_NAME = /^['"]?eventName['"]?: /

export function yamlRecordsIn(text: string): readonly JsonInText[] {
  const lines = linesOf(text)
  const values: JsonInText[] = []
  let from = 0
  for (let index = 0; index < lines.length; index += 1) {
    if (!CALL_NAME.test(lines[index]?.text ?? '')) continue
    const column = lines[index]?.column ?? 0
    let first = index
    while (first > from && (lines[first]?.dash ?? 0) >= column && isWithin(lines[first - 1], column)) first -= 1
    let last = index + 1
    while (last < lines.length && (lines[last]?.dash ?? 0) >= column && isWithin(lines[last], column)) last += 1
    const block = lines.slice(first, last).map(line => (line.dash < column ? { ...line, dash: column } : line))
    const start = (block[0]?.start ?? 0) + (lines[first]?.dash ?? 0)
    const value = mapping(block)
    if (value !== null) values.push({ value, start, end: lines[last]?.start ?? text.length })
    from = last
    index = last - 1
  }
  return values
}

/** A line of the mapping whose names begin at this column, or the first line of a list's item. */
const isWithin = (line: Line | undefined, column: number): boolean =>
  line !== undefined && (line.column > column || (line.column === column && NAME.test(line.text)))

/** Blanks and list signs. */
const MARGIN = /^( *)(?:- +)*/

function linesOf(text: string): readonly Line[] {
  let start = 0
  return text.split('\n').flatMap(raw => {
    const whole = raw.trimEnd()
    const [margin = '', blanks = ''] = MARGIN.exec(whole) ?? []
    const rest = whole.slice(margin.length)
    const line = { dash: blanks.length, column: margin.length, text: rest, start }
    start += raw.length + 1
    return rest === '' ? [] : [line]
  })
}

const NAME = /^(?:'([^']{1,200})'|"([^"\\]{1,200})"|([\w@$./-]{1,200})):(?: +|$)/
const MAX_DEPTH = 24

/** Null for lines that are no mapping. */
function mapping(lines: readonly Line[], depth = 0): unknown {
  const column = lines[0]?.dash ?? 0
  if (depth > MAX_DEPTH) return null
  const members: (readonly [string, unknown])[] = []
  for (let at = 0; at < lines.length; ) {
    const line = lines[at]
    const name = line === undefined || line.dash !== column ? null : NAME.exec(line.text)
    if (line === undefined || name === null) return null
    let end = at + 1
    while (end < lines.length && isBelow(lines[end], column)) end += 1
    const first = line.text.slice(name[0].length)
    members.push([name[1] ?? name[2] ?? name[3] ?? '', memberValue(first, lines.slice(at + 1, end), depth)])
    at = end
  }
  return Object.fromEntries(members)
}

/** A list may begin at the column of its name. */
const isBelow = (line: Line | undefined, column: number): boolean =>
  line !== undefined && (line.dash > column || (line.dash === column && line.column > column))

function memberValue(first: string, below: readonly Line[], depth: number): unknown {
  if (first !== '') return scalar([first, ...below.map(line => line.text)])
  const [next] = below
  if (next === undefined) return null
  return next.column > next.dash ? list(below, depth) : mapping(below, depth + 1)
}

function list(lines: readonly Line[], depth: number): readonly unknown[] {
  const dash = lines[0]?.dash ?? 0
  const items: Line[][] = []
  for (const line of lines) {
    if (line.dash === dash) items.push([{ ...line, dash: line.column }])
    else items.at(-1)?.push(line)
  }
  return items.map(item => mapping(item, depth + 1) ?? scalar(item.map(line => line.text)))
}

const PLAIN: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ...['null', '~', 'Null', 'NULL'].map(name => [name, null] as const),
  ...['{}', '[]'].map(name => [name, null] as const),
  ['true', true],
  ['false', false],
])

/** A text over several lines is folded: one blank for each break. Numbers stay texts, as names are. */
function scalar(lines: readonly string[]): unknown {
  const text = (/^[|>][+-]?\d?$/.test(lines[0] ?? '') ? lines.slice(1) : lines).join(' ')
  if (text.startsWith("'") && text.endsWith("'")) return text.slice(1, -1).replaceAll("''", "'")
  if (PLAIN.has(text)) return PLAIN.get(text)
  if (!/^["{[]/.test(text)) return text
  try {
    return JSON.parse(text.replaceAll(/\\ \\? ?/g, ' '))
  } catch {
    return text
  }
}
