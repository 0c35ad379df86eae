/** One change of a target at a time, of all proposals and however their work was delivered. */
import { RolemedicError } from '../domain/base/errors.ts'
import type { Target } from '../domain/patch/patch.ts'
import { type Marker, type TargetLock, targetLock } from '../domain/stored/markers.ts'
import { type ApplyDeps, LEASE_MS } from './deps.ts'

type Deps = Pick<ApplyDeps, 'store' | 'clock' | 'observer'>

/** Runs `job` alone on these targets. Throws `target-busy` when another proposal has one of them: the work comes again later. */
export async function withTargets<T>(
  targets: readonly Target[],
  holder: string,
  deps: Deps,
  job: () => Promise<T>,
): Promise<T> {
  const locks = new Map(targets.map(target => [targetLock(target).key, targetLock(target)]))
  // One order for all, so that two proposals never hold one each and wait for the other.
  const ordered = [...locks].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, lock]) => lock)
  const held: Marker<TargetLock>[] = []
  try {
    for (const lock of ordered) {
      await acquire(lock, holder, deps)
      held.push(lock)
    }
    return await job()
  } finally {
    for (const lock of held) await release(lock, holder, deps)
  }
}

/** The same holder may enter again: after a crash it finds its own lock. */
async function acquire(lock: Marker<TargetLock>, holder: string, { store, clock }: Deps): Promise<void> {
  const found = await store.getMarker(lock)
  const busy = new RolemedicError('target-busy', `another change of ${lock.key} is under way`)
  const nowMs = clock()
  if (found !== null && found.value.holder !== null && found.value.holder !== holder && nowMs < found.value.untilMs)
    throw busy
  if (!(await store.putMarker(lock, found?.version ?? 0, { holder, untilMs: nowMs + LEASE_MS }))) throw busy
}

/** A lock that cannot be released ends by itself. */
async function release(lock: Marker<TargetLock>, holder: string, { store, observer }: Deps): Promise<void> {
  try {
    const found = await store.getMarker(lock)
    if (found === null || found.value.holder !== holder) return
    await store.putMarker(lock, found.version, { holder: null, untilMs: 0 })
  } catch (error) {
    observer.log('warn', 'target_lock_not_released', { key: lock.key, error: String(error) })
  }
}
