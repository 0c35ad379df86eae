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
  /** The DynamoDB table that stores the head of the chain; null: it is next to the records. */
  readonly table: string | null
}

export type LogQuestion = LogPlace & {
  /** The public keys as `audit keys` prints them; null: those next to a local log, if it has any. */
  readonly keys: NamedText | null
  /** Signed checkpoints, also among other text. */
  readonly checkpoints: NamedText | null
}

export type CheckedLog = AuditSource & { readonly check: LogCheck }

/** Throws UsageError where there is no log, and for keys and checkpoints that are none. */
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

/** The folder has files but no record, and no sign of deleted records: probably it is the wrong one. */
export const holdsNoLog = ({ records, endIsPinned, findings }: ChainCheck): boolean =>
  records === 0 && !endIsPinned && findings.length > 0 && findings.every(({ kind }) => kind === 'foreign')

/** Every record that can be read, whether or not it belongs to the chain. */
export const readableRecords = ({ stored }: Pick<AuditSource, 'stored'>): readonly AuditRecord[] =>
  stored.flatMap(({ sequence, text }) => {
    const record = sequence === null ? null : parseAuditRecord(text)
    return record?.ok ? [record.value] : []
  })

/** The records of the chain alone: one that somebody put beside it approves nothing and ends no grant. */
export const chainedRecords = ({ stored, head, findings }: AuditSource): readonly AuditRecord[] =>
  readChain(stored, head, findings).members.map(({ record }) => record)
