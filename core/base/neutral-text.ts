/**
 * Makes outside text safe to read and to show: removes escape sequences, control characters, invisible and
 * direction-changing marks, and the frames of terminal programs. One space between words.
 */

/** Larger than any CloudTrail event and than one screen of errors. */
export const MAX_TEXT_CHARS = 262_144

const ESCAPE = '\u001b'
const BELL = '\u0007'
/** Colors, cursor movements, hyperlinks, window titles and Buildkite's time stamps: a control string or a short sequence. */
const TERMINAL_SEQUENCE = new RegExp(
  `[${ESCAPE}\u009b](?:[\\]_][^${BELL}${ESCAPE}]{0,512}(?:${BELL}|${ESCAPE}\\\\)|[[()#;?]{0,4}[0-9;:?]{0,64}[@-~]?)`,
  'g',
)
const INVISIBLE = /\p{Cf}|\p{Co}|\p{Cs}|\p{Cn}|[\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0]/gu
/** Box and block characters, which Terraform draws around its errors. */
const FRAME = /[\u2500-\u259f]/g
const BLANKS = /[\p{Cc}\p{Z}\s]+/gu

/** Removes characters that are invisible or that change the direction of text. */
export const withoutInvisible = (text: string): string => text.replace(INVISIBLE, '')

/** Removes terminal sequences and keeps line breaks. */
export const withoutTerminalSequences = (text: string): string => text.replace(TERMINAL_SEQUENCE, '')

/** Fast path: visible ASCII with single spaces, which is most of what AWS sends. */
const NEUTRAL = /^[!-~]+(?: [!-~]+)*$/

export function neutralText(text: string, maxChars = MAX_TEXT_CHARS): string {
  const bounded = text.slice(0, maxChars)
  if (NEUTRAL.test(bounded)) return bounded
  return bounded.replace(TERMINAL_SEQUENCE, '').replace(INVISIBLE, '').replace(FRAME, ' ').replace(BLANKS, ' ').trim()
}

/** Truncated text ends with `…`. */
export function shortened(text: string, limit: number): string {
  if (text.length <= limit) return text
  const end = text.slice(0, Math.max(0, limit - 1))
  // Half a surrogate pair would be sent as a broken character.
  return `${/[\ud800-\udbff]$/.test(end) ? end.slice(0, -1) : end}…`
}

/** Removes all trailing characters that are in `of`. A regular expression would take quadratic time on long runs. */
export function withoutTrailing(text: string, of: string): string {
  let end = text.length
  while (end > 0 && of.includes(text.charAt(end - 1))) end -= 1
  return text.slice(0, end)
}
