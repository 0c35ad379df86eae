import type { AuditRecord } from '../../functions/domain/audit/index.ts'
import { type Html, html } from '../../functions/domain/messages/index.ts'

/** The audit log, newest record first. */
export function renderAudit(records: readonly AuditRecord[]): Html {
  if (records.length === 0) return html`<p class="quiet">Nothing recorded yet.</p>`
  return html`<ol class="audit" reversed>${[...records].reverse().map(
    ({ sequence, hash, entry }) => html`<li data-kind="${entry.kind}">
      <b>${entry.kind}</b> <time>${new Date(entry.atMs).toISOString().slice(11, 19)}</time>
      ${entry.by === null ? '' : html`by <i>${entry.by.name}</i>`}
      <p>${entry.why}</p>
      <code title="${hash}">#${sequence} ${hash.slice(0, 18)}…</code>
    </li>`,
  )}</ol>`
}
