/** The cases in the form of the page's script and its downloads. */
import {
  type AuditReport,
  type Case,
  type StandingGrant,
  withoutSession,
} from '../../../../functions/domain/audit/index.ts'
import type { CaseRow } from './figures.js'
import { slackLink } from './slack-link.ts'

/** `workspace`: its URL, for links to messages. Null: not given. */
export function rowsOf(
  { cases }: Pick<AuditReport, 'cases'>,
  standing: readonly StandingGrant[],
  workspace: string | null,
): readonly CaseRow[] {
  const grants = new Map(standing.map(grant => [grant.proposalId, grant]))
  return cases.map(one => rowOf(one, grants.get(one.id) ?? null, workspace))
}

function rowOf(one: Case, grant: StandingGrant | null, workspace: string | null): CaseRow {
  const principal = withoutSession(one.principal)
  const { given, needed, completedAtMs } = one.approvals
  const { evidence } = one
  return {
    proposal: one.id,
    event: one.denialId,
    firstSeen: iso(one.firstAtMs),
    lastRecord: iso(one.lastAtMs),
    account: one.accountId,
    requester: evidence.requester,
    requesterKnownBy: evidence.requesterKnownBy,
    principal,
    session: principal === one.principal ? null : one.principal.slice(principal.length + 1),
    run: evidence.run,
    action: one.action,
    role: one.resource,
    outcome: one.outcome,
    approvals: {
      given: given.length,
      needed,
      by: given.map(({ by: { id, name }, atMs, isBreakGlass, reason, ticket }) => ({
        id,
        name,
        at: iso(atMs),
        breakGlass: isBreakGlass,
        reason,
        ticket,
      })),
      completed: completedAtMs === null ? null : iso(completedAtMs),
    },
    breakGlass: glassOf(one),
    secondsToApprove: one.approveMs === null ? null : one.approveMs / 1000,
    rejectedBy: one.rejectedBy.map(({ id, name }) => ({ id, name })),
    changed: one.changedAtMs === null ? null : iso(one.changedAtMs),
    granted: one.granted,
    risk: evidence.risk,
    couldHave: evidence.couldHave,
    standing: grant !== null,
    lastUsed: evidence.lastUsedAtMs === null ? null : iso(evidence.lastUsedAtMs),
    signatures: one.signatures,
    ends: grant === null || grant.endsAtMs === null ? null : iso(grant.endsAtMs),
    digest: one.digest,
    slack: slackLink(one.card, workspace, one.teamId),
    why: one.why,
  }
}

function glassOf({ breakGlass }: Case): CaseRow['breakGlass'] {
  if (breakGlass === null) return null
  const { by, atMs, reason, ratification, needed, ratifiedBy, declined } = breakGlass
  return {
    by: { id: by.id, name: by.name },
    at: iso(atMs),
    reason,
    ratification,
    needed,
    ratifiedBy: ratifiedBy.map(one => ({ id: one.by.id, name: one.by.name, at: iso(one.atMs) })),
    notRatifiedBy:
      declined === null
        ? null
        : { id: declined.by.id, name: declined.by.name, at: iso(declined.atMs), reason: declined.reason },
  }
}

const MAX_MS = 8_640_000_000_000_000

/** ISO 8601. A record written by others may contain an invalid time, which must not stop the report. */
export const iso = (ms: number): string =>
  Math.abs(ms) <= MAX_MS ? new Date(ms).toISOString() : new Date(Math.sign(ms) * MAX_MS).toISOString()
