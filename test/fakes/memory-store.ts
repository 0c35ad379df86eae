import { fail, ok } from '../../functions/domain/base/result.ts'
import { isTooOld } from '../../functions/domain/denial/denial-timing.ts'
import { hasEnded, type Occurrence, type Proposal } from '../../functions/domain/proposal/proposal.ts'
import type { ProposalStore } from '../../functions/ports/proposal-store.ts'

const RECENT_EVENT_IDS = 200

/** The whole store in memory, with the table's conditional writes. Values go in and out as copies, like JSON over a wire. */
export function memoryStore(options: { readonly settleGraceMs?: number } = {}): ProposalStore {
  const graceMs = options.settleGraceMs ?? 5 * 60_000
  const proposals = new Map<string, Proposal>()
  const occurrences = new Map<string, { occurrence: Occurrence; eventIds: readonly string[] }>()
  const notes = new Map<string, { version: number; value: unknown }>()
  const counters = new Map<string, number>()

  return {
    async recordOccurrence(denial, fingerprint, nowMs, { twinOf } = {}) {
      const seen = occurrences.get(fingerprint)
      if (seen === undefined) {
        const eventIds = [denial.id]
        const times = { count: 1, firstSeenMs: nowMs, lastSeenMs: nowMs }
        const occurrence: Occurrence = { fingerprint, denial, ...times, eventIds, proposalId: null }
        occurrences.set(fingerprint, copy({ occurrence, eventIds }))
        return { occurrence: copy(occurrence), first: true, duplicate: false }
      }
      if (seen.eventIds.includes(denial.id)) return { occurrence: copy(seen.occurrence), first: false, duplicate: true }
      if (twinOf !== undefined && seen.eventIds.includes(twinOf)) {
        const renamed = (ids: readonly string[]) => ids.map(id => (id === twinOf ? denial.id : id))
        const known = seen.occurrence.denial.id === twinOf ? denial : seen.occurrence.denial
        const twin: Occurrence = { ...seen.occurrence, denial: known, eventIds: renamed(seen.occurrence.eventIds) }
        occurrences.set(fingerprint, copy({ occurrence: twin, eventIds: renamed(seen.eventIds) }))
        return { occurrence: copy(twin), first: false, duplicate: false }
      }
      const occurrence: Occurrence = {
        ...seen.occurrence,
        denial: (denial.timeMs ?? nowMs) >= (seen.occurrence.denial.timeMs ?? 0) ? denial : seen.occurrence.denial,
        count: seen.occurrence.count + 1,
        firstSeenMs: Math.min(seen.occurrence.firstSeenMs, nowMs),
        lastSeenMs: Math.max(seen.occurrence.lastSeenMs, nowMs),
        eventIds: [...seen.occurrence.eventIds, denial.id].slice(-10),
      }
      occurrences.set(
        fingerprint,
        copy({ occurrence, eventIds: [...seen.eventIds, denial.id].slice(-RECENT_EVENT_IDS) }),
      )
      return { occurrence: copy(occurrence), first: false, duplicate: false }
    },

    async occurrence(fingerprint) {
      return copy(occurrences.get(fingerprint)?.occurrence ?? null)
    },

    async claimOccurrence(fingerprint, previous, proposalId) {
      const seen = occurrences.get(fingerprint)
      if (seen === undefined) return false
      if (seen.occurrence.proposalId === proposalId) return true
      if (seen.occurrence.proposalId !== previous) return false
      occurrences.set(fingerprint, { ...seen, occurrence: { ...seen.occurrence, proposalId } })
      return true
    },

    async create(proposal) {
      const stored = proposals.get(proposal.id)
      if (stored !== undefined) return fail(copy(stored))
      proposals.set(proposal.id, copy(proposal))
      return ok(copy(proposal))
    },

    async get(id) {
      return copy(proposals.get(id) ?? null)
    },

    async replace(current, next) {
      const stored = proposals.get(current.id)
      if (stored === undefined || next.id !== current.id) throw new Error(`no item ${current.id} to replace`)
      if (stored.version !== current.version) return fail(copy(stored))
      const written = { ...next, version: current.version + 1 }
      proposals.set(next.id, copy(written))
      return ok(copy(written))
    },

    async due(nowMs, limit) {
      return [...proposals.values()]
        .filter(({ dueAtMs }) => dueAtMs !== null && dueAtMs <= nowMs)
        .sort((a, b) => (a.dueAtMs ?? 0) - (b.dueAtMs ?? 0))
        .slice(0, limit)
        .map(copy)
    },

    async dueOccurrences(nowMs, limit) {
      return [...occurrences.values()]
        .map(({ occurrence }) => occurrence)
        .filter(({ proposalId, firstSeenMs }) => proposalId === null && firstSeenMs + graceMs <= nowMs)
        .filter(({ denial, lastSeenMs }) => !isTooOld(denial, lastSeenMs))
        .sort((a, b) => a.firstSeenMs - b.firstSeenMs)
        .slice(0, limit)
        .map(copy)
    },

    async open(limit) {
      return [...proposals.values()]
        .filter(({ status }) => !hasEnded(status))
        .sort((a, b) => b.createdAtMs - a.createdAtMs)
        .slice(0, limit)
        .map(copy)
    },

    async occurrencesBetween(accountId, region, fromMs, toMs) {
      return [...occurrences.values()]
        .map(({ occurrence }) => occurrence)
        .filter(({ denial }) => denial.accountId === accountId && denial.region === region)
        .filter(({ lastSeenMs }) => lastSeenMs >= fromMs && lastSeenMs <= toMs)
        .sort((a, b) => a.lastSeenMs - b.lastSeenMs)
        .map(copy)
    },

    async increment(counter) {
      const value = (counters.get(counter) ?? 0) + 1
      counters.set(counter, value)
      return value
    },

    async counted(counter) {
      return counters.get(counter) ?? 0
    },

    async putNote(key, version, value) {
      if ((notes.get(key)?.version ?? 0) !== version) return false
      notes.set(key, copy({ version: version + 1, value }))
      return true
    },

    async getNote(key) {
      return copy(notes.get(key) ?? null)
    },
  }
}

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T
