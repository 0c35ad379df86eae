/**
 * After a low-risk write: CloudTrail must have the denial, as `decide` alone could have made one up. Nobody waited for the record before;
 * without one in time there is an alarm, and the card offers Revert first. Throws while the history cannot be read: then it is tried again.
 */
import { fail, ok, RolemedicError } from '../../core/base/index.ts'
import { type Applied, type Confirmed, type Proposal, RECORD_WITHIN_MS } from '../domain/proposal/index.ts'
import { refreshCard } from '../workflows/card/refresh-card.ts'
import { updateProposal } from '../workflows/optimistic-update.ts'
import type { VerifyDeps } from './deps.ts'

export type RecordResult = 'seen' | 'missing' | 'waiting' | 'nothing-to-do'

export function makeLookForRecord(deps: VerifyDeps): (proposalId: string) => Promise<RecordResult> {
  return async proposalId => {
    const seen = await deps.store.get(proposalId)
    if (seen === null || !isWanted(seen)) return 'nothing-to-do'
    const witness = await deps.witness(seen.denial, deps.clock())
    if (witness.kind === 'unreadable')
      throw new RolemedicError('history-unreadable', `CloudTrail's event history cannot be read: ${witness.why}`)
    const isLate = deps.clock() >= seen.applied.atMs + RECORD_WITHIN_MS
    const record = witness.kind === 'confirmed' ? 'seen' : isLate || witness.kind === 'refuted' ? 'missing' : null
    if (record === null) return 'waiting'
    const stored = await updateProposal(
      seen,
      current => (isWanted(current) ? ok<Proposal>({ ...current, record }) : fail('moved')),
      deps.store,
    )
    if (!stored.ok || record === 'seen') return record
    deps.observer.log('error', 'write_unwitnessed', { proposalId, eventId: seen.denial.id })
    deps.observer.count('WriteUnwitnessed')
    await refreshCard(proposalId, deps)
    return record
  }
}

const isWanted = (proposal: Proposal): proposal is Applied | Confirmed =>
  (proposal.status === 'applied' || proposal.status === 'confirmed') && proposal.record === 'wanted'
