/** An audit log, read and checked. */
import { UsageError } from '../../../core/base/index.ts'
import {
  type AuditRecord,
  type ChainCheck,
  checkLog,
  type LogCheck,
  parseAuditRecord,
  parseCheckpoints,
  readChain,
  type SignedCheckpoint,
} from '../../../functions/domain/audit/index.ts'
import { inputName, type NamedText, type UseCaseWorld } from '../world.ts'
import { keysIn, keysNextTo } from './audit-keys.ts'
import { type AuditSource, auditSource } from './audit-source.ts'

export type LogPlace = {
  /** A folder or s3://bucket/prefix. */
  readonly from: string
  /** The DynamoDB table with the head of the chain. Null: it is next to the records. */
  readonly table: string | null
}

export type LogQuestion = LogPlace & {
  /** The public keys as `audit keys` prints them. Null: those next to a local log, if there are any. */
  readonly keys: NamedText | null
  /** Text with signed checkpoints. May contain other text. */
  readonly checkpoints: NamedText | null
}

export type CheckedLog = AuditSource & { readonly check: LogCheck }

/** Throws UsageError if there is no log, and for invalid keys and checkpoints. */
export async function checkedLog(question: LogQuestion, world: Pick<UseCaseWorld, 'readFile'>): Promise<CheckedLog> {
  const { from, table, keys: given, checkpoints } = question
  const keys = given === null ? await keysNextTo(from, world) : keysIn(given)
  const signed = checkpoints === null ? [] : checkpointsIn(checkpoints)
  const source = await auditSource(from, table)
  return { ...source, check: checkLog({ ...source, keys, checkpoints: signed }) }
}

function checkpointsIn(given: NamedText): readonly SignedCheckpoint[] {
  const parsed = parseCheckpoints(given.text)
  if (!parsed.ok) throw new UsageError(`${inputName(given)}: ${parsed.error}`)
  return parsed.value
}

/** True when the folder has files but no record and no sign of deleted records: it is probably the wrong folder. */
export const holdsNoLog = ({ records, endIsPinned, findings }: ChainCheck): boolean =>
  records === 0 && !endIsPinned && findings.length > 0 && findings.every(({ kind }) => kind === 'foreign')

/** Every readable record, whether or not it belongs to the chain. */
export const readableRecords = ({ stored }: Pick<AuditSource, 'stored'>): readonly AuditRecord[] =>
  stored.flatMap(({ sequence, text }) => {
    const record = sequence === null ? null : parseAuditRecord(text)
    return record?.ok ? [record.value] : []
  })

/** Only the records of the chain: a record that somebody added beside it approves nothing and ends no grant. */
export const chainedRecords = ({ stored, head, findings }: AuditSource): readonly AuditRecord[] =>
  readChain(stored, head, findings).members.map(({ record }) => record)
