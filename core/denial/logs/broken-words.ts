/**
 * Terminals break lines at their edge, even inside words. This joins the words by which a denial is found and read, and the
 * phrases of several words. Names in ARNs are joined later, where they are read.
 */
import { ACTIONS } from '../../actions/index.ts'
import { isNextWord } from '../message/arn-in-text.ts'
import { DENIAL_WORDS } from '../message/denial-in-text.ts'

const WORDS: ReadonlySet<string> = new Set([
  ...ACTIONS.flatMap(({ name }) => [name, name.slice(name.indexOf(':') + 1)]),
  ...['User', 'authorized', 'perform', 'resource', 'because', 'policy', 'allows', 'action', 'explicit', 'assume'],
  ...['identity-based', 'resource-based', 'permissions', 'boundary', 'session', 'service', 'control', 'endpoint'],
  ...['is', 'not', 'on', 'no', 'to', 'in', 'an', 'with', 'the', 'deny', 'role', 'trust'],
])
const START_OF_ARN = /^arn:aws/
const MAX_PART_CHARS = 40
const MAX_NAME_CHARS = 240
/** Minimum width of a terminal, and of a column in one. */
export const MIN_WIDTH_CHARS = 60
const MIN_COLUMNS = 24
const ARN_BEFORE = /arn:aws[A-Za-z0-9+=,.@_/:-]{0,233}$/
/** What can follow a name: the end of the line or sentence, or the continuation of a denial. */
const AFTER_NAME = /^(?:$|[^A-Za-z0-9 ]| (?:is|was|because|with an?|and|on|status code:)\b| \()/
/** A service at the start of a line begins a new sentence. */
const SERVICE = /^[a-z0-9-]+\.amazonaws\.com$/
const NAME_AFTER = /^[A-Za-z0-9+=,.@_/:-]{1,240}/

/** Joins broken words and keeps the number of lines: the line break moves behind the word. */
export function withWholeWords(text: string): string {
  const parts: string[] = []
  let from = 0
  let [moved, movedTo] = [0, 0]
  let line = 0
  let widthBefore = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
    const end = text[at - 1] === '\r' ? at - 1 : at
    const [start, previous] = [line, widthBefore]
    widthBefore = end - start
    line = at + 1
    if (moved > 0 && movedTo < end) {
      parts.push(text.slice(from, movedTo), '\n'.repeat(moved))
      from = movedTo
      moved = 0
    }
    const next = at + 1 + indentOf(text, start, at + 1)
    const isWide = widthBefore >= MIN_COLUMNS
    const phrase = isWide ? restOfPhrase(text, end, next) : null
    const tail = phrase ?? (isWide ? joined(text, end, next, widthBefore === previous ? start : null) : null)
    if (tail !== null) {
      parts.push(text.slice(from, end))
      if (phrase !== null) parts.push(' ')
      from = next
      // A phrase can end inside a word: sts:AssumeRole of sts:AssumeRoleWithWebIdentity.
      movedTo = phrase === null ? from + tail.length : wordEnd(text, from + tail.length)
      moved += 1
    } else if (moved > 0) movedTo = wordEnd(text, at + 1)
  }
  parts.push(text.slice(from), '\n'.repeat(moved))
  return parts.join('')
}

/** The blanks before both lines; one more is that of a break between words. */
function indentOf(text: string, line: number, next: number): number {
  let shared = 0
  while (text[line + shared] === ' ' && text[next + shared] === ' ') shared += 1
  return blankAt(text, line + shared + 1) || blankAt(text, next + shared + 1) ? 0 : shared
}

const blankAt = (text: string, at: number): boolean => text[at - 1] === ' ' && text[at] === ' '

/** The rest of a phrase by which denials are found, after a line break between its words; null if none is broken here. */
function restOfPhrase(text: string, lineEnd: number, start: number): string | null {
  let end = lineEnd
  while (text[end - 1] === ' ') end -= 1
  if (!BREAKS.has(pairOf(text, end, start))) return null
  for (const [head, tail] of PHRASES)
    if (text.startsWith(tail, start) && text.startsWith(head, end - head.length)) return tail
  return null
}

/** Each phrase at each of its blanks. */
const PHRASES: readonly (readonly [head: string, tail: string])[] = DENIAL_WORDS.flatMap(phrase => {
  const words = phrase.trim().split(' ')
  return words
    .slice(1)
    .map((_, index) => [words.slice(0, index + 1).join(' '), words.slice(index + 1).join(' ')] as const)
})

const pairOf = (text: string, end: number, start: number): number =>
  text.charCodeAt(end - 1) * 128 + text.charCodeAt(start)

const BREAKS: ReadonlySet<number> = new Set(
  PHRASES.map(([head, tail]) => pairOf(head + tail, head.length, head.length)),
)

/**
 * The part of the next line that completes a word or an ARN; null if neither. `line`: the start of this line, if the line
 * before it has the same width.
 */
function joined(text: string, end: number, start: number, line: number | null): string | null {
  const word = brokenWord(text, end, start)
  if (word !== null) return word
  // No name is likely to end in a hyphen.
  if (text[end - 1] === '-') return brokenArn(text, end, start)
  if (line === null || end - line < MIN_WIDTH_CHARS) return null
  const previous = text.slice(Math.max(0, 2 * line - end - 1), line)
  return continuesSentence(text.slice(line, end), previous) ? brokenArn(text, end, start) : null
}

function wordEnd(text: string, from: number): number {
  let at = from
  while (!' \r\n'.includes(text[at] ?? ' ')) at += 1
  return at
}

/** False where a line as wide as the one before it is the first of its sentence, as in a repeated denial. */
export const continuesSentence = (line: string, previous: string): boolean =>
  !line.includes('User:') && !(line.includes('authorized') && previous.includes('authorized'))

/** The rest of one of the known words after the line break; null if it is none of them. */
function brokenWord(text: string, end: number, start: number): string | null {
  if (!PAIRS.has(pairOf(text, end, start))) return null
  let from = end
  while (end - from < MAX_PART_CHARS && isOfWord(text.charCodeAt(from - 1))) from -= 1
  let to = start
  while (to - start < MAX_PART_CHARS && isOfWord(text.charCodeAt(to))) to += 1
  const [head, tail] = [text.slice(from, end), text.slice(start, to)]
  if (WORDS.has(head + (tail.endsWith(':') ? tail.slice(0, -1) : tail))) return tail
  return START_OF_ARN.test(head + tail) && !START_OF_ARN.test(head) ? tail : null
}

/** True for letters, `:` and `-`. */
function isOfWord(code: number): boolean {
  const lower = code | 32
  return (lower >= 97 && lower <= 122) || code === 58 || code === 45
}

/** Every pair of adjacent letters in the known words, as one number, to skip other line breaks fast. */
const PAIRS: ReadonlySet<number> = new Set(
  [...WORDS, 'arn:aws'].flatMap(word =>
    [...word].slice(1).map((letter, index) => word.charCodeAt(index) * 128 + letter.charCodeAt(0)),
  ),
)

/** The rest of an ARN after a line of the same width as the line before it: that width is the terminal's. */
function brokenArn(text: string, end: number, start: number): string | null {
  if (!ARN_BEFORE.test(text.slice(Math.max(0, end - MAX_NAME_CHARS), end))) return null
  return restOfName(text, start)
}

/** What can be the rest of a name at the start of a line; null: nothing. */
export function restOfName(text: string, start: number): string | null {
  const tail = NAME_AFTER.exec(text.slice(start, start + MAX_NAME_CHARS))?.[0] ?? ''
  if (tail === '' || isNextWord(tail) || SERVICE.test(tail)) return null
  const next = text.slice(start + tail.length, start + tail.length + MAX_PART_CHARS)
  return AFTER_NAME.test(next) ? tail : null
}
