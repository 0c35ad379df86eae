import type { Person } from '../../functions/domain/messages/index.ts'
import { type Html, html } from '../../functions/domain/messages/index.ts'

export type Viewer = { readonly person: Person; readonly may: string }

export type Layout = {
  readonly viewers: readonly Viewer[]
  /** Denials that the page can send. Empty: none fit the accounts. */
  readonly samples: readonly { readonly id: string; readonly title: string }[]
}

/** Of a pasted text. */
export const MAX_EXPLAINED_CHARS = 200_000

const WAITS: readonly (readonly [hours: number, label: string])[] = [
  [1, '1 hour'],
  [8, '8 hours'],
  [24, '1 day'],
  [31 * 24, '31 days'],
]

export function layout({ viewers, samples }: Layout): Html {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>rolemedic on this machine</title>
    <link rel="icon" href="/logo.svg">
    <link rel="stylesheet" href="/slack.css">
    <link rel="stylesheet" href="/style.css">
  </head>
  <body data-tab="channel">
    <header>
      <h1>rolemedic</h1>
      <nav aria-label="Views">
        <a href="#channel" data-tab="channel">Channel</a>
        <a href="#home" data-tab="home">App Home</a>
        <a href="#policies" data-tab="policies">Policies &amp; audit</a>
      </nav>
      <label>You are
        <select id="person">${viewers.map(({ person, may }) => html`<option value="${person.id}">${person.name} (${may})</option>`)}</select>
      </label>
    </header>
    <p id="disconnected" role="alert" hidden>Not connected: the bot has stopped. Start it again with <code>rolemedic start</code>; this page reconnects by itself.</p>
    <main>
      <h2 class="unseen">The channel, as Slack would show it</h2>
      <div id="channel" aria-live="polite"></div>
      <div id="home" hidden></div>
      <footer>
        <form id="command" class="command"><input name="text" aria-label="Slash command" placeholder="/rolemedic open | show ID | audit | help" autocomplete="off"></form>
        ${renderExplain()}
        ${samples.length === 0 ? '' : renderSamples(samples)}
      </footer>
    </main>
    <aside aria-label="Policies and audit log" tabindex="0">
      <h2>Policies, before and after</h2>
      <div id="accounts"></div>
      <h2>Audit log</h2>
      <div id="audit"></div>
    </aside>
    <dialog id="form" aria-labelledby="modal-title"></dialog>
    <dialog id="confirm" class="question" role="alertdialog" aria-labelledby="confirm-title"></dialog>
    <script type="module" src="/client.js"></script>
  </body>
</html>`
}

const renderExplain = (): Html =>
  html`<details id="explain" class="samples">
    <summary>Explain a deploy</summary>
    <form>
      <label class="field">The log of a failed deploy, its event, or the output of describe-stack-events
        <textarea name="text" rows="8" maxlength="${MAX_EXPLAINED_CHARS}" required spellcheck="false"></textarea>
      </label>
      <button type="submit">Explain this deploy</button>
      <pre id="explanation" aria-live="polite" tabindex="0" hidden></pre>
    </form>
  </details>`

const renderSamples = (samples: Layout['samples']): Html =>
  html`<details id="samples" class="samples">
    <summary>Send a denial</summary>
    <div>
      <ul>${samples.map(({ id, title }) => html`<li><button type="button" data-sample="${id}">${title}</button></li>`)}</ul>
      <p id="waiting">Let time pass:</p>
      <p role="group" aria-labelledby="waiting">${WAITS.map(([hours, label]) => html`<button type="button" data-wait="${hours}">${label}</button> `)}</p>
    </div>
  </details>`
