/** Where a chain is read from on the command line: a folder, or a bucket. */
import { existsSync, statSync } from 'node:fs'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { S3Client } from '@aws-sdk/client-s3'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { HEAD_NOTE } from '../functions/adapters/audit-append.ts'
import { bucketObjects } from '../functions/adapters/audit-bucket.ts'
import { folderHead, folderObjects } from '../functions/adapters/audit-folder.ts'
import { proposalsTable } from '../functions/adapters/proposals-table.ts'
import type { ChainHead, StoredRecord } from '../functions/core/audit-chain.ts'
import { UsageError } from '../functions/core/errors.ts'

export type AuditSource = { readonly stored: readonly StoredRecord[]; readonly head: ChainHead | null }

/** `table`: the DynamoDB table that keeps the head of a bucket's chain. */
export async function auditSource(from: string, table: string | null): Promise<AuditSource> {
  if (from.startsWith('s3://')) return fromBucket(from, table)
  if (!existsSync(from)) throw new UsageError(`${from}: no audit log there (--from names its folder)`)
  if (!statSync(from).isDirectory()) throw new UsageError(`${from}: an audit log is a folder, this is a file`)
  const head = table === null ? await folderHead(from) : await tableHead(table)
  return { stored: await all(folderObjects(from).stored()), head }
}

async function fromBucket(from: string, table: string | null): Promise<AuditSource> {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(from) ?? []
  if (bucket === '') throw new UsageError(`${from}: expected s3://bucket/prefix`)
  const objects = bucketObjects({ client: new S3Client({}), bucket, prefix: prefix === '' ? 'audit' : prefix })
  const stored = await reached(all(objects.stored()), from)
  return { stored, head: table === null ? null : await tableHead(table) }
}

async function tableHead(tableName: string): Promise<ChainHead | null> {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({}))
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
