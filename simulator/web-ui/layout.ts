import type { Person } from '../../functions/domain/base/person.ts'
import { type Html, html } from './html.ts'

export type Viewer = { readonly person: Person; readonly may: string }

export function layout(viewers: readonly Viewer[]): Html {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>rolemedic on this machine</title>
    <link rel="icon" href="/logo.svg">
    <link rel="stylesheet" href="/slack.css">
    <link rel="stylesheet" href="/style.css">
  </head>
  <body>
    <header>
      <h1>rolemedic</h1>
      <p>the channel, as Slack would show it</p>
      <label>You are
        <select id="person">${viewers.map(({ person, may }) => html`<option value="${person.id}">${person.name} (${may})</option>`)}</select>
      </label>
    </header>
    <p id="disconnected" role="alert" hidden>Not connected: the bot has stopped. Start it again with <code>npm start</code>; this page reconnects by itself.</p>
    <main>
      <form id="command"><input name="text" aria-label="Slash command" placeholder="/rolemedic open | show ID | audit | help" autocomplete="off"></form>
      <div id="channel" aria-live="polite"></div>
    </main>
    <aside>
      <h2>Policies, before and after</h2>
      <div id="accounts"></div>
      <h2>Audit log</h2>
      <div id="audit"></div>
    </aside>
    <dialog aria-labelledby="modal-title"></dialog>
    <script type="module" src="/client.js"></script>
  </body>
</html>`
}
