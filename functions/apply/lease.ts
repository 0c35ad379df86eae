/** The lease on a proposal while it is worked on: one conditional write to take it, one to end it. */

import { entryFor, type Step } from '../domain/audit/audit-entry.ts'
import { RolemedicError } from '../domain/base/errors.ts'
import type { Result } from '../domain/base/result.ts'
import type { Target } from '../domain/patch/patch.ts'
import type { Applying, Proposal, Reverting } from '../domain/proposal/proposal.ts'
import { released } from '../domain/proposal/transitions.ts'
import { type ApplyDeps, WRITE_ROOM_MS } from './deps.ts'
import { withTargets } from './target-lock.ts'

type Deps = Pick<ApplyDeps, 'store' | 'audit' | 'clock' | 'observer' | 'botVersion'>
type Leasable = Applying | Reverting

/** The proposal as this worker last stored it. Every store is conditional, so that a worker whose lease has passed finds out. */
export type Lease<P extends Leasable> = { current: P; ended: boolean }

/** `busy`: another worker has it. */
export type NotLeased = 'busy' | 'nothing-to-do'

/** Stores `next`, or throws when another worker moved the proposal meanwhile. */
async function store<P extends Proposal>(current: Leasable, next: P, deps: Deps): Promise<P> {
  const stored = await deps.store.replace(current, next)
  if (!stored.ok) throw new RolemedicError('lease-lost', `${current.id} was moved by another worker`)
  return stored.value
}

/** Stores progress and keeps the lease. */
export async function keep<P extends Leasable>(lease: Lease<P>, next: P, deps: Deps): Promise<void> {
  lease.current = await store(lease.current, next, deps)
}

/** Stores the status that the work ends in: the lease is over. */
export async function transition<P extends Proposal>(lease: Lease<Leasable>, next: P, deps: Deps): Promise<P> {
  const stored = await store(lease.current, next, deps)
  lease.ended = true
  return stored
}

/** Throws when too little of the lease is left to begin a write: the next delivery begins with a new one. */
export function assertTimeLeft({ current: { id, leaseUntilMs } }: Lease<Leasable>, { clock }: Deps): void {
  if (leaseUntilMs === null || clock() + WRITE_ROOM_MS > leaseUntilMs)
    throw new RolemedicError('lease-ends', `the lease on ${id} is nearly over`)
}

/** Of one conditional write, where others write the same proposal. */
export const MAX_ATTEMPTS = 5

/**
 * Does `job` while this worker alone has the proposal, leased by `acquire`, and its targets. A fault in `job` is the
 * caller's: the lease is released before it is thrown.
 */
export async function withLease<P extends Leasable, T>(
  seen: Proposal,
  acquire: (seen: Proposal) => Result<P, NotLeased>,
  targetsOf: (leased: P) => readonly Target[],
  deps: Deps,
  job: (lease: Lease<P>) => Promise<T>,
): Promise<T | NotLeased> {
  let current = seen
  for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
    const leased = acquire(current)
    if (!leased.ok) return leased.error
    const stored: Result<P, Proposal> = await deps.store.replace(current, leased.value)
    if (stored.ok) return run({ current: stored.value, ended: false }, targetsOf(stored.value), deps, job)
    // Lost to another worker, whose lease the next try finds; or to a repeat that was counted.
    current = stored.error
  }
  return 'busy'
}

async function run<P extends Leasable, T>(
  lease: Lease<P>,
  targets: readonly Target[],
  deps: Deps,
  job: (lease: Lease<P>) => Promise<T>,
): Promise<T> {
  try {
    return await withTargets(targets, lease.current.id, deps, () => job(lease))
  } catch (error) {
    await release(lease, deps)
    throw error
  }
}

/** After a fault: free at once, so that the next delivery does not have to wait for the lease to pass. */
async function release<P extends Leasable>({ current, ended }: Lease<P>, deps: Deps): Promise<void> {
  if (ended) return
  try {
    await deps.store.replace(current, released(current, deps.clock()))
  } catch (error) {
    deps.observer.log('warn', 'lease_not_released', { proposalId: current.id, error: String(error) })
  }
}

export async function record(proposal: Proposal, step: Omit<Step, 'atMs'>, deps: Deps): Promise<void> {
  await deps.audit.append(entryFor(proposal, { ...step, atMs: deps.clock() }, deps.botVersion))
}
