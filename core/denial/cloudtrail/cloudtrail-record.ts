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

function unwrap(value: unknown, depth: number): readonly Members[] {
  if (depth <= MAX_WRAPPERS && typeof value === 'string') return unwrapText(value, depth)
  if (depth > MAX_WRAPPERS || typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap(item => unwrap(item, depth + 1))
  const json = value as Members
  if (isRecord(json)) return [json]
  const detail = members(json['detail'])
  if (detail !== null) return isRecord(detail) ? [detail] : unwrap(detail, depth + 1)
  const list = LISTS.map(name => json[name]).find(Array.isArray)
  if (list !== undefined) return (list as readonly unknown[]).flatMap(item => unwrap(item, depth + 1))
  const inner = TEXTS_WITHIN.map(name => json[name]).find(member => typeof member === 'string')
  return typeof inner === 'string' ? unwrapText(inner, depth) : []
}

function unwrapText(text: string, depth: number): readonly Members[] {
  const parsed = parseJson(text)
  return parsed.ok ? unwrap(parsed.value, depth + 1) : []
}

function isRecord(value: Members): boolean {
  return typeof value['eventName'] === 'string' && typeof value['eventSource'] === 'string'
}

/**
 * The event that EventBridge makes of a record.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
 */
export function eventBridgeEvent(record: Members): Members {
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

/**
 * The members of a CloudTrail record that matter for a denial. A member of an unexpected type counts as missing.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 *
 * Parsed without a schema library, which took a fifth of the time to read a record.
 */
export type CloudTrailRecord = NonNullable<ReturnType<typeof readCloudTrailRecord>>
export type UserIdentity = NonNullable<CloudTrailRecord['userIdentity']>

type Members = { readonly [name: string]: unknown }

const MAX_TEXT_CHARS = 16_384
const MAX_NAME_CHARS = 256

/** Null if the record names no call. */
export function readCloudTrailRecord(value: unknown) {
  const record = members(value)
  if (record === null) return null
  const { eventSource, eventName } = record
  if (!isName(eventSource) || !isName(eventName)) return null
  const { errorMessage, requestParameters, resources, tlsDetails } = record
  return {
    eventID: text(record['eventID']) || null,
    corrects: correctedBy(record),
    eventTime: text(record['eventTime']),
    eventSource,
    eventName,
    awsRegion: text(record['awsRegion']),
    sourceIPAddress: text(record['sourceIPAddress']),
    userAgent: text(record['userAgent']),
    errorCode: text(record['errorCode']),
    errorMessage: typeof errorMessage === 'string' ? errorMessage : null,
    recipientAccountId: text(record['recipientAccountId']),
    vpcEndpointId: text(record['vpcEndpointId']),
    tlsDetails: object(tlsDetails, ({ tlsVersion }) => ({ tlsVersion: text(tlsVersion) })),
    requestParameters: parametersOf(requestParameters),
    resources: Array.isArray(resources) ? resources.map(resourceOf) : null,
    userIdentity: object(record['userIdentity'], userIdentityOf),
  }
}

/**
 * The id of the record whose place it takes. Null: it is the first one of its call, also where CloudTrail delivers it late.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html (`addendum`)
 */
export function correctedBy(record: Members): string | null {
  const corrected = text(members(record['addendum'])?.['originalEventID'])
  return corrected === '' || corrected === record['eventID'] ? null : corrected
}

/** Drops `__proto__`: copying it by name would set the prototype. No call has a parameter of this name. */
function parametersOf(value: unknown): Members | null {
  const all = members(value)
  if (all === null || !Object.hasOwn(all, '__proto__')) return all
  return Object.fromEntries(Object.entries(all).filter(([name]) => name !== '__proto__'))
}

const userIdentityOf = (identity: Members) => ({
  type: text(identity['type']),
  principalId: text(identity['principalId']),
  arn: text(identity['arn']),
  accountId: text(identity['accountId']),
  accessKeyId: text(identity['accessKeyId']),
  userName: text(identity['userName']),
  identityProvider: text(identity['identityProvider']),
  invokedBy: text(identity['invokedBy']),
  sessionContext: object(identity['sessionContext'], sessionContextOf),
})

const sessionContextOf = (session: Members) => ({
  sessionIssuer: object(session['sessionIssuer'], issuer => ({
    type: text(issuer['type']),
    arn: text(issuer['arn']),
    accountId: text(issuer['accountId']),
    userName: text(issuer['userName']),
    principalId: text(issuer['principalId']),
  })),
  attributes: object(session['attributes'], ({ mfaAuthenticated, creationDate }) => ({
    mfaAuthenticated: text(mfaAuthenticated),
    creationDate: text(creationDate),
  })),
  webIdFederationData: object(session['webIdFederationData'], ({ federatedProvider }) => ({
    federatedProvider: text(federatedProvider),
  })),
  sourceIdentity: text(session['sourceIdentity']),
  ec2RoleDelivery: text(session['ec2RoleDelivery']),
  /** `true`: somebody else opened the session. https://docs.aws.amazon.com/IAM/latest/UserGuide/cct-track-privileged-tasks.html */
  assumedRoot: text(session['assumedRoot']),
})

/** An item that is not an object becomes an empty one, so that positions stay the same. */
function resourceOf(value: unknown) {
  const { ARN, type, accountId } = members(value) ?? {}
  return { ARN: text(ARN), type: text(type), accountId: text(accountId) }
}

const text = (value: unknown): string | null =>
  typeof value === 'string' && value.length <= MAX_TEXT_CHARS ? value : null

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= MAX_NAME_CHARS

const members = (value: unknown): Members | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : null

function object<T>(value: unknown, read: (members: Members) => T): T | null {
  const present = members(value)
  return present === null ? null : read(present)
}
