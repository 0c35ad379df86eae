/** Searches CloudTrail's event history for use of a grant. What cannot be searched is reported, and never counts as unused. */
import { passesRoles } from '../../../core/actions/index.ts'
import { allEvents, type Look, ownEvents, traceOf, type WrittenGrant } from '../../domain/grants/index.ts'
import type { Confirmed } from '../../domain/proposal/index.ts'
import type { EventHistory } from '../../ports/event-history.ts'

export type LookDeps = {
  readonly history: Pick<EventHistory, 'search'>
  /** The Regions that the bot covers. It does not see calls in others. */
  readonly regions: readonly string[]
}

/** Each takes half a second per account and Region. */
const MAX_NAMES = 60

/** Regional STS endpoints record in their Region, the global one in this Region. */
const GLOBAL_STS: { readonly [partition: string]: string } = { aws: 'us-east-1' }

type Looked = WrittenGrant & Pick<Confirmed, 'use'>
type Seen = { lastUsedAtMs: number | null; unseen: string | null }
type Search = Parameters<EventHistory['search']>[1]

/** Searches the denied call first. If it was used, no other call is searched. */
export async function lookForUse(grant: Looked, fromMs: number, toMs: number, deps: LookDeps): Promise<Look> {
  const own = ownEvents(grant)
  const first = await searchAll(grant, own, { fromMs, toMs }, deps)
  const window = { fromMs, toMs }
  if (first.lastUsedAtMs !== null) return { ...window, ...first, isWhole: false, unseen: null }
  const all = allEvents(grant)
  if (all === null) return { ...window, ...first, isWhole: false, unseen: 'it is not known which calls could use it' }
  const others = all.filter(name => !own.includes(name))
  if (others.length > MAX_NAMES)
    return { ...window, ...first, isWhole: false, unseen: `${others.length} different calls could use it` }
  const rest = await searchAll(grant, others, window, deps)
  const unseen = first.unseen ?? rest.unseen
  return { ...window, lastUsedAtMs: rest.lastUsedAtMs, isWhole: unseen === null, unseen }
}

async function searchAll(
  grant: Looked,
  names: readonly string[],
  window: { readonly fromMs: number; readonly toMs: number },
  { history, regions }: LookDeps,
): Promise<Seen> {
  const { accountId, region, partition, action } = grant.denial
  if (accountId === null)
    return { lastUsedAtMs: null, unseen: 'the denial does not say in which account it was recorded' }
  const sts = passesRoles(action) ? [] : [GLOBAL_STS[partition] ?? []].flat()
  const places = [...new Set([...(region === null ? [] : [region]), ...regions, ...sts])]
  const seen: Seen = { lastUsedAtMs: null, unseen: null }
  const knownMs = grant.use?.lastUsedAtMs ?? 0
  await Promise.all(
    places.map(async place => {
      for (const eventName of names) {
        await search({ accountId, region: place }, { eventName }, place)
      }
    }),
  )
  return seen

  async function search(at: { readonly accountId: string; readonly region: string }, by: Search, place: string) {
    const read = await history.search(at, by, window).catch(error => ({ known: false as const, why: String(error) }))
    if (!read.known) {
      seen.unseen ??= `CloudTrail's history in ${place} could not be read: ${read.why}`
      return
    }
    for (const record of read.value.records) {
      const trace = traceOf(record, grant)
      // A use that is already known says nothing about the time since.
      if (trace.kind === 'use' && trace.atMs > knownMs) seen.lastUsedAtMs = Math.max(seen.lastUsedAtMs ?? 0, trace.atMs)
      if (trace.kind === 'hidden') seen.unseen ??= `a record of ${trace.call} does not show which role the call passed`
    }
    if (read.value.complete) return
    const user = 'eventName' in by ? userOf(grant) : null
    if (user === null) seen.unseen ??= `there are more calls than CloudTrail's history shows at once in ${place}`
    else await search(at, { userName: user }, place)
  }
}

/** The user to search by. A user has fewer events than a busy call. Null for roles, whose sessions have different names. */
function userOf({ denial: { principal }, applied }: WrittenGrant): string | null {
  const isOwn = applied.changes.every(({ target }) => target.kind === 'user-inline-policy')
  return principal.kind === 'user' && isOwn ? principal.name : null
}
