/** What has been seen of one fingerprint, as the table has it: there it is a sighting, a word that is kept for what is stored. */

import * as z from 'zod'
import type { Occurrence } from '../proposal/index.ts'
import { count, denial, instant, text, texts } from './shapes.ts'
import { type Codec, codec } from './versions.ts'

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
  ({ occurrence, recentEventIds }) => ({ sighting: occurrence, recentEventIds }),
)
