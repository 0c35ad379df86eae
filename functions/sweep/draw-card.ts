import type { Proposal } from '../domain/proposal/proposal.ts'
import { refreshCard } from '../workflows/card/refresh-card.ts'
import type { SweepDeps } from './sweep-deps.ts'

/** Nobody waits for a card that was to be decided on, or was taken back, so long ago. */
const GIVEN_UP_AFTER_MS = 24 * 3_600_000

/** Of what is recorded already. A channel that was archived takes nothing any more, and is not tried for ever. */
export async function drawCard(proposal: Proposal, deps: SweepDeps): Promise<void> {
  try {
    await refreshCard(proposal.id, deps)
  } catch (error) {
    const newsMs = Math.max(proposal.expiresAtMs, proposal.reverted?.atMs ?? 0)
    if (deps.clock() < newsMs + GIVEN_UP_AFTER_MS) throw error
    deps.observer.log('warn', 'a card could not be drawn for a day, and is left', {
      proposalId: proposal.id,
      error: String(error),
    })
  }
}
