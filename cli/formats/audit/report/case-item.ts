/**
 * One case as a list item: a line with its outcome, and details. Where scripts run, a browser reads the details as one text, and
 * `filter.js` makes them elements when somebody opens them: thousands of cases open in a second.
 */

import type { BrokenGlass, Case, CaseOutcome, CaseStep } from '../../../../functions/domain/audit/index.ts'
import { difference } from '../../../../functions/domain/card/index.ts'
import type { PlannedWrite } from '../../../../functions/domain/proposal/index.ts'
import { type Html, html } from '../../../../simulator/web-ui/html.ts'
import { visibleText } from '../../html-page.ts'
import { chartTime } from './charts.ts'
import { type CaseRow, duration } from './figures.js'

export const OUTCOME_NAMES: { readonly [outcome in CaseOutcome]: string } = {
  seen: 'seen',
  'no-change': 'no change offered',
  waiting: 'waiting',
  approved: 'approved',
  applying: 'being applied',
  applied: 'applied',
  confirmed: 'applied, confirmed',
  'did-not-help': 'applied, did not help',
  part: 'applied in part',
  reverting: 'being reverted',
  reverted: 'reverted',
  'revert-failed': 'revert failed',
  rejected: 'rejected',
  expired: 'expired',
  stale: 'out of date',
  failed: 'not applied',
  forged: 'forged, not applied',
}

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

const RATIFICATION_NAMES: { readonly [answer in BrokenGlass['ratification']]: string } = {
  none: 'nothing written',
  waiting: 'not ratified yet',
  ratified: 'ratified',
  'not-ratified': 'not ratified',
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

function evidenceText({ granted, evidence, approvals, signatures }: Case, row: CaseRow): Html {
  const { risk, couldHave } = evidence
  const notes = approvals.given.flatMap(({ by, reason, ticket, isBreakGlass }) =>
    isBreakGlass || (reason === null && ticket === null)
      ? []
      : [`${by.name} (${by.id}): ${[reason, ticket].filter(each => each !== null).join(', ')}`],
  )
  const facts: readonly (readonly [string, string | null])[] = [
    ['Denied', evidence.requester],
    ['Risk', risk.shown === null ? null : `${risk.shown} on the card, ${risk.atWrite ?? 'not recorded'} at the write`],
    ['Why approved', notes.length === 0 ? null : notes.join('; ')],
    ['Could have decided', couldHave === null ? null : named(couldHave.decided)],
    ['Could have approved alone', couldHave === null ? null : named(couldHave.approvedAlone)],
    ['On call', couldHave === null || couldHave.onCall.length === 0 ? null : named(couldHave.onCall)],
    ['Last used', row.lastUsed],
    ['Signatures', signatures === 'not-checked' ? 'not checked: no keys were given' : signatures],
  ]
  const shown = facts.flatMap(([term, value]) =>
    value === null ? [] : [html`<dt>${term}</dt><dd>${visibleText(value)}</dd>`],
  )
  return html`<ul class="granted">${granted.map(line => html`<li>${visibleText(line)}</li>`)}</ul><dl class="evidence">${shown}</dl>`
}

const named = (ids: readonly string[]): string => (ids.length === 0 ? 'nobody' : ids.join(', '))

export function outcomeText({ outcome, approvals: { given, needed } }: Case): string {
  if (outcome !== 'waiting' || given.length === 0) return OUTCOME_NAMES[outcome]
  return needed === null
    ? `waiting, ${given.length} given, needed: not recorded`
    : `waiting, ${given.length} of ${needed}`
}

/** The number is the one that `audit show` accepts. */
function stepItem(step: CaseStep, one: Case): Html {
  const { sequence, atMs, kind, by } = step
  const why = kind === 'approved' ? limitIn(step.why) : step.why
  return html`<li value="${sequence}"><time>${chartTime(atMs)}</time> <b>${stepName(step, one)}</b>${by === null ? '' : ` by ${visibleText(by.name)} (${visibleText(by.id)})`}${why === null ? '' : `: ${visibleText(why)}`}</li>`
}

/** A single approval of several required ones is never labelled approved. */
function stepName({ kind, life, by, atMs }: CaseStep, { approvals: { given, needed } }: Case): string {
  if (life === 'ratified' || life === 'not-ratified') return life
  if (kind !== 'approved') return kind
  const n = given.findIndex(one => one.by.id === by?.id && one.atMs === atMs)
  if (n === -1) return 'approval that does not count'
  if (needed === 1) return 'approved'
  return needed === null ? `approval ${n + 1}` : `approval ${n + 1} of ${needed}`
}

const limitIn = (why: string | null): string | null => why?.replace(/^approved\s*/, '') || null

function diff({ target, before, after }: PlannedWrite): Html {
  const lines = difference(before, after)
  const name = target.policyName === null ? target.name : `${target.name}, ${target.policyName}`
  return html`<p class="target">${target.kind} of <code>${visibleText(name)}</code> in ${visibleText(target.accountId)}</p><pre>${lines.map(
    ({ sign, text }) => html`<span class="${CLASSES[sign]}">${sign} ${text}</span>
`,
  )}</pre>`
}

const CLASSES = { '+': 'added', '-': 'removed', ' ': 'same', '…': 'same' } as const
