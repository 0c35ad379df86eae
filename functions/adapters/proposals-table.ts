import { randomUUID } from 'node:crypto'
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import { RolemedicError } from '../core/errors.ts'
import type { ProposalStore } from '../core/ports.ts'
import { hasEnded, type Proposal, type Sighting } from '../core/proposal/proposal.ts'
import { fail, ok } from '../core/result.ts'
import {
  boundedJson,
  counterKey,
  firstSighting,
  type Item,
  noteKey,
  placeOf,
  proposalIn,
  proposalItem,
  proposalKey,
  repeatedSighting,
  sightingIn,
  sightingItem,
  sightingKey,
  twinSighting,
} from './table-items.ts'
import { DUE_INDEX, OPEN_INDEX, PLACE_INDEX } from './table-schema.ts'

export { TABLE_SCHEMA } from './table-schema.ts'

export type ProposalsTableOptions = {
  readonly client: DynamoDBDocumentClient
  readonly tableName: string
  /** How long `propose` may take, settle time included, before a sighting without a proposal counts as lost. */
  readonly sightingGraceMs?: number
}

const ITEM_IS_NEW = 'attribute_not_exists(pk)'
const VERSION_IS_MINE = 'version = :mine'
const SIGHTING_TRIES = 50

export function proposalsTable(options: ProposalsTableOptions): ProposalStore {
  const { client, tableName: TableName, sightingGraceMs: graceMs = 5 * 60_000 } = options

  async function read(pk: string): Promise<Item | null> {
    const { Item } = await client.send(new GetCommand({ TableName, Key: { pk }, ConsistentRead: true }))
    return (Item as Item | undefined) ?? null
  }

  /**
   * Null when the write happened; else the item that won. The winner is read again rather than taken from the refusal,
   * as the embedded store does not send it. A request that the SDK retried after its answer was lost is refused the
   * second time: `writeId` tells that the winner is ourselves.
   */
  async function putIf(item: Item, mine: number): Promise<Item | null> {
    try {
      await client.send(
        new PutCommand({
          TableName,
          Item: item,
          ConditionExpression: mine === 0 ? ITEM_IS_NEW : VERSION_IS_MINE,
          ...(mine === 0 ? {} : { ExpressionAttributeValues: { ':mine': mine } }),
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

  /** Keys from an index, then each item as the table has it now. */
  async function itemsOf(
    query: Omit<QueryCommandInput, 'TableName'>,
    limit: number,
    wanted: (item: Item) => boolean,
  ): Promise<readonly Item[]> {
    const items: Item[] = []
    let ExclusiveStartKey: QueryCommandInput['ExclusiveStartKey']
    do {
      const page = await client.send(
        new QueryCommand({ TableName, ...query, Limit: Math.max(limit, 25), ExclusiveStartKey }),
      )
      for (const { pk } of page.Items ?? []) {
        const item = await read(pk as string)
        if (item !== null && wanted(item)) items.push(item)
        if (items.length >= limit) return items
      }
      ExclusiveStartKey = page.LastEvaluatedKey
    } while (ExclusiveStartKey !== undefined)
    return items
  }

  const dueItems = (kind: string, nowMs: number, limit: number) =>
    itemsOf(
      {
        IndexName: DUE_INDEX,
        KeyConditionExpression: 'dueKind = :kind AND dueAtMs <= :now',
        ExpressionAttributeValues: { ':kind': kind, ':now': nowMs },
      },
      limit,
      item => typeof item['dueAtMs'] === 'number' && item['dueAtMs'] <= nowMs,
    )

  return {
    async sight(denial, fingerprint, nowMs, { twinOf } = {}) {
      for (let tries = 0; tries < SIGHTING_TRIES; tries += 1) {
        const writeId = randomUUID()
        const item = await read(sightingKey(fingerprint))
        if (item === null) {
          const stored = firstSighting(denial, fingerprint, nowMs)
          const winner = await putIf(sightingItem(stored, { version: 1, writeId, graceMs }), 0)
          if (winner === null) return { sighting: stored.sighting, first: true, duplicate: false }
          continue
        }
        const stored = sightingIn(item)
        if (stored.recentEventIds.includes(denial.id))
          return { sighting: stored.sighting, first: false, duplicate: true }
        const isTwin = twinOf !== undefined && stored.recentEventIds.includes(twinOf)
        const next = isTwin ? twinSighting(stored, denial, twinOf) : repeatedSighting(stored, denial, nowMs)
        const winner = await putIf(sightingItem(next, { version: item.version + 1, writeId, graceMs }), item.version)
        if (winner === null) return { sighting: next.sighting, first: false, duplicate: false }
        await pause(tries)
      }
      throw new RolemedicError('contention', `sighting ${fingerprint} was written by too many others at once`)
    },

    async sighting(fingerprint) {
      const item = await read(sightingKey(fingerprint))
      return item === null ? null : sightingIn(item).sighting
    },

    async claimSighting(fingerprint, previous, proposalId) {
      for (let tries = 0; tries < SIGHTING_TRIES; tries += 1) {
        const item = await read(sightingKey(fingerprint))
        if (item === null) return false
        const stored = sightingIn(item)
        if (stored.sighting.proposalId === proposalId) return true
        if (stored.sighting.proposalId !== previous) return false
        const next = { ...stored, sighting: { ...stored.sighting, proposalId } }
        const write = { version: item.version + 1, writeId: randomUUID(), graceMs }
        if ((await putIf(sightingItem(next, write), item.version)) === null) return true
        await pause(tries)
      }
      throw new RolemedicError('contention', `sighting ${fingerprint} was written by too many others at once`)
    },

    async create(proposal) {
      const winner = await putIf(proposalItem(proposal, randomUUID()), 0)
      return winner === null ? ok(proposal) : fail(proposalIn(winner))
    },

    async get(id) {
      const item = await read(proposalKey(id))
      return item === null ? null : proposalIn(item)
    },

    async replace(current, next) {
      const stored: Proposal = { ...next, version: current.version + 1 }
      if (next.id !== current.id) throw new RolemedicError('wrong-item', `${next.id} cannot replace ${current.id}`)
      const winner = await putIf(proposalItem(stored, randomUUID()), current.version)
      return winner === null ? ok(stored) : fail(proposalIn(winner))
    },

    async due(nowMs, limit) {
      return (await dueItems('proposal', nowMs, limit)).map(proposalIn)
    },

    async dueSightings(nowMs, limit) {
      return (await dueItems('sighting', nowMs, limit)).map(item => sightingIn(item).sighting)
    },

    async open(limit) {
      const query = {
        IndexName: OPEN_INDEX,
        KeyConditionExpression: 'openKind = :open',
        ExpressionAttributeValues: { ':open': 'open' },
        ScanIndexForward: false,
      }
      return (await itemsOf(query, limit, item => !hasEnded(proposalIn(item).status))).map(proposalIn)
    },

    async sightingsBetween(accountId, region, fromMs, toMs) {
      const query = {
        IndexName: PLACE_INDEX,
        KeyConditionExpression: 'place = :place AND lastSeenMs BETWEEN :from AND :to',
        ExpressionAttributeValues: { ':place': placeOf(accountId, region), ':from': fromMs, ':to': toMs },
      }
      const within = ({ lastSeenMs }: Sighting) => lastSeenMs >= fromMs && lastSeenMs <= toMs
      const items = await itemsOf(query, 1000, item => within(sightingIn(item).sighting))
      return items.map(item => sightingIn(item).sighting)
    },

    async increment(counter, expiresAtMs) {
      const { Attributes } = await client.send(
        new UpdateCommand({
          TableName,
          Key: { pk: counterKey(counter) },
          UpdateExpression: 'ADD #value :one SET expiresAt = :expires',
          ExpressionAttributeNames: { '#value': 'value' },
          ExpressionAttributeValues: { ':one': 1, ':expires': Math.ceil(expiresAtMs / 1000) },
          ReturnValues: 'ALL_NEW',
        }),
      )
      return Attributes?.['value'] as number
    },

    async counted(counter) {
      const { Item } = await client.send(
        new GetCommand({ TableName, Key: { pk: counterKey(counter) }, ConsistentRead: true }),
      )
      return (Item?.['value'] as number | undefined) ?? 0
    },

    async putNote(key, version, value) {
      const pk = noteKey(key)
      const item = { pk, version: version + 1, document: boundedJson(value, pk), writeId: randomUUID() }
      try {
        return (await putIf(item, version)) === null
      } catch (error) {
        // A note that is expected at some version and is absent has simply lost.
        if (error instanceof RolemedicError && error.code === 'item-missing') return false
        throw error
      }
    },

    async getNote(key) {
      const item = await read(noteKey(key))
      return item === null ? null : { version: item.version, value: JSON.parse(item.document) as unknown }
    },
  }
}

/** Grows to about a quarter of a second, with jitter, so that many writers of one item pass one after another. */
function pause(tries: number): Promise<void> {
  const ceilingMs = Math.min(250, 2 ** tries)
  return new Promise(resolve => setTimeout(resolve, Math.random() * ceilingMs))
}
