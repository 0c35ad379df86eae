/** Answers the requests of the table's adapter from memory, with conditions, sparse indexes, and the units that AWS bills. */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  type GetItemCommandInput,
  type PutItemCommandInput,
  type QueryCommandInput,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb'
import { RolemedicError } from '../../../core/base/fault.ts'
import { INDEXES } from '../../../functions/adapters/aws/dynamodb/table-keys.ts'
import type { EventQueue } from '../event-queue.ts'
import { packedTexts } from './packed-texts.ts'

type Item = Readonly<Record<string, AttributeValue>>
export type TableUse = { writes: number; writeUnits: number; indexUnits: number; reads: number; readUnits: number }
export type TableConnection = { readonly client: DynamoDBClient; readonly use: TableUse }
export type MemoryDynamoDb = {
  /** A connection whose requests are counted separately. */
  connect(): TableConnection
  /** For observation: takes no time and counts nothing. */
  readonly unseen: DynamoDBClient
}

type Index = (typeof INDEXES)[number]
type Command = { readonly constructor: { readonly name: string }; readonly input: unknown }

export function memoryDynamoDb(events: EventQueue, latencyMs: number): MemoryDynamoDb {
  const items = packedTexts<Item>()
  const listed = new Map<string, SortedEntries>()
  function store(pk: string, item: Item, before: Item | undefined, use: TableUse): void {
    items.set(pk, item)
    use.writes += 1
    use.writeUnits += Math.ceil(Math.max(sizeOf(item), before === undefined ? 0 : sizeOf(before)) / 1024)
    for (const index of INDEXES) {
      const [old, now] = [entryOf(before, index), entryOf(item, index)]
      if (old?.hash === now?.hash && old?.at === now?.at) continue
      // A moved index entry is deleted and written.
      use.indexUnits += (old === null ? 0 : 1) + (now === null ? 0 : 1)
      if (old !== null) entriesOf(old.hash).remove({ at: old.at, pk })
      if (now !== null) entriesOf(now.hash).add({ at: now.at, pk })
    }
  }

  function entriesOf(hash: string): SortedEntries {
    const present = listed.get(hash)
    if (present !== undefined) return present
    const entries = sortedEntries()
    listed.set(hash, entries)
    return entries
  }

  function refuse(item: Item | undefined, use: TableUse): never {
    // AWS bills a refused write like a successful one.
    use.writes += 1
    use.writeUnits += Math.ceil((item === undefined ? 1 : sizeOf(item)) / 1024)
    throw new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {} })
  }

  function put(
    { Item: item = {}, ConditionExpression, ExpressionAttributeValues }: PutItemCommandInput,
    use: TableUse,
  ): object {
    const pk = text(item['pk'])
    const before = items.get(pk)
    switch (ConditionExpression) {
      case 'attribute_not_exists(pk)':
        if (before !== undefined) refuse(before, use)
        break
      case 'version = :mine':
        if (before?.['version']?.N !== ExpressionAttributeValues?.[':mine']?.N) refuse(before, use)
        break
      default:
        throw unknownRequest(`the condition ${ConditionExpression}`)
    }
    store(pk, item, before, use)
    return {}
  }

  function get({ Key }: GetItemCommandInput, use: TableUse): object {
    const item = items.get(text(Key?.['pk']))
    use.reads += 1
    use.readUnits += Math.max(1, Math.ceil((item === undefined ? 0 : sizeOf(item)) / 4096))
    return item === undefined ? {} : { Item: item }
  }

  /** Supports only the update of counters: ADD #value :one SET expiresAt = :expires, v = :v. */
  function update({ Key, ExpressionAttributeValues: values = {} }: UpdateItemCommandInput, use: TableUse): object {
    const pk = text(Key?.['pk'])
    const before = items.get(pk)
    const value = Number(before?.['value']?.N ?? 0) + Number(values[':one']?.N ?? 0)
    const [expiresAt, v] = [values[':expires'], values[':v']]
    if (expiresAt === undefined || v === undefined) throw unknownRequest('the update')
    const item = { pk: { S: pk }, value: { N: String(value) }, expiresAt, v }
    store(pk, item, before, use)
    return { Attributes: item }
  }

  function query(input: QueryCommandInput, use: TableUse): object {
    const { IndexName, ExpressionAttributeValues: values = {}, Limit = 25, ScanIndexForward = true } = input
    const index = INDEXES.find(({ name }) => name === IndexName)
    if (index === undefined) throw unknownRequest(`the index ${IndexName}`)
    const hash = values[':kind'] ?? values[':open'] ?? values[':place']
    const from = Number(values[':from']?.N ?? Number.NEGATIVE_INFINITY)
    const to = Number(values[':to']?.N ?? values[':now']?.N ?? Number.POSITIVE_INFINITY)
    const after = input.ExclusiveStartKey
    const entries = entriesOf(`${index.name} ${text(hash)}`)
    const start = after === undefined ? null : { at: Number(after[index.range.name]?.N), pk: text(after['pk']) }
    // One more, to know whether there is a next page.
    const found = entries.between(from, to, { start, isForward: ScanIndexForward, most: Limit + 1 })
    const page = found.slice(0, Limit)
    const last = page.at(-1)
    use.reads += 1
    // An eventually consistent read: half a unit per 4 KB, at about 100 bytes an entry.
    use.readUnits += Math.max(0.5, 0.5 * Math.ceil((page.length * 100) / 4096))
    return {
      Items: page.map(({ pk }) => ({ pk: { S: pk } })),
      ...(last === undefined || found.length <= Limit
        ? {}
        : { LastEvaluatedKey: { pk: { S: last.pk }, [index.range.name]: { N: String(last.at) } } }),
    }
  }

  function answer({ constructor: { name }, input }: Command, use: TableUse): object {
    switch (name) {
      case 'GetItemCommand':
        return get(input as GetItemCommandInput, use)
      case 'PutItemCommand':
        return put(input as PutItemCommandInput, use)
      case 'UpdateItemCommand':
        return update(input as UpdateItemCommandInput, use)
      case 'QueryCommand':
        return query(input as QueryCommandInput, use)
      default:
        throw unknownRequest(name)
    }
  }

  const unused = (): TableUse => ({ writes: 0, writeUnits: 0, indexUnits: 0, reads: 0, readUnits: 0 })
  return {
    connect() {
      const use = unused()
      const client = {
        async send(command: Command) {
          await events.sleep(latencyMs)
          return answer(command, use)
        },
      }
      return { client: client as unknown as DynamoDBClient, use }
    },
    unseen: { send: async (command: Command) => answer(command, unused()) } as unknown as DynamoDBClient,
  }
}

const unknownRequest = (what: string) => new RolemedicError('bench', `the table in memory does not know ${what}`)
const text = (value: AttributeValue | undefined): string => value?.S ?? ''

const hashOf = (item: Item, { name, hash }: Index): string | null => {
  const value = item[hash.name]
  return value?.S === undefined ? null : `${name} ${value.S}`
}

/** Null: the item lacks a key of the index. */
function entryOf(item: Item | undefined, index: Index): { readonly hash: string; readonly at: number } | null {
  const hash = item === undefined ? null : hashOf(item, index)
  const range = item?.[index.range.name]?.N
  return hash === null || range === undefined ? null : { hash, at: Number(range) }
}

type Entry = { readonly at: number; readonly pk: string }
type SortedEntries = ReturnType<typeof sortedEntries>

/** The entries of one key of an index, in their order, so that a page of many is found without looking at all. */
function sortedEntries() {
  const entries: Entry[] = []
  const isBefore = (one: Entry, other: Entry): boolean =>
    one.at < other.at || (one.at === other.at && one.pk < other.pk)

  /** The number of entries before this one. */
  function placeOf(entry: Entry): number {
    let [low, high] = [0, entries.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (isBefore(entries[middle] as Entry, entry)) low = middle + 1
      else high = middle
    }
    return low
  }

  return {
    add: (entry: Entry): void => void entries.splice(placeOf(entry), 0, entry),
    remove: (entry: Entry): void => void entries.splice(placeOf(entry), 1),
    /** `start`: the last entry of the page before. */
    between(
      from: number,
      to: number,
      { start, isForward, most }: { readonly start: Entry | null; readonly isForward: boolean; readonly most: number },
    ): readonly Entry[] {
      const first = placeOf({ at: from, pk: '' })
      const end = placeOf({ at: to, pk: LAST })
      if (isForward) {
        const at = start === null ? first : Math.max(first, placeOf({ at: start.at, pk: `${start.pk}\0` }))
        return entries.slice(at, Math.min(end, at + most))
      }
      const at = start === null ? end : Math.min(end, placeOf(start))
      return entries.slice(Math.max(first, at - most), at).reverse()
    },
  }
}

/** After every key. */
const LAST = '\uffff'

/**
 * The size of names and values. A number takes about half its digits.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
function sizeOf(item: Item): number {
  let bytes = 0
  for (const [name, { S, N }] of Object.entries(item))
    bytes += name.length + (S === undefined ? Math.ceil((N?.length ?? 0) / 2) + 1 : Buffer.byteLength(S))
  return bytes
}
