/**
 * CloudTrail records in any form that reaches a person. The bot does not use this: it reads only the envelopes that AWS sends to it
 * (`cloudtrail/cloudtrail-record.ts`).
 */
import { gunzipSync } from 'node:zlib'
import { actionOfCall } from '../../actions/index.ts'
import { withoutTerminalSequences } from '../../base/index.ts'
import { eventBridgeEvent } from '../cloudtrail/cloudtrail-record.ts'
import { withoutMargins, withoutSharedPrefixes, withoutStamps } from '../logs/line-prefixes.ts'
import { type BrokenJson, type JsonInText, jsonIn } from './json-in-text.ts'
import { literalsIn } from './literals-in-text.ts'
import { athenaRows, csvRows, recordOfRow, rowOfCells } from './rows.ts'
import { yamlRecordsIn } from './yaml-records.ts'

type Json = { readonly [member: string]: unknown }

export type RecordInText = {
  readonly record: Json
  /** Its EventBridge event; null if it came in none. */
  readonly event: Json | null
}

export type RecordsInText = {
  readonly records: readonly RecordInText[]
  /** The text without them, line by line; null where nothing else is in it. */
  readonly rest: string | null
  /** Where records may be that cannot be read, as lines of the text; the first few. */
  readonly broken: readonly { readonly line: number; readonly why: string }[]
}

/** A name that every record has, as it is or in a JSON string; or data that may unpack to records. */
const MAY_HOLD = /event_?name|"data"\s{0,20}:\s{0,20}"(?:eyJ|H4sI)/i

const QUOTED = /^(?:>|&gt;) ?[^\n]{0,80}"/m

export function recordsInText(text: string): RecordsInText {
  if (!MAY_HOLD.test(text)) return { records: [], rest: text, broken: [] }
  const plain = text.includes('\u001b') ? withoutTerminalSequences(text) : text
  // The marks of a quote would be in each string that runs over its lines.
  const quoted = QUOTED.test(plain) ? readIn(restored(plain)) : null
  const first = readIn(plain)
  if (quoted !== null && quoted.records.length > 0 && quoted.records.length >= first.records.length) return quoted
  if (first.records.length > 0) return first
  const cleaned = restored(plain)
  const second = quoted ?? (cleaned === plain ? first : readIn(cleaned))
  return second.records.length > 0 ? second : { ...first, rest: text }
}

/** The record in its EventBridge event: the one that it came in, or the one that EventBridge would make. */
export const eventWith = ({ record, event }: RecordInText): Json => event ?? eventBridgeEvent(record)

/** Without what runners, frames and quotes put before its lines, and with the quotes that a wiki or a browser replaced. */
const restored = (text: string): string =>
  withoutMargins(withoutStamps(withoutSharedPrefixes(text)))
    .replaceAll(/[\u201c\u201d]/g, '"')
    .replaceAll('&quot;', '"')
    .replaceAll('\u00a0', ' ')

function readIn(text: string): RecordsInText {
  const { values, broken } = jsonIn(text)
  const budget = newBudget()
  const { records, spans } = recordsOf(values, budget)
  if (records.length === 0) {
    const rows = csvRows(text).flatMap(row => ofRow(row, budget))
    if (rows.length > 0) return { records: rows, rest: null, broken: [] }
    for (const read of NAMES_MEMBERS.test(text) ? [literalsIn, yamlRecordsIn] : []) {
      const printed = recordsOf(read(text), budget)
      // A rule that looks for such records has names and values of them too, and happened at no time.
      const recorded = printed.records.filter(({ record }) => isText(record['eventTime']) || isText(record['eventID']))
      if (recorded.length > 0) return { records: recorded, rest: restOf(text, printed.spans), broken: [] }
    }
  }
  return { records, rest: restOf(text, spans), broken: unreadLinesOf(text, broken, values) }
}

/** A member of a record outside JSON, where its name has single quotes or none. */
const NAMES_MEMBERS = /(?<!")\b(?:eventName|CloudTrailEvent)['"]?\s?:/

function recordsOf(values: readonly JsonInText[], budget: Budget) {
  const spans: Span[] = []
  const records = values.flatMap(value => {
    const found = within(value.value, budget, 0)
    if (found.length > 0) spans.push({ start: value.start, end: value.end })
    return found
  })
  return { records, spans }
}

type Span = { readonly start: number; readonly end: number }

/** Line numbers stay. */
function restOf(text: string, spans: readonly Span[]): string | null {
  let from = 0
  let rest = ''
  for (const { start, end } of spans) {
    if (end <= from) continue
    rest += text.slice(from, start) + text.slice(start, end).replaceAll(/[^\n]+/g, ' ')
    from = end
  }
  rest += text.slice(from)
  return /[^\s,[\]{}]/.test(rest) ? rest : null
}

function ofRow(row: readonly (readonly [string, string])[], budget: Budget): readonly RecordInText[] {
  const flat = recordOfRow(row)
  if (flat !== null) return [{ record: flat, event: null }]
  return row.flatMap(([, value]) => within(value, budget, 1))
}

/** It counts only if its line, or what is before the next bracket, names a call: a log is full of brackets. */
function unreadLinesOf(
  text: string,
  broken: readonly BrokenJson[],
  values: readonly JsonInText[],
): RecordsInText['broken'] {
  const starts = [...values, ...broken].map(({ start }) => start).sort((a, b) => a - b)
  const nextOf = new Map(starts.map((start, index) => [start, starts[index + 1]]))
  return broken.flatMap(({ start, why }) => {
    const line = /[^\n]*/.exec(text.slice(start))?.[0] ?? ''
    const isCalled = [line, text.slice(start, nextOf.get(start))].some(part => NAMES_CALL.test(part))
    return isCalled ? [{ line: lineOf(text, start), why }] : []
  })
}

const NAMES_CALL = /\bevent(?:Name|Source|Version|Time|ID)\b/

const lineOf = (text: string, at: number): number => text.slice(0, at).split('\n').length

/** What strings may unpack to. */
type Budget = { bytes: number; strings: number }
const newBudget = (): Budget => ({ bytes: 64 * 1024 * 1024, strings: 1_000_000 })

/** A record in an EventBridge event in an SNS message in an SQS message in a log in a search result. */
const MAX_DEPTH = 24

function within(value: unknown, budget: Budget, depth: number, name = ''): readonly RecordInText[] {
  if (depth > MAX_DEPTH) return []
  if (typeof value === 'string') return inString(value, budget, depth, name)
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return inList(value, budget, depth)
  const json = value as Json
  if (isRecord(json)) return [{ record: json, event: null }]
  const { detail, Rows } = json
  if (isObject(detail) && isRecord(detail)) return [{ record: detail, event: json }]
  if (Array.isArray(Rows)) {
    const rows = athenaRows(Rows)
    if (rows.length > 0) return rows.map(record => ({ record, event: null }))
  }
  const shortened = ofShortened(json)
  if (shortened !== null) return [{ record: shortened, event: null }]
  const found = Object.entries(json).flatMap(([member, inner]) => within(inner, budget, depth + 1, member))
  if (found.length > 0) return found
  const flat = recordOfRow(Object.entries(json))
  return flat === null ? [] : [{ record: flat, event: null }]
}

function inList(list: readonly unknown[], budget: Budget, depth: number): readonly RecordInText[] {
  const row = rowOfCells(list)
  if (row !== null) return [{ record: row, event: null }]
  return list.flatMap(item => within(item, budget, depth + 1))
}

/** A record as text: `CloudTrailEvent`, `body`, `Message`, `_raw`, `event.original`, `@message`, `raw_data`, and packed `data`. */
function inString(text: string, budget: Budget, depth: number, name: string): readonly RecordInText[] {
  budget.strings -= 1
  if (budget.strings < 0) return []
  if (name === 'data' && PACKED.test(text)) return inPacked(text, budget, depth)
  if (!/^\s{0,100}[{["]/.test(text) || !MAY_HOLD.test(text)) return []
  return jsonIn(text).values.flatMap(({ value }) => within(value, budget, depth + 1))
}

/** Kinesis, Firehose and a subscription of CloudWatch Logs: base64 of JSON, or of gzip. */
const PACKED = /^(?:eyJ|H4sI)[A-Za-z0-9+/\s]{8,}(?:={1,2}\s*)?$/

function inPacked(text: string, budget: Budget, depth: number): readonly RecordInText[] {
  const bytes = Buffer.from(text, 'base64')
  const plain = bytes[0] === 0x1f && bytes[1] === 0x8b ? unpacked(bytes, budget) : bytes.toString('utf8')
  return plain === null ? [] : inString(plain, budget, depth + 1, '')
}

function unpacked(bytes: Buffer, budget: Budget): string | null {
  try {
    const plain = gunzipSync(bytes, { maxOutputLength: Math.max(1, budget.bytes) })
    budget.bytes -= plain.length
    return plain.toString('utf8')
  } catch {
    // Damaged, or too large: there is nothing to read in it.
    return null
  }
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

const isText = (value: unknown): value is string => typeof value === 'string'

const isRecord = (value: Json): boolean => isText(value['eventName']) && isText(value['eventSource'])

/**
 * A record that somebody shortened to a few of its members. Only STS has these calls, and only AWS such a role:
 * https://repost.aws/knowledge-center/eks-troubleshoot-sdk-workload
 */
function ofShortened(value: Json): Json | null {
  const { eventName, errorCode, requestParameters } = value
  if (typeof eventName !== 'string' || typeof errorCode !== 'string' || !isObject(requestParameters)) return null
  const { roleArn } = requestParameters
  const eventSource = 'sts.amazonaws.com'
  if (typeof roleArn !== 'string' || !ROLE_OF_AWS.test(roleArn)) return null
  return actionOfCall({ eventSource, eventName }) === null ? null : { ...value, eventSource }
}

const ROLE_OF_AWS = /^arn:aws[a-z-]{0,20}:iam:/
