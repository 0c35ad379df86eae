import { bracketDialect } from './brackets.ts'
import type { Dialect } from './document-site.ts'

/** `step`: one level of indentation in this file. */
export function jsonDialect(textOf: (file: string) => string, step: string): Dialect {
  return bracketDialect(textOf, {
    render: (value, indent) => jsonLiteralText(value, indent, step),
    inline: value => jsonLiteralText(value, '', null),
    step,
    trailingComma: false,
  })
}

/** JSON in the usual layout, with short lists on one line. `step`: null for everything on one line. */
export function jsonLiteralText(value: unknown, indent: string, step: string | null): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const inner = `${indent}${step ?? ''}`
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    if (step === null) return `[${value.map(item => jsonLiteralText(item, '', null)).join(', ')}]`
    return `[\n${value.map(item => `${inner}${jsonLiteralText(item, inner, step)}`).join(',\n')}\n${indent}]`
  }
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  if (members.length === 0) return '{}'
  const written = members.map(([key, member]) => `${JSON.stringify(key)}: ${jsonLiteralText(member, inner, step)}`)
  return step === null ? `{ ${written.join(', ')} }` : `{\n${written.map(one => inner + one).join(',\n')}\n${indent}}`
}

/** One level of indentation of a text whose blocks are in brackets. Two spaces if the text shows none. */
export function stepOf(text: string, start = 0): string {
  const found = /[{[]\r?\n([ \t]+)\S/.exec(text.slice(start, start + 4_000))
  if (found === null) return '  '
  const lineStart = text.lastIndexOf('\n', start + found.index) + 1
  const outer = /^[ \t]*/.exec(text.slice(lineStart))?.[0] ?? ''
  const inner = found[1] ?? ''
  return inner.startsWith(outer) && inner.length > outer.length ? inner.slice(outer.length) : '  '
}
