import { fail, ok, type Result } from '../../base/index.ts'

/**
 * Extracts CloudTrail records from a text: one record; an EventBridge event; `{"Records":[…]}`; the output of
 * `aws cloudtrail lookup-events`; an SQS event or message bodies with any of these; JSON Lines of any of these.
 */
export function recordsIn(text: string): Result<readonly unknown[], string> {
  const trimmed = text.replace(/^\ufeff/, '').trim()
  if (trimmed === '') return fail('the input is empty')
  const values = valuesIn(trimmed)
  return values.ok ? someOf(values.value.flatMap(value => unwrap(value, 0))) : values
}

/** The records in a parsed value. */
export function recordsOf(value: unknown): Result<readonly unknown[], string> {
  return someOf(unwrap(value, 0))
}

const someOf = (records: readonly unknown[]): Result<readonly unknown[], string> =>
  records.length > 0 ? ok(records) : fail('the input holds no CloudTrail record')

type Json = { readonly [member: string]: unknown }

/** More than a record in an EventBridge event in an SNS message in an SQS event in a log needs. */
const MAX_WRAPPERS = 8
/** `logEvents`: a CloudWatch Logs subscription, as Firehose stores it. */
const LISTS = ['Records', 'Events', 'records', 'events', 'logEvents']
const TEXTS_WITHIN = ['CloudTrailEvent', 'body', 'Body', 'Message', 'message']

/** One JSON value, or one per line. */
function valuesIn(text: string): Result<readonly unknown[], string> {
  const whole = parseJson(text)
  if (whole.ok) return ok([whole.value])
  const lines = text.split(/\r?\n/)
  const values: unknown[] = []
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue
    const value = parseJson(line)
    if (value.ok) {
      values.push(value.value)
      continue
    }
    const error = `line ${index + 1}: ${value.error.replace(/ \(line 1 column \d+\)$/, '')}`
    const others = lines.filter(holdsRecords).length
    if (others > 0) return fail(`${error}; fix or remove that line (${others} more contain records)`)
    // A truncated pretty-printed document fails on its first line, so the error of the whole document helps more.
    return fail(values.length === 0 ? whole.error : error)
  }
  return ok(values)
}

function holdsRecords(line: string): boolean {
  const value = parseJson(line)
  return value.ok && unwrap(value.value, 0).length > 0
}

function unwrap(value: unknown, depth: number): readonly Json[] {
  if (depth > MAX_WRAPPERS || typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap(item => unwrap(item, depth + 1))
  const json = value as Json
  if (isRecord(json)) return [json]
  const { detail } = json
  if (isObject(detail) && isRecord(detail)) return [detail]
  if (isObject(detail)) return unwrap(detail, depth + 1)
  const list = LISTS.map(name => json[name]).find(Array.isArray)
  if (list !== undefined) return (list as readonly unknown[]).flatMap(item => unwrap(item, depth + 1))
  const inner = TEXTS_WITHIN.map(name => json[name]).find(member => typeof member === 'string')
  if (typeof inner !== 'string') return []
  const parsed = parseJson(inner)
  return parsed.ok ? unwrap(parsed.value, depth + 1) : []
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isRecord(value: Json): boolean {
  return typeof value['eventName'] === 'string' && typeof value['eventSource'] === 'string'
}

/**
 * The event that EventBridge makes of a record.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
 */
export function eventBridgeEvent(record: Json): Json {
  return {
    version: '0',
    'detail-type':
      record['eventType'] === 'AwsServiceEvent' ? 'AWS Service Event via CloudTrail' : 'AWS API Call via CloudTrail',
    source: `aws.${String(record['eventSource']).replace(/\.amazonaws\.com(\.cn)?$/, '')}`,
    account: record['recipientAccountId'] ?? null,
    time: record['eventTime'] ?? null,
    region: record['awsRegion'] ?? null,
    resources: [],
    detail: record,
  }
}

function parseJson(text: string): Result<unknown, string> {
  try {
    return ok(JSON.parse(text))
  } catch (error) {
    // Excessive nesting throws a RangeError, which is reported in the same way.
    return fail(`not JSON: ${error instanceof Error ? error.message.slice(0, 200) : 'unreadable'}`)
  }
}
