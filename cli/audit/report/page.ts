/** The audit log as one HTML page: no network, printable, all untrusted text escaped. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { AuditReport, Case, CaseStep } from '../../../functions/domain/audit/audit-report.ts'
import type { ChainCheck } from '../../../functions/domain/audit/verify-chain.ts'
import { neutralText } from '../../../functions/domain/base/neutral-text.ts'
import { difference } from '../../../functions/domain/card/documents.ts'
import type { PlannedWrite } from '../../../functions/domain/proposal/proposal.ts'
import { type Html, html, trusted } from '../../../simulator/web-ui/html.ts'
import { approvalTimes, barChart, timeline, utc } from './charts.ts'

const SCRIPT = new URL('filter.js', import.meta.url)
export const AUDIT_STYLE = new URL('style.css', import.meta.url)

export function reportPage(report: AuditReport, check: ChainCheck, source: string): string {
  const script = readFileSync(SCRIPT, 'utf8')
  const hash = createHash('sha256').update(script).digest('base64')
  // Only this script can run, so injected markup could neither execute nor send data.
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; img-src data:`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>rolemedic audit report</title>
<style>${trusted(readFileSync(AUDIT_STYLE, 'utf8'))}</style>
</head>
<body>
<header>
<h1>rolemedic audit report</h1>
<p>${safe(source)}${period(report)}</p>
${verdict(check)}
</header>
${numbers(report)}
${report.records === 0 ? html`<p>The log is empty.</p>` : charts(report)}
${table(report)}
<script>${trusted(script)}</script>
</body>
</html>
`.html
}

const period = ({ fromMs, toMs }: AuditReport): string =>
  fromMs === null || toMs === null ? '' : ` · ${utc(fromMs)} to ${utc(toMs)}`

function verdict({ intact, records, head, findings, endIsPinned }: ChainCheck): Html {
  if (!intact)
    return html`<div class="verdict broken"><strong>The chain is broken.</strong><ul>${findings.map(
      one => html`<li>${safe(one.place)}: ${one.kind}, ${safe(one.detail)}</li>`,
    )}</ul></div>`
  const end = endIsPinned ? '' : ' Nothing outside the log confirms where it ends.'
  return html`<p class="verdict"><strong>The chain is intact:</strong> ${records} records${
    head === null ? '' : ` up to ${head.hash.slice(0, 19)}…`
  }.${end}</p>`
}

function numbers({ denials, counts, approve }: AuditReport): Html {
  const tiles: readonly (readonly [string, string])[] = [
    ['denials with a card', String(denials)],
    ['changes applied', String(counts.applied ?? 0)],
    ['reverted', String(counts.reverted ?? 0)],
    ['rejected or expired', String((counts.rejected ?? 0) + (counts.expired ?? 0))],
    ['median time to approve', approve === null ? '–' : duration(approve.medianMs)],
    ['slowest approval', approve === null ? '–' : duration(approve.slowestMs)],
  ]
  return html`<dl class="numbers">${tiles.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`
}

function charts(report: AuditReport): Html {
  return html`<figure><figcaption><h2>Denials, decisions and changes</h2> × denial, ◇ decision, ○ change. Times in UTC.</figcaption>${timeline(report)}</figure>
${report.approve === null ? '' : html`<figure><figcaption><h2>Time to approve</h2> Each mark is one card, from the card to the approval that completed it.</figcaption>${approvalTimes(report)}</figure>`}
<div class="pair">
<figure><figcaption><h2>Most denied principals</h2></figcaption>${barChart(report.principals, 'Most denied principals')}</figure>
<figure><figcaption><h2>Most denied roles</h2></figcaption>${barChart(report.roles, 'Most denied roles')}</figure>
</div>`
}

function table({ cases }: AuditReport): Html {
  return html`<section>
<h2>Every case</h2>
<label class="filter">Filter <input type="search" id="filter" placeholder="principal, role, person, outcome…" autocomplete="off"></label>
<span id="shown" role="status"></span>
<table>
<thead><tr><th>First seen</th><th>Principal</th><th>Action on role</th><th>Outcome</th><th>Decided by</th><th>Time to approve</th></tr></thead>
${cases.toReversed().map(row)}
</table>
</section>`
}

function row(one: Case): Html {
  return html`<tbody class="case">
<tr><td><time>${utc(one.firstAtMs)}</time></td><td><code>${safe(one.principal)}</code></td><td>${safe(one.action)}<br><code>${safe(one.resource)}</code></td><td><span class="outcome ${one.lastKind}">${one.lastKind}</span></td><td>${safe(one.decidedBy.join(', ')) || '–'}</td><td>${one.approveMs === null ? '–' : duration(one.approveMs)}</td></tr>
<tr class="more"><td colspan="6"><p>${safe(one.why)}</p>${one.changes.map(diff)}<ol class="steps">${one.steps.map(step)}</ol><p class="quiet">Proposal ${safe(one.id)}, account ${safe(one.accountId)}${one.digest === null ? '' : html`, patch digest <code>${safe(one.digest)}</code>`}</p></td></tr>
</tbody>`
}

/** The number is the one that `audit show` takes. */
function step({ sequence, atMs, kind, by, why }: CaseStep): Html {
  return html`<li value="${sequence}"><time>${utc(atMs)}</time> <b>${kind}</b>${by === null ? '' : ` by ${safe(by.name)} (${safe(by.id)})`}${why === null ? '' : `: ${safe(why)}`}</li>`
}

function diff({ target, before, after }: PlannedWrite): Html {
  const lines = difference(before, after)
  const name = target.policyName === null ? target.name : `${target.name}, ${target.policyName}`
  return html`<details open><summary>${target.kind} of <code>${safe(name)}</code> in ${safe(target.accountId)}</summary><pre>${lines.map(
    ({ sign, text }) => html`<span class="${CLASSES[sign]}">${sign} ${text}</span>
`,
  )}</pre></details>`
}

const CLASSES = { '+': 'added', '-': 'removed', ' ': 'same', '…': 'same' } as const

/** Makes control characters and bidirectional overrides visible; the template escapes markup. */
const safe = (text: string) => neutralText(text, 2_000)

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
