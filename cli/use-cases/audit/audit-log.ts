/** An audit log, read and checked. */
import { UsageError } from '../../../core/base/index.ts'
import {
  type ChainCheck,
  checkLog,
  type LedgerToCheck,
  type LogCheck,
  parseCheckpoints,
  type SignedCheckpoint,
} from '../../../functions/domain/audit/index.ts'
import { inputName, type NamedText, type UseCaseWorld } from '../world.ts'
import { keysIn, keysNextTo } from './audit-keys.ts'
import { type AuditSource, auditSource } from './audit-source.ts'
import { ledgerSource } from './ledger-source.ts'
import type { LogPlace } from './log-records.ts'

export type LogQuestion = LogPlace & {
  /** The public keys as `audit keys` prints them. Null: those next to a local log, if there are any. */
  readonly keys: NamedText | null
  /** Text with signed checkpoints. May contain other text. */
  readonly checkpoints: NamedText | null
}

export type CheckedLog = AuditSource & { readonly check: LogCheck }

/** Throws UsageError if there is no log, and for invalid keys and checkpoints. */
export const checkedLog = (question: LogQuestion, world: Pick<UseCaseWorld, 'readFile'>): Promise<CheckedLog> =>
  checkedWith(question, world, async () => ({}))

/** Also what `write` keeps beside the log. */
export const checkedWithLedger = (
  question: LogQuestion,
  world: Pick<UseCaseWorld, 'readFile' | 'nowMs'>,
): Promise<CheckedLog> =>
  checkedWith(question, world, async () => ({ ledger: await ledgerSource(question.from, world.nowMs()) }))

/** The log is read first: what it reports was stored before. */
async function checkedWith(
  { from, table, keys: given, checkpoints }: LogQuestion,
  world: Pick<UseCaseWorld, 'readFile'>,
  beside: () => Promise<{ readonly ledger?: LedgerToCheck }>,
): Promise<CheckedLog> {
  const keys = given === null ? await keysNextTo(from, world) : keysIn(given)
  const signed = checkpoints === null ? [] : checkpointsIn(checkpoints)
  const source = await auditSource(from, table)
  return { ...source, check: checkLog({ ...source, keys, checkpoints: signed, ...(await beside()) }) }
}

function checkpointsIn(given: NamedText): readonly SignedCheckpoint[] {
  const parsed = parseCheckpoints(given.text)
  if (!parsed.ok) throw new UsageError(`${inputName(given)}: ${parsed.error}`)
  return parsed.value
}

/** True when the folder has files but no record and no sign of deleted records: it is probably the wrong folder. */
export const holdsNoLog = ({ records, endIsPinned, findings }: ChainCheck): boolean =>
  records === 0 && !endIsPinned && findings.length > 0 && findings.every(({ kind }) => kind === 'foreign')
