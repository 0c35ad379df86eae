import { TWIN_MS } from '../../domain/deploy/deploy-round.ts'
/**
 * A denial that was read from the words of a failed deploy, remembered so that its CloudTrail twin, which comes minutes
 * later or never, is known as the same one.
 */

import * as z from 'zod'
import type { Denial } from '../../domain/denial/denial.ts'
import { fingerprintOf, requestKeyOf } from '../../domain/denial/fingerprint.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'

export type Harvested = { readonly fingerprint: string; readonly id: string; readonly timeMs: number }

const MAX_ATTEMPTS = 5

const harvested = z.object({ fingerprint: z.string(), id: z.string(), timeMs: z.number() })

/** Told under another name earlier: null when it was not. */
export async function harvestedTwin(
  denial: Denial,
  { getNote }: Pick<ProposalStore, 'getNote'>,
): Promise<Harvested | null> {
  if (denial.source !== 'cloudtrail' || denial.timeMs === null) return null
  const note = harvested.safeParse((await getNote(noteKey(denial)))?.value)
  return note.success && Math.abs(note.data.timeMs - denial.timeMs) <= TWIN_MS ? note.data : null
}

export async function rememberHarvested(
  denial: Denial,
  store: Pick<ProposalStore, 'getNote' | 'putNote'>,
): Promise<void> {
  const value: Harvested = { fingerprint: fingerprintOf(denial), id: denial.id, timeMs: denial.timeMs ?? 0 }
  for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
    const note = await store.getNote(noteKey(denial))
    if (await store.putNote(noteKey(denial), note?.version ?? 0, value)) return
  }
}

const noteKey = (denial: Denial): string => `harvested/${requestKeyOf(denial)}`
