/** The grants of rolemedic that are in IAM, as JSON and as a table for a terminal. */

import { neutralText, shortened } from '../../../core/base/index.ts'
import { parseSessionArn } from '../../../core/iam/index.ts'
import type { StandingGrant } from '../../../functions/domain/audit/index.ts'
import type { AnsiStyles } from '../../ansi.ts'
import type { AuditGrantsOutput } from '../../outputs/audit.ts'

const iso = (ms: number): string => new Date(ms).toISOString()
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms))

export function grantsOutput(grants: readonly StandingGrant[], { intact, records }: LogRead): AuditGrantsOutput {
  return { schema: 'rolemedic.audit-grants/1', intact, records, grants: grants.map(grantOutput) }
}

function grantOutput(grant: StandingGrant): AuditGrantsOutput['grants'][number] {
  const { proposalId, state, principal, action, resource, accountId, eventId, why, kept } = grant
  return {
    ...{ proposalId, state, principal, action, resource, accountId, eventId },
    targets: grant.changes.map(({ target: { kind, accountId: owner, name, policyName, arn } }) => ({
      ...{ kind, accountId: owner, name, policyName, arn },
    })),
    since: iso(grant.sinceMs),
    until: isoOrNull(grant.endsAtMs),
    approvedBy: grant.approvedBy.map(({ by, atMs }) => ({ id: by.id, name: by.name, at: iso(atMs) })),
    lastUsed: isoOrNull(grant.lastUsedAtMs),
    asked: isoOrNull(grant.offeredAtMs),
    kept: kept === null ? null : { id: kept.by.id, name: kept.by.name, at: iso(kept.atMs) },
    why,
  }
}

/** Of an empty or a damaged log it does not follow that nothing stands. */
type LogRead = { readonly intact: boolean; readonly records: number }

const STATES: { readonly [state in StandingGrant['state']]: string } = {
  stands: 'stands',
  'did-not-help': 'did not help',
  part: 'in part',
  reverting: 'being reverted',
  'revert-failed': 'revert failed',
}

const MAX_CELL_CHARS = 60
const day = (ms: number): string => iso(ms).slice(0, 16).replace('T', ' ')

/** One line per grant, with its policies below. Long names are cut in a terminal alone: other programs get all of them. */
export function grantsText(
  grants: readonly StandingGrant[],
  { intact, records }: LogRead,
  { bold, dim }: AnsiStyles,
  isTerminal: boolean,
): string {
  const short = (text: string): string =>
    isTerminal ? shortened(neutralText(text), MAX_CELL_CHARS) : neutralText(text)
  if (grants.length === 0)
    return intact && records > 0
      ? 'Nothing that rolemedic granted still stands.\n'
      : 'No grant is in the records that could be read.\n'
  const rows = grants.map(grant => [
    day(grant.sinceMs),
    grant.endsAtMs === null ? 'no end' : day(grant.endsAtMs),
    grant.lastUsedAtMs === null ? 'not seen' : day(grant.lastUsedAtMs),
    short(grant.approvedBy.map(({ by }) => by.name).join(', ') || 'unknown'),
    short(`${callerOf(grant)} ${grant.action ?? 'unknown'} ${grant.resource ?? 'unknown'}`),
    grant.proposalId,
  ])
  const titles = ['SINCE (UTC)', 'UNTIL', 'LAST USED', 'BY', 'WHO MAY WHAT', 'PROPOSAL']
  const widths = titles.map((title, at) => Math.max(title.length, ...rows.map(row => row[at]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd()
  return [
    bold(line(titles)),
    ...grants.flatMap((grant, at) => [line(rows[at] ?? []), ...detailsOf(grant).map(text => `  ${dim(text)}`)]),
    '',
  ].join('\n')
}

function detailsOf({ state, changes, kept, why }: StandingGrant): readonly string[] {
  return [
    ...changes.map(
      ({ target: { kind, policyName, arn } }) =>
        `${kind}${policyName === null ? '' : ` ${neutralText(policyName)}`} of ${neutralText(arn)}`,
    ),
    ...(state === 'stands' && why === null
      ? []
      : [`${STATES[state]}${why === null ? '' : `: ${neutralText(why, 300)}`}`]),
    ...(kept === null ? [] : [`kept by ${neutralText(kept.by.name)} on ${day(kept.atMs)}`]),
  ]
}

/** Shows a session as its role, because the next run has another session. */
function callerOf({ principal }: StandingGrant): string {
  const session = principal === null ? null : parseSessionArn(principal)
  return session === null ? (principal ?? 'unknown') : session.roleName
}
