/** What happened to each denial, from the audit log. */

import { type Case, reportOf } from '../../../functions/domain/audit/index.ts'
import type { StatusOutput } from '../../outputs/audit.ts'
import { type LogPlace, readableRecords, wholeLog } from './log-records.ts'

export type StatusQuestion = LogPlace & {
  /** A proposal, an event, or the ARN of a role or caller. Null: every case. */
  readonly id: string | null
}

const MAX_CASES = 20

/** Latest first. Throws UsageError if there is no audit log. */
export async function auditStatus({ id, from, table }: StatusQuestion): Promise<StatusOutput> {
  const { stored, check } = await wholeLog({ from, table }, null)
  const records = readableRecords(stored)
  const eventIds = new Map(records.map(({ entry }) => [entry.proposalId, entry.eventIds]))
  const cases = reportOf(records)
    .cases.filter(one => id === null || isNamed(one, id, eventIds.get(one.id) ?? []))
    .sort((a, b) => b.lastAtMs - a.lastAtMs)
  return {
    schema: 'rolemedic.status/1',
    intact: check.intact,
    records: check.records,
    cases: cases.slice(0, MAX_CASES).map(caseOutput),
    more: Math.max(0, cases.length - MAX_CASES),
  }
}

const isNamed = (one: Case, id: string, eventIds: readonly string[]): boolean =>
  [one.id, one.denialId, one.resource, one.principal, ...eventIds].includes(id)

function caseOutput(one: Case): StatusOutput['cases'][number] {
  return {
    id: one.id,
    denialId: one.denialId,
    action: one.action,
    principal: one.principal,
    resource: one.resource,
    accountId: one.accountId,
    state: stateOf(one),
    since: new Date(one.firstAtMs).toISOString(),
    last: new Date(one.lastAtMs).toISOString(),
    why: one.why,
    digest: one.digest,
  }
}

/** If only some of several approvals exist, the last event is the card. */
const stateOf = ({ lastKind, outcome }: Case): StatusOutput['cases'][number]['state'] =>
  outcome === 'waiting' && lastKind === 'approved' ? 'proposed' : lastKind
