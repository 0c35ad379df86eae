/**
 * Exclusive work: a lease on the proposal (one conditional write begins it, one ends it), and a lock on each target, so that
 * two proposals never change the same policy at once.
 */

import { type Result, RolemedicError } from '../../core/base/index.ts'
import type { Target } from '../../core/patch/index.ts'
import { type AuditStep, entryFor } from '../domain/audit/index.ts'
import { type Applying, type Proposal, type Reverting, released } from '../domain/proposal/index.ts'
import { type Marker, type TargetLock, targetLock } from '../domain/stored/index.ts'
import { CONTENTION, updateProposal } from '../workflows/optimistic-update.ts'
import { LEASE_MS, type VerifyDeps } from './deps.ts'

type Deps = Pick<VerifyDeps, 'store' | 'audit' | 'clock' | 'observer' | 'botVersion'>
type Leasable = Applying | Reverting

/** The proposal as this worker last stored it. Each store is conditional, so a worker with an expired lease fails. */
export type Lease<P extends Leasable> = { current: P; ended: boolean }

/** `busy`: another worker has the lease. */
export type NotLeased = 'busy' | 'nothing-to-do'

/**
 * Runs `job` while this worker alone has the proposal, leased by `acquire`, and its targets. When `job` throws, the lease
 * is released first. Targets stay locked where `write` was asked, until its answer comes or the lock expires.
 */
export async function withLease<P extends Leasable, T extends string>(
  seen: Proposal,
  acquire: (seen: Proposal) => Result<P, NotLeased>,
  targetsOf: (leased: P) => readonly Target[],
  deps: Deps,
  job: (lease: Lease<P>) => Promise<T>,
): Promise<T | NotLeased> {
  const leased = await updateProposal(seen, acquire, deps.store)
  if (!leased.ok) return leased.error === CONTENTION ? 'busy' : leased.error
  const { proposal } = leased.value
  const lease: Lease<P> = { current: proposal, ended: false }
  try {
    return await withTargets(
      targetsOf(proposal),
      proposal.id,
      deps,
      () => job(lease),
      result => result === 'asked',
    )
  } catch (error) {
    await release(lease, deps)
    throw error
  }
}

/** Stores the status that the work ends in, and ends the lease. */
export async function transition<P extends Proposal>(lease: Lease<Leasable>, next: P, deps: Deps): Promise<P> {
  const stored = await store(lease.current, next, deps)
  lease.ended = true
  return stored
}

async function store<P extends Proposal>(current: Leasable, next: P, deps: Deps): Promise<P> {
  const stored = await deps.store.replace(current, next)
  if (!stored.ok) throw new RolemedicError('lease-lost', `${current.id} was changed by another worker`)
  return stored.value
}

/** The next delivery need not wait for the lease to expire. */
async function release<P extends Leasable>({ current, ended }: Lease<P>, deps: Deps): Promise<void> {
  if (ended) return
  try {
    await deps.store.replace(current, released(current, deps.clock()))
  } catch (error) {
    deps.observer.log('warn', 'lease_not_released', { proposalId: current.id, error: String(error) })
  }
}

type LockDeps = Pick<VerifyDeps, 'store' | 'clock' | 'observer'>

/**
 * Runs `job` with all of these locks, and keeps them after it where `keeps` says so. Throws `target-busy` when another proposal has one:
 * the work is retried later.
 */
export async function withTargets<T>(
  targets: readonly Target[],
  holder: string,
  deps: LockDeps,
  job: () => Promise<T>,
  keeps: (result: T) => boolean = () => false,
): Promise<T> {
  const acquired: Marker<TargetLock>[] = []
  let isKept = false
  try {
    for (const lock of locksOf(targets)) {
      await lockTarget(lock, holder, deps)
      acquired.push(lock)
    }
    const result = await job()
    isKept = keeps(result)
    return result
  } finally {
    for (const lock of isKept ? [] : acquired) await unlockTarget(lock, holder, deps)
  }
}

/** What `write` was asked for is done. */
export async function unlockTargets(targets: readonly Target[], holder: string, deps: LockDeps): Promise<void> {
  for (const lock of locksOf(targets)) await unlockTarget(lock, holder, deps)
}

/** One order for all workers, so that two never wait for each other. */
function locksOf(targets: readonly Target[]): readonly Marker<TargetLock>[] {
  const locks = new Map(targets.map(target => [targetLock(target).key, targetLock(target)]))
  return [...locks].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, lock]) => lock)
}

/** Reentrant: after a crash, the same holder finds its own lock. */
async function lockTarget(lock: Marker<TargetLock>, holder: string, { store, clock }: LockDeps): Promise<void> {
  const found = await store.getMarker(lock)
  const busy = new RolemedicError('target-busy', `another change of ${lock.key} is in progress`)
  const nowMs = clock()
  if (found !== null && found.value.holder !== null && found.value.holder !== holder && nowMs < found.value.untilMs)
    throw busy
  if (!(await store.putMarker(lock, found?.version ?? 0, { holder, untilMs: nowMs + LEASE_MS }))) throw busy
}

/** A lock that cannot be released expires. */
async function unlockTarget(lock: Marker<TargetLock>, holder: string, { store, observer }: LockDeps): Promise<void> {
  try {
    const found = await store.getMarker(lock)
    if (found === null || found.value.holder !== holder) return
    await store.putMarker(lock, found.version, { holder: null, untilMs: 0 })
  } catch (error) {
    observer.log('warn', 'target_lock_not_released', { key: lock.key, error: String(error) })
  }
}

export async function record(proposal: Proposal, step: Omit<AuditStep, 'atMs'>, deps: Deps): Promise<void> {
  await deps.audit.append(entryFor(proposal, { ...step, atMs: deps.clock() }, deps.botVersion))
}
