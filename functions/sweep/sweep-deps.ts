import type { Drafted } from '../domain/proposal/proposal.ts'
import type { AuditLog } from '../ports/audit-log.ts'
import type { Chat } from '../ports/chat.ts'
import type { Clock } from '../ports/clock.ts'
import type { Drawing } from '../ports/drawing.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import type { CarryOutDeps } from '../workflows/approval/carry-out-decision.ts'

export type SweepDeps = CarryOutDeps & {
  readonly store: ProposalStore
  readonly chat: Chat
  readonly drawing: Drawing
  readonly audit: AuditLog
  readonly clock: Clock
  readonly observer: Observer
  /** Posts the card of a drafted proposal, as `propose` does, and moves it on. */
  readonly postCard: (proposal: Drafted) => Promise<unknown>
}
