/** The stored form of an occurrence. The table calls it a sighting, a name that must stay. */

import * as z from 'zod'
import type { Denial } from '../../../core/denial/index.ts'
import type { Occurrence } from '../proposal/index.ts'
import { count, denial, instant, text, texts } from './shapes.ts'
import { type Codec, codec } from './versions.ts'

/** Has more event ids than the occurrence shows, to recognize late redeliveries. */
export type StoredOccurrence = { readonly occurrence: Occurrence; readonly recentEventIds: readonly string[] }

const stored = z.pipe(
  z.object({
    sighting: z.object({
      fingerprint: text,
      denial,
      count,
      firstSeenMs: instant,
      lastSeenMs: instant,
      eventIds: texts,
      proposalId: text.nullable(),
    }),
    recentEventIds: texts,
  }),
  z.transform(({ sighting, recentEventIds }) => ({ occurrence: sighting, recentEventIds })),
)

export const OCCURRENCE: Codec<StoredOccurrence> = codec<StoredOccurrence>(
  stored,
  ({ occurrence, recentEventIds }) => ({ sighting: occurrence, recentEventIds }),
)

const RECENT_EVENT_IDS = 200
const SHOWN_EVENT_IDS = 10

export function firstOccurrence(denial: Denial, fingerprint: string, nowMs: number): StoredOccurrence {
  const eventIds = [denial.id]
  const occurrence = {
    fingerprint,
    denial,
    count: 1,
    firstSeenMs: nowMs,
    lastSeenMs: nowMs,
    eventIds,
    proposalId: null,
  }
  return { occurrence, recentEventIds: idsOf(denial) }
}

/** The record that CloudTrail corrected may come after its correction, or again: it is the same denial. */
const idsOf = ({ id, corrects }: Denial): readonly string[] => (corrects === undefined ? [id] : [corrects, id])

/**
 * The occurrence with one more denial. The newest denial represents all of them, because its age decides whether a patch may
 * still be offered.
 */
export function repeatedOccurrence(stored: StoredOccurrence, denial: Denial, nowMs: number): StoredOccurrence {
  const { occurrence } = stored
  const newer = (denial.timeMs ?? nowMs) >= (occurrence.denial.timeMs ?? 0)
  return {
    occurrence: {
      ...occurrence,
      denial: newer ? denial : occurrence.denial,
      count: occurrence.count + 1,
      firstSeenMs: Math.min(occurrence.firstSeenMs, nowMs),
      lastSeenMs: Math.max(occurrence.lastSeenMs, nowMs),
      eventIds: [...occurrence.eventIds, denial.id].slice(-SHOWN_EVENT_IDS),
    },
    recentEventIds: [...stored.recentEventIds, ...idsOf(denial)].slice(-RECENT_EVENT_IDS),
  }
}

/** The occurrence when a second source, or a corrected record, reports the same denial with more facts. Does not count it again. */
export function twinOccurrence(stored: StoredOccurrence, denial: Denial, twinOf: string): StoredOccurrence {
  const { occurrence, recentEventIds } = stored
  const renamed = (ids: readonly string[]) => ids.map(id => (id === twinOf ? denial.id : id))
  const known = occurrence.denial.id === twinOf ? denial : occurrence.denial
  return {
    occurrence: { ...occurrence, denial: known, eventIds: renamed(occurrence.eventIds) },
    recentEventIds:
      denial.corrects === undefined ? renamed(recentEventIds) : [...recentEventIds, denial.id].slice(-RECENT_EVENT_IDS),
  }
}
