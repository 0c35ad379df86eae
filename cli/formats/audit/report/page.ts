/** The audit log as one HTML page: no network, printable, all untrusted text escaped. */

import { readFileSync } from 'node:fs'
import { never, plural } from '../../../../core/base/index.ts'
import type { AuditReport, CaseOutcome, ChainCheck, StandingGrant } from '../../../../functions/domain/audit/index.ts'
import { type Html, html, trusted } from '../../../../functions/domain/messages/index.ts'
import { htmlPage, visibleText } from '../../html-page.ts'
import { barChart } from './bars.ts'
import { OUTCOME_NAMES } from './case-facts.ts'
import { caseItem } from './case-item.ts'
import { approvalTimes, chartTime, timeline } from './charts.ts'
import { figureTables } from './figure-tables.ts'
import { type CaseRow, csvOf } from './figures.js'
import type { ReportFormat } from './format.ts'
import { iso, rowsOf } from './rows.ts'
import { standingList } from './standing-list.ts'

const SCRIPT = new URL('filter.js', import.meta.url)
const FIGURES = new URL('figures.js', import.meta.url)
export const AUDIT_STYLE = new URL('style.css', import.meta.url)

export type ReportContent = {
  readonly report: AuditReport
  readonly standing: readonly StandingGrant[]
  readonly check: ChainCheck
  /** The location of the log. */
  readonly source: string
  /** The URL of the workspace, for links to messages. Null: not given. */
  readonly workspace: string | null
  readonly nowMs: number
}

/** In the form of the file. */
export function reportText(content: ReportContent, format: ReportFormat): string {
  const rows = rowsOf(content.report, content.standing, content.workspace)
  switch (format) {
    case 'html':
      return reportPage(content)
    case 'csv':
      // With a byte order mark, spreadsheets read UTF-8.
      return `\ufeff${csvOf(rows)}`
    case 'json':
      return `${JSON.stringify(casesData(content, rows), null, 2)}\n`
    default:
      return never(format)
  }
}

export function reportPage(content: ReportContent): string {
  const { report, standing, check, source, workspace, nowMs } = content
  const rows = rowsOf(report, standing, workspace)
  return htmlPage({
    title: 'rolemedic audit report',
    style: readFileSync(AUDIT_STYLE, 'utf8'),
    script: scriptText(),
    body: html`<header>
<h1>rolemedic audit report</h1>
<p>${visibleText(source)}${period(report)}</p>
${verdict(check)}
</header>
<main>
${standingList(standing, check.intact && check.records > 0, rows, nowMs)}
${filters(rows)}
${figureTables(rows)}
${report.records === 0 ? html`<p>The log is empty.</p>` : charts(report, rows)}
${cases(report, rows)}
</main>
<script type="application/json" id="data">${trusted(dataText(content, rows))}</script>`,
  })
}

/** Both files as one classic script: a page opened from a disk cannot import modules. */
function scriptText(): string {
  const text = [FIGURES, SCRIPT].map(file => readFileSync(file, 'utf8')).join('\n')
  return `{\n${text.replaceAll(/^import .*$/gm, '').replaceAll(/^export (?=function)/gm, '')}\n}`
}

/** A data block, which never runs. It contains no `<`, so nothing in it can end the block. */
const dataText = (content: ReportContent, cases: readonly CaseRow[]): string =>
  JSON.stringify(casesData(content, cases)).replaceAll('<', '\\u003c')

function casesData({ source, report, nowMs }: ReportContent, cases: readonly CaseRow[]): object {
  const { records, fromMs, toMs } = report
  const time = (ms: number | null) => (ms === null ? null : iso(ms))
  return {
    schema: 'rolemedic.audit-cases/1',
    source,
    written: iso(nowMs),
    records,
    from: time(fromMs),
    to: time(toMs),
    cases,
  }
}

const period = ({ fromMs, toMs }: AuditReport): string =>
  fromMs === null || toMs === null ? '' : ` · ${chartTime(fromMs)} to ${chartTime(toMs)}`

const MAX_FINDINGS = 50

function verdict({ intact, records, head, findings, endIsPinned }: ChainCheck): Html {
  if (!intact) {
    const more = findings.length - MAX_FINDINGS
    return html`<div class="verdict broken"><strong>The chain is broken.</strong><ul>${findings
      .slice(0, MAX_FINDINGS)
      .map(
        one => html`<li>${visibleText(one.place)}: ${one.kind}, ${visibleText(one.detail)}</li>`,
      )}${more > 0 ? html`<li>and ${plural(more, 'more finding')}</li>` : ''}</ul></div>`
  }
  const end = endIsPinned ? '' : ' Nothing outside the log confirms where it ends.'
  return html`<p class="verdict"><strong>The chain is intact:</strong> ${plural(records, 'record')}${
    head === null ? '' : ` up to ${head.hash.slice(0, 19)}…`
  }.${end}</p>`
}

/** Hidden without the script, which does the filtering. */
function filters(rows: readonly CaseRow[]): Html {
  const accounts = [...new Set(rows.map(row => row.account))].sort()
  const principals = [...new Set(rows.map(row => row.principal))].sort()
  const outcomes = [...new Set(rows.map(row => row.outcome))].sort()
  return html`<form id="filters" hidden>
<label>From <input type="date" name="from"></label>
<label>To <input type="date" name="to"></label>
<label>Account <select name="account"><option value="">all</option>${accounts.map(one => html`<option value="${one}">${visibleText(one)}</option>`)}</select></label>
<label>Outcome <select name="outcome"><option value="">all</option>${outcomes.map(one => html`<option value="${one}">${OUTCOME_NAMES[one as CaseOutcome]}</option>`)}</select></label>
<label class="long">Principal <input type="search" name="principal" list="principals" autocomplete="off"></label>
<datalist id="principals">${principals.map(one => html`<option value="${one}"></option>`)}</datalist>
<label class="long">Any words <input type="search" name="text" id="filter" autocomplete="off"></label>
<p class="actions"><output id="shown"></output> <button type="button" id="show-all">Show all</button> <button type="button" id="csv">CSV</button> <button type="button" id="json">JSON</button></p>
<p class="quiet">Dates are of the first record, in UTC. Figures, CSV and JSON have the cases that are shown.</p>
</form>`
}

function charts(report: AuditReport, rows: readonly CaseRow[]): Html {
  const isApproved = rows.some(({ secondsToApprove }) => secondsToApprove !== null)
  return html`<section id="charts">
<h2>Over time</h2>
<p class="quiet">All cases of this report, whatever the filter. Times in UTC.</p>
<figure><figcaption><h3>Denials, decisions and changes</h3> × denial, ◇ decision, ○ change, □ ended without a decision.</figcaption>${timeline(report)}</figure>
${isApproved ? html`<figure><figcaption><h3>Time to approve</h3> From the card to the approval that completed it.</figcaption>${approvalTimes(report)}</figure>` : ''}
<div class="pair">
<figure><figcaption><h3>Most denied principals</h3></figcaption>${barChart(report.principals, 'Most denied principals')}</figure>
<figure><figcaption><h3>Most denied roles</h3></figcaption>${barChart(report.roles, 'Most denied roles')}</figure>
</div>
</section>`
}

function cases({ cases }: AuditReport, rows: readonly CaseRow[]): Html {
  const all = cases.flatMap((one, index) => {
    const row = rows[index]
    return row === undefined ? [] : [caseItem(one, row)]
  })
  return html`<section id="cases">
<h2>Every case</h2>
<p class="quiet">The latest first: first seen, principal, action and role, outcome, decided by.</p>
<ol class="cases">${all.reverse()}</ol>
</section>`
}
