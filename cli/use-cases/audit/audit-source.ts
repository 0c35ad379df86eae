/** Reads an audit chain from a folder or an S3 bucket. */

import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { S3Client } from '@aws-sdk/client-s3'
import { UsageError } from '../../../core/base/index.ts'
import { type AuditObjects, s3AuditObjects } from '../../../functions/adapters/aws/audit-log/index.ts'
import { proposalsTable } from '../../../functions/adapters/aws/dynamodb/index.ts'
import {
  type ChainFinding,
  type ChainHead,
  parseAuditRecord,
  type StoredRecord,
} from '../../../functions/domain/audit/index.ts'
import { type RecordedCard, recordedCard } from '../../../functions/domain/messages/index.ts'
import { postedCardOf } from '../../../functions/domain/proposal/index.ts'
import { AUDIT_HEAD } from '../../../functions/domain/stored/index.ts'
import { type ProposalStore, SILENT_OBSERVER } from '../../../functions/ports/index.ts'
import { folderHead, folderObjects, HEAD_FILE, lastSequenceIn } from '../../../simulator/audit-folder.ts'

export type AuditSource = {
  /** In the order of their names. */
  readonly stored: () => AsyncIterable<StoredRecord>
  /** The text under this number. */
  readonly read: AuditObjects['read']
  readonly head: ChainHead | null
  /** Only a file among the records has the head: who cuts records off the end can write it, too. */
  readonly isHeadInside?: true
  /** Problems with the head itself. */
  readonly findings: readonly ChainFinding[]
  /** A remark for the user. Null: none. */
  readonly note: string | null
}

export type StoredHead = Pick<AuditSource, 'head' | 'note'>

/** `table`: the DynamoDB table with the head of a bucket's chain. */
export async function auditSource(from: string, table: string | null): Promise<AuditSource> {
  if (from.startsWith('s3://')) return fromBucket(from, table)
  if (!existsSync(from)) throw new UsageError(`${from}: no audit log there (--from names its folder)`)
  if (!statSync(from).isDirectory()) throw new UsageError(`${from}: an audit log is a folder, this is a file`)
  if (table !== null) return { ...folderObjects(from), head: await tableHead(table), findings: [], note: null }
  return fromFolder(from)
}

/** Anyone who can write to the folder can change its hidden head file, so this compares it with the head in the bot's store. */
async function fromFolder(from: string): Promise<AuditSource> {
  return folderSource(from, await headOfLocalStore(join(dirname(resolve(from)), 'store')))
}

/** `storedHead`: the end of the log according to the bot's store. */
export async function folderSource(from: string, storedHead: StoredHead): Promise<AuditSource> {
  const file = await folderHead(from)
  const objects = folderObjects(from)
  const problem = file.ok
    ? headMismatch(file.value, storedHead.head ?? (await lastRecord(from, file.value)))
    : file.error
  const findings: readonly ChainFinding[] =
    problem === null ? [] : [{ kind: 'head', place: HEAD_FILE, sequence: null, detail: problem }]
  const inside = storedHead.head === null ? { isHeadInside: true as const } : {}
  const head = storedHead.head ?? (file.ok ? file.value : null)
  return { ...objects, head, ...inside, findings, note: storedHead.note }
}

export async function headFromStore(store: Pick<ProposalStore, 'getMarker'>): Promise<StoredHead> {
  return { head: (await store.getMarker(AUDIT_HEAD))?.value ?? null, note: null }
}

/** The last record, unless one is being written right now. Null: there is nothing to compare. */
async function lastRecord(from: string, head: ChainHead | null): Promise<ChainHead | null> {
  const now = await folderHead(from)
  if (head === null || !now.ok || now.value?.sequence !== head.sequence) return null
  const last = lastSequenceIn(from)
  const stored = last === null ? null : await folderObjects(from).read(last)
  const record = stored?.ok ? parseAuditRecord(stored.value) : null
  return record?.ok && record.value.sequence > head.sequence ? record.value : null
}

/** A crash between writing the store and the file leaves the file one record behind. */
function headMismatch(file: ChainHead | null, stored: ChainHead | null): string | null {
  if (stored === null) return null
  if (file === null)
    return stored.sequence <= 1 ? null : `it is missing; according to the store, the log reached ${stored.sequence}`
  const behind = stored.sequence - file.sequence
  if (behind === 0 && file.hash === stored.hash) return null
  if (behind === 1) return null
  return `it names record ${file.sequence} (${file.hash}) as the last one, but that is ${stored.sequence} (${stored.hash})`
}

async function headOfLocalStore(path: string): Promise<StoredHead> {
  const head = await inLocalStore(path, headFromStore)
  return head instanceof UsageError
    ? { head: null, note: `${head.message}: the end of the log is taken from ${HEAD_FILE} only` }
    : (head ?? { head: null, note: null })
}

/** The error: another process has the store open. Null: there is no store. */
async function inLocalStore<T>(
  path: string,
  read: (store: Pick<ProposalStore, 'get' | 'getMarker'>) => Promise<T>,
): Promise<T | UsageError | null> {
  if (!existsSync(join(path, 'CURRENT'))) return null
  const { openLocalStore: openStore } = await import('../../../simulator/local-store.ts')
  const opened = await openStore(path, { observer: SILENT_OBSERVER }).catch(error => {
    if (error instanceof UsageError) return error
    throw error
  })
  if (opened instanceof UsageError) return opened
  try {
    return await read(opened.store)
  } finally {
    await opened.close()
  }
}

type Cards = ReadonlyMap<string, RecordedCard>
const NO_CARDS: Cards = new Map()

/** The messages of these proposals, from the bot's store, because the first records are written before the card is posted. */
export async function storedCards(from: string, table: string | null, ids: readonly string[]): Promise<Cards> {
  if (ids.length === 0) return NO_CARDS
  if (table !== null) return cardsIn(tableOf(table), ids)
  if (from.startsWith('s3://')) return NO_CARDS
  const cards = await inLocalStore(join(dirname(resolve(from)), 'store'), store => cardsIn(store, ids))
  return cards instanceof UsageError || cards === null ? NO_CARDS : cards
}

const READS_AT_ONCE = 16

/** Links are not evidence, so an item that cannot be read is omitted. */
async function cardsIn(store: Pick<ProposalStore, 'get'>, ids: readonly string[]): Promise<Cards> {
  const cards = new Map<string, RecordedCard>()
  const waiting = [...ids]
  const readAll = async () => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const proposal = await store.get(id).catch(() => null)
      const card = proposal === null ? null : postedCardOf(proposal)
      if (card !== null) cards.set(id, recordedCard(card))
    }
  }
  await Promise.all(Array.from({ length: READS_AT_ONCE }, readAll))
  return cards
}

/** Without a prefix: `audit`. */
export function placeInBucket(from: string): { readonly bucket: string; readonly prefix: string } {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(from) ?? []
  if (bucket === '') throw new UsageError(`${from}: expected s3://bucket/prefix`)
  return { bucket, prefix: prefix === '' ? 'audit' : prefix }
}

/** Takes a bucket of another Region, too: a copy of the log is to outlive that of the hub. */
export const auditBucketClient = () => new S3Client({ region: regionOfHub(), followRegionRedirects: true })

/** Asked once for each client, which wants it several times for each request. */
function regionOfHub(): () => Promise<string> {
  let asked: Promise<string> | null = null
  return () => {
    asked ??= import('../../live/cli-access.ts').then(({ requiredRegion }) => requiredRegion())
    return asked
  }
}

async function fromBucket(from: string, table: string | null): Promise<AuditSource> {
  const objects = s3AuditObjects({ client: auditBucketClient(), ...placeInBucket(from) })
  return {
    ...objects,
    stored: () => orUsageErrors(objects.stored(), from),
    head: table === null ? null : await tableHead(table),
    findings: [],
    note: null,
  }
}

const tableOf = (tableName: string) =>
  proposalsTable({ client: new DynamoDBClient({ region: regionOfHub() }), tableName, observer: SILENT_OBSERVER })

async function tableHead(tableName: string): Promise<ChainHead | null> {
  const table = tableOf(tableName)
  return (await orUsageError(table.getMarker(AUDIT_HEAD), `table ${tableName}`))?.value ?? null
}

/** All at once, for a log that is not whole. */
export async function allStored({ stored }: Pick<AuditSource, 'stored'>): Promise<readonly StoredRecord[]> {
  const list: StoredRecord[] = []
  for await (const record of stored()) list.push(record)
  return list
}

async function* orUsageErrors<T>(values: AsyncIterable<T>, what: string): AsyncIterable<T> {
  try {
    yield* values
  } catch (cause) {
    throw new UsageError(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

async function orUsageError<T>(reading: Promise<T>, what: string): Promise<T> {
  try {
    return await reading
  } catch (cause) {
    throw new UsageError(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
