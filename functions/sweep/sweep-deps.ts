import type { AuditLog, Chat, Clock, Drawing, Observer, ProposalStore } from '../core/ports.ts'
import type { CarryOutDeps } from '../core/proposal/carry-out.ts'
import type { Proposal } from '../core/proposal/proposal.ts'

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
