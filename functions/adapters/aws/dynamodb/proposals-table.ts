import { randomUUID } from 'node:crypto'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { RolemedicError } from '../../../domain/base/errors.ts'
import { fail, ok } from '../../../domain/base/result.ts'
import { hasEnded, type Occurrence, type Proposal } from '../../../domain/proposal/proposal.ts'
import type { ProposalStore } from '../../../ports/proposal-store.ts'
import { itemTable } from './item-table.ts'
import {
  boundedJson,
  counterKey,
  firstSighting,
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
  readonly client: DynamoDBClient
  readonly tableName: string
  /** How long `propose` may take, settle time included, before a occurrence without a proposal counts as lost. */
  readonly settleGraceMs?: number
}

const SIGHTING_TRIES = 50

export function proposalsTable(options: ProposalsTableOptions): ProposalStore {
  const { client, tableName, settleGraceMs: graceMs = 5 * 60_000 } = options

  const { read, putIf, itemsOf, increment } = itemTable(client, tableName)

  const dueItems = (kind: string, nowMs: number, limit: number) =>
    itemsOf(
      {
        IndexName: DUE_INDEX,
        KeyConditionExpression: 'dueKind = :kind AND dueAtMs <= :now',
        values: { ':kind': kind, ':now': nowMs },
      },
      limit,
      item => typeof item['dueAtMs'] === 'number' && item['dueAtMs'] <= nowMs,
    )

  return {
    async recordOccurrence(denial, fingerprint, nowMs, { twinOf } = {}) {
      for (let tries = 0; tries < SIGHTING_TRIES; tries += 1) {
        const writeId = randomUUID()
        const item = await read(sightingKey(fingerprint))
        if (item === null) {
          const stored = firstSighting(denial, fingerprint, nowMs)
          const winner = await putIf(sightingItem(stored, { version: 1, writeId, graceMs }), 0)
          if (winner === null) return { occurrence: stored.occurrence, first: true, duplicate: false }
          continue
        }
        const stored = sightingIn(item)
        if (stored.recentEventIds.includes(denial.id))
          return { occurrence: stored.occurrence, first: false, duplicate: true }
        const isTwin = twinOf !== undefined && stored.recentEventIds.includes(twinOf)
        const next = isTwin ? twinSighting(stored, denial, twinOf) : repeatedSighting(stored, denial, nowMs)
        const winner = await putIf(sightingItem(next, { version: item.version + 1, writeId, graceMs }), item.version)
        if (winner === null) return { occurrence: next.occurrence, first: false, duplicate: false }
        await pause(tries)
      }
      throw new RolemedicError('contention', `occurrence ${fingerprint} was written by too many others at once`)
    },

    async occurrence(fingerprint) {
      const item = await read(sightingKey(fingerprint))
      return item === null ? null : sightingIn(item).occurrence
    },

    async claimOccurrence(fingerprint, previous, proposalId) {
      for (let tries = 0; tries < SIGHTING_TRIES; tries += 1) {
        const item = await read(sightingKey(fingerprint))
        if (item === null) return false
        const stored = sightingIn(item)
        if (stored.occurrence.proposalId === proposalId) return true
        if (stored.occurrence.proposalId !== previous) return false
        const next = { ...stored, occurrence: { ...stored.occurrence, proposalId } }
        const write = { version: item.version + 1, writeId: randomUUID(), graceMs }
        if ((await putIf(sightingItem(next, write), item.version)) === null) return true
        await pause(tries)
      }
      throw new RolemedicError('contention', `occurrence ${fingerprint} was written by too many others at once`)
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

    async dueOccurrences(nowMs, limit) {
      return (await dueItems('occurrence', nowMs, limit)).map(item => sightingIn(item).occurrence)
    },

    async open(limit) {
      const query = {
        IndexName: OPEN_INDEX,
        KeyConditionExpression: 'openKind = :open',
        values: { ':open': 'open' },
        ScanIndexForward: false,
      }
      return (await itemsOf(query, limit, item => !hasEnded(proposalIn(item).status))).map(proposalIn)
    },

    async occurrencesBetween(accountId, region, fromMs, toMs) {
      const query = {
        IndexName: PLACE_INDEX,
        KeyConditionExpression: 'place = :place AND lastSeenMs BETWEEN :from AND :to',
        values: { ':place': placeOf(accountId, region), ':from': fromMs, ':to': toMs },
      }
      const within = ({ lastSeenMs }: Occurrence) => lastSeenMs >= fromMs && lastSeenMs <= toMs
      const items = await itemsOf(query, 1000, item => within(sightingIn(item).occurrence))
      return items.map(item => sightingIn(item).occurrence)
    },

    increment: (counter, expiresAtMs) => increment(counterKey(counter), expiresAtMs),

    async counted(counter) {
      return Number((await read(counterKey(counter)))?.['value'] ?? 0)
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
