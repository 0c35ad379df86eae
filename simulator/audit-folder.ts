/** The audit log as a folder: one file per record. A crash leaves a record either complete or absent. */

import { randomUUID } from 'node:crypto'
import { type Dir, opendirSync } from 'node:fs'
import { lstat, mkdir, readdir, rename, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalJson, fail, ok, type Result, RolemedicError } from '../core/base/index.ts'
import {
  type AuditLogOptions,
  type AuditObjects,
  auditLog,
  type CheckedAuditLog,
  type Markers,
} from '../functions/adapters/aws/audit-log/index.ts'
import {
  type ChainHead,
  MAX_RECORD_BYTES,
  parseAuditRecord,
  parseChainHead,
  recordName,
  type StoredRecord,
  sequenceIn,
} from '../functions/domain/audit/index.ts'
import {
  AUDIT_HEAD,
  AUDIT_KEY_PREFIX,
  CURRENT_VERSION,
  itemUnreadable,
  type Marker,
} from '../functions/domain/stored/index.ts'
import { boundedText, createOnce, textNow, writeDurably } from './durable-file.ts'

export type AuditFolderOptions = AuditLogOptions & {
  readonly folder: string
  /** Stores the head of the chain outside the folder. Absent: only a hidden file in the folder has the head. */
  readonly markers?: Markers
}

export const HEAD_FILE = '.head.json'
const MAX_HEAD_BYTES = 1_000
const STALE_TEMPORARY_MS = 10 * 60_000

export function auditFolder({ folder, markers, ...options }: AuditFolderOptions): CheckedAuditLog {
  const objects = folderObjects(folder)
  const kept = markers === undefined ? folderMarkers(folder, objects) : withHeadFile(markers, folder)
  return auditLog(objects, kept, options)
}

/** The head from the hidden file of a folder. Null: there is no such file. */
export async function folderHead(folder: string): Promise<Result<ChainHead | null, string>> {
  const path = join(folder, HEAD_FILE)
  if (!(await isTaken(path))) return ok(null)
  const text = await boundedText(path, MAX_HEAD_BYTES)
  if (!text.ok) return text
  const head = parseChainHead(text.value)
  return head === null ? fail('it does not contain the end of the log') : ok(head)
}

export function folderObjects(folder: string): AuditObjects {
  let ready: Promise<void> | null = null

  async function prepare(): Promise<void> {
    await mkdir(folder, { recursive: true })
    for (const name of await readdir(folder)) {
      if (!name.endsWith('.tmp')) continue
      const { mtimeMs } = await stat(join(folder, name)).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }))
      if (mtimeMs < Date.now() - STALE_TEMPORARY_MS) await unlink(join(folder, name)).catch(() => undefined)
    }
  }

  return {
    async read(sequence) {
      const path = join(folder, recordName(sequence))
      return (await isTaken(path)) ? storedText(path) : null
    },

    async create(sequence, text) {
      ready ??= prepare()
      await ready
      return (await createOnce(join(folder, recordName(sequence)), text)) ? {} : null
    },

    async *stored(): AsyncIterable<StoredRecord> {
      const buffer = Buffer.allocUnsafeSlow(MAX_RECORD_BYTES)
      for (const { place, sequence, isFile } of folderNames(folder)) {
        const read = textNow(`${folder}/${place}`, { buffer, isFile })
        yield read.ok
          ? { place, sequence, text: read.value, versions: 1 }
          : { place, sequence, text: '', versions: 1, unread: read.error }
      }
    },
  }
}

type FolderName = Pick<StoredRecord, 'place' | 'sequence'> & { readonly isFile: boolean }

/** The visible names, in order, in eight bytes a record. None: there is no such folder. */
function* folderNames(folder: string): Iterable<FolderName> {
  const { sequences, notFiles, others } = namesIn(folder)
  let next = 0
  for (const sequence of sequences) {
    const place = recordName(sequence)
    for (let other = others[next]; other !== undefined && other < place; other = others[next]) {
      yield { place: other, sequence: null, isFile: false }
      next += 1
    }
    yield { place, sequence, isFile: !notFiles.has(sequence) }
  }
  for (const other of others.slice(next)) yield { place: other, sequence: null, isFile: false }
}

/** `notFiles`: links and what else has the name of a record. */
function namesIn(folder: string) {
  let sequences = new Float64Array(1024)
  let count = 0
  const notFiles = new Set<number>()
  const others: string[] = []
  const names = folderOrNull(folder)
  for (let entry = names?.readSync() ?? null; entry !== null; entry = names?.readSync() ?? null) {
    const { name } = entry
    const sequence = sequenceIn(name)
    if (sequence === null && !name.startsWith('.')) others.push(name)
    if (sequence === null) continue
    if (!entry.isFile()) notFiles.add(sequence)
    if (count === sequences.length) {
      const longer = new Float64Array(count * 2)
      longer.set(sequences)
      sequences = longer
    }
    sequences[count] = sequence
    count += 1
  }
  names?.closeSync()
  return { sequences: sequences.subarray(0, count).sort(), notFiles, others: others.sort() }
}

function folderOrNull(folder: string): Dir | null {
  try {
    return opendirSync(folder, { bufferSize: 512 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** The highest number among the names. Null: no name is one of the log. */
export const lastSequenceIn = (folder: string): number | null => namesIn(folder).sequences.at(-1) ?? null

/** For a folder without a store: the head from the hidden file, the keys from the records. */
function folderMarkers(folder: string, objects: AuditObjects): Markers {
  const sequenceOf = new Map<string, number>()
  let read = 0

  async function readOn(): Promise<void> {
    for (;;) {
      const stored = await objects.read(read + 1)
      if (stored === null) return
      const parsed = stored.ok ? parseAuditRecord(stored.value) : stored
      if (parsed.ok && !sequenceOf.has(parsed.value.entry.key)) sequenceOf.set(parsed.value.entry.key, read + 1)
      read += 1
    }
  }

  return {
    async getMarker(marker) {
      if (marker.key === AUDIT_HEAD.key) {
        const head = await folderHead(folder)
        if (!head.ok) throw new RolemedicError('audit-broken', `${HEAD_FILE}: ${head.error}`)
        return head.value === null ? null : asMarker(marker, head.value)
      }
      await readOn()
      const sequence = sequenceOf.get(marker.key.slice(AUDIT_KEY_PREFIX.length))
      return sequence === undefined ? null : asMarker(marker, { after: sequence - 1 })
    },
    async putMarker({ key, codec }, _version, value) {
      if (key === AUDIT_HEAD.key) await writeHead(folder, codec.write(value))
      return true
    },
  }
}

function asMarker<T>({ key, codec }: Marker<T>, stored: unknown): { readonly version: number; readonly value: T } {
  const read = codec.read(stored, CURRENT_VERSION)
  if (!read.ok) throw itemUnreadable(key, read.error)
  return { version: 1, value: read.value }
}

/** Writes the head to the folder too, so that a copy of the folder can be verified offline. */
function withHeadFile(markers: Markers, folder: string): Markers {
  return {
    getMarker: marker => markers.getMarker(marker),
    async putMarker(marker, version, value) {
      const stored = await markers.putMarker(marker, version, value)
      if (stored && marker.key === AUDIT_HEAD.key) await writeHead(folder, marker.codec.write(value))
      return stored
    },
  }
}

/** Two processes can leave the older of two heads here. It pins one record less, but never a wrong one. */
async function writeHead(folder: string, stored: unknown): Promise<void> {
  const head = AUDIT_HEAD.codec.read(stored, CURRENT_VERSION)
  if (!head.ok) throw new RolemedicError('audit-broken', `${HEAD_FILE}: ${head.error}`)
  const { sequence, hash } = head.value
  const temporary = join(folder, `.${randomUUID()}.tmp`)
  await writeDurably(temporary, canonicalJson({ sequence, hash }))
  await rename(temporary, join(folder, HEAD_FILE))
}

const storedText = (path: string) => boundedText(path, MAX_RECORD_BYTES)

/** A link without a target occupies its name too. */
async function isTaken(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
