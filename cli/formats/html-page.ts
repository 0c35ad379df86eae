/** A report as one HTML page: no network, printable, all untrusted text escaped. */

import { createHash } from 'node:crypto'
import { neutralText } from '../../core/base/index.ts'
import { type Html, html, trusted } from '../../functions/domain/messages/index.ts'

export type HtmlPage = {
  readonly title: string
  readonly style: string
  readonly body: Html
  /** Runs after the body. */
  readonly script: string
}

export function htmlPage({ title, style, body, script }: HtmlPage): string {
  const hash = createHash('sha256').update(script).digest('base64')
  // Only this script can run, so injected markup could neither run code nor send data.
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; img-src data:`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${title}</title>
<style>${trusted(style)}</style>
</head>
<body>
${body}
<script>${trusted(script)}</script>
</body>
</html>
`.html
}

/** Makes control characters and bidirectional overrides visible; the template escapes markup. */
export const visibleText = (text: string): string => neutralText(text, 2_000)
