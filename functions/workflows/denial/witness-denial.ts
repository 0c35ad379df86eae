/** Asks CloudTrail whether a denial happened: an event that was forged on a bus, in a queue or in the table is not in its history. */

import { type AccountRegion, MINUTE_MS } from '../../../core/base/index.ts'
import { type Denial, refusedAssumption } from '../../../core/denial/index.ts'
import { isHearsay } from '../../../core/diagnosis/index.ts'
import { isSameDenial, unseenWitness, type Witness } from '../../domain/authority/index.ts'
import type { AwsExplanations } from '../../ports/aws-explanations.ts'
import type { EventHistory } from '../../ports/event-history.ts'
import { readRecord } from './decode-record.ts'

export type WitnessDeps = {
  readonly history: EventHistory
  /** Decodes EC2 denials that name the action only in an encoded message. Null: only their readable parts are compared. */
  readonly explanations: Pick<AwsExplanations, 'decode'> | null
}

/** A tool reports a denial only after its own retries. */
const BEFORE_MS = 10 * MINUTE_MS
const AFTER_MS = 5 * MINUTE_MS

export async function witnessDenial(denial: Denial, nowMs: number, deps: WitnessDeps): Promise<Witness> {
  const { accountId, region } = denial
  if (accountId === null || region === null)
    return { kind: 'refuted', why: 'the denial does not say in which account and Region it was recorded' }
  const place = { accountId, region }
  return isHearsay(denial) ? witnessText(denial, place, nowMs, deps) : witnessRecord(denial, place, nowMs, deps)
}

async function witnessRecord(denial: Denial, place: AccountRegion, nowMs: number, deps: WitnessDeps): Promise<Witness> {
  const read = await deps.history.byId(place, denial.id)
  if (read.kind === 'unreadable') return { kind: 'unreadable', why: read.why }
  if (read.kind === 'absent') return unseenWitness(denial, nowMs)
  const recorded = await sameIn([read.value], denial, deps)
  if (recorded !== null) return { kind: 'confirmed', denial: recorded }
  return { kind: 'refuted', why: 'the record that CloudTrail has under this id says something else' }
}

async function witnessText(denial: Denial, place: AccountRegion, nowMs: number, deps: WitnessDeps): Promise<Witness> {
  if (denial.timeMs === null) return { kind: 'refuted', why: 'the text does not say when it was denied' }
  const window = { fromMs: denial.timeMs - BEFORE_MS, toMs: denial.timeMs + AFTER_MS }
  const searches = searchesFor(denial)
  let isWhole = false
  for (const by of searches) {
    const read = await deps.history.search(place, by, window, { maxRequests: 'eventName' in by ? 2 : 1 })
    if (!read.known) return { kind: 'unreadable', why: read.why }
    const recorded = await sameIn(read.value.records, denial, deps)
    if (recorded !== null) return { kind: 'confirmed', denial: recorded }
    isWhole ||= read.value.complete
  }
  const unseen = unseenWitness(denial, nowMs)
  if (isWhole || unseen.kind !== 'refuted') return unseen
  const because =
    searches.length === 0
      ? 'the text names neither a call nor a session'
      : 'there are too many events at that time to find it'
  return { kind: 'refuted', why: `CloudTrail does not confirm this denial: ${because}` }
}

/**
 * Searches by session, which has few events, before searching by call, which may have many. The event name may have a version
 * that a text omits.
 */
function searchesFor({ action, call, principal }: Denial) {
  const userName = principal.sessionName ?? (principal.kind === 'user' ? principal.name : null)
  const [service, operation = ''] = action.split(':')
  const eventName = call.eventName ?? (service === 'sts' ? operation : null)
  return [...(userName === null ? [] : [{ userName }]), ...(eventName === null ? [] : [{ eventName }])]
}

async function sameIn(
  records: readonly unknown[],
  denial: Denial,
  { explanations }: WitnessDeps,
): Promise<Denial | null> {
  for (const record of records) {
    const recorded = await denialOf(record, denial, explanations)
    if (recorded !== null && isSameDenial(denial, recorded)) return recorded
  }
  return null
}

/** A service that could not assume a role is recorded as the failure of the call that gave it the role. */
async function denialOf(
  record: unknown,
  denial: Denial,
  explanations: WitnessDeps['explanations'],
): Promise<Denial | null> {
  const refused = refusedAssumption(record, denial)
  if (refused !== null) return refused
  const { parsed } = await readRecord(record, explanations)
  return parsed.kind === 'denial' ? parsed.denial : null
}
