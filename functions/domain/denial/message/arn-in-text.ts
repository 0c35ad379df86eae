/**
 * Where an ARN in a text ends. Its own characters end it: markup, quotes, table bars, full-width stops and whatever else a
 * role name cannot hold. What people put in place of an account or a name (masks, placeholders) belongs to it; a break that a
 * terminal or a browser put inside it does not.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export type ArnText = {
  readonly arn: string
  /** First place after it. */
  readonly end: number
  /** Ends in dots that stand for the rest. */
  readonly cut: boolean
}

/** An ARN of a role, with the longest path, or of a session is shorter. */
export const MAX_ARN_CHARS = 700
const MAX_PLACEHOLDER_CHARS = 60
const NAME = /[A-Za-z0-9+=,.@_/:-]/
const MASK = /[*#?•●█▇×]/
/** Elements of HTML that are not taken for a placeholder. */
const ELEMENT =
  /^\/?(?:a|b|i|p|em|td|th|tr|li|ul|ol|hr|br|pre|div|kbd|wbr|sub|sup|code|font|span|samp|mark|table|strong|details|summary|string|message|error)$/i
/** Words that follow a name in a denial. */
const NEXT_WORD =
  /^(?:is|isn|are|was|were|be|on|in|of|to|or|and|the|for|at|as|by|an?|that|this|from|with|because|due|status|please|but|when|must|could|cannot|does|do|did|not|has|have|which|if|it|via|using|arn)$/i

/**
 * Reads the ARN that begins at `from`; null where none does, or one too long for a name. `until`: where it has to end, so that
 * every break before is one inside it.
 */
export function arnAt(text: string, from: number, until = -1): ArnText | null {
  if (!text.startsWith('arn:', from)) return null
  let arn = ''
  let at = from
  let cut = false
  while (at < text.length && at !== until && arn.length <= MAX_ARN_CHARS + 8) {
    const char = text[at] ?? ''
    if (NAME.test(char) || MASK.test(char)) {
      arn += char
      at += 1
      continue
    }
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
  return { arn: whole, end: at, cut: cut || endsInDots(arn) }
}

const endsInDots = (arn: string): boolean => arn.endsWith('...') && !arn.startsWith('arn:aws:sts:')

/** A sentence's full stop, a list's comma, a mark of bold or code: none of these ends a role name that people use. */
function trimmed(arn: string): string {
  let end = arn.length
  if (arn.endsWith('...') && arn.includes(':assumed-role/')) return arn
  while (end > 0 && '.,:;='.includes(arn[end - 1] ?? '')) end -= 1
  let stars = 0
  while (arn[end - stars - 1] === '*') stars += 1
  const before = arn[end - stars - 1] ?? ''
  // Two stars close bold text; more hide a name, and so do those that stand for a whole part of it.
  if (stars > 0 && stars < 3 && !':/'.includes(before)) end -= stars
  while (end > 0 && '.,:;='.includes(arn[end - 1] ?? '')) end -= 1
  return arn.slice(0, end)
}

/** `<account>`, `<<ACCOUNT>>`, `${AWS::AccountId}`, `${{ secrets.ID }}`, `{account}`, `[role]`, `"my account"`, `$Name`; null for anything else. */
function placeholderAt(text: string, at: number, arn: string): string | null {
  const before = arn[arn.length - 1] ?? ''
  const char = text[at]
  if (char === '<') return angled(text, at)
  if (char === '$' && text[at + 1] === '{') return braced(text, at, 1)
  if (char === '$') return /^\$[A-Za-z_]{1,60}/.exec(text.slice(at, at + MAX_PLACEHOLDER_CHARS))?.[0] ?? null
  if (char === '{') return braced(text, at, 0)
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

/** Words in quotes stand for a part only where the ARN goes on behind them. */
function quoted(text: string, at: number): string | null {
  const held = enclosed(text, at, '"')
  return held !== null && ':/'.includes(text[at + held.length] ?? ' ') ? held : null
}

/** Where the ARN goes on behind blanks or one line break, if it does; else -1. */
function afterBreak(text: string, at: number, arn: string, until: number): number {
  let next = at
  let lines = 0
  while (next < text.length && next !== until && /\s/.test(text[next] ?? '')) {
    if (text[next] === '\n') lines += 1
    next += 1
  }
  const char = text[next] ?? ''
  if (until !== -1) return next < until && isPart(char) ? next : -1
  if (lines > 1 || next === text.length) return -1
  const last = arn[arn.length - 1] ?? ''
  const fields = arn.split(':').length
  if (':/'.includes(char)) return fields < 6 || lines === 1 ? next : -1
  // A colon behind the name ends a clause.
  if (last !== '/' && (last !== ':' || fields > 6) && fields >= 6) return -1
  if (!isPart(char)) return -1
  const word = /^[A-Za-z0-9+=,.@_/:*-]{1,80}/.exec(text.slice(next, next + 80))?.[0] ?? ''
  return word !== '' && NEXT_WORD.test(word.replace(/[.,:;]+$/, '')) ? -1 : next
}

const isPart = (char: string): boolean => NAME.test(char) || MASK.test(char) || '<${["'.includes(char)
