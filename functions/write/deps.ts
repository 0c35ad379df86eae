import type { Own } from '../domain/authority/checks/authority.ts'
import type { WriterSession } from '../domain/authority/writer-session.ts'
import type { Observer } from '../ports/observer.ts'
import type { Keys, Signer } from '../ports/signer.ts'
import type { ObjectLedger } from '../ports/writing/object-ledger.ts'
import type { PolicyWriter } from '../ports/writing/policy-writer.ts'

export type WriteDeps = {
  /** From the environment. */
  readonly own: Omit<Own, 'keys' | 'nowMs'>
  readonly keys: Keys
  /** Of the key of outcomes. */
  readonly signer: Signer
  readonly ledger: ObjectLedger
  /** Each change is written in a session of its own, in the name of the person who approved it. */
  readonly writerFor: (session: WriterSession) => PolicyWriter
  /** Tells `verify` that an outcome is there; it reads the object itself. */
  readonly send: (outcome: OutcomeNotice) => Promise<unknown>
  /** Between two readings of a document that others may write. */
  readonly secondReadSeconds: number
  /** Milliseconds since 1970. */
  readonly clock: () => number
  readonly sleep: (ms: number) => Promise<void>
  readonly observer: Observer
}

/** A message of the outcome queue. */
export type OutcomeNotice = { readonly kind: 'outcome'; readonly proposalId: string; readonly number: number }
