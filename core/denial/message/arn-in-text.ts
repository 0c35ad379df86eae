/**
 * Finds the end of an ARN in a text: at markup, quotes, table bars, full-width stops and every other character that a role
 * name cannot contain. Masks and placeholders for an account or a name belong to the ARN; line breaks that a terminal or a
 * browser inserted do not.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
import { withoutTrailing } from '../../base/index.ts'
export type ArnText = {
  readonly arn: string
  /** The position after it. */
  readonly end: number
  /** True when dots are in the place of a part of its name. */
  readonly cut: boolean
}

/** Longer than any role ARN with its path, or session ARN. */
export const MAX_ARN_CHARS = 700
const MAX_PLACEHOLDER_CHARS = 60
const BEFORE_ACCOUNT = /^arn:[^:]{1,60}:(?:iam|sts):[^:]{0,60}:[^:]{0,60}$/
const HIDDEN_ACCOUNT = /^(?:<>|[^\s:"`|/<>{}[\]]{1,60})(?=:(?:role|user|assumed-role|root|federated-user)\b)/
/** What names and masks consist of. Bounded, because `arnAt` is asked at any place of a long text. */
const MAX_PLAIN_CHARS = MAX_ARN_CHARS + 9
const PLAIN = /[A-Za-z0-9+=,.@_/:*#?•●█▇×-]{1,709}/y
/** HTML elements, which are not placeholders. */
const ELEMENT =
  /^\/?(?:a|b|i|p|em|td|th|tr|li|ul|ol|hr|br|pre|div|kbd|wbr|sub|sup|code|font|span|samp|mark|table|strong|details|summary|string|message|error)$/i
/** Jira's markup. */
const MACRO = /^\{(?:code|noformat|quote|panel|color)(?::[^{}\n]{1,40})?\}/
/** Words that can follow a name in a denial. */
const NEXT_WORD =
  /^(?:is|isn|are|was|were|be|on|in|of|to|or|and|the|for|at|as|by|an?|that|this|from|with|because|due|status|please|but|when|must|could|cannot|does|do|did|not|has|have|which|if|it|via|using|arn)$/i

/**
 * Reads the ARN that starts at `from`; null when there is none, or when it is too long. `until`: the position where it must
 * end, so that every break before it is inside the ARN.
 */
export function arnAt(text: string, from: number, until = -1): ArnText | null {
  if (!text.startsWith('arn:', from)) return null
  let arn = ''
  let at = from
  let cut = false
  while (at < text.length && at !== until && arn.length < MAX_PLAIN_CHARS) {
    const run = plainAt(text, at)
    if (run !== '') {
      const most = Math.min(MAX_PLAIN_CHARS - arn.length, until > at ? until - at : MAX_PLAIN_CHARS)
      arn += run.slice(0, most)
      at += Math.min(run.length, most)
      continue
    }
    const char = text[at] ?? ''
    if (char === '…') {
      cut = true
      break
    }
    const held = placeholderAt(text, at, arn)
    if (held !== null) {
      arn += held
      at += held.length
      continue
    }
    const next = /\s/.test(char) ? afterBreak(text, at, arn, until) : -1
    if (next === -1) break
    at = next
  }
  if (arn.length > MAX_ARN_CHARS) return null
  const whole = trimmed(arn)
  return { arn: whole, end: at, cut: cut || endsInDots(arn) || DOTS_IN_NAME.test(whole) }
}

function plainAt(text: string, at: number): string {
  PLAIN.lastIndex = at
  return PLAIN.exec(text)?.[0] ?? ''
}

const endsInDots = (arn: string): boolean => arn.endsWith('...') && !/^arn:[^:]*:sts:/.test(arn)

/** A session may be anything: the name of its role is before it. */
const DOTS_IN_NAME = /:(?:(?:role|user)\/[^:]{0,600}|assumed-role\/[^/]{0,64})\.{3}/

/** Trailing punctuation and markup that ends no real role name. */
function trimmed(arn: string): string {
  let end = arn.length
  if (arn.endsWith('...') && arn.includes(':assumed-role/')) return arn
  while (end > 0 && '.,:;='.includes(arn[end - 1] ?? '')) end -= 1
  let stars = 0
  while (arn[end - stars - 1] === '*') stars += 1
  const before = arn[end - stars - 1] ?? ''
  // Two stars close bold text; more hide a name, and so do stars in place of a whole part.
  if (stars < 3 && !':/'.includes(before)) end -= stars
  // One question mark ends a question; more hide a name.
  if (arn[end - 1] === '?' && !'?:/'.includes(arn[end - 2] ?? '')) end -= 1
  while (end > 0 && '.,:;='.includes(arn[end - 1] ?? '')) end -= 1
  return arn.slice(0, end)
}

/**
 * `<account>`, `<<ACCOUNT>>`, `${AWS::AccountId}`, `${{ secrets.ID }}`, `{account}`, `[role]`, `"my account"`, `$Name`, and whatever
 * hides an account; null for anything else.
 */
function placeholderAt(text: string, at: number, arn: string): string | null {
  const before = arn[arn.length - 1] ?? ''
  const char = text[at]
  if (BEFORE_ACCOUNT.test(arn)) {
    const hidden = HIDDEN_ACCOUNT.exec(text.slice(at, at + MAX_PLACEHOLDER_CHARS + 1))
    if (hidden !== null) return hidden[0]
  }
  if (char === '<') return angled(text, at)
  if (char === '$' && text[at + 1] === '{') return braced(text, at, 1)
  if (char === '$') return /^\$[A-Za-z_]{1,60}/.exec(text.slice(at, at + MAX_PLACEHOLDER_CHARS))?.[0] ?? null
  if (char === '{') return MACRO.test(text.slice(at, at + MAX_PLACEHOLDER_CHARS)) ? null : braced(text, at, 0)
  if (char === '[' && ':/-'.includes(before)) return enclosed(text, at, ']')
  if (char === '"' && ':/'.includes(before)) return quoted(text, at)
  return null
}

function angled(text: string, at: number): string | null {
  const double = text[at + 1] === '<' ? 1 : 0
  const close = text.indexOf(double === 1 ? '>>' : '>', at)
  if (close === -1 || close - at > MAX_PLACEHOLDER_CHARS) return null
  const inner = text.slice(at + 1 + double, close)
  if (inner === '' || /[<\n]/.test(inner) || inner.startsWith('/') || inner.endsWith('/')) return null
  const [name = ''] = inner.split(' ')
  return double === 0 && ELEMENT.test(name) ? null : text.slice(at, close + 1 + double)
}

function braced(text: string, at: number, open: number): string | null {
  let depth = 0
  for (let end = at + open; end < text.length && end - at <= MAX_PLACEHOLDER_CHARS; end += 1) {
    const char = text[end]
    if (char === '\n' || char === '"') return null
    if (char === '{') depth += 1
    if (char === '}') depth -= 1
    if (depth === 0) return text.slice(at, end + 1)
  }
  return null
}

function enclosed(text: string, at: number, close: string): string | null {
  const end = text.indexOf(close, at + 1)
  if (end === -1 || end - at > MAX_PLACEHOLDER_CHARS) return null
  return /^[A-Za-z0-9 _.*-]+$/.test(text.slice(at + 1, end)) ? text.slice(at, end + 1) : null
}

/** Quoted words are a placeholder only when the ARN continues after them. */
function quoted(text: string, at: number): string | null {
  const held = enclosed(text, at, '"')
  return held !== null && ':/'.includes(text[at + held.length] ?? ' ') ? held : null
}

/** The position where the ARN continues after blanks or one line break; -1 if it does not. */
function afterBreak(text: string, at: number, arn: string, until: number): number {
  let next = at
  let lines = 0
  while (next !== until && /\s/.test(text[next] ?? '')) {
    if (text[next] === '\n') lines += 1
    next += 1
  }
  const char = text[next] ?? ''
  const last = arn[arn.length - 1] ?? ''
  const fields = arn.split(':').length
  if (until !== -1) {
    // A blank within a name separates two words.
    const isNext = lines === 0 && fields >= 6 && !':/'.includes(last) && !':/'.includes(char)
    return next < until && isPart(char) && !isNext ? next : -1
  }
  if (lines > 1 || next === text.length) return -1
  if (':/'.includes(char)) return fields < 6 || lines === 1 ? next : -1
  // A colon after the name ends a clause.
  if (last !== '/' && (last !== ':' || fields > 6) && fields >= 6) return -1
  if (!isPart(char)) return -1
  // What follows the account begins with a type, which is written small.
  if (lines === 1 && last === ':' && fields === 6 && /[A-Z]/.test(char)) return -1
  const word = /^[A-Za-z0-9+=,.@_/:*-]{1,80}/.exec(text.slice(next, next + 80))?.[0] ?? ''
  return word !== '' && isNextWord(word) ? -1 : next
}

/** It follows a name in a denial, and does not continue it. */
export const isNextWord = (word: string): boolean => NEXT_WORD.test(withoutTrailing(word, '.,:;'))

const isPart = (char: string): boolean => plainAt(char, 0) !== '' || '<${["'.includes(char)
