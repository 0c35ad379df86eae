import type { AuditEntry, AuditRecord } from '../domain/audit/audit-record.ts'

export interface AuditLog {
  /** Appends, retrying when another writer took the sequence; an entry whose key is already in the chain is not appended twice. */
  append(entry: AuditEntry): Promise<AuditRecord>
  records(): AsyncIterable<AuditRecord>
  /** Newest first. */
  latest(): AsyncIterable<AuditRecord>
}
