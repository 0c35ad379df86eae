import type { Config } from '../domain/config/index.ts'
import type { AccountUnits } from '../ports/access-reader.ts'
import type { AuditLog } from '../ports/audit-log.ts'
import type { Chat } from '../ports/chat.ts'
import type { Clock } from '../ports/clock.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import type { Renderer } from '../ports/renderer.ts'
import type { Keys } from '../ports/signer.ts'
import type { WorkQueue } from '../ports/work-queue.ts'
import type { PolicyWriter, PolicyWriters } from '../ports/writing/policy-writer.ts'
import type { AskWitness } from '../workflows/denial/witness-denial.ts'
import type { AnalyzeAgain } from '../workflows/deploy/analyze-bundle.ts'

export type ApplyDeps = {
  readonly store: ProposalStore
  /** Each change is written in a session of its own. */
  readonly writerFor: PolicyWriters
  readonly audit: AuditLog
  /** Reads and analyzes everything again, as `propose` did. */
  readonly analyze: AnalyzeAgain
  /** Whether CloudTrail itself knows the denial. */
  readonly witness: AskWitness
  readonly queue: WorkQueue
  readonly chat: Chat
  /** Where accounts stand now: their mode follows from it. */
  readonly units: AccountUnits
  readonly renderer: Renderer
  readonly config: Config
  readonly clock: Clock
  readonly observer: Observer
  readonly botVersion: string
  /** The public keys that decisions are verified with. */
  readonly keys: Keys
  readonly sleep: (ms: number) => Promise<void>
}

/** With the session of the change that is worked on. */
export type WritingDeps = ApplyDeps & { readonly writer: PolicyWriter }

/** Longer than the function's timeout: the holder of an expired lease has crashed. */
export const LEASE_MS = 180_000
/** No write begins with less than this left of the lease. */
export const WRITE_ROOM_MS = 30_000
