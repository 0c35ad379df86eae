/** Audit records for a terminal. What comes from outside loses its control characters. */
import type { AuditKind, AuditRecord } from '../../functions/domain/audit/audit-record.ts'
import { neutralText } from '../../functions/domain/base/neutral-text.ts'
import { difference } from '../../functions/domain/card/documents.ts'
import type { Paint } from '../ansi.ts'

const LONGEST = 300
const safe = (text: string | null) => (text === null ? '–' : neutralText(text))
const short = (text: string) => {
  const whole = safe(text)
  return whole.length > LONGEST ? `${whole.slice(0, LONGEST)}…` : whole
}
const utc = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ')

/** Their reason is the diagnosis, which the line of "proposed" or "refused" tells. */
const REPEATS: ReadonlySet<AuditKind> = new Set(['denial-seen', 'apply-intended'])

/** One line each: number, time, what, which proposal, who, why, about whom. */
export function lines(records: readonly AuditRecord[], { dim, bold }: Paint): string {
  return records
    .map(({ sequence, entry }) => {
      const { atMs, kind, proposalId, by, principal, resource, why } = entry
      const who = by === null ? '' : ` by ${safe(by.name)}`
      const reason = why === kind || REPEATS.has(kind) ? '' : `: ${short(why)}`
      return `${dim(String(sequence).padStart(5))} ${utc(atMs)} ${bold(kind.padEnd(15))} ${safe(proposalId)}${who}${reason} ${dim(`(${safe(principal)} → ${safe(resource)})`)}\n`
    })
    .join('')
}

export function recordText({ sequence, hash, entry }: AuditRecord, { bold, dim, green, red }: Paint): string {
  const facts: readonly (readonly [string, string | null])[] = [
    ['proposal', entry.proposalId],
    ['by', entry.by === null ? null : `${entry.by.name} (${entry.by.id})`],
    ['principal', entry.principal],
    ['action', entry.action],
    ['resource', entry.resource],
    ['account', entry.accountId],
    // One line each for the summary, the evidence and what was not seen.
    ...entry.why.split('\n').map((line, index) => [index === 0 ? 'why' : '', line] as const),
    ['events', entry.eventIds.join(', ') || null],
    ['requests', entry.requestIds.join(', ') || null],
    ['patch digest', entry.digest],
    ['bot', entry.botVersion],
    ['hash', hash],
  ]
  const told = facts.flatMap(([name, value]) => (value === null ? [] : [`  ${dim(name.padEnd(13))}${safe(value)}\n`]))
  const changes = entry.changes.flatMap(({ target, before, after }) => [
    `  ${bold(target.kind)} ${safe(target.policyName ?? target.name)} of ${safe(target.arn)}\n`,
    ...difference(before, after).map(({ sign, text }) => {
      const line = `  ${sign} ${text}`
      return `${sign === '+' ? green(line) : sign === '-' ? red(line) : line}\n`
    }),
  ])
  return `${bold(`${sequence} ${entry.kind}`)} ${utc(entry.atMs)} UTC\n${told.join('')}${changes.join('')}\n`
}
