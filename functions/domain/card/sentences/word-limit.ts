/** Counts words as a reader does, and truncates text to a number of words. */
import { asPlainText, own, type RichText, type Span } from '../../../../core/base/index.ts'

/** Counts parts between spaces with a letter or a digit. A name, an ARN or the date of a time is one word. */
export const wordsIn = (text: string): number => partsOf(text).filter(isWord).length

/** The URL of a link does not count. */
export const wordsOf = (text: RichText): number =>
  wordsIn(text.map(span => (isLink(span) ? span.text : asPlainText([span]))).join(''))

type Link = Extract<Span, { readonly kind: 'link' }>
const isLink = (span: Span): span is Link => span.kind === 'link'

const partsOf = (text: string): readonly string[] => text.split(/(?<=\s)/)
const isWord = (part: string): boolean => /[\p{L}\p{N}]/u.test(part)

const isOpening = (span: Span | undefined): boolean => span?.kind === 'own' && span.text.trim() === '('

/** The text, or its beginning and `…`. Keeps links, because nothing shorter leads to the same place. */
export function withinWords(text: RichText, most: number): RichText {
  if (wordsOf(text) <= most) return text
  const kept: Span[] = []
  let left = Math.max(0, most - wordsOf(text.filter(isLink)))
  for (const [at, span] of text.entries()) {
    const words = isLink(span) ? 0 : wordsOf([span])
    if (words <= left) {
      kept.push(span)
      left -= words
      continue
    }
    const begin = 'text' in span ? firstWords(span.text, left) : ''
    if (begin !== '' && 'text' in span) kept.push({ ...span, text: begin })
    else if (isOpening(kept.at(-1))) kept.pop()
    return [
      ...kept,
      own('…'),
      ...text
        .slice(at)
        .filter(isLink)
        .flatMap(each => [own(' '), each]),
    ]
  }
  return kept
}

/** Shortens lines until all of them together hold at most `most` words: the longest first. */
export function withinTotal(lines: readonly RichText[], most: number): readonly RichText[] {
  const counts = lines.map(line => ({ all: wordsOf(line), links: wordsOf(line.filter(isLink)) }))
  let limit = Math.max(0, ...counts.map(({ all }) => all))
  const total = (each: number) => sum(counts.map(({ all, links }) => Math.max(links, Math.min(all, each))))
  while (limit > 1 && total(limit) > most) limit -= 1
  return lines.map(line => withinWords(line, limit))
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0)

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
