/** `rolemedic audit …`: the log of what was seen, decided and changed, and whether it is intact. */
import { writeFile } from 'node:fs/promises'
import { parseAuditRecord } from '../../functions/domain/audit/audit-chain.ts'
import type { AuditRecord } from '../../functions/domain/audit/audit-record.ts'
import { type ChainCheck, type ChainFinding, checkChain } from '../../functions/domain/audit/verify-chain.ts'
import { UsageError } from '../../functions/domain/base/errors.ts'
import { neutralText } from '../../functions/domain/base/neutral-text.ts'
import { plural } from '../../functions/domain/base/rich-text.ts'
import { ansiStyles } from '../ansi.ts'
import { auditSource } from '../audit/audit-source.ts'
import { auditLines, recordText } from '../audit/audit-text.ts'
import { type Description, EXIT_CODES, helpText, type Options } from '../command.ts'
import { type Io, oneLine } from '../io.ts'
import { parseArguments } from '../parse-arguments.ts'

const SUBCOMMANDS = ['list', 'show', 'verify', 'report']

const OPTIONS = {
  from: { type: 'string', value: 'DIR', about: 'a folder or s3://bucket/prefix; default .rolemedic/audit' },
  table: {
    type: 'string',
    value: 'NAME',
    about: 'the table that stores the head of the chain (default: next to the records)',
  },
  out: { type: 'string', value: 'FILE', about: 'with report: the file to write' },
  json: { type: 'boolean', default: false, about: 'machine-readable output' },
} as const satisfies Options

export const DESCRIPTION: Description = {
  name: 'audit',
  usage: [
    ['rolemedic audit list', 'every record, in the order of the chain'],
    ['rolemedic audit show ID', 'one record (by its number), or all records of a proposal or an event'],
    ['rolemedic audit verify', 'checks whether a record was changed, removed, inserted or reordered; exit 1 if so'],
    ['rolemedic audit report --out FILE', 'everything as one HTML page'],
  ],
  about: [],
  operands: [],
  subcommands: SUBCOMMANDS,
  options: OPTIONS,
  examples: [
    { run: 'rolemedic audit verify', about: 'is the log of rolemedic start intact?', notRun: null },
    { run: 'rolemedic audit list --json', about: 'every record, one per line', notRun: null },
    { run: 'rolemedic audit report --out report.html', about: 'the log as one page', notRun: null },
    {
      run: 'rolemedic audit verify --from s3://my-audit-bucket/audit/',
      about: 'the log of a deployed bot',
      notRun: 'needs AWS credentials',
    },
  ],
  exitCodes: EXIT_CODES,
  outputs: ['audit-record', 'audit-verify', 'audit-report'],
}

export async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseArguments(args, OPTIONS, 'rolemedic audit --help')
  if (values.help) {
    io.out(helpText(DESCRIPTION))
    return 0
  }
  const [command = '', id, ...more] = positionals
  if (args.length === 0) {
    io.out(helpText(DESCRIPTION))
    return 0
  }
  const allowed = command === 'show' ? 1 : 0
  if (!SUBCOMMANDS.includes(command))
    throw new UsageError(
      command === '' ? 'audit needs a command: list, show, verify or report' : `audit has no command "${command}"`,
    )
  if (more.length > 0 || (allowed === 0 && id !== undefined))
    throw new UsageError(`audit ${command} takes no further arguments`)
  if ((command === 'report') !== (values.out !== undefined))
    throw new UsageError(command === 'report' ? 'audit report needs --out FILE.html' : '--out is only for audit report')
  if (command === 'show' && id === undefined)
    throw new UsageError('audit show needs an ID: a number, a proposal or an event')

  const from = values.from ?? '.rolemedic/audit'
  const { stored, head, findings, note } = await auditSource(from, values.table ?? null)
  const check = checkChain(stored, head, findings)
  const records = stored.flatMap(one => {
    const record = one.sequence === null ? null : parseAuditRecord(one.text)
    return record?.ok ? [record.value] : []
  })
  if (note !== null && command !== 'list' && command !== 'show') io.err(oneLine(note))
  if (command === 'verify') return verify(check, { json: values.json, from }, io)
  if (!check.intact) io.err(oneLine('the chain is broken: "rolemedic audit verify" names the records'))
  if (command === 'report') return report(records, check, { out: values.out ?? '', from, json: values.json }, io)
  return print(command === 'show' ? recordsWithId(records, id ?? '') : records, command === 'show', values.json, io)
}

function recordsWithId(records: readonly AuditRecord[], id: string): readonly AuditRecord[] {
  const found = records.filter(
    ({ sequence, hash, entry }) =>
      entry.proposalId === id ||
      entry.eventIds.includes(id) ||
      hash === id ||
      String(sequence) === id.replace(/^0+/, ''),
  )
  if (found.length === 0) throw new UsageError(`no record has the number, proposal or event "${id}"`)
  return found
}

function print(records: readonly AuditRecord[], whole: boolean, json: boolean, io: Io): number {
  if (json) for (const record of records) io.out(`${JSON.stringify(record)}\n`)
  else if (whole) for (const record of records) io.out(recordText(record, ansiStyles(io.colour)))
  else io.out(auditLines(records, ansiStyles(io.colour)))
  return 0
}

const FEW = 3

/** The folder has files but no record, and no sign of deleted records: probably the wrong folder. */
const holdsNoLog = ({ records, endIsPinned, findings }: ChainCheck): boolean =>
  records === 0 && !endIsPinned && findings.length > 0 && findings.every(({ kind }) => kind === 'foreign')

/** Lists at most `FEW` foreign files, for a log in a folder with other files. */
function shortened(findings: readonly ChainFinding[]): readonly Pick<ChainFinding, 'kind' | 'place' | 'detail'>[] {
  const foreign = findings.filter(({ kind }) => kind === 'foreign')
  if (foreign.length <= FEW) return findings
  const hidden = new Set(foreign.slice(FEW))
  const more = {
    kind: 'foreign',
    place: `and ${hidden.size} more`,
    detail: 'their names are not names of audit records',
  } as const
  return [...findings.filter(finding => !hidden.has(finding)), more]
}

function verify(check: ChainCheck, { json, from }: { readonly json: boolean; readonly from: string }, io: Io): number {
  const { intact, records, head, endIsPinned, afterHead } = check
  if (json) {
    io.out(`${JSON.stringify(check)}\n`)
    return intact ? 0 : 1
  }
  const colours = ansiStyles(io.colour)
  if (holdsNoLog(check)) {
    io.err(oneLine(`${from} contains no audit log: ${plural(check.findings.length, 'file')}, none of them a record`))
    for (const { place } of check.findings.slice(0, FEW)) io.err(oneLine(place))
    return 1
  }
  for (const { kind, place, detail } of shortened(check.findings))
    io.out(`${colours.red(kind)} ${neutralText(place)}: ${neutralText(detail)}\n`)
  if (!intact)
    io.out(`${colours.red('broken')}: ${plural(check.findings.length, 'finding')} in ${plural(records, 'record')}\n`)
  else if (head === null) io.out(`${from} contains no record\n`)
  else io.out(`${colours.green('intact')}: ${plural(records, 'record')}, the last is ${head.hash}\n`)
  if (!endIsPinned)
    io.err(
      oneLine(
        'nothing outside the log confirms where it ends, so records deleted from the end would go unnoticed (--table NAME)',
      ),
    )
  if (afterHead > 0)
    io.err(oneLine(`${plural(afterHead, 'record')} after the last known head: a crash leaves at most one`))
  return intact ? 0 : 1
}

async function report(
  records: readonly AuditRecord[],
  check: ChainCheck,
  { out, from, json }: { readonly out: string; readonly from: string; readonly json: boolean },
  io: Io,
): Promise<number> {
  const { reportOf } = await import('../../functions/domain/audit/audit-report.ts')
  const { reportPage } = await import('../audit/report/page.ts')
  try {
    await writeFile(out, reportPage(reportOf(records), check, from))
  } catch (cause) {
    throw new UsageError(`${out}: ${cause instanceof Error ? cause.message : 'cannot be written'}`, { cause })
  }
  const result = { file: out, records: records.length, intact: check.intact }
  io.out(json ? `${JSON.stringify(result)}\n` : `${out}: ${plural(records.length, 'record')}\n`)
  return check.intact ? 0 : 1
}
