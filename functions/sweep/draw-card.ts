import { DAY_MS } from '../domain/base/time.ts'
import type { Proposal } from '../domain/proposal/proposal.ts'
import { refreshCard } from '../workflows/card/refresh-card.ts'
import type { SweepDeps } from './sweep-deps.ts'

/** Nobody waits for a card that expired, or was reverted, so long ago. */
const GIVEN_UP_AFTER_MS = DAY_MS

/** Of what is recorded already. An archived channel takes no more updates, and is not tried for ever. */
export async function drawCard(proposal: Proposal, deps: SweepDeps): Promise<void> {
  try {
    await refreshCard(proposal.id, deps)
  } catch (error) {
    const newsMs = Math.max(proposal.expiresAtMs, proposal.status === 'reverted' ? proposal.reverted.atMs : 0)
    if (deps.clock() < newsMs + GIVEN_UP_AFTER_MS) throw error
    deps.observer.log('warn', 'card_redraw_abandoned', {
      proposalId: proposal.id,
      error: String(error),
    })
  }
}
