import type { Proposal } from '../domain/proposal/proposal.ts'
import type { AuditLog, Chat, Clock, Drawing, Observer, ProposalStore } from '../ports/ports.ts'
import type { CarryOutDeps } from '../workflows/carry-out-decision.ts'

export type SweepDeps = CarryOutDeps & {
  readonly store: ProposalStore
  readonly chat: Chat
  readonly drawing: Drawing
  readonly audit: AuditLog
  readonly clock: Clock
  readonly observer: Observer
  /** Posts the card of a drafted proposal, as `propose` does, and moves it on. */
  readonly postCard: (proposal: Proposal) => Promise<unknown>
}
