/** Stops granting, or lets it go on. Approvals are still taken, and reverts and ends are carried out. */

import { RolemedicError } from '../../../core/base/index.ts'
import { GRANT_STOP, type GrantStop } from '../../../functions/domain/stored/index.ts'
import type { ProposalStore } from '../../../functions/ports/index.ts'
import type { StopOutput } from '../../outputs/stop.ts'

/** `by`: whose credentials these are. */
export type Hub = {
  readonly region: string
  readonly by: string
  readonly store: Pick<ProposalStore, 'getMarker' | 'putMarker'>
}

/** Two operators at once: one of them reads again. */
const MAX_TRIES = 5

/** A stop that stands already stays as it is. Throws `contention`. */
export const stopGranting = (reason: string | null, hub: Hub, nowMs: number): Promise<StopOutput> =>
  changed({ by: hub.by, reason, sinceMs: nowMs }, hub)

export const resumeGranting = (hub: Hub): Promise<StopOutput> => changed(null, hub)

async function changed(wanted: GrantStop | null, { region, store }: Hub): Promise<StopOutput> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const found = await store.getMarker(GRANT_STOP)
    const stands = found?.value.stop ?? null
    const isChanged = (stands === null) !== (wanted === null)
    if (!isChanged || (await store.putMarker(GRANT_STOP, found?.version ?? 0, { stop: wanted })))
      return {
        ...{ schema: 'rolemedic.stop/1', region, isStopped: wanted !== null, isChanged },
        stop: shown(stands ?? wanted),
      }
  }
  throw new RolemedicError('contention', 'others stop and resume at the same time: run it again')
}

const shown = (stop: GrantStop | null): StopOutput['stop'] =>
  stop === null ? null : { by: stop.by, reason: stop.reason, since: new Date(stop.sinceMs).toISOString() }
