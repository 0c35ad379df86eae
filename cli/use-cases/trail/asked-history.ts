/** What happened around a denial, from CloudTrail's own event history: `--live` instead of `--trail`. */

import { unknown } from '../../../core/base/index.ts'
import type { Denial, IssuedKeys } from '../../../core/denial/index.ts'
import type { PolicyArchive } from '../../../core/iam/index.ts'
import { joinedTrails, readingDigest } from '../../../core/timeline/index.ts'
import type { AccessReader, EventHistory, PolicyVersions } from '../../../functions/ports/index.ts'
import {
  bothWrites,
  callsAfter,
  gather,
  HISTORY_MS,
  issuedBehind,
  type Lookups,
  namesBehind,
  namesOf,
  readWrites,
  type TrailGiven,
} from '../../../functions/workflows/index.ts'

/** At two requests a second, a denial takes up to four seconds. */
export const MAX_DENIALS_ASKED = 10
const MAX_REQUESTS = 8

export type HistoryTimes = {
  /** When AWS is asked: the reading is of this time, also with `--at`. */
  readonly nowMs: number
  readonly earlier: { readonly reader: ArchivingReader; readonly atMs: number } | null
}

/** Of files, which show the versions of policies too. */
type ArchivingReader = AccessReader & { readonly archive: PolicyArchive }

type Files = { readonly reader: ArchivingReader; readonly writtenAtMs: number | null }

/** Files of the account that show an earlier time: `--at`, or else their own. Null: there are none, or the time is not known. */
export function earlierOf({ earlier }: { readonly earlier?: Files }, atMs: number | null): HistoryTimes['earlier'] {
  const timeMs = atMs ?? earlier?.writtenAtMs ?? null
  return earlier === undefined || timeMs === null ? null : { reader: earlier.reader, atMs: timeMs }
}

/** As many requests as a chain has records, and as many again for the Region of the global endpoint. */
const MAX_CHAIN_REQUESTS = 6

/** The records that issued the caller's key. An account that gives no answer ends the search. */
export function askedChain(denial: Denial, { history }: Pick<HistorySource, 'history'>): Promise<IssuedKeys> {
  let left = MAX_CHAIN_REQUESTS
  const search: EventHistory['search'] = (...asked) =>
    history.search(...asked).catch(error => unknown(String(error).slice(0, 300)))
  return issuedBehind(
    denial,
    { search },
    async () => left-- > 0,
    () => {},
  )
}

export type HistorySource = PolicyVersions & { readonly history: Pick<EventHistory, 'search'> }

/** Null: the denial does not say when or where it was recorded. */
export async function askedHistory(
  denial: Denial,
  { history, versionsOf }: HistorySource,
  reader: AccessReader,
  times: HistoryTimes,
): Promise<TrailGiven | null> {
  const { timeMs, accountId, region } = denial
  if (timeMs === null || accountId === null || region === null) return null
  const { nowMs } = times
  const placed = { ...denial, timeMs, accountId, region }
  const lookups = counted(history)
  const window = { fromMs: nowMs - HISTORY_MS, toMs: nowMs }
  const snapshot = await gather(denial, reader)
  // A later success leaves nothing to change, so it is asked for first; then both sides, then what stands behind the caller.
  const calls = await callsAfter(placed, ['session', 'call'], nowMs, lookups)
  const own = await readWrites(placed, namesOf(denial), window, lookups)
  const behind = namesBehind(denial, snapshot, own.trail)
  const writes = behind.length === 0 ? own : bothWrites(own, await readWrites(placed, behind, window, lookups))
  // Where the history did not answer nothing is proved, and no version is needed.
  const policies =
    writes.trail.gap === null ? behind.flatMap(({ name }) => (name.startsWith('arn:') ? [name] : [])) : []
  const trail = calls.trail === null ? writes.trail : joinedTrails([writes.trail, calls.trail])
  const readAtMs = await readingTime(denial, reader, times)
  return {
    readAtMs,
    // The answer says that the history may lack the last minutes.
    ...(times.earlier === null ? { isInterim: true as const } : {}),
    archive: policies.length === 0 ? null : await archiveAt(readAtMs, policies, times, versionsOf),
    trail: { ...trail, covers: writes.trail.covers },
  }
}

/** Which version is the default, and which exist, is as late as what else was read. */
async function archiveAt(
  readAtMs: number,
  policies: readonly string[],
  { earlier }: HistoryTimes,
  versionsOf: PolicyVersions['versionsOf'],
): Promise<PolicyArchive> {
  return earlier !== null && readAtMs === earlier.atMs ? earlier.reader.archive : (await versionsOf(policies)).archive
}

/** Records may lack the writes of the last minutes: what was read before them, and is the same now, needs none of them. */
export async function readingTime(
  denial: Denial,
  reader: AccessReader,
  { nowMs, earlier }: HistoryTimes,
): Promise<number> {
  if (earlier === null) return nowMs
  const [before, now] = await Promise.all([gather(denial, earlier.reader), gather(denial, reader)])
  return readingDigest(before) === readingDigest(now) ? earlier.atMs : nowMs
}

function counted(history: Pick<EventHistory, 'search'>): Lookups {
  let left = MAX_REQUESTS
  /** Why an account gave no answer: it gives none to the next request either. */
  const refused = new Map<string, string>()
  return {
    left: async () => left,
    async ask(place, by, window) {
      const why = refused.get(place.accountId)
      if (why !== undefined) return { kind: 'unreadable', why }
      if (left === 0) return { kind: 'spent' }
      left -= 1
      const read = await history
        .search(place, by, window, { maxRequests: 1 })
        .catch(error => ({ known: false as const, why: String(error).slice(0, 300) }))
      if (!read.known) {
        refused.set(place.accountId, read.why)
        return { kind: 'unreadable', why: read.why }
      }
      const { records, complete, isTorn = false } = read.value
      return { kind: 'read', records, complete, isTorn }
    },
  }
}
