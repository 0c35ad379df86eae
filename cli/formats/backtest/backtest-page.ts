/** A back-test as one HTML page: no network, printable, light and dark, all text of records escaped. */

import { readFileSync } from 'node:fs'
import { type Html, html } from '../../../functions/domain/messages/index.ts'
import type { BacktestOutput } from '../../outputs/backtest.ts'
import { type Calibration, disagreementsIn } from '../../use-cases/backtest/calibration.ts'
import type { Summary } from '../../use-cases/backtest/summary.ts'
import { barChart } from '../audit/report/bars.ts'
import { AUDIT_STYLE } from '../audit/report/page.ts'
import { htmlPage, visibleText } from '../html-page.ts'
import { dayChart } from './day-chart.ts'
import {
  calibrationText,
  cardLines,
  countedText,
  decimal,
  effectTexts,
  noEffectText,
  number,
  perDay,
  unreadText,
} from './text-output.ts'

const SCRIPT = new URL('backtest-report.js', import.meta.url)
const STYLE = new URL('backtest-report.css', import.meta.url)

/** The assumed minutes that a person needs to find the cause of a denial. The reader can change them. */
const MINUTES_EACH = 20

export function backtestPage(summary: Summary): string {
  const { output } = summary
  return htmlPage({
    title: 'rolemedic back-test',
    style: `${readFileSync(AUDIT_STYLE, 'utf8')}${readFileSync(STYLE, 'utf8')}`,
    script: readFileSync(SCRIPT, 'utf8'),
    body: html`<header>
<h1>rolemedic back-test</h1>
<p>${number(output.records)} records, ${visibleText(output.from)} to ${visibleText(output.to)}${unreadText(output, '; ')}</p>
</header>
${tiles(summary)}
${cardLines(summary).map(line => html`<p>${visibleText(line)}.</p>`)}
<figure><figcaption><h2>Cards per day</h2> By UTC day.</figcaption>${dayChart(output.byDay)}</figure>
<div class="pair">
${chart('Causes', countsOf(output.byCause))}
${chart('Verdicts', countsOf(output.byVerdict))}
${chart('Busiest principals', talliesOf(output.topPrincipals))}
${chart('Busiest roles', talliesOf(output.topRoles))}
</div>
${timeSaved(summary)}
${calibrationSection(output.calibration)}
${settings(summary)}
<section><h2>How this was counted</h2>
<p>The bot ran over these records with their times as its clock, in the mode approve. Nobody answers a card, nothing is granted, and policies are those of the given account files, not of the day.</p></section>`,
  })
}

function tiles(summary: Summary): Html {
  const { denials, distinct, cards, cardsOnBusiestDay, stormLists } = summary.output
  const list: readonly (readonly [string, string])[] = [
    ['cards per day', perDay(summary)],
    ['on the busiest day', number(cardsOnBusiestDay)],
    ['cards', number(cards)],
    ['storm lists', number(stormLists)],
    ['denials', number(denials)],
    ['different denials', number(distinct)],
  ]
  return html`<dl class="numbers">${list.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`
}

type Tallies = readonly { readonly name: string; readonly count: number }[]

const countsOf = (counts: { readonly [name: string]: number }): Tallies =>
  Object.entries(counts).map(([name, count]) => ({ name, count }))

const talliesOf = (list: BacktestOutput['topRoles']): Tallies =>
  list.map(({ arn, denials }) => ({ name: visibleText(arn), count: denials }))

function chart(title: string, tallies: Tallies): Html {
  if (tallies.length === 0) return html``
  return html`<figure><figcaption><h2>${title}</h2></figcaption>${barChart(tallies, title)}</figure>`
}

/** The reader can change the minutes. Without the script, the page shows the sum for the default. */
function timeSaved({ explained }: Summary): Html {
  const hours = decimal((explained * MINUTES_EACH) / 60)
  return html`<section class="saved"><h2>Time saved, estimated</h2>
<p>${countedText(explained, 'different denial')} whose cause the card names × <label><input id="minutes" type="number" min="0" max="999" value="${MINUTES_EACH}" aria-label="minutes for each"> min each</label> = <b><output id="saved" data-denials="${explained}">${hours}</output> h</b></p>
<p class="quiet">Assuming ${MINUTES_EACH} min each to find the cause by hand: your own figure goes into the field.</p></section>`
}

function calibrationSection(calibration: Calibration | null): Html {
  if (calibration === null)
    return html`<section><h2>Calibration</h2><p>No account was given (--account FILE): nothing to compare with AWS's answers.</p></section>`
  const { disagreements } = calibration
  const hidden = disagreementsIn(calibration) - disagreements.length
  return html`<section><h2>Calibration</h2>
<p>Each recorded call that passed or assumed a role is a question whose answer AWS has given.</p>
<ul>${calibrationText(calibration).map(line => html`<li>${line}</li>`)}</ul>
${disagreements.length === 0 ? html`` : disagreementTable(disagreements)}
${hidden > 0 ? html`<p>And ${number(hidden)} more.</p>` : html``}</section>`
}

function disagreementTable(disagreements: Calibration['disagreements']): Html {
  return html`<table><thead><tr><th>Event</th><th>AWS</th><th>rolemedic</th><th>Why</th></tr></thead><tbody>${disagreements.map(
    ({ eventId, aws, rolemedic, why }) =>
      html`<tr><td><code>${visibleText(eventId)}</code></td><td>${aws}</td><td>${rolemedic}</td><td>${visibleText(why)}</td></tr>`,
  )}</tbody></table>`
}

function settings(summary: Summary): Html {
  if (summary.output.cards === 0) return html``
  const lines = effectTexts(summary)
  const list =
    lines.length === 0
      ? html`<p>${noEffectText(summary)}.</p>`
      : html`<ul>${lines.map(line => html`<li>${visibleText(line)}</li>`)}</ul>`
  return html`<section><h2>Settings that would have sent less</h2>${list}</section>`
}
