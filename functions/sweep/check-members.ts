/** Finds accounts and Regions that send no events, which they cannot report themselves. */

import { MINUTE_MS } from '../../core/base/index.ts'
import type { Config } from '../domain/config/index.ts'
import { type LastHeard, type MemberRegion, NO_WATCH, silenceNotice, silenceOf } from '../domain/members/index.ts'
import { canariesMade, HEARD_ACCOUNTS, heardFrom, SILENCE_WATCH } from '../domain/stored/index.ts'
import type { Clock } from '../ports/clock.ts'
import type { Notifier } from '../ports/notifier.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'

export type MemberSettings = {
  readonly ownAccountId: string
  readonly inOrganization: boolean
  /** The Regions in which every member is expected. */
  readonly regions: readonly string[]
  readonly retired: readonly string[]
}

export type CheckMembersDeps = {
  readonly store: Pick<ProposalStore, 'getMarker' | 'putMarker'>
  readonly clock: Clock
  readonly observer: Observer
  readonly config: Pick<Config, 'accounts' | 'organizationAccounts'>
  readonly notifier: Notifier
  readonly members: MemberSettings
}

const EVERY_MINUTES = 5
const AT_ONCE = 10

export const isTimeToCheck = (nowMs: number): boolean => Math.floor(nowMs / MINUTE_MS) % EVERY_MINUTES === 0

export async function checkMembers(deps: CheckMembersDeps): Promise<void> {
  const { store, clock, observer, notifier, members } = deps
  const [heard, watch] = await Promise.all([lastHeard(store), store.getMarker(SILENCE_WATCH)])
  const nowMs = clock()
  const list = { expected: expectedMembers(deps), retired: members.retired }
  const silence = silenceOf(heard, list, watch?.value ?? NO_WATCH, nowMs)
  observer.count('SilentMembers', silence.silent.length)
  for (const { accountId: account, region, lastHeardMs, lostMs = null } of silence.silent)
    observer.log('error', 'member_silent', { account, region, lastHeardMs, lostMs })
  const notice = silenceNotice(silence, nowMs)
  // Sent before it is stored: a crash can repeat it, but not lose it.
  if (notice !== null) await notifier.publish(notice)
  if (JSON.stringify(silence.watch) !== JSON.stringify(watch?.value))
    await store.putMarker(SILENCE_WATCH, watch?.version ?? 0, silence.watch)
}

/** The accounts of the settings and of the configuration, in every Region of the settings. */
function expectedMembers({ config, members }: Pick<CheckMembersDeps, 'config' | 'members'>): MemberRegion[] {
  const named = members.inOrganization ? [...Object.keys(config.accounts), ...config.organizationAccounts] : []
  const accounts = [...new Set([members.ownAccountId, ...named])]
  return accounts.flatMap(accountId => members.regions.map(region => ({ accountId, region })))
}

export async function lastHeard(store: CheckMembersDeps['store']): Promise<readonly LastHeard[]> {
  const accounts = (await store.getMarker(HEARD_ACCOUNTS))?.value ?? []
  const heard: LastHeard[] = []
  for (let from = 0; from < accounts.length; from += AT_ONCE)
    heard.push(...(await Promise.all(accounts.slice(from, from + AT_ONCE).map(regionsOf))).flat())
  return heard

  async function regionsOf(accountId: string): Promise<readonly LastHeard[]> {
    const [regions, made] = await Promise.all([
      store.getMarker(heardFrom(accountId)),
      store.getMarker(canariesMade(accountId)),
    ])
    return Object.entries(regions?.value ?? {}).map(([region, { atMs, version, canaryMs = null }]) => ({
      ...{ accountId, region, atMs, version },
      canary: { madeMs: made?.value[region] ?? null, arrivedMs: canaryMs },
    }))
  }
}
