/** Counts a stored proposal: its result as a metric, and a denial of an observed account for the daily digest of its channel. */
import { dayOf, NOTHING_OBSERVED, withObserved } from '../domain/card/index.ts'
import type { AppliedMode, BotConfig } from '../domain/config/index.ts'
import { isObserved, type Proposal, refusalOf } from '../domain/proposal/index.ts'
import { observedDay } from '../domain/stored/index.ts'
import type { Clock } from '../ports/clock.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import { channelOf } from '../workflows/card/card-placement.ts'
import type { Analysis } from '../workflows/denial/analyze-denial.ts'
import { updateMarker } from '../workflows/optimistic-update.ts'
import { contentOf } from './proposal-factory.ts'

/** Each mode has a metric of its own, so that an alarm on refusals only counts refusals that people see. */
export function countOutcome(proposal: Proposal, analysis: Analysis, observer: Observer): void {
  observer.count('Proposals')
  const found = refusalOf(contentOf(analysis))
  const fields = { proposalId: proposal.id, code: found?.code ?? null }
  if (isObserved(proposal)) {
    // In observe, nothing can be granted. The daily digest has what a card would have refused.
    observer.count('Observed')
    observer.log('info', 'denial_observed', fields)
    return
  }
  if (found === null) return
  if (proposal.status === 'closed') {
    // It was denied before a grant took effect or a role was seen everywhere, and gets no card.
    if (proposal.diagnosis.cause === 'transient') {
      observer.count('SolvedThemselves')
      observer.log('info', 'denial_solved_itself', fields)
      return
    }
    observer.count('AlreadyAllowed')
    observer.log('info', 'denial_already_allowed', fields)
    return
  }
  observer.count('Refusals')
  observer.log('info', 'proposal_refused', fields)
}

type Deps = {
  readonly store: Pick<ProposalStore, 'getMarker' | 'putMarker'>
  readonly config: BotConfig
  readonly clock: Clock
  readonly observer: Observer
}

/**
 * Only the writer that stored the proposal or its new count calls this, so that nothing counts twice. A crash in between loses one count.
 */
export async function countObserved(
  seen: { readonly proposal: Proposal; readonly mode: AppliedMode; readonly count: number; readonly isNew: boolean },
  { store, config, clock, observer }: Deps,
): Promise<void> {
  if (seen.count <= 0 && !seen.isNew) return
  const marker = observedDay(channelOf(seen.proposal.denial, config), dayOf(clock()))
  try {
    await updateMarker(marker, day => withObserved(day ?? NOTHING_OBSERVED, seen), store)
  } catch (error) {
    observer.log('warn', 'observed_not_counted', { proposalId: seen.proposal.id, error: String(error) })
  }
}
