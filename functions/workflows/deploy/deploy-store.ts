import type { AccountRegion } from '../../../core/base/index.ts'
import { fingerprintOf } from '../../../core/denial/index.ts'
import {
  type CauseWithProposal,
  type DeployState,
  type FailedDeploy,
  hearsayOf,
  ROUND_MS,
} from '../../domain/deploy/index.ts'
import type { Proposal } from '../../domain/proposal/index.ts'
import {
  type DeployList,
  deployRecord,
  deploysBy,
  deploysIn,
  type Marker,
  reportedDeploysIn,
} from '../../domain/stored/index.ts'
import type { Clock } from '../../ports/clock.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import { readableOrNull, updateMarker } from '../optimistic-update.ts'

type Markers = Pick<ProposalStore, 'getMarker' | 'putMarker'>

const MAX_LISTED = 50

export async function deployState(key: string, store: Pick<Markers, 'getMarker'>): Promise<DeployState | null> {
  return (await store.getMarker(deployRecord(key)))?.value ?? null
}

/** Stores the result of `change`; null leaves the state unchanged. Retries if another worker wrote meanwhile. */
export async function changeDeploy(
  key: string,
  store: Markers,
  change: (state: DeployState | null) => DeployState | null,
): Promise<DeployState | null> {
  return updateMarker(deployRecord(key), change, store)
}

/** Lists a deploy by account and Region, and by each of its causes. */
export async function listDeploy({ key, deploy, causes }: DeployState, store: Markers): Promise<void> {
  const lists = [placeList(deploy), ...causes.map(({ fingerprint }) => deploysBy(fingerprint))]
  for (const list of lists) await listIn(list, key, deploy.failedAtMs, store)
}

const placeList = (deploy: FailedDeploy): Marker<DeployList> =>
  (hearsayOf(deploy) === null ? deploysIn : reportedDeploysIn)(deploy.accountId, deploy.region)

/** The most deploys of one account and Region in a day that AWS does not report itself. */
const MAX_REPORTED = 20

/** False: others than AWS report so many deploys of this account and Region that this one is not heard. */
export async function isHeard(
  key: string,
  deploy: FailedDeploy,
  { store, clock }: { readonly store: Pick<Markers, 'getMarker'>; readonly clock: Clock },
): Promise<boolean> {
  if (hearsayOf(deploy) === null) return true
  const listed = (await readableOrNull(store.getMarker(placeList(deploy))))?.value ?? []
  const recent = listed.filter(item => item.atMs > clock() - ROUND_MS)
  return recent.length < MAX_REPORTED || recent.some(item => item.key === key)
}

async function listIn(list: Marker<DeployList>, key: string, atMs: number, store: Markers): Promise<void> {
  await updateMarker(
    list,
    listed => {
      const known = listed?.find(item => item.key === key)
      if (known !== undefined && known.atMs >= atMs) return null
      const others = (listed ?? []).filter(item => item.key !== key && item.atMs > atMs - ROUND_MS)
      return [...others, { key, atMs }].slice(-MAX_LISTED)
    },
    store,
  )
}

/** Deploys that failed at or after a time, newest first. */
export async function deploysSince(
  { accountId, region }: AccountRegion,
  sinceMs: number,
  store: Pick<Markers, 'getMarker'>,
): Promise<readonly DeployState[]> {
  const lists = [deploysIn(accountId, region), reportedDeploysIn(accountId, region)]
  return (await Promise.all(lists.map(list => listedSince(list, sinceMs, store)))).flat()
}

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

/** Deploys of the last day with this denial among their causes. */
export async function deploysWith(
  fingerprint: string,
  { store, clock }: { readonly store: Pick<Markers, 'getMarker'>; readonly clock: Clock },
): Promise<readonly DeployState[]> {
  const recent = await listedSince(deploysBy(fingerprint), clock() - ROUND_MS, store)
  return recent.filter(({ causes }) => causes.some(cause => cause.fingerprint === fingerprint))
}

/** The limit of denials of one card to look up: a card may contain a whole template. */
const MAX_HELD = 20

/**
 * Deploys of the last day that the denials on this card broke: its own, or a need that was denied later and joined it. Those that it
 * names stay, also where its change was narrowed since.
 */
export async function deploysOfCard(
  proposal: Pick<Proposal, 'fingerprint' | 'template' | 'deploy'>,
  deps: { readonly store: Pick<Markers, 'getMarker'>; readonly clock: Clock },
  ...joined: readonly string[]
): Promise<readonly DeployState[]> {
  const found = new Map<string, DeployState>()
  for (const fingerprint of new Set([...heldBy(proposal), ...joined]))
    for (const state of await deploysWith(fingerprint, deps)) found.set(state.key, state)
  for (const { key } of proposal.deploy?.failed ?? []) {
    const state = key === undefined || found.has(key) ? null : await readableOrNull(deployState(key, deps.store))
    if (state !== null && state.deploy.failedAtMs > deps.clock() - ROUND_MS) found.set(state.key, state)
  }
  return [...found.values()]
}

/** Fingerprints of the denials on a card, its own first. */
export const heldBy = ({ fingerprint, template }: Pick<Proposal, 'fingerprint' | 'template'>): readonly string[] =>
  [...new Set([fingerprint, ...(template?.needs ?? []).map(({ denial }) => fingerprintOf(denial))])].slice(0, MAX_HELD)

/** Each cause with its current proposal. A denial that a card foresaw has no proposal of its own. */
export async function causesWithProposals(
  { causes }: Pick<DeployState, 'causes'>,
  store: Pick<ProposalStore, 'get' | 'occurrence'>,
): Promise<readonly CauseWithProposal[]> {
  const standing: CauseWithProposal[] = []
  for (const cause of causes) {
    const occurrence = await readableOrNull(store.occurrence(cause.fingerprint))
    const id = occurrence?.proposalId ?? null
    const proposal = id === null ? null : await readableOrNull(store.get(id))
    const isOwn = occurrence === null || proposal === null || proposal.fingerprint === cause.fingerprint
    standing.push({ ...cause, proposal, joined: isOwn ? null : occurrence.denial })
  }
  return standing
}
