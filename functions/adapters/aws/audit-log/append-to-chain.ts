/** Appending to the chain over any storage that can create an object only if it is absent. */

import {
  type ChainHead,
  isIntact,
  link,
  parseAuditRecord,
  recordName,
  type StoredRecord,
  storedForm,
} from '../../../domain/audit/audit-chain.ts'
import type { AuditRecord } from '../../../domain/audit/audit-record.ts'
import { RolemedicError } from '../../../domain/base/errors.ts'
import { AUDIT_HEAD, auditSearch } from '../../../domain/stored/markers.ts'
import type { AuditLog } from '../../../ports/audit-log.ts'
import type { ProposalStore } from '../../../ports/proposal-store.ts'

export type AuditObjects = {
  /** The first version stored under this sequence; null when there is none. */
  read(sequence: number): Promise<string | null>
  /** False when the sequence is taken. Durable when it resolves. */
  create(sequence: number, text: string): Promise<boolean>
  /** All records in order of their names, and foreign objects among them. */
  stored(): AsyncIterable<StoredRecord>
}

/** Small versioned items outside the log. */
export type Markers = Pick<ProposalStore, 'getMarker' | 'putMarker'>

export type CheckedAuditLog = AuditLog & {
  stored(): AsyncIterable<StoredRecord>
  /** The end of the log at the last append, as stored outside the log. */
  head(): Promise<ChainHead | null>
}

const MAX_CONFLICTS = 1000
const READ_AT_ONCE = 20

export function auditLog(objects: AuditObjects, markers: Markers): CheckedAuditLog {
  /** Appends of one process run one after another; other processes compete at `create`. */
  let turn: Promise<unknown> = Promise.resolve()

  async function recordAt(sequence: number): Promise<AuditRecord | null> {
    const text = await objects.read(sequence)
    if (text === null) return null
    const parsed = parseAuditRecord(text)
    if (!parsed.ok) throw broken(`record ${recordName(sequence)} cannot be read: ${parsed.error}`)
    if (parsed.value.sequence !== sequence || !isIntact(parsed.value))
      throw broken(`record ${recordName(sequence)} was changed`)
    return parsed.value
  }

  async function head(): Promise<ChainHead | null> {
    return (await markers.getMarker(AUDIT_HEAD))?.value ?? null
  }

  /** The record that the head names, checked. */
  async function headRecord(): Promise<AuditRecord | null> {
    const expected = await head()
    if (expected === null) return null
    const record = await recordAt(expected.sequence)
    if (record === null) throw broken(`record ${recordName(expected.sequence)} is missing`)
    if (record.hash !== expected.hash) throw broken(`record ${recordName(expected.sequence)} was replaced`)
    return record
  }

  async function moveHead(record: AuditRecord): Promise<void> {
    for (;;) {
      const found = await markers.getMarker(AUDIT_HEAD)
      if (found !== null && found.value.sequence >= record.sequence) return
      const next: ChainHead = { sequence: record.sequence, hash: record.hash }
      if (await markers.putMarker(AUDIT_HEAD, found?.version ?? 0, next)) return
    }
  }

  /**
   * Before the first attempt, a marker records from which sequence on an entry with this key can be in the log. A redelivery
   * finds the marker and scans from there instead of from the beginning.
   */
  async function lookFrom(key: string, headSequence: number): Promise<number> {
    const marker = auditSearch(key)
    const found = await markers.getMarker(marker)
    if (found !== null) return found.value.after
    if (await markers.putMarker(marker, 0, { after: headSequence })) return headSequence
    return (await markers.getMarker(marker))?.value.after ?? headSequence
  }

  async function append(entry: Parameters<AuditLog['append']>[0]): Promise<AuditRecord> {
    const atHead = await headRecord()
    const after = Math.min(await lookFrom(entry.key, atHead?.sequence ?? 0), atHead?.sequence ?? 0)
    let last = after === atHead?.sequence ? atHead : await recordAt(after || 1)
    if (after === 0 && last?.entry.key === entry.key) return done(last)
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; ) {
      const next = await recordAt((last?.sequence ?? 0) + 1)
      if (next?.entry.key === entry.key) return done(next)
      if (next !== null) {
        last = next
        continue
      }
      const record = link(last, entry)
      if (await objects.create(record.sequence, storedForm(record))) return done(record)
      conflicts += 1
    }
    throw new RolemedicError('audit-contention', 'too many writers append to the audit log at once')
  }

  async function done(record: AuditRecord): Promise<AuditRecord> {
    await moveHead(record)
    return record
  }

  return {
    append(entry) {
      const mine = turn.then(() => append(entry))
      turn = mine.catch(() => undefined)
      return mine
    },
    async *records() {
      for await (const { sequence, text } of objects.stored()) {
        const parsed = parseAuditRecord(text)
        if (sequence !== null && parsed.ok) yield parsed.value
      }
    },
    async *latest() {
      let end = (await head())?.sequence ?? 0
      // A writer that crashed before it moved the head leaves records beyond it.
      while ((await objects.read(end + 1)) !== null) end += 1
      for (; end > 0; end -= READ_AT_ONCE) {
        const sequences = Array.from({ length: Math.min(READ_AT_ONCE, end) }, (_, back) => end - back)
        for (const text of await Promise.all(sequences.map(sequence => objects.read(sequence)))) {
          const parsed = text === null ? null : parseAuditRecord(text)
          if (parsed?.ok) yield parsed.value
        }
      }
    },
    stored: () => objects.stored(),
    head,
  }
}

/** A broken chain takes no more records. IAM is not written either, because the intent record comes first. */
const broken = (what: string) =>
  new RolemedicError('audit-broken', `the audit log is broken: ${what}; run "rolemedic audit verify"`)
