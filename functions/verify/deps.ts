import type { Config } from '../domain/config/index.ts'
import type { AccountUnits } from '../ports/access-reader.ts'
import type { AuditLog } from '../ports/audit-log.ts'
import type { Chat } from '../ports/chat.ts'
import type { Clock } from '../ports/clock.ts'
import type { EventHistory } from '../ports/event-history.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import type { Renderer } from '../ports/renderer.ts'
import type { Keys, Signer } from '../ports/signer.ts'
import type { WorkQueue } from '../ports/work-queue.ts'
import type { ObjectLedger } from '../ports/writing/object-ledger.ts'
import type { DocumentReader } from '../ports/writing/policy-writer.ts'
import type { WriterQueue } from '../ports/writing/writer-queue.ts'
import type { AskChain } from '../workflows/denial/ask-chain.ts'
import type { AskWitness } from '../workflows/denial/lookups.ts'
import type { AnalyzeAgain } from '../workflows/deploy/analyze-bundle.ts'

export type VerifyDeps = {
  readonly store: ProposalStore
  /** Reads the documents that are to be changed, with the reader role. */
  readonly documents: DocumentReader
  readonly audit: AuditLog
  /** Reads and analyzes everything again, as `propose` did. */
  readonly analyze: AnalyzeAgain
  /** Whether CloudTrail itself knows the denial. */
  readonly witness: AskWitness
  /** The records behind the denied session. Absent: there is no event history. */
  readonly chain?: AskChain
  /** Whether the call succeeded before the write. */
  readonly history: Pick<EventHistory, 'search'>
  readonly queue: WorkQueue
  readonly writer: WriterQueue
  /** Read only: `write` alone creates what is taken from it. */
  readonly ledger: Pick<ObjectLedger, 'versions' | 'read' | 'keys'>
  readonly chat: Chat
  /** Where accounts stand now: their mode follows from it. */
  readonly units: AccountUnits
  readonly renderer: Renderer
  readonly config: Config
  /** `configDigestOf` the file that it was read from. */
  readonly configDigest: string
  /** Why the deployed one cannot be read; null or absent: it runs. Under another one, nothing is granted. */
  readonly configUnread?: { readonly why: string; readonly lastGoodMs: number } | null
  readonly deploymentId: string
  readonly clock: Clock
  readonly observer: Observer
  readonly botVersion: string
  /** The public keys that signed statements are verified with. */
  readonly keys: Keys
  /** Signs attestations and observations. */
  readonly signer: Signer
  readonly sleep: (ms: number) => Promise<void>
}

/** Longer than the function's timeout: the holder of an expired lease has crashed. */
export const LEASE_MS = 180_000
