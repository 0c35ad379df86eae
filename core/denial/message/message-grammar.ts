import { ACTIONS, actionWithOrWithoutPrefix, type DeniedAction, NAMES_WITHOUT_PREFIX } from '../../actions/index.ts'
import { isAskedFor } from '../asked-for.ts'
import type { DenialReason, Unread } from '../denial.ts'
import { actionInSentence, oneAction } from './action-in-sentence.ts'
import { arnAt, MAX_ARN_CHARS } from './arn-in-text.ts'
import { resourceInSentence } from './resource-in-sentence.ts'
import { readRoleInSentence, roleInTextAt } from './role-in-sentence.ts'

/**
 * Parses AWS's denial sentences anywhere in a text. The input is plain text: one blank between words, at most two line breaks
 * between lines.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export type SentenceFacts = {
  readonly action: DeniedAction
  /** The denied caller as the text names it: an ARN, a service, `anonymous`. */
  readonly subject: string | null
  /** An ARN as AWS names it; null when the text names no role. */
  readonly resource: string | null
  readonly reason: DenialReason
  readonly policyArn: string | null
  readonly authorizationId: string | null
  readonly region: string | null
  readonly encodedMessage: { readonly blob: string; readonly cut: boolean } | null
  /** The sentence from its subject to its end, without the encoded blob. */
  readonly text: string
}

export type DenialSentence = SentenceFacts & {
  /** Why `resource` is null; null if it is not. */
  readonly unread: Unread | null
  /** Its position in the text. */
  readonly start: number
  readonly end: number
}

export type ReadMessage =
  | { readonly kind: 'ours'; readonly sentence: DenialSentence }
  /** A denial of another action, if named. */
  | { readonly kind: 'other'; readonly action: string }
  /** EC2's older form: only the encoded message names the action. */
  | { readonly kind: 'encoded-only'; readonly encoded: { readonly blob: string; readonly cut: boolean } }
  | { readonly kind: 'none' }

/** Services omit "to", the colon, or the prefix of the action; copies lose the blank before "is", and have one inside "iam: PassRole". */
const NOT_AUTHORIZED =
  /((?:is|was|are)\s{1,2})?[Nn]ot\s{1,2}authorized\s{1,2}(?:to\s{1,2})?perform\s{0,2}:?\s{0,2}(?:the\s|action\s){0,2}["'`*]{0,3}/g
/** Apart from the words before it: compiling both as one pattern takes a tenth of the first diagnosis of a process. */
const PERFORMED = new RegExp(
  String.raw`(?:(?:iam|sts):\s)?([A-Za-z0-9-]{1,64}:[A-Za-z0-9]{1,128}|(?:${NAMES_WITHOUT_PREFIX})\b)`,
  'y',
)
const EVERY_ENCODED = /Encoded (?:authorization )?failure(?: message)?: ?"?([A-Za-z0-9_-]{1,20000})(\.\.\.|…)?/gi
const ENCODED = /Encoded (?:authorization )?failure(?: message)?: ?"?([A-Za-z0-9_-]{1,20000})(\.\.\.|…)?/i
const AUTHORIZATION = /(?:authorization-details\/|authorization id: ?)([0-9A-Za-z]{8,64})/
const CONSOLE_REGION = /console\.[a-z0-9.]{1,60}\/iam\/home\?region=([a-z0-9-]{2,30})#/
const MAX_SENTENCE_CHARS = 1_024
/** The end of bold text or code. After a colon or a slash, stars hide a name. */
const CLOSING_MARK = /(?<=[^*:/])(?:\*{1,2}|`{1,3})$/
/** Maximum distance from the subject to the denying words. */
const MAX_BEFORE_CHARS = 900
/** Maximum length of reason, policy and an encoded message. */
const MAX_AFTER_CHARS = 24_000

/** AWS's own words in a record of CloudTrail. Who calls may choose names in it: nothing in them makes it code about a refusal. */
export const readErrorMessage = (text: string): ReadMessage => readWith(text, words => !isMention(text, words))

export const readMessage = (text: string): ReadMessage =>
  readWith(text, words => !isMention(text, words) && !isAskedFor(text, words.start, words.end))

function readWith(text: string, isTold: (words: Denying) => boolean): ReadMessage {
  const denials = denyingIn(text, withAction).filter(isTold)
  const mine = denials.find(words => ownAction(text, words) !== null)
  const fixed = fixedForm(text)
  if (fixed !== null && (mine === undefined || fixed.start < mine.start)) return { kind: 'ours', sentence: fixed }
  if (mine !== undefined) {
    const next = denials.find(words => words.start > mine.start)
    return { kind: 'ours', sentence: sentenceAt(text, mine, next?.start ?? text.length) }
  }
  const other = denials[0]?.action ?? null
  if (other !== null) return { kind: 'other', action: other }
  const encoded = encodedOf(ENCODED.exec(text))
  return encoded === null ? { kind: 'none' } : { kind: 'encoded-only', encoded }
}

/** Words that deny. `action`: null where it was not asked for. */
type Denying = {
  readonly start: number
  readonly end: number
  readonly verb: string | undefined
  readonly action: string | null
}

const denying = ({ index, 0: words, 1: verb }: RegExpExecArray): Denying => ({
  start: index,
  end: index + words.length,
  verb,
  action: null,
})

/** Null: no action follows the words. */
function withAction(text: string, words: Denying): Denying | null {
  PERFORMED.lastIndex = words.end
  const [whole, action] = PERFORMED.exec(text) ?? []
  return whole === undefined || action === undefined ? null : { ...words, end: words.end + whole.length, action }
}

/** Each goes on behind the one before. `matchAll` would copy the pattern for each text. */
function denyingIn(text: string, whole: (text: string, words: Denying) => Denying | null): readonly Denying[] {
  const all: Denying[] = []
  NOT_AUTHORIZED.lastIndex = 0
  for (let match = NOT_AUTHORIZED.exec(text); match !== null; match = NOT_AUTHORIZED.exec(text)) {
    const words = whole(text, denying(match))
    if (words === null) continue
    all.push(words)
    NOT_AUTHORIZED.lastIndex = words.end
  }
  return all
}

/** One of our denials with its word "authorized" at `at`, starting at `from` or later. */
export function deniedAt(text: string, at: number, from: number): DenialSentence | null {
  const words = denyingAt(text, at, from, withAction)
  return words === null || ownAction(text, words) === null ? null : sentenceAt(text, words, text.length, from)
}

/** A call of another service can need one of our actions, which only the reason names. */
function ownAction(text: string, { end, action }: Denying): DeniedAction | null {
  const performed = actionWithOrWithoutPrefix(action)
  if (performed !== null) return performed
  const behind = resourceInSentence(text, end).end
  return actionWithOrWithoutPrefix(NEEDS.exec(text.slice(behind, behind + 300))?.[1])
}

const NEEDS =
  /^[\s.,;…]{0,9}because\s(?:no|the)\s[A-Za-z\s-]{1,60}\sallows?\s(?:the\s)?([a-z0-9-]{2,40}:[A-Za-z]{2,80})\saction\b/

/** The words at `at` that are no mention. */
function denyingAt(
  text: string,
  at: number,
  from: number,
  whole: (text: string, words: Denying) => Denying | null,
): Denying | null {
  const near = Math.max(from, at - 16)
  for (const words of denyingIn(text.slice(near, at + 260), whole)) {
    const found = { ...words, start: words.start + near, end: words.end + near }
    if (found.start <= at && at < found.end)
      return isMention(text, found) || isAskedFor(text, found.start, found.end) ? null : found
  }
  return null
}

/** A denial of any action. `action`: null where its name is cut off. `resource`: as the text names it, an ARN or not. */
export type AnyDenialSentence = Pick<SentenceFacts, 'subject' | 'resource' | 'reason' | 'policyArn' | 'text'> & {
  readonly action: string | null
  /** The prefix of the action, also where its name is cut off. */
  readonly service: string | null
  readonly start: number
  readonly end: number
}

/** As `deniedAt`, for any action. */
export function anyDeniedAt(text: string, at: number, from: number): AnyDenialSentence | null {
  const words = denyingAt(text, at, from, (_, found) => found)
  const performed = words === null ? null : actionInSentence(text, words.end)
  if (words === null || performed === null || isMentionUntil(text, words, performed.end)) return null
  if (isAskedFor(text, words.start, performed.end)) return null
  const subject =
    words.verb === undefined || opensQuote(text, words.start) ? null : subjectBefore(text, words.start, from)
  const resource = resourceInSentence(text, performed.end)
  const tail = text.slice(resource.end, resource.end + MAX_AFTER_CHARS)
  const { reason, policyArn, length } = readReason(tail.replaceAll('\n', ' '))
  const start = subject?.start ?? words.start
  const end = resource.end + length
  const allows = ALLOWS.exec(tail.slice(0, length + 200))
  const allowed =
    allows === null || allows.index > length ? null : actionInSentence(tail, allows.index + allows[0].length)
  return {
    action: oneAction(performed.name, allowed?.name ?? null),
    service: performed.service,
    subject: subject?.name ?? null,
    resource: resource.name,
    ...{ reason, policyArn, start, end },
    text: sentenceText(text.slice(start, Math.max(end, resource.end + (allowed?.end ?? 0)))),
  }
}

/** The keyword of AWS's reason. */
export const REASON_WORD = 'because no '

/** What stands before the reason where the beginning of the sentence is lost, and something shows that it is. */
export const LOST_BEGINNING =
  /(?:^\s{0,9}["'`]?|(?:^|[\s"'`:])(?:\.\.\.|…|\(truncated\)) ?)(?:[a-z]{0,9} (?:to )?)?(?:perform: [a-z0-9-]{2,40}:[A-Za-z]{2,60} )?on (?:resource|role): ?(arn:\S{10,700} )$/
/** More than it matches, so that its start is that of the text. */
export const MAX_LOST_CHARS = 900
const REASON_OF_OURS = new RegExp(
  String.raw`^because no [A-Za-z -]{1,60} allows? (?:the )?((?:iam|sts):(?:${NAMES_WITHOUT_PREFIX})) action\b`,
)

/** The role and the reason with its keyword at `at`, without the words that say who was denied. */
export function reasonAt(text: string, at: number): DenialSentence | null {
  const [words, name] = REASON_OF_OURS.exec(text.slice(at, at + 300).replaceAll('\n', ' ')) ?? []
  const action = actionWithOrWithoutPrefix(name)
  const before = LOST_BEGINNING.exec(text.slice(Math.max(0, at - MAX_LOST_CHARS), at).replaceAll('\n', ' '))
  const arn = before?.[1]
  if (words === undefined || action === null || arn === undefined) return null
  const start = at - arn.length
  const { resource, unread } = roleInTextAt(text, start, at)
  const end = at + words.length + sdkTail(text.slice(at + words.length, at + words.length + 500))
  if (isAskedFor(text, start, end)) return null
  return {
    ...NOTHING_NAMED,
    ...{ action, resource, unread, start, end },
    ...{ reason: readReason(words).reason, text: sentenceText(text.slice(start, end)) },
  }
}

const ALLOWS = /\sallows?\s(?:the\s)?(?=[A-Za-z0-9-])/

const NAMES_ROLE = /^ on (?:resource|role):? ["']?arn:/

/** Prose about the error: the words without their subject, in quotes of their own or as the name of an error. */
const isMention = (text: string, words: Denying): boolean =>
  words.action !== null && isMentionUntil(text, words, words.end)

/** `end`: of the named action. */
function isMentionUntil(text: string, { start, verb }: Denying, end: number): boolean {
  if (verb === undefined)
    return /^["'`]?(?: on resource)?:?["'`]? (?:is an? (?:[a-z-]{1,20} ){0,3})?(?:errors?|exceptions?|issues?|problems?|messages?)(?![A-Za-z:])/.test(
      text.slice(end, end + 120),
    )
  return opensQuote(text, start) && !NAMES_ROLE.test(text.slice(end, end + 30))
}

/** The sentence is quoted from here on: the words before the quote are not its subject. */
const opensQuote = (text: string, at: number): boolean =>
  `"'\``.includes(text[at - 1] ?? '-') && /(?:^|[\s(])["'`]{1,2}$/.test(text.slice(Math.max(0, at - 3), at))

/** A fixed sentence without action and caller at this position. */
export function fixedAt(text: string, at: number): DenialSentence | null {
  const from = Math.max(0, at - 60)
  const found = fixedForm(text.slice(from, at + 60))
  if (found === null || isAskedFor(text, found.start + from, found.end + from)) return null
  return { ...found, start: found.start + from, end: found.end + from }
}

function sentenceAt(text: string, words: Denying, end: number, floor = 0): DenialSentence {
  const action = ownAction(text, words)
  if (action === null) throw new TypeError('not an action of ours')
  const isQuoted = opensQuote(text, words.start)
  const subject = words.verb === undefined || isQuoted ? null : subjectBefore(text, words.start, floor)
  const role = readRoleInSentence(text, words.end, end, subject?.start ?? words.start)
  const tail = text.slice(role.end, Math.min(end, role.end + MAX_AFTER_CHARS)).replaceAll('\n', ' ')
  const { reason, policyArn, length } = readReason(tail)
  const start = subject === null ? words.start : subject.start
  const [authorization, encoded] = [AUTHORIZATION.exec(tail), ENCODED.exec(tail)]
  const stop = role.end + Math.max(length + sdkTail(tail.slice(length)), endOf(authorization), endOf(encoded))
  return {
    action,
    subject: subject?.name ?? null,
    resource: role.resource,
    unread: role.unread,
    reason,
    policyArn,
    authorizationId: authorization?.[1] ?? null,
    region: CONSOLE_REGION.exec(tail)?.[1] ?? null,
    encodedMessage: encodedOf(encoded),
    text: sentenceText(text.slice(start, stop)),
    start,
    end: stop,
  }
}

const endOf = (match: RegExpExecArray | null): number => (match === null ? 0 : match.index + match[0].length)

/** `(Service: X, Status Code: 403, Request ID: …)` belongs to the sentence. */
const sdkTail = (tail: string): number => /^["'`.]{0,3} ?\(Service: [^()]{1,400}\)/.exec(tail)?.[0].length ?? 0

/** `name`: null where its end is cut off. */
type Subject = { readonly name: string | null; readonly start: number }

/** Words before "is not authorized" that name nobody; one with a colon is a label, as in "Error:". */
const NOBODY =
  /:$|^(?:user|it|this|that|which|who|he|she|they|you|i|role|principal|identity|account|and|but|or|the|also|still|function|error|currently|truncated)$/i

/** The subject before "is not authorized": after `User:`, else the last word. Null for words that name nobody. */
function subjectBefore(text: string, at: number, floor: number): Subject | null {
  const from = Math.max(floor, at - MAX_BEFORE_CHARS)
  const before = text.slice(from, at)
  const user = before.lastIndexOf('User:')
  const marked = user === -1 ? null : afterUser(before, user + 5)
  const found = marked ?? lastName(before)
  if (found === null) return null
  const start = marked === null ? found.start : user
  return { name: found.name, start: from + start }
}

function afterUser(before: string, from: number): Subject | null {
  const start = skip(before, from, ' \n"\'`*_(')
  const end = trimEnd(before, start)
  const named = before.slice(start, end)
  if (named.startsWith('arn:')) {
    const whole = arnAt(before, start, end)
    if (whole !== null && whole.end === end)
      return { name: named.includes('\n') || /[^<"] /.test(named) ? whole.arn : named, start }
    const first = arnAt(before, start)
    const rest = first === null ? '' : before.slice(first.end, end)
    if (first !== null && isPartOfSession(first.arn, rest)) return { name: null, start }
    if (first === null || rest.length > 60) return null
    return { name: first.cut || first.arn.split(':').length < 6 ? null : first.arn, start }
  }
  // Lines of another stream came between the words.
  const arn = named.search(/\narn:aws/)
  const first = arn === -1 ? null : arnAt(before, start + arn + 1)
  if (first !== null) return { name: first.cut ? null : first.arn, start }
  return isName(named) && !/ not authorized |[.;]\s+[A-Za-z]/.test(named)
    ? { name: named.replaceAll('\n', ' '), start }
    : null
}

/** A copy has put a blank into the name of the role: the session stands behind it. */
const isPartOfSession = (arn: string, rest: string): boolean =>
  /^arn:[a-z-]{3,20}:sts::[^:]{0,40}:assumed-role\/[^/]{1,128}$/.test(arn) &&
  /^ [\w+=,.@/ -]{1,260}$/.test(rest) &&
  rest.includes('/')

/** What a writer puts in the place of a name: `[Lambda ARN]`, `<IAM user>`. */
const IN_BRACKETS = /(?:\[[^[\]\n]{1,58}\]|<[^<>\n]{1,58}>|\{[^{}\n]{1,58}\})$/

/** “The AWS Glue service”: one word is not its name. */
const NAMED_SERVICE =
  /(?:^|[^\w'’-])((?!(?:An?|Each|If|My|Our|That|The|This|When|Your) )[A-Z][A-Za-z0-9]{1,30}(?: [A-Z][A-Za-z0-9]{1,30}){0,3} [Ss]ervice)$/

/** What a library for custom resources puts in the place of the beginning of a reason: the next word lacks its own. */
const CUT_BEGINNING = '(truncated) '

function lastName(before: string): Subject | null {
  const end = trimEnd(before, 0)
  const [, service] = NAMED_SERVICE.exec(before.slice(Math.max(0, end - 140), end)) ?? []
  if (service !== undefined) return { name: service, start: end - service.length }
  const arn = before.lastIndexOf('arn:', end)
  if (arn !== -1 && !/\s/.test(before.slice(arn, end))) {
    const whole = arnAt(before, arn, end)
    if (whole?.end === end) return { name: whole.arn, start: arn }
  }
  let start = end
  while (start > 0 && !' \n"\'`('.includes(before[start - 1] ?? '') && end - start <= MAX_ARN_CHARS) start -= 1
  if (/^\*\*[A-Za-z]/.test(before.slice(start, end))) start += 2
  start = Math.min(start, end - (IN_BRACKETS.exec(before.slice(Math.max(0, end - 60), end))?.[0].length ?? 0))
  const name = before.slice(start, end)
  if (before.endsWith(CUT_BEGINNING, start)) return null
  return isName(name) && !NOBODY.test(name) ? { name, start } : null
}

function isName(text: string): boolean {
  return (
    text !== '' && !/^User:?$/.test(text) && text.length <= MAX_ARN_CHARS && !/^(?:[.…*?#/-]{1,40}|null)$/.test(text)
  )
}

function skip(text: string, from: number, chars: string): number {
  let at = from
  while (at < text.length && chars.includes(text[at] ?? '')) at += 1
  return at
}

function trimEnd(text: string, from: number): number {
  let end = text.length
  while (end > from && ' \n"\'`)_'.includes(text[end - 1] ?? '')) end -= 1
  return end
}

function encodedOf(match: RegExpExecArray | null): SentenceFacts['encodedMessage'] {
  return match === null ? null : { blob: match[1] ?? '', cut: match[2] !== undefined }
}

export function sentenceText(text: string): string {
  return text
    .replace(EVERY_ENCODED, 'Encoded authorization failure message: (left out)')
    .replaceAll('\n', ' ')
    .slice(0, MAX_SENTENCE_CHARS)
    .trim()
    .replace(CLOSING_MARK, '')
    .replace(/(["'])$/, quote => (text.split(quote).length % 2 === 0 ? '' : quote))
}

/** Denials that name neither an action nor a caller. */
function fixedForm(text: string): DenialSentence | null {
  const line = text.replaceAll('\n', ' ')
  let first: DenialSentence | null = null
  for (const { action, form, reason } of FIXED) {
    const match = form.exec(line)
    if (match === null || (first !== null && first.start <= match.index)) continue
    const [sentence] = match
    const end = match.index + sentence.length
    first = { ...NOTHING_NAMED, action, reason, text: sentence, start: match.index, end }
  }
  return first
}

const FIXED = ACTIONS.flatMap(({ name: action, message }) =>
  message.fixed.map(({ text: form, reason }) => ({ action, form, reason })),
)

export const NOTHING_NAMED = {
  subject: null,
  resource: null,
  unread: { kind: 'not-named', text: null },
  policyArn: null,
  authorizationId: null,
  region: null,
  encodedMessage: null,
} as const satisfies Partial<DenialSentence>

/**
 * AWS's reason for the denial, from the words after the resource.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
type Layer = 'identity' | 'trust' | 'resource' | 'boundary' | 'session' | 'scp' | 'rcp' | 'vpce'

/** Spellings of policy types in messages and in AWS's documentation. */
const POLICY_TYPES: readonly (readonly [RegExp, Layer])[] = [
  [/^identity[- ]based polic(?:y|ies)/i, 'identity'],
  [/^role trust policy/i, 'trust'],
  [/^resource[- ]based policy/i, 'resource'],
  [/^permissions? boundary/i, 'boundary'],
  [/^sessions? policy/i, 'session'],
  [/^(?:service control policy|SCP\b)/i, 'scp'],
  [/^(?:resource control policy|RCP\b)/i, 'rcp'],
  [/^(?:VPC endpoint policy|VPCE policy)/i, 'vpce'],
]

const NO_ALLOW: { readonly [layer in Layer]: DenialReason } = {
  identity: 'no-identity-policy',
  trust: 'no-trust-policy',
  resource: 'no-resource-policy',
  boundary: 'no-boundary',
  session: 'no-session-policy',
  scp: 'no-scp',
  rcp: 'no-rcp',
  vpce: 'no-vpce-policy',
}

const EXPLICIT: { readonly [layer in Layer]: DenialReason } = {
  identity: 'explicit-deny-identity',
  trust: 'explicit-deny-trust',
  resource: 'explicit-deny-resource',
  boundary: 'explicit-deny-boundary',
  session: 'explicit-deny-session',
  scp: 'explicit-deny-scp',
  rcp: 'explicit-deny-rcp',
  vpce: 'explicit-deny-vpce',
}

/** AWS's documentation has one "because the role trust policy allows" instead of "no". */
const BECAUSE = /^[\s.,;…]{0,9}because (?:no|the) /i
const WITH_DENY = /^[\s.,;…]{0,9}with an explicit deny\b(?: in (?:a|an|the) )?/i
const POLICY_ARN = /^[^:.]{0,80}: ?"?(?=arn:)/
/** "because no identity-based policy allows the iam:PassRole action" */
const SENTENCE = /^[\s.,;…]{0,9}because (?:no|the) [A-Za-z -]{1,60} allows? (?:the )?[A-Za-z0-9:-]{1,200}(?: action)?/i

export type Reason = {
  readonly reason: DenialReason
  readonly policyArn: string | null
  /** Its length in the text. */
  readonly length: number
}

/** `tail` starts right after the resource. Unknown words give no reason, never a guess. */
export function readReason(tail: string): Reason {
  const because = BECAUSE.exec(tail)
  if (because !== null) {
    const layer = layerAt(tail.slice(because[0].length))
    const length = SENTENCE.exec(tail)?.[0].length ?? because[0].length
    return { reason: layer === null ? 'none-given' : NO_ALLOW[layer], policyArn: null, length }
  }
  const deny = WITH_DENY.exec(tail)
  if (deny === null) return { reason: 'none-given', policyArn: null, length: 0 }
  const rest = tail.slice(deny[0].length)
  const layer = layerAt(rest)
  if (layer === null) return { reason: 'explicit-deny', policyArn: null, length: deny[0].length }
  const named = POLICY_ARN.exec(rest)
  const arn = named === null ? null : arnAt(rest, named[0].length)
  const words = /^[A-Za-z -]{0,80}/.exec(rest)?.[0].trimEnd().length ?? 0
  return { reason: EXPLICIT[layer], policyArn: arn?.arn ?? null, length: deny[0].length + (arn?.end ?? words) }
}

/** "no identity-based policy allows the action", "a service control policy explicitly denies the action" */
export function reasonInContext(words: string): DenialReason {
  const [, start = '', rest = ''] = /^(no|an?|the) (.{1,120})$/.exec(words) ?? []
  const layer = layerAt(rest)
  if (layer === null) return 'none-given'
  if (start === 'no') return / allows? /.test(rest) ? NO_ALLOW[layer] : 'none-given'
  return / explicitly den(?:ies|y) /.test(rest) ? EXPLICIT[layer] : 'none-given'
}

function layerAt(text: string): Layer | null {
  return POLICY_TYPES.find(([spelling]) => spelling.test(text))?.[1] ?? null
}
