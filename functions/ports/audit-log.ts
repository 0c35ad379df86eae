import type { AuditEntry, AuditRecord } from '../domain/audit/index.ts'

export interface AuditLog {
  /**
   * Appends an entry, and retries if another writer took the sequence. Does not append an entry whose key is already in the
   * chain. Throws `audit-conflict` if the record under that key differs.
   */
  append(entry: AuditEntry): Promise<AuditRecord>
  /** Appends each entry like `append`, in this order, but looks for the end of the log only once. */
  appendAll(entries: readonly AuditEntry[]): Promise<readonly AuditRecord[]>
  /** The end of the chain, from the stored head on. Null: nothing was recorded yet. */
  last(): Promise<AuditRecord | null>
  records(): AsyncIterable<AuditRecord>
  /** Newest first. */
  latest(): AsyncIterable<AuditRecord>
}
