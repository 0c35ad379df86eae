/** The two pages that ask for a passkey, in the words of the card. */
import { asPlainText, neutralText, never, type RichText, utc } from '../../../core/base/index.ts'
import type { ApprovalPage } from '../../domain/card/index.ts'
import { CHAT_NAME, TYPED_USER } from '../../domain/config/index.ts'
import { type Html, html } from '../../domain/messages/index.ts'

const NO_SCRIPT = 'This page needs JavaScript, as only a script can ask your device for a passkey.'

type Part = { readonly page: 'approve' | 'enroll'; readonly title: string; readonly data: Html; readonly body: Html }

/** Everything comes from the page's own folder. */
const whole = ({ page, title, data, body }: Part): string =>
  `<!doctype html>\n${
    html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="/${page}/passkey.css">
<script src="/${page}/passkey.js" defer></script>
</head>
<body data-page="${page}" ${data}>
<main>
${body}
<p id="said" role="status"></p>
<noscript><p>${NO_SCRIPT}</p></noscript>
</main>
</body>
</html>
`.html
  }`

const NOTHING: Html = html``

export function approvalHtml({ card, changes, challenge, expiresAtMs, ...signed }: ApprovalPage): string {
  const { by, kind, endsAtMs, reason, ticket, pullRequest } = signed
  const verb = kind === 'break-glass' ? 'Break the glass' : 'Approve'
  const until = endsAtMs === null ? 'without an end' : `until ${utc(endsAtMs)}`
  const body = html`<h1>${spans(card.headline)}</h1>
${[...card.lines, ...card.advice.map(({ text }) => text), ...card.status].map(line => html`<p>${spans(line)}</p>`)}
${changes.map(({ title, lines }) => html`<h2>${asPlainText(title)}</h2><pre>${lines.map(lineOf)}</pre>`)}
${reason === null ? NOTHING : html`<p>Reason: ${neutralText(reason)}</p>`}
${ticket === null ? NOTHING : html`<p>Ticket: ${neutralText(ticket)}</p>`}
<p>As ${by}: ${verb}, ${until}${pullRequest === null ? '' : ', with a pull request'}. Your device signs exactly this. This page is valid until ${utc(expiresAtMs)}.</p>
<p><button id="sign" type="button" disabled>${verb} with your passkey</button></p>`
  return whole({ page: 'approve', title: `${verb}: rolemedic`, data: html`data-challenge="${challenge}"`, body })
}

type Line = ApprovalPage['changes'][number]['lines'][number]
function lineOf({ sign, text }: Line): Html {
  const shown = `${sign} ${text}\n`
  if (sign === '+') return html`<ins>${shown}</ins>`
  return sign === '-' ? html`<del>${shown}</del>` : html`${shown}`
}

function spans(line: RichText): readonly Html[] {
  return line.map(span => {
    switch (span.kind) {
      case 'strong':
        return html`<strong>${span.text}</strong>`
      case 'code':
        return html`<code>${span.text}</code>`
      case 'own':
      case 'outside':
      case 'time':
      case 'person':
      case 'group':
      case 'link':
        return html`${asPlainText([span])}`
      default:
        return never(span)
    }
  })
}

/** `why`: nothing is asked any more. */
export const noApprovalHtml = (why: string): string =>
  whole({
    page: 'approve',
    title: 'rolemedic',
    data: NOTHING,
    body: html`<h1>Nothing to approve here</h1><p>${why}</p>`,
  })

const typed = (example: string) =>
  html`placeholder="${example}" pattern="${TYPED_USER.pattern}" data-wrong="${TYPED_USER.wrong}"`

/** `isHere`: the person who opens it runs the bot. */
export const enrollHtml = (deploymentId: string, isHere: boolean): string =>
  whole({
    page: 'enroll',
    title: 'A passkey for rolemedic',
    data: html`data-deployment="${deploymentId}"`,
    body: html`<h1>A passkey for rolemedic</h1>
<section id="make" hidden>
<p>Your device makes a key for this page. An administrator or two other approvers confirm that it is yours. From elevated risk on, it counts a day later, or at once if two administrators confirmed it.</p>
<p>It replaces a passkey of this page that the device has for you already: nothing is approved with that one any more. Synced passkeys are one device.</p>
<p><label>Your ${CHAT_NAME} user id <input id="user" autocomplete="off" ${typed(TYPED_USER.examples[0])}></label></p>
<p><button id="create" type="button" disabled>Make a passkey</button></p>
</section>
<section id="made" hidden>
<h2>Have it confirmed</h2>
<p>Read these to the person who confirms it, by voice or in person: <code id="check"></code></p>
<p><label>Two other approvers open this link <input id="link" readonly></label></p>
<p><label>Or an administrator runs <code>rolemedic passkeys enroll</code> with <textarea id="code" rows="6" readonly></textarea></label></p>
${isHere ? html`<p><button id="here" type="button" disabled>You run this bot: confirm it here</button></p>` : NOTHING}
</section>
<section id="request" hidden>
<p>The ${CHAT_NAME} user <code id="whose"></code> asks you to confirm a passkey: <code id="words"></code></p>
<p>Confirm only if this person reads you the same, by voice or in person: anyone who holds that device approves as this person from then on.</p>
<p><label>Your own ${CHAT_NAME} user id <input id="confirmer" autocomplete="off" ${typed(TYPED_USER.examples[1])}></label></p>
<p><button id="confirm" type="button" disabled>Confirm with my passkey</button></p>
</section>`,
  })
