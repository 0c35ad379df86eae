/** The page of one pull request, with the buttons of a reviewer. */
import { type Html, html } from '../../functions/domain/messages/index.ts'
import type { HostedPull } from './hosted-project.ts'

export function pullPage(
  project: string,
  { number, title, body, state, branch, into, reviewers, comments }: HostedPull,
  diff: string,
): Html {
  const buttons =
    state === 'open'
      ? html`<form method="post"><button name="do" value="merge">Merge, and deploy</button> <button name="do" value="close">Close</button></form>`
      : html``
  return html`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>#${number} ${title}</title>
<style>:root{color-scheme:light dark}body{font:1rem/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}pre{overflow:auto;padding:1rem;border:1px solid #8884;border-radius:.5rem;white-space:pre-wrap}</style>
<main><h1>${title} <small>#${number}</small></h1>
<p>${project}: ${branch} into ${into}. <strong>${state}</strong>. Reviewers: ${reviewers.join(', ') || 'nobody'}.</p>
${buttons}<h2>Description</h2><pre>${body}</pre><h2>Changes</h2><pre>${diff}</pre>
<h2>Comments</h2>${comments.map(text => html`<pre>${text}</pre>`)}</main></html>`
}
