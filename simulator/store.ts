/** The proposals table on this machine: the same adapter as in the cloud, over an embedded DynamoDB kept in a folder. */
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
import { proposalsTable, TABLE_SCHEMA } from '../functions/adapters/aws/dynamodb/proposals-table.ts'
import { attributesOf, noteKey } from '../functions/adapters/aws/dynamodb/table-items.ts'
import { LOCK } from '../functions/apply/target-lock.ts'
import { UsageError } from '../functions/domain/base/errors.ts'
import type { ProposalStore } from '../functions/ports/proposal-store.ts'

export type OpenStore = {
  readonly store: ProposalStore
  close(): Promise<void>
}

/** `path` is a folder, made when absent; null keeps everything in memory. One process at a time may hold a folder. */
export async function openStore(path: string | null, options: { settleGraceMs?: number } = {}): Promise<OpenStore> {
  const opened = await open(path)
  const ready = await tableReady(opened.client)
  if (ready) {
    await mendIndexes(opened.client)
    await dropLocks(opened.client)
    return storeOver(opened, options)
  }
  // Cut off in the instant the table was made: it holds nothing yet, so it is made anew.
  await close(opened)
  if (path !== null) rmSync(path, { recursive: true, force: true })
  const again = await open(path)
  if (!(await tableReady(again.client))) throw new UsageError(`the store at ${path} cannot be made: delete the folder`)
  return storeOver(again, options)
}

type Opened = { readonly server: Server; readonly client: DynamoDBClient }

function storeOver(opened: Opened, options: { settleGraceMs?: number }): OpenStore {
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
    // The embedded server checks no signature; these are not credentials.
    credentials: { accessKeyId: 'embedded', secretAccessKey: 'embedded' },
    maxAttempts: 3,
  })
  return { server, client }
}

/** Asked beforehand, because the embedded server ends the whole process when it cannot open its folder. */
async function requireFree(path: string): Promise<void> {
  let probe: Level
  try {
    mkdirSync(path, { recursive: true })
    probe = new Level(path)
    await probe.open()
  } catch (error) {
    const { message, cause } = error as Error & { readonly cause?: Error & { readonly code?: string } }
    if (cause?.code === 'LEVEL_LOCKED')
      throw new UsageError(`${path} is in use by another rolemedic on this machine`, { cause: error })
    throw new UsageError(`the store in ${path} cannot be opened: ${cause?.message ?? message}`, { cause: error })
  }
  await probe.close()
}

/**
 * The embedded store writes an item and its index entries one after another: a kill in between leaves an item that no
 * index names, and `sweep` would never find it. Whatever still has something due is put back as it is, which names it again.
 */
async function mendIndexes(client: DynamoDBClient): Promise<void> {
  const { TableName } = TABLE_SCHEMA
  for await (const { Items = [] } of paginateScan(
    { client },
    { TableName, FilterExpression: 'attribute_exists(dueKind) OR attribute_exists(openKind)' },
  ))
    for (const Item of Items) await client.send(new PutItemCommand({ TableName, Item }))
}

/** One process at a time holds this store: whoever took these locks is dead. */
async function dropLocks(client: DynamoDBClient): Promise<void> {
  const { TableName } = TABLE_SCHEMA
  for await (const { Items = [] } of paginateScan(
    { client },
    {
      TableName,
      FilterExpression: 'begins_with(pk, :lock)',
      ExpressionAttributeValues: attributesOf({ ':lock': noteKey(LOCK) }),
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

/** False when the table hangs half-made. */
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
