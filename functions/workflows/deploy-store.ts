/** What is remembered of failed deploys, as notes: one for each deploy, and one for each account and Region that lists them. */
import { digestOf } from '../domain/base/canonical-json.ts'
import { RolemedicError } from '../domain/base/errors.ts'
import * as z from '../domain/base/schema.ts'
import type { Cause, DeployState, DeployTraces, FailedDeploy, Past, Place } from '../domain/deploy/deploy.ts'
import { tryOf } from '../domain/deploy/wording.ts'
import { deniedAtMs, type Sighting } from '../domain/proposal/proposal.ts'
import type { Clock, ProposalStore } from '../ports/ports.ts'

type Notes = Pick<ProposalStore, 'getNote' | 'putNote'>

const MOST_TRIES = 20
const MOST_LISTED = 50
const MOST_ATTEMPTS = 20
const MOST_SAID = 50
const HOUR_MS = 3_600_000
/** A deploy that failed longer ago is another story. */
export const ROUND_MS = 24 * HOUR_MS
/** Tries without an id of their own count as one within this time. */
const SAME_TRY_MS = HOUR_MS / 2

export function deployKey({ accountId, region, kind, target }: FailedDeploy): string {
  return digestOf({ accountId, region, kind, target }).slice('sha256:'.length, 'sha256:'.length + 16)
}

/** Names one round of a deploy: what a message is posted under. */
export const roundKey = ({ key, generation }: Pick<DeployState, 'key' | 'generation'>): string => `${key}.${generation}`

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
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const note = await store.getNote(`deploy/${key}`)
    const before = note === null ? null : (note.value as DeployState)
    const next = change(before)
    if (next === null) return before
    if (await store.putNote(`deploy/${key}`, note?.version ?? 0, next)) return next
  }
  throw new RolemedicError('contention', `deploy ${key} was written by too many others at once`)
}

export type Failure = {
  readonly deploy: FailedDeploy
  readonly traces: DeployTraces
  readonly causes: readonly Cause[]
}

/** `mended`: what broke the tries before was lifted before this one, so that this one is news. */
export function withFailure(before: DeployState | null, failure: Failure, mended: boolean): DeployState {
  const { deploy, traces, causes } = failure
  const attempt = { id: attemptOf(deploy), atMs: deploy.failedAtMs }
  if (before === null || (mended && isNewAttempt(before, deploy)))
    return {
      key: deployKey(deploy),
      generation: (before?.generation ?? 0) + 1,
      deploy,
      traces,
      attempts: [attempt],
      causes,
      ...(before === null ? {} : { past: pastOf(before) }),
      noticedAtMs: null,
      noticingUntilMs: 0,
      alert: null,
      postingUntilMs: 0,
    }
  const newer = deploy.failedAtMs >= before.deploy.failedAtMs
  const again = isNewAttempt(before, deploy)
  return {
    ...before,
    deploy: newer ? deploy : before.deploy,
    traces: joinedTraces(before.traces, traces, again),
    attempts: again ? [...before.attempts, attempt].slice(-MOST_ATTEMPTS) : before.attempts,
    causes: joinedCauses(before.causes, causes),
  }
}

export const pastOf = ({ causes, deploy }: DeployState): Past => ({
  fingerprints: causes.map(({ fingerprint }) => fingerprint),
  untilMs: deploy.failedAtMs,
})

export function isPast(sighting: Sighting, past: Past | undefined): boolean {
  if (past === undefined) return false
  return past.fingerprints.includes(sighting.fingerprint) && deniedAtMs(sighting) <= past.untilMs
}

const attemptOf = (deploy: FailedDeploy): string =>
  tryOf(deploy) ?? `about ${Math.floor(deploy.failedAtMs / SAME_TRY_MS)}`

export function isNewAttempt({ attempts }: DeployState, deploy: FailedDeploy): boolean {
  return !attempts.some(
    ({ id, atMs }) =>
      id === attemptOf(deploy) || (deploy.attempt === null && Math.abs(atMs - deploy.failedAtMs) < SAME_TRY_MS),
  )
}

/** `again`: b is of another try than a, whose words say nothing of it. */
function joinedTraces(a: DeployTraces, b: DeployTraces, again: boolean): DeployTraces {
  const both = (name: 'said' | 'roles' | 'sessions' | 'ownRoles') =>
    [...new Set([...a[name], ...b[name]])].slice(-MOST_SAID)
  return {
    said: both('said'),
    roles: both('roles'),
    sessions: both('sessions'),
    ownRoles: both('ownRoles'),
    via: b.via ?? a.via,
    fromMs: Math.min(a.fromMs, b.fromMs),
    untilMs: Math.max(a.untilMs, b.untilMs),
    otherwise: b.otherwise && (again || a.otherwise),
  }
}

export function joinedCauses(a: readonly Cause[], b: readonly Cause[]): readonly Cause[] {
  const sure = (cause: Cause) => cause.confidence === 'caused by'
  const added = b.filter(
    ({ fingerprint }, index) =>
      !a.some(cause => cause.fingerprint === fingerprint) &&
      b.findIndex(other => other.fingerprint === fingerprint) === index,
  )
  const kept = a.map(cause => b.find(other => other.fingerprint === cause.fingerprint && sure(other)) ?? cause)
  return [...kept, ...added]
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
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const note = await store.getNote(list)
    const listed = listing.parse(note?.value)
    const others = listed.filter(item => item.key !== key && item.atMs > atMs - ROUND_MS)
    const known = listed.find(item => item.key === key)
    if (known !== undefined && known.atMs >= atMs) return
    const next = [...others, { key, atMs }].slice(-MOST_LISTED)
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
