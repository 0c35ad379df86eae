/**
 * Takes a bridge away before its end, once the request is allowed without it. `apply` reads and evaluates itself, twice and some
 * time apart: a deploy that is rolled back takes the code's grant away again. What is not certain keeps the bridge.
 */

import { fail, MINUTE_MS, ok } from '../../core/base/index.ts'
import { ROLEMEDIC } from '../domain/messages/index.ts'
import {
  type Applied,
  type Confirmed,
  grantOf,
  isBridge,
  type Proposal,
  type PullRequest,
  pullSeen,
  reverting,
} from '../domain/proposal/index.ts'
import { updateProposal } from '../workflows/optimistic-update.ts'
import { isCovered } from './covered.ts'
import type { ApplyDeps } from './deps.ts'
import type { RevertResult } from './revert.ts'

export type BridgeDeps = ApplyDeps & { readonly revert: (proposalId: string) => Promise<RevertResult> }
export type BridgeOutcome = RevertResult | 'kept' | 'covered-once'

/** Between the two evaluations. */
export const COVERED_FOR_MS = 10 * MINUTE_MS

export function makeBridge(deps: BridgeDeps): (proposalId: string) => Promise<BridgeOutcome> {
  return async proposalId => {
    const { store, clock, keys, observer, config } = deps
    const proposal = await store.get(proposalId)
    if (proposal === null || !isStanding(proposal)) return 'nothing-to-do'
    const grant = grantOf(proposal, await keys.ring())
    if (!grant.ok || !isBridge(grant.value)) return 'nothing-to-do'
    const covered = await isCovered(proposal, grant.value, deps)
    const nowMs = clock()
    const isLong = (current: Standing) => covered && nowMs >= (current.pull.coveredSinceMs ?? nowMs) + COVERED_FOR_MS
    const stored = await updateProposal(
      proposal,
      current => {
        if (!isStanding(current)) return fail('moved')
        if (isLong(current)) return ok<Proposal>(reverting(current, ROLEMEDIC, nowMs))
        const coveredSinceMs = covered ? (current.pull.coveredSinceMs ?? nowMs) : null
        if (coveredSinceMs === current.pull.coveredSinceMs) return fail('same')
        return ok<Proposal>(pullSeen(current, { ...current.pull, coveredSinceMs }, config))
      },
      store,
    )
    if (!stored.ok || stored.value.proposal.status !== 'reverting') return covered ? 'covered-once' : 'kept'
    observer.log('info', 'bridge_covered', { proposalId })
    return deps.revert(proposalId)
  }
}

type Standing = (Applied | Confirmed) & { readonly pull: PullRequest }

const isStanding = (proposal: Proposal): proposal is Standing =>
  (proposal.status === 'applied' || proposal.status === 'confirmed') && proposal.pull !== undefined
