/** The stored form of an occurrence. The table calls it a sighting, a name that must stay. */

import * as z from 'zod'
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
