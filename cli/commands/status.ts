/** What happened to each denial, from the audit log. */

import { neutralText, plural, UsageError } from '../../core/base/index.ts'
import { type Case, checkChain, parseAuditRecord, reportOf } from '../../functions/domain/audit/index.ts'
import { ansiStyles } from '../ansi.ts'
import { type Description, helpText, type Options } from '../command.ts'
import { type Io, oneLine } from '../io.ts'
import { jsonText } from '../json-text.ts'
import type { StatusOutput } from '../outputs/audit.ts'
import { parseArguments } from '../parse-arguments.ts'
import { auditSource } from '../use-cases/audit/audit-source.ts'

const OPTIONS = {
  from: { type: 'string', value: 'DIR', about: 'a folder or s3://bucket/prefix; default .rolemedic/audit' },
  table: {
    type: 'string',
    value: 'NAME',
    about: 'the table that stores the head of the chain (default: next to the records)',
  },
  json: { type: 'boolean', about: 'machine-readable output' },
} as const satisfies Options

export const DESCRIPTION: Description = {
  name: 'status',
  usage: [['rolemedic status [ID] [--from DIR|s3://bucket/prefix] [--json]', '']],
  about: [
    'What happened to each denial, from the audit log: proposed, refused, approved, applied, reverted. The latest first, at most 20.',
  ],
  operands: [['ID', 'a proposal, a CloudTrail event, or the ARN of a role or caller']],
  subcommands: [],
  options: OPTIONS,
  examples: [
    { run: 'rolemedic status', about: 'the log of rolemedic start', notRun: null },
    {
      run: 'rolemedic status arn:aws:iam::111122223333:role/app/orders-task --json',
      about: 'what happened to one role',
      notRun: null,
    },
  ],
  exitCodes: [
    [0, 'done'],
    [1, 'the audit log is not intact'],
    [2, 'usage or no audit log'],
    [3, 'no case matches'],
  ],
  outputs: ['status'],
}

const MAX_CASES = 20

export async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseArguments(args, OPTIONS, 'rolemedic status --help')
  if (values.help === true) {
    io.out(helpText(DESCRIPTION))
    return 0
  }
  const [id = null, ...more] = positionals
  if (more.length > 0) throw new UsageError('status takes one ID')
  const { stored, head, findings } = await auditSource(values.from ?? '.rolemedic/audit', values.table ?? null)
  const check = checkChain(stored, head, findings)
  const records = stored.flatMap(one => {
    const record = one.sequence === null ? null : parseAuditRecord(one.text)
    return record?.ok ? [record.value] : []
  })
  const eventIds = new Map(records.map(({ entry }) => [entry.proposalId, entry.eventIds]))
  const cases = reportOf(records)
    .cases.filter(one => id === null || isNamed(one, id, eventIds.get(one.id) ?? []))
    .sort((a, b) => b.lastAtMs - a.lastAtMs)
  const output: StatusOutput = {
    schema: 'rolemedic.status/1',
    intact: check.intact,
    records: check.records,
    cases: cases.slice(0, MAX_CASES).map(caseOutput),
    more: Math.max(0, cases.length - MAX_CASES),
  }
  if (!check.intact) io.err(oneLine('the audit log is not intact: "rolemedic audit verify" names the records'))
  io.out(values.json === true ? `${jsonText(output)}\n` : textOf(output, io))
  if (!check.intact) return 1
  return cases.length === 0 ? 3 : 0
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

/** Some of several approvals are no approval: then the last thing that happened is the card. */
const stateOf = ({ lastKind, outcome }: Case): StatusOutput['cases'][number]['state'] =>
  outcome === 'waiting' && lastKind === 'approved' ? 'proposed' : lastKind

function textOf({ cases, more }: StatusOutput, io: Io): string {
  const styles = ansiStyles(io.colour)
  if (cases.length === 0) return 'no case matches\n'
  const blocks = cases.map(({ id, action, principal, resource, state, last, why }) =>
    [
      `${styles.bold(state)} ${last.slice(0, 16).replace('T', ' ')} UTC  ${neutralText(id)}`,
      `  ${action} on ${neutralText(resource)} by ${neutralText(principal)}`,
      `  ${neutralText(why, 400)}`,
    ].join('\n'),
  )
  return `${blocks.join('\n')}\n${more > 0 ? `and ${plural(more, 'more case')}\n` : ''}`
}
