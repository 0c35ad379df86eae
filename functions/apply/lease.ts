/** Holding a proposal while it is worked on: one conditional write to take it, one to give it back. */

import { entryFor, type Step } from '../domain/audit/audit-entry.ts'
import { RolemedicError } from '../domain/base/errors.ts'
import type { Refusal, Result } from '../domain/base/result.ts'
import type { Target } from '../domain/patch/patch.ts'
import type { Proposal } from '../domain/proposal/proposal.ts'
import { REPAIR_MS } from '../domain/proposal/transitions.ts'
import { type ApplyDeps, WRITE_ROOM_MS } from './deps.ts'
import { alone } from './target-lock.ts'

type Deps = Pick<ApplyDeps, 'store' | 'audit' | 'clock' | 'observer' | 'botVersion'>

/** The proposal as this worker last stored it. Every store is conditional, so that a worker whose lease has passed finds out. */
export type Held = { current: Proposal }

/** Stores the next state, or throws when somebody else moved the proposal in the meantime. */
export async function moveOn(held: Held, next: Result<Proposal, Refusal>, { store }: Deps): Promise<Proposal> {
  if (!next.ok) throw new RolemedicError('wrong-state', `${held.current.id}: ${next.error.message}`)
  const stored = await store.replace(held.current, next.value)
  if (!stored.ok) throw new RolemedicError('claim-lost', `${held.current.id} was moved on by another worker`)
  held.current = stored.value
  return stored.value
}

/** Throws when too little of the lease is left to begin a write: the next delivery begins with a fresh one. */
export function inTime(held: Held, { clock }: Deps): void {
  const { id, leaseUntilMs } = held.current
  if (leaseUntilMs === null || clock() + WRITE_ROOM_MS > leaseUntilMs)
    throw new RolemedicError('lease-ends', `the lease on ${id} is nearly over`)
}

/** Of one conditional write, where others write the same proposal. */
export const MAX_ATTEMPTS = 5

/**
 * Does `job` while this worker alone has the proposal, moved on by `claim`, and its targets. `busy`: another worker has it.
 * A fault in `job` is the caller's: the claim is given back before it is thrown.
 */
export async function whileHeld<T>(
  seen: Proposal,
  claim: (seen: Proposal) => Result<Proposal, Refusal>,
  targetsOf: (held: Proposal) => readonly Target[],
  deps: Deps,
  job: (held: Held) => Promise<T>,
  triesLeft = MAX_ATTEMPTS,
): Promise<T | 'busy' | 'nothing-to-do'> {
  const claimed = claim(seen)
  if (!claimed.ok) return claimed.error.code === 'leased' ? 'busy' : 'nothing-to-do'
  const stored = await deps.store.replace(seen, claimed.value)
  // Lost to another worker, whose lease the next try finds; or to somebody who only counted a repeat.
  if (!stored.ok) {
    const now = stored.error
    return now === null || triesLeft === 1 ? 'busy' : whileHeld(now, claim, targetsOf, deps, job, triesLeft - 1)
  }
  const held: Held = { current: stored.value }
  try {
    return await alone(targetsOf(stored.value), seen.id, deps, () => job(held))
  } catch (error) {
    await letGo(held, deps)
    throw error
  }
}

/** After a fault: free at once, so that the next delivery does not have to wait for the lease to pass. */
async function letGo(held: Held, { store, clock, observer }: Deps): Promise<void> {
  const { current } = held
  if (current.leaseUntilMs === null) return
  try {
    await store.replace(current, { ...current, leaseUntilMs: null, dueAtMs: clock() + REPAIR_MS })
  } catch (error) {
    observer.log('warn', 'a claim was not released and ends by itself', {
      proposalId: current.id,
      error: String(error),
    })
  }
}

export async function record(held: Held, step: Omit<Step, 'atMs'>, deps: Deps): Promise<void> {
  await deps.audit.append(entryFor(held.current, { ...step, atMs: deps.clock() }, deps.botVersion))
}
