/**
 * Requests to CloudTrail's event history for one denial: at most eight in all, as AWS allows two a second for each account and Region. What
 * is only shown leaves the confirmation before a write its share.
 */

import { type AccountRegion, DAY_MS } from '../../../core/base/index.ts'
import type { Denial } from '../../../core/denial/index.ts'
import { isHearsay } from '../../../core/diagnosis/index.ts'
import type { Risk } from '../../../core/patch/index.ts'
import { HISTORY_DELAY_MS, needsWitness, type Witness } from '../../domain/authority/index.ts'
import { COUNTERS } from '../../domain/stored/index.ts'
import type { Clock } from '../../ports/clock.ts'
import { type EventHistory, type HistoryAttribute, NO_REQUEST_LEFT } from '../../ports/event-history.ts'
import type { Observer } from '../../ports/observer.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import { type WitnessDeps, witnessDenial } from './witness-denial.ts'

export const MAX_LOOKUPS = 8

export type LookupDeps = {
  readonly store: Pick<ProposalStore, 'counted' | 'increment'>
  readonly clock: Clock
  readonly observer: Observer
}

/** Counted before it is sent, so that no repeat of a message asks for more. A refused one takes nothing from the others. */
export function counted(
  counter: string,
  most: number,
  { store, clock, observer }: LookupDeps,
  about: { readonly [name: string]: string },
): () => Promise<boolean> {
  return async () => {
    if ((await store.counted(counter)) < most && (await store.increment(counter, clock() + DAY_MS)) <= most) return true
    observer.log('warn', 'event_history_budget_spent', about)
    return false
  }
}

type Window = Parameters<EventHistory['search']>[2]

export type LookupAnswer =
  | {
      readonly kind: 'read'
      readonly records: readonly unknown[]
      readonly complete: boolean
      readonly isTorn: boolean
    }
  | { readonly kind: 'spent' }
  | { readonly kind: 'unreadable'; readonly why: string }

export type Lookups = {
  /** How many requests are left. */
  left(): Promise<number>
  /** One request of 50 records, newest first. */
  ask(place: AccountRegion, by: HistoryAttribute, window: Window): Promise<LookupAnswer>
}

type Asked = { readonly id: string; readonly denial: Denial; readonly risks: readonly Risk[] }

/** A write that waits for the confirmation keeps two looks and a last one when no record can be late any more; the others two, after it. */
const shownOf = ({ denial, risks }: Asked): number => MAX_LOOKUPS - (needsWitness(denial, risks) ? 3 : 2)

/** For what a card only shows. */
export function shownLookups(
  asked: Asked,
  deps: LookupDeps & { readonly history: Pick<EventHistory, 'search'> },
): Lookups {
  return lookups(asked.id, shownOf(asked), deps)
}

/** For what is looked at last before a write, whose confirmation is there. One is kept for the time after it. */
export function lastLookups(
  { id }: Pick<Asked, 'id'>,
  deps: LookupDeps & { readonly history: Pick<EventHistory, 'search'> },
): Lookups {
  return lookups(id, MAX_LOOKUPS - 1, deps)
}

function lookups(
  id: string,
  most: number,
  deps: LookupDeps & { readonly history: Pick<EventHistory, 'search'> },
): Lookups {
  const { history, store, observer } = deps
  const mayRequest = counted(COUNTERS.lookups + id, most, deps, { proposalId: id })
  return {
    left: async () => Math.max(0, most - (await store.counted(COUNTERS.lookups + id))),
    async ask(place, by, window) {
      let isCounting = false
      const may = async () => {
        isCounting = true
        const yes = await mayRequest()
        isCounting = false
        return yes
      }
      const read = await history.search(place, by, window, { maxRequests: 1, mayRequest: may }).catch(error => {
        // A fault of the table is no answer of the history.
        if (isCounting) throw error
        return { known: false as const, why: String(error).slice(0, 300) }
      })
      if (read.known) {
        const { records, complete, isTorn = false } = read.value
        return { kind: 'read', records, complete, isTorn }
      }
      if (read.why === NO_REQUEST_LEFT) return { kind: 'spent' }
      observer.log('warn', 'event_history_unreadable', { proposalId: id, why: read.why })
      return { kind: 'unreadable', why: read.why }
    },
  }
}

/** Asks whether a denial happened, for the card `proposalId`. */
export type AskWitness = (denial: Denial, nowMs: number, proposalId: string) => Promise<Witness>

/** A text is searched by session and by call. */
const REQUESTS = { text: 3, record: 1 } as const

/** While a record may be late, one look is kept for the time when it cannot be. */
export function countedWitness(deps: WitnessDeps & LookupDeps): AskWitness {
  return async (denial, nowMs, proposalId) => {
    const used = await deps.store.counted(COUNTERS.lookups + proposalId)
    const isLate = denial.timeMs === null || nowMs - denial.timeMs >= HISTORY_DELAY_MS
    const needed = REQUESTS[isHearsay(denial) ? 'text' : 'record']
    if (!isLate && used + 2 * needed > MAX_LOOKUPS) return { kind: 'waiting' }
    const spent: Witness = isLate ? { kind: 'spent', why: ASKED_OUT } : { kind: 'waiting' }
    if (used >= MAX_LOOKUPS) return spent
    const mayRequest = counted(COUNTERS.lookups + proposalId, MAX_LOOKUPS, deps, { proposalId })
    const { history } = deps
    const witness = await witnessDenial(denial, nowMs, {
      ...deps,
      history: {
        byId: (place, eventId) => history.byId(place, eventId, { mayRequest }),
        search: (place, by, window, limits) => history.search(place, by, window, { ...limits, mayRequest }),
      },
    })
    return witness.kind === 'unreadable' && witness.why === NO_REQUEST_LEFT ? spent : witness
  }
}

const ASKED_OUT = 'CloudTrail was asked for this denial as often as it may be, and did not show it by then'
