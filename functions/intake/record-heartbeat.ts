/** Records when an account and Region last sent a heartbeat, and when its last canary arrived. */
import { MINUTE_MS } from '../../core/base/index.ts'
import type { ArrivedCanary, Heartbeat } from '../domain/members/index.ts'
import { HEARD_ACCOUNTS, heardFrom } from '../domain/stored/index.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import type { IngestDeps } from '../workflows/denial/ingest-denial.ts'
import { updateMarker } from '../workflows/optimistic-update.ts'

export type HeartbeatDeps = Pick<IngestDeps, 'clock' | 'observer' | 'readerRole'> & {
  readonly store: Pick<ProposalStore, 'getMarker' | 'putMarker'>
}

/** More than AWS has Regions. Keeps the item small, whatever an account sends. */
const MAX_REGIONS = 64

export async function recordHeartbeat(heartbeat: Heartbeat, deps: HeartbeatDeps): Promise<void> {
  const { store, clock, observer, readerRole } = deps
  const { accountId, region, version } = heartbeat
  const isKnown = (await store.getMarker(HEARD_ACCOUNTS))?.value.includes(accountId) ?? false
  if (!isKnown) {
    // The policy of a bus that others own may admit accounts outside the organization.
    if ((await readerRole?.membershipOf(accountId)) === 'stranger') {
      observer.log('warn', 'heartbeat_of_stranger', { account: accountId, region })
      observer.count('StrangerHeartbeats')
      return
    }
    await updateMarker(HEARD_ACCOUNTS, accounts => withAccount(accounts ?? [], accountId), store)
    observer.log('info', 'member_heard_first', { account: accountId, region, version })
  }
  // The sender chooses the time of the event. A future time, also one in the table, would hide a later silence.
  const nowMs = clock()
  const atMs = Math.min(heartbeat.sentAtMs, nowMs)
  await updateMarker(
    heardFrom(accountId),
    heard => {
      const last = heard?.[region]
      if (last !== undefined && last.atMs >= atMs && last.atMs <= nowMs + MINUTE_MS) return null
      if (last === undefined && Object.keys(heard ?? {}).length >= MAX_REGIONS) return null
      return { ...heard, [region]: { ...last, atMs, version } }
    },
    store,
  )
}

/** Only of a Region that sends heartbeats: a canary is made nowhere else. */
export async function recordCanary({ accountId, region, atMs }: ArrivedCanary, deps: HeartbeatDeps): Promise<void> {
  const { store, observer } = deps
  observer.log('info', 'canary_arrived', { account: accountId, region })
  await updateMarker(
    heardFrom(accountId),
    heard => {
      const last = heard?.[region]
      if (last === undefined || (last.canaryMs ?? 0) >= atMs) return null
      return { ...heard, [region]: { ...last, canaryMs: atMs } }
    },
    store,
  )
}

function withAccount(accounts: readonly string[], accountId: string): readonly string[] | null {
  return accounts.includes(accountId) ? null : [...accounts, accountId].toSorted()
}
