import { type Proposal, postedCardOf } from '../../domain/proposal/proposal.ts'
import type { Chat } from '../../ports/chat.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Drawing } from '../../ports/drawing.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import { type RefreshAlertDeps, refreshAlertsOf } from '../deploy/refresh-alert.ts'
import { type PostOutcomeDeps, postOutcome } from './post-outcome.ts'

export type RefreshCardDeps = PostOutcomeDeps &
  RefreshAlertDeps & {
    readonly store: Pick<ProposalStore, 'get'>
    readonly chat: Pick<Chat, 'update'>
    readonly drawing: Pick<Drawing, 'card'>
    readonly clock: Clock
  }

const MAX_REDRAWS = 5

/**
 * Draws the card from the item as it is now, and again if it moved meanwhile: two that draw at the same time may
 * finish in either order, and the later one to finish sees what it overwrote. An outcome is posted in the thread too, and
 * the alerts of the deploys that it broke are refreshed.
 */
export async function refreshCard(proposalId: string, deps: RefreshCardDeps): Promise<void> {
  const { store, chat, drawing, clock } = deps
  let proposal = await store.get(proposalId)
  for (let redraws = 0; redraws < MAX_REDRAWS; redraws += 1) {
    const card = proposal === null ? null : postedCardOf(proposal)
    if (proposal === null || card === null) return
    await chat.update(card, await drawing.card(proposal, clock()))
    const now: Proposal | null = await store.get(proposalId)
    if (now?.version === proposal.version) return refreshOthers(proposal, deps)
    proposal = now
  }
}

async function refreshOthers(proposal: Proposal, deps: RefreshCardDeps): Promise<void> {
  await postOutcome(proposal, deps)
  await refreshAlertsOf(proposal, deps)
}
