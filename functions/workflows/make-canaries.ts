/** Makes one canary in each account and Region that sends heartbeats. */
import type { MemberRegion } from '../domain/members/index.ts'
import { canariesMade, HEARD_ACCOUNTS, heardFrom } from '../domain/stored/index.ts'
import type { Clock } from '../ports/clock.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import { updateMarker } from './optimistic-update.ts'

export type MakeCanariesDeps = {
  readonly store: Pick<ProposalStore, 'getMarker' | 'putMarker'>
  readonly clock: Clock
  readonly observer: Observer
  /** Rejects unless AWS denied it, as it has to. */
  readonly deny: (place: MemberRegion) => Promise<void>
}

/** Accounts. Each asks its own endpoint of STS. */
const AT_ONCE = 10

export function makeCanaries(deps: MakeCanariesDeps): () => Promise<void> {
  return async () => {
    const accounts = [...((await deps.store.getMarker(HEARD_ACCOUNTS))?.value ?? [])]
    const worker = async () => {
      for (let account = accounts.shift(); account !== undefined; account = accounts.shift())
        await inAccount(account, deps)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
  }
}

async function inAccount(accountId: string, { store, clock, observer, deny }: MakeCanariesDeps): Promise<void> {
  const regions = Object.keys((await store.getMarker(heardFrom(accountId)))?.value ?? {})
  const made: { [region: string]: number } = {}
  for (const region of regions) {
    const nowMs = clock()
    try {
      await deny({ accountId, region })
      made[region] = nowMs
    } catch (error) {
      // Such as of an account that has left. Silence of its heartbeats, and `own_role_denied`, are told elsewhere.
      observer.log('warn', 'canary_not_made', { account: accountId, region, error: String(error) })
    }
  }
  if (Object.keys(made).length > 0)
    await updateMarker(canariesMade(accountId), before => ({ ...before, ...made }), store)
}
