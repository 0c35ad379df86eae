/** The bot's table in memory, for one worker and one run: no serialization and no waiting. */
import { fail, ok } from '../../../core/base/index.ts'
import { isTooOld } from '../../../core/denial/index.ts'
import {
  accountOfChange,
  dueRank,
  hasEnded,
  isStanding,
  type Occurrence,
  type Open,
  type Proposal,
} from '../../../functions/domain/proposal/index.ts'
import {
  firstOccurrence,
  type Marker,
  repeatedOccurrence,
  twinOccurrence,
} from '../../../functions/domain/stored/index.ts'
import type { Clock, ProposalStore } from '../../../functions/ports/index.ts'
import { timeQueue } from './time-queue.ts'

export type ReplayStore = ProposalStore & {
  /** When `sweep` next has work. Null: never. */
  nextDueMs(): number | null
}

/** The number of ids that the table keeps. */
const RECENT_IDS = 200

export function replayStore({
  clock,
  settleGraceMs,
}: {
  readonly clock: Clock
  readonly settleGraceMs: number
}): ReplayStore {
  const proposals = new Map<string, Proposal>()
  const occurrences = new Map<string, Occurrence>()
  const recentIds = new Map<string, Set<string>>()
  /** Fingerprints without a proposal. */
  const unclaimed = new Set<string>()
  const waiting = timeQueue<string>()
  const counters = new Map<string, { value: number; expiresAtMs: number }>()
  const markers = new Map<string, { readonly version: number; readonly value: unknown }>()
  const due = timeQueue<string>()
  let nextCleanMs = 0

  function put<P extends Proposal>(proposal: P): P {
    proposals.set(proposal.id, proposal)
    if (proposal.dueAtMs !== null) due.push(proposal.dueAtMs, proposal.id)
    return proposal
  }

  const isDueAt = (id: string, atMs: number): boolean => proposals.get(id)?.dueAtMs === atMs

  function counted(counter: string): number {
    const entry = counters.get(counter)
    return entry === undefined || entry.expiresAtMs <= clock() ? 0 : entry.value
  }

  /** A counter per denial and minute would otherwise remain for the whole history. */
  function dropExpired(): void {
    if (clock() < nextCleanMs) return
    nextCleanMs = clock() + CLEAN_EVERY_MS
    for (const [name, { expiresAtMs }] of counters) if (expiresAtMs <= clock()) counters.delete(name)
  }

  return {
    nextDueMs() {
      for (let head = due.first(); head !== null; head = due.first()) {
        if (isDueAt(head.value, head.atMs)) break
        due.pop()
      }
      for (let head = waiting.first(); head !== null && !unclaimed.has(head.value); head = waiting.first())
        waiting.pop()
      const [one, other] = [due.first()?.atMs ?? null, waiting.first()?.atMs ?? null]
      return one === null || other === null ? (one ?? other) : Math.min(one, other)
    },

    async recordOccurrence(denial, fingerprint, nowMs, { twinOf } = {}) {
      const before = occurrences.get(fingerprint)
      const ids = recentIds.get(fingerprint) ?? new Set()
      if (before !== undefined && ids.has(denial.id)) return { occurrence: before, first: false, duplicate: true }
      const stored = before === undefined ? null : { occurrence: before, recentEventIds: [] }
      if (stored !== null && twinOf !== undefined && ids.has(twinOf)) {
        const { occurrence } = twinOccurrence(stored, denial, twinOf)
        recentIds.set(fingerprint, new Set([...ids].map(id => (id === twinOf ? denial.id : id))))
        occurrences.set(fingerprint, occurrence)
        return { occurrence, first: false, duplicate: false }
      }
      const { occurrence } =
        stored === null ? firstOccurrence(denial, fingerprint, nowMs) : repeatedOccurrence(stored, denial, nowMs)
      ids.add(denial.id)
      const [oldest] = ids
      if (ids.size > RECENT_IDS && oldest !== undefined) ids.delete(oldest)
      recentIds.set(fingerprint, ids)
      occurrences.set(fingerprint, occurrence)
      if (before === undefined) {
        unclaimed.add(fingerprint)
        waiting.push(nowMs + settleGraceMs, fingerprint)
      }
      return { occurrence, first: before === undefined, duplicate: false }
    },
    occurrence: async fingerprint => occurrences.get(fingerprint) ?? null,
    async claimOccurrence(fingerprint, previous, proposalId) {
      const before = occurrences.get(fingerprint)
      if (before === undefined) return false
      if (before.proposalId === proposalId) return true
      if (before.proposalId !== previous) return false
      occurrences.set(fingerprint, { ...before, proposalId })
      unclaimed.delete(fingerprint)
      return true
    },

    async create(proposal) {
      const stored = proposals.get(proposal.id)
      return stored === undefined ? ok(put(proposal)) : fail(stored)
    },
    get: async id => proposals.get(id) ?? null,
    async replace(current, next) {
      const stored = proposals.get(current.id)
      if (stored === undefined || next.id !== current.id) throw new Error(`no item ${current.id} to replace`)
      return stored.version === current.version ? ok(put({ ...next, version: current.version + 1 })) : fail(stored)
    },
    async due(nowMs, limit) {
      const found = new Map<string, Proposal>()
      for (let head = due.first(); head !== null && head.atMs <= nowMs; head = due.first()) {
        due.pop()
        const proposal = proposals.get(head.value)
        if (proposal !== undefined && isDueAt(head.value, head.atMs)) found.set(head.value, proposal)
      }
      // They stay due until they are written.
      for (const { dueAtMs, id } of found.values()) if (dueAtMs !== null) due.push(dueAtMs, id)
      return [...found.values()].sort((one, other) => dueRank(one) - dueRank(other)).slice(0, limit)
    },
    async dueOccurrences(nowMs, limit) {
      return [...unclaimed]
        .flatMap(fingerprint => occurrences.get(fingerprint) ?? [])
        .filter(({ firstSeenMs }) => firstSeenMs + settleGraceMs <= nowMs)
        .filter(({ denial, lastSeenMs }) => !isTooOld(denial, lastSeenMs))
        .sort((a, b) => a.firstSeenMs - b.firstSeenMs)
        .slice(0, limit)
    },
    ...proposalLists(() => [...proposals.values()]),
    async occurrencesBetween(accountId, region, fromMs, toMs) {
      return [...occurrences.values()]
        .filter(({ denial }) => denial.accountId === accountId && denial.region === region)
        .filter(({ lastSeenMs }) => lastSeenMs >= fromMs && lastSeenMs <= toMs)
        .sort((a, b) => a.lastSeenMs - b.lastSeenMs)
    },

    async increment(counter, expiresAtMs) {
      dropExpired()
      const value = counted(counter) + 1
      counters.set(counter, { value, expiresAtMs })
      return value
    },
    counted: async counter => counted(counter),
    async putMarker({ key }, version, value) {
      if ((markers.get(key)?.version ?? 0) !== version) return false
      markers.set(key, { version: version + 1, value })
      return true
    },
    // A marker is read only with the type with which it was stored.
    getMarker: async <T>({ key }: Marker<T>) =>
      (markers.get(key) as { readonly version: number; readonly value: T } | undefined) ?? null,
  }
}

const CLEAN_EVERY_MS = 3_600_000

type Lists = Pick<ProposalStore, 'open' | 'openSince' | 'openIn' | 'standing' | 'limited'>

/** The lists of a store, of proposals in memory. */
export function proposalLists(all: () => readonly Proposal[]): Lists {
  const notOver = () => all().filter(({ status }) => !hasEnded(status))
  const standing = () => all().filter(isStanding)
  return {
    open: async limit => earliest(notOver(), limit, ({ createdAtMs }) => -createdAtMs),
    openSince: async (fromMs, limit) =>
      earliest(
        notOver().filter(({ createdAtMs }) => createdAtMs >= fromMs),
        limit,
        ({ createdAtMs }) => createdAtMs,
      ),
    openIn: async (accountId, limit) =>
      earliest(
        notOver().filter((one): one is Open => one.status === 'open' && accountOfChange(one) === accountId),
        limit,
        ({ expiresAtMs }) => expiresAtMs,
      ),
    standing: async limit =>
      earliest(
        standing().filter(({ applied }) => applied.endsAtMs === null),
        limit,
        ({ applied }) => -applied.atMs,
      ),
    limited: async limit =>
      earliest(
        standing().filter(({ applied }) => applied.endsAtMs !== null),
        limit,
        ({ applied }) => applied.endsAtMs ?? 0,
      ),
  }
}

const earliest = <T>(all: readonly T[], limit: number, by: (one: T) => number): readonly T[] =>
  all.toSorted((a, b) => by(a) - by(b)).slice(0, limit)
