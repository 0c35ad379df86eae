/**
 * RichText in Slack's formats. Outside text goes into rich text or plain text, where Slack parses no markup. Only the
 * notification line has markup, and `escaped()` is the only way into it.
 */

import {
  asPlainText,
  neutralText,
  never,
  type RichText,
  type Span,
  shortened,
  utc,
} from '../../../../core/base/index.ts'
import { isSlackGroup, isSlackUser } from '../ids.ts'

/** Invisible. Prevents that a character starts bold, italic, struck or code text. */
const ZERO_WIDTH_SPACE = '\u200b'

/**
 * Escapes any text for Slack's mrkdwn.
 * https://docs.slack.dev/messaging/formatting-message-text#escaping
 */
export function escaped(text: string): string {
  return neutralText(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[`*_~]/g, sign => ZERO_WIDTH_SPACE + sign + ZERO_WIDTH_SPACE)
}

/** Shortens the text until its escaped form fits. */
export function escapedWithin(text: string, limit: number): string {
  for (let length = limit; length > 0; length = Math.floor(length / 2)) {
    const fits = escaped(shortened(text, length))
    if (fits.length <= limit) return fits
  }
  return '…'
}

export const slackPlainText = (text: string, limit: number) => ({
  type: 'plain_text',
  text: shortened(neutralText(text) || '–', limit),
  emoji: false,
})

export type RichElement = object
const LARGEST_TIMESTAMP_S = 253_402_300_799

/** One line of rich text. Truncates pieces of outside text to `pieceChars`. */
export function richSection(line: RichText, pieceChars: number): object | null {
  const elements = line.flatMap(span => richElements(span, pieceChars))
  return elements.length === 0 ? null : { type: 'rich_text_section', elements }
}

export function richElements(span: Span, pieceChars: number): readonly RichElement[] {
  switch (span.kind) {
    case 'own':
      return text(span.text)
    case 'strong':
      return text(span.text, { bold: true })
    case 'outside':
      return text(shortened(span.text, pieceChars))
    case 'code':
      return text(shortened(span.text, pieceChars), { code: true })
    case 'link':
      return [{ type: 'link', url: span.url, text: span.text }]
    case 'time':
      return date(span.atMs)
    case 'person':
      return isSlackUser(span.id) ? [{ type: 'user', user_id: span.id }] : named(span, pieceChars)
    case 'group':
      return isSlackGroup(span.id) ? [{ type: 'usergroup', usergroup_id: span.id }] : named(span, pieceChars)
    default:
      return never(span)
  }
}

/** Nobody whom Slack knows. */
const named = (span: Span, pieceChars: number) => text(shortened(neutralText(asPlainText([span])), pieceChars))

function text(value: string, style?: object): readonly RichElement[] {
  return value === '' ? [] : [{ type: 'text', text: value, ...(style === undefined ? {} : { style }) }]
}

const INSTANT = /\b(\d{4}-\d\d-\d\d \d\d:\d\d UTC)\b/
/** A time is six times as long as an element of its own, and Slack limits the length of all blocks as JSON. */
const MAX_DATES = 20

/** Shows the first times in the format of `utc()` in the reader's own time zone. */
export function dated(line: string, style?: object): readonly RichElement[] {
  const parts = line.split(INSTANT)
  const rest = parts.splice(2 * MAX_DATES + 1).join('')
  return [...parts, rest].flatMap((part, index) => {
    const atMs = index % 2 === 0 ? Number.NaN : Date.parse(part.replace(' UTC', 'Z').replace(' ', 'T'))
    return Number.isNaN(atMs) ? text(part, style) : date(atMs, style)
  })
}

/** Shown in the reader's own time zone. */
function date(atMs: number, style?: object): readonly RichElement[] {
  const timestamp = Math.floor(atMs / 1000)
  if (!(timestamp >= 0 && timestamp <= LARGEST_TIMESTAMP_S)) return text(utc(atMs))
  const styled = style === undefined ? {} : { style }
  return [{ type: 'date', timestamp, format: '{date_short_pretty} {time}', fallback: utc(atMs), ...styled }]
}

export const notification = (line: RichText, limit: number): string => escapedWithin(asPlainText(line), limit)
