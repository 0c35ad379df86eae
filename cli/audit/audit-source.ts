/** Where a chain is read from on the command line: a folder, or a bucket. */
import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { S3Client } from '@aws-sdk/client-s3'
import { HEAD_NOTE } from '../../functions/adapters/aws/audit-log/append-to-chain.ts'
import { bucketObjects } from '../../functions/adapters/aws/audit-log/s3-audit-log.ts'
import { proposalsTable } from '../../functions/adapters/aws/dynamodb/proposals-table.ts'
import { type ChainHead, parseAuditRecord, type StoredRecord } from '../../functions/domain/audit/audit-chain.ts'
import type { ChainFinding } from '../../functions/domain/audit/verify-chain.ts'
import { UsageError } from '../../functions/domain/base/errors.ts'
import type { ProposalStore } from '../../functions/ports/proposal-store.ts'
import { folderHead, folderObjects, HEAD_FILE } from '../../simulator/audit-folder.ts'

export type AuditSource = {
  readonly stored: readonly StoredRecord[]
  readonly head: ChainHead | null
  /** What is wrong with the head itself. */
  readonly findings: readonly ChainFinding[]
  /** For the person; null: nothing to say. */
  readonly note: string | null
}

export type KeptHead = Pick<AuditSource, 'head' | 'note'>

/** `table`: the DynamoDB table that keeps the head of a bucket's chain. */
export async function auditSource(from: string, table: string | null): Promise<AuditSource> {
  if (from.startsWith('s3://')) return fromBucket(from, table)
  if (!existsSync(from)) throw new UsageError(`${from}: no audit log there (--from names its folder)`)
  if (!statSync(from).isDirectory()) throw new UsageError(`${from}: an audit log is a folder, this is a file`)
  if (table !== null)
    return { stored: await all(folderObjects(from).stored()), head: await tableHead(table), findings: [], note: null }
  return fromFolder(from)
}

/** The hidden file in the folder is within reach of whoever touches the folder; the store of the bot beside it says the same. */
async function fromFolder(from: string): Promise<AuditSource> {
  return folderSource(from, await storeHead(join(dirname(resolve(from)), 'store')))
}

/** `kept`: where the log ends as the store of the bot has it. */
export async function folderSource(from: string, kept: KeptHead): Promise<AuditSource> {
  const file = await folderHead(from)
  const stored = await all(folderObjects(from).stored())
  const wrong = file.ok ? unlike(file.value, kept.head ?? (await reachedBy(from, file.value, stored))) : file.error
  const findings: readonly ChainFinding[] =
    wrong === null ? [] : [{ kind: 'head', place: HEAD_FILE, sequence: null, detail: wrong }]
  return { stored, head: kept.head ?? (file.ok ? file.value : null), findings, note: kept.note }
}

export async function headIn(store: Pick<ProposalStore, 'getNote'>): Promise<KeptHead> {
  const note = await store.getNote(HEAD_NOTE)
  return { head: note === null ? null : (note.value as ChainHead), note: null }
}

/** Where the records end, unless the log is being written at this moment; null where there is nothing to compare. */
async function reachedBy(
  from: string,
  head: ChainHead | null,
  stored: readonly StoredRecord[],
): Promise<ChainHead | null> {
  const now = await folderHead(from)
  if (head === null || !now.ok || now.value?.sequence !== head.sequence) return null
  const last = stored.findLast(({ sequence }) => sequence !== null)
  const record = last === undefined ? null : parseAuditRecord(last.text)
  return record?.ok && record.value.sequence > head.sequence ? record.value : null
}

/** A kill between the store and the file leaves the file one record behind. */
function unlike(file: ChainHead | null, kept: ChainHead | null): string | null {
  if (kept === null) return null
  if (file === null)
    return kept.sequence <= 1 ? null : `it is gone; the store says that the log reached ${kept.sequence}`
  const behind = kept.sequence - file.sequence
  if (behind === 0 && file.hash === kept.hash) return null
  if (behind === 1) return null
  return `it names record ${file.sequence} (${file.hash}) as the last, which is ${kept.sequence} (${kept.hash})`
}

async function storeHead(path: string): Promise<KeptHead> {
  if (!existsSync(join(path, 'CURRENT'))) return { head: null, note: null }
  const { openStore } = await import('../../simulator/store.ts')
  const opened = await openStore(path).catch(error => {
    if (error instanceof UsageError) return error
    throw error
  })
  if (opened instanceof UsageError)
    return { head: null, note: `${opened.message}: where the log ends is taken from ${HEAD_FILE} alone` }
  try {
    return await headIn(opened.store)
  } finally {
    await opened.close()
  }
}

async function fromBucket(from: string, table: string | null): Promise<AuditSource> {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(from) ?? []
  if (bucket === '') throw new UsageError(`${from}: expected s3://bucket/prefix`)
  const objects = bucketObjects({ client: new S3Client({}), bucket, prefix: prefix === '' ? 'audit' : prefix })
  const stored = await reached(all(objects.stored()), from)
  return { stored, head: table === null ? null : await tableHead(table), findings: [], note: null }
}

async function tableHead(tableName: string): Promise<ChainHead | null> {
  const client = new DynamoDBClient({})
  const note = await reached(proposalsTable({ client, tableName }).getNote(HEAD_NOTE), `table ${tableName}`)
  return note === null ? null : (note.value as ChainHead)
}

async function all(records: AsyncIterable<StoredRecord>): Promise<StoredRecord[]> {
  const list: StoredRecord[] = []
  for await (const record of records) list.push(record)
  return list
}

async function reached<T>(reading: Promise<T>, what: string): Promise<T> {
  try {
    return await reading
  } catch (cause) {
    throw new UsageError(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
