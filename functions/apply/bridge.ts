/**
 * Takes a bridge away before its end, once the request is allowed without it. `apply` reads and evaluates itself, twice and some
 * time apart: a deploy that is rolled back takes the code's grant away again. What is not certain keeps the bridge.
 */
import { MINUTE_MS } from '../domain/base/time.ts'
import { grantOf, isBridge } from '../domain/proposal/grant.ts'
import type { Applied, Confirmed, Proposal } from '../domain/proposal/proposal.ts'
import { pullSeen, reverting } from '../domain/proposal/transitions.ts'
import { isCovered } from './covered.ts'
import type { ApplyDeps } from './deps.ts'
import type { Reverted } from './revert.ts'

export type BridgeDeps = ApplyDeps & { readonly revert: (proposalId: string) => Promise<Reverted> }
export type BridgeOutcome = Reverted | 'kept' | 'covered-once'

/** Between the two evaluations. */
export const COVERED_FOR_MS = 10 * MINUTE_MS

export function makeBridge(deps: BridgeDeps): (proposalId: string) => Promise<BridgeOutcome> {
  return async proposalId => {
    const { store, clock, keys, observer, config } = deps
    const proposal = await store.get(proposalId)
    if (proposal === null || !isStanding(proposal) || proposal.pull === undefined) return 'nothing-to-do'
    const grant = grantOf(proposal, await keys.ring())
    if (!grant.ok || !isBridge(grant.value)) return 'nothing-to-do'
    const covered = await isCovered(proposal, deps)
    const since = proposal.pull.coveredSinceMs
    if (covered && since !== null && clock() >= since + COVERED_FOR_MS) {
      const begun = await store.replace(proposal, reverting(proposal, ROLEMEDIC, clock()))
      if (!begun.ok) return 'busy'
      observer.log('info', 'bridge_covered', { proposalId })
      return deps.revert(proposalId)
    }
    const coveredSinceMs = covered ? (since ?? clock()) : null
    if (coveredSinceMs !== since)
      await store.replace(proposal, pullSeen(proposal, { ...proposal.pull, coveredSinceMs }, config))
    return covered ? 'covered-once' : 'kept'
  }
}

const ROLEMEDIC = { id: 'rolemedic', name: 'rolemedic' }

const isStanding = (proposal: Proposal): proposal is Applied | Confirmed =>
  proposal.status === 'applied' || proposal.status === 'confirmed'
