/**
 * Finds every one of our denials in a log of any length: Terraform, CDK, SDKs, with colors, frames, wrapped lines and the
 * time stamps of build services. Reads each part of the text once, in linear time.
 */
import { ACTIONS } from '../../actions/actions.ts'
import { withoutTerminalSequences } from '../../base/neutral-text.ts'
import type { Denial } from '../denial.ts'
import { requestKeyOf } from '../fingerprint.ts'
import { DECODED_WORDS } from '../message/decoded-text.ts'
import { DENIAL_WORDS, denialAt } from '../message/denial-in-text.ts'
import { readMessage } from '../message/message-grammar.ts'
import { otherSentenceAt } from '../message/other-sentences.ts'
import { plainText, withoutUrlCodes } from '../message/plain-text.ts'
import { serviceTrustAt } from '../message/service-trust.ts'
import { withWholeWords } from './broken-words.ts'
import { withoutColumns } from './sam-table.ts'

export type LoggedDenial = {
  readonly denial: Denial
  /** The line where its sentence starts; the first line is 1. */
  readonly line: number
  /** The first few further lines with the same denial. */
  readonly again: readonly number[]
}

export type LogFindings = {
  readonly denials: readonly LoggedDenial[]
  /** The first few lines in EC2's older form, where only the encoded message names the action. */
  readonly encodedOnly: readonly number[]
}

type Found = Map<string, readonly { denial: Denial; readonly line: number; readonly again: number[] }[]>

/** Maximum distance from the start of a sentence to its keyword. */
const MAX_BEFORE_CHARS = 1_600
/** Maximum distance from the keyword to the end: role, reason, policy and an encoded message. */
const MAX_AFTER_CHARS = 4_000
const MAX_LINES = 10
/** More distinct denials than a person reads. */
const MAX_DENIALS = 1_000

/**
 * Time stamps of GitHub, GitLab, Jenkins, CodeBuild and `ts`, which would split a wrapped sentence. `gh run view --log` puts
 * job and step before them, Azure DevOps a marker after them.
 */
const STAMP = String.raw`\ufeff?\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?Z?\]?(?: \d\d[OE]\+?)? ?(?:##\[[a-z]{1,20}\])?`
const LINE_STAMP = new RegExp(
  String.raw`^(?:${STAMP}|\[Container\] \d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})? )`,
  'gm',
)
/** Only for a text with tabs: every line looks like its start. */
const JOB_STAMP = new RegExp(String.raw`^(?:[^\t\r\n]{1,120}\t){1,2}${STAMP}`, 'gm')
/** Every stamp contains it. */
const STAMP_SIGN = /\d\d:\d\d:\d\d/
/** Prefixes of quoted lines, diffs and failed tests. */
const LINE_MARK = /^(?:(?:> ?){1,4}|[+,] {0,80}|E {1,8})(?=\S)/gm

export function denialsInLog(log: string): LogFindings {
  const text = withWholeWords(withoutUrlCodes(withoutColumns(log, clean)))
  const found: Found = new Map()
  const encodedOnly: number[] = []
  const lineAt = lineCounter(text)
  const words = wordsIn(text)
  let from = 0
  for (let word = words.next(); word !== null; word = words.next()) {
    const start = Math.max(0, word.at - MAX_BEFORE_CHARS)
    const end = Math.min(words.after(word) ?? text.length, word.at + MAX_AFTER_CHARS)
    // The previous sentence ends where this one starts.
    const earlier = from <= start ? '' : plain(text.slice(start, from))
    const before = earlier + plain(text.slice(Math.max(start, from), word.at))
    const stretch = before + plain(text.slice(word.at, end))
    const denial = denialAt(stretch, { at: before.length, from: earlier.length, word: word.text })
    if (denial !== null) {
      const line = lineAt(beginning(text, Math.max(start, from), word.at))
      if (found.size < MAX_DENIALS) addDenial(found, denial, line)
      from = word.at + word.text.length
    } else if (word.text === 'authorized' && encodedOnly.length < MAX_LINES) {
      if (readMessage(stretch).kind === 'encoded-only') encodedOnly.push(lineAt(word.at))
    }
  }
  return { denials: [...found.values()].flat().toSorted((a, b) => a.line - b.line), encodedOnly }
}

/** The denials without their positions. */
export const denialsIn = (text: string): readonly Denial[] => denialsInLog(text).denials.map(({ denial }) => denial)

type Word = { readonly text: string; readonly at: number }

/** The keywords that may belong to a denial, in text order. */
function wordsIn(text: string) {
  const places = new Map(DENIAL_WORDS.map(word => [word, text.indexOf(word)]))
  const after = (): Word | null => {
    let first: Word | null = null
    for (const [word, at] of places) if (at !== -1 && (first === null || at < first.at)) first = { text: word, at }
    if (first !== null) places.set(first.text, text.indexOf(first.text, first.at + first.text.length))
    return first
  }
  return {
    next(): Word | null {
      for (let word = after(); word !== null; word = after()) if (mayDeny(text, word)) return word
      return null
    },
    /** Where the next sentence of AWS, or the next decoded message, may begin. */
    after({ text: word }: Word): number | null {
      const next = [places.get('authorized'), DECODED_WORDS.some(one => one === word) ? places.get(word) : -1]
      const known = next.flatMap(at => (at === undefined || at === -1 ? [] : [at]))
      return known.length === 0 ? null : Math.min(...known)
    },
  }
}

/** Only frames, quotes, blanks and markup separate two words. */
const BETWEEN = String.raw`(?:\\[nrt]|<[^<>]{1,40}>|&#?[a-z0-9]{2,5};|[^a-z0-9]){0,80}`
const NOT_BEFORE = new RegExp(`not${BETWEEN}$`, 'i')
const PERFORM_AFTER = new RegExp(`^${BETWEEN}(?:to${BETWEEN})?perform`, 'i')
/** Our actions, and EC2's older form, where only the encoded message names the action. */
const OURS = new RegExp(['Encoded', ...ACTIONS.map(({ name }) => name.split(':')[1])].join('|'), 'i')
const PASS_BEFORE = new RegExp(`pass${BETWEEN}$`, 'i')
const ASSUMED_BEFORE = new RegExp(`assumed${BETWEEN}$`, 'i')
/** What precedes the keyword in every sentence, possibly with markup between. Most occurrences fail this check. */
const ASSUME_BEFORE = new RegExp(`(?:to|be|not|can.{1,6}t)${BETWEEN}$`, 'i')
const CALLING_BEFORE = new RegExp(`the${BETWEEN}$`, 'i')
const TRUST_BEFORE = new RegExp(`(?:a|the)${BETWEEN}$`, 'i')
const INVALID_BEFORE = /EMR[^a-z]{1,40}service[^a-z]{1,40}role|ARN[^a-z]{1,40}value/i
/** Sentences of services are shorter than this on both sides of their keyword. */
const NEAR_CHARS = 460

/** A cheap check of the text around a keyword. */
function mayDeny(text: string, { text: word, at }: Word): boolean {
  const end = at + word.length
  const before = (chars: number) => unmarked(text.slice(Math.max(0, at - chars), at))
  switch (word) {
    case 'authorized': {
      const after = text.slice(end, end + 300)
      if (!OURS.test(after)) return false
      return NOT_BEFORE.test(before(180)) && PERFORM_AFTER.test(unmarked(after))
    }
    case 'role is not allowed':
      return PASS_BEFORE.test(before(180))
    case 'by root accounts':
      return ASSUMED_BEFORE.test(before(180))
    case 'explicitDeny':
    case 'DecodedMessage':
      return true
    case 'assume':
      // A session ARN contains it.
      if (/^(?:d?[-_/A-Za-z])/.test(text.slice(end, end + 2).replace(/^d(?=[\s\\.])/, ''))) return false
      return ASSUME_BEFORE.test(before(60)) && isSaid(text, at)
    case 'AssumeRole':
      return CALLING_BEFORE.test(before(60)) && isSaid(text, at)
    case 'trust relationship':
      return TRUST_BEFORE.test(before(60)) && isSaid(text, at)
    case 'is invalid':
      return INVALID_BEFORE.test(before(NEAR_CHARS)) && isSaid(text, at)
    default:
      return isSaid(text, at)
  }
}

function isSaid(text: string, at: number): boolean {
  if (!/role|get token/i.test(text.slice(Math.max(0, at - NEAR_CHARS), at + NEAR_CHARS))) return false
  const before = plain(text.slice(Math.max(0, at - NEAR_CHARS), at))
  const near = before + plain(text.slice(at, at + NEAR_CHARS))
  return serviceTrustAt(near, before.length) !== null || otherSentenceAt(near, before.length) !== null
}

function clean(text: string): string {
  const shown = withoutTerminalSequences(text)
  if (!STAMP_SIGN.test(shown)) return shown
  return (shown.includes('\t') ? shown.replace(JOB_STAMP, '') : shown).replace(LINE_STAMP, '')
}

const unmarked = (text: string): string => clean(text).replace(LINE_MARK, '')

const plain = (text: string): string => plainText(unmarked(text))

/** The position of `User:` before the keyword, else of the keyword. */
function beginning(text: string, start: number, at: number): number {
  const user = text.slice(start, at).lastIndexOf('User:')
  return user === -1 ? at : start + user
}

/** Positions must be in ascending order: every line is counted once. */
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

/** Deduplicates a request, unless it passes the role to another service. The occurrence that names the call wins. */
function addDenial(found: Found, denial: Denial, line: number): void {
  const key = requestKeyOf(denial)
  const same = found.get(key) ?? []
  const seen = same.find(({ denial: other }) => isSame(other, denial))
  if (seen === undefined) {
    found.set(key, [...same, { denial, line, again: [] }])
    return
  }
  if (specificity(denial) > specificity(seen.denial)) seen.denial = denial
  if (seen.again.length < MAX_LINES) seen.again.push(line)
}

/** How much the denial shows about its call. */
const specificity = (denial: Denial): number =>
  (serviceOf(denial) === null ? 0 : 2) + (denial.call.eventName === null ? 0 : 1)

const serviceOf = (denial: Denial): string | null => denial.passes[0]?.service.values[0]?.service ?? null

function isSame(a: Denial, b: Denial): boolean {
  const [one, other] = [serviceOf(a), serviceOf(b)]
  return one === null || other === null || one === other
}
