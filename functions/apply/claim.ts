/** Holding a proposal while it is worked on: one conditional write to take it, one to give it back. */

import { entryFor, type Step } from '../core/audit/audit-entry.ts'
import { RolemedicError } from '../core/errors.ts'
import type { Proposal } from '../core/proposal/proposal.ts'
import { REPAIR_MS } from '../core/proposal/proposal-states.ts'
import type { Refusal, Result } from '../core/result.ts'
import { type ApplyDeps, WRITE_ROOM_MS } from './deps.ts'

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

/** After a fault: free at once, so that the next delivery does not have to wait for the lease to pass. */
export async function letGo(held: Held, { store, clock, observer }: Deps): Promise<void> {
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
