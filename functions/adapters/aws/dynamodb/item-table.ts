import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import * as z from 'zod'
import { RolemedicError } from '../../../../core/base/index.ts'
import { CURRENT_VERSION } from '../../../domain/stored/index.ts'
import { type Attributes, attributesOf, type Item, itemOf, type NewItem, valuesOf } from './table-items.ts'

export type IndexQuery = {
  readonly IndexName: string
  readonly KeyConditionExpression: string
  readonly values: Attributes
  readonly ScanIndexForward?: boolean
}

const ITEM_IS_NEW = 'attribute_not_exists(pk)'
const VERSION_IS_MINE = 'version = :mine'

/** A list is read this much sooner, and takes no more connections than the client keeps. */
const READS_AT_ONCE = 10

const keyOnly = z.object({ pk: z.string() })
const counter = z.object({ value: z.int() })

/** The table as DynamoDB has it, whatever its items mean: each is read whole, and written alone under its version. */
export function itemTable(client: DynamoDBClient, TableName: string) {
  async function attributesAt(pk: string): Promise<Readonly<Record<string, AttributeValue>> | null> {
    const { Item } = await client.send(
      new GetItemCommand({ TableName, Key: attributesOf({ pk }), ConsistentRead: true }),
    )
    return Item ?? null
  }

  async function read(pk: string): Promise<Item | null> {
    const attributes = await attributesAt(pk)
    return attributes === null ? null : itemOf(pk, attributes)
  }

  /**
   * Null when the write happened; else the item that won. The winner is read again rather than taken from the refusal,
   * as the embedded store does not send it. A request that the SDK retried after its answer was lost is refused the
   * second time: `writeId` tells that the winner is ourselves.
   */
  async function putIf(item: NewItem, mine: number): Promise<Item | null> {
    try {
      await client.send(
        new PutItemCommand({
          TableName,
          Item: attributesOf(item),
          ConditionExpression: mine === 0 ? ITEM_IS_NEW : VERSION_IS_MINE,
          ...(mine === 0 ? {} : { ExpressionAttributeValues: attributesOf({ ':mine': mine }) }),
        }),
      )
      return null
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error
      const winner = await read(item.pk)
      if (winner === null) throw new RolemedicError('item-missing', `${item.pk} is not in the table`, { cause: error })
      return winner.writeId === item.writeId ? null : winner
    }
  }

  /** Keys from an index, then each item as `take` reads it from the table now; null leaves it out. */
  async function itemsOf<T>(
    { values, ...index }: IndexQuery,
    limit: number,
    take: (pk: string) => Promise<T | null>,
  ): Promise<readonly T[]> {
    const items: T[] = []
    let ExclusiveStartKey: Readonly<Record<string, AttributeValue>> | undefined
    do {
      const page = await client.send(
        new QueryCommand({
          TableName,
          ...index,
          ExpressionAttributeValues: attributesOf(values),
          Limit: Math.max(limit, 25),
          ExclusiveStartKey,
        }),
      )
      const keys = (page.Items ?? []).map(found => keyOnly.parse(valuesOf(found)).pk)
      while (keys.length > 0) {
        const together = keys.splice(0, Math.min(READS_AT_ONCE, limit - items.length))
        const taken = await Promise.all(together.map(take))
        items.push(...taken.filter(item => item !== null))
        if (items.length >= limit) return items
      }
      ExclusiveStartKey = page.LastEvaluatedKey
    } while (ExclusiveStartKey !== undefined)
    return items
  }

  async function increment(pk: string, expiresAtMs: number): Promise<number> {
    const { Attributes } = await client.send(
      new UpdateItemCommand({
        TableName,
        Key: attributesOf({ pk }),
        UpdateExpression: 'ADD #value :one SET expiresAt = :expires, v = :v',
        ExpressionAttributeNames: { '#value': 'value' },
        ExpressionAttributeValues: attributesOf({
          ':one': 1,
          ':expires': Math.ceil(expiresAtMs / 1000),
          ':v': CURRENT_VERSION,
        }),
        ReturnValues: 'ALL_NEW',
      }),
    )
    return counter.parse(valuesOf(Attributes ?? {})).value
  }

  async function counted(pk: string): Promise<number> {
    const attributes = await attributesAt(pk)
    return attributes === null ? 0 : counter.parse(valuesOf(attributes)).value
  }

  return { read, putIf, itemsOf, increment, counted }
}
