/** What happened to each denial, from the audit log. */

import { neutralText, plural } from '../../core/base/index.ts'
import { ansiStyles } from '../ansi.ts'
import type { Options } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import { NOT_INTACT } from '../formats/audit/audit-text.ts'
import { type Io, oneLine } from '../io.ts'
import { jsonText } from '../json-text.ts'
import { AUDIT_LOG, FROM, JSON_FORM, TABLE } from '../options.ts'
import type { StatusOutput } from '../outputs/audit.ts'
import { auditStatus } from '../use-cases/audit/status.ts'

const OPTIONS = { from: FROM, table: TABLE, json: JSON_FORM } as const satisfies Options

export const statusCommand = defineCommand({
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
  takes: 1,
  ask: ({ values: { from, table, json }, positionals: [id = null] }) => ({ id, from: from ?? AUDIT_LOG, table, json }),
  async answer({ json, ...question }, io) {
    const output = await auditStatus(question)
    if (!output.intact) io.err(oneLine(NOT_INTACT))
    if (json) io.data(`${jsonText(output)}\n`)
    else io.out(textOf(output, io))
    if (!output.intact) return 1
    return output.cases.length === 0 ? 3 : 0
  },
})

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
