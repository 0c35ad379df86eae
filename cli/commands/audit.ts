/** `rolemedic audit …`: the log of what was seen, decided and changed, and whether it is intact. */

import { writeFile } from 'node:fs/promises'
import { neutralText, plural, UsageError } from '../../core/base/index.ts'
import {
  type AuditRecord,
  type ChainCheck,
  type ChainFinding,
  checkLog,
  isDamage,
  type LogCheck,
  parseAuditRecord,
  parseCheckpoints,
  readChain,
  type SignedCheckpoint,
} from '../../functions/domain/audit/index.ts'
import { ansiStyles } from '../ansi.ts'
import { type Description, EXIT_CODES, helpText, type Options } from '../command.ts'
import { auditLines, recordText } from '../formats/audit/audit-text.ts'
import { type Io, oneLine, readGiven } from '../io.ts'
import { jsonText } from '../json-text.ts'
import { AUDIT_LOG, described, FROM, JSON_FORM, LIVE, OUT, PROFILE, REGION, TABLE } from '../options.ts'
import { parseArguments, type Values } from '../parse-arguments.ts'
import { auditKeys, keysFromKms, localKeys } from '../use-cases/audit/audit-keys.ts'
import { auditSource, storedCards } from '../use-cases/audit/audit-source.ts'

const SUBCOMMANDS = ['list', 'show', 'verify', 'grants', 'report', 'keys']

const OPTIONS = {
  from: FROM,
  table: TABLE,
  out: described(OUT, 'with report: the file to write'),
  slack: {
    type: 'string',
    value: 'URL',
    about: 'with report: the address of the workspace, like https://acme.slack.com, for links to messages',
  },
  keys: {
    type: 'string',
    value: 'FILE',
    about:
      'with verify, grants and report: the public keys, as audit keys prints them (default: those of the run that wrote DIR)',
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
  json: JSON_FORM,
} as const satisfies Options

export const DESCRIPTION: Description = {
  name: 'audit',
  usage: [
    ['rolemedic audit list', 'every record, in the order of the chain'],
    ['rolemedic audit show ID', 'one record (by its number), or all records of a proposal or an event'],
    [
      'rolemedic audit verify',
      'checks offline whether a record was changed, removed, inserted, reordered or forged; exit 1 if so',
    ],
    ['rolemedic audit grants', 'what rolemedic granted and still stands: since, until, by whom, last seen used'],
    ['rolemedic audit keys', 'the public keys that verify checks signatures with'],
    ['rolemedic audit report --out FILE', 'everything as one HTML page, with CSV and JSON of its cases'],
  ],
  about: [],
  operands: [],
  subcommands: SUBCOMMANDS,
  options: OPTIONS,
  examples: [
    { run: 'rolemedic audit verify', about: 'is the log of rolemedic start intact?', notRun: null },
    {
      run: 'rolemedic audit keys --live > keys.json',
      about: 'the public keys of a deployed bot',
      notRun: 'needs AWS credentials',
    },
    { run: 'rolemedic audit list --json', about: 'every record, one per line', notRun: null },
    { run: 'rolemedic audit grants', about: 'what still stands', notRun: null },
    { run: 'rolemedic audit report --out report.html', about: 'the log as one page', notRun: null },
    {
      run: 'rolemedic audit verify --from s3://my-audit-bucket/audit/ --keys keys.json',
      about: 'the log of a deployed bot',
      notRun: 'needs AWS credentials',
    },
  ],
  exitCodes: EXIT_CODES,
  outputs: ['audit-record', 'audit-verify', 'audit-grants', 'audit-report'],
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
      command === ''
        ? 'audit needs a command: list, show, verify, grants, report or keys'
        : `audit has no command "${command}"`,
    )
  if (more.length > 0 || (allowed === 0 && id !== undefined))
    throw new UsageError(`audit ${command} takes no further arguments`)
  if ((command === 'report') !== (values.out !== null))
    throw new UsageError(command === 'report' ? 'audit report needs --out FILE.html' : '--out is only for audit report')
  if (command === 'show' && id === undefined)
    throw new UsageError('audit show needs an ID: a number, a proposal or an event')
  const misplaced = Object.entries(COMMANDS_OF).find(([name, of]) => !of.includes(command) && isGiven(values, name))
  if (misplaced !== undefined)
    throw new UsageError(`--${misplaced[0]} is only for ${misplaced[1].map(name => `audit ${name}`).join(', ')}`)

  const from = values.from ?? AUDIT_LOG
  if (command === 'keys') return printKeys(from, values, io)
  const keys = await auditKeys(values.keys, from, io)
  const checkpoints = values.checkpoint === null ? [] : await checkpointsIn(values.checkpoint, io)
  const { stored, head, findings, note } = await auditSource(from, values.table)
  const check = checkLog({ stored, head, findings, keys, checkpoints })
  const records = stored.flatMap(one => {
    const record = one.sequence === null ? null : parseAuditRecord(one.text)
    return record?.ok ? [record.value] : []
  })
  if (note !== null && command !== 'list' && command !== 'show') io.err(oneLine(note))
  if (command === 'verify') return verify(check, { json: values.json, from }, io)
  if (!check.intact) io.err(oneLine('the chain is broken: "rolemedic audit verify" names the records'))
  if (command === 'grants' || command === 'report') {
    // Of the chain alone: a record that somebody put beside it approves nothing and ends no grant.
    const members = readChain(stored, head, findings).members.map(({ record }) => record)
    const { out, slack, json } = values
    if (command === 'grants' || out === null) return grants(members, check, json, io)
    return report(members, check, { out, from, json, slack, table: values.table }, io)
  }
  return print(command === 'show' ? recordsWithId(records, id ?? '') : records, command === 'show', values.json, io)
}

/** The options that some commands alone take. */
const COMMANDS_OF: { readonly [option: string]: readonly string[] } = {
  slack: ['report'],
  keys: ['verify', 'grants', 'report'],
  checkpoint: ['verify'],
  live: ['keys'],
  profile: ['keys'],
  region: ['keys'],
  'decisions-key': ['keys'],
  'audit-key': ['keys'],
}

const isGiven = (values: { readonly [name: string]: unknown }, name: string): boolean =>
  ![undefined, null, false].some(absent => absent === values[name]) && !isEmpty(values[name])

const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0

async function checkpointsIn(file: string, io: Io): Promise<readonly SignedCheckpoint[]> {
  const parsed = parseCheckpoints((await readGiven(file, io)).text)
  if (!parsed.ok) throw new UsageError(`${file}: ${parsed.error}`)
  return parsed.value
}

type KeysValues = Pick<Values<typeof OPTIONS>, 'live' | 'profile' | 'region' | 'decisions-key' | 'audit-key'>

async function printKeys(from: string, values: KeysValues, io: Io): Promise<number> {
  const isLive = values.live || from.startsWith('s3://')
  if (!isLive && localKeys(from) === null)
    throw new UsageError(`${from}: no keys next to it (--live reads those of a deployment from KMS)`)
  const ring = isLive
    ? await keysFromKms(
        {
          profile: values.profile,
          region: values.region,
          decisions: values['decisions-key'],
          audit: values['audit-key'],
        },
        io,
      )
    : await auditKeys(null, from, io)
  io.out(`${jsonText(ring, 2)}\n`)
  return 0
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
  if (json) for (const record of records) io.out(`${jsonText(record)}\n`)
  else if (whole) for (const record of records) io.out(recordText(record, ansiStyles(io.colour)))
  else io.out(auditLines(records, ansiStyles(io.colour)))
  return 0
}

/** Numbers of the records that a signature should vouch for, and none does. */
const forgedIn = ({ findings }: ChainCheck): ReadonlySet<number> =>
  new Set(
    findings.flatMap(({ kind, sequence }) =>
      (kind === 'forged' || kind === 'unsigned') && sequence !== null ? [sequence] : [],
    ),
  )

/** `members`: the records of the chain, as those of `report`. */
async function grants(members: readonly AuditRecord[], check: ChainCheck, json: boolean, io: Io): Promise<number> {
  const [{ standingGrants }, { grantsOutput, grantsText }] = await Promise.all([
    import('../../functions/domain/audit/standing-grants.ts'),
    import('../formats/audit/grants.ts'),
  ])
  const standing = standingGrants(members, io.nowMs(), forgedIn(check))
  io.out(json ? `${jsonText(grantsOutput(standing, check))}\n` : grantsText(standing, ansiStyles(io.colour)))
  return check.intact ? 0 : 1
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

function verify(check: LogCheck, { json, from }: { readonly json: boolean; readonly from: string }, io: Io): number {
  const { intact, records, head, endIsPinned, afterHead } = check
  if (json) {
    io.out(`${jsonText(check)}\n`)
    return intact ? 0 : 1
  }
  const colours = ansiStyles(io.colour)
  if (holdsNoLog(check)) {
    io.err(oneLine(`${from} contains no audit log: ${plural(check.findings.length, 'file')}, none of them a record`))
    for (const { place } of check.findings.slice(0, FEW)) io.err(oneLine(place))
    return 1
  }
  for (const finding of shortened(check.findings)) {
    const { kind, place, detail } = finding
    io.out(`${(isDamage(finding) ? colours.red : colours.bold)(kind)} ${neutralText(place)}: ${neutralText(detail)}\n`)
  }
  const damage = check.findings.filter(isDamage).length
  if (!intact) io.out(`${colours.red('broken')}: ${plural(damage, 'finding')} in ${plural(records, 'record')}\n`)
  else if (head === null) io.out(`${from} contains no record\n`)
  else io.out(`${colours.green('intact')}: ${plural(records, 'record')}, the last is ${head.hash}\n`)
  for (const line of signatureLines(check)) io.out(`${line}\n`)
  if (!check.signatures.checked && head !== null)
    io.err(oneLine('signatures were not checked: it needs the public keys (--keys FILE, from rolemedic audit keys)'))
  if (!endIsPinned && check.checkpoints === 0)
    io.err(
      oneLine(
        'nothing outside the log confirms where it ends, so records deleted from the end would go unnoticed (--table NAME, --checkpoint FILE)',
      ),
    )
  if (afterHead > 0)
    io.err(oneLine(`${plural(afterHead, 'record')} after the last known head: a crash leaves at most one`))
  return intact ? 0 : 1
}

function signatureLines({ signatures, checkpoints }: LogCheck): readonly string[] {
  const held = checkpoints === 0 ? [] : [`checkpoints: the log was held against ${checkpoints}`]
  if (!signatures.checked) return held
  const { decisions, records, unsignedBefore } = signatures
  const valid = `signatures: ${plural(decisions, 'record')} with a valid decision, ${plural(records, 'record')} validly signed by apply`
  if (unsignedBefore === 0) return [valid, ...held]
  const older = decisions + records === 0 ? 'and nothing later is signed' : 'older than the first signature'
  return [valid, `unsigned: ${plural(unsignedBefore, 'record')} of kinds that are signed now, ${older}`, ...held]
}

type ReportOptions = {
  readonly out: string
  readonly from: string
  readonly json: boolean
  readonly slack: string | null
  readonly table: string | null
}

async function report(
  members: readonly AuditRecord[],
  check: LogCheck,
  { out, from, json, slack, table }: ReportOptions,
  io: Io,
): Promise<number> {
  const [{ reportOf }, { standingGrants }, { reportPage }, { workspaceUrl }] = await Promise.all([
    import('../../functions/domain/audit/audit-report.ts'),
    import('../../functions/domain/audit/standing-grants.ts'),
    import('../formats/audit/report/page.ts'),
    import('../formats/audit/report/slack-link.ts'),
  ])
  const nowMs = io.nowMs()
  const forged = forgedIn(check)
  const recorded = reportOf(members, forged)
  const unnamed = recorded.cases.flatMap(({ id, card }) => (card === null ? [id] : []))
  const cards = await storedCards(from, table, unnamed)
  const page = reportPage({
    report: {
      ...recorded,
      cases: recorded.cases.map(one => ({ ...one, card: one.card ?? cards.get(one.id) ?? null })),
    },
    standing: standingGrants(members, nowMs, forged),
    check,
    source: from,
    workspace: slack === null ? null : workspaceUrl(slack),
    nowMs,
  })
  try {
    await writeFile(out, page)
  } catch (cause) {
    throw new UsageError(`${out}: ${cause instanceof Error ? cause.message : 'cannot be written'}`, { cause })
  }
  const result = { file: out, records: members.length, intact: check.intact }
  io.out(json ? `${jsonText(result)}\n` : `${out}: ${plural(members.length, 'record')}\n`)
  return check.intact ? 0 : 1
}
