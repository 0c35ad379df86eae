/** Items of the table: conversion from and to values, reads and conditional writes. */

import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import * as z from 'zod'
import { fail, ok, type Result, RolemedicError } from '../../../../core/base/index.ts'
import { isTooOld } from '../../../../core/denial/index.ts'
import { accountOfChange, dueRank, hasEnded, isStanding, type Proposal } from '../../../domain/proposal/index.ts'
import {
  BEFORE_VERSIONS,
  type Codec,
  CURRENT_VERSION,
  itemUnreadable,
  type Marker,
  OCCURRENCE,
  PROPOSAL,
  type StoredOccurrence,
} from '../../../domain/stored/index.ts'
import { ITEMS, LIMITED_KEY, OCCURRENCE_DUE, OPEN_KEY, openInKey, PROPOSALS_DUE, STANDING_KEY } from './table-keys.ts'

export type Attributes = { readonly [name: string]: string | number }

/** An item as it is written. Further attributes are keys of the sparse indexes. */
export type NewItem = Attributes & {
  readonly pk: string
  /** Increases by one with every write. */
  readonly version: number
  /** The version of the form of `document`. */
  readonly v: number
  /** The value as JSON. */
  readonly document: string
  /** Random per write. A writer recognizes its own write by it after a retried request. */
  readonly writeId: string
}

const item = z.object({
  pk: z.string(),
  version: z.int(),
  v: z.int().default(BEFORE_VERSIONS),
  document: z.string(),
  writeId: z.string(),
  dueKind: z.string().optional(),
  dueAtMs: z.number().optional(),
})
export type Item = z.infer<typeof item>

export const attributesOf = (values: Attributes): Record<string, AttributeValue> => marshall(values)

export const valuesOf = (attributes: Readonly<Record<string, AttributeValue>>): unknown => unmarshall({ ...attributes })

function tableItemOf(pk: string, attributes: Readonly<Record<string, AttributeValue>>): Item {
  const read = item.safeParse(valuesOf(attributes))
  if (!read.success) throw itemUnreadable(pk, 'it is not an item of rolemedic')
  return read.data
}

export function decoded<T>({ pk, v, document }: Item, codec: Codec<T>): T {
  const json = parsedJson(document)
  const read = json.ok ? codec.read(json.value, v) : json
  if (!read.ok) throw itemUnreadable(pk, `version ${v}: ${read.error}`)
  return read.value
}

function parsedJson(text: string): Result<unknown, string> {
  try {
    return ok(JSON.parse(text))
  } catch {
    return fail('it is not JSON')
  }
}

/** DynamoDB's limit is 400 KB per item, including keys and attribute names. */
const MAX_DOCUMENT_BYTES = 380_000
const DAY_SECONDS = 86_400
const OCCURRENCE_KEPT_DAYS = 90

const inDays = (ms: number, days: number) => Math.ceil(ms / 1000) + days * DAY_SECONDS

export const proposalKey = (id: string) => ITEMS.proposal + id
export const occurrenceKey = (fingerprint: string) => ITEMS.occurrence + fingerprint
export const markerKey = (key: string) => ITEMS.marker + key
export const counterKey = (name: string) => ITEMS.counter + name

export function newItem<T>(
  pk: string,
  value: T,
  codec: Codec<T>,
  write: { readonly version: number; readonly writeId: string },
): NewItem {
  const document = JSON.stringify(codec.write(value))
  const bytes = Buffer.byteLength(document)
  if (bytes > MAX_DOCUMENT_BYTES)
    throw new RolemedicError(
      'item-too-large',
      `${pk} has ${bytes} bytes, the table holds ${MAX_DOCUMENT_BYTES} per item`,
    )
  return { pk, version: write.version, v: CURRENT_VERSION, document, writeId: write.writeId }
}

/** Has no expiry: people can press a card at any time, and a change may be reverted years later. */
export function proposalItem(proposal: Proposal, writeId: string): NewItem {
  const { id, version, status, createdAtMs, dueAtMs } = proposal
  return {
    ...newItem(proposalKey(id), proposal, PROPOSAL, { version, writeId }),
    status,
    createdAtMs,
    ...(dueAtMs === null ? {} : { dueKind: PROPOSALS_DUE[dueRank(proposal)], dueAtMs }),
    ...(hasEnded(status) ? {} : { openKind: OPEN_KEY }),
    ...placeOf(proposal),
  }
}

/** `lastSeenMs` is the sort key of all kinds of items in the index of places. */
function placeOf(proposal: Proposal): Attributes {
  if (proposal.status === 'open')
    return { place: openInKey(accountOfChange(proposal)), lastSeenMs: proposal.expiresAtMs }
  if (!isStanding(proposal)) return {}
  const { atMs, endsAtMs } = proposal.applied
  return endsAtMs === null ? { place: STANDING_KEY, lastSeenMs: atMs } : { place: LIMITED_KEY, lastSeenMs: endsAtMs }
}

export function occurrenceItem(
  stored: StoredOccurrence,
  { graceMs, ...write }: { readonly version: number; readonly writeId: string; readonly graceMs: number },
): NewItem {
  const { denial, fingerprint, firstSeenMs, lastSeenMs, proposalId } = stored.occurrence
  return {
    ...newItem(occurrenceKey(fingerprint), stored, OCCURRENCE, write),
    place: placeKeyOf(denial.accountId, denial.region),
    lastSeenMs,
    expiresAt: inDays(lastSeenMs, OCCURRENCE_KEPT_DAYS),
    // A denial that is too old is recorded and gets no proposal.
    ...(proposalId === null && !isTooOld(denial, lastSeenMs)
      ? { dueKind: OCCURRENCE_DUE, dueAtMs: firstSeenMs + graceMs }
      : {}),
  }
}

export function markerItem<T>(
  { key, codec, ...marker }: Marker<T>,
  value: T,
  write: { readonly version: number; readonly writeId: string },
): NewItem {
  const expiresAtMs = marker.expiresAtMs?.(value)
  return {
    ...newItem(markerKey(key), value, codec, write),
    ...(expiresAtMs === undefined ? {} : { expiresAt: inDays(expiresAtMs, 0) }),
  }
}

export const placeKeyOf = (accountId: string | null, region: string | null) => `${accountId ?? '-'}#${region ?? '-'}`

export type IndexQuery = {
  readonly IndexName: string
  readonly KeyConditionExpression: string
  readonly values: Attributes
  readonly ScanIndexForward?: boolean
}

const ITEM_IS_NEW = 'attribute_not_exists(pk)'
const VERSION_IS_MINE = 'version = :mine'

/** Parallel reads of a list. More would need more connections than the client keeps. */
const READS_AT_ONCE = 10

const keyOnly = z.object({ pk: z.string() })
const counter = z.object({ value: z.int() })

/** The DynamoDB table without the meaning of its items. Reads whole items and writes single ones under a version condition. */
export function itemTable(client: DynamoDBClient, TableName: string) {
  async function attributesAt(pk: string): Promise<Readonly<Record<string, AttributeValue>> | null> {
    const { Item } = await client.send(
      new GetItemCommand({ TableName, Key: attributesOf({ pk }), ConsistentRead: true }),
    )
    return Item ?? null
  }

  async function read(pk: string): Promise<Item | null> {
    const attributes = await attributesAt(pk)
    return attributes === null ? null : tableItemOf(pk, attributes)
  }

  /**
   * Null: the write succeeded. Otherwise, returns the item that won. Reads that item again, because the embedded store does not
   * return it with the refusal. If the SDK retries a request whose answer was lost, the second attempt is refused: then
   * `writeId` shows that the stored item is this write.
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

  /** Reads keys from an index, then converts each current item with `take`. Omits items for which `take` returns null. */
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
