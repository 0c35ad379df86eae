/**
 * A denial that was read from the text of a failed deploy is stored under a marker, so that its CloudTrail twin, which
 * comes minutes later or never, is recognized as the same one.
 */

import type { Denial } from '../../domain/denial/denial.ts'
import { fingerprintOf, requestKeyOf } from '../../domain/denial/fingerprint.ts'
import { TWIN_MS } from '../../domain/deploy/deploy-round.ts'
import { type HarvestedDenial, harvestedDenial } from '../../domain/stored/markers.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import { readableOrNull } from '../deploy/deploy-store.ts'

const MAX_ATTEMPTS = 5

/** As which a deploy named it before; null: none did. */
export async function harvestedTwin(
  denial: Denial,
  store: Pick<ProposalStore, 'getMarker'>,
): Promise<HarvestedDenial | null> {
  if (denial.source !== 'cloudtrail' || denial.timeMs === null) return null
  const twin = (await readableOrNull(store.getMarker(markerOf(denial))))?.value ?? null
  return twin !== null && Math.abs(twin.timeMs - denial.timeMs) <= TWIN_MS ? twin : null
}

export async function rememberHarvested(
  denial: Denial,
  store: Pick<ProposalStore, 'getMarker' | 'putMarker'>,
): Promise<void> {
  const value: HarvestedDenial = { fingerprint: fingerprintOf(denial), id: denial.id, timeMs: denial.timeMs ?? 0 }
  for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
    const found = await store.getMarker(markerOf(denial))
    if (await store.putMarker(markerOf(denial), found?.version ?? 0, value)) return
  }
}

const markerOf = (denial: Denial) => harvestedDenial(requestKeyOf(denial))
