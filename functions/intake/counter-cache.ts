import type { ProposalStore } from '../ports/proposal-store.ts'

type Store = Pick<ProposalStore, 'recordOccurrence' | 'increment' | 'getMarker'>

const MOST = 1_000

/**
 * Only the first to count takes a turn, and counters never fall: one that this process has counted on is not asked again.
 * In a storm of repeats that halves the writes.
 */
export function rememberedTurns(store: Store): Store {
  const counted = new Set<string>()
  return {
    recordOccurrence: store.recordOccurrence,
    getMarker: store.getMarker,
    async increment(counter, expiresAtMs) {
      if (counted.has(counter)) return 2
      const value = await store.increment(counter, expiresAtMs)
      if (counted.size >= MOST) counted.clear()
      counted.add(counter)
      return value
    },
  }
}
