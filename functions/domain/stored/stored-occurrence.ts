/** What has been seen of one fingerprint, as the table has it. Readers of version 1 know it as a sighting. */

import * as z from 'zod'
import type { Occurrence } from '../proposal/index.ts'
import { count, denial, instant, text, texts } from './shapes.ts'
import { denialForVersion1, upcastDenial } from './version-1.ts'
import { type Codec, codec, withMembers } from './versions.ts'

/** More event ids than an occurrence shows: late redeliveries are recognized by them. */
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
  ({ occurrence, recentEventIds }) => ({
    sighting: { ...occurrence, denial: denialForVersion1(occurrence.denial) },
    recentEventIds,
  }),
  [withMembers({ sighting: withMembers({ denial: upcastDenial }) })],
)
