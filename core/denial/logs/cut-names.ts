/**
 * A terminal or `cut -c` leaves out what is beyond its width, also the end of an ARN. What may be cut is marked as such, so that
 * no part of it is taken for a name.
 */
import { MAX_ARN_CHARS } from '../message/arn-in-text.ts'
import { plainText } from '../message/plain-text.ts'
import { continuesSentence, MIN_WIDTH_CHARS, restOfName } from './broken-words.ts'
import { withoutStampsAndMarks } from './line-prefixes.ts'

/** The name of a role or user at the end of a line, alone or after a part of its ARN on the lines before. */
const NAME_AT_END = /arn:aws[a-z-]{0,20}:iam::[\w*.-]{1,60}:(?:role|user)\/[\w+=,.@/-]{1,600}$/
/** A name seldom ends with one of these; a part of a name often does. */
const INSIDE_NAME = /[-_/@+=]$/
const ENDS_IN_NAME = /:(?:role|user)\/[\w+=,.@/-]{1,200}$/
/** The sentence goes on, so its ARN is whole, or is with what stands before. */
const GOES_ON = /^(?:is |\(|(?:[\w+=,.@/-]{1,200} )?(?:because (?:no|the)|with an? explicit) )/
/** Alone in a line, more often the rest of a name than a word. */
const LONE_PART = /^(?:[a-z]{1,2}|(?=.{0,60}[A-Za-z])[a-z]{0,60}[\d_/+=@-][\w+=,.@/-]{0,200})\s{0,2}$/
/** An ARN may be broken more than once. */
const MAX_LINES_OF_NAME = 3
const MAX_REST_CHARS = 300

/**
 * Puts an ellipsis after each ARN at the end of a line that is as wide as the widest, unless the next line goes on with it: where
 * the name ends as only parts of names do, where nothing but what can be its rest is in the next line, or where another line that
 * ends with no name is as wide. Linear time.
 */
export function withCutsMarked(text: string): string {
  const { width, starts } = widestLines(text)
  const isCutText = starts.some(start => {
    const end = start + width
    return !ENDS_IN_NAME.test(text.slice(Math.max(start, end - MAX_REST_CHARS), end))
  })
  let marked = ''
  let from = 0
  for (const start of starts) {
    const end = start + width
    if (!mayEndInside(text, { start, end }, isCutText)) continue
    marked += `${text.slice(from, end)}…`
    from = text[end] === '\r' ? end + 1 : end
  }
  return from === 0 ? text : marked + text.slice(from)
}

/** Guzzle shows the first 120 characters of an answer: https://github.com/guzzle/psr7/blob/2.7.0/src/Message.php */
const CUT_ANSWER = ' (truncated...)'
const ANSWER_BEGINS = ' response:'
const MAX_ANSWER_CHARS = 160
/** The SDK for PHP then shows all of it: https://github.com/aws/aws-sdk-php/blob/3.300.0/src/WrappedHttpHandler.php */
const WHOLE_FOLLOWS = /^\s{1,4}[A-Za-z0-9]{2,60} \((?:client|server)\): /

/** Blanks in place of a cut answer with the whole one behind it, which would be read as two denials. Linear time. */
export function withoutCutAnswers(text: string): string {
  let kept = ''
  let from = 0
  for (let at = text.indexOf(CUT_ANSWER); at !== -1; at = text.indexOf(CUT_ANSWER, at + 1)) {
    const end = at + CUT_ANSWER.length
    const before = text.slice(Math.max(from, at - MAX_ANSWER_CHARS), at)
    const begins = before.lastIndexOf(ANSWER_BEGINS)
    if (begins === -1 || !WHOLE_FOLLOWS.test(text.slice(end, end + MAX_ANSWER_CHARS))) continue
    const answer = before.slice(begins + ANSWER_BEGINS.length)
    kept += text.slice(from, at - answer.length) + answer.replace(/[^\n]/g, ' ')
    from = at
  }
  return from === 0 ? text : kept + text.slice(from)
}

/** Where the widest lines begin; none where they are too narrow to be cut. Without a list of all lines: a log has millions. */
function widestLines(text: string): { readonly width: number; readonly starts: readonly number[] } {
  let width = MIN_WIDTH_CHARS
  let starts: number[] = []
  let start = 0
  while (start <= text.length) {
    const end = endOfLine(text, start)
    const chars = end - start < width ? 0 : end - start - (text[end - 1] === '\r' ? 1 : 0)
    if (chars > width) {
      width = chars
      starts = []
    }
    if (chars === width) starts.push(start)
    start = end + 1
  }
  return { width, starts }
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end === -1 ? text.length : end
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line)

function linesBefore(text: string, start: number): readonly string[] {
  const lines: string[] = []
  for (let end = start - 1; end >= 0 && lines.length < MAX_LINES_OF_NAME; ) {
    const from = end === 0 ? 0 : text.lastIndexOf('\n', end - 1) + 1
    lines.unshift(withoutReturn(text.slice(from, end)))
    end = from - 1
  }
  return lines
}

/** `end`: before the break. */
function mayEndInside(
  text: string,
  { start, end: lineEnd }: { readonly start: number; readonly end: number },
  isCutText: boolean,
): boolean {
  const line = text.slice(start, lineEnd)
  const before = linesBefore(text, start)
  const end = [...before, line].map(one => one.slice(-MAX_ARN_CHARS)).join('')
  if (!NAME_AT_END.test(end.slice(-MAX_ARN_CHARS))) return false
  const behind = endOfLine(text, lineEnd) + 1
  const nextLine = text.slice(behind, Math.min(endOfLine(text, behind), behind + MAX_REST_CHARS))
  const next = plainText(withoutStampsAndMarks(nextLine)).trimStart()
  const previous = before.at(-1) ?? ''
  const isBroken = previous.length === line.length && continuesSentence(line, previous)
  const isRest = restOfName(next, 0) !== null
  if (isRest && (isBroken || /[-/]$/.test(line))) return false
  if (INSIDE_NAME.test(line)) return true
  return line.includes('authorized') && ((isRest && LONE_PART.test(next)) || (isCutText && !GOES_ON.test(next)))
}
