/** Asks CloudTrail itself whether a denial happened: an event forged on a bus, a queue or in the table is not in its history. */
import { isSameDenial, unseenWitness, type Witness } from '../../domain/authority/witness.ts'
import type { Denial } from '../../domain/denial/denial.ts'
import type { AwsExplanations } from '../../ports/aws-explanations.ts'
import type { EventHistory } from '../../ports/event-history.ts'
import { readRecord } from './decode-record.ts'

export type WitnessDeps = {
  readonly history: EventHistory
  /** For EC2's denials that say what was denied in an encoded message alone. Null: they are compared as far as they can be read. */
  readonly explanations: Pick<AwsExplanations, 'decode'> | null
}

const WINDOW_MS = 15 * 60_000

export async function witnessDenial(denial: Denial, nowMs: number, deps: WitnessDeps): Promise<Witness> {
  const { accountId, region } = denial
  if (accountId === null || region === null)
    return { kind: 'refuted', why: 'the denial does not say in which account and Region it was recorded' }
  const records = await recordsOf(denial, { accountId, region }, deps.history)
  if (!records.ok) return { kind: 'unreadable', why: records.why }
  for (const record of records.records) {
    const { parsed } = await readRecord(record, deps.explanations)
    if (parsed.kind === 'denial' && isSameDenial(denial, parsed.denial))
      return { kind: 'confirmed', eventId: parsed.denial.id }
  }
  if (records.records.length > 0 && denial.source === 'cloudtrail')
    return { kind: 'refuted', why: 'the record that CloudTrail has under this id says something else' }
  return unseenWitness(denial, nowMs)
}

type Records =
  | { readonly ok: true; readonly records: readonly unknown[] }
  | { readonly ok: false; readonly why: string }

async function recordsOf(
  denial: Denial,
  place: { readonly accountId: string; readonly region: string },
  history: EventHistory,
): Promise<Records> {
  if (denial.source === 'cloudtrail') {
    const read = await history.byId(place, denial.id)
    if (read.kind === 'unreadable') return { ok: false, why: read.why }
    return { ok: true, records: read.kind === 'found' ? [read.value] : [] }
  }
  const { eventName } = denial.call
  if (eventName === null || denial.timeMs === null) return { ok: true, records: [] }
  const window = { fromMs: denial.timeMs - WINDOW_MS, toMs: denial.timeMs + WINDOW_MS }
  const read = await history.byCall(place, { eventName, ...window })
  return read.known ? { ok: true, records: read.value } : { ok: false, why: read.why }
}
