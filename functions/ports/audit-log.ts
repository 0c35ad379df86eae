import type { AuditEntry, AuditRecord } from '../domain/audit/index.ts'

export interface AuditLog {
  /**
   * Appends, retrying when another writer took the sequence. An entry whose key is already in the chain is not appended twice;
   * where the record under that key says something else, it throws `audit-conflict`.
   */
  append(entry: AuditEntry): Promise<AuditRecord>
  /** Each as `append` does, in this order. What follows at once needs no second look for the end of the log. */
  appendAll(entries: readonly AuditEntry[]): Promise<readonly AuditRecord[]>
  /** The end of the chain, reached from the stored head; null: nothing was recorded yet. */
  last(): Promise<AuditRecord | null>
  records(): AsyncIterable<AuditRecord>
  /** Newest first. */
  latest(): AsyncIterable<AuditRecord>
}
