/** The result of an analysis, as a metric of its own for each mode: an alarm on refusals hears of those that people meet. */
import { isObserved, type Proposal, refusalOf } from '../domain/proposal/proposal.ts'
import type { Observer } from '../ports/observer.ts'
import type { Analysis } from '../workflows/denial/analyze-denial.ts'
import { contentOf } from './proposal-factory.ts'

export function countOutcome(proposal: Proposal, analysis: Analysis, observer: Observer): void {
  observer.count('Proposals')
  const found = refusalOf(contentOf(analysis))
  const fields = { proposalId: proposal.id, code: found?.code ?? null }
  if (isObserved(proposal)) {
    // Nobody can be granted anything there. What a card would have refused is in the digest of the day.
    observer.count('Observed')
    observer.log('info', 'denial_observed', fields)
    return
  }
  if (found === null) return
  if (proposal.status === 'closed') {
    // It was denied before a grant took effect, and gets no card.
    observer.count('AlreadyAllowed')
    observer.log('info', 'denial_already_allowed', fields)
    return
  }
  observer.count('Refusals')
  observer.log('info', 'proposal_refused', fields)
}
