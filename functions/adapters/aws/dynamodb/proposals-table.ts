import { randomUUID } from 'node:crypto'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { fail, MINUTE_MS, ok, RolemedicError } from '../../../../core/base/index.ts'
import {
  accountOfChange,
  hasEnded,
  isStanding,
  type Occurrence,
  type Open,
  type Proposal,
} from '../../../domain/proposal/index.ts'
import {
  type Codec,
  firstOccurrence,
  isItemUnreadable,
  itemUnreadable,
  type Marker,
  OCCURRENCE,
  PROPOSAL,
  repeatedOccurrence,
  type StoredOccurrence,
  twinOccurrence,
} from '../../../domain/stored/index.ts'
import type { Observer } from '../../../ports/observer.ts'
import type { ProposalStore } from '../../../ports/proposal-store.ts'
import {
  counterKey,
  decoded,
  type IndexQuery,
  type Item,
  itemTable,
  markerItem,
  markerKey,
  occurrenceItem,
  occurrenceKey,
  placeKeyOf,
  proposalItem,
  proposalKey,
} from './table-items.ts'
import {
  DUE_INDEX,
  ITEMS,
  LIMITED_KEY,
  OCCURRENCE_DUE,
  OPEN_INDEX,
  OPEN_KEY,
  openInKey,
  PLACE_INDEX,
  PROPOSALS_DUE,
  STANDING_KEY,
} from './table-keys.ts'

export { TABLE_SCHEMA } from './table-schema.ts'

export type ProposalsTableOptions = {
  readonly client: DynamoDBClient
  readonly tableName: string
  /** Called for every item that does not parse. */
  readonly observer: Observer
  /** How long `propose` may take, including the settle time, before an occurrence without a proposal counts as lost. */
  readonly settleGraceMs?: number
}

/** One kind of item. `keyOf`: the key that the value names. */
type Kind<T> = { readonly codec: Codec<T>; readonly prefix: string; readonly keyOf: (value: T) => string }

const PROPOSALS: Kind<Proposal> = { codec: PROPOSAL, prefix: ITEMS.proposal, keyOf: ({ id }) => proposalKey(id) }
const OCCURRENCES: Kind<StoredOccurrence> = {
  codec: OCCURRENCE,
  prefix: ITEMS.occurrence,
  keyOf: ({ occurrence }) => occurrenceKey(occurrence.fingerprint),
}
const markers = <T>({ key, codec }: Marker<T>): Kind<T> => ({
  codec,
  prefix: ITEMS.marker,
  keyOf: () => markerKey(key),
})

const MAX_ATTEMPTS = 50
const MAX_OCCURRENCES = 1_000

export function proposalsTable(options: ProposalsTableOptions): ProposalStore {
  const { client, tableName, observer, settleGraceMs: graceMs = 5 * MINUTE_MS } = options
  const { read, putIf, itemsOf, increment, counted } = itemTable(client, tableName)

  /** An item that does not parse remains unchanged for a release that can read it. Each reader reports it. */
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

  async function readAs<T>(pk: string, kind: Kind<T>): Promise<{ item: Item; value: T } | null> {
    const item = await read(pk)
    return item === null ? null : { item, value: valueIn(item, kind) }
  }

  const one = <T>(pk: string, kind: Kind<T>) => reported(pk, readAs(pk, kind))

  /**
   * An item of a list. Items that do not parse are omitted. Any writer of the table can put any item into an index, so the key
   * is checked too.
   */
  async function listed<T>(pk: string, kind: Kind<T>): Promise<{ item: Item; value: T } | null> {
    const reading = pk.startsWith(kind.prefix)
      ? one(pk, kind)
      : reported(pk, Promise.reject(itemUnreadable(pk, `an index lists it among ${kind.prefix}`)))
    return reading.catch(error => {
      if (isItemUnreadable(error)) return null
      throw error
    })
  }

  /** The item that won a conditional write. */
  const won = <T>(item: Item, kind: Kind<T>): Promise<T> =>
    reported(
      item.pk,
      Promise.resolve(item).then(winner => valueIn(winner, kind)),
    )

  const dueItems = <T>(dueKind: string, kind: Kind<T>, nowMs: number, limit: number) =>
    itemsOf(
      {
        IndexName: DUE_INDEX,
        KeyConditionExpression: 'dueKind = :kind AND dueAtMs <= :now',
        values: { ':kind': dueKind, ':now': nowMs },
      },
      limit,
      async pk => {
        const found = await listed(pk, kind)
        if (found === null || found.item.dueKind !== dueKind) return null
        return found.item.dueAtMs !== undefined && found.item.dueAtMs <= nowMs ? found.value : null
      },
    )

  /** An index lags behind the table: what does not fit any more is left out. */
  const proposalsIn = <P extends Proposal>(query: IndexQuery, limit: number, fits: (one: Proposal) => one is P) =>
    itemsOf(query, limit, async pk => {
      const proposal = (await listed(pk, PROPOSALS))?.value
      return proposal !== undefined && fits(proposal) ? proposal : null
    })

  return {
    async recordOccurrence(denial, fingerprint, nowMs, { twinOf } = {}) {
      for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
        const writeId = randomUUID()
        const found = await one(occurrenceKey(fingerprint), OCCURRENCES)
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
      return (await one(occurrenceKey(fingerprint), OCCURRENCES))?.value.occurrence ?? null
    },

    async claimOccurrence(fingerprint, previous, proposalId) {
      for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
        const found = await one(occurrenceKey(fingerprint), OCCURRENCES)
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
      return winner === null ? ok(proposal) : fail(await won(winner, PROPOSALS))
    },

    async get(id) {
      return (await one(proposalKey(id), PROPOSALS))?.value ?? null
    },

    async replace(current, next) {
      const stored = { ...next, version: current.version + 1 }
      if (next.id !== current.id) throw new RolemedicError('wrong-item', `${next.id} cannot replace ${current.id}`)
      const winner = await putIf(proposalItem(stored, randomUUID()), current.version)
      return winner === null ? ok(stored) : fail(await won(winner, PROPOSALS))
    },

    async due(nowMs, limit) {
      const found: Proposal[] = []
      for (const dueKind of PROPOSALS_DUE)
        if (found.length < limit) found.push(...(await dueItems(dueKind, PROPOSALS, nowMs, limit - found.length)))
      return found
    },

    async dueOccurrences(nowMs, limit) {
      return (await dueItems(OCCURRENCE_DUE, OCCURRENCES, nowMs, limit)).map(({ occurrence }) => occurrence)
    },

    open: limit =>
      proposalsIn(
        {
          IndexName: OPEN_INDEX,
          KeyConditionExpression: 'openKind = :open',
          values: { ':open': OPEN_KEY },
          ScanIndexForward: false,
        },
        limit,
        isNotOver,
      ),

    openSince: (fromMs, limit) =>
      proposalsIn(
        {
          IndexName: OPEN_INDEX,
          KeyConditionExpression: 'openKind = :open AND createdAtMs >= :from',
          values: { ':open': OPEN_KEY, ':from': fromMs },
        },
        limit,
        isNotOver,
      ),

    openIn: (accountId, limit) => proposalsIn(atPlace(openInKey(accountId)), limit, isOpenIn(accountId)),
    standing: limit => proposalsIn({ ...atPlace(STANDING_KEY), ScanIndexForward: false }, limit, isStanding),
    limited: limit => proposalsIn(atPlace(LIMITED_KEY), limit, isStanding),

    async occurrencesBetween(accountId, region, fromMs, toMs) {
      const query = {
        IndexName: PLACE_INDEX,
        KeyConditionExpression: 'place = :place AND lastSeenMs BETWEEN :from AND :to',
        values: { ':place': placeKeyOf(accountId, region), ':from': fromMs, ':to': toMs },
      }
      const within = ({ lastSeenMs }: Occurrence) => lastSeenMs >= fromMs && lastSeenMs <= toMs
      return itemsOf(query, MAX_OCCURRENCES, async pk => {
        const occurrence = (await listed(pk, OCCURRENCES))?.value.occurrence
        return occurrence !== undefined && within(occurrence) ? occurrence : null
      })
    },

    increment: (counter, expiresAtMs) => increment(counterKey(counter), expiresAtMs),
    counted: counter => counted(counterKey(counter)),

    async putMarker(marker, version, value) {
      const item = markerItem(marker, value, { version: version + 1, writeId: randomUUID() })
      try {
        return (await putIf(item, version)) === null
      } catch (error) {
        // A marker that is expected at some version but absent counts as lost.
        if (error instanceof RolemedicError && error.code === 'item-missing') return false
        throw error
      }
    },

    async getMarker(marker) {
      const found = await one(markerKey(marker.key), markers(marker))
      return found === null ? null : { version: found.item.version, value: found.value }
    },
  }
}

const isNotOver = (proposal: Proposal): proposal is Proposal => !hasEnded(proposal.status)
const isOpenIn =
  (accountId: string) =>
  (proposal: Proposal): proposal is Open =>
    proposal.status === 'open' && accountOfChange(proposal) === accountId
const atPlace = (place: string) => ({
  IndexName: PLACE_INDEX,
  KeyConditionExpression: 'place = :place',
  values: { ':place': place },
})

function valueIn<T>(item: Item, { codec, keyOf }: Kind<T>): T {
  const value = decoded(item, codec)
  if (keyOf(value) !== item.pk) throw itemUnreadable(item.pk, `its value is that of ${keyOf(value)}`)
  return value
}

/** Waits with jitter for up to about a quarter of a second, so that many writers of one item proceed one after another. */
function pause(tries: number): Promise<void> {
  const ceilingMs = Math.min(250, 2 ** tries)
  return new Promise(resolve => setTimeout(resolve, Math.random() * ceilingMs))
}
