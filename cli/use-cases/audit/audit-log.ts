/** An audit log, read and checked. */
import { UsageError } from '../../../core/base/index.ts'
import {
  type AuditRecord,
  type ChainCheck,
  checkWholeLog,
  type LedgerToCheck,
  type LogCheck,
  LogStream,
  type LogToCheck,
  parseCheckpoints,
  recordUnder,
  type SignedCheckpoint,
} from '../../../functions/domain/audit/index.ts'
import { inputName, type NamedText, type UseCaseWorld } from '../world.ts'
import { keysIn, keysNextTo } from './audit-keys.ts'
import { type AuditSource, allStored, auditSource } from './audit-source.ts'
import { ledgerSource } from './ledger-source.ts'
import type { LogPlace } from './log-records.ts'

export type LogQuestion = LogPlace & {
  /** The public keys as `audit keys` prints them. Null: those next to a local log, if there are any. */
  readonly keys: NamedText | null
  /** Text with signed checkpoints. May contain other text. */
  readonly checkpoints: NamedText | null
}

export type CheckedLog = Pick<AuditSource, 'note'> & { readonly check: LogCheck }

/** Takes the records of the chain in its order. `isForged`: a signature is wrong or missing. */
export type LogReader = { readonly take: (record: AuditRecord, isForged: boolean) => void }

export type ReadLog<Reader> = CheckedLog & {
  readonly reader: Reader
  /** Records of the chain, by their numbers. */
  readonly recordsAt: (sequences: readonly number[]) => Promise<readonly AuditRecord[]>
}

/** Also what `write` keeps beside the log. Throws UsageError if there is no log, and for invalid keys and checkpoints. */
export const checkedWithLedger = (
  question: LogQuestion,
  world: Pick<UseCaseWorld, 'readFile' | 'nowMs'>,
): Promise<CheckedLog> =>
  readLog(
    question,
    world,
    () => NO_READER,
    () => ledgerSource(question.from, world.nowMs()),
  )

/** Throws UsageError if there is no log, and for invalid keys and checkpoints. */
export async function readLog<Reader extends LogReader>(
  { from, table, keys: given, checkpoints: text }: LogQuestion,
  world: Pick<UseCaseWorld, 'readFile'>,
  open: () => Reader,
  ledger?: () => Promise<LedgerToCheck>,
): Promise<ReadLog<Reader>> {
  const keys = given === null ? await keysNextTo(from, world) : keysIn(given)
  const checkpoints = text === null ? [] : checkpointsIn(text)
  const source = await auditSource(from, table)
  const isOfCopy = given === null && keys !== null && source.isHeadInside === true
  const note = source.note ?? (isOfCopy ? KEYS_OF_COPY : null)
  return readAuditSource({ ...source, note }, { keys, checkpoints }, open, ledger)
}

const KEYS_OF_COPY =
  'signatures were checked with the public keys next to the log: who made this copy could have made them, and signed it all again (--keys FILE)'

/**
 * A whole log is read record by record; of one that was changed, all records are needed at once. `open`: makes a reader, whose
 * state is dropped where the log is read again. `ledger`: is read after the log, as what it reports was stored before.
 */
export async function readAuditSource<Reader extends LogReader>(
  source: AuditSource,
  checked: Pick<LogToCheck, 'keys' | 'checkpoints'>,
  open: () => Reader,
  ledger?: () => Promise<LedgerToCheck>,
): Promise<ReadLog<Reader>> {
  const { head, findings, note, read, isHeadInside = false } = source
  const asProved = (check: LogCheck): LogCheck => (isHeadInside ? { ...check, endIsPinned: false } : check)
  const rules = { head, findings, ...checked, ...(ledger === undefined ? {} : { ledger: NOT_READ_YET }) }
  const streamed = await streamedLog(source, new LogStream(rules), open())
  const check = streamed?.stream.end(await ledger?.()) ?? null
  if (streamed !== null && check !== null)
    return {
      check: asProved(check),
      note,
      reader: streamed.reader,
      recordsAt: sequences => recordsUnder(sequences, read),
    }
  const stored = await allStored(source)
  const whole = checkWholeLog({ ...rules, stored, ...(ledger === undefined ? {} : { ledger: await ledger() }) })
  const forged = forgedIn(whole.check)
  const reader = open()
  for (const { record } of whole.members) reader.take(record, forged.has(record.sequence))
  const bySequence = new Map(whole.members.map(({ record }) => [record.sequence, record]))
  const recordsAt = async (sequences: readonly number[]) => sequences.flatMap(number => bySequence.get(number) ?? [])
  return { check: asProved(whole.check), note, reader, recordsAt }
}

/** For who asks for the check alone. */
export const NO_READER: LogReader = { take: () => {} }

const NOT_READ_YET: LedgerToCheck = { unread: 'the log is read first' }

async function streamedLog<Reader extends LogReader>(source: AuditSource, stream: LogStream, reader: Reader) {
  for await (const stored of source.stored()) {
    const taken = stream.take(stored)
    if (taken === null) return null
    if (taken !== undefined) reader.take(taken.record, taken.isForged)
  }
  return { stream, reader }
}

const READ_AT_ONCE = 20

async function recordsUnder(sequences: readonly number[], read: AuditSource['read']): Promise<readonly AuditRecord[]> {
  const found: AuditRecord[] = []
  for (let at = 0; at < sequences.length; at += READ_AT_ONCE) {
    const batch = sequences.slice(at, at + READ_AT_ONCE)
    for (const [index, text] of (await Promise.all(batch.map(at => read(at)))).entries()) {
      const record = text?.ok ? recordUnder(batch[index] ?? 0, text.value) : null
      if (record?.ok !== true) throw new UsageError(`record ${batch[index]} was changed while the log was read`)
      found.push(record.value)
    }
  }
  return found
}

/** Numbers of the records with a missing or wrong signature. */
export const forgedIn = ({ findings }: Pick<ChainCheck, 'findings'>): ReadonlySet<number> =>
  new Set(
    findings.flatMap(({ kind, sequence }) =>
      (kind === 'forged' || kind === 'unsigned') && sequence !== null ? [sequence] : [],
    ),
  )

function checkpointsIn(given: NamedText): readonly SignedCheckpoint[] {
  const parsed = parseCheckpoints(given.text)
  if (!parsed.ok) throw new UsageError(`${inputName(given)}: ${parsed.error}`)
  return parsed.value
}

/** True when the folder has files but no record and no sign of deleted records: it is probably the wrong folder. */
export const holdsNoLog = ({ records, endIsPinned, findings }: ChainCheck): boolean =>
  records === 0 && !endIsPinned && findings.length > 0 && findings.every(({ kind }) => kind === 'foreign')
