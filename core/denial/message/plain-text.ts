/**
 * Converts a text to what its author saw: removes escapes of nested JSON, HTML, Markdown and URLs, and the tags, frames and
 * colors of tools and browsers. Keeps line breaks, as a name may be wrapped there.
 */
import { withoutInvisible, withoutTerminalSequences } from '../../base/index.ts'

/** Box and block characters, except those that hide a name. */
const FRAME = /[\u2500-\u2587\u2589-\u259f|¦]/g
const CODE_POINT = /\\{1,8}u\{?([0-9a-fA-F]{4})\}?/g
/** PyYAML and the YAML of the AWS CLI fold a text in double quotes. */
const FOLDED = /\\\r?\n[ \t]{0,80}\\ /g
/** Node prints a long text as several, with a sign between them. */
const CONTINUED = /(['"`]) \+\r?\n[ \t]{0,80}\1/g
const ESCAPED_BREAK = /\\{1,8}[nr]/g
const ESCAPED_TAB = /\\{1,8}t/g
const ESCAPED_QUOTE = /\\{1,8}(["'`/])/g
const MARKDOWN_ESCAPE = /\\([_*()[\]<>.#+!{}~$&-])/g
const ENTITY =
  /&(?:amp;){0,3}(?:(lt|gt|quot|apos|amp|nbsp|ast|lowbar|colon|sol|hyphen|period)|#(\d{2,5})|#[xX]([0-9a-fA-F]{2,5}));/g
/** Whatever parts words but a line break. */
const CONTROLS = /[^\n\P{Cc}]+/gu
/** Any run of blanks but a single space, which most are. */
const BLANKS = /[^\S\n ][^\S\n]*| [^\S\n]+/g
/** An encoded blank or colon. */
const URL_SIGN = /%(?:25)?(?:20|3a)/i
const URL_CODE = /%(?:25)?(0[AaDd]|[2-7][0-9A-Fa-f])/g
const PART_BEHIND = /^[^\s"'<>]*/
const PART_ENDS = /[\s"'<>]/
const URL_PART = /[^\s"'<>]+/g
const PLUS_FOR_BLANK = /\+(?:not\+authorized|to\+perform|to\+assume)/
const DOUBLE_QUOTE = /[“”„‟″«»「」『』]/g
/** Documents print a hyphen that breaks no line. */
const HYPHEN = /[\u2010\u2011]/g
const SINGLE_QUOTE = /[‘’‚‛′‹›]/g
/** A link, bold text, or the code of a wiki. */
const MARKED_ARN =
  /\[(arn:[^[\]\s]{1,700})\]\((?:https?:[^()\s]{1,400})?\)|\*{1,3}(arn:[^*\s]{1,700})\*{1,3}|\{\{(arn:[^{}\s]{1,700})\}\}/g
/** Inline elements vanish, others separate words. */
const INLINE_TAG = /<\/?(?:wbr|b|i|em|strong|code|span|font|kbd|samp|mark|tt|u|small)(?: [^<>]{0,200})?\/?>/gi
const OTHER_TAG =
  /<(?:\/[A-Za-z][A-Za-z0-9:_-]{0,40}|(?:br|p|div|pre|li|td|tr|th|hr|a|ul|ol|table|details|summary|blockquote)(?: [^<>]{0,200})?\/?)>/gi
const NAMED: { readonly [name: string]: string } = {
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  amp: '&',
  nbsp: ' ',
  ast: '*',
  lowbar: '_',
  colon: ':',
  sol: '/',
  hyphen: '-',
  period: '.',
}

export function plainText(raw: string): string {
  let text = withoutInvisible(withoutTerminalSequences(raw))
  if (text.includes('\\')) {
    text = text
      .replace(FOLDED, ' ')
      .replace(CODE_POINT, (_, hex: string) => printable(Number.parseInt(hex, 16)))
      .replace(ESCAPED_BREAK, '\n')
      .replace(ESCAPED_TAB, ' ')
      .replace(ESCAPED_QUOTE, '$1')
      .replace(MARKDOWN_ESCAPE, '$1')
  }
  if (text.includes(' +')) text = text.replace(CONTINUED, '')
  if (text.includes('&')) text = text.replace(ENTITY, (_, name, decimal, hex) => entity(name, decimal, hex))
  if (text.includes('<')) text = text.replace(INLINE_TAG, '').replace(OTHER_TAG, ' ')
  text = text.replace(DOUBLE_QUOTE, '"').replace(SINGLE_QUOTE, "'").replace(HYPHEN, '-')
  if (text.includes('arn:')) text = text.replace(MARKED_ARN, (_, link, bold, code) => link ?? bold ?? code)
  return spaced(text.replace(FRAME, ' '))
}

export const hasUrlCodes = (text: string): boolean => URL_SIGN.test(text) || PLUS_FOR_BLANK.test(text)

/** Both sides of a place decoded; what stands on both sides without a blank is decoded by the same rule. */
export function withoutUrlCodesAround(before: string, behind: string): readonly [string, string] {
  let from = before.length
  while (from > 0 && !PART_ENDS.test(before[from - 1] ?? '')) from -= 1
  const until = PART_BEHIND.exec(behind)?.[0].length ?? 0
  const [head, tail] = [before.slice(from), behind.slice(0, until)]
  const decoded = partDecoder(head + tail)
  return [withoutUrlCodes(before.slice(0, from)) + decoded(head), decoded(tail) + withoutUrlCodes(behind.slice(until))]
}

/** Decodes what stands between blanks and quotes and is URL-encoded. Keeps line breaks, and no more than those. */
export function withoutUrlCodes(text: string): string {
  return hasUrlCodes(text) ? text.replace(URL_PART, part => partDecoder(part)(part)) : text
}

/** One blank between words, one break between lines, two for empty lines. */
const spaced = (text: string): string =>
  text
    .replace(CONTROLS, ' ')
    .replace(BLANKS, ' ')
    .replace(/ \n ?|\n /g, '\n')
    .replace(/\n{2,}/g, '\n\n')

/** How a part is decoded: by what it holds as a whole. */
function partDecoder(whole: string): (part: string) => string {
  if (!hasUrlCodes(whole)) return part => part
  const hasPlus = PLUS_FOR_BLANK.test(whole)
  return part =>
    (hasPlus ? part.replaceAll('+', ' ') : part).replace(
      URL_CODE,
      (_, hex: string) => printable(Number.parseInt(hex, 16)).trim() || ' ',
    )
}

function entity(name: string | undefined, decimal: string | undefined, hex: string | undefined): string {
  if (name !== undefined) return NAMED[name.toLowerCase()] ?? ' '
  return printable(decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number.parseInt(decimal, 10))
}

const printable = (code: number): string => {
  if (code === 10) return '\n'
  return code >= 33 && code <= 126 ? String.fromCharCode(code) : ' '
}
