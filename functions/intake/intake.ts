/** Turns CloudTrail records into occurrences: counts each denial once and queues its analysis at most once a minute. */

import { never } from '../../core/base/index.ts'
import { type ParsedDenial, parseRecord, recordsIn, recordsOf } from '../../core/denial/index.ts'
import { canaryIn, HEARTBEAT_SOURCE, readHeartbeat } from '../domain/members/index.ts'
import type { AwsExplanations } from '../ports/aws-explanations.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import { readRecord } from '../workflows/denial/decode-record.ts'
import { type IngestDeps, type IngestedDenial, ingestDenial } from '../workflows/denial/ingest-denial.ts'
import { recordCanary, recordHeartbeat } from './record-heartbeat.ts'

export type IntakeDeps = IngestDeps & {
  readonly store: Pick<ProposalStore, 'putMarker'>
  /** Decodes the older form of EC2's denials. Absent: these are only counted. */
  readonly explanations?: Pick<AwsExplanations, 'decode'>
}

export type Ingested =
  | IngestedDenial
  | { readonly kind: 'not-ours' | 'unreadable'; readonly why: string }
  | { readonly kind: 'heartbeat' | 'canary' }

/** Accepts the body of a queue message or the parsed value: an EventBridge event, or anything else that contains CloudTrail records. */
export function makeIntake(given: IntakeDeps): (message: unknown) => Promise<readonly Ingested[]> {
  const deps = { ...given, store: cachedCounters(given.store) }
  return async message => {
    const event = typeof message === 'string' ? parsedOrNull(message) : message
    if (sourceOf(event) === HEARTBEAT_SOURCE) return ingestHeartbeat(event, deps)
    const records = typeof message === 'string' ? recordsIn(message) : recordsOf(message)
    if (!records.ok) return unreadable(records.error, deps)
    const ingested: Ingested[] = []
    for (const record of records.value) ingested.push(await ingestRecord(record, deps))
    return ingested
  }
}

const sourceOf = (event: unknown): unknown =>
  typeof event === 'object' && event !== null && 'source' in event ? event.source : null

/** It is never searched for denials: anybody in the account could have put one into its detail. */
async function ingestHeartbeat(event: unknown, deps: IntakeDeps): Promise<readonly Ingested[]> {
  const heartbeat = readHeartbeat(event)
  if (heartbeat === null) return unreadable('it has the source of a heartbeat, and is none', deps)
  await recordHeartbeat(heartbeat, deps)
  return [{ kind: 'heartbeat' }]
}

/** Another delivery would be just as unreadable: it is reported, and not retried. */
function unreadable(why: string, { observer }: Pick<IntakeDeps, 'observer'>): readonly Ingested[] {
  observer.count('Unreadable')
  observer.log('error', 'message_unreadable', { why })
  return [{ kind: 'unreadable', why }]
}

/** Text that is not one JSON value may be JSON Lines with records. */
function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

async function ingestRecord(record: unknown, deps: IntakeDeps): Promise<Ingested> {
  const seen = parseRecord(record)
  const parsed = seen.kind === 'not-ours' && seen.unclear === true ? await decoded(record, deps) : seen
  switch (parsed.kind) {
    case 'denial': {
      const reader = deps.readerRole?.name.split('/').at(-1)
      const canary = reader === undefined ? null : canaryIn(parsed.denial, reader)
      if (canary === null) return ingestDenial(parsed.denial, deps)
      await recordCanary(canary, deps)
      return { kind: 'canary' }
    }
    case 'not-ours':
      deps.observer.count('NotOurs')
      deps.observer.log('info', 'record_not_ours', { why: parsed.why })
      return parsed
    case 'unreadable':
      deps.observer.count('Unreadable')
      deps.observer.log('warn', 'record_unreadable', { why: parsed.why })
      return parsed
    default:
      return never(parsed)
  }
}

async function decoded(record: unknown, { explanations, observer }: IntakeDeps): Promise<ParsedDenial> {
  const { parsed, unread } = await readRecord(record, explanations ?? null)
  if (unread !== null) {
    observer.count('EncodedMessagesUnread')
    observer.log('warn', 'encoded_message_not_decoded', { why: unread })
  }
  return parsed
}

const MAX_CACHED = 1_000

/**
 * Only the first increment of a counter queues work, and counters never decrease. So a counter that this process has
 * incremented needs no further write, which halves the writes in a storm of repeats.
 */
function cachedCounters(store: IntakeDeps['store']): IntakeDeps['store'] {
  const incremented = new Set<string>()
  return {
    recordOccurrence: store.recordOccurrence,
    getMarker: store.getMarker,
    putMarker: store.putMarker,
    async increment(counter, expiresAtMs) {
      if (incremented.has(counter)) return 2
      const value = await store.increment(counter, expiresAtMs)
      if (incremented.size >= MAX_CACHED) incremented.clear()
      incremented.add(counter)
      return value
    },
  }
}
