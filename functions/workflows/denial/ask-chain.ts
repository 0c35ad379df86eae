/** Asks CloudTrail's event history for the records that issued the key of a denied session, hop by hop. */

import { type Fact, known, MINUTE_MS } from '../../../core/base/index.ts'
import {
  chainBehind,
  type Denial,
  type IssuedKey,
  type IssuedKeys,
  issuedKeyIn,
  type KeyChain,
  LONGEST_SESSION_MS,
  type MissingKey,
} from '../../../core/denial/index.ts'
import { iamRegion } from '../../../core/timeline/index.ts'
import { COUNTERS } from '../../domain/stored/index.ts'
import type { EventHistory } from '../../ports/event-history.ts'
import { counted, type LookupDeps } from './lookups.ts'

/** Null: the denial shows no session, or the history cannot be read. */
export type AskChain = (denial: Denial) => Promise<KeyChain | null>

/** Of each of the two that ask, for one denial: the one who proves a chain for a card leaves as many to prove it before the write. */
const MAX_REQUESTS = 3

type ChainDeps = LookupDeps & { readonly history: Pick<EventHistory, 'search'> }

export function askChain(asker: 'card' | 'write', deps: ChainDeps): AskChain {
  return async denial => {
    if (denial.principal.sessionKey === undefined) return null
    const counter = `${COUNTERS.chain}${asker}/${denial.id}`
    const mayRequest = counted(counter, MAX_REQUESTS, deps, { eventId: denial.id, asker })
    const issued = await issuedBehind(denial, deps.history, mayRequest, why =>
      deps.observer.log('info', 'chain_not_read', { eventId: denial.id, why }),
    )
    return chainBehind(denial, issued)
  }
}

/** A record is found by the key that it issued, in the Region that issued it: most often that of the call, else of the global endpoint. */
export async function issuedBehind(
  denial: Pick<Denial, 'principal' | 'timeMs' | 'region' | 'partition'>,
  history: Pick<EventHistory, 'search'>,
  mayRequest: () => Promise<boolean>,
  notRead: (why: string) => void,
): Promise<IssuedKeys> {
  const issued = new Map<string, readonly IssuedKey[]>()
  const regions = new Set([denial.region, iamRegion(denial.partition)].filter(region => region !== null))
  const asked = new Set<string>()
  for (;;) {
    const { missing } = chainBehind(denial, issued)
    if (missing === null || asked.has(placeOf(missing))) return issued
    asked.add(placeOf(missing))
    for (const region of regions) {
      const found = await issuedIn(region, missing, history, mayRequest)
      if (!found.known) {
        notRead(found.why)
        return issued
      }
      if (found.value.length === 0) continue
      issued.set(missing.key, [...(issued.get(missing.key) ?? []), ...found.value])
      break
    }
  }
}

const placeOf = ({ key, accountId }: MissingKey): string => `${accountId}/${key}`

async function issuedIn(
  region: string,
  { key, accountId, untilMs }: MissingKey,
  history: Pick<EventHistory, 'search'>,
  mayRequest: () => Promise<boolean>,
): Promise<Fact<readonly IssuedKey[]>> {
  // The history counts whole seconds.
  const window = { fromMs: untilMs - LONGEST_SESSION_MS, toMs: untilMs + 1_000 }
  const limits = { maxRequests: 1, mayRequest }
  const read = await history.search({ accountId, region }, { resourceName: key }, window, limits)
  return read.known
    ? known(read.value.records.flatMap(record => issuedKeyIn(record) ?? []).filter(one => one.key === key))
    : read
}

/** Before a write. `isNeeded`: fewer people approved because it is known who was denied, so a fault is tried again. */
export function chainForWrite(ask: AskChain | undefined, denial: Denial, isNeeded: boolean) {
  const answer = ask?.(denial)
  const handled = answer?.catch(() => null)
  return isNeeded ? answer : handled
}

/** Two requests, half a second apart, while IAM is read. */
const CARD_MS = 2_000

/**
 * For what a card shows: a fault, or a slow answer, is no answer. After a slow one nothing is asked for a minute, so that in a storm
 * no card waits for it.
 */
export function promptly(ask: AskChain, { clock, observer }: Pick<LookupDeps, 'clock' | 'observer'>): AskChain {
  let askAgainMs = 0
  return async denial => {
    if (clock() < askAgainMs) return null
    const { promise: timeUp, resolve } = Promise.withResolvers<'late'>()
    const timer = setTimeout(resolve, CARD_MS, 'late')
    const answer = ask(denial).catch(error => {
      observer.log('warn', 'chain_not_read', { eventId: denial.id, why: String(error).slice(0, 300) })
      return null
    })
    const first = await Promise.race([answer, timeUp])
    clearTimeout(timer)
    if (first !== 'late') return first
    askAgainMs = clock() + MINUTE_MS
    observer.log('info', 'chain_not_read', { eventId: denial.id, why: `no answer within ${CARD_MS} ms` })
    return null
  }
}
