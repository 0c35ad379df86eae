/** The place of an audit log and the records in it. Reading them needs no keys. */

import { type AuditRecord, parseAuditRecord, readChain } from '../../../functions/domain/audit/index.ts'
import type { AuditSource } from './audit-source.ts'

export type LogPlace = {
  /** A folder or s3://bucket/prefix. */
  readonly from: string
  /** The DynamoDB table with the head of the chain. Null: it is next to the records. */
  readonly table: string | null
}

/** Every readable record, whether or not it belongs to the chain. */
export const readableRecords = ({ stored }: Pick<AuditSource, 'stored'>): readonly AuditRecord[] =>
  stored.flatMap(({ sequence, text }) => {
    const record = sequence === null ? null : parseAuditRecord(text)
    return record?.ok ? [record.value] : []
  })

/** Only the records of the chain: a record that somebody added beside it approves nothing and ends no grant. */
export const chainedRecords = ({ stored, head, findings }: AuditSource): readonly AuditRecord[] =>
  readChain(stored, head, findings).members.map(({ record }) => record)
