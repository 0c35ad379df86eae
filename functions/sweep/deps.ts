import type { BotConfig } from '../domain/config/index.ts'
import type { Drafted } from '../domain/proposal/index.ts'
import type { AccountUnits } from '../ports/access-reader.ts'
import type { AuditLog } from '../ports/audit-log.ts'
import type { Chat } from '../ports/chat.ts'
import type { Clock } from '../ports/clock.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import type { CodeRenderer, Renderer, SideRenderer } from '../ports/renderer.ts'
import type { Keys } from '../ports/signer.ts'
import type { CarryOutDeps } from '../workflows/approval/carry-out-decision.ts'

export type SweepDeps = CarryOutDeps & {
  readonly config: BotConfig
  readonly store: ProposalStore
  readonly chat: Chat
  readonly units: AccountUnits
  readonly renderer: Renderer & CodeRenderer & Partial<SideRenderer>
  readonly audit: AuditLog
  readonly clock: Clock
  readonly observer: Observer
  /** The public keys that verify decisions before the log names who made them. */
  readonly keys: Keys
  /** Posts the card of a drafted proposal and opens the proposal, as `propose` does. */
  readonly postCard: (proposal: Drafted) => Promise<unknown>
}
