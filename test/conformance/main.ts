/**
 * Reads every published denial and similar text of a corpus, and compares the results with its table and with AWS's answers:
 * `npm run conformance -- FOLDER`. Exits with 1 below the thresholds, for a wrong row without an expectation, and for an
 * expectation that no row needs any more.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rulesMatching } from '../../cli/use-cases/match/match.ts'
import { eventWith, recordsInText } from '../../core/denial/any-text/records-in-text.ts'
import type { Denial, ParsedDenial } from '../../core/denial/denial.ts'
import { parseMessage, parseRecord } from '../../core/denial/parse-denial.ts'
import { messageRows, type Row, recordRows } from './corpus.ts'
import { EXPECTATIONS } from './expectations.ts'
import { ask, publishedCalls } from './published-calls.ts'
import { recordedHistory } from './recorded-history.ts'

const COLUMNS = ['delivered', 'is_target', 'action', 'principal', 'resource', 'reason'] as const
type Column = (typeof COLUMNS)[number]
const LEAST: { readonly [column in Column]: number } = {
  delivered: 1,
  is_target: 1,
  action: 1,
  principal: 0.99,
  resource: 0.99,
  reason: 0.99,
}

type Outcome = { readonly column: Column; readonly row: Row; readonly ours: string; readonly theirs: string }

function compare(row: Row): readonly Outcome[] {
  const parsed = row.input.kind === 'record' ? parseRecord(row.input.record) : parseMessage(row.input.text)
  const target: Outcome = { column: 'is_target', row, ours: targetOf(parsed), theirs: String(row.isTarget) }
  // Only target rows are read further. Empty cells were not published.
  const first = row.file ? [delivered(row), target] : [target]
  if (!row.isTarget) return first
  const denial = parsed.kind === 'denial' ? parsed.denial : null
  const rest = (['action', 'principal', 'resource', 'reason'] as const)
    .map(column => ({ column, row, ours: valueIn(denial, column), theirs: row[column] }))
    .filter(({ theirs }) => theirs !== '')
  return [...first, ...rest]
}

/** Whether one of the EventBridge rules would deliver the record: exactly the target records must be delivered. */
function delivered(row: Row): Outcome {
  const record = row.input.kind === 'record' ? row.input.record : null
  const rules = recordsInText(JSON.stringify(record)).records.map(eventWith).flatMap(rulesMatching)
  return { column: 'delivered', row, ours: String(rules.length > 0), theirs: String(row.isTarget) }
}

const targetOf = (parsed: ParsedDenial): string => String(parsed.kind === 'denial')

function valueIn(denial: Denial | null, column: 'action' | 'principal' | 'resource' | 'reason'): string {
  if (denial === null) return ''
  // The tables identify web identities by CloudTrail's principalId and services by name, because neither has an ARN.
  if (column === 'principal') return denial.principal.arn ?? denial.principal.uniqueId ?? denial.principal.name ?? ''
  return denial[column] ?? ''
}

function expectationFor({ column, row }: Outcome) {
  return EXPECTATIONS.find(expectation => expectation.row === row.key && expectation.column === column) ?? null
}

/** One line per column. True when the column meets its threshold. */
function report(column: Column, outcomes: readonly Outcome[]): boolean {
  const elided = outcomes.filter(outcome => expectationFor(outcome)?.kind === 'not-published')
  const counted = outcomes.filter(outcome => !elided.includes(outcome))
  const wrong = counted.filter(({ ours, theirs }) => ours !== theirs)
  const right = counted.length - wrong.length
  const share = counted.length === 0 ? 0 : right / counted.length
  const enough = share >= LEAST[column]
  const left = elided.length === 0 ? '' : `, ${elided.length} elided by their publisher`
  console.log(
    `${column.padEnd(10)} ${right} right, ${wrong.length} wrong of ${counted.length}${left} (${percent(share)}, wanted ${percent(LEAST[column])})${enough ? '' : '  TOO FEW'}`,
  )
  return enough
}

const percent = (share: number): string => `${(Math.floor(share * 1000) / 10).toFixed(1)} %`

/** Compares AWS's table of sent values with the command line. The roles trust the services that are sent. */
async function published(table: string): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'rolemedic-published-'))
  const calls = publishedCalls(readFileSync(table, 'utf8'))
  const answers = await ask(calls, { parameters: () => null, trusts: call => call.values }, folder)
  rmSync(folder, { recursive: true })
  const of = (...verdicts: readonly string[]) => answers.filter(({ verdict }) => verdicts.includes(verdict))
  const failed = answers.filter(
    ({ verdict, widensTrust, call }) =>
      verdict === 'wrong' || widensTrust || (verdict === 'refused' && call.values.length > 0),
  )
  console.log(
    `published  ${of('exact', 'partly').length} granted as published, ${of('if-exists').length} with IfExists, ${of('wrong').length} wrong, ${of('refused').length} refused of ${calls.length} calls`,
  )
  for (const { call, granted, refusal } of failed)
    console.log(
      `  ${call.prefix} ${call.operation}: ours ${granted.join(', ') || refusal}, theirs ${call.values.join(', ')}`,
    )
  return failed.length === 0 && calls.length > 700
}

async function main(folder: string | undefined): Promise<number> {
  if (folder === undefined || folder.startsWith('-')) {
    console.error(
      'usage: npm run conformance -- FOLDER   (a folder with messages.tsv, passrole-published.tsv and events/index.tsv)',
    )
    return 2
  }
  const rows = [...recordRows(folder), ...messageRows(folder)]
  const outcomes = rows.flatMap(compare)
  console.log(`${rows.length} rows, ${rows.filter(row => row.isTarget).length} of them ours`)
  const enough = COLUMNS.map(column =>
    report(
      column,
      outcomes.filter(outcome => outcome.column === column),
    ),
  )

  const unlike = outcomes.filter(({ ours, theirs }) => ours !== theirs)
  for (const outcome of unlike) {
    const expectation = expectationFor(outcome)
    const { column, row, ours, theirs } = outcome
    console.log(
      `\n${column} ${row.key}: ${row.name}\n  ours    ${ours || '(none)'}\n  theirs  ${theirs}\n  ${expectation?.why ?? 'NOT EXPECTED'}`,
    )
  }
  const unexplained = unlike.filter(outcome => expectationFor(outcome)?.ours !== outcome.ours)
  const idle = EXPECTATIONS.filter(
    expectation => !unlike.some(({ row, column }) => row.key === expectation.row && column === expectation.column),
  )
  for (const { row, column } of idle) console.log(`\nexpectation without a row that needs it: ${column} ${row}`)
  if (unexplained.length > 0) console.log(`\n${unexplained.length} differ from the expectation, or have none`)
  const asPublished = await published(join(folder, 'passrole-published.tsv'))
  const history = await recordedHistory(folder)
  console.log(history.line)
  const isGood = asPublished && history.isGood
  return enough.every(Boolean) && unexplained.length === 0 && idle.length === 0 && isGood ? 0 : 1
}

process.exitCode = await main(process.argv[2])
