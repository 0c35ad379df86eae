/** The records of an audit log. */
import { UsageError } from '../../../core/base/index.ts'
import type { AuditRecord, LogCheck } from '../../../functions/domain/audit/index.ts'
import type { UseCaseWorld } from '../world.ts'
import { keysNextTo } from './audit-keys.ts'
import { type LogPlace, readableRecords, wholeLog } from './log-records.ts'

export type RecordsQuestion = LogPlace & {
  /** A record by its number or hash, or all records of a proposal or an event. Null: every record. */
  readonly id: string | null
}

export type RecordsAnswer = { readonly records: readonly AuditRecord[]; readonly check: LogCheck }

/** Throws UsageError if there is no log, and for an id without a record. */
export async function auditRecords(
  { id, ...place }: RecordsQuestion,
  world: Pick<UseCaseWorld, 'readFile'>,
): Promise<RecordsAnswer> {
  const { stored, check } = await wholeLog(place, await keysNextTo(place.from, world))
  const all = readableRecords(stored)
  return { records: id === null ? all : recordsWithId(all, id), check }
}

function recordsWithId(records: readonly AuditRecord[], id: string): readonly AuditRecord[] {
  const found = records.filter(
    ({ sequence, hash, entry }) =>
      entry.proposalId === id ||
      entry.eventIds.includes(id) ||
      hash === id ||
      String(sequence) === id.replace(/^0+/, ''),
  )
  if (found.length === 0) throw new UsageError(`no record has the number, proposal or event "${id}"`)
  return found
}
