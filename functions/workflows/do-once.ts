/** What is done once, although several workers may come to it at the same time: a search of the chat and the post after it are two requests. */
import type { Done, Marker } from '../domain/stored/index.ts'
import type { Clock } from '../ports/clock.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'

export type DoOnceDeps = { readonly store: Pick<ProposalStore, 'getMarker' | 'putMarker'>; readonly clock: Clock }

/** Longer than a post takes. Afterwards, the worker has crashed, and `act` finds by its key what it posted. */
const LEASE_MS = 30_000

/** `found`: the marker as it was read. */
export const isDone = (found: { readonly value: Done } | null): boolean =>
  found !== null && found.value.untilMs === undefined

/** True where it is done, now or before. False: another worker does it, or `act` gives false, as it is to be done again. */
export async function doOnce(
  marker: Marker<Done>,
  act: () => Promise<unknown>,
  { store, clock }: DoOnceDeps,
): Promise<boolean> {
  const found = await store.getMarker(marker)
  if (isDone(found)) return true
  if (found !== null && clock() < (found.value.untilMs ?? 0)) return false
  const version = found?.version ?? 0
  if (!(await store.putMarker(marker, version, { untilMs: clock() + LEASE_MS }))) return false
  let isOver = false
  try {
    isOver = (await act()) !== false
  } catch (error) {
    await store.putMarker(marker, version + 1, { untilMs: 0 }).catch(() => false)
    throw error
  }
  await store.putMarker(marker, version + 1, isOver ? {} : { untilMs: 0 })
  return isOver
}
