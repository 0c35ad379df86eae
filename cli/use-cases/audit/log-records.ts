/** The place of an audit log and the records in it. Reading them needs no keys. */

import {
  type AuditRecord,
  checkLog,
  parseAuditRecord,
  type StoredRecord,
} from '../../../functions/domain/audit/index.ts'
import type { KeyRing } from '../../../functions/domain/authority/index.ts'
import { allStored, auditSource } from './audit-source.ts'

export type LogPlace = {
  /** A folder or s3://bucket/prefix. */
  readonly from: string
  /** The DynamoDB table with the head of the chain. Null: it is next to the records. */
  readonly table: string | null
}

/** Every readable record, whether or not it belongs to the chain. */
export const readableRecords = (stored: readonly StoredRecord[]): readonly AuditRecord[] =>
  stored.flatMap(({ sequence, text }) => {
    const record = sequence === null ? null : parseAuditRecord(text)
    return record?.ok ? [record.value] : []
  })

/** All that is stored, with the check. Throws UsageError if there is no log. */
export async function wholeLog({ from, table }: LogPlace, keys: KeyRing | null) {
  const source = await auditSource(from, table)
  const stored = await allStored(source)
  return { stored, check: checkLog({ ...source, stored, keys }) }
}
