/**
 * The places of the blocks of a Terraform file, found without a syntax tree: a tree of every file of a large repository takes
 * minutes and gigabytes, and most blocks make no role.
 * https://developer.hashicorp.com/terraform/language/syntax/configuration
 */
export type BlockPlace = {
  readonly type: string
  readonly labels: readonly string[]
  readonly start: number
  readonly end: number
}

/** Null: the text holds something else than blocks, or its end is not certain. */
export function blockPlaces(text: string): readonly BlockPlace[] | null {
  const found: BlockPlace[] = []
  for (let at = afterBlank(text, 0); at < text.length; at = afterBlank(text, at)) {
    HEAD.lastIndex = at
    const head = HEAD.exec(text)
    const end = head === null ? null : bodyEnd(text, HEAD.lastIndex)
    if (head === null || end === null) return null
    const [, type = '', labels = ''] = head
    found.push({ type, labels: labelsIn(labels), start: at, end })
    REST_OF_LINE.lastIndex = end
    if (!REST_OF_LINE.test(text)) return null
    at = REST_OF_LINE.lastIndex
  }
  return found
}

/** `resource "aws_iam_role" "task" {` */
const HEAD = /([A-Za-z_][\w-]*)((?:[ \t]+(?:"[^"\\$%\r\n]*"|[A-Za-z_][\w-]*))*)[ \t]*\{/y
const REST_OF_LINE = /[ \t]*(?:(?:#|\/\/)[^\n]*)?(?:\r?\n|$)/y
const BLANK = /(?:\s|#[^\n]*|\/\/[^\n]*)+/y
const HEREDOC = /<<-?([A-Za-z_][\w-]*)[ \t]*\r?\n/y
/** What has a meaning inside of a body. */
const NEXT = /["#/{}()[\]]|<</g
const IN_QUOTES = /["\\\n]|[$%]\{/g
/** Texts within `${…}` within texts. */
const MAX_DEPTH = 50
const CLOSING: { readonly [opening: string]: string } = { '{': '}', '(': ')', '[': ']' }

const labelsIn = (text: string): readonly string[] =>
  (text.match(/"[^"]*"|[\w-]+/g) ?? []).map(label => label.replaceAll('"', ''))

function afterBlank(text: string, from: number): number {
  BLANK.lastIndex = from
  return BLANK.test(text) ? BLANK.lastIndex : from
}

/** The offset behind the bracket that closes what is open before `from`. Null: there is none. */
function bodyEnd(text: string, from: number, depth = 0): number | null {
  if (depth > MAX_DEPTH) return null
  const open = ['}']
  NEXT.lastIndex = from
  for (let found = NEXT.exec(text); found !== null; found = NEXT.exec(text)) {
    const [sign] = found
    const next = behind(text, found.index, sign, depth)
    if (next !== undefined) {
      if (next === null) return null
      NEXT.lastIndex = next
    } else if (Object.hasOwn(CLOSING, sign)) open.push(CLOSING[sign] ?? '')
    else if (open.pop() !== sign) return null
    else if (open.length === 0) return found.index + 1
  }
  return null
}

/** The offset behind a text or a comment. Undefined: it is a bracket or a division. Null: it does not end. */
function behind(text: string, at: number, sign: string, depth: number): number | null | undefined {
  switch (sign) {
    case '"':
      return quotedEnd(text, at + 1, depth)
    case '<<':
      return heredocEnd(text, at)
    case '#':
      return lineEnd(text, at)
    case '/': {
      const second = text.charAt(at + 1)
      if (second === '*') return behindText(text, '*/', at + 2)
      return second === '/' ? lineEnd(text, at) : at + 1
    }
    default:
      return undefined
  }
}

const lineEnd = (text: string, at: number): number => {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}

const behindText = (text: string, wanted: string, from: number): number | null => {
  const found = text.indexOf(wanted, from)
  return found < 0 ? null : found + wanted.length
}

/** `${…}` may hold quoted texts of its own. */
function quotedEnd(text: string, from: number, depth: number): number | null {
  for (let at = from; ; ) {
    IN_QUOTES.lastIndex = at
    const found = IN_QUOTES.exec(text)
    if (found === null || found[0] === '\n') return null
    if (found[0] === '"') return found.index + 1
    const isEscaped = found[0] === '\\' || text.charAt(found.index - 1) === text.charAt(found.index)
    const next = isEscaped ? found.index + 2 : bodyEnd(text, found.index + 2, depth + 1)
    if (next === null) return null
    at = next
  }
}

function heredocEnd(text: string, from: number): number | null {
  HEREDOC.lastIndex = from
  const word = HEREDOC.exec(text)?.[1]
  if (word === undefined) return null
  for (let at = HEREDOC.lastIndex; at < text.length; ) {
    const end = lineEnd(text, at)
    if (text.slice(at, end).trim() === word) return end
    at = end + 1
  }
  return null
}
