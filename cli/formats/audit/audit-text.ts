/** Audit records for a terminal. Control characters in untrusted text are removed. */

import { neutralText } from '../../../core/base/index.ts'
import type { AuditKind, AuditRecord } from '../../../functions/domain/audit/index.ts'
import { difference } from '../../../functions/domain/card/index.ts'
import type { PlannedWrite } from '../../../functions/domain/proposal/index.ts'
import type { AnsiStyles } from '../../ansi.ts'

const MAX_LENGTH = 300
const safe = (text: string | null) => (text === null ? '–' : neutralText(text))
const short = (text: string) => {
  const whole = safe(text)
  return whole.length > MAX_LENGTH ? `${whole.slice(0, MAX_LENGTH)}…` : whole
}
export const secondsUtc = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ')

/** Records whose reason repeats the diagnosis, which the line of "proposed" or "refused" shows. */
const REPEATED_REASON: ReadonlySet<AuditKind> = new Set(['denial-seen', 'apply-intended'])

export const NOT_INTACT = 'the audit log is not intact: "rolemedic audit verify" names the records'

/** One line each: sequence, time, kind, proposal, person, reason, principal and resource. */
export function auditLines(records: readonly AuditRecord[], { dim, bold }: AnsiStyles): string {
  return records
    .map(({ sequence, entry }) => {
      const { atMs, kind, proposalId, by, principal, resource, why } = entry
      const who = by === null ? '' : ` by ${safe(by.name)}`
      const reason = why === kind || REPEATED_REASON.has(kind) ? '' : `: ${short(why)}`
      return `${dim(String(sequence).padStart(5))} ${secondsUtc(atMs)} ${bold(kind.padEnd(15))} ${safe(proposalId)}${who}${reason} ${dim(`(${safe(principal)} → ${safe(resource)})`)}\n`
    })
    .join('')
}

export function recordText({ sequence, hash, entry }: AuditRecord, styles: AnsiStyles): string {
  const { bold, dim } = styles
  const facts: readonly (readonly [string, string | null])[] = [
    ['proposal', entry.proposalId],
    ['by', entry.by === null ? null : `${entry.by.name} (${entry.by.id})`],
    ['principal', entry.principal],
    ['action', entry.action],
    ['resource', entry.resource],
    ['account', entry.accountId],
    // One line each for the summary, the evidence and the unknowns.
    ...entry.why.split('\n').map((line, index) => [index === 0 ? 'why' : '', line] as const),
    ['events', entry.eventIds.join(', ') || null],
    ['requests', entry.requestIds.join(', ') || null],
    ['patch digest', entry.digest],
    ['bot', entry.botVersion],
    ['hash', hash],
  ]
  const factLines = facts.flatMap(([name, value]) =>
    value === null ? [] : [`  ${dim(name.padEnd(13))}${safe(value)}\n`],
  )
  const changes = entry.changes.flatMap(change => changeLines(change, styles))
  return `${bold(`${sequence} ${entry.kind}`)} ${secondsUtc(entry.atMs)} UTC\n${factLines.join('')}${changes.join('')}\n`
}

export function changeLines(
  { target, before, after }: PlannedWrite,
  { bold, green, red }: Pick<AnsiStyles, 'bold' | 'green' | 'red'>,
): readonly string[] {
  return [
    `  ${bold(target.kind)} ${safe(target.policyName ?? target.name)} of ${safe(target.arn)}\n`,
    ...difference(before, after).map(({ sign, text }) => {
      const line = `  ${sign} ${text}`
      return `${sign === '+' ? green(line) : sign === '-' ? red(line) : line}\n`
    }),
  ]
}
