/** CloudTrail records in, occurrences out: each denial is counted once, and queues its analysis at most once a minute. */

import { never } from '../domain/base/result.ts'
import { recordsIn, recordsOf } from '../domain/denial/cloudtrail/records.ts'
import type { ParsedDenial } from '../domain/denial/denial.ts'
import type { AwsExplanations } from '../ports/aws-explanations.ts'
import { readRecord } from '../workflows/denial/decode-record.ts'
import { type IngestDeps, type IngestedDenial, ingestDenial } from '../workflows/denial/ingest-denial.ts'

export type IntakeDeps = IngestDeps & {
  /** Decodes the older form of EC2's denials; without it they are counted only. */
  readonly explanations?: Pick<AwsExplanations, 'decode'>
}

export type Ingested = IngestedDenial | { readonly kind: 'not-ours' | 'unreadable'; readonly why: string }

/** Takes the body of a queue message, or the value parsed from it: an EventBridge event, or anything else that holds CloudTrail records. */
export function makeIntake(given: IntakeDeps): (message: unknown) => Promise<readonly Ingested[]> {
  const deps = { ...given, store: cachedCounters(given.store) }
  return async message => {
    const records = typeof message === 'string' ? recordsIn(message) : recordsOf(message)
    if (!records.ok) {
      // Another delivery would be just as unreadable: it is reported, and not retried.
      deps.observer.count('Unreadable')
      deps.observer.log('error', 'message_unreadable', { why: records.error })
      return [{ kind: 'unreadable', why: records.error }]
    }
    const ingested: Ingested[] = []
    for (const record of records.value) ingested.push(await ingestRecord(record, deps))
    return ingested
  }
}

async function ingestRecord(record: unknown, deps: IntakeDeps): Promise<Ingested> {
  const parsed = await decoded(record, deps)
  switch (parsed.kind) {
    case 'denial':
      return ingestDenial(parsed.denial, deps)
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
 * Only the first increment of a counter queues work, and counters never fall: a counter that this process has incremented
 * is not asked again. In a storm of repeats this halves the writes.
 */
function cachedCounters(store: IngestDeps['store']): IngestDeps['store'] {
  const incremented = new Set<string>()
  return {
    recordOccurrence: store.recordOccurrence,
    getMarker: store.getMarker,
    async increment(counter, expiresAtMs) {
      if (incremented.has(counter)) return 2
      const value = await store.increment(counter, expiresAtMs)
      if (incremented.size >= MAX_CACHED) incremented.clear()
      incremented.add(counter)
      return value
    },
  }
}
