import { RolemedicError } from '../../domain/base/errors.ts'
import type { StandingCause } from '../../domain/deploy/causes.ts'
import type { DeployState, Place } from '../../domain/deploy/deploy.ts'
import { ROUND_MS } from '../../domain/deploy/deploy-round.ts'
import { type DeployList, deployRecord, deploysBy, deploysIn, type Marker } from '../../domain/stored/markers.ts'
import { isItemUnreadable } from '../../domain/stored/versions.ts'
import type { Clock } from '../../ports/clock.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'

type Markers = Pick<ProposalStore, 'getMarker' | 'putMarker'>

const MAX_ATTEMPTS = 20
const MAX_LISTED = 50

export async function deployState(key: string, store: Pick<Markers, 'getMarker'>): Promise<DeployState | null> {
  return (await store.getMarker(deployRecord(key)))?.value ?? null
}

/** Stores what `change` makes of the state as it is; null leaves it. Others may write at the same time. */
export async function changeDeploy(
  key: string,
  store: Markers,
  change: (state: DeployState | null) => DeployState | null,
): Promise<DeployState | null> {
  const marker = deployRecord(key)
  for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
    const found = await store.getMarker(marker)
    const before = found?.value ?? null
    const next = change(before)
    if (next === null) return before
    if (await store.putMarker(marker, found?.version ?? 0, next)) return next
  }
  throw new RolemedicError('contention', `deploy ${key} was written by too many others at once`)
}

/** Lists a deploy where it failed and under each of its causes. */
export async function listDeploy({ key, deploy, causes }: DeployState, store: Markers): Promise<void> {
  const lists = [deploysIn(deploy.accountId, deploy.region), ...causes.map(({ fingerprint }) => deploysBy(fingerprint))]
  for (const list of lists) await listIn(list, key, deploy.failedAtMs, store)
}

async function listIn(list: Marker<DeployList>, key: string, atMs: number, store: Markers): Promise<void> {
  for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
    const found = await store.getMarker(list)
    const listed = found?.value ?? []
    const others = listed.filter(item => item.key !== key && item.atMs > atMs - ROUND_MS)
    const known = listed.find(item => item.key === key)
    if (known !== undefined && known.atMs >= atMs) return
    const next = [...others, { key, atMs }].slice(-MAX_LISTED)
    if (await store.putMarker(list, found?.version ?? 0, next)) return
  }
  throw new RolemedicError('contention', `${list.key} was written by too many others at once`)
}

/** Those that failed at or after an instant, newest first. */
export const deploysSince = (
  { accountId, region }: Place,
  sinceMs: number,
  store: Pick<Markers, 'getMarker'>,
): Promise<readonly DeployState[]> => listedSince(deploysIn(accountId, region), sinceMs, store)

async function listedSince(
  list: Marker<DeployList>,
  sinceMs: number,
  store: Pick<Markers, 'getMarker'>,
): Promise<readonly DeployState[]> {
  const listed = (await readableOrNull(store.getMarker(list)))?.value ?? []
  const states: DeployState[] = []
  for (const { key, atMs } of listed.toReversed()) {
    const state = atMs < sinceMs ? null : await readableOrNull(deployState(key, store))
    if (state !== null) states.push(state)
  }
  return states
}

/** The store has reported an item that does not parse; the others go on. */
export async function readableOrNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading
  } catch (error) {
    if (isItemUnreadable(error)) return null
    throw error
  }
}

/** Those that the denial of this fingerprint broke in the last day. */
export async function deploysWith(
  fingerprint: string,
  { store, clock }: { readonly store: Pick<Markers, 'getMarker'>; readonly clock: Clock },
): Promise<readonly DeployState[]> {
  const recent = await listedSince(deploysBy(fingerprint), clock() - ROUND_MS, store)
  return recent.filter(({ causes }) => causes.some(cause => cause.fingerprint === fingerprint))
}

/** Each cause with its current proposal. */
export async function standingCauses(
  { causes }: Pick<DeployState, 'causes'>,
  store: Pick<ProposalStore, 'get' | 'occurrence'>,
): Promise<readonly StandingCause[]> {
  const standing: StandingCause[] = []
  for (const cause of causes) {
    const proposalId = (await readableOrNull(store.occurrence(cause.fingerprint)))?.proposalId ?? null
    standing.push({ ...cause, proposal: proposalId === null ? null : await readableOrNull(store.get(proposalId)) })
  }
  return standing
}
