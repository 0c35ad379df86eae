/** The role that a sentence names after its action, or why there is none. Positions refer to the whole text. */
import { parseEntityArn } from '../../iam/index.ts'
import type { Unread } from '../denial.ts'
import { type ArnText, arnAt } from './arn-in-text.ts'

export type RoleRead = {
  readonly resource: string | null
  /** Why there is none; null if there is one. */
  readonly unread: Unread | null
  /** The position after it. */
  readonly end: number
}

const ON = /^["'`]{0,3}\s{0,2}on\s{1,2}(?:(?:the\s|this\s|action\s)?(?:resource|role)\s{0,2}:?\s{0,2})?/i
/** Text that can follow a role in a denial. */
const TAIL =
  /^["'`]{0,3}[.,]?\s{1,2}(?:because\s(?:no|the)\s|with\san?\s(?:explicit\s)?|\(Service: |status\scode: |Encoded\s(?:authorization\s)?failure|Go\sto\shttps:)/
/** A line that starts another sentence rather than continues a name. */
const NEXT_SENTENCE = /^\n[A-Z][a-z]{0,30} [a-z0-9]/
const MASKED = /^(?:[*#•●█?]{1,40}|x{3,40}|X{3,40}|\[?(?:redacted|masked|hidden|removed)\]?)(?![A-Za-z0-9:/])/i
/** A name can begin like a mask: `xxx@team`. */
const REST_OF_NAME = /^[\w+=,.@-]{0,128}[\w+=@-]/
const PLACEHOLDER = /^(?:<{1,2}[^<>\n]{1,60}>{1,2}|\$\{{1,2}[^{}\n]{1,60}\}{1,2}|\{[^{}\n]{0,60}\}|\[[^[\]\n]{1,60}\])/
const NAMED =
  /^(?:(?:role|user|instance\sprofile)\s|role\/(?:[\w+=,.@-]{1,128}\/){0,8}(?=[\w+=,.@-]))([A-Za-z0-9+=,.@_/-]{1,128})/
/** A name without its ARN, in a form that no word of a sentence has. */
const BARE = /^(?=[\w-]{0,60}(?:[a-z0-9][A-Z]|[-_][Rr]ole))[A-Za-z][\w+=,@-]{2,63}(?=[.,;)]{0,3}$)/
/** Almost an ARN: a part before the account is missing. */
const NEARLY = /^[a-z-]{0,12}:.{0,80}[:/](?:role|user)\//
const REASON = /\sbecause\s(?:no|the)\s|\swith\san\sexplicit\sdeny|\.\s(?:Go\sto|Encoded)\s|\s\(Service:\s/
const MAX_ROLE_CHARS = 1_500
const MAX_WORD_CHARS = 300
/** AWS writes nothing between a name and the reason: a copy has put a blank into the name. */
const BROKEN_NAME = /^ [\w+=,.@/-]{1,128}(?= because (?:no|the) | with an explicit deny)/
const MAX_REST_CHARS = 160
/** Minimum width of a terminal, which wraps a name at its edge. */
const MIN_WIDTH_CHARS = 60
const MAX_BREAKS = 4

/** `start`: the start of the sentence. */
export function readRoleInSentence(text: string, from: number, until: number, start: number): RoleRead {
  const on = ON.exec(text.slice(from, Math.min(until, from + 60)))
  if (on === null) return { resource: null, unread: { kind: 'not-named', text: null }, end: from }
  return roleInTextAt(text, opened(text, from + on[0].length), until, start)
}

/** Skips quotes and the markup of code and bold text. */
function opened(text: string, from: number): number {
  let at = from
  while (
    at < text.length &&
    (' \n"\'`('.includes(text[at] ?? '-') || (text[at] === '*' && text.startsWith('arn:', nextOther(text, at))))
  )
    at += 1
  return at
}

function nextOther(text: string, from: number): number {
  let at = from
  while (text[at] === '*' && at - from < 4) at += 1
  return at
}

/**
 * An ARN whose path holds other characters than names do: it ends where AWS's sentence goes on.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
 */
const PRINTABLE_PATH =
  /^(arn:aws[a-z-]{0,20}:iam::\d{12}:role\/[!-~]{1,510}\/[\w+=,.@-]{0,63}[\w+=,@-])(?=\.?(?:$|\s(?:because\s(?:no|the)\s|with\san\sexplicit\s)))/

/** Only characters of names up to the next blank, as in most ARNs. */
const PLAIN_WORD = /^[\w+=,.@:/-]+(?:\s|$)/

/** The role at `from`. */
export function roleInTextAt(text: string, from: number, until: number, start = from): RoleRead {
  const rest = text.slice(from, Math.min(until, from + MAX_ROLE_CHARS))
  const [, printable = ''] = PLAIN_WORD.test(rest) ? [] : (PRINTABLE_PATH.exec(rest) ?? [])
  if (/[^\w+=,.@:/-]/.test(printable) && !/[*?<>{}[\]…]/.test(printable))
    return { resource: printable, unread: null, end: from + printable.length }
  if (rest.startsWith('arn:')) return arnRole(text, from, until, start)
  const masked = MASKED.exec(rest)?.[0]
  if (masked !== undefined) {
    const more = REST_OF_NAME.exec(rest.slice(masked.length))?.[0] ?? ''
    return none(masked === '*' ? 'not-named' : 'masked', from + masked.length + more.length)
  }
  const placeholder = PLACEHOLDER.exec(rest)?.[0]
  if (placeholder !== undefined) return none('placeholder', from + placeholder.length)
  const named = NAMED.exec(rest)
  if (named !== null) return none('not-named', from + named[0].length, named[1]?.replace(/[.,]{1,3}$/, ''))
  const word = wordOf(rest)
  if (NEARLY.test(word)) return none('malformed', from + word.length, word.replace(/[.,;:]{1,3}$/, ''))
  const reason = rest.slice(0, MAX_WORD_CHARS).search(REASON)
  return none('not-named', from + (reason === -1 ? word.length : reason), BARE.exec(word)?.[0] ?? null)
}

const none = (kind: Unread['kind'], end: number, text: string | null = null): RoleRead => ({
  resource: null,
  unread: { kind, text },
  end,
})

const wordOf = (text: string): string => /^[^\s"'`<>]{0,300}/.exec(text)?.[0] ?? ''

function arnRole(text: string, from: number, until: number, start: number): RoleRead {
  const plain = arnAt(text, from)
  if (plain === null) return none('malformed', from + wordOf(text.slice(from, until)).length)
  const whole = unwrapped(text, plain, { from, until, start }) ?? plain
  const end = Math.min(until, closed(text, whole.end))
  const rest = BROKEN_NAME.exec(text.slice(whole.end, whole.end + MAX_REST_CHARS))
  if (rest !== null) return none('cut', whole.end + rest[0].length)
  if (whole.cut) return none('cut', end)
  const flaw = flawOf(whole.arn)
  if (flaw === null) return { resource: whole.arn, unread: null, end }
  return none(flaw, end, flaw === 'malformed' ? whole.arn : null)
}

function closed(text: string, at: number): number {
  let end = at
  while (end - at < 3 && '"\'`'.includes(text[end] ?? '-')) end += 1
  return end
}

/** Why it names no role: it is not an ARN, or its rest names nothing. */
function flawOf(arn: string): 'malformed' | 'masked' | 'cut' | null {
  // Nobody hides a partition: AWS repeats a template that was sent as it is.
  if (arn.startsWith('arn:${AWS::Partition}:')) return 'malformed'
  const [, partition = '', ...others] = arn.split(':')
  if (!/^(?:aws[a-z-]{0,20}|[<${*].{0,60}|x{2,20})$/i.test(partition)) return 'malformed'
  if (others.length < 4) return 'masked'
  // Quotes around a number are no placeholder: AWS repeats what it was sent.
  if (/^"\d{12}"$/.test(others[2] ?? '')) return 'malformed'
  if (/^(?:r|ro|rol|u|us|use)$/.test(others.slice(3).join(':'))) return 'cut'
  if (/^role\/aws-service-role\/[^/]*$/.test(others.slice(3).join(':'))) return 'cut'
  return /(?:^|[:/])(?:role\/?|\*{1,40})$/.test(others.slice(3).join(':')) ? 'masked' : null
}

/**
 * The ARN continued on the next lines; null if no line continues it. A break usually separates two words. It counts as inside
 * the name only if the sentence then continues, if the name is incomplete without it, or at the terminal's edge.
 */
function unwrapped(
  text: string,
  plain: ArnText,
  { from, until, start }: { readonly from: number; readonly until: number; readonly start: number },
): ArnText | null {
  if (TAIL.test(text.slice(plain.end, plain.end + 40))) return null
  let best: ArnText | null = null
  let end = plain.end
  for (
    let breaks = 0;
    breaks < MAX_BREAKS && end < until && text[end] === '\n' && text[end + 1] !== '\n';
    breaks += 1
  ) {
    const word = /^[A-Za-z0-9+=,.@_/:-]{1,200}/.exec(text.slice(end + 1, Math.min(until, end + 201)))?.[0]
    if (word === undefined) return best
    const stop = end + 1 + word.length
    const joined = arnAt(text, from, stop)
    if (joined === null || joined.end !== stop) return best
    if (TAIL.test(text.slice(stop, stop + 40))) return joined
    if (NEXT_SENTENCE.test(text.slice(end, end + 40))) return best
    const isIncomplete = best === null && (!isRole(plain.arn) || plain.arn.endsWith('-'))
    if (isAtEdge(text, start, end) || (isIncomplete && isRole(joined.arn))) best = joined
    end = stop
  }
  return best
}

function isRole(arn: string): boolean {
  const entity = parseEntityArn(arn)
  if (entity === null) return false
  return !entity.path.startsWith('/aws-service-role/') || entity.name.startsWith('AWSServiceRoleFor')
}

/** True when the previous line of the sentence has the same width: a terminal wraps at one width, a log repeats one. */
function isAtEdge(text: string, start: number, at: number): boolean {
  const line = text.lastIndexOf('\n', at - 1)
  const width = at - line - 1
  const before = text.lastIndexOf('\n', line - 1)
  return width >= MIN_WIDTH_CHARS && line > start && line - before - 1 === width
}
