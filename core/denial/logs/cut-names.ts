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
  const widest = widestLine(text)
  if (widest < MIN_WIDTH_CHARS) return text
  const lines = text.split('\n')
  const atEdge = [...lines.keys()].filter(index => withoutReturn(lines[index]).length === widest)
  const isCutText = atEdge.some(index => !ENDS_IN_NAME.test(withoutReturn(lines[index]).slice(-MAX_REST_CHARS)))
  const cut = atEdge.filter(index => mayEndInside(lines, index, isCutText))
  if (cut.length === 0) return text
  for (const index of cut) lines[index] = `${withoutReturn(lines[index])}…`
  return lines.join('\n')
}

function widestLine(text: string): number {
  let [widest, from] = [0, 0]
  while (from <= text.length) {
    const at = text.indexOf('\n', from)
    const end = at === -1 ? text.length : at
    widest = Math.max(widest, text[end - 1] === '\r' ? end - from - 1 : end - from)
    from = end + 1
  }
  return widest
}

const withoutReturn = (line = ''): string => (line.endsWith('\r') ? line.slice(0, -1) : line)

function mayEndInside(lines: readonly string[], index: number, isCutText: boolean): boolean {
  const line = withoutReturn(lines[index])
  const before = lines.slice(Math.max(0, index - MAX_LINES_OF_NAME), index).map(withoutReturn)
  const end = [...before, line].map(one => one.slice(-MAX_ARN_CHARS)).join('')
  if (!NAME_AT_END.test(end.slice(-MAX_ARN_CHARS))) return false
  const next = plainText(withoutStampsAndMarks((lines[index + 1] ?? '').slice(0, MAX_REST_CHARS))).trimStart()
  const previous = before.at(-1) ?? ''
  const isBroken = previous.length === line.length && continuesSentence(line, previous)
  const isRest = restOfName(next, 0) !== null
  if (isRest && (isBroken || /[-/]$/.test(line))) return false
  if (INSIDE_NAME.test(line)) return true
  return line.includes('authorized') && ((isRest && LONE_PART.test(next)) || (isCutText && !GOES_ON.test(next)))
}
