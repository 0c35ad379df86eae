import type { Denial } from '../domain/denial/denial.ts'
import { fingerprintOf, requestKeyOf } from '../domain/denial/fingerprint.ts'
import type { Cause } from '../domain/deploy/deploy.ts'
import { mayEnter } from '../domain/deploy/deploy-denials.ts'
import { TWIN_MS } from '../domain/deploy/deploy-round.ts'
import { deniedAtMs, type Occurrence } from '../domain/proposal/proposal.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import { recordHarvested } from '../workflows/denial/harvested-twin.ts'
import { type IngestDeps, ingestDenial } from '../workflows/denial/ingest-denial.ts'
import type { Investigation } from './investigate-deploy.ts'

export type HarvestDeps = IngestDeps & {
  readonly store: Pick<ProposalStore, 'occurrence' | 'putMarker'>
}

/**
 * The denials in the texts of a deploy. One that CloudTrail has delivered already is among `seen`; the others are ingested
 * as CloudTrail's would be. Gives the occurrence of each.
 */
export async function harvest(
  { reported, deploy, actors }: Investigation,
  seen: readonly Occurrence[],
  deps: HarvestDeps,
): Promise<readonly Cause[]> {
  const causes: Cause[] = []
  for (const one of reported) {
    const twin = twinOf(one.denial, seen)
    const fingerprint = twin?.fingerprint ?? (mayEnter(one, deploy, actors) ? await ingest(one.denial, deps) : null)
    if (fingerprint !== null) causes.push({ fingerprint, confidence: 'caused by' })
  }
  return causes
}

function twinOf(denial: Denial, seen: readonly Occurrence[]): Occurrence | null {
  const wanted = requestKeyOf(denial)
  const twins = seen.filter(
    occurrence =>
      requestKeyOf(occurrence.denial) === wanted &&
      !occurrence.eventIds.includes(denial.id) &&
      Math.abs(deniedAtMs(occurrence) - (denial.timeMs ?? 0)) <= TWIN_MS,
  )
  return twins.find(({ fingerprint }) => fingerprint === fingerprintOf(denial)) ?? twins[0] ?? null
}

/** Also a denial that was ingested before: a delivery that failed half-way queues its work again. */
async function ingest(denial: Denial, deps: HarvestDeps): Promise<string | null> {
  await recordHarvested(denial, deps.store)
  const ingested = await ingestDenial(denial, deps)
  return ingested.kind === 'own' || ingested.kind === 'old' ? null : ingested.fingerprint
}
