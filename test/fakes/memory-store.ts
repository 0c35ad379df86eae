import { proposalLists } from '../../cli/use-cases/backtest/replay-store.ts'
import { fail, ok } from '../../core/base/result.ts'
import { isTooOld } from '../../core/denial/denial-timing.ts'
import { dueRank, type Proposal } from '../../functions/domain/proposal/proposal.ts'
import {
  firstOccurrence,
  OCCURRENCE,
  repeatedOccurrence,
  type StoredOccurrence,
  twinOccurrence,
} from '../../functions/domain/stored/stored-occurrence.ts'
import { PROPOSAL } from '../../functions/domain/stored/stored-proposal.ts'
import {
  type Codec,
  CURRENT_VERSION,
  isItemUnreadable,
  itemUnreadable,
} from '../../functions/domain/stored/versions.ts'
import type { ProposalStore } from '../../functions/ports/proposal-store.ts'

/** `parsed`: the document after it was read once. */
type Stored = { readonly version: number; readonly v: number; readonly document: string; parsed?: unknown }

export type MemoryStore = ProposalStore & {
  /** Puts any document under a key of the table. */
  plant(key: string, document: string, v?: number): void
}

type MemoryStoreOptions = {
  readonly settleGraceMs?: number
  /** The clock by which counters expire. Absent: none expires. */
  readonly clock?: () => number
}

/** The whole store in memory, with the table's conditional writes. Values are written and parsed in the form of the table. */
export function memoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const graceMs = options.settleGraceMs ?? 5 * 60_000
  const items = new Map<string, Stored>()
  const counters = new Map<string, { value: number; expiresAtMs: number }>()

  function read<T>(key: string, codec: Codec<T>): { version: number; value: T } | null {
    const item = items.get(key)
    if (item === undefined) return null
    if (item.parsed === undefined) {
      const value = codec.read(JSON.parse(item.document), item.v)
      if (!value.ok) throw itemUnreadable(key, value.error)
      item.parsed = value.value
    }
    return { version: item.version, value: item.parsed as T }
  }

  function write<T>(key: string, version: number, value: T, codec: Codec<T>): T {
    items.set(key, { version, v: CURRENT_VERSION, document: JSON.stringify(codec.write(value)) })
    return value
  }

  function all<T>(prefix: string, codec: Codec<T>): T[] {
    const found: T[] = []
    for (const key of items.keys()) {
      if (!key.startsWith(prefix)) continue
      try {
        const item = read(key, codec)
        if (item !== null) found.push(item.value)
      } catch (error) {
        if (!isItemUnreadable(error)) throw error
      }
    }
    return found
  }

  const proposalKey = (id: string) => `proposal#${id}`
  const occurrenceKey = (fingerprint: string) => `sighting#${fingerprint}`
  const proposals = () => all('proposal#', PROPOSAL)
  const occurrences = () => all('sighting#', OCCURRENCE).map(({ occurrence }) => occurrence)
  const seenAs = (fingerprint: string) => read(occurrenceKey(fingerprint), OCCURRENCE)?.value
  const keep = (stored: StoredOccurrence) =>
    write(occurrenceKey(stored.occurrence.fingerprint), 1, stored, OCCURRENCE).occurrence
  const counted = (counter: string): number => {
    const entry = counters.get(counter)
    const nowMs = options.clock?.() ?? 0
    return entry === undefined || entry.expiresAtMs <= nowMs ? 0 : entry.value
  }

  return {
    plant(key, document, v = CURRENT_VERSION) {
      items.set(key, { version: (items.get(key)?.version ?? 0) + 1, v, document })
    },

    async recordOccurrence(denial, fingerprint, nowMs, { twinOf } = {}) {
      const seen = seenAs(fingerprint)
      if (seen === undefined)
        return { occurrence: keep(firstOccurrence(denial, fingerprint, nowMs)), first: true, duplicate: false }
      const { occurrence, recentEventIds } = seen
      if (recentEventIds.includes(denial.id)) return { occurrence, first: false, duplicate: true }
      const isTwin = twinOf !== undefined && recentEventIds.includes(twinOf)
      const next = isTwin ? twinOccurrence(seen, denial, twinOf) : repeatedOccurrence(seen, denial, nowMs)
      return { occurrence: keep(next), first: false, duplicate: false }
    },

    async occurrence(fingerprint) {
      return seenAs(fingerprint)?.occurrence ?? null
    },

    async claimOccurrence(fingerprint, previous, proposalId) {
      const seen = seenAs(fingerprint)
      if (seen === undefined) return false
      if (seen.occurrence.proposalId === proposalId) return true
      if (seen.occurrence.proposalId !== previous) return false
      keep({ ...seen, occurrence: { ...seen.occurrence, proposalId } })
      return true
    },

    async create(proposal) {
      const key = proposalKey(proposal.id)
      const stored = read(key, PROPOSAL)
      if (stored !== null) return fail(stored.value)
      write(key, 1, proposal, PROPOSAL)
      return ok(proposal)
    },

    async get(id) {
      return read(proposalKey(id), PROPOSAL)?.value ?? null
    },

    async replace(current, next) {
      const stored = read(proposalKey(current.id), PROPOSAL)?.value
      if (stored === undefined || next.id !== current.id) throw new Error(`no item ${current.id} to replace`)
      if (stored.version !== current.version) return fail(stored)
      const written = { ...next, version: current.version + 1 }
      write(proposalKey(next.id), written.version, written as Proposal, PROPOSAL)
      return ok(written)
    },

    async due(nowMs, limit) {
      return proposals()
        .filter(({ dueAtMs }) => dueAtMs !== null && dueAtMs <= nowMs)
        .sort((a, b) => dueRank(a) - dueRank(b) || (a.dueAtMs ?? 0) - (b.dueAtMs ?? 0))
        .slice(0, limit)
    },

    async dueOccurrences(nowMs, limit) {
      return occurrences()
        .filter(({ proposalId, firstSeenMs }) => proposalId === null && firstSeenMs + graceMs <= nowMs)
        .filter(({ denial, lastSeenMs }) => !isTooOld(denial, lastSeenMs))
        .sort((a, b) => a.firstSeenMs - b.firstSeenMs)
        .slice(0, limit)
    },

    ...proposalLists(proposals),

    async occurrencesBetween(accountId, region, fromMs, toMs) {
      return occurrences()
        .filter(({ denial }) => denial.accountId === accountId && denial.region === region)
        .filter(({ lastSeenMs }) => lastSeenMs >= fromMs && lastSeenMs <= toMs)
        .sort((a, b) => a.lastSeenMs - b.lastSeenMs)
    },

    async increment(counter, expiresAtMs) {
      const value = counted(counter) + 1
      counters.set(counter, { value, expiresAtMs })
      return value
    },

    counted: async counter => counted(counter),

    async putMarker({ key, codec }, version, value) {
      if ((items.get(`note#${key}`)?.version ?? 0) !== version) return false
      write(`note#${key}`, version + 1, value, codec)
      return true
    },

    getMarker: async ({ key, codec }) => read(`note#${key}`, codec),
  }
}
