/**
 * Finds every denial of rolemedic's actions in a log of any length: Terraform, CDK, SDKs, with colors, frames, wrapped lines
 * and the time stamps of build services. Linear time: reads each part of the text once.
 */
import { ACTIONS, actionWithOrWithoutPrefix, descriptorOf, NAMES_WITHOUT_PREFIX } from '../../actions/index.ts'
import type { Denial } from '../denial.ts'
import { requestKeyOf } from '../fingerprint.ts'
import { PANEL_WORD, panelAt } from '../message/console-panel.ts'
import { DECODED_WORDS } from '../message/decoded-text.ts'
import { DENIAL_WORDS, denialAt } from '../message/denial-in-text.ts'
import { LOST_BEGINNING, MAX_LOST_CHARS, REASON_WORD, readMessage } from '../message/message-grammar.ts'
import { ASSUMING_WORD, JAVA_WORDS, otherSentenceAt } from '../message/other-sentences.ts'
import { hasUrlCodes, plainText, withoutUrlCodesAround } from '../message/plain-text.ts'
import { serviceTrustAt } from '../message/service-trust.ts'
import { withWholeWords } from './broken-words.ts'
import { withCutsMarked, withoutCutAnswers } from './cut-names.ts'
import { withoutMargins, withoutSharedPrefixes, withoutStamps, withoutStampsAndMarks } from './line-prefixes.ts'
import { type PlaceInLog, readingBudget } from './reading-budget.ts'
import { withoutColumns } from './sam-table.ts'

export type LoggedDenial = {
  readonly denial: Denial
  /** The line where the sentence of the denial starts, counted from 1. */
  readonly line: number
  /** The first few further lines that repeat the denial. */
  readonly again: readonly number[]
}

export type LogFindings = {
  readonly denials: readonly LoggedDenial[]
  /** The first few lines with EC2's older form, where only the encoded message names the action. */
  readonly encodedOnly: readonly number[]
  /** Places that look like denials and were not read, because there are too many. Null: all were read. */
  readonly unread: UnreadLines | null
}

export type UnreadLines = { readonly places: number; readonly firstLine: number; readonly lastLine: number }

type Found = Map<string, readonly { denial: Denial; readonly line: number; readonly again: number[] }[]>

/** The maximum distance from the start of a sentence to its keyword. */
const MAX_BEFORE_CHARS = 1_600
/** The maximum distance from the keyword to the end: role, reason, policy and an encoded message. */
const MAX_AFTER_CHARS = 4_000
const MAX_LINES = 10
/** Some terminals and editors end lines with a carriage return alone. */
const withLineFeeds = (text: string): string => (text.includes('\n') ? text : text.replaceAll('\r', '\n'))

/** The maximum number of distinct denials; nobody reads more. */
const MAX_DENIALS = 2_000
/** The last places are always read, because a failed command ends with its error. */
const LAST_READ = 50

export function denialsInLog(log: string): LogFindings {
  const lines = withoutMargins(withoutSharedPrefixes(withoutCutAnswers(withLineFeeds(log))))
  const text = withWholeWords(withCutsMarked(withoutColumns(lines, withoutStamps)))
  const found: Found = new Map()
  const encodedOnly: number[] = []
  const words = wordsIn(text, hasUrlCodes(text))
  const lineAt = lineCounter(text)
  const permit = readingBudget()
  const skipped: Word[] = []
  let [unread, firstLine, lastLine] = [0, 0, 0]
  let from = 0
  const read = (word: Word, next: number, lineOf: (place: number) => number) => {
    const start = Math.max(0, word.at - MAX_BEFORE_CHARS)
    // The previous sentence ends where this one starts.
    const earliest = Math.max(start, Math.min(from, word.at))
    const [near, behind] = words.decoded(
      text.slice(earliest, word.at),
      text.slice(word.at, Math.min(next, word.at + MAX_AFTER_CHARS)),
    )
    const earlier = plain(words.decoded(text.slice(start, earliest), '')[0])
    const before = earlier + plain(near)
    const stretch = before + plain(behind)
    const denial = denialAt(stretch, { at: before.length, from: earlier.length, word: word.text })
    if (denial !== null) {
      addDenial(found, denial, lineOf(beginning(text, earliest, word.at)))
      return true
    }
    if (word.text === 'authorized' && encodedOnly.length < MAX_LINES && readMessage(stretch).kind === 'encoded-only')
      encodedOnly.push(lineOf(word.at))
    return false
  }
  for (let word = words.next(); word !== null; word = words.next()) {
    const permission = found.size < MAX_DENIALS ? permit(placeInLog(text, word)) : 'skip'
    if (permission === 'read') {
      if (words.mayDeny(word) && read(word, words.after(word), lineAt)) from = word.at + word.text.length
    } else if (permission === 'skip') {
      lastLine = lineAt(word.at)
      if (unread === 0) firstLine = lastLine
      skipped[unread % LAST_READ] = word
      unread += 1
    }
  }
  const last = skipped.toSorted((a, b) => a.at - b.at)
  const lineOfLast = lineCounter(text)
  for (const [index, word] of last.entries()) {
    from = 0
    if (words.mayDeny(word)) read(word, last[index + 1]?.at ?? text.length, lineOfLast)
  }
  unread -= last.length
  return {
    denials: withoutMentions([...found.values()].flat()).toSorted((a, b) => a.line - b.line),
    encodedOnly,
    unread: unread === 0 ? null : { places: unread, firstLine, lastLine },
  }
}

/**
 * Prose around a denial repeats its words, without who and what: “it fails with not authorized to perform sts:TagSession”. A
 * tool that could not assume a role says so beside the answer of STS, which names the caller and the action.
 */
function withoutMentions(denials: readonly LoggedDenial[]): readonly LoggedDenial[] {
  const whole = new Set(denials.flatMap(({ denial }) => (isIdentified(denial) ? [denial.action] : [])))
  const answered = new Set(denials.flatMap(({ denial }) => (isAnswer(denial) ? [denial.resource] : [])))
  return denials.filter(({ denial }) => {
    if (isIdentified(denial)) return !isNobodys(denial) || !answered.has(denial.resource)
    return !MENTION.test(denial.message) || !whole.has(denial.action)
  })
}

/** A role was not assumed, and the text does not say by whom. */
const isNobodys = ({ action, principal }: Denial): boolean =>
  principal.kind === 'unknown' && principal.arn === null && principal.name === null && !descriptorOf(action).passesRoles

/** What STS says to the caller. */
const isAnswer = (denial: Denial): boolean =>
  !isNobodys(denial) && denial.principal.kind !== 'service' && !descriptorOf(denial.action).passesRoles

/** AWS begins with who was denied, or with a capital. */
const MENTION = /^(?:(?:is|was|are) )?not authorized /

/** Whether it says who was denied, or which role. */
export const isIdentified = ({ principal, resource }: Denial): boolean =>
  principal.arn !== null || principal.name !== null || resource !== null

/** The denials without their positions. */
export const denialsIn = (text: string): readonly Denial[] => denialsInLog(text).denials.map(({ denial }) => denial)

type Keyword = { readonly text: string; readonly at: number }
/** `sentence`: the match of AWS's own sentence, if no markup is inside. */
type Word = Keyword & { readonly sentence: RegExpExecArray | null }

/** The keywords that may belong to a denial, in text order. `hasCodes`: keywords may be URL-encoded. */
function wordsIn(text: string, hasCodes: boolean) {
  const places = DENIAL_WORDS.map(word => ({ word, at: text.indexOf(word) }))
  const coded = hasCodes ? codedFrom(text, 0) : null
  if (coded !== null) places.push(coded)
  const after = (): Keyword | null => {
    let first: (typeof places)[number] | null = null
    for (const place of places) if (place.at !== -1 && (first === null || place.at < first.at)) first = place
    if (first === null) return null
    const word = { text: first.word, at: first.at }
    const from = first.at + first.word.length
    if (first === coded) Object.assign(first, codedFrom(text, from))
    else first.at = text.indexOf(first.word, from)
    return word
  }
  const decoded = (before: string, behind: string): readonly [string, string] =>
    hasCodes ? withoutUrlCodesAround(before, behind) : [before, behind]
  return {
    decoded,
    next(): Word | null {
      for (let word = after(); word !== null; word = after()) {
        if (!isLikely(text, word)) continue
        const sentence = sentenceFrom(text, word.at)
        if (isOurs(text, word, sentence)) return { ...word, sentence }
      }
      return null
    },
    mayDeny(word: Word): boolean {
      const [before, behind] = decoded(
        text.slice(Math.max(0, word.at - NEAR_CHARS), word.at),
        text.slice(word.at, word.at + NEAR_CHARS),
      )
      return mayDeny(before, behind, word.text)
    },
    /** The position of the next sentence of AWS or the next decoded message. */
    after({ text: word }: Word): number {
      const ends = places.filter(place => place.word === 'authorized' || (place.word === word && isDecodedWord(word)))
      return Math.min(text.length, ...ends.flatMap(({ at }) => (at === -1 ? [] : [at])))
    },
  }
}

const isDecodedWord = (word: string): boolean => DECODED_WORDS.some(one => one === word)

/** The keywords of more than one word, URL-encoded. */
const CODED = new RegExp(
  DENIAL_WORDS.filter(word => word.includes(' '))
    .map(word => word.replaceAll(':', '(?:%3A|%253A|\\u003a)').replaceAll(' ', String.raw`(?:%20|%2520|\+)`))
    .join('|'),
  'g',
)

function codedFrom(text: string, from: number): { word: string; at: number } {
  CODED.lastIndex = from
  const match = CODED.exec(text)
  const spelling = match?.[0]
    .replaceAll('+', ' ')
    .replace(/%(?:25)?20/g, ' ')
    .replace(/%(?:25)?3A/g, ':')
  return { word: spelling ?? '', at: match?.index ?? -1 }
}

/** Captures the action, whether a role follows, the role, and the start of the reason. */
const SENTENCE =
  /authorized( ?[^A-Za-z0-9]{0,8})(?:to )?perform:? {0,2}([A-Za-z0-9:-]{1,100})(?:( on (?:resource|role):? {0,2}"?)((?:arn:aws[a-z-]{0,12}:iam::[0-9*]{0,12}:role\/[\w+=,.@/-]{1,200}(?=[\s"'\x60\\)]|$))?)( (?:because no|with an explicit) [a-z -]{0,40})?)?/y
const NAMES_ACTION = /^[a-z0-9-]{1,40}:[A-Za-z0-9]{2,100}$/
const SUBJECT_CHARS = 320

/** On both sides of its keyword, a sentence of a service is shorter than this. */
const NEAR_CHARS = 460
/** The distance from the keyword to the action, including markup. */
const AFTER_CHARS = 180

/** For some keywords: what precedes them in every denial, within `chars` characters, and what follows them. */
const AROUND: {
  readonly [keyword: string]: { readonly chars: number; readonly before: RegExp; readonly after?: RegExp }
} = {
  authorized: { chars: 120, before: /not/i, after: /erform|assume/ },
  // Session ARNs contain this keyword too.
  assume: {
    chars: 110,
    before: /not|n['’]t|nable|llow|ailed|uthorized|equired|ermission|iven/i,
    after: /^d?(?![A-Za-z/_-])/,
  },
  AssumeRole: { chars: 60, before: /the|STS|api/ },
  [PANEL_WORD]: {
    chars: 760,
    before: /User/,
    after: new RegExp(String.raw`^\[?(?:iam:|sts:)?(?:${NAMES_WITHOUT_PREFIX})(?![a-z])`),
  },
  ': sts:AssumeRole': { chars: 60, before: /unable/ },
  [REASON_WORD]: { chars: MAX_LOST_CHARS, before: LOST_BEGINNING },
  [ASSUMING_WORD]: { chars: 8, before: /rror $/, after: /^:? AccessDenied/ },
  ...Object.fromEntries(JAVA_WORDS.map(word => [word, { chars: 20, before: /denied \($/i }])),
  'is invalid': { chars: NEAR_CHARS, before: /EMR|value|role/i },
}

/** A cheap first check, which rejects most occurrences. */
function isLikely(text: string, { text: word, at }: Keyword): boolean {
  const around = AROUND[word]
  if (around === undefined) return true
  const end = at + word.length
  if (around.after?.test(text.slice(end, end + AFTER_CHARS)) === false) return false
  return around.before.test(text.slice(Math.max(0, at - around.chars), at))
}

/** What a call of another service needs of ours is named in the reason. */
const NEEDS_OURS = new RegExp(
  String.raw`\sallows?\s(?:the\s)?(?:${ACTIONS.map(({ name }) => name).join('|')})\saction\b`,
  'i',
)
const SENTENCE_CHARS = 460

/** False if the sentence names another action. */
function isOurs(text: string, { at, text: word }: Keyword, sentence: RegExpExecArray | null): boolean {
  const action = sentence?.[2]
  if (action === undefined || !NAMES_ACTION.test(action) || actionWithOrWithoutPrefix(action) !== null) return true
  const behind = text.slice(at + word.length, at + SENTENCE_CHARS)
  const next = behind.indexOf('authorized')
  return NEEDS_OURS.test(next === -1 ? behind : behind.slice(0, next))
}

function sentenceFrom(text: string, at: number): RegExpExecArray | null {
  SENTENCE.lastIndex = at
  return SENTENCE.exec(text)
}

function placeInLog(text: string, { text: word, at, sentence: match }: Word): PlaceInLog {
  const [whole = '', between = '', action = '', on = '', role = '', reason = ''] = match ?? []
  const before = (chars: number) => text.slice(Math.max(0, at - chars), at)
  if (role === '') {
    const form = match === null ? before(12) + text.slice(at, at + 32) : [between, action, on, reason].join('|')
    const sentence = () => before(NEAR_CHARS) + text.slice(at, at + NEAR_CHARS)
    return { at, form, sentence: isDecodedWord(word) ? null : sentence, isWhole: false }
  }
  const subject = before(SUBJECT_CHARS)
  const sentence = () => subject.slice(Math.max(0, subject.lastIndexOf('User:'))) + whole
  return { at, form: [between, action, reason].join('|'), sentence, isWhole: true }
}

/** Two words with only frames, quotes, blanks and markup between them. */
const BETWEEN = String.raw`(?:\\[nrt]|<[^<>]{1,40}>|&#?[a-z0-9]{2,5};|[^a-z0-9]){0,80}`
const NOT_BEFORE = new RegExp(`not${BETWEEN}$`, 'i')
const PERFORM_AFTER = new RegExp(`^${BETWEEN}(?:to${BETWEEN})?perform`, 'i')
/** Matches rolemedic's actions, and EC2's older form, where only the encoded message names the action. */
const OURS = new RegExp(['Encoded', ...ACTIONS.map(({ name }) => name.split(':')[1])].join('|'), 'i')
const PASS_BEFORE = new RegExp(`pass${BETWEEN}$`, 'i')
const ASSUMED_BEFORE = new RegExp(`assumed${BETWEEN}$`, 'i')
/** What precedes the keyword in every sentence, possibly with markup in between. Rejects most occurrences. */
const ASSUME_BEFORE = new RegExp(`(?:to|be|not|given|can.{1,6}t)${BETWEEN}$`, 'i')
const CALLING_BEFORE = new RegExp(`(?:the|STS|api)${BETWEEN}$`, 'i')
const TRUST_BEFORE = new RegExp(`(?:a|the|with|its|adequate)${BETWEEN}$`, 'i')
const UNABLE_BEFORE = new RegExp(`perform${BETWEEN}$`, 'i')
const INVALID_BEFORE = /service[^a-z]{1,40}role|ARN[^a-z]{1,40}value|IamFleetRole/i

/**
 * Checks the text around a keyword before the full parse, which looks further: it may read the encoded message of another
 * sentence, or take "cannot be assumed by Lambda" for a role.
 */
function mayDeny(textBefore: string, behind: string, word: string): boolean {
  const before = (chars: number) => withoutStampsAndMarks(textBefore.slice(-chars))
  switch (word) {
    case 'authorized': {
      const after = behind.slice(word.length, word.length + 300)
      return OURS.test(after) && NOT_BEFORE.test(before(180)) && PERFORM_AFTER.test(withoutStampsAndMarks(after))
    }
    case 'role is not allowed':
      return PASS_BEFORE.test(before(180))
    case PANEL_WORD:
      return isPanel(textBefore, behind)
    case 'by root accounts':
      return ASSUMED_BEFORE.test(before(180))
    // The trace that decides goes further.
    case JAVA_WORDS[0]:
    case JAVA_WORDS[1]:
    case 'explicitDeny':
    case 'DecodedMessage':
      return true
    case 'assume':
      return ASSUME_BEFORE.test(before(60)) && isSaid(textBefore, behind)
    case 'AssumeRole':
      return CALLING_BEFORE.test(before(60)) && isSaid(textBefore, behind)
    case REASON_WORD:
      return true
    case ': sts:AssumeRole':
      return UNABLE_BEFORE.test(before(60)) && isSaid(textBefore, behind)
    case 'trust relationship':
      return TRUST_BEFORE.test(before(60)) && isSaid(textBefore, behind)
    case 'is invalid':
      return INVALID_BEFORE.test(before(NEAR_CHARS)) && isSaid(textBefore, behind)
    default:
      return isSaid(textBefore, behind)
  }
}

function isPanel(textBefore: string, behind: string): boolean {
  const before = plain(textBefore)
  return panelAt(before + plain(behind), before.length) !== null
}

function isSaid(textBefore: string, behind: string): boolean {
  if (!/role|get token/i.test(textBefore + behind)) return false
  const before = plain(textBefore)
  const near = before + plain(behind)
  return serviceTrustAt(near, before.length) !== null || otherSentenceAt(near, before.length) !== null
}

const plain = (text: string): string => plainText(withoutStampsAndMarks(text))

/** The position of `User:` before the keyword, otherwise of the keyword. */
function beginning(text: string, start: number, at: number): number {
  const user = text.slice(start, at).lastIndexOf('User:')
  return user === -1 ? at : start + user
}

/** Returns the line of a position. Positions must ascend, so that every line break is counted once. */
function lineCounter(text: string): (place: number) => number {
  let line = 1
  let end = text.indexOf('\n')
  return place => {
    while (end !== -1 && end < place) {
      line += 1
      end = text.indexOf('\n', end + 1)
    }
    return line
  }
}

/** Adds a denial once per request, unless it passes the role to another service. Keeps the occurrence that names the call, or the reason. */
function addDenial(found: Found, denial: Denial, line: number): void {
  const key = requestKeyOf(denial)
  const same = found.get(key) ?? []
  const seen = same.find(({ denial: other }) => isSame(other, denial))
  if (seen === undefined) {
    found.set(key, [...same, { denial, line, again: [] }])
    return
  }
  if (specificity(denial) > specificity(seen.denial)) seen.denial = denial
  const isNewLine = line !== seen.line && line !== seen.again.at(-1)
  if (isNewLine && seen.again.length < MAX_LINES) seen.again.push(line)
}

/** How much the denial shows about its call and its reason. */
const specificity = (denial: Denial): number =>
  (serviceOf(denial) === null ? 0 : 4) +
  (denial.call.eventName === null ? 0 : 2) +
  (denial.reason === 'none-given' ? 0 : 1)

const serviceOf = (denial: Denial): string | null => denial.passes[0]?.service.values[0]?.service ?? null

function isSame(a: Denial, b: Denial): boolean {
  const [one, other] = [serviceOf(a), serviceOf(b)]
  return one === null || other === null || one === other
}
