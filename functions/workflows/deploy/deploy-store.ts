import * as z from 'zod'
import { RolemedicError } from '../../domain/base/errors.ts'
import type { DeployState, Place } from '../../domain/deploy/deploy.ts'
import { ROUND_MS } from '../../domain/deploy/deploy-round.ts'
import type { Clock } from '../../ports/clock.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'

type Notes = Pick<ProposalStore, 'getNote' | 'putNote'>

const MAX_ATTEMPTS = 20
const MAX_LISTED = 50
export async function deployState(key: string, { getNote }: Pick<Notes, 'getNote'>): Promise<DeployState | null> {
  const note = await getNote(`deploy/${key}`)
  return note === null ? null : (note.value as DeployState)
}

/** Stores what `change` makes of the state as it is; null leaves it. Others may write at the same time. */
export async function changeDeploy(
  key: string,
  store: Notes,
  change: (state: DeployState | null) => DeployState | null,
): Promise<DeployState | null> {
  for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
    const note = await store.getNote(`deploy/${key}`)
    const before = note === null ? null : (note.value as DeployState)
    const next = change(before)
    if (next === null) return before
    if (await store.putNote(`deploy/${key}`, note?.version ?? 0, next)) return next
  }
  throw new RolemedicError('contention', `deploy ${key} was written by too many others at once`)
}

const listing = z.catch(z.array(z.object({ key: z.string(), atMs: z.number() })), [])
const ofPlace = ({ accountId, region }: Place): string => `deploys/${accountId}/${region}`
/** In whatever Region: IAM has none, and one denial may break a deploy to several. */
const ofCause = (fingerprint: string): string => `deploys-by/${fingerprint}`

/** Lists a deploy where it failed and under each of its causes. */
export async function listDeploy({ key, deploy, causes }: DeployState, store: Notes): Promise<void> {
  for (const list of [ofPlace(deploy), ...causes.map(({ fingerprint }) => ofCause(fingerprint))])
    await listIn(list, key, deploy.failedAtMs, store)
}

async function listIn(list: string, key: string, atMs: number, store: Notes): Promise<void> {
  for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
    const note = await store.getNote(list)
    const listed = listing.parse(note?.value)
    const others = listed.filter(item => item.key !== key && item.atMs > atMs - ROUND_MS)
    const known = listed.find(item => item.key === key)
    if (known !== undefined && known.atMs >= atMs) return
    const next = [...others, { key, atMs }].slice(-MAX_LISTED)
    if (await store.putNote(list, note?.version ?? 0, next)) return
  }
  throw new RolemedicError('contention', `${list} was written by too many others at once`)
}

/** Those that failed at or after an instant, newest first. */
export const deploysSince = (place: Place, sinceMs: number, store: Pick<Notes, 'getNote'>) =>
  listedSince(ofPlace(place), sinceMs, store)

async function listedSince(
  list: string,
  sinceMs: number,
  { getNote }: Pick<Notes, 'getNote'>,
): Promise<readonly DeployState[]> {
  const listed = listing.parse((await getNote(list))?.value)
  const states: DeployState[] = []
  for (const { key, atMs } of listed.toReversed()) {
    const state = atMs < sinceMs ? null : await deployState(key, { getNote })
    if (state !== null) states.push(state)
  }
  return states
}

/** Those that the denial of this fingerprint broke in the last day. */
export async function deploysWith(
  fingerprint: string,
  { store, clock }: { readonly store: Pick<Notes, 'getNote'>; readonly clock: Clock },
): Promise<readonly DeployState[]> {
  const recent = await listedSince(ofCause(fingerprint), clock() - ROUND_MS, store)
  return recent.filter(({ causes }) => causes.some(cause => cause.fingerprint === fingerprint))
}
