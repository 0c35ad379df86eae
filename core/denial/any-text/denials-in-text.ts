/**
 * The denials in whatever a person has: CloudTrail records in any form, a decoded message, the error text on a screen, the log of a
 * build. One detector for every gesture, so that the same text has the same answer however it is given.
 */
import { MAX_TEXT_CHARS } from '../../base/index.ts'
import { correctedBy } from '../cloudtrail/cloudtrail-record.ts'
import type { ParsedDenial } from '../denial.ts'
import { requestKeyOf } from '../fingerprint.ts'
import { denialsInLog, isIdentified, type LoggedDenial, type UnreadLines } from '../logs/denials-in-log.ts'
import { decodedIn } from '../message/decoded-text.ts'
import { readMessage } from '../message/message-grammar.ts'
import { plainText } from '../message/plain-text.ts'
import { CUT_ENCODED, unclearRefusalIn, WHOLE_ENCODED } from '../message/unclear-refusals.ts'
import { parseMessage, parseRecord } from '../parse-denial.ts'
import { recordsInText } from './records-in-text.ts'

/** `record`: the source record; null for a text. `line`: of a text, where its sentence starts; null for a record. */
export type FoundInText = ParsedDenial & {
  readonly record: unknown
  readonly line: number | null
  /** The first few further lines with the same denial. */
  readonly again: readonly number[]
}

export type TextFindings = {
  /** Denials, and what else is to be said of records and refusals: records in their order, then texts in theirs. */
  readonly found: readonly FoundInText[]
  /** The number of CloudTrail records, each event once. */
  readonly records: number
  /** Lines that look like denials and were not read. */
  readonly unread: UnreadLines | null
  /** Lines where a record may be that cannot be read. */
  readonly broken: readonly { readonly line: number; readonly why: string }[]
}

/** So many lines are a log, where a mere "access denied" is worth no word. */
const LINES_OF_A_LOG = 60

export function denialsInText(text: string): TextFindings {
  const none = { records: 0, unread: null, broken: [] }
  if (text.length <= MAX_TEXT_CHARS && decodedIn(text) !== null)
    return { ...none, found: [ofText(parseMessage(text), null)] }
  const { records, rest, broken } = recordsInText(text)
  const ofRecords = eachOnce(records.map(({ record }) => record)).map(
    (record): FoundInText => ({ ...parseRecord(record), record, line: null, again: [] }),
  )
  if (rest === null) return { ...none, found: ofRecords, records: ofRecords.length, broken }
  const { denials, encodedOnly, unread } = denialsInLog(rest)
  const recorded = ofRecords.flatMap(one => (one.kind === 'denial' ? [one.denial] : []))
  const known = new Set(recorded.map(requestKeyOf))
  const actions = new Set(recorded.map(({ action }) => action))
  // The record says who and which role, where the text beside it names neither.
  const inTexts = denials.filter(
    ({ denial }) => !known.has(requestKeyOf(denial)) && (isIdentified(denial) || !actions.has(denial.action)),
  )
  const found = [...ofRecords, ...inTexts.map(logged)]
  return {
    found: found.length > 0 ? found : unclearIn(rest, encodedOnly),
    ...{ records: ofRecords.length, unread, broken },
  }
}

/** An event counts once, however often it was delivered, and as CloudTrail corrected it. */
function eachOnce(records: readonly { readonly [member: string]: unknown }[]): readonly unknown[] {
  const seen = new Set<unknown>(records.flatMap(record => correctedBy(record) ?? []))
  return records.filter(({ eventID }) => {
    if (typeof eventID !== 'string' || eventID === '') return true
    if (seen.has(eventID)) return false
    seen.add(eventID)
    return true
  })
}

const logged = ({ denial, line, again }: LoggedDenial): FoundInText => ({
  ...{ kind: 'denial', denial, record: null, line, again },
})

const ofText = (parsed: ParsedDenial, line: number | null): FoundInText => ({
  ...{ ...parsed, record: null, line, again: [] },
})

/** What was refused where no sentence says what: of a log only what is no common noise. */
function unclearIn(text: string, encodedOnly: readonly number[]): readonly FoundInText[] {
  const [line] = encodedOnly
  if (line !== undefined)
    return [ofText({ kind: 'not-ours', why: isCutAt(text, line) ? CUT_ENCODED : WHOLE_ENCODED, unclear: true }, line)]
  const lines = linesOf(text)
  const refusal = unclearRefusalIn(text, { isLog: lines === 'many' })
  const at = refusal === null || lines === 'one' ? null : lineOf(text, refusal.at)
  if (lines !== 'many') return [ofText(parseMessage(text), at)]
  return refusal === null ? [] : [ofText({ kind: 'not-ours', why: refusal.advice, unclear: true }, at)]
}

function linesOf(text: string): 'one' | 'few' | 'many' {
  if (text.length > MAX_TEXT_CHARS) return 'many'
  let lines = 1
  for (let end = text.trimEnd().indexOf('\n'); end !== -1 && lines <= LINES_OF_A_LOG; end = text.indexOf('\n', end + 1))
    lines += 1
  return lines > LINES_OF_A_LOG ? 'many' : lines > 1 ? 'few' : 'one'
}

function isCutAt(text: string, line: number): boolean {
  const read = readMessage(plainText(text.split('\n')[line - 1] ?? ''))
  return read.kind === 'encoded-only' && read.encoded.cut
}

function lineOf(text: string, at: number): number {
  let line = 1
  for (let end = text.indexOf('\n'); end !== -1 && end < at; end = text.indexOf('\n', end + 1)) line += 1
  return line
}
