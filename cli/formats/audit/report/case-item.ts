/**
 * One case as a list item: a line with its outcome, and details. Where scripts run, a browser reads the details as one text, and
 * `filter.js` makes them elements when somebody opens them: thousands of cases open in a second.
 */

import type { BrokenGlass, Case, CaseStep } from '../../../../functions/domain/audit/index.ts'
import { difference } from '../../../../functions/domain/card/index.ts'
import { type Html, html } from '../../../../functions/domain/messages/index.ts'
import type { PlannedWrite } from '../../../../functions/domain/proposal/index.ts'
import { visibleText } from '../../html-page.ts'
import { evidenceFacts, outcomeText, RATIFICATION_NAMES, stepName, stepReason } from './case-facts.ts'
import { chartTime } from './charts.ts'
import { type CaseRow, duration } from './figures.js'

export const caseId = (id: string): string => `case-${id}`

export function caseItem(one: Case, row: CaseRow): Html {
  const people = one.decidedBy.map(({ name }) => name).join(', ')
  return html`<li class="case" id="${visibleText(caseId(one.id))}">
<div class="line"><div><time>${chartTime(one.firstAtMs)}</time>${row.slack === null ? '' : html`<br><a href="${row.slack}" rel="noreferrer">Slack message</a>`}</div><div><code>${visibleText(one.principal)}</code></div><div>${visibleText(one.action)} on <code>${visibleText(one.resource)}</code></div><div><b class="outcome is-${one.outcome}">${outcomeText(one)}</b>${one.breakGlass === null ? '' : html`<br>break-glass, ${RATIFICATION_NAMES[one.breakGlass.ratification]}`}</div><div>${visibleText(people) || '–'}${row.secondsToApprove === null ? '' : html`<br>after ${duration(row.secondsToApprove)}`}</div></div>
<details><summary>Change and steps</summary><noscript>
<p>${visibleText(one.why)}</p>${one.breakGlass === null ? '' : glassText(one.breakGlass)}${evidenceText(one, row)}${one.changes.map(diff)}<ol class="steps">${one.steps.map(step => stepItem(step, one))}</ol><p class="quiet">Proposal ${visibleText(one.id)}, account ${visibleText(one.accountId)}${one.digest === null ? '' : html`, patch digest <code>${visibleText(one.digest)}</code>`}</p></noscript></details>
</li>
`
}

function glassText({ by, reason, ratification, needed, ratifiedBy, declined }: BrokenGlass): Html {
  const names = ratifiedBy.map(one => `${one.by.name} (${one.by.id})`).join(', ')
  const so = needed === null ? '' : `${ratifiedBy.length} of ${needed}: ${names}.`
  return html`<p class="glass"><b>Break-glass</b> by ${visibleText(by.name)} (${visibleText(by.id)}), who approved alone: ${visibleText(reason)}</p><p><b>${RATIFICATION_NAMES[ratification]}</b>${
    declined === null
      ? html` ${visibleText(so)}`
      : html` by ${visibleText(declined.by.name)} (${visibleText(declined.by.id)}): ${visibleText(declined.reason)}`
  }</p>`
}

function evidenceText(one: Case, row: CaseRow): Html {
  const shown = evidenceFacts(one, row).map(([term, value]) => html`<dt>${term}</dt><dd>${visibleText(value)}</dd>`)
  return html`<ul class="granted">${one.granted.map(line => html`<li>${visibleText(line)}</li>`)}</ul><dl class="evidence">${shown}</dl>`
}

/** The number is the one that `audit show` accepts. */
function stepItem(step: CaseStep, one: Case): Html {
  const { sequence, atMs, by } = step
  const why = stepReason(step)
  return html`<li value="${sequence}"><time>${chartTime(atMs)}</time> <b>${stepName(step, one)}</b>${by === null ? '' : ` by ${visibleText(by.name)} (${visibleText(by.id)})`}${why === null ? '' : `: ${visibleText(why)}`}</li>`
}

function diff({ target, before, after }: PlannedWrite): Html {
  const lines = difference(before, after)
  const name = target.policyName === null ? target.name : `${target.name}, ${target.policyName}`
  return html`<p class="target">${target.kind} of <code>${visibleText(name)}</code> in ${visibleText(target.accountId)}</p><pre>${lines.map(
    ({ sign, text }) => html`<span class="${CLASSES[sign]}">${sign} ${text}</span>
`,
  )}</pre>`
}

const CLASSES = { '+': 'added', '-': 'removed', ' ': 'same', '…': 'same' } as const
