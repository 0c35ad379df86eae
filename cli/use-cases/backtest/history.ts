/** The content of a CloudTrail history for rolemedic: its denials grouped by fingerprint, and its calls that used a role. */

import { parseTime } from '../../../core/base/index.ts'
import {
  allowedCall,
  callerKeyOf,
  DENIAL_ERROR_CODES,
  type Denial,
  encodedOnlyIn,
  fingerprintOf,
  parseRecord,
  readCloudTrailRecord,
  recordsOf,
  requestKeyOf,
} from '../../../core/denial/index.ts'
import { type RecordHead, type Trail, trailCollector } from '../../../core/timeline/index.ts'
import { eventIds } from './event-ids.ts'
import type { Unit } from './record-splitter.ts'

/** The repeats of one denial, which share a fingerprint. */
export type Repeats = {
  /** The earliest denial. */
  denial: Denial
  readonly fingerprint: string
  /** Caller, action and role. */
  readonly request: string
  count: number
}

export type History = {
  /** Each event id counts once. */
  readonly records: number
  readonly redelivered: number
  /** Records that CloudTrail sent to correct one that was counted. */
  readonly corrections: number
  /** ISO 8601. Null: there is no record. */
  readonly from: string | null
  readonly to: string | null
  readonly denials: number
  readonly repeats: readonly Repeats[]
  /** Each denial in chronological order. Null: beyond `MAX_DIFFERENT`. */
  occurrences(): Iterable<{ readonly timeMs: number; readonly of: Repeats | null }>
  /** The first success of this call after a time. Null: none is in the history. */
  successAfter(denial: Denial, timeMs: number): number | null
  /** Writes that AWS accepted, by time. */
  readonly writes: Trail['writes']
  readonly trail: Trail
  /** Insights, digests and test messages of deliveries, which are not calls. */
  readonly steppedOver: number
  /** Objects that name a call but lack its time or caller. */
  readonly incomplete: number
  /** EC2 denials whose action is only in an encoded message. */
  readonly encoded: number
  /** Records of interest that do not parse. */
  readonly broken: number
  /** Denials beyond `MAX_DIFFERENT`: counted, not analyzed. */
  readonly dropped: number
}

/** A recorded call with AWS's answer. */
export type AnsweredCall = { readonly call: Denial; readonly aws: 'allowed' | 'denied' }

/** The limit of different denials, because each is analyzed and stored. More indicate an attack or another fault. */
export const MAX_DIFFERENT = 20_000

export type HistoryCollector = {
  add(unit: Unit): void
  /** The calls since the last time. */
  takeQuestions(): readonly AnsweredCall[]
  history(): History
}

type Parsed = { readonly record: unknown; readonly isFailed: boolean }

export function historyCollector({ withCalls }: { readonly withCalls: boolean }): HistoryCollector {
  const everyId = eventIds()
  const idsThatMatter = eventIds()
  const deniedIds = eventIds()
  const repeats = new Map<string, Repeats>()
  const list: Repeats[] = []
  const times = growing()
  const indexes = growing()
  const indexOf = new Map<Repeats, number>()
  const around = trailCollector([])
  const successes = successTimes()
  let questions: AnsweredCall[] = []
  let [records, redelivered, corrections, steppedOver, encoded, broken, dropped, incomplete] = [0, 0, 0, 0, 0, 0, 0, 0]
  let from: string | null = null
  let to: string | null = null

  /** A call counts once, by the record of it that comes first. */
  function isCounted({ id, time }: RecordHead, corrects: string | null): boolean {
    const isNew = id === null || everyId.add(id)
    const isFirst = corrects === null || everyId.add(corrects)
    if (!isNew || !isFirst) {
      if (isNew) corrections += 1
      else redelivered += 1
      return false
    }
    records += 1
    if (time === null || (from !== null && to !== null && PLAIN_TIME.test(time) && time >= from && time <= to))
      return true
    const at = utc(time)
    if (at !== null) {
      if (from === null || at < from) from = at
      if (to === null || at > to) to = at
    }
    return true
  }

  function read({ record, isFailed }: Parsed, id: string | null): void {
    if (id !== null && !idsThatMatter.add(id)) return
    if (!isFailed) {
      around.add(record)
      const call = allowedCall(record)
      if (call === null) return
      successes.add(call)
      if (withCalls && !isSeenFromRole(record)) questions.push({ call, aws: 'allowed' })
      return
    }
    const parsed = parseRecord(record)
    switch (parsed.kind) {
      case 'denial':
        // Without an id, only an exact copy is recognized as a copy.
        if (id === null && !idsThatMatter.add(parsed.denial.id)) redelivered += 1
        else addDenial(parsed.denial)
        break
      case 'unreadable':
        broken += 1
        break
      case 'not-ours':
        if (encodedOnlyIn(record) !== null) encoded += 1
    }
  }

  function addDenial(denial: Denial): void {
    const fingerprint = fingerprintOf(denial)
    const known = repeats.get(fingerprint)
    if (withCalls) questions.push({ call: denial, aws: 'denied' })
    times.push(timeOf(denial))
    if (known === undefined && list.length >= MAX_DIFFERENT) {
      dropped += 1
      indexes.push(NOT_KEPT)
      return
    }
    const of = known ?? { denial, fingerprint, request: requestKeyOf(denial), count: 0 }
    if (known === undefined) {
      repeats.set(fingerprint, of)
      indexOf.set(of, list.length)
      list.push(of)
    } else if (timeOf(denial) < timeOf(of.denial)) of.denial = denial
    of.count += 1
    indexes.push(indexOf.get(of) ?? NOT_KEPT)
  }

  function addParsed(record: unknown): void {
    const member = (name: string): string | null => {
      const value = typeof record === 'object' && record !== null ? (record as Json)[name] : null
      return typeof value === 'string' ? value : null
    }
    if (typeof record === 'object' && record !== null && 'insightDetails' in record) {
      steppedOver += 1
      return
    }
    if (member('eventTime') === null || !hasCaller(record)) {
      incomplete += 1
      return
    }
    const code = member('errorCode')
    const head = {
      ...{ id: member('eventID') || null, time: member('eventTime'), source: member('eventSource') ?? '' },
      // What a search or a rule left out is not seen, so that these events cover no Region.
      ...{ name: member('eventName') ?? '', region: null, accountId: member('recipientAccountId') },
      ...{ failed: code !== null, isAddendum: typeof record === 'object' && record !== null && 'addendum' in record },
    }
    take(head, code, () => record)
  }

  function take(head: RecordHead, code: string | null, parsed: () => unknown): void {
    const corrects = head.isAddendum ? (readCloudTrailRecord(parsed())?.corrects ?? null) : null
    const isFirst = isCounted(head, corrects)
    if (!isFirst && corrects === null) return
    const isWanted = around.see(head)
    const isDenied = DENIAL_ERROR_CODES.some(one => one === code)
    if (isDenied) {
      const ids = [head.id, corrects].flatMap(id => id ?? [])
      if (ids.map(id => deniedIds.add(id)).includes(false)) return
    } else if (!isFirst) {
      // Of a write, the corrected record is the one that holds.
      if (isWanted) around.add(parsed())
      return
    }
    if (head.failed ? !isDenied : !isWanted) return
    const record = parsed()
    if (record === undefined) broken += 1
    else read({ record, isFailed: head.failed }, head.id)
  }

  return {
    add(unit) {
      const eventName = unit.field('eventName')
      const eventSource = unit.field('eventSource')
      if (eventName === null || eventSource === null) {
        const value = parsedText(unit)
        if (isNoLog(value)) steppedOver += 1
        else for (const record of wrapped(value)) addParsed(record)
        return
      }
      if (unit.has('insightDetails')) {
        steppedOver += 1
        return
      }
      if (unit.field('eventTime') === null || !unit.has('userIdentity')) {
        if (parsedText(unit) === undefined) broken += 1
        else incomplete += 1
        return
      }
      const code = unit.field('errorCode')
      const head = {
        ...{ id: unit.field('eventID') || null, time: unit.field('eventTime'), source: eventSource, name: eventName },
        ...{ region: unit.field('awsRegion'), accountId: unit.field('recipientAccountId') },
        ...{ failed: code !== null, isAddendum: unit.has('addendum') },
      }
      take(head, code, () => parsedText(unit))
    },
    takeQuestions() {
      const taken = questions
      questions = []
      return taken
    },
    history: () => ({
      ...{
        records,
        redelivered,
        corrections,
        from,
        to,
        denials: times.length(),
        repeats: list,
        steppedOver,
        encoded,
        broken,
        dropped,
        incomplete,
      },
      successAfter: successes.after,
      get trail() {
        return around.trail()
      },
      get writes() {
        return around.trail().writes
      },
      occurrences: () => inOrder(times.values(), indexes.values(), list, from === null ? 0 : Date.parse(from)),
    }),
  }
}

const NOT_KEPT = -1

type Json = { readonly [member: string]: unknown }

/**
 * The role's account records a call from another account too, and names the caller by its id alone.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
 */
const isSeenFromRole = (record: unknown): boolean => readCloudTrailRecord(record)?.userIdentity?.type === 'AWSAccount'

/** Times of successful calls, by caller, action, role and operation. */
function successTimes() {
  const times = new Map<string, number[]>()
  let count = 0
  let isSorted = true
  return {
    add(call: Denial): void {
      for (const role of new Set([call.resource, ...call.passes.map(({ arn }) => arn)])) {
        if (role === null || call.timeMs === null || count >= MAX_SUCCESSES) continue
        const key = callKey(call, role)
        const known = times.get(key)
        if (known === undefined) times.set(key, [call.timeMs])
        else known.push(call.timeMs)
        count += 1
        isSorted = false
      }
    },
    after(denial: Denial, timeMs: number): number | null {
      if (!isSorted) for (const list of times.values()) list.sort((a, b) => a - b)
      isSorted = true
      const role = denial.resource ?? denial.passes[0]?.arn ?? null
      const list = role === null || callerKeyOf(denial) === null ? undefined : times.get(callKey(denial, role))
      if (list === undefined) return null
      let [low, high] = [0, list.length]
      while (low < high) {
        const middle = (low + high) >> 1
        if ((list[middle] ?? 0) > timeMs) high = middle
        else low = middle + 1
      }
      return list[low] ?? null
    },
  }
}

/** Eight bytes each. Beyond, a denial counts as not solved. */
const MAX_SUCCESSES = 2_000_000

const callKey = (call: Denial, role: string): string =>
  `${callerKeyOf(call)} ${call.action} ${role} ${call.passes.length === 0 ? '' : `${call.call.eventSource} ${call.call.eventName}`}`

/** A record without a readable time sorts first. */
const timeOf = ({ timeMs }: Denial): number => (timeMs !== null && isTime(timeMs) ? timeMs : Number.NEGATIVE_INFINITY)

function parsedText({ text }: Unit): unknown {
  try {
    return JSON.parse(text.toString())
  } catch {
    return undefined
  }
}

const hasCaller = (record: unknown): boolean =>
  typeof record === 'object' &&
  record !== null &&
  'userIdentity' in record &&
  typeof record.userIdentity === 'object' &&
  record.userIdentity !== null

/**
 * True for a digest, and for CloudWatch Logs' test message to a destination.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
 */
function isNoLog(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if ('digestStartTime' in value) return true
  return 'message' in value && String(value.message).startsWith('CWL CONTROL MESSAGE: ')
}

/** The records in an EventBridge event, an event of lookup-events, or a queue message. Other JSON contains none. */
function wrapped(value: unknown): readonly unknown[] {
  const found = value === undefined ? null : recordsOf(value)
  return found?.ok ? found.value : []
}

/** The time in UTC with a fixed length, so that texts sort chronologically. Null: not a time. */
function utc(time: string): string | null {
  const ms = parseTime(time)
  return ms !== null && isTime(ms) ? `${new Date(ms).toISOString().slice(0, 19)}Z` : null
}

const PLAIN_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/

/** 9999-12-31, because later years have more digits. Nothing was recorded before 1970. */
const MAX_YEAR_MS = 253_402_214_400_000
const isTime = (ms: number): boolean => ms >= 0 && ms <= MAX_YEAR_MS

function* inOrder(times: Float64Array, indexes: Float64Array, list: readonly Repeats[], fromMs: number) {
  const timeAt = (index: number): number => Math.max(times[index] ?? fromMs, fromMs)
  const order = Uint32Array.from(times, (_, at) => at).sort((a, b) => timeAt(a) - timeAt(b) || a - b)
  for (const at of order) {
    yield { timeMs: timeAt(at), of: list[indexes[at] ?? NOT_KEPT] ?? null }
  }
}

/** A growing array of numbers, at eight bytes each. */
function growing() {
  let values = new Float64Array(1024)
  let used = 0
  return {
    push(value: number) {
      if (used === values.length) {
        const before = values
        values = new Float64Array(used * 2)
        values.set(before)
      }
      values[used] = value
      used += 1
    },
    length: () => used,
    values: () => values.subarray(0, used),
  }
}
