/** Words as a reader counts them, and text that is cut to a number of them. */
import { asPlainText, own, type RichText, type Span } from '../../base/rich-text.ts'

/** Parts between spaces that hold a letter or a digit: a name, an ARN or a time's date is one. */
export const wordsIn = (text: string): number => partsOf(text).filter(isWord).length

export const wordsOf = (text: RichText): number => wordsIn(asPlainText(text))

const partsOf = (text: string): readonly string[] => text.split(/(?<=\s)/)
const isWord = (part: string): boolean => /[\p{L}\p{N}]/u.test(part)

/** The text, or its beginning with `…` for what did not fit. */
export function withinWords(text: RichText, most: number): RichText {
  if (wordsOf(text) <= most) return text
  const kept: Span[] = []
  let left = most
  for (const span of text) {
    const words = wordsIn(asPlainText([span]))
    if (words <= left) {
      kept.push(span)
      left -= words
      continue
    }
    const begin = 'text' in span && span.kind !== 'link' ? firstWords(span.text, left) : ''
    if (begin !== '' && 'text' in span && span.kind !== 'link') kept.push({ ...span, text: begin })
    break
  }
  return [...kept, own('…')]
}

/** Lines with at most so many words together: the longest become shorter first. */
export function withinTotal(lines: readonly RichText[], most: number): readonly RichText[] {
  const counts = lines.map(wordsOf)
  let limit = Math.max(0, ...counts)
  const total = (each: number) => counts.reduce((sum, count) => sum + Math.min(count, each), 0)
  while (limit > 1 && total(limit) > most) limit -= 1
  return lines.map(line => withinWords(line, limit))
}

function firstWords(text: string, most: number): string {
  const parts: string[] = []
  let left = most
  for (const part of partsOf(text)) {
    if (isWord(part)) left -= 1
    if (left < 0) break
    parts.push(part)
  }
  return parts.join('').trimEnd()
}
