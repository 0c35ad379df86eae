import { fail, ok, type Result } from './result.ts'

/**
 * The CloudTrail records in any text that holds some: one record; an EventBridge event; `{"Records":[…]}`; the output of
 * `aws cloudtrail lookup-events`; an SQS event or message bodies with these; JSON Lines of any of these.
 */

/** SQS inside a log inside EventBridge is the deepest that anybody has. */
const MAX_WRAPPERS = 6

export function recordsIn(text: string): Result<readonly unknown[], string> {
  const trimmed = text.replace(/^\ufeff/, '').trim()
  if (trimmed === '') return fail('the input is empty')
  const whole = parseJson(trimmed)
  if (whole.ok) return unwrapAll([whole.value])
  const lines = trimmed.split(/\r?\n/).filter(line => line.trim() !== '')
  if (lines.length === 1) return fail(`not JSON: ${whole.error}`)
  const values: unknown[] = []
  for (const [index, line] of lines.entries()) {
    const value = parseJson(line)
    if (!value.ok)
      return fail(index === 0 ? `not JSON: ${whole.error}` : `line ${index + 1} is not JSON: ${value.error}`)
    values.push(value.value)
  }
  return unwrapAll(values)
}

/** Records of a value that is already parsed, such as an SQS event that a function received. */
export function recordsOf(value: unknown): readonly unknown[] {
  return unwrap(value, 0)
}

function unwrapAll(values: readonly unknown[]): Result<readonly unknown[], string> {
  const records = values.flatMap(value => unwrap(value, 0))
  return records.length > 0 ? ok(records) : fail('the input holds no CloudTrail record')
}

function unwrap(value: unknown, depth: number): readonly unknown[] {
  if (depth > MAX_WRAPPERS) return []
  if (Array.isArray(value)) return value.flatMap(item => unwrap(item, depth + 1))
  if (typeof value !== 'object' || value === null) return []
  const record = value as { readonly [member: string]: unknown }
  if (typeof record['eventName'] === 'string' && typeof record['eventSource'] === 'string') return [value]
  if (isObject(record['detail'])) return unwrap(record['detail'], depth + 1)
  if (Array.isArray(record['Records'])) return record['Records'].flatMap(item => unwrap(item, depth + 1))
  if (Array.isArray(record['Events'])) return record['Events'].flatMap(item => unwrap(item, depth + 1))
  const inner = [record['CloudTrailEvent'], record['body'], record['Body'], record['Message'], record['message']].find(
    member => typeof member === 'string',
  )
  if (typeof inner !== 'string') return []
  const parsed = parseJson(inner)
  return parsed.ok ? unwrap(parsed.value, depth + 1) : []
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

/** V8 parses without recursion limits of its own, but says so by a RangeError when it runs out of stack. */
function parseJson(text: string): Result<unknown, string> {
  try {
    return ok(JSON.parse(text))
  } catch (error) {
    return fail(error instanceof Error ? error.message.slice(0, 200) : 'unreadable')
  }
}
