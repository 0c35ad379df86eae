import { randomUUID } from 'node:crypto'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { RolemedicError } from '../../../domain/base/errors.ts'
import { fail, ok } from '../../../domain/base/result.ts'
import { MINUTE_MS } from '../../../domain/base/time.ts'
import { hasEnded, type Occurrence } from '../../../domain/proposal/proposal.ts'
import { OCCURRENCE } from '../../../domain/stored/stored-occurrence.ts'
import { PROPOSAL } from '../../../domain/stored/stored-proposal.ts'
import { type Codec, isItemUnreadable } from '../../../domain/stored/versions.ts'
import type { Observer } from '../../../ports/observer.ts'
import type { ProposalStore } from '../../../ports/proposal-store.ts'
import { itemTable } from './item-table.ts'
import {
  counterKey,
  decoded,
  firstOccurrence,
  type Item,
  markerKey,
  newItem,
  OCCURRENCE_DUE,
  occurrenceItem,
  occurrenceKey,
  PROPOSAL_DUE,
  placeOf,
  proposalItem,
  proposalKey,
  repeatedOccurrence,
  twinOccurrence,
} from './table-items.ts'
import { DUE_INDEX, OPEN_INDEX, PLACE_INDEX } from './table-schema.ts'

export { TABLE_SCHEMA } from './table-schema.ts'

export type ProposalsTableOptions = {
  readonly client: DynamoDBClient
  readonly tableName: string
  /** Called for every item that does not parse. */
  readonly observer: Observer
  /** How long `propose` may take, settle time included, before an occurrence without a proposal counts as lost. */
  readonly settleGraceMs?: number
}

const MAX_ATTEMPTS = 50
const MAX_OCCURRENCES = 1_000

export function proposalsTable(options: ProposalsTableOptions): ProposalStore {
  const { client, tableName, observer, settleGraceMs: graceMs = 5 * MINUTE_MS } = options
  const { read, putIf, itemsOf, increment, counted } = itemTable(client, tableName)

  /** An item that does not parse stays as it is, for a release that can read it; each reader reports it. */
  async function reported<T>(pk: string, reading: Promise<T>): Promise<T> {
    try {
      return await reading
    } catch (error) {
      if (isItemUnreadable(error)) {
        observer.count('ItemsSetAside')
        observer.log('error', 'item_set_aside', { key: pk, error: error.message })
      }
      throw error
    }
  }

  async function readAs<T>(pk: string, codec: Codec<T>): Promise<{ item: Item; value: T } | null> {
    const item = await read(pk)
    return item === null ? null : { item, value: decoded(item, codec) }
  }

  const one = <T>(pk: string, codec: Codec<T>) => reported(pk, readAs(pk, codec))

  /** One of a list: what does not parse is left out, and the others go on. */
  async function listed<T>(pk: string, codec: Codec<T>): Promise<{ item: Item; value: T } | null> {
    return one(pk, codec).catch(error => {
      if (isItemUnreadable(error)) return null
      throw error
    })
  }

  /** The winner of a conditional write. */
  const won = <T>(item: Item, codec: Codec<T>): Promise<T> =>
    reported(
      item.pk,
      Promise.resolve(item).then(winner => decoded(winner, codec)),
    )

  const dueItems = <T>(kind: string, codec: Codec<T>, nowMs: number, limit: number) =>
    itemsOf(
      {
        IndexName: DUE_INDEX,
        KeyConditionExpression: 'dueKind = :kind AND dueAtMs <= :now',
        values: { ':kind': kind, ':now': nowMs },
      },
      limit,
      async pk => {
        const found = await listed(pk, codec)
        return found?.item.dueAtMs !== undefined && found.item.dueAtMs <= nowMs ? found.value : null
      },
    )

  return {
    async recordOccurrence(denial, fingerprint, nowMs, { twinOf } = {}) {
      for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
        const writeId = randomUUID()
        const found = await one(occurrenceKey(fingerprint), OCCURRENCE)
        if (found === null) {
          const stored = firstOccurrence(denial, fingerprint, nowMs)
          const winner = await putIf(occurrenceItem(stored, { version: 1, writeId, graceMs }), 0)
          if (winner === null) return { occurrence: stored.occurrence, first: true, duplicate: false }
          continue
        }
        const { item, value: stored } = found
        if (stored.recentEventIds.includes(denial.id))
          return { occurrence: stored.occurrence, first: false, duplicate: true }
        const isTwin = twinOf !== undefined && stored.recentEventIds.includes(twinOf)
        const next = isTwin ? twinOccurrence(stored, denial, twinOf) : repeatedOccurrence(stored, denial, nowMs)
        const winner = await putIf(occurrenceItem(next, { version: item.version + 1, writeId, graceMs }), item.version)
        if (winner === null) return { occurrence: next.occurrence, first: false, duplicate: false }
        await pause(tries)
      }
      throw new RolemedicError('contention', `occurrence ${fingerprint} was written by too many others at once`)
    },

    async occurrence(fingerprint) {
      return (await one(occurrenceKey(fingerprint), OCCURRENCE))?.value.occurrence ?? null
    },

    async claimOccurrence(fingerprint, previous, proposalId) {
      for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
        const found = await one(occurrenceKey(fingerprint), OCCURRENCE)
        if (found === null) return false
        const { item, value: stored } = found
        if (stored.occurrence.proposalId === proposalId) return true
        if (stored.occurrence.proposalId !== previous) return false
        const next = { ...stored, occurrence: { ...stored.occurrence, proposalId } }
        const write = { version: item.version + 1, writeId: randomUUID(), graceMs }
        if ((await putIf(occurrenceItem(next, write), item.version)) === null) return true
        await pause(tries)
      }
      throw new RolemedicError('contention', `occurrence ${fingerprint} was written by too many others at once`)
    },

    async create(proposal) {
      const winner = await putIf(proposalItem(proposal, randomUUID()), 0)
      return winner === null ? ok(proposal) : fail(await won(winner, PROPOSAL))
    },

    async get(id) {
      return (await one(proposalKey(id), PROPOSAL))?.value ?? null
    },

    async replace(current, next) {
      const stored = { ...next, version: current.version + 1 }
      if (next.id !== current.id) throw new RolemedicError('wrong-item', `${next.id} cannot replace ${current.id}`)
      const winner = await putIf(proposalItem(stored, randomUUID()), current.version)
      return winner === null ? ok(stored) : fail(await won(winner, PROPOSAL))
    },

    due: (nowMs, limit) => dueItems(PROPOSAL_DUE, PROPOSAL, nowMs, limit),

    async dueOccurrences(nowMs, limit) {
      return (await dueItems(OCCURRENCE_DUE, OCCURRENCE, nowMs, limit)).map(({ occurrence }) => occurrence)
    },

    open: limit =>
      itemsOf(
        {
          IndexName: OPEN_INDEX,
          KeyConditionExpression: 'openKind = :open',
          values: { ':open': 'open' },
          ScanIndexForward: false,
        },
        limit,
        async pk => {
          const found = await listed(pk, PROPOSAL)
          return found === null || hasEnded(found.value.status) ? null : found.value
        },
      ),

    async occurrencesBetween(accountId, region, fromMs, toMs) {
      const query = {
        IndexName: PLACE_INDEX,
        KeyConditionExpression: 'place = :place AND lastSeenMs BETWEEN :from AND :to',
        values: { ':place': placeOf(accountId, region), ':from': fromMs, ':to': toMs },
      }
      const within = ({ lastSeenMs }: Occurrence) => lastSeenMs >= fromMs && lastSeenMs <= toMs
      return itemsOf(query, MAX_OCCURRENCES, async pk => {
        const occurrence = (await listed(pk, OCCURRENCE))?.value.occurrence
        return occurrence !== undefined && within(occurrence) ? occurrence : null
      })
    },

    increment: (counter, expiresAtMs) => increment(counterKey(counter), expiresAtMs),
    counted: counter => counted(counterKey(counter)),

    async putMarker({ key, codec }, version, value) {
      const item = newItem(markerKey(key), value, codec, { version: version + 1, writeId: randomUUID() })
      try {
        return (await putIf(item, version)) === null
      } catch (error) {
        // A marker that is expected at some version and is absent has lost.
        if (error instanceof RolemedicError && error.code === 'item-missing') return false
        throw error
      }
    },

    async getMarker({ key, codec }) {
      const found = await one(markerKey(key), codec)
      return found === null ? null : { version: found.item.version, value: found.value }
    },
  }
}

/** Grows to about a quarter of a second, with jitter, so that many writers of one item pass one after another. */
function pause(tries: number): Promise<void> {
  const ceilingMs = Math.min(250, 2 ** tries)
  return new Promise(resolve => setTimeout(resolve, Math.random() * ceilingMs))
}
