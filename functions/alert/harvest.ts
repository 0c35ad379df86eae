import type { Denial } from '../domain/denial/denial.ts'
import { fingerprintOf, requestKeyOf } from '../domain/denial/fingerprint.ts'
import type { Cause } from '../domain/deploy/deploy.ts'
import { mayEnter } from '../domain/deploy/deploy-denials.ts'
import { TWIN_MS } from '../domain/deploy/deploy-round.ts'
import { deniedAtMs, type Occurrence } from '../domain/proposal/proposal.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import { rememberHarvested } from '../workflows/denial/harvested-twin.ts'
import { type TakeDenialDeps, takeDenial } from '../workflows/denial/ingest-denial.ts'
import type { ReadDeploy } from './read-deploy.ts'

export type HarvestDeps = TakeDenialDeps & {
  readonly store: Pick<ProposalStore, 'occurrence' | 'putMarker'>
}

/**
 * The denials in the words of a deploy: those that CloudTrail has told already are known by `seen`, others enter as CloudTrail
 * would bring them. Gives what they are known as.
 */
export async function harvest(
  { said, deploy, actors }: ReadDeploy,
  seen: readonly Occurrence[],
  deps: HarvestDeps,
): Promise<readonly Cause[]> {
  const causes: Cause[] = []
  for (const one of said) {
    const twin = twinOf(one.denial, seen)
    const fingerprint = twin?.fingerprint ?? (mayEnter(one, deploy, actors) ? await enter(one.denial, deps) : null)
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

/** Also when it entered before: a delivery that died half-way asks for its work again. */
async function enter(denial: Denial, deps: HarvestDeps): Promise<string | null> {
  await rememberHarvested(denial, deps.store)
  const taken = await takeDenial(denial, deps)
  return taken.kind === 'own' || taken.kind === 'old' ? null : taken.fingerprint
}
