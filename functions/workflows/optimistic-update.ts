/**
 * Optimistic concurrency: computes a change from the newest version until its conditional write succeeds. Also reads that treat
 * an item that does not parse as absent.
 */

import { fail, ok, type Result, RolemedicError } from '../../core/base/index.ts'
import type { Proposal } from '../domain/proposal/index.ts'
import { isItemUnreadable, type Marker } from '../domain/stored/index.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'

const MAX_ATTEMPTS = 20

export const CONTENTION = 'contention'

export type Stored<P extends Proposal> = {
  readonly proposal: P
  /** Another worker wrote after `seen` was read. */
  readonly contended: boolean
}

/** `change` fails if the newest version needs no change or allows none. */
export async function updateProposal<P extends Proposal, Why>(
  seen: Proposal,
  change: (current: Proposal) => Result<P, Why> | Promise<Result<P, Why>>,
  store: Pick<ProposalStore, 'replace'>,
): Promise<Result<Stored<P>, Why | typeof CONTENTION>> {
  let current = seen
  for (let attempts = 0; attempts < MAX_ATTEMPTS; attempts += 1) {
    const next = await change(current)
    if (!next.ok) return next
    const stored: Result<P, Proposal> = await store.replace(current, next.value)
    if (stored.ok) return ok({ proposal: stored.value, contended: attempts > 0 })
    current = stored.error
  }
  return fail(CONTENTION)
}

/** Null from `change` leaves the marker unchanged. Returns the current value. */
export async function updateMarker<T>(
  marker: Marker<T>,
  change: (value: T | null) => T | null,
  store: Pick<ProposalStore, 'getMarker' | 'putMarker'>,
): Promise<T | null> {
  for (let attempts = 0; attempts < MAX_ATTEMPTS; attempts += 1) {
    const found = await store.getMarker(marker)
    const value = found?.value ?? null
    const next = change(value)
    if (next === null) return value
    if (await store.putMarker(marker, found?.version ?? 0, next)) return next
  }
  throw new RolemedicError(CONTENTION, `${marker.key} was written by too many workers at once`)
}

/** Null also for an item that does not parse, which the store has reported. */
export async function readableOrNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading
  } catch (error) {
    if (isItemUnreadable(error)) return null
    throw error
  }
}
