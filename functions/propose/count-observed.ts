/** Adds a denial of an observed account to the count of its channel's day, which `sweep` posts once. */

import { dayOf, NOTHING_OBSERVED, withObserved } from '../domain/card/observed-day.ts'
import type { BotConfig } from '../domain/config/config.ts'
import type { AppliedMode } from '../domain/config/mode.ts'
import type { Proposal } from '../domain/proposal/proposal.ts'
import { observedDay } from '../domain/stored/markers.ts'
import type { Clock } from '../ports/clock.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import { channelOf } from '../workflows/card/card-placement.ts'
import { updateMarker } from '../workflows/optimistic-update.ts'

type Deps = {
  readonly store: Pick<ProposalStore, 'getMarker' | 'putMarker'>
  readonly config: BotConfig
  readonly clock: Clock
  readonly observer: Observer
}

/** By the writer that stored the proposal or its new count, so that nothing counts twice. A crash in between loses one count. */
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
