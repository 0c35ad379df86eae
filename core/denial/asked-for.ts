/**
 * Code that asks whether a text contains a refusal: it is in tests, in retries, and in the lines of code that a traceback
 * shows. It quotes the refusal, which did not happen there.
 */
const CALLS =
  'contains|includes|tocontain|tothrow|tothrowerror|tomatch|indexof|startswith|endswith|hasprefix|hassuffix|mustcompile|assertin|assertraisesregex|re\\.search|re\\.match'
/** A call, a comparison with a pattern of a shell, an argument, or a search in a file; then the quote that holds the words. */
const ASKS_BEFORE = new RegExp(
  String.raw`(?:(?:${CALLS})\((?:(?:[^()\n]|\(\)){0,120}, ?)?r?|\bmatch=r?|[!=]= ?\*|\bgrep (?:-[A-Za-z-]{1,20} ){0,3})["'\x60][^"'\x60\n]{0,400}$`,
  'i',
)
/** A pattern in quotes, which starts with anything. */
const PATTERN_BEFORE = /["'`]\.\*[^"'`\n]{0,200}$/
/** `… in str(error)`, `… not in result.msg`. */
const ASKS_BEHIND =
  /^[^"'`\n]{0,300}["'`]{1,2} (?:not )?in [A-Za-z_]\w{0,40}(?:(?:\.\w{1,40}){0,3}[([]|\.(?:msg|message|stdout|stderr|output|text|value|content|body|args)\b)/
/** `if "…" in error`: only both sides together say that it is code. */
const CONDITION_BEFORE = /\b(?:if|and|or|assert)[ (]{1,2}["'][^"'\n]{0,400}$/
const NAME_BEHIND = /^[^"'\n]{0,300}["'] (?:not )?in [A-Za-z_]/
/** A pattern of JavaScript or Ruby: only both sides together say that it is one. */
const SLASH_BEFORE = /[(,=~] ?\/[^/\n]{0,200}$/
const SLASH_BEHIND = /^[^/\n]{0,200}\/[dgimsuy]{0,8}(?:[),;]|\.(?:test|exec)\()/

/** `start` and `end`: of the words that deny, with the action. */
export function isAskedFor(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - 500), start)
  const behind = text.slice(end, end + 500)
  return (
    ASKS_BEFORE.test(before) ||
    PATTERN_BEFORE.test(before) ||
    ASKS_BEHIND.test(behind) ||
    (CONDITION_BEFORE.test(before) && NAME_BEHIND.test(behind)) ||
    (SLASH_BEFORE.test(before) && SLASH_BEHIND.test(behind))
  )
}
