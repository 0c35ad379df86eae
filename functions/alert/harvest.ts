import { type Denial, fingerprintOf, requestKeyOf } from '../../core/denial/index.ts'
import { type DeployCause, isOwnDenial, MAX_HARVESTED, mayEnter, TWIN_MS } from '../domain/deploy/index.ts'
import { deniedAtMs, type Occurrence } from '../domain/proposal/index.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import { type IngestDeps, ingestDenial, recordHarvested } from '../workflows/denial/ingest-denial.ts'
import type { Investigation } from './investigate-deploy.ts'

export type HarvestDeps = IngestDeps & {
  readonly store: Pick<ProposalStore, 'occurrence' | 'putMarker'>
}

/**
 * Ingests the denials in the texts of a deploy, up to a limit per deploy, like those from CloudTrail. Denials that CloudTrail
 * has delivered already are in `seen`. Returns the occurrence of each.
 */
export async function harvest(
  { reported, deploy, actors, correlation }: Investigation,
  seen: readonly Occurrence[],
  earlier: readonly DeployCause[],
  deps: HarvestDeps,
): Promise<{ readonly causes: readonly DeployCause[]; readonly left: number }> {
  const causes: DeployCause[] = []
  const entered = new Set(earlier.map(({ fingerprint }) => fingerprint))
  const left = new Set<string>()
  for (const one of reported) {
    const fingerprint = fingerprintOf(one.denial)
    const twin = twinOf(one.denial, seen)
    if (twin === null && !mayEnter(one, deploy, actors)) continue
    if (twin === null && !entered.has(fingerprint) && entered.size >= MAX_HARVESTED) {
      left.add(fingerprint)
      continue
    }
    const ingested = twin?.fingerprint ?? (await ingest(one.denial, deps))
    if (ingested === null) continue
    entered.add(ingested)
    const isOwn = isOwnDenial(one, deploy, { ...actors, ...correlation })
    causes.push({ fingerprint: ingested, confidence: isOwn ? 'caused by' : 'probably' })
  }
  return { causes, left: left.size }
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

/** The needs of services that the source and IAM prove, each as a cause of its own card. */
export async function harvestFaults(denials: readonly Denial[], deps: HarvestDeps): Promise<readonly DeployCause[]> {
  const causes: DeployCause[] = []
  for (const denial of denials.slice(0, MAX_HARVESTED)) {
    const fingerprint = await ingest(denial, deps)
    if (fingerprint !== null) causes.push({ fingerprint, confidence: 'caused by' })
  }
  return causes
}

/** Also queues work for a denial that was ingested before, because an earlier delivery may have failed half-way. */
async function ingest(denial: Denial, deps: HarvestDeps): Promise<string | null> {
  await recordHarvested(denial, deps.store)
  const ingested = await ingestDenial(denial, deps)
  if (ingested.kind === 'own' || ingested.kind === 'old') return null
  const { kind, fingerprint } = ingested
  // For a duplicate, the earlier delivery may have failed before it scheduled the checks.
  const isNew =
    kind === 'duplicate' ? (await deps.store.occurrence(fingerprint))?.proposalId === null : kind === 'queued'
  if (isNew) await lookLater(fingerprint, denial.id, deps)
  return fingerprint
}

/**
 * CloudTrail's record arrives up to 15 minutes later, at the bot or in the event history. Then the card can say that the denial
 * is confirmed.
 */
const LOOKS_S = [300, 600, 900]

async function lookLater(fingerprint: string, denialId: string, { queue }: HarvestDeps): Promise<void> {
  for (const delaySeconds of LOOKS_S) {
    const deduplicationId = `propose/${fingerprint}/record/${denialId}/${delaySeconds}`
    await queue.send({ kind: 'propose', fingerprint }, { delaySeconds, deduplicationId })
  }
}
