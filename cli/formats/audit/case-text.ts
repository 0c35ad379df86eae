/** A case for a terminal: the facts of the report's page, CSV and JSON. Control characters in untrusted text are removed. */
import { neutralText } from '../../../core/base/index.ts'
import type { Case, CaseStep, StandingGrant } from '../../../functions/domain/audit/index.ts'
import type { AnsiStyles } from '../../ansi.ts'
import { changeLines, secondsUtc } from './audit-text.ts'
import {
  type CaseFact,
  evidenceFacts,
  knownFacts,
  outcomeText,
  RATIFICATION_NAMES,
  stepName,
  stepReason,
} from './report/case-facts.ts'
import { duration } from './report/figures.js'
import { rowsOf } from './report/rows.ts'

type Shown = {
  readonly cases: readonly Case[]
  readonly standing: readonly StandingGrant[]
  /** The URL of the workspace. Null: not given. */
  readonly workspace: string | null
}

const TIMES = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g
const inSeconds = (time: string): string => `${secondsUtc(Date.parse(time))} UTC`

type Row = ReturnType<typeof rowsOf>[number]

export function casesText({ cases, standing, workspace }: Shown, styles: AnsiStyles): string {
  const rows = rowsOf({ cases }, standing, workspace)
  return cases.map((one, at) => caseText(one, rows[at], styles)).join('\n')
}

function caseText(one: Case, row: Row | undefined, { bold, dim, green, red }: AnsiStyles): string {
  if (row === undefined) return ''
  const facts = [...whatAndWho(row), ...evidenceFacts(one, row), ...granted(one, row)]
  const width = Math.max(...facts.map(([term]) => term.length)) + 2
  // One line each for the summary, the evidence and the unknowns.
  const lines = facts.flatMap(([term, value]) =>
    value
      .split('\n')
      .map(
        (line, at) => `  ${dim((at === 0 ? term : '').padEnd(width))}${neutralText(line.replace(TIMES, inSeconds))}\n`,
      ),
  )
  return [
    `${bold(`${neutralText(one.id)}: ${outcomeText(one)}`)}\n`,
    ...lines,
    ...one.changes.flatMap(change => changeLines(change, { bold, green, red })),
    ...one.steps.map(step => stepLine(step, one)),
  ].join('')
}

function whatAndWho(row: Row): readonly CaseFact[] {
  const { approvals, breakGlass, rejectedBy } = row
  const people = (list: readonly { readonly id: string; readonly name: string; readonly at?: string }[]) =>
    list.map(({ id, name, at }) => `${name} (${id})${at === undefined ? '' : ` ${at}`}`).join('; ')
  const given = approvals.needed === null ? approvals.given : `${approvals.given} of ${approvals.needed}`
  const after = row.secondsToApprove === null ? '' : ` after ${duration(row.secondsToApprove)}`
  return knownFacts([
    ['Principal', row.session === null ? row.principal : `${row.principal}, session ${row.session}`],
    ['Action', `${row.action} on ${row.role}`],
    ['Account', row.account],
    ['Event', row.event],
    ['Records', `from ${row.firstSeen} to ${row.lastRecord}`],
    ['Approvals', approvals.given === 0 ? null : `${given}${after}: ${people(approvals.by)}`],
    ['Rejected by', rejectedBy.length === 0 ? null : people(rejectedBy)],
    [
      'Break-glass',
      breakGlass === null ? null : `${people([breakGlass.by])}, who approved alone: ${breakGlass.reason}`,
    ],
    ['Ratification', breakGlass === null ? null : ratification(breakGlass, people)],
  ])
}

function ratification(
  { ratification: state, needed, ratifiedBy, notRatifiedBy }: NonNullable<Row['breakGlass']>,
  people: (list: Row['rejectedBy']) => string,
): string {
  const name = RATIFICATION_NAMES[state]
  if (notRatifiedBy !== null) return `${name} by ${people([notRatifiedBy])}: ${notRatifiedBy.reason}`
  return needed === null ? name : `${name}, ${ratifiedBy.length} of ${needed}: ${people(ratifiedBy)}`
}

function granted(one: Case, row: Row): readonly CaseFact[] {
  return knownFacts([
    ['Change', one.granted.length === 0 ? null : one.granted.join('\n')],
    ['Written', row.changed],
    ['Stands', row.changed === null ? null : stands(row)],
    ['Slack', row.slack],
    ['Patch digest', row.digest],
    ['Why', row.why],
  ])
}

function stands({ standing, ends }: Row): string {
  if (!standing) return 'no'
  return ends === null ? 'yes, without end' : `yes, until ${ends}`
}

/** The number is the one that `audit show` takes. */
function stepLine(step: CaseStep, one: Case): string {
  const { sequence, atMs, by } = step
  const why = stepReason(step)
  const who = by === null ? '' : ` by ${neutralText(by.name)} (${neutralText(by.id)})`
  return `  ${String(sequence).padStart(5)} ${secondsUtc(atMs)} ${stepName(step, one)}${who}${why === null ? '' : `: ${neutralText(why)}`}\n`
}
