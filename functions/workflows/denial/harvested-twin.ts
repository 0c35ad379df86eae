/**
 * A denial from the text of a failed deploy has a marker, so that its CloudTrail twin, which comes minutes later or never,
 * is recognized as the same denial.
 */

import { type Denial, fingerprintOf, requestKeyOf } from '../../../core/denial/index.ts'
import { TWIN_MS } from '../../domain/deploy/index.ts'
import { type HarvestedDenial, harvestedDenial } from '../../domain/stored/index.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import { readableOrNull } from '../deploy/deploy-store.ts'
import { updateMarker } from '../optimistic-update.ts'

/** The denial as a deploy reported it; null: none did. */
export async function harvestedTwin(
  denial: Denial,
  store: Pick<ProposalStore, 'getMarker'>,
): Promise<HarvestedDenial | null> {
  if (denial.source !== 'cloudtrail' || denial.timeMs === null) return null
  const twin = (await readableOrNull(store.getMarker(markerOf(denial))))?.value ?? null
  return twin !== null && Math.abs(twin.timeMs - denial.timeMs) <= TWIN_MS ? twin : null
}

export async function recordHarvested(
  denial: Denial,
  store: Pick<ProposalStore, 'getMarker' | 'putMarker'>,
): Promise<void> {
  const value: HarvestedDenial = { fingerprint: fingerprintOf(denial), id: denial.id, timeMs: denial.timeMs ?? 0 }
  await updateMarker(markerOf(denial), () => value, store)
}

const markerOf = (denial: Denial) => harvestedDenial(requestKeyOf(denial))
