import { plural } from '../../../../core/base/index.ts'
import type { GrantState, StandingGrant } from '../../../../functions/domain/audit/index.ts'
import { type Html, html } from '../../../../functions/domain/messages/index.ts'
import { visibleText } from '../../html-page.ts'
import { caseId } from './case-item.ts'
import { chartTime } from './charts.ts'
import type { CaseRow } from './figures.js'

const STATES: { readonly [state in GrantState]: string } = {
  stands: 'stands',
  'did-not-help': 'did not help, still stands',
  part: 'partly applied, still stands',
  reverting: 'being reverted',
  'revert-failed': 'revert failed, still stands',
}

/** More items would push everything else off the first screens. */
const MAX_OPEN = 20

/** `isWhole`: the log holds records, and all of them can be read. */
export function standingList(
  grants: readonly StandingGrant[],
  isWhole: boolean,
  rows: readonly CaseRow[],
  nowMs: number,
): Html {
  const links = new Map(rows.map(({ proposal, slack }) => [proposal, slack]))
  const items = grants.map(one => item(one, links.get(one.proposalId) ?? null))
  const more = items.slice(MAX_OPEN)
  return html`<section id="standing">
<h2>What still stands</h2>
<p class="quiet">${plural(grants.length, 'grant')} of rolemedic at ${chartTime(nowMs)}, the oldest first. No filter applies here.</p>
${grants.length === 0 ? html`<p>${isWhole ? 'Nothing that rolemedic granted still stands.' : 'No grant is in the records that could be read.'}</p>` : html`<ol class="grants">${items.slice(0, MAX_OPEN)}</ol>`}
${more.length === 0 ? '' : html`<details><summary>${plural(more.length, 'more grant')}</summary><ol class="grants">${more}</ol></details>`}
</section>`
}

function item(grant: StandingGrant, slack: string | null): Html {
  const { proposalId, principal, action, resource, accountId, sinceMs, endsAtMs, approvedBy, lastUsedAtMs } = grant
  const { state, why } = grant
  const people = approvedBy.map(({ by }) => by.name).join(', ')
  return html`<li><b class="outcome is-${state}">${STATES[state]}</b> <code>${safe(principal)}</code> may ${safe(action)} on <code>${safe(resource)}</code><br><span class="quiet">in ${safe(accountId)} since ${chartTime(sinceMs)}, ${endsAtMs === null ? 'without end' : `until ${chartTime(endsAtMs)}`}, approved by ${safe(people || null)}, ${lastUsedAtMs === null ? 'use not seen' : `last used ${chartTime(lastUsedAtMs)}`}${why === null ? '' : html`; ${safe(why)}`} · <a href="#${encodeURIComponent(caseId(proposalId))}">${safe(proposalId)}</a>${slack === null ? '' : html` · <a href="${slack}" rel="noreferrer">Slack message</a>`}</span></li>
`
}

const safe = (text: string | null) => (text === null ? 'unknown' : visibleText(text))
