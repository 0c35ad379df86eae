import type { StandingCause } from '../../domain/deploy/causes.ts'
import type { DeployState } from '../../domain/deploy/deploy.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'

export async function standingCauses(
  { causes }: Pick<DeployState, 'causes'>,
  store: Pick<ProposalStore, 'get' | 'occurrence'>,
): Promise<readonly StandingCause[]> {
  const standing: StandingCause[] = []
  for (const cause of causes) {
    const proposalId = (await store.occurrence(cause.fingerprint))?.proposalId ?? null
    standing.push({ ...cause, proposal: proposalId === null ? null : await store.get(proposalId) })
  }
  return standing
}
