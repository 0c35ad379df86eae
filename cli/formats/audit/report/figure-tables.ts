/** The figures of all cases. The page's script replaces them by those of the filtered cases. */
import { neutralText } from '../../../../core/base/index.ts'
import { type Html, html } from '../../../../functions/domain/messages/index.ts'
import { accountsOf, approversOf, type CaseRow, duration, type Figures, figuresOf } from './figures.js'

const TILES: readonly (readonly [name: keyof Figures, label: string])[] = [
  ['denials', 'denials'],
  ['changed', 'changes applied'],
  ['standing', 'still stand'],
  ['waiting', 'waiting'],
  ['reverted', 'reverted'],
  ['rejected', 'rejected'],
  ['expired', 'expired'],
  ['failed', 'failed'],
  ['noHelp', 'did not help'],
  ['forged', 'forged'],
  ['medianSeconds', 'median time to approve'],
  ['slowestSeconds', 'slowest approval'],
]

export function figureTables(rows: readonly CaseRow[]): Html {
  const figures = figuresOf(rows)
  return html`<section id="figures">
<h2>Figures</h2>
<p class="quiet">Of the <span id="figures-of">${rows.length} cases of the log</span>. A case that became out of date changed nothing and counts in no figure but its denial. <i>Completed</i> and <i>median</i>: approvals that were the last one needed, and their time from the card.</p>
<dl class="numbers">${TILES.map(([name, label]) => html`<div><dt>${label}</dt><dd data-figure="${name}">${shown(name, figures)}</dd></div>`)}</dl>
<div class="pair">
${table(
  'Per approver',
  'approvers',
  APPROVER_COLUMNS,
  approversOf(rows).map(one => [
    one.name,
    ...[one.approvals, one.completed, one.breakGlass, one.rejected].map(String),
    duration(one.medianSeconds),
  ]),
)}
${table(
  'Per account',
  'accounts',
  ACCOUNT_COLUMNS,
  accountsOf(rows).map(one => [
    one.account,
    ...[one.denials, one.changed, one.standing, one.reverted, one.rejected].map(String),
    duration(one.medianSeconds),
  ]),
)}
</div>
</section>`
}

const APPROVER_COLUMNS = ['Person', 'Approvals', 'Completed', 'Break-glass', 'Rejected', 'Median']
const ACCOUNT_COLUMNS = ['Account', 'Denials', 'Applied', 'Stand', 'Reverted', 'Rejected', 'Median']

const shown = (name: keyof Figures, figures: Figures): string =>
  name === 'medianSeconds' || name === 'slowestSeconds' ? duration(figures[name]) : String(figures[name])

function table(title: string, id: string, columns: readonly string[], rows: readonly (readonly string[])[]): Html {
  return html`<div><h3 id="${id}-title">${title}</h3><div class="scroll" role="region" aria-labelledby="${id}-title" tabindex="0"><table><thead><tr>${columns.map(name => html`<th scope="col">${name}</th>`)}</tr></thead><tbody id="${id}">${rows.map(row => html`<tr>${row.map((cell, index) => (index === 0 ? html`<th scope="row">${neutralText(cell)}</th>` : html`<td class="number">${cell}</td>`))}</tr>`)}</tbody></table></div></div>`
}
