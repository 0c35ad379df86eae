/** The local proposals table: the same adapter as in the cloud, on an embedded DynamoDB in a folder. */

import { mkdirSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  CreateTableCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  PutItemCommand,
  paginateScan,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb'
import dynalite from 'dynalite'
import { Level } from 'level'
import { UsageError } from '../core/base/index.ts'
import { attributesOf, markerKey, proposalsTable, TABLE_SCHEMA } from '../functions/adapters/aws/dynamodb/index.ts'
import { MARKERS } from '../functions/domain/stored/index.ts'
import type { Observer, ProposalStore } from '../functions/ports/index.ts'

export type LocalStore = {
  readonly store: ProposalStore
  close(): Promise<void>
}

type StoreOptions = { readonly observer: Observer; readonly settleGraceMs?: number }

/** `path`: a folder, created if absent. Null: keeps everything in memory. Only one process can open a folder. */
export async function openLocalStore(path: string | null, options: StoreOptions): Promise<LocalStore> {
  const opened = await open(path)
  const ready = await tableReady(opened.client)
  if (ready) {
    await repairIndexes(opened.client)
    await dropLocks(opened.client)
    return storeOver(opened, options)
  }
  // After a crash during table creation the table is empty, so it is created again.
  await close(opened)
  if (path !== null) rmSync(path, { recursive: true, force: true })
  const again = await open(path)
  if (!(await tableReady(again.client))) throw new UsageError(`cannot create the store at ${path}: delete the folder`)
  return storeOver(again, options)
}

type Opened = { readonly server: Server; readonly client: DynamoDBClient }

function storeOver(opened: Opened, options: StoreOptions): LocalStore {
  return {
    store: proposalsTable({ client: opened.client, tableName: TABLE_SCHEMA.TableName, ...options }),
    close: () => close(opened),
  }
}

async function open(path: string | null): Promise<Opened> {
  if (path !== null) await requireFree(path)
  const server = dynalite({ createTableMs: 0, ...(path === null ? {} : { path }) })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    // The embedded server checks no signatures; these are not real credentials.
    credentials: { accessKeyId: 'embedded', secretAccessKey: 'embedded' },
    maxAttempts: 3,
  })
  return { server, client }
}

/** Checked first, because the embedded server exits the process if it cannot open its folder. */
async function requireFree(path: string): Promise<void> {
  let level: Level
  try {
    mkdirSync(path, { recursive: true })
    level = new Level(path)
    await level.open()
  } catch (error) {
    const { message, cause } = error as Error & { readonly cause?: Error & { readonly code?: string } }
    if (cause?.code === 'LEVEL_LOCKED')
      throw new UsageError(`${path} is in use by another rolemedic on this machine`, { cause: error })
    throw new UsageError(`cannot open the store in ${path}: ${cause?.message ?? message}`, { cause: error })
  }
  await level.close()
}

/**
 * The embedded store writes an item and its index entries separately. A crash in between leaves an item without index entries,
 * which `sweep` would never find. Writing every open or due item again restores them.
 */
async function repairIndexes(client: DynamoDBClient): Promise<void> {
  const { TableName } = TABLE_SCHEMA
  for await (const { Items = [] } of paginateScan(
    { client },
    { TableName, FilterExpression: 'attribute_exists(dueKind) OR attribute_exists(openKind)' },
  ))
    for (const Item of Items) await client.send(new PutItemCommand({ TableName, Item }))
}

/** Only one process can open this store, so these locks belong to a dead process. */
async function dropLocks(client: DynamoDBClient): Promise<void> {
  const { TableName } = TABLE_SCHEMA
  for await (const { Items = [] } of paginateScan(
    { client },
    {
      TableName,
      FilterExpression: 'begins_with(pk, :lock)',
      ExpressionAttributeValues: attributesOf({ ':lock': markerKey(MARKERS.lock) }),
    },
  ))
    for (const { pk } of Items)
      if (pk !== undefined) await client.send(new DeleteItemCommand({ TableName, Key: { pk } }))
}

async function close({ server, client }: Opened): Promise<void> {
  client.destroy()
  server.closeAllConnections()
  await new Promise<void>(resolve => server.close(() => resolve()))
}

/** False: the table creation does not complete. */
async function tableReady(client: DynamoDBClient): Promise<boolean> {
  for (let tries = 0; tries < 40; tries += 1) {
    const status = await tableStatus(client)
    if (status === 'ACTIVE') return true
    if (status === null) await client.send(new CreateTableCommand(TABLE_SCHEMA))
    else await new Promise(resolve => setTimeout(resolve, 50))
  }
  return false
}

async function tableStatus(client: DynamoDBClient): Promise<string | null> {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: TABLE_SCHEMA.TableName }))
    return Table?.TableStatus ?? null
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return null
    throw error
  }
}
