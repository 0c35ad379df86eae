/** What a trail holds for some denials: the writes that may have changed an answer, the calls that succeeded, and what it covers. */

import { hash } from 'node:crypto'
import { canonicalJson, parseTime } from '../base/index.ts'
import {
  allowedCall,
  type CloudTrailRecord,
  callerKeyOf,
  type Denial,
  type IssuedKey,
  type IssuedKeys,
  issuedKeyIn,
  issuesKeys,
  LONGEST_SESSION_MS,
  readCloudTrailRecord,
  usesRole,
} from '../denial/index.ts'

type Members = { readonly [name: string]: unknown }

/** A write that AWS accepted. */
export type TrailWrite = {
  readonly id: string
  readonly atMs: number
  readonly accountId: string
  /** Such as `iam.amazonaws.com`. */
  readonly source: string
  readonly eventName: string
  /** The ARN as AWS recorded it, or the name of a service. Hostile text: escape it where it is shown. */
  readonly by: string | null
  /** Null: CloudTrail omitted them. */
  readonly parameters: Members | null
  readonly response: Members | null
  readonly record: CloudTrailRecord
}

/** Where and when records were seen. */
export type Coverage = {
  readonly fromMs: number
  readonly toMs: number
  /** By account and Region. */
  readonly regionsOf: ReadonlyMap<string, ReadonlyMap<string, CoveredSpan>>
}

/** From the first record to the last one. */
export type CoveredSpan = { readonly fromMs: number; readonly toMs: number }

export type Trail = {
  /** Null: it holds no record. */
  readonly covers: Coverage | null
  /** By time. */
  readonly writes: readonly TrailWrite[]
  /** Successful calls of the callers, actions and roles of the denials, by time. */
  readonly calls: readonly Denial[]
  /** Keys that were issued before the denials, and may be those of their callers. */
  readonly issued: IssuedKeys
  /** Why writes may be missing. Null: none are known to be. */
  readonly gap: string | null
}

/** A record before it is parsed: members that show whether it matters. */
export type RecordHead = {
  readonly id: string | null
  readonly time: string | null
  readonly source: string
  readonly name: string
  readonly region: string | null
  readonly accountId: string | null
  readonly failed: boolean
  /** It may take the place of an earlier record. */
  readonly isAddendum: boolean
}

export type TrailCollector = {
  /** Counts the record for the coverage. True: `add` needs its whole content. */
  see(head: RecordHead): boolean
  /** A record for which `see` returned true, parsed. */
  add(record: unknown): void
  /** Both, for records that are parsed already. */
  take(record: unknown): void
  trail(): Trail
}

const SOURCES: readonly string[] = ['iam.amazonaws.com', 'organizations.amazonaws.com', 'cloudtrail.amazonaws.com']
const READS = /^(?:Get|List|Describe|Simulate|Generate|Lookup)/
/** Of CloudTrail itself, only what may end the recording of writes. */
const ENDS_RECORDING: readonly string[] = ['StopLogging', 'DeleteTrail', 'PutEventSelectors', 'UpdateTrail']

/** Far more than an account allows in the 90 days of the event history. Beyond, nothing is proved. */
const MAX_WRITES = 200_000
const MAX_CALLS = 20_000
const MAX_ISSUED = 100_000

export function trailCollector(denials: readonly Denial[]): TrailCollector {
  const seen = new Set<string>()
  const writes: TrailWrite[] = []
  const calls: Denial[] = []
  const issued = new Map<string, IssuedKey[]>()
  const times = denials.flatMap(({ timeMs }) => timeMs ?? [])
  const issuedFromMs = Math.min(...times) - 2 * LONGEST_SESSION_MS
  const issuedToMs = Math.max(...times)
  /** Ids of records that CloudTrail corrected, with the id of the record that says so. */
  const corrected = new Map<string, string>()
  let isTooMany = false
  const all = openSpan()
  const regionsOf = new Map<string, Map<string, OpenSpan>>()
  const roleCalls = new Map<string, boolean>()
  const wanted = new Set(denials.map(keyOfAny))
  let gap: string | null = null

  function isRoleCall(eventSource: string, eventName: string): boolean {
    const key = `${eventSource} ${eventName}`
    const present = roleCalls.get(key)
    if (present !== undefined) return present
    const answer = usesRole({ eventSource, eventName })
    if (roleCalls.size < MAX_NAMES) roleCalls.set(key, answer)
    return answer
  }

  function cover({ time, region, accountId }: RecordHead): void {
    if (time === null) return
    const isPlain = PLAIN_TIME.test(time)
    widen(all, time, isPlain)
    if (accountId === null || region === null) return
    let regions = regionsOf.get(accountId)
    if (regions === undefined) {
      if (regionsOf.size >= MAX_ACCOUNTS) return
      regions = new Map()
      regionsOf.set(accountId, regions)
    }
    let span = regions.get(region)
    if (span === undefined) {
      if (regions.size >= MAX_REGIONS) return
      span = openSpan()
      regions.set(region, span)
    }
    widen(span, time, isPlain)
  }

  function issue(one: IssuedKey | null): void {
    if (one === null || one.atMs < issuedFromMs || one.atMs > issuedToMs || isTooMany) return
    const all = issued.get(one.key) ?? []
    if (all.some(({ id }) => id === one.id)) return
    issued.set(one.key, [...all, one])
    if (issued.size <= MAX_ISSUED) return
    // One that is left out could contradict another.
    isTooMany = true
    issued.clear()
  }

  function correct({ eventID, corrects }: CloudTrailRecord): void {
    if (eventID === null || corrects === null) return
    if ((corrected.get(corrects) ?? eventID) !== eventID) gap ??= 'CloudTrail corrected a record of the trail twice'
    if (corrected.size >= MAX_WRITES) gap ??= `the trail holds more than ${MAX_WRITES} corrections`
    else corrected.set(corrects, eventID)
  }

  function add(value: unknown): void {
    const record = readCloudTrailRecord(value)
    if (record === null) gap ??= 'a record of the trail cannot be read'
    if (record !== null) correct(record)
    if (record === null || record.errorCode !== null) return
    const id = record.eventID ?? hash('sha256', canonicalJson(value))
    if (seen.has(id)) return
    if (isWrite(record.eventSource, record.eventName)) {
      if (goesOnRecording(record)) return
      const atMs = parseTime(record.eventTime)
      const accountId = record.recipientAccountId ?? record.userIdentity?.accountId ?? null
      if (atMs === null || accountId === null) {
        gap ??= `the record of a write (${record.eventName}) has no time or no account`
        return
      }
      if (writes.length >= MAX_WRITES) {
        gap = `the trail holds more than ${MAX_WRITES} writes`
        return
      }
      seen.add(id)
      writes.push({
        ...{ id, atMs, accountId, source: record.eventSource, eventName: record.eventName },
        by: record.userIdentity?.arn ?? record.userIdentity?.invokedBy ?? null,
        parameters: omittedIn(record.requestParameters) ? null : record.requestParameters,
        response: responseOf(value),
        record,
      })
      return
    }
    if (issuesKeys(record.eventSource, record.eventName)) issue(issuedKeyIn(value))
    const call = allowedCall(value)
    if (call === null || !rolesOf(call).some(role => wanted.has(keyOf(call, role)))) return
    seen.add(id)
    if (calls.length < MAX_CALLS) calls.push(call)
  }

  function see(head: RecordHead): boolean {
    cover(head)
    if (head.failed && !head.isAddendum) return false
    return isWrite(head.source, head.name) || isRoleCall(head.source, head.name) || issuesKeys(head.source, head.name)
  }

  return {
    see,
    add,
    take(value) {
      const head = headOf(value)
      if (head !== null && see(head)) add(value)
    },
    trail() {
      const isLast = ({ id }: { readonly id: string }): boolean => !corrected.has(id)
      return {
        covers: all.fromMs > all.toMs ? null : { fromMs: all.fromMs, toMs: all.toMs, regionsOf },
        writes: writes.filter(isLast).sort((a, b) => a.atMs - b.atMs),
        calls: calls.filter(isLast).sort((a, b) => (a.timeMs ?? 0) - (b.timeMs ?? 0)),
        issued: corrected.size === 0 ? issued : new Map([...issued].map(([key, all]) => [key, all.filter(isLast)])),
        gap,
      }
    },
  }
}

/** The trail in records that are parsed already, such as those of the event history. */
export function trailOf(records: Iterable<unknown>, denials: readonly Denial[]): Trail {
  const collector = trailCollector(denials)
  for (const record of records) collector.take(record)
  return collector.trail()
}

/** One trail of several readings, such as of two Regions. */
export function joinedTrails(trails: readonly Trail[]): Trail {
  const covered = trails.flatMap(({ covers }) => covers ?? [])
  const regionsOf = new Map<string, Map<string, CoveredSpan>>()
  for (const one of covered)
    for (const [account, regions] of one.regionsOf) {
      const joined = regionsOf.get(account) ?? new Map<string, CoveredSpan>()
      for (const [region, span] of regions) joined.set(region, joinedSpan(joined.get(region) ?? span, span))
      regionsOf.set(account, joined)
    }
  const once = <T extends { readonly id: string }>(all: readonly T[], corrects: (one: T) => string | null) => {
    const corrected = new Set(all.map(corrects))
    return [...new Map(all.map(one => [one.id, one])).values()].filter(({ id }) => !corrected.has(id))
  }
  return {
    covers:
      covered.length === 0
        ? null
        : {
            ...covered.map(({ fromMs, toMs }) => ({ fromMs, toMs })).reduce(joinedSpan),
            regionsOf,
          },
    writes: once(
      trails.flatMap(({ writes }) => writes),
      ({ record }) => record.corrects,
    ).sort((a, b) => a.atMs - b.atMs),
    calls: once(
      trails.flatMap(({ calls }) => calls),
      ({ corrects }) => corrects ?? null,
    ).sort((a, b) => (a.timeMs ?? 0) - (b.timeMs ?? 0)),
    issued: joinedKeys(trails),
    gap: trails.find(trail => trail.gap !== null)?.gap ?? null,
  }
}

function joinedKeys(trails: readonly Trail[]): IssuedKeys {
  const joined = new Map<string, readonly IssuedKey[]>()
  for (const { issued } of trails)
    for (const [key, all] of issued) joined.set(key, [...(joined.get(key) ?? []), ...all])
  return joined
}

const joinedSpan = (a: CoveredSpan, b: CoveredSpan): CoveredSpan => ({
  fromMs: Math.min(a.fromMs, b.fromMs),
  toMs: Math.max(a.toMs, b.toMs),
})

/** Plain times compare as text, so that most records need not be parsed. */
type OpenSpan = { fromMs: number; toMs: number; fromText: string; toText: string }

const openSpan = (): OpenSpan => ({
  ...{ fromMs: Number.POSITIVE_INFINITY, toMs: Number.NEGATIVE_INFINITY },
  ...{ fromText: '', toText: '' },
})

function widen(span: OpenSpan, time: string, isPlain: boolean): void {
  if (isPlain && span.fromText !== '' && time >= span.fromText && time <= span.toText) return
  const ms = parseTime(time)
  if (ms === null) return
  if (ms < span.fromMs) [span.fromMs, span.fromText] = [ms, isPlain ? time : span.fromText]
  if (ms > span.toMs) [span.toMs, span.toText] = [ms, isPlain ? time : span.toText]
}

const MAX_NAMES = 20_000
const MAX_ACCOUNTS = 10_000
const MAX_REGIONS = 100
const PLAIN_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/

const isWrite = (source: string, name: string): boolean =>
  SOURCES.includes(source) &&
  (source === 'cloudtrail.amazonaws.com' ? ENDS_RECORDING.includes(name) : !READS.test(name))

/**
 * A change of a trail that leaves IAM's writes in it.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateTrail.html
 */
function goesOnRecording({ eventSource, eventName, requestParameters }: CloudTrailRecord): boolean {
  if (eventSource !== 'cloudtrail.amazonaws.com' || requestParameters === null) return false
  if (eventName === 'UpdateTrail')
    return (
      requestParameters['includeGlobalServiceEvents'] !== false &&
      requestParameters['isMultiRegionTrail'] !== false &&
      requestParameters['isOrganizationTrail'] !== false
    )
  const { eventSelectors, advancedEventSelectors } = requestParameters
  const some = (given: unknown, is: (selector: Members) => boolean): boolean =>
    Array.isArray(given) && given.some(one => is(jsonMembers(one) ?? {}))
  return (
    eventName === 'PutEventSelectors' &&
    (some(eventSelectors, one => one['includeManagementEvents'] !== false && one['readWriteType'] !== 'ReadOnly') ||
      some(advancedEventSelectors, one => isEveryWrite(one['fieldSelectors'])))
  )
}

/** Management events, without a condition or all that are no reads. */
const isEveryWrite = (fields: unknown): boolean =>
  Array.isArray(fields) &&
  fields.some(one => canonicalJson(one) === canonicalJson({ field: 'eventCategory', equals: ['Management'] })) &&
  fields.every(
    one =>
      ['eventCategory', 'readOnly'].includes(String(jsonMembers(one)?.['field'])) &&
      (jsonMembers(one)?.['field'] !== 'readOnly' ||
        canonicalJson(one) === canonicalJson({ field: 'readOnly', equals: ['false'] })),
  )

/** A record may name the caller by its id alone, so that any of both identifies a call. */
const keyOfAny = (denial: Denial): string => keyOf(denial, denial.resource ?? denial.passes[0]?.arn ?? '')

const keyOf = (call: Denial, role: string): string => `${callerKeyOf(call)} ${call.action} ${role}`

export const rolesOf = ({ resource, passes }: Denial): readonly string[] => [
  ...new Set([...(resource === null ? [] : [resource]), ...passes.map(({ arn }) => arn)]),
]

function headOf(value: unknown): RecordHead | null {
  const record = jsonMembers(value)
  const [source, name] = [record?.['eventSource'], record?.['eventName']]
  if (record === null || typeof source !== 'string' || typeof name !== 'string') return null
  const text = (member: string) => {
    const found = record[member]
    return typeof found === 'string' ? found : null
  }
  return {
    ...{ id: text('eventID'), time: text('eventTime'), source, name, region: text('awsRegion') },
    accountId: text('recipientAccountId') ?? accountOf(record['userIdentity']),
    failed: text('errorCode') !== null,
    isAddendum: jsonMembers(record['addendum']) !== null,
  }
}

function accountOf(identity: unknown): string | null {
  const account = jsonMembers(identity)?.['accountId']
  return typeof account === 'string' ? account : null
}

const responseOf = (value: unknown): Members | null => {
  const response = jsonMembers(jsonMembers(value)?.['responseElements'])
  return omittedIn(response) ? null : response
}

/** CloudTrail replaces what is too large by a mark. */
const omittedIn = (members: Members | null): boolean => members?.['omitted'] === true || members?.['omitted'] === 'true'

export const jsonMembers = (value: unknown): Members | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : null
