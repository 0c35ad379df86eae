/** Edits lists in brackets with commas: JSON, HCL, TypeScript, Python, and YAML in flow style. */
import { fail, ok } from '../../../core/base/index.ts'
import type { Dialect } from './document-site.ts'
import { indentAt, isFirstOnLine, lineEndAt, lineEndOf, withLineEnd } from './text-edit.ts'

export type BracketStyle = {
  /** Renders a value. Its first line continues the current one; following lines start with `indent`. */
  readonly render: (value: unknown, indent: string) => string
  /** Renders a value on one line. */
  readonly inline: (value: unknown) => string
  /** One level of indentation. */
  readonly step: string
  /** A comma after the last item is allowed. */
  readonly trailingComma: boolean
}

export function bracketDialect(textOf: (file: string) => string, style: BracketStyle): Dialect {
  return {
    appendItem: (list, values) => {
      if (list.fixed !== null) return fail(list.fixed)
      const text = textOf(list.file)
      const lineEnd = lineEndOf(text)
      const edit = (start: number, end: number, inserted: string) =>
        ok([{ file: list.file, start, end, text: withLineEnd(inserted, lineEnd) }])
      const close = list.end - 1
      const last = list.items.at(-1)
      if (last === undefined) {
        if (!/^\s*$/.test(text.slice(list.start + 1, close))) return fail('the list holds only a comment')
        const outer = indentAt(text, list.start)
        const inner = `${outer}${style.step}`
        const items = values.map(value => `${inner}${style.render(value, inner)}`).join(',\n')
        return edit(list.start + 1, close, `\n${items}${style.trailingComma ? ',' : ''}\n${outer}`)
      }
      const comma = commaAfter(text, last.end, close)
      const isHugging = !isFirstOnLine(text, last.start)
      const isOneLine = !text.slice(last.end, close).includes('\n')
      if (isHugging && isOneLine) {
        // `[{ … }]` or `["a", "b"]`: new items continue on the same line.
        const indent = indentAt(text, last.start)
        const isFlat = !text.slice(last.start, last.end).includes('\n')
        const rendered = values.map(value => (isFlat ? style.inline(value) : style.render(value, indent))).join(', ')
        return edit(comma ?? last.end, comma ?? last.end, `${comma === null ? ',' : ''} ${rendered}`)
      }
      const indent = indentAt(text, last.start)
      const items = values.map(value => `\n${indent}${style.render(value, indent)}`).join(',')
      const from = comma ?? last.end
      const lineEnds = lineEndAt(text, from)
      // A comment behind the last item stays there.
      const at = lineEnds > close ? from : lineEnds
      const added = { file: list.file, start: at, end: at, text: withLineEnd(items, lineEnd) }
      if (comma !== null) return ok([{ ...added, text: `${added.text},` }])
      return ok([{ file: list.file, start: from, end: from, text: ',' }, added])
    },
    wrap: (single, values) => {
      const text = textOf(single.file)
      const lineEnd = lineEndOf(text)
      const source = text.slice(single.start, single.end)
      const insert = (at: number, inserted: string) => ({
        file: single.file,
        start: at,
        end: at,
        text: withLineEnd(inserted, lineEnd),
      })
      if (!source.includes('\n')) {
        const rendered = values.map(style.inline).join(', ')
        return ok([insert(single.start, '['), insert(single.end, `, ${rendered}]`)])
      }
      const indent = indentAt(text, single.start)
      const rendered = values.map(value => style.render(value, indent)).join(', ')
      return ok([insert(single.start, '['), insert(single.end, `, ${rendered}]`)])
    },
  }
}

/** Blanks and comments of any of the languages, up to a comma. */
const UP_TO_COMMA = /^(?:\s|(?:#|\/\/)[^\n]*\n|\/\*(?:[^*]|\*(?!\/))*\*\/)*,/

/** The offset after the comma that follows the last item. Null: there is no comma. */
function commaAfter(text: string, from: number, to: number): number | null {
  const found = UP_TO_COMMA.exec(text.slice(from, to))
  return found === null ? null : from + found[0].length
}
