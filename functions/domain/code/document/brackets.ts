/** Lists in brackets with commas: JSON, HCL, TypeScript, Python, and flow style in YAML. */
import { fail, ok } from '../../base/result.ts'
import type { Dialect } from './document-site.ts'
import { indentAt, isFirstOnLine, lineEndOf, withLineEnd } from './text-edit.ts'

export type BracketStyle = {
  /** A value whose first line continues the current one; following lines start with `indent`. */
  readonly render: (value: unknown, indent: string) => string
  /** A value on one line. */
  readonly inline: (value: unknown) => string
  /** One level of indentation. */
  readonly step: string
  /** A comma may follow the last item. */
  readonly trailingComma: boolean
  readonly commentStart: RegExp
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
      const comma = commaAfter(text, last.end, close, style.commentStart)
      const isHugging = !isFirstOnLine(text, last.start)
      const isOneLine = !text.slice(last.end, close).includes('\n')
      if (isHugging && isOneLine) {
        // `[{ … }]` or `["a", "b"]`: the new ones go on in the same way.
        const indent = indentAt(text, last.start)
        const isFlat = !text.slice(last.start, last.end).includes('\n')
        const rendered = values
          .map(value => (isFlat ? style.inline(value) : style.render(value, indent)))
          .join(isFlat ? ', ' : ', ')
        return edit(comma ?? last.end, comma ?? last.end, `${comma === null ? ',' : ''} ${rendered}`)
      }
      const indent = indentAt(text, last.start)
      const items = values.map(value => `\n${indent}${style.render(value, indent)}`).join(',')
      const from = comma ?? last.end
      const lineEndsAt = text.indexOf('\n', from)
      // A comment behind the last item stays with it.
      const at =
        lineEndsAt < 0 || lineEndsAt > close ? from : lineEndsAt - (text.charAt(lineEndsAt - 1) === '\r' ? 1 : 0)
      const added = { file: list.file, start: at, end: at, text: withLineEnd(items, lineEnd) }
      if (comma !== null) return ok([{ ...added, text: `${added.text},` }])
      if (at === from) return ok([{ ...added, text: `,${added.text}` }])
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

/** The offset after the comma that follows the last item; null where there is none. Comments may stand between. */
function commaAfter(text: string, from: number, to: number, comment: RegExp): number | null {
  for (let at = from; at < to; at++) {
    const character = text.charAt(at)
    if (character === ',') return at + 1
    if (/\s/.test(character)) continue
    if (!comment.test(text.slice(at, at + 2))) return null
    const end = text.startsWith('/*', at) ? text.indexOf('*/', at) + 1 : text.indexOf('\n', at)
    if (end <= at) return null
    at = end
  }
  return null
}
