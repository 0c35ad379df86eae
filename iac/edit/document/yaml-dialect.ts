/** Edits YAML lists and maps in the style of the file: blocks with its indentation, or brackets where it has brackets. */
import { fail, ok, type Result } from '../../../core/base/index.ts'
import type { ListNode, MapNode, SourceNode } from '../../source/index.ts'
import { bracketDialect } from './brackets.ts'
import type { Dialect } from './document-site.ts'
import { jsonLiteralText } from './json-dialect.ts'
import type { Literal, MapLiteral } from './literal.ts'
import { columnOf, indentAt, isFirstOnLine, lineEndAt, lineEndOf, type TextEdit, withLineEnd } from './text-edit.ts'

export type TemplateDialect = Dialect & {
  readonly addEntry: (map: MapLiteral, key: string, value: unknown) => Result<readonly TextEdit[], string>
}

export function yamlDialect(text: string, root: SourceNode): TemplateDialect {
  const yaml = yamlStyle(text, root)
  const lineEnd = lineEndOf(text)
  const isInBrackets = ({ start }: Literal): boolean => /[[{]/.test(text.charAt(start))
  const brackets = bracketDialect(() => text, {
    // A JSON value in YAML that spans lines continues in lines.
    render: (value, indent) => jsonLiteralText(value, indent, ' '.repeat(yaml.step)),
    inline: value => flowText(value, yaml),
    step: '  ',
    trailingComma: false,
  })
  /** Inserts below the line that ends here. A comment at the end of that line stays there. */
  const below = (file: string, end: number, written: string): TextEdit => {
    const at = lineEndAt(text, end)
    return { file, start: at, end: at, text: withLineEnd(`\n${written}`, lineEnd) }
  }
  const items = (values: readonly unknown[], column: number): string =>
    values.map(value => `${' '.repeat(column)}- ${blockText(value, column + 2, yaml).trimStart()}`).join('\n')
  return {
    appendItem: (list, values) => {
      if (list.fixed !== null) return fail(list.fixed)
      if (isInBrackets(list)) return brackets.appendItem(list, values)
      return ok([below(list.file, list.end, items(values, columnOf(text, list.start)))])
    },
    wrap: (single, values) => {
      if (single.kind === 'map' && single.fixed !== null) return fail(single.fixed)
      if (single.kind === 'map' && isInBrackets(single)) return brackets.wrap(single, values)
      const column = columnOf(text, single.start)
      const lineStart = single.start - column
      if (single.kind === 'map') {
        // The first line of the map follows the dash, which replaces two of its blanks.
        const before = text.slice(lineStart, single.start)
        if (!/^ {2,}$/.test(before)) return fail('the value is not on a line of its own')
        const dash = { file: single.file, start: single.start - 2, end: single.start, text: '- ' }
        return ok([dash, below(single.file, single.end, items(values, column - 2))])
      }
      const key = /^( *(?:- +)*)\S/.exec(text.slice(lineStart, single.start))?.[1]?.length
      const isWithin = /[{[]/.test(text.slice(lineStart, single.start))
      if (key === undefined || isWithin) return brackets.wrap(single, values)
      const listColumn = key + yaml.listStep
      const source = text.slice(single.start, single.end)
      if (source.includes('\n')) return fail('the value has several lines')
      const blank = /[ \t]*$/.exec(text.slice(lineStart, single.start))?.[0].length ?? 0
      const opening = {
        file: single.file,
        start: single.start - blank,
        end: single.start,
        text: withLineEnd(`\n${' '.repeat(listColumn)}- `, lineEnd),
      }
      return ok([opening, below(single.file, single.end, items(values, listColumn))])
    },
    addEntry: (map, key, value) => {
      if (map.fixed !== null) return fail(map.fixed)
      if (isInBrackets(map)) {
        const last = map.entries.at(-1)
        if (last === undefined) return fail('the map is empty')
        const written = `, ${key}: ${flowText(value, yaml)}`
        return ok([{ file: map.file, start: last.value.end, end: last.value.end, text: written }])
      }
      const column = columnOf(text, map.start)
      return ok([below(map.file, map.end, entryText(key, value, column, yaml))])
    },
  }
}

type Style = {
  /** Columns by which a nested map is indented. */
  readonly step: number
  /** Columns by which a list is indented below its key. */
  readonly listStep: number
  readonly quote: "'" | '"'
}

/** The most frequent indentation of the text. */
export function yamlStyle(text: string, root: SourceNode): Style {
  /** True for a block, false for brackets, an alias or a function. */
  const isInLines = (node: SourceNode): node is ListNode | MapNode =>
    node.kind === 'list'
      ? text.charAt(node.start) === '-'
      : node.kind === 'map' && !/[[{*!]/.test(text.charAt(node.start))
  const steps = { map: new Map<number, number>(), list: new Map<number, number>() }
  const waiting = [root]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.kind === 'list') for (const item of node.items) waiting.push(item)
    if (node.kind !== 'map') continue
    for (const { start, value } of node.entries.values()) {
      waiting.push(value)
      if (!isInLines(value) || text.charAt(start) === '!') continue
      const step = columnOf(text, value.start) - columnOf(text, start)
      steps[value.kind].set(step, (steps[value.kind].get(step) ?? 0) + 1)
    }
  }
  const step = mostOften(steps.map) ?? 2
  const single = text.match(/[:-] '/g)?.length ?? 0
  const double = text.match(/[:-] "/g)?.length ?? 0
  return { step, listStep: mostOften(steps.list) ?? step, quote: single > double ? "'" : '"' }
}

function mostOften(counts: ReadonlyMap<number, number>): number | null {
  const sorted = [...counts].sort((a, b) => b[1] - a[1])
  return sorted[0]?.[0] ?? null
}

function entryText(key: string, value: unknown, column: number, style: Style): string {
  const head = `${' '.repeat(column)}${plain(key, style)}:`
  if (Array.isArray(value)) {
    if (value.length === 0) return `${head} []`
    const inner = column + style.listStep
    return `${head}\n${value.map(item => `${' '.repeat(inner)}- ${blockText(item, inner + 2, style).trimStart()}`).join('\n')}`
  }
  if (typeof value === 'object' && value !== null) return `${head}\n${blockText(value, column + style.step, style)}`
  return `${head} ${plain(value, style)}`
}

function blockText(value: unknown, column: number, style: Style): string {
  if (Array.isArray(value)) return flowText(value, style)
  if (typeof value !== 'object' || value === null) return `${' '.repeat(column)}${plain(value, style)}`
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => entryText(key, member, column, style))
    .join('\n')
}

function flowText(value: unknown, style: Style): string {
  if (Array.isArray(value)) return `[${value.map(item => flowText(item, style)).join(', ')}]`
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' && !/^[A-Za-z]\w*$/.test(value) ? quoted(value, style) : plain(value, style)
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => `${flowText(key, style)}: ${flowText(member, style)}`)
  return `{ ${members.join(', ')} }`
}

/** YAML 1.1, which CloudFormation reads, does not take these words as text. */
const OTHER_WORD = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf)$/i

/** The text without quotes if every YAML reader reads it as this text. */
function plain(value: unknown, style: Style): string {
  if (typeof value !== 'string') return String(value)
  const isPlain = /^[A-Za-z][\w./:@+=,-]*$/.test(value) && !value.endsWith(':') && !OTHER_WORD.test(value)
  return isPlain ? value : quoted(value, style)
}

const quoted = (text: string, { quote }: Style): string =>
  quote === "'" && !/[\p{Cc}\u2028\u2029\ufeff]/u.test(text) ? `'${text.replaceAll("'", "''")}'` : JSON.stringify(text)

/** The same for JSON. Inserts a key before the last one, so that no existing line gets a comma. */
export function jsonTemplateDialect(
  dialect: Dialect,
  text: string,
  render: (value: unknown, indent: string) => string,
): TemplateDialect {
  return {
    ...dialect,
    addEntry: (map, key, value) => {
      const last = map.entries.at(-1)
      if (last === undefined || !isFirstOnLine(text, last.start))
        return fail('its properties are not on lines of their own')
      const indent = indentAt(text, last.start)
      const written = `${JSON.stringify(key)}: ${render(value, indent)},\n${indent}`
      return ok([{ file: map.file, start: last.start, end: last.start, text: withLineEnd(written, lineEndOf(text)) }])
    },
  }
}
