import type { SourceFile } from '../code-change.ts'

/** Replaces the text between the offsets. Equal offsets insert. */
export type TextEdit = { readonly file: string; readonly start: number; readonly end: number; readonly text: string }

/** Applies edits. Edits of one file must not overlap; insertions at one place keep their order. */
export function withEdits(files: readonly SourceFile[], edits: readonly TextEdit[]): readonly SourceFile[] {
  return files.map(file => {
    const own = edits.filter(edit => edit.file === file.path).sort((a, b) => a.start - b.start)
    if (own.length === 0) return file
    const parts: string[] = []
    let at = 0
    for (const { start, end, text } of own) {
      if (start < at) throw new Error(`edits of ${file.path} overlap`)
      parts.push(file.text.slice(at, start), text)
      at = end
    }
    return { path: file.path, text: [...parts, file.text.slice(at)].join('') }
  })
}

/** Files keep their line ends. */
export const lineEndOf = (text: string): '\n' | '\r\n' => (/\r\n/.test(text) ? '\r\n' : '\n')

export const withLineEnd = (text: string, lineEnd: '\n' | '\r\n'): string => text.replaceAll('\n', lineEnd)

export const lineStart = (text: string, offset: number): number => text.lastIndexOf('\n', offset - 1) + 1

/** The end of the line, before its line end characters. */
export function lineEndAt(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset)
  // A truncated file can end with half of a line end.
  const end = newline < 0 ? text.length : newline
  return text.charAt(end - 1) === '\r' ? end - 1 : end
}

export const indentAt = (text: string, offset: number): string => {
  const start = lineStart(text, offset)
  return /^[ \t]*/.exec(text.slice(start, start + 400))?.[0] ?? ''
}

export const columnOf = (text: string, offset: number): number => offset - lineStart(text, offset)

/** True when only blanks precede this offset on its line. */
export const isFirstOnLine = (text: string, offset: number): boolean =>
  /^[ \t]*$/.test(text.slice(lineStart(text, offset), offset))
