/**
 * Asks to take a bridge away before its end, once the request is allowed without it. `verify` reads and evaluates, twice and some time
 * apart, and signs what it saw each time: a deploy that is rolled back takes the code's grant away again. What is not certain keeps the
 * bridge.
 */

import { fail, MINUTE_MS, ok } from '../../core/base/index.ts'
import { OBSERVATION, type Observation, type SignedObservation, statementBytes } from '../domain/authority/index.ts'
import { ROLEMEDIC } from '../domain/messages/index.ts'
import {
  type Applied,
  type Confirmed,
  type Grant,
  grantOf,
  isBridge,
  type Proposal,
  type PullRequest,
  pullSeen,
  reverting,
} from '../domain/proposal/index.ts'
import { updateProposal } from '../workflows/optimistic-update.ts'
import { isCovered } from './covered.ts'
import type { VerifyDeps } from './deps.ts'
import type { RevertResult } from './revert.ts'

export type BridgeDeps = VerifyDeps & { readonly revert: (proposalId: string) => Promise<RevertResult> }
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
    const seen = (await isCovered(proposal, grant.value, deps)) ? await observe(grant.value, deps) : null
    const stored = await updateProposal(
      proposal,
      current => {
        if (!isStanding(current)) return fail('moved')
        const covered = coveredBy(current.pull, seen)
        const since = covered[0]?.statement.atMs ?? null
        if (covered.length === 2)
          return ok<Proposal>(reverting({ ...current, pull: { ...current.pull, covered } }, ROLEMEDIC, clock()))
        if (since === current.pull.coveredSinceMs) return fail('same')
        const { covered: _, ...pull } = current.pull
        return ok<Proposal>(
          pullSeen(current, { ...pull, coveredSinceMs: since, ...(covered.length === 0 ? {} : { covered }) }, config),
        )
      },
      store,
    )
    if (!stored.ok || stored.value.proposal.status !== 'reverting') return seen === null ? 'kept' : 'covered-once'
    observer.log('info', 'bridge_covered', { proposalId })
    return deps.revert(proposalId)
  }
}

/** The first observation, and this one as soon as they are far enough apart. */
function coveredBy({ covered }: PullRequest, seen: SignedObservation | null): readonly SignedObservation[] {
  if (seen === null) return []
  const [first] = covered ?? []
  if (first === undefined) return [seen]
  return seen.statement.atMs >= first.statement.atMs + COVERED_FOR_MS ? [first, seen] : [first]
}

async function observe(
  { proposalId, patch }: Grant,
  { signer, deploymentId, clock }: VerifyDeps,
): Promise<SignedObservation> {
  const statement: Observation = {
    schema: 'rolemedic.observation/1',
    deploymentId,
    proposalId,
    patchDigest: patch.digest,
    observed: 'covered',
    atMs: clock(),
  }
  return { statement, signature: await signer.sign(statementBytes(OBSERVATION, statement)) }
}

type Standing = (Applied | Confirmed) & { readonly pull: PullRequest }

const isStanding = (proposal: Proposal): proposal is Standing =>
  (proposal.status === 'applied' || proposal.status === 'confirmed') && proposal.pull !== undefined
