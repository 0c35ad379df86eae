/** The log of what was seen, decided and changed, and whether it is intact. */

import { setFlagsFromString } from 'node:v8'
import { never, plural, UsageError } from '../../core/base/index.ts'
import type { LogCheck } from '../../functions/domain/audit/index.ts'
import { ansiStyles } from '../ansi.ts'
import { EXIT_CODES, type Options } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import { writePage } from '../files/write-page.ts'
import { auditLines, recordText } from '../formats/audit/audit-text.ts'
import { REPORT_FORMATS, reportFormat } from '../formats/audit/report/format.ts'
import { workspaceUrl } from '../formats/audit/report/slack-link.ts'
import { verifyText } from '../formats/audit/verify-text.ts'
import { type Io, notes, readGiven } from '../io.ts'
import { jsonText } from '../json-text.ts'
import {
  AUDIT_LOG,
  described,
  FROM,
  JSON_FORM,
  LIVE,
  OUT,
  oneOf,
  PROFILE,
  REGION,
  SINCE,
  TABLE,
  UNTIL,
} from '../options.ts'
import type { Values } from '../parse-arguments.ts'
import { publicKeys } from '../use-cases/audit/audit-keys.ts'
import { checkedWithLedger, holdsNoLog } from '../use-cases/audit/audit-log.ts'
import type { CaseQuestion, GrantsQuestion, ReportQuestion } from '../use-cases/audit/grants.ts'
import { auditRecords, type RecordsQuestion } from '../use-cases/audit/records.ts'

const OPTIONS = {
  from: FROM,
  table: TABLE,
  out: described(OUT, 'with report: the file to write'),
  since: described(SINCE, 'with report: cases with a record from this day or time on, like 2026-10-01'),
  until: described(UNTIL, 'with report: cases with a record until the end of this day, or until this time'),
  format: {
    type: 'string',
    value: 'F',
    values: REPORT_FORMATS,
    about: 'with report: html, csv or json (default: what the name of the file says)',
    read: oneOf('format', REPORT_FORMATS),
  },
  slack: {
    type: 'string',
    value: 'URL',
    about: 'with show and report: the address of the workspace, like https://acme.slack.com, for links to messages',
    read: workspaceUrl,
  },
  keys: {
    type: 'string',
    value: 'FILE',
    about:
      'with show, verify, grants and report: the public keys, as audit keys prints them (default: those of the run that wrote DIR)',
  },
  checkpoint: {
    type: 'string',
    value: 'FILE',
    about: 'with verify: signed checkpoints, as posted once a day, also among other text; - is standard input',
  },
  live: described(LIVE, 'with keys: those of a deployment, from KMS (also for s3://…)'),
  profile: described(PROFILE, 'with keys --live: the AWS profile'),
  region: described(REGION, 'with keys --live: the Region of the deployment'),
  'decisions-key': {
    type: 'string',
    value: 'ARN',
    multiple: true,
    about: 'with keys --live: a key of decisions, instead of the current one',
  },
  'audit-key': {
    type: 'string',
    value: 'ARN',
    multiple: true,
    about: 'with keys --live: a key of audit records, instead of the current one',
  },
  records: { type: 'boolean', about: 'with show: the records of the log, instead of the case' },
  json: JSON_FORM,
} as const satisfies Options

/** What each subcommand takes besides `--from`, `--table` and `--json`. */
const TAKES = {
  list: [],
  show: ['keys', 'records', 'slack'],
  verify: ['keys', 'checkpoint'],
  grants: ['keys'],
  report: ['keys', 'out', 'since', 'until', 'format', 'slack'],
  keys: ['live', 'profile', 'region', 'decisions-key', 'audit-key'],
} as const satisfies { readonly [subcommand: string]: readonly (keyof typeof OPTIONS)[] }

type Subcommand = keyof typeof TAKES
const SUBCOMMANDS = Object.keys(TAKES) as readonly Subcommand[]
const FOR_ALL: readonly string[] = ['from', 'table', 'json']

export const auditCommand = defineCommand({
  name: 'audit',
  usage: [
    ['rolemedic audit list', 'every record, in the order of the chain'],
    [
      'rolemedic audit show ID',
      'the case of a proposal or an event, as the report has it; or one record, by its number',
    ],
    [
      'rolemedic audit verify',
      'checks offline whether a record was changed, removed, inserted, reordered or forged, and with the checks of write each write that is kept beside the log; exit 1 if not',
    ],
    ['rolemedic audit grants', 'what rolemedic granted and still stands: since, until, by whom, last seen used'],
    ['rolemedic audit keys', 'the public keys that verify checks signatures with'],
    ['rolemedic audit report --out FILE', 'the cases of all time or of a period, as one HTML page, as CSV or as JSON'],
  ],
  about: [],
  operands: [['ID', 'with show: the number of a record, a proposal or an event']],
  subcommands: SUBCOMMANDS,
  options: OPTIONS,
  takes: 2,
  noInput: null,
  examples: [
    { run: 'rolemedic audit verify', about: 'is the log of rolemedic start intact?', notRun: null },
    {
      run: 'rolemedic audit keys --live > keys.json',
      about: 'the public keys of a deployed bot',
      notRun: 'needs AWS credentials',
    },
    {
      run: 'rolemedic audit show 4602719e-98cd-420b-a7e5-866d6f5f96ad',
      about: 'the case of the first sample denial: who, why, what, until when',
      notRun: null,
    },
    { run: 'rolemedic audit list --json', about: 'every record, one per line', notRun: null },
    { run: 'rolemedic audit grants', about: 'what still stands', notRun: null },
    { run: 'rolemedic audit report --out report.html', about: 'the log as one page', notRun: null },
    {
      run: 'rolemedic audit report --out q4.csv --since 2026-10-01 --until 2026-12-31',
      about: 'the cases of a quarter, for a spreadsheet',
      notRun: null,
    },
    {
      run: 'rolemedic audit verify --from s3://my-audit-bucket/audit/ --keys keys.json',
      about: 'the log of a deployed bot',
      notRun: 'needs AWS credentials',
    },
  ],
  exitCodes: EXIT_CODES,
  outputs: ['audit-record', 'audit-verify', 'audit-grants', 'audit-report'],
  ask: ({ values, positionals }) => ({ ...subcommandOf(positionals, values), values }),
  answer,
})

type AuditValues = Values<typeof OPTIONS>

function subcommandOf([name, id = '']: readonly string[], values: AuditValues) {
  const subcommand = SUBCOMMANDS.find(one => one === name)
  if (subcommand === undefined)
    throw new UsageError(
      name === undefined ? `audit needs a command: ${SUBCOMMANDS.join(', ')}` : `audit has no command "${name}"`,
    )
  if (subcommand !== 'show' && id !== '') throw new UsageError(`audit ${subcommand} takes no further arguments`)
  if (subcommand === 'show' && id === '')
    throw new UsageError('audit show needs an ID: a number, a proposal or an event')
  if (subcommand === 'report') {
    if (values.out === null) throw new UsageError('audit report needs --out FILE.html')
    reportFormat(values.out, values.format)
    if (values.since !== null && values.until !== null && values.since >= values.until)
      throw new UsageError('--until is not later than --since')
  }
  const taken: readonly string[] = [...FOR_ALL, ...TAKES[subcommand]]
  const misplaced = Object.keys(OPTIONS).find(option => !taken.includes(option) && isGiven(values, option))
  if (misplaced !== undefined) throw new UsageError(`--${misplaced} is only for ${takersOf(misplaced).join(', ')}`)
  return { subcommand, id }
}

const takersOf = (option: string): readonly string[] =>
  SUBCOMMANDS.filter(name => (TAKES[name] as readonly string[]).includes(option)).map(name => `audit ${name}`)

function isGiven(values: { readonly [name: string]: unknown }, name: string): boolean {
  const value = values[name]
  return Array.isArray(value) ? value.length > 0 : value !== null && value !== false
}

type AuditQuestion = { readonly subcommand: Subcommand; readonly id: string; readonly values: AuditValues }

/**
 * A record is dropped once it is read: with room for more of them V8 takes a hundred megabytes for a million records, and no less
 * time. V8 asks for it each time that the space grows: https://nodejs.org/api/v8.html#v8setflagsfromstringflags
 */
const KEEP_YOUNG_SPACE_SMALL = '--semi-space-growth-factor=1'

async function answer({ subcommand, id, values }: AuditQuestion, io: Io): Promise<number> {
  setFlagsFromString(KEEP_YOUNG_SPACE_SMALL)
  const place = { from: values.from ?? AUDIT_LOG, table: values.table }
  const given = (file: string | null) => (file === null ? null : readGiven(file, io))
  switch (subcommand) {
    case 'keys': {
      const { live, profile, region, 'decisions-key': decisions, 'audit-key': audit } = values
      const ring = await publicKeys({ from: place.from, live, profile, region, decisions, audit }, io)
      io.data(`${jsonText(ring, 2)}\n`)
      return 0
    }
    case 'list': {
      const { records, check } = await auditRecords({ ...place, id: null }, io)
      warnIfBroken(check, io)
      if (values.json) for (const record of records) io.data(`${jsonText(record)}\n`)
      else io.out(auditLines(records, ansiStyles(io.colour)))
      return exitOf(check)
    }
    case 'show':
      return values.json || values.records || isOfOneRecord(id)
        ? showRecords({ ...place, id }, values.json, io)
        : showCases({ ...place, id, keys: await given(values.keys) }, values.slack, io)
    case 'verify': {
      const question = { ...place, keys: await given(values.keys), checkpoints: await given(values.checkpoint) }
      const { check, note } = await checkedWithLedger(question, io)
      const text = verifyText(check, place.from, ansiStyles(io.colour))
      notes([...(note === null ? [] : [note]), ...(values.json ? [] : text.notes)], io)
      if (values.json) io.data(`${jsonText(check)}\n`)
      else io.out(text.out)
      return exitOf(check)
    }
    case 'grants':
      return printGrants({ ...place, keys: await given(values.keys) }, values.json, io)
    case 'report':
      return writeReport(
        { ...place, keys: await given(values.keys), sinceMs: values.since, untilMs: values.until },
        values,
        io,
      )
    default:
      return never(subcommand)
  }
}

const isOfOneRecord = (id: string): boolean => /^(\d+|sha256:[0-9a-f]+)$/.test(id)

async function showRecords(question: RecordsQuestion, isJson: boolean, io: Io): Promise<number> {
  const { records, check } = await auditRecords(question, io)
  warnIfBroken(check, io)
  const styles = ansiStyles(io.colour)
  for (const record of records)
    if (isJson) io.data(`${jsonText(record)}\n`)
    else io.out(recordText(record, styles))
  return exitOf(check)
}

async function showCases(question: CaseQuestion, workspace: string | null, io: Io): Promise<number> {
  const [{ casesWithId }, { casesText }] = await Promise.all([
    import('../use-cases/audit/grants.ts'),
    import('../formats/audit/case-text.ts'),
  ])
  const { report, standing, check, note } = await casesWithId(question, io)
  if (note !== null) notes([note], io)
  warnIfBroken(check, io)
  const { cases } = report
  if (cases.length === 0)
    throw new UsageError(
      `no case of the chain is of the proposal or event "${question.id}" (--records: also what is beside the chain)`,
    )
  io.out(casesText({ cases, standing, workspace }, ansiStyles(io.colour)))
  return exitOf(check)
}

function warnIfBroken(check: LogCheck, io: Io): void {
  if (!check.intact) notes(['the chain is broken: "rolemedic audit verify" names the records'], io)
  else if (holdsNoLog(check)) notes(['no file there is a record of an audit log (--from names its folder)'], io)
}

/** Also of a folder that holds something else: nothing reassuring follows from it. */
const exitOf = (check: LogCheck): number => (check.intact && !holdsNoLog(check) ? 0 : 1)

async function printGrants(question: GrantsQuestion, isJson: boolean, io: Io): Promise<number> {
  const [{ grantsInLog }, { grantsOutput, grantsText }] = await Promise.all([
    import('../use-cases/audit/grants.ts'),
    import('../formats/audit/grants.ts'),
  ])
  const { standing, check, note } = await grantsInLog(question, io)
  if (note !== null) notes([note], io)
  warnIfBroken(check, io)
  if (isJson) io.data(`${jsonText(grantsOutput(standing, check))}\n`)
  else io.out(grantsText(standing, check, ansiStyles(io.colour), io.colour))
  return exitOf(check)
}

async function writeReport(
  question: ReportQuestion,
  { out, slack, json, format }: AuditValues,
  io: Io,
): Promise<number> {
  const { reportOfLog } = await import('../use-cases/audit/grants.ts')
  const { note, ...content } = await reportOfLog(question, io)
  const { reportText } = await import('../formats/audit/report/page.ts')
  const { report, check } = content
  if (note !== null) notes([note], io)
  warnIfBroken(check, io)
  const file = out ?? ''
  const shown = { ...content, source: question.from, workspace: slack }
  await writePage(file, reportText(shown, reportFormat(file, format)))
  const result = { file, records: report.records, intact: check.intact }
  if (json) io.data(`${jsonText(result)}\n`)
  else io.out(`${file}: ${plural(report.records, 'record')}\n`)
  return exitOf(check)
}
